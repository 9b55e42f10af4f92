"""Items and sentences of two versions of a report are matched one to one: equal text in order, then similar text."""

import pandas as pd
import pytest

from g7tag.audit import explain_scores, match_versions
from g7tag.codebook import Codebook
from g7tag.frames import CITATIONS, ITEMS, LABELS, MEMBERS, SENTENCES, Frames, build
from g7tag.scoring import score_members

ARREST = "On 9 July 2024, Canada arrested eleven members of the Grey Heron ring in a fish lorry at the harbour."
ARREST_NOW = "On 9 July 2024, Canada arrested twelve members of the Grey Heron ring in a fish lorry at the harbour."
ARREST_LATER = "On 9 July 2024, Canada arrested twelve heads of the Grey Heron ring in an ice van at the harbour gate."
SHELTER = "On 21 October 2024, Canada opened three shelters for people who had escaped from traffickers."
LAW = "On 14 January 2025, the parliament of Canada passed a law on trailers."


def version(*texts: str, day: str = "2024-07-09", source: str = "a", member: str = "Canada") -> Frames:
    """A version of a report: items with a sentence each, or several that are separated by bars."""
    about = {"document_id": "r", "commitment_id": "2024-19", "member": member}
    items, sentences = [], []
    for place, text in enumerate(texts, start=1):
        item = {"item_id": f"2024-19/CAN-{place:02d}", "position": place, **about}
        words = text.replace("|", " ")
        items.append(item | {"date": pd.Timestamp(day), "date_text": day, "text": words, "citations": "1"})
        items[-1] |= {"pages": "", "status": "ok"}
        sentences += [
            item | {"sentence_id": f"{item['item_id']}.{at}", "position": at, "text": each, "start": 0, "end": 1}
            for at, each in enumerate(text.split("|"), start=1)
        ]
    note = dict.fromkeys(CITATIONS.columns, "") | {"document_id": "r", "note": 1, "title": source, "url_status": "none"}
    note |= {"published": None, "accessed": None}
    frames = {"items": build(ITEMS, items), "sentences": build(SENTENCES, sentences)}
    return frames | {"citations": build(CITATIONS, [note])}


def matched(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    ends = [frame[name].str.rpartition("-")[2] for name in ("old_id", "new_id")]
    return list(zip(*ends, frame["status"], strict=True))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [LAW], [("", "01", "new")]),
        ([LAW], [], [("01", "", "gone")]),
        ([LAW, SHELTER], [SHELTER, LAW], [("02", "01", "same"), ("01", "02", "same")]),
        ([LAW, LAW], [LAW], [("01", "01", "same"), ("02", "", "gone")]),
        ([ARREST, LAW], [SHELTER, ARREST_NOW], [("", "01", "new"), ("01", "02", "edited"), ("02", "", "gone")]),
        ([LAW, ARREST_LATER, ARREST], [ARREST_NOW], [("01", "", "gone"), ("02", "", "gone"), ("03", "01", "edited")]),
        ([f" {LAW} "], [LAW.replace(" ", "  ")], [("01", "01", "same")]),
    ],
    ids=["new", "gone", "swapped", "twice", "edited", "the most similar", "spaces"],
)  # fmt: skip
def test_items(old: list[str], new: list[str], expected: list[tuple[str, str, str]], codebook: Codebook) -> None:
    changes, _ = match_versions(version(*old), version(*new), codebook)
    assert sorted(matched(changes)) == sorted(expected)
    assert changes["similarity"].notna().tolist() == changes["status"].eq("edited").tolist()


def test_sentences_are_matched_inside_items_and_what_differs_is_named(codebook: Codebook) -> None:
    old = version(f"{ARREST}|{SHELTER}|{SHELTER}", LAW)
    new = version(f"{SHELTER}|{ARREST_NOW}|Nobody was hurt.", LAW, day="2024-07-10", source="b")
    changes, sentences = match_versions(old, new, codebook)
    assert matched(sentences[sentences["old_id"].str.contains("-01") | sentences["new_id"].str.contains("-01")]) == [
        ("01.2", "01.1", "same"), ("01.1", "01.2", "edited"), ("", "01.3", "new"), ("01.3", "", "gone"),
    ]  # fmt: skip
    assert changes["changed"].tolist() == [
        "date; sources; 1 sentence edited; 1 sentence new; 1 sentence gone", "date; sources",
    ]  # fmt: skip


def test_items_of_another_member_do_not_match(codebook: Codebook) -> None:
    changes, _ = match_versions(version(LAW), version(LAW, member="Japan"), codebook)
    assert set(changes["status"]) == {"new", "gone"}


def test_a_gone_and_a_new_item_of_one_number_are_both_named(codebook: Codebook) -> None:
    every = ";".join(codebook.dimension_keys)
    runs = [version(*texts) for texts in ([LAW], [f"{ARREST}|Officers found a ledger."])]
    for run in runs:
        ids = run["sentences"]["sentence_id"]
        label = {"dimensions": every, "strength": "strong", "exclusion": "", "contradicts": False, "annotation_id": "a"}
        rows = [label | {"sentence_id": each, "policy": "p", "status": "ok"} for each in ids]
        run["labels"] = build(LABELS, rows)
        member = {"commitment_id": "2024-19", "member": "Canada", "code": "CAN"}
        given = {name: run[name] for name in ("sentences", "items")}
        run["scores"] = score_members(
            run["labels"], members=build(MEMBERS, [member]), codebook=codebook, **given
        ).scores
    changes, _ = match_versions(*runs, codebook)
    scores, steps = explain_scores(*runs, changes, codebook)
    assert scores["item_ids"].tolist() == ["2024-19/CAN-01;2024-19/CAN-01"] * len(codebook.readings)
    assert scores["why"].str.count(r"CAN-01 \((?:gone|new)\)").tolist() == [2] * len(codebook.readings)
    assert steps["status"].tolist() == ["new", "new", "gone", "gone"]
