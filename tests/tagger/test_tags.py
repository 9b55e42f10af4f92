"""Tags of sentences: labels, probabilities, statuses, and what a person has to check."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, Codebook
from g7tag.errors import FrameError
from g7tag.frames import tags_model, validate
from g7tag.tagger import Tagger, tag_sentences, tag_table
from g7tag.tagger.model import margins, odds_to_shares, right_shares, set_dimensions

ARREST = "Police arrested nine members of a smuggling gang and charged them."
THRESHOLDS = {"a": 0.4, "b": 0.5}
REFUSED = (
    "Parliament voted down a bill against human trafficking.",
    "No one was convicted of people smuggling that year.",
    "The court acquitted all seven alleged smugglers.",
    "The government has still not set up a unit against trafficking.",
    "The unit against people smuggling was disbanded in May.",
    "The ministry cut its fund for victims of trafficking by half.",
    "Prosecutors dropped the trafficking charges against him.",
    "The law against smugglers was repealed.",
)


def table(*texts: str | None, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"text": pd.Series(texts, dtype="object")}).assign(**columns)


def shares(a: float, b: float, strong: float = 0.5, excluded: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame({"a": [a], "b": [b], "strong": [strong], "excluded": [excluded]}).assign(
        **dict.fromkeys(ACTS, np.nan)
    )


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (shares(0.4, 0.49), [True, False]),
        (shares(0.39, 0.5), [False, True]),
        (shares(0.6, 0.6, excluded=0.6), [True, True]),
        (shares(0.6, 0.5, excluded=0.61), [False, False]),
        (shares(0.4, 0.1, excluded=0.49), [True, False]),
        (shares(0.9, 0.9).assign(done=0.4, background=0.5), [False, False]),
        (shares(0.9, 0.1).assign(done=0.5, background=0.4), [True, False]),
    ],
    ids=["at the threshold", "each its own", "exclusion not likelier", "exclusion likelier", "exclusion not likely",
         "background", "an act that is done"],
)  # fmt: skip
def test_which_dimensions_are_set(row: pd.DataFrame, found: list[bool]) -> None:
    row = row.fillna(0.0) if row["done"].notna().any() else row
    assert set_dimensions(row, THRESHOLDS).iloc[0].tolist() == found


def test_a_tag_is_right_with_the_product_of_what_it_says() -> None:
    assert right_shares(shares(0.8, 0.1, strong=0.3), THRESHOLDS)[0] == pytest.approx(0.8 * 0.9 * 0.7)
    assert right_shares(shares(0.2, 0.1, strong=0.3), THRESHOLDS)[0] == pytest.approx(0.8 * 0.9)  # no strength is said
    assert right_shares(shares(0.6, 0.1, excluded=0.9), THRESHOLDS)[0] == pytest.approx(0.4 * 0.9)  # none is set
    known = shares(0.8, 0.1).assign(done=0.7, planned=0.3).fillna(0.0)
    assert right_shares(known, THRESHOLDS)[0] == pytest.approx(0.8 * 0.9 * 0.5 * 0.7)


def test_the_margin_is_the_nearest_distance_to_another_tag() -> None:
    assert margins(shares(0.8, 0.1, strong=0.45), THRESHOLDS)[0] == pytest.approx(0.05)
    assert margins(shares(0.1, 0.1, strong=0.5), THRESHOLDS)[0] == pytest.approx(0.3)


def test_a_tagger_without_acts_says_so() -> None:
    found = odds_to_shares(pd.DataFrame({"a": [0.0], "strong": [0.0], "excluded": [-9.0]}))
    assert found[["done", "background"]].isna().all(axis=None)


def test_a_plain_arrest_is_strong_counter(tagger: Tagger, codebook: Codebook) -> None:
    (row,) = tag_table(table(ARREST), tagger, codebook).to_dict("records")
    assert "counter" in row["dimensions"].split(";")
    assert (row["strength"], row["act"]) == ("strong", "done")
    assert row["p_counter"] > 0.5


def test_labels_and_probabilities_keep_the_rules_of_a_codebook(
    corpus: pd.DataFrame, tagger: Tagger, codebook: Codebook
) -> None:
    rows = corpus.groupby("file").head(200)
    tags = validate(tag_sentences(rows, tagger.fast, codebook), tags_model(codebook))  # type: ignore[arg-type]
    order = {key: place for place, key in enumerate(codebook.dimension_keys)}
    for joined in tags["dimensions"]:
        places = [order[key] for key in joined.split(";") if key]
        assert places == sorted(places)
    tagged = tags["dimensions"] != ""
    assert not (tagged & (tags["exclusion"] != "")).any()
    assert (tagged == (tags["strength"] != "none")).all()
    assert (tags.loc[tagged, "act"].isin(["done", "planned"])).all()
    assert not ((tags["act"] == "planned") & (tags["strength"] == "strong")).any()
    acts = tags[[f"p_{act.key}" for act in codebook.acts]]
    np.testing.assert_allclose(acts.sum(axis=1), 1.0, atol=1e-9)
    assert (acts.idxmax(axis=1).str.removeprefix("p_") == tags["act"])[tags["status"] == "ok"].all()


@pytest.mark.parametrize("review_below", [0.8, 0.4368])
def test_a_tag_needs_review_if_and_only_if_it_is_below_the_limit_or_for_a_named_reason(
    tagger: Tagger, codebook: Codebook, corpus: pd.DataFrame, review_below: float
) -> None:
    texts = [*corpus.groupby("file").head(60)["text"], "", "Zqxv brpl wkjt.", "word " * 1100]
    tags = tag_table(table(*texts), replace(tagger, review_below=review_below), codebook)
    (limit,) = set(tags["review_below"])
    assert limit == round(review_below, 2)  # a whole percentage, as people see it
    reason = tags["review_reason"]
    assert tags["needs_review"].tolist() == (reason != "").tolist()
    assert (reason == "unlikely").tolist() == (tags["p_right"] < limit).tolist()
    others = tags[(tags["p_right"] >= limit) & tags["needs_review"]]
    assert set(others["review_reason"]) <= {"not_done", "reversed", "planned_cue", "not_done_cue", "reversed_cue"}
    assert reason[-3:].tolist() == tags["status"][-3:].tolist() == ["empty", "unknown_words", "too_long"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ARREST, ""),
        ("Police arrested nine members of a smuggling gang, charged them and will try them.", "planned_cue"),
        ("Police did not delay and arrested nine members of a smuggling gang and charged them.", "not_done_cue"),
    ],
)
def test_a_certain_tag_has_the_reason_why_its_act_may_not_be_done(
    tagger: Tagger, codebook: Codebook, text: str, reason: str
) -> None:
    (row,) = tag_table(table(text), replace(tagger, review_below=0.0), codebook).to_dict("records")
    assert (row["strength"], row["review_reason"]) == ("strong", reason)


def test_an_act_not_done_or_undone_is_never_silently_strong(tagger: Tagger, codebook: Codebook) -> None:
    tags = tag_table(table(*REFUSED), tagger, codebook)
    assert tags.loc[~tags["needs_review"], "text"].tolist() == []
    assert (tags["strength"] == "strong").sum() <= 3


def test_what_is_not_read_has_a_status_and_no_label(tagger: Tagger, codebook: Codebook) -> None:
    tags = tag_table(table("  ", None, "Zqxv brpl wkjt.", "word " * 1100), tagger, codebook)
    assert tags["status"].tolist() == ["empty", "empty", "unknown_words", "too_long"]
    for column, value in {
        "dimensions": "",
        "strength": "none",
        "act": "",
        "exclusion": "",
        "needs_review": True,
    }.items():
        assert set(tags[column]) == {value}
    assert tags[["p_right", "margin"]].isna().all(axis=None)  # it says nothing that could be right
    assert tags["p_counter"].notna().tolist() == [False, False, True, False]


def test_a_limit_of_length_is_what_is_still_read(tagger: Tagger, codebook: Codebook) -> None:
    longest = f"{ARREST} " * 100
    texts = [longest[:4999] + ".", longest[:5000] + "."]
    assert tag_table(table(*texts), tagger, codebook)["status"].tolist() == ["ok", "too_long"]


def test_no_rows_give_an_empty_tags_frame(tagger: Tagger, codebook: Codebook) -> None:
    tags = tag_table(table().astype("str"), tagger, codebook)
    assert len(validate(tags.drop(columns="text"), tags_model(codebook))) == 0


def test_order_and_ids_of_a_table_are_kept(tagger: Tagger, codebook: Codebook) -> None:
    rows = table("They met.", "They signed a treaty.", sentence_id=["z", "a"], item_id="i")
    tags = tag_table(rows, tagger, codebook)
    assert tags["sentence_id"].tolist() == ["z", "a"]
    assert tags["text"].tolist() == rows["text"].tolist()


def test_context_is_the_earlier_sentences_of_the_item_by_position(tagger: Tagger, codebook: Codebook) -> None:
    texts = ["Police arrested the ringleaders of a smuggling network.", "It was announced in June."]
    together = tag_table(table(*texts, item_id="i"), tagger, codebook)["p_counter"]
    apart = tag_table(table(*texts), tagger, codebook)["p_counter"]
    assert together[0] == apart[0]
    assert together[1] != apart[1]
    backward = tag_table(table(*texts[::-1], item_id="i", position=["2", "1"]), tagger, codebook)
    assert backward["text"].tolist() == texts[::-1]
    assert backward["p_counter"].tolist() == together.tolist()[::-1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"words": ["They met."]}, r"notes\.csv: column 'text' is missing, found 'words'"),
        ({"text": ["One.", "Two."], "sentence_id": ["a", "a"]}, r"sentence_id 'a' appears in several rows"),
        ({"text": ["One.", "Two.", "Three."], "item_id": ["a", "b", "a"]}, r"rows of item 'a' are not adjacent"),
        ({"text": ["One."], "position": ["first"]}, r"notes\.csv: column 'position' contains 'first'\. Expected"),
    ],
    ids=["no-text", "ids-twice", "items-apart", "position"],
)
def test_a_table_that_cannot_be_tagged_is_refused(
    tagger: Tagger, codebook: Codebook, columns: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(FrameError, match=message):
        tag_table(pd.DataFrame(columns), tagger, codebook, source="notes.csv")
