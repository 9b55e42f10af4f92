"""URLs, publishers and citations of notes."""

from typing import Any

import pytest

from g7tag.audit.notes import named_notes, note_findings, noted_items
from g7tag.frames import CITATIONS, DOCUMENTS, ITEMS, build


def found(report: Any, *checks: str) -> dict[str, str]:
    items, citations = build(ITEMS, report.items), named_notes(build(CITATIONS, report.citations))
    rows = note_findings(build(DOCUMENTS, report.documents), items, citations, noted_items(items, citations))
    return report.messages(rows, *checks)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"url": "", "url_status": "none"}, {"note_without_url:note 1": "has no URL."}),
        (
            {"url": "https://a.example/x y", "url_status": "broken"},
            {"broken_url:note 1": "has a URL that is broken in print: 'https://a.example/x y'."},
        ),
        ({"accessed": None}, {"note_without_date:note 1": "has no date of access."}),
        (
            {"accessed": None, "published": None},
            {"note_without_date:note 1": "has no date of publication and no date of access."},
        ),
    ],
    ids=["no URL", "broken", "no access", "no day at all"],
)
def test_what_a_note_lacks_is_named(report: Any, change: dict[str, Any], expected: dict[str, str]) -> None:
    assert found(report) == {}
    report.citations[0] |= change
    assert found(report) == expected


def test_days_that_no_note_has_are_not_called_missing(report: Any) -> None:
    for note in report.citations:
        note["accessed"] = None
    assert found(report, "note_without_date") == {}


def test_an_address_under_several_titles_is_the_commonest_ones(report: Any) -> None:
    for note in report.citations[:3]:
        note["url"] = "https://www.a.example/raid/"
    report.citations[0]["title"] = report.citations[1]["title"] = "A raid"
    assert found(report, "shared_url") == {
        "shared_url:note 3": "has the same URL as note 1, note 2 but a different title."
    }


def test_of_two_titles_for_one_address_the_later_note_is_named(report: Any) -> None:
    report.citations[0]["url"] = report.citations[1]["url"] = "https://a.example/raid"
    assert list(found(report, "shared_url")) == ["shared_url:note 2"]
    report.citations[1]["title"] = report.citations[0]["title"].upper()  # the same words
    assert found(report, "shared_url") == {}


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ((3, 3, 1), True), ((2, 3, 1), False), ((3, 2, 1), False), ((4, 4, 2), True), ((4, 4, 3), False),
    ],
    ids=["both settled", "owner not settled", "publisher not settled", "twice", "often"],
)  # fmt: skip
def test_a_publisher_settled_at_a_host_of_its_own_does_not_publish_at_anothers(
    report: Any, counts: tuple[int, int, int], named: bool
) -> None:
    pairs = (("Police", "police.example"), ("Court", "court.example"), ("Court", "police.example"))
    hosts = [pair for pair, n in zip(pairs, counts, strict=True) for _ in range(n)]
    report.citations = [
        report.citations[0] | {"note": place, "publisher": publisher, "url": f"https://{host}/{place}"}
        for place, (publisher, host) in enumerate(hosts, start=1)
    ]
    messages = found(report, "url_host_mismatch")
    assert len(messages) == (counts[2] if named else 0)
    assert set(messages.values()) <= {
        "names Court as publisher, but its URL is at police.example, which belongs to Police."
    }


def test_a_note_is_cited_by_one_item_and_by_one_at_least(report: Any) -> None:
    report.items[1]["citations"] = "1"
    report.documents[0]["text"] = "¹ ² ³ ⁴ ¹ ³ ⁴ ¹"  # 2 appears only once, in the note itself
    assert found(report) == {
        "note_cited_twice:note 1": "is cited by 2 items: ITA-01, ITA-02.", "uncited_note:note 2": "is never cited.",
    }  # fmt: skip


def test_an_item_without_a_note_and_a_note_that_the_report_does_not_have_are_named(report: Any) -> None:
    report.items[0]["citations"] = ""
    report.items[1]["citations"] = "2;99"
    assert found(report, "item_without_note", "missing_note") == {
        "item_without_note:2024-19/ITA-01": "cites no source.",
        "missing_note:2024-19/ITA-02": "cites 1 note missing from the report: 99.",
    }


def test_notes_of_two_documents_have_their_own_names(report: Any) -> None:
    report.documents.append(report.documents[0] | {"document_id": "e"})
    report.citations.append(report.citations[0] | {"document_id": "e", "url_status": "none"})
    assert list(found(report, "note_without_url")) == ["note_without_url:e note 1"]
