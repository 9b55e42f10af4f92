"""What the encoder reads in sentences, and how like they are to each label of a codebook.

Likeness needs no labels: it compares a sentence with the label's definition, its parts, examples and cues. It means the
same for every codebook, so labelled sentences of other commitments teach how much each measure counts.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import log_softmax, logsumexp

from g7tag.codebook import ACTS, NO_DIMENSION, Codebook
from g7tag.tagger.arrays import Floats
from g7tag.tagger.encoder import Encoder, open_encoder, shared_arrays
from g7tag.tagger.words import STOP_WORDS, finder_of, words_of

MEASURES = ("definition", "parts", "example", "cue", "cues", "shared words")
"""For a sentence and a label: the cosine with the definition, the mean of the `BEST_PARTS` greatest cosines with its
parts, and the greatest with an example; whether it has a cue, and how many; how many words it shares."""
BEST_PARTS, MOST_PARTS, MOST_CUES, SHARED, STEM = 3, 14, 4, 3.0, 6
"""Best parts, parts at most, cues that count at most, shared words that count as 1, and letters that are compared."""
MOST_ODDS = 8.0
_PART = re.compile(r"[,;:.]")


class Wording(NamedTuple):
    """What a codebook says of a dimension or exclusion."""

    key: str
    excluded: bool
    definition: str
    examples: list[str]
    cues: list[str]

    @property
    def parts(self) -> list[str]:
        """The parts of the definition between commas that have at least two words."""
        parts = [part.strip() for part in _PART.split(self.definition)]
        return [part for part in parts if " " in part][:MOST_PARTS] or [self.definition]


def wordings_of(codebook: Codebook) -> list[Wording]:
    """Return the wordings of the dimensions and exclusions, in order."""
    both = [(each, False) for each in codebook.dimensions] + [(each, True) for each in codebook.exclusions]
    return [
        Wording(
            each.key, excluded, each.definition, each.examples, [cue for cues in each.cues.values() for cue in cues]
        )
        for each, excluded in both
    ]


class Meaning:
    """Reads sentences for a codebook: vectors, and log-odds that need no labels."""

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self.wordings = list(wordings)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, opened at first use."""
        return open_encoder()

    @cached_property
    def _texts(self) -> list[Floats]:
        """Directions of the definition, parts and examples of each wording."""
        texts = [group for each in self.wordings for group in ([each.definition], each.parts, each.examples)]
        directions = self._directions(self.encoder.texts([text for group in texts for text in group]))
        return np.split(directions, np.cumsum([len(group) for group in texts])[:-1])

    @property
    def n_features(self) -> int:
        """Numbers in the vector of a sentence."""
        return int(shared_arrays()["project"].shape[0])

    def read(self, sentences: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the vectors of sentences and the log-odds of their labels before any label of this codebook."""
        vectors = self.encoder.vectors(sentences)
        return vectors, self.judge(vectors, sentences["text"].tolist())

    def judge(self, vectors: Floats, texts: Sequence[str]) -> Floats:
        """Return the log-odds that vectors give for sentences with these texts: wordings' labels, strong, acts."""
        shared = self.encoder.shared
        acts = log_softmax(vectors @ shared["act"] + shared["act_level"], axis=1)
        _, weak, strong = (vectors @ shared["strength"] + shared["strength_level"]).T
        measures = self.measures(vectors, texts, acts)
        labels = [
            measures[:, place] @ shared[f"start_{kind}"][:-1] + shared[f"start_{kind}"][-1]
            for place, kind in enumerate("excluded" if each.excluded else "dimension" for each in self.wordings)
        ]
        odds_of_acts = [
            acts[:, place] - logsumexp(np.delete(acts, place, axis=1), axis=1) for place in range(len(ACTS))
        ]
        return np.column_stack([*labels, strong - weak, *odds_of_acts]).clip(-MOST_ODDS, MOST_ODDS)

    def measures(self, vectors: Floats, texts: Sequence[str], acts: Floats) -> Floats:
        """Return `MEASURES`, each also less its greatest value for another label, and the log-odds of an act done or
        planned: shape (n_sentences, n_wordings, 13)."""  # noqa: D205, D209
        directions = self._directions(vectors)
        own = np.stack([*self._likeness(directions), *self._words(texts)], axis=2)
        alone = len(self.wordings) == 1  # then no other label is more or less likely
        others = [own[:, 0] if alone else np.delete(own, place, axis=1).max(axis=1) for place in range(own.shape[1])]
        on = logsumexp(acts[:, : -len(NO_DIMENSION)], axis=1) - logsumexp(acts[:, -len(NO_DIMENSION) :], axis=1)
        act = np.broadcast_to(on[:, None, None].clip(-MOST_ODDS, MOST_ODDS), (*own.shape[:2], 1))
        return np.concatenate([own, own - np.stack(others, axis=1), act], axis=2)

    def _likeness(self, directions: Floats) -> list[Floats]:
        """Return the first three measures, each of shape (n_sentences, n_wordings)."""
        cosines = [directions @ texts.T for texts in self._texts]
        definition, parts, examples = cosines[::3], cosines[1::3], cosines[2::3]
        examples = [each if each.size else whole for each, whole in zip(examples, definition, strict=True)]
        best = [np.sort(each, axis=1)[:, -BEST_PARTS:].mean(axis=1) for each in parts]
        return [
            np.column_stack([each.max(axis=1, initial=-1.0) for each in definition]),
            np.column_stack(best),
            np.column_stack([each.max(axis=1, initial=-1.0) for each in examples]),
        ]

    def _words(self, texts: Sequence[str]) -> list[Floats]:
        """Return the last three measures, each of shape (n_sentences, n_wordings)."""
        finder = finder_of({str(place): each.cues for place, each in enumerate(self.wordings)})
        known = [_stems(" ".join([each.definition, *each.examples])) for each in self.wordings]
        found, shared = np.zeros((2, len(texts), len(self.wordings)))
        for row, text in enumerate(texts):
            for cue in {(each.group, each.start) for each in finder.find(text)}:
                found[row, cue[0]] += 1
            stems = _stems(text)
            shared[row] = [len(stems & each) / SHARED for each in known]
        return [(found > 0).astype(np.float64), np.minimum(found, MOST_CUES) / MOST_CUES, shared]

    def _directions(self, vectors: Floats) -> Floats:
        """Return vectors as directions in which likeness is measured: rows of length 1."""
        projected = vectors @ self.encoder.shared["project"] + self.encoder.shared["project_level"]
        return np.asarray(projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-12))


def _stems(text: str) -> set[str]:
    """Return the stems of the words of a text that mean something."""
    return {word[:STEM] for word in words_of(text) if word not in STOP_WORDS and not word.isdigit()}
