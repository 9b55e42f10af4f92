"""Model files of taggers for few labels: what other codebooks lend is never taken from the file itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline

from g7tag.codebook import Codebook
from g7tag.corpus import read_corpus
from g7tag.errors import ModelError
from g7tag.jobs.training import wording_differs
from g7tag.store import data_path
from g7tag.tagger import Tagger, load_tagger, save_tagger, tag_sentences
from g7tag.tagger.features import ABOUT, CueFlags
from g7tag.tagger.few_labels import train_few_labels
from g7tag.tagger.vectors import SIZE

ROWS = pd.DataFrame({"sentence_id": ["s"], "item_id": ["s"], "text": ["A lamp was lit on the pier."]})
SLOW = ["a*" * 4]
"""A cue whose search time grows fast."""


@pytest.fixture(scope="module")
def trained(harbours: Codebook, small_lenders: None) -> Tagger:
    return train_few_labels(read_corpus([data_path("examples/harbours-labelled.csv")], harbours), harbours)


@pytest.fixture
def model(trained: Tagger, tmp_path: Path) -> Path:
    save_tagger(trained, tmp_path / "m.skops")
    return tmp_path / "m.skops"


def save_changed(model: Path, codebook: Codebook, change: Callable[[Tagger], object]) -> None:
    """Save a tagger again after a change, with a true manifest, as an attacker would."""
    tagger = load_tagger(model, codebook)
    change(tagger)
    save_tagger(tagger, model)


def block(tagger: Tagger, name: str) -> Any:
    return tagger.features.named_transformers_[name]


def set_likeness(tagger: Tagger, **values: object) -> None:
    for name, value in values.items():
        setattr(block(tagger, "likeness"), name, value)


def replace_block(tagger: Tagger, name: str, other: object, *, as_name: str = "") -> None:
    tagger.features.transformers_ = [
        (as_name or each, other, columns) if each == name else (each, transformer, columns)
        for each, transformer, columns in tagger.features.transformers_
    ]


def searcher() -> CueFlags:
    """As many numbers as the meaning has, by cues."""
    return CueFlags({f"a.b{place}": SLOW for place in range((SIZE - len(ABOUT)) // 2)}).fit(ROWS)


def in_a_row(part: object) -> Pipeline:
    return Pipeline([("flags", part)])


def hide_words(tagger: Tagger) -> None:
    """Use other words, and give a later block a step with the name of the words."""
    ours = block(tagger, "words")
    replace_block(tagger, "words", TfidfVectorizer(token_pattern="(a+)+$").fit(["a"]))
    replace_block(tagger, "meaning", Pipeline([("words", ours)]))


def first_cues(tagger: Tagger, cues: object) -> dict[str, object]:
    own = dict(block(tagger, "likeness").cues)
    return own | {next(iter(own)): cues}


def first_wording(tagger: Tagger, wording: object) -> dict[str, object]:
    own = dict(block(tagger, "likeness").wordings)
    return own | {next(iter(own)): wording}


CHANGES: dict[str, Callable[[Tagger], object]] = {
    "slow cue": lambda it: set_likeness(it, cues=first_cues(it, SLOW)),
    "long cue": lambda it: set_likeness(it, cues=first_cues(it, ["x" * 201])),
    "cue that is no text": lambda it: set_likeness(it, cues=first_cues(it, [7])),
    "cues that are no list": lambda it: set_likeness(it, cues=first_cues(it, None)),
    "cues of another dimension": lambda it: set_likeness(it, cues={"sow": ["sow*"]}),
    "wordings of another dimension": lambda it: set_likeness(it, wordings={"sow": [["a"], ["a"], []]}),
    "no wording": lambda it: set_likeness(it, wordings=first_wording(it, [])),
    "two parts of a wording": lambda it: set_likeness(it, wordings=first_wording(it, [["a"], ["a"]])),
    "no definition": lambda it: set_likeness(it, wordings=first_wording(it, [[], ["a"], []])),
    "no parts": lambda it: set_likeness(it, wordings=first_wording(it, [["a"], [], []])),
    "wording that is no text": lambda it: set_likeness(it, wordings=first_wording(it, [["a"], [3], []])),
    "commitment that is no text": lambda it: set_likeness(it, commitment=["a"]),
    "codebook that is no text": lambda it: setattr(block(it, "lent"), "codebook", ["2024-apulia-19"]),
    "codebook not borrowed from": lambda it: setattr(block(it, "lent"), "codebook", "2024-apulia-18"),
    "path as codebook": lambda it: setattr(block(it, "lent"), "codebook", "../2024-apulia-19"),
    "model that is no text": lambda it: setattr(block(it, "lent"), "model", None),
    "cues beside likeness": lambda it: replace_block(it, "meaning", searcher(), as_name="cues"),
    "slow cues in a row": lambda it: replace_block(it, "meaning", in_a_row(searcher())),
    "slow cues in the remainder": lambda it: replace_block(it, "meaning", searcher(), as_name="remainder"),
    "slow words behind ours": hide_words,
    "cues within cues": lambda it: replace_block(it, "meaning", in_a_row(in_a_row(searcher()))),
    "slow cues as meaning": lambda it: replace_block(it, "meaning", searcher()),
    "words as meaning": lambda it: replace_block(it, "meaning", TfidfVectorizer(token_pattern="(a+)+$").fit(["a"])),
    "meaning of another name": lambda it: replace_block(it, "meaning", block(it, "meaning"), as_name="sense"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_parts_that_are_not_ours_are_refused_before_they_are_used(
    change: Callable[[Tagger], object], model: Path, harbours: Codebook, request: pytest.FixtureRequest
) -> None:
    save_changed(model, harbours, change)
    slow = "slow" in request.node.callspec.id  # then it must be its patterns that are refused
    found = "differently from g7tag" if slow else r"(differently from g7tag|do not fit|does not contain a tagger)"
    with pytest.raises(ModelError, match=rf"m\.skops: .*{found}"):
        load_tagger(model, harbours)


@pytest.mark.parametrize("name", ["dredge", "strong", "planned"])
@pytest.mark.parametrize("change", [lambda weights: weights[:, :-1], lambda weights: np.c_[weights, [0.0]]])
def test_weights_of_another_width_are_refused(
    change: Callable[[Any], Any], name: str, model: Path, harbours: Codebook
) -> None:
    def apply(tagger: Tagger) -> None:
        tagger.heads[name].coef_ = change(tagger.heads[name].coef_)

    save_changed(model, harbours, apply)
    with pytest.raises(ModelError, match="its classifiers do not fit its features or labels"):
        load_tagger(model, harbours)


def test_a_likeness_with_one_dimension_less_is_refused(model: Path, harbours: Codebook) -> None:
    def apply(tagger: Tagger) -> None:
        likeness = block(tagger, "likeness")
        likeness.wordings = dict(list(likeness.wordings.items())[:-1])
        likeness.cues = dict(list(likeness.cues.items())[:-1])

    save_changed(model, harbours, apply)
    with pytest.raises(ModelError, match=r"m\.skops: "):
        load_tagger(model, harbours)


def test_a_tagger_of_an_earlier_bundled_tagger_is_refused_when_it_tags(model: Path, harbours: Codebook) -> None:
    def apply(tagger: Tagger) -> None:
        block(tagger, "lent").model = tagger.about["borrowed"][-1] = "2024-apulia-19-000000000000"

    save_changed(model, harbours, apply)
    loaded = load_tagger(model, harbours)
    with pytest.raises(ModelError, match=r"was trained with 2024-apulia-19-000000000000, but g7tag now comes with"):
        tag_sentences(ROWS, loaded, harbours)


def test_a_codebook_with_better_definitions_keeps_its_tagger(model: Path, harbours: Codebook) -> None:
    """As with other taggers: its labels are the same, and the tagger has its own copy of the texts."""
    first, *others = harbours.dimensions
    better = harbours.model_copy(update={"dimensions": [first.model_copy(update={"definition": "Ships."}), *others]})
    tags = [tag_sentences(ROWS, load_tagger(model, book), book) for book in (harbours, better)]
    pd.testing.assert_frame_equal(*tags)


def test_a_tagger_trained_with_other_sentence_vectors_is_refused(
    model: Path, harbours: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("g7tag.tagger.persist.SHA256", "0" * 64)
    with pytest.raises(ModelError, match="other sentence vectors than those of this g7tag"):
        load_tagger(model, harbours)


def test_a_tagger_says_which_definitions_it_knows(model: Path, harbours: Codebook) -> None:
    assert not wording_differs(model, harbours)
    other = harbours.dimensions[0].model_copy(update={"definition": "Swimming baths and talks."})
    changed = harbours.model_copy(update={"dimensions": [other, *harbours.dimensions[1:]]})
    assert wording_differs(model, changed)
    assert not wording_differs(model, harbours.model_copy(update={"min_strong_items": 7}))
