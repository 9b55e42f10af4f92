"""Features: cues in the sentence and earlier in its item, and whether the item is on the topic."""

import pandas as pd
import pytest

from g7tag.tagger.cues import CueFinder
from g7tag.tagger.features import MOST_CONTEXT, CueFlags

CUES = {
    "a.arrests": ["arrest*", "took * into custody"],
    "a.money": ["bank"],
    "setting.topic.smuggling": ["smuggl*"],
    "setting.off_topic.drugs": ["cocaine"],
}
NAMES = [
    *CUES,
    *(f"earlier {name}" for name in CUES),
    "on the topic",
    "off the topic",
    "off the topic in this sentence",
]


def seen(*texts: str, items: list[str] | None = None) -> list[set[str]]:
    sentences = pd.DataFrame({"item_id": items or ["i"] * len(texts), "text": texts})
    flags = CueFlags(CUES).fit(sentences)
    assert list(flags.get_feature_names_out()) == NAMES
    return [{NAMES[place] for place in row.nonzero()[0]} for row in flags.transform(sentences).toarray()]


def test_a_cue_is_seen_in_its_sentence_and_by_the_later_ones_of_its_item() -> None:
    assert seen("An arrest.", "A bank.", "Rain.", items=["i", "i", "j"]) == [
        {"a.arrests"},
        {"a.money", "earlier a.arrests"},
        set(),
    ]


@pytest.mark.parametrize(
    ("texts", "about"),
    [
        (["Smugglers."], {"on the topic"}),
        (["Cocaine."], {"off the topic", "off the topic in this sentence"}),
        (["Smugglers with cocaine."], {"on the topic"}),
        (["Smugglers.", "Cocaine."], {"on the topic", "off the topic in this sentence"}),
        (["Rain."], set()),
    ],
    ids=["topic", "off", "both", "topic before", "neither"],
)
def test_the_topic_is_that_of_the_item_so_far(texts: list[str], about: set[str]) -> None:
    assert {name for name in seen(*texts)[-1] if "topic" in name and "setting" not in name} == about


def test_a_long_item_is_remembered_for_some_sentences() -> None:
    rows = seen("An arrest.", *["Rain."] * (MOST_CONTEXT + 1))
    assert rows[MOST_CONTEXT] == {"earlier a.arrests"}
    assert rows[MOST_CONTEXT + 1] == set()


def test_no_sentences_give_no_rows() -> None:
    assert seen() == []


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("He took them into custody.", {0}),
        ("He TOOK\nher  into custody", {0}),
        ("took into custody", set()),
        ("rearrested", set()),
        ("arrested-bank", {0, 1}),
        ("", set()),
    ],
    ids=["a word between", "case and space", "no word between", "inside a word", "beside a hyphen", "empty"],
)
def test_cues_are_found_whatever_stands_around_them(text: str, groups: set[int]) -> None:
    assert CueFinder(CUES).groups(text) == groups


def test_a_cue_that_begins_with_a_sign_is_never_found() -> None:
    assert CueFinder({"a": ["$ million"]}).groups("10 $ million") == set()
