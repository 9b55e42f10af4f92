"""Features that any codebook gives without labels: how like each dimension's definition a sentence is.

They mean the same for every codebook, so what labelled sentences of one commitment teach about them holds for another.
Meanings are compared by the vectors of a small language model that knows nothing of the labels.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from g7tag.codebook import Category, Codebook
from g7tag.errors import ModelError
from g7tag.store import data_path, file_sha256
from g7tag.tagger.encoder import cause_of, open_model
from g7tag.tagger.features import CueFlags, finder_of

MODEL, TOKENIZER = "models/sentence-vectors.onnx", "models/2024-apulia-19.tokenizer.json"
"""all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019; Apache-2.0), with weights of eight bits, and its word
pieces, which are also those of the bundled encoder."""
SHA256 = "caa2aa82e9d891b4f7c793d2066eee8cd17db9a1f9640b6ff0c0ad0222631124"
"""SHA-256 of the model. A tagger that was trained with other vectors would be wrong with these."""
SIZE = 384
MOST_PIECES = 128
MOST_KNOWN = 20_000
"""Sentences whose vectors are kept, 3 kB each."""
MEASURES = (
    "definition", "parts of the definition", "example", "earlier: definition", "earlier: parts of the definition",
    "shared words", "earlier: shared words", "cue", "cues", "earlier: cue",
)  # fmt: skip
"""For a sentence and a dimension: the cosine with the definition, the mean of the `BEST_PARTS` greatest cosines with
parts of it, and the greatest cosine with an example; the words shared with them; the dimension's cues. `earlier` is of
the earlier sentences of the item."""
MORE = " (more than other dimensions)"
TOPIC = ("commitment", "earlier: commitment", "earlier sentences", *(f"most of any: {name}" for name in MEASURES))
"""For a sentence: the cosine with the commitment's text, whether there are earlier sentences, and each measure's
greatest value over the dimensions."""
BEST_PARTS = 3
STEM = 6
"""Letters of a word that are compared."""
SHARED, SHARED_EARLIER, MOST_CUES = 3.0, 5.0, 4
"""Numbers of shared words that count as 1, and of cues that count at most."""
_WORD, _PART = re.compile(r"[^\W\d_]{3,}"), re.compile(r"[,;:.]")
Floats = npt.NDArray[np.float64]
Wording = Sequence[Sequence[str]]
"""The texts of a dimension: its definition, the parts between commas, and its examples."""


def sentence_vectors(texts: Sequence[str]) -> Floats:
    """Return a vector of length 1 for each text; similar meanings have a large product."""
    return np.array([_vector(text) for text in texts], dtype=np.float64).reshape(len(texts), SIZE)


@lru_cache(maxsize=MOST_KNOWN)
def _vector(text: str) -> Floats:
    session, tokenizer = _model()
    ids = np.asarray(tokenizer.encode(text).ids[:MOST_PIECES], dtype=np.int64)
    read = np.asarray(session.run(None, {"input_ids": ids[None]})[0][0], dtype=np.float64)
    vector: Floats = read / np.linalg.norm(read)
    vector.flags.writeable = False
    return vector


@lru_cache(maxsize=1)
def _model() -> tuple[Any, Any]:
    path = data_path(MODEL)
    if not path.is_file() or file_sha256(path) != SHA256:
        msg = f"{path}: missing or changed. It comes with g7tag; install g7tag again."
        raise ModelError(msg)
    try:
        return open_model(path.read_bytes(), data_path(TOKENIZER).read_bytes())
    except Exception as error:
        msg = f"{path}: cannot be used ({cause_of(error)}). Install a current onnxruntime."
        raise ModelError(msg) from error


class Likeness(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Measure how like the dimensions of a codebook sentences are, and how like its topic."""

    def __init__(self, commitment: str, wordings: Mapping[str, Wording], cues: Mapping[str, Sequence[str]]) -> None:
        self.commitment = commitment
        self.wordings = wordings
        self.cues = cues

    def fit(self, sentences: pd.DataFrame, labels: object = None) -> Self:
        """Do nothing except count the dimensions; the texts come from the codebook."""
        self.n_dimensions_ = len(self.wordings)
        return self

    def transform(self, sentences: pd.DataFrame) -> Floats:
        """Return a matrix of shape (n_sentences, 20 n_dimensions + 13)."""
        texts = sentences["text"].tolist()
        own, words = sentence_vectors(texts), [_stems(text) for text in texts]
        before, words_before = _earlier(sentences["item_id"].tolist(), own, words)
        measured = [_measures(wording, own, before, words, words_before) for wording in self.wordings.values()]
        values = np.concatenate([np.stack(measured, axis=1), self._cues(sentences)], axis=2)
        aim = sentence_vectors([self.commitment])[0]
        topic = np.column_stack([own @ aim, before @ aim, before.any(axis=1), values.max(axis=1)])
        others = [np.delete(values, place, axis=1) for place in range(len(self.wordings))]
        best_other = values if len(others) < 2 else np.stack([each.max(axis=1) for each in others], axis=1)
        both = np.concatenate([values, values - best_other], axis=2)
        return np.column_stack([both.reshape(len(texts), both.shape[1] * both.shape[2]), topic])

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Return names such as "prevent: example", and those of `TOPIC`."""
        named = [f"{key}: {name}{more}" for key in self.wordings for more in ("", MORE) for name in MEASURES]
        return np.asarray([*named, *TOPIC], dtype=object)

    def words_of(self, texts: Iterable[str]) -> Iterator[dict[str, list[str]]]:
        """Yield, for each text, the words of its cues and those shared with definitions, by name of the feature."""
        finder, keys = finder_of(self.cues), list(self.cues)
        known = {key: _known(wording) for key, wording in self.wordings.items()}
        for text in texts:
            found: dict[str, list[str]] = {}
            lowered = text.lower()
            for cue in finder.find(text):
                for name in ("cue", "cues"):
                    found.setdefault(f"{keys[cue.group]}: {name}", []).append(lowered[cue.start : cue.end])
            for key, stems in known.items():
                shared = [word.lower() for word in _WORD.findall(text) if _stem(word) in stems]
                found[f"{key}: shared words"] = [word for word in shared if word not in ENGLISH_STOP_WORDS]
            yield {name: list(dict.fromkeys(words)) for name, words in found.items()}

    def _cues(self, sentences: pd.DataFrame) -> Floats:
        """Return the measures of cues, shape (n_sentences, n_dimensions, 3)."""
        owners = np.asarray([key for key, cues in self.cues.items() for _ in cues], dtype=object)
        groups = {str(place): [cue] for place, cue in enumerate(cue for cues in self.cues.values() for cue in cues)}
        flags = CueFlags(groups).transform(sentences).toarray()
        found = []
        for key in self.wordings:
            own, before = (flags[:, start : start + len(groups)][:, owners == key] for start in (0, len(groups)))
            n = own.sum(axis=1)
            found.append(np.column_stack([n > 0, np.minimum(n, MOST_CUES) / 2, before.any(axis=1)]))
        return np.stack(found, axis=1).astype(np.float64)


class Meaning(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The vector of each sentence; see `sentence_vectors`."""

    def fit(self, sentences: pd.DataFrame, labels: object = None) -> Self:
        """Do nothing: the vectors are trained already."""
        self.n_features_ = SIZE
        return self

    def transform(self, sentences: pd.DataFrame) -> Floats:
        """Return a matrix of shape (n_sentences, 384) for a frame with a column `text`."""
        return sentence_vectors(sentences["text"].tolist())

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Return names such as "meaning 7"; the numbers by themselves mean nothing to people."""
        return np.asarray([f"meaning {place}" for place in range(SIZE)], dtype=object)


def make_likeness(codebook: Codebook) -> Likeness:
    """Return the features of a codebook."""
    cues = {each.key: [cue for cues in each.cues.values() for cue in cues] for each in codebook.dimensions}
    return Likeness(codebook.commitment.text, {each.key: wording_of(each) for each in codebook.dimensions}, cues)


def wording_of(dimension: Category) -> list[list[str]]:
    """Return the definition (after the label), its parts, and the examples of a dimension."""
    parts = [part.strip() for part in _PART.split(dimension.definition) if part.strip()]
    return [[f"{dimension.label}: {dimension.definition}"], parts or [dimension.label], list(dimension.examples)]


def _measures(
    wording: Wording, own: Floats, before: Floats, words: list[set[str]], words_before: list[set[str]]
) -> Floats:
    """Return the measures of one dimension that are not of cues."""
    definition, parts, examples = (sentence_vectors(texts or wording[0]) for texts in wording)
    known = _known(wording)
    return np.column_stack(
        [
            (own @ definition.T).max(axis=1),
            _mean_of_best(own @ parts.T),
            (own @ examples.T).max(axis=1),
            (before @ definition.T).max(axis=1),
            _mean_of_best(before @ parts.T),
            [len(each & known) / SHARED for each in words],
            [len(each & known) / SHARED_EARLIER for each in words_before],
        ]
    )


def _mean_of_best(cosines: Floats) -> Floats:
    best: Floats = np.sort(cosines, axis=1)[:, -BEST_PARTS:].mean(axis=1)
    return best


def _known(wording: Wording) -> set[str]:
    """Return the stems of the words of a dimension's definition and examples."""
    return set().union(*map(_stems, (*wording[0], *wording[2])))


def _stems(text: str) -> set[str]:
    """Return the stems of the words of a text that mean something."""
    return {_stem(word) for word in _WORD.findall(text) if word.lower() not in ENGLISH_STOP_WORDS}


def _stem(word: str) -> str:
    return word[:STEM].lower()


def _earlier(items: Sequence[str], own: Floats, words: Sequence[set[str]]) -> tuple[Floats, list[set[str]]]:
    """Return the direction of the mean of an item's earlier vectors (0 if there are none), and the earlier words."""
    before, words_before = np.zeros_like(own), [set[str]() for _ in items]
    start = 0
    for place, item in enumerate(items):
        if item != items[start]:
            start = place
        if place > start:
            mean = own[start:place].mean(axis=0)
            before[place] = mean / np.linalg.norm(mean)
            words_before[place] = words_before[place - 1] | words[place - 1]
    return before, words_before
