"""Excluded items, items without a dimension, single sources, acts not done or undone, and errors in item texts."""

from typing import Any

import pandas as pd
import pytest

from g7tag.audit.evidence import evidence_findings, labelled_items, mentioned_members, text_findings
from g7tag.codebook import Codebook
from g7tag.frames import ITEMS, build

FIRST = "2024-19/ITA-01"


def found(report: Any, *checks: str, exclusion: str = "") -> dict[str, str]:
    frames = report.frames()
    labels = frames["labels"]
    if exclusion:
        labels = labels.assign(exclusion=[exclusion, *labels["exclusion"].iloc[1:]])
    labelled = labelled_items(labels, frames["annotations"], frames["sentences"])
    rows = evidence_findings(labelled, frames["members"], report.noted(), report.tally(), report.codebook)
    return report.messages(rows, *checks)


def test_an_excluded_item_is_named_and_one_that_shows_nothing_is_counted(report: Any) -> None:
    assert found(report) == {}
    report.labels |= {FIRST: ("", "none", "border"), "2024-19/ITA-02": ("", "none", "")}
    assert found(report) == {
        f"border_evidence:{FIRST}": "shows only excluded action (Border enforcement) but is listed as evidence. "
        "It is not counted.",
        "items_without_dimension:2024-19/ITA": "1 of 2 items show neither action in a dimension nor excluded action: "
        "ITA-02.",
    }


def test_an_item_excluded_in_part_says_what_the_score_is_without_it(report: Any) -> None:
    start = f"border_evidence:{FIRST}"
    assert found(report, exclusion="border")[start] == (
        "is partly excluded (Border enforcement); the rest counts in prevent. Without the item, the score changes from "
        "0 to -1."
    )
    report.add("ITA-03", "2024-09-01", "Italy opened more.", "prevent", "strong")
    assert found(report, exclusion="border")[start].endswith("Without the item, the score stays the same.")


def test_strong_action_from_one_publisher_or_the_members_own_bodies_is_named(report: Any) -> None:
    notes, subject = report.citations, "single_source:2024-19/ITA/prevent"
    notes[0]["publisher"] = notes[1]["publisher"] = "Gazette"
    assert found(report) == {subject: "all 2 strong items in prevent come from one publisher, Gazette."}
    notes[0]["publisher"], notes[1]["publisher"] = "Italian Government", "Polizia di Stato"
    assert found(report) == {subject: "all 2 strong items in prevent come from the member's own bodies."}
    notes[1]["publisher"] = "Gazette"
    assert found(report) == {}
    notes[1]["publisher"] = "Italian Government"
    report.items[0]["citations"] = ""  # where a source is missing, it may be another
    assert found(report) == {}


def status(report: Any, *coded: tuple[str, str, str, bool]) -> dict[str, str]:
    """Return the message of each check for sentences of one item: dimensions, act, who gave the label, contradicts."""
    columns = ["dimensions", "act", "kind", "contradicts"]
    labels = pd.DataFrame(coded, columns=columns).assign(sentence_id=[f"JPN-01.{n + 1}" for n in range(len(coded))])
    labels["annotation_id"] = labels["sentence_id"]
    tagged = labels.assign(kind="classifier", annotation_id=labels["sentence_id"] + "#tagger")
    tagged["act"] = labels["act"].where(labels["kind"] == "classifier", "reversed")
    sentences = labels[["sentence_id"]].assign(item_id="JPN-01", member="Japan")
    labelled = labelled_items(
        labels.drop(columns=["act", "kind"]).assign(exclusion=""), pd.concat([labels, tagged]), sentences
    )
    rows = evidence_findings(labelled, pd.DataFrame(), pd.DataFrame(), report.tally(), report.codebook)
    return {row["check"]: row["message"] for row in rows}


def test_an_act_not_done_is_not_counted_unless_the_item_counts_for_something_else(report: Any) -> None:
    refused = ("", "not_done", "classifier", False)
    assert status(report, refused) == {"act_not_done": "is not counted: JPN-01.1 says that the act was not done."}
    assert status(report, refused, refused)["act_not_done"].endswith(
        "JPN-01.1, JPN-01.2 say that the act was not done."
    )
    assert status(report, refused, ("counter", "done", "classifier", False)) == {}


def test_a_person_settles_whether_an_undone_act_contradicts(report: Any) -> None:
    undone = "JPN-01.1 says that an earlier act was undone, which gives no dimension."
    assert status(report, ("", "reversed", "classifier", False))["act_reversed"].startswith(undone)
    assert set(status(report, ("", "", "llm", False))) == {"act_reversed"}  # an act left empty is the tagger's
    for act in ("reversed", ""):
        assert status(report, ("", act, "analyst", False)) == status(report, ("", act, "analyst", True)) == {}


def slips(report: Any) -> list[dict[str, Any]]:
    items = build(ITEMS, report.items)
    return text_findings(items, mentioned_members(items, report.codebook), report.codebook)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("On 1 July 2024, Italy paid for it.", ""),
        ("On 1 July 2024, On 1 July 2024, Italy paid.", "repeated_words"),
        ("On 1 July 2024, Italy said that that was enough.", ""),
        ("On 1 July 2024, Italy had had enough and paid for for it.", "repeated_words"),
        ("On 1 July 2024, Italy paid EUR1,000,000.", ""),
        ("On 1 July 2024, Italy paid. E The rest followed.", "stray_letter"),
        ("On 1 July 2024, Italy paid. A ship followed. I was there.", ""),
        ("On 1 July 2024, Italy paid for it", "no_full_stop"),
        ("On 1 July 2024, Italy said: “We pay.”", ""),
        ("On 1 July 2024, the G7 ministers paid.", ""),
        ("On 1 July 2024, Tokyo paid.", "member_not_named"),
    ],
)
def test_slips_are_found_and_english_is_not(report: Any, text: str, check: str) -> None:
    report.items[0]["text"] = text
    assert list(report.messages(slips(report))) == ([f"{check}:{FIRST}"] if check else [])


def test_an_item_that_stops_or_has_no_date_is_named(report: Any) -> None:
    report.items[0] |= {"text": "On 1 July 2024, Italy sent small", "status": "cut_off"}
    report.items[1] |= {"date": pd.NaT, "status": "date_unread"}
    assert [(row["finding_id"], row["severity"], row["message"]) for row in slips(report)] == [
        (f"cut_off:{FIRST}", "medium", "stops in mid-sentence: 'On 1 July 2024, Italy sent small'."),
        ("date_unread:2024-19/ITA-02", "low", "its date cannot be read, so the item always counts."),
    ]


def test_members_are_known_by_other_names_as_whole_words(codebook: Codebook) -> None:
    texts = ["The UK and U.S. officers met Europol in Rome.", "Nobody trusts the museum."]  # no "US", no "UK"
    items = pd.DataFrame({"item_id": ["a", "b"], "text": texts})
    found = {"a": ["Italy", "United Kingdom", "United States", "European Union"], "b": []}
    assert mentioned_members(items, codebook) == found
