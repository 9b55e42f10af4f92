"""People's decisions become annotations if they follow the codebook's rules; otherwise nothing is recorded."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, InputError
from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.labels import people_annotations
from g7tag.store import text_sha256

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NONE_BEFORE = build(ANNOTATIONS, [])


@pytest.fixture
def annotate(codebook: Codebook) -> Any:
    rows = [
        {
            "sentence_id": f"i.{place}", "item_id": "i", "document_id": "d", "commitment_id": "c", "member": "Japan",
            "position": place, "text": f"text {place}", "start": 0, "end": 6,
        }
        for place in (1, 2, 3)
    ]  # fmt: skip
    sentences = build(SENTENCES, rows)

    def annotate(decisions: list[dict[str, Any]] | pd.DataFrame, **changes: Any) -> pd.DataFrame:
        given: dict[str, Any] = {"annotator": "Ada", "at": AT, "earlier": NONE_BEFORE} | changes
        return people_annotations(pd.DataFrame(decisions), sentences, codebook, **given)

    return annotate


def test_a_decision_becomes_an_annotation(annotate: Any, codebook: Codebook) -> None:
    row = {
        "sentence_id": "i.2",
        "dimensions": " disrupt ; counter",
        "strength": "Strong",
        "contradicts": "Yes",
        "note": " n ",
    }
    made = annotate([row]).iloc[0]
    assert made.to_dict() | {"confidence": None} == {
        "annotation_id": "i.2#Ada#1", "sentence_id": "i.2", "text_sha256": text_sha256("text 2"), "annotator": "Ada",
        "kind": "analyst", "dimensions": "counter;disrupt", "strength": "strong", "act": "", "exclusion": "",
        "contradicts": True,
        "confidence": None, "note": "n", "codebook_version": codebook.version, "at": "2026-01-02T03:04:05+00:00",
        "supersedes": "",
    }  # fmt: skip


def test_who_decides_again_supersedes_the_own_last_decision_alone(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    first = annotate([row])
    other = annotate([row], annotator="Bo", earlier=first)
    second = annotate([row | {"note": "sure"}], annotator=" Ada ", earlier=pd.concat([first, other]))
    third = annotate([row], earlier=pd.concat([first, other, second]))
    assert annotate([row], earlier=pd.concat([first, other, second, third])).empty  # decided so already
    assert other["supersedes"].tolist() == [""]
    assert second[["annotation_id", "supersedes"]].to_numpy().tolist() == [["i.1#Ada#2", "i.1#Ada#1"]]
    assert third["supersedes"].tolist() == ["i.1#Ada#2"]


@pytest.mark.parametrize(
    "change",
    [
        {"strength": "strong"}, {"dimensions": "disrupt"}, {"contradicts": "yes"}, {"note": "sure"},
        {"dimensions": "", "strength": "none", "exclusion": "border"},
    ],
    ids=str,
)  # fmt: skip
def test_a_decision_that_differs_in_any_part_is_a_new_one(annotate: Any, change: dict[str, Any]) -> None:
    row = {"sentence_id": "i.1", "dimensions": "counter", "strength": "weak", "exclusion": ""}
    first = annotate([row])
    assert annotate([row], earlier=first).empty
    (made,) = annotate([row | change], earlier=first).to_dict("records")
    assert (made["annotation_id"], made["supersedes"]) == ("i.1#Ada#2", "i.1#Ada#1")
    wanted = row | change | {"contradicts": "contradicts" in change}
    assert {name: made[name] for name in wanted} == wanted


def test_an_exclusion_alone_makes_a_new_decision(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    made = annotate([row | {"exclusion": "border"}], earlier=annotate([row]))
    assert made["exclusion"].tolist() == ["border"]


def test_the_same_decision_as_adjudicator_or_on_another_text_is_a_new_one(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    first = annotate([row])
    assert annotate([row], kind="adjudicator", earlier=first)["kind"].tolist() == ["adjudicator"]
    assert len(annotate([row], earlier=first.assign(text_sha256=text_sha256("before")))) == 1


@pytest.mark.parametrize(
    ("word", "contradicts"),
    [("Yes", True), ("TRUE", True), ("1", True), ("", False), ("no", False), ("False", False), ("0", False)],
)
def test_contradicts_is_read_from_the_usual_words(annotate: Any, word: str, contradicts: bool) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none", "contradicts": word}
    assert annotate([row])["contradicts"].tolist() == [contradicts]


@pytest.mark.parametrize("word", ["no", "false", "0"])
def test_a_row_that_only_says_no_contradiction_decides_nothing(annotate: Any, word: str) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "", "contradicts": word}
    assert annotate([row]).empty
    with pytest.raises(FrameError, match=r"i\.1: strength is not one of strong, weak, none"):
        annotate([row | {"contradicts": "yes"}])


def test_rows_that_decide_nothing_are_left_out(annotate: Any) -> None:
    rows = pd.DataFrame(
        {"sentence_id": ["i.1", "i.2"], "dimensions": [None, ""], "strength": ["", None], "note": ["", ""]}
    )
    assert len(annotate(rows)) == 0
    assert len(annotate(pd.DataFrame(columns=["sentence_id", "dimensions", "strength"]))) == 0


UNKNOWN = "is not a sentence of this run's commitment"
WORDS = "'0', '1', 'false', 'no', 'true', 'yes'"
STRENGTH = "i.1: strength is not one of strong, weak, none"


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"sentence_id": "i.9", "strength": "none"}, f"i.9: {UNKNOWN}"),
        ({"sentence_id": "i.9", "strength": "none", "text": "x"}, f"i.9: {UNKNOWN}"),
        ({"sentence_id": "", "strength": "none"}, f"a row without sentence_id: {UNKNOWN}"),
        ({"dimensions": "countr", "strength": "strong"}, "i.1: dimension is not one of prevent, counter, "),
        ({"dimensions": "counter", "strength": "mighty"}, STRENGTH),
        ({"dimensions": "counter", "strength": ""}, STRENGTH),
        ({"strength": "weak"}, "i.1: strength must be none exactly when there is no dimension"),
        ({"dimensions": "counter", "strength": "weak", "exclusion": "border"}, "i.1: a sentence with a dimension has"),
        ({"strength": "none", "exclusion": "sea"}, "i.1: exclusion is not one of 'border'"),
        ({"strength": "none", "contradicts": "perhaps"}, f"i.1: contradicts is not one of {WORDS}"),
        ({"note": "not decided"}, STRENGTH),
    ],
    ids=[
        "unknown",
        "unknown with text",
        "no id",
        "key",
        "strength",
        "no strength",
        "no key",
        "both",
        "exclusion",
        "contradicts",
        "note",
    ],
)
def test_a_decision_that_breaks_a_rule_is_named_and_none_is_made(
    annotate: Any, row: dict[str, Any], cause: str
) -> None:
    good = {"sentence_id": "i.2", "dimensions": "counter", "strength": "weak"}
    with pytest.raises(FrameError, match=r"^labels: \d problems?; nothing was recorded\.\n  ") as caught:
        annotate([good, {"sentence_id": "i.1", "dimensions": ""} | row])
    assert cause in str(caught.value)


def test_a_sentence_decided_twice_in_one_table_is_refused(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    with pytest.raises(FrameError, match=r"i\.1: sentence_id appears twice"):
        annotate([row, row])


def test_many_wrong_rows_are_counted(annotate: Any) -> None:
    rows = [{"sentence_id": f"x{place}", "dimensions": "", "strength": "none"} for place in range(12)]
    with pytest.raises(FrameError, match=r"(?s)^labels: 12 problems.*\n  and 2 more$") as caught:
        annotate(rows)
    assert str(caught.value).count("\n") == 11


def test_ten_wrong_rows_are_all_shown(annotate: Any) -> None:
    rows = [{"sentence_id": f"x{place}", "dimensions": "", "strength": "none"} for place in range(10)]
    with pytest.raises(FrameError, match=r"(?s)^labels: 10 problems.*\n  x9: is not a sentence of [^\n]*$"):
        annotate(rows)


def test_a_missing_column_and_a_nameless_annotator_are_refused(annotate: Any) -> None:
    with pytest.raises(FrameError, match=r"decisions: column 'strength' is missing, found 'dimensions', 'sentence_id'"):
        annotate([{"sentence_id": "i.1", "dimensions": ""}])
    with pytest.raises(InputError, match=r"annotator '  ': not a name\. Give the name of the person"):
        annotate([], annotator="  ")


def test_a_decision_on_another_text_is_refused(annotate: Any) -> None:
    row = {"sentence_id": "i.1", "dimensions": "", "strength": "none"}
    assert len(annotate([row | {"text": " text  1"}])) == 1
    with pytest.raises(FrameError, match=r"i\.1: text differs from the sentence, which may have changed since"):
        annotate([row | {"text": "text 2"}])


def test_a_column_that_stands_twice_is_refused(annotate: Any) -> None:
    rows = pd.DataFrame([["i.1", "", "none", "", ""]], columns=["sentence_id", "dimensions", "strength", "a", "a"])
    with pytest.raises(FrameError, match=r"decisions: column 'a' appears twice\. Remove one\."):
        annotate(rows)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"annotator": None}, "annotator None: not a name"),
        ({"kind": "classifier"}, "kind 'classifier': expected one of 'adjudicator', 'analyst'"),
        ({"at": datetime(2026, 1, 2)}, r"at 2026-01-02T00:00:00: has no time zone"),  # noqa: DTZ001
    ],
    ids=["no name", "kind", "no zone"],
)
def test_who_decides_and_when_must_be_known(annotate: Any, given: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        annotate([{"sentence_id": "i.1", "dimensions": "", "strength": "none"}], **given)
