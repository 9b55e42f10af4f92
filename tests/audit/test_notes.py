"""URLs, publishers and citations of notes."""

from typing import Any

import pytest

CHECKS = (
    "note_without_url", "broken_url", "note_without_date", "shared_url", "url_host_mismatch", "note_cited_twice",
    "uncited_note", "item_without_note", "no_citations",
)  # fmt: skip


def test_a_report_that_fits_has_no_such_finding(report: Any) -> None:
    assert report.found(*CHECKS) == {}


@pytest.mark.parametrize(
    ("change", "found"),
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
def test_what_a_note_lacks_is_named(report: Any, change: dict[str, Any], found: dict[str, str]) -> None:
    report.citations[0] |= change
    assert report.found(*CHECKS) == found


def test_days_that_no_note_has_are_not_called_missing(report: Any) -> None:
    for note in report.citations:
        note["accessed"] = None
    assert report.found("note_without_date") == {}


def test_an_address_under_several_titles_is_the_commonest_ones(report: Any) -> None:
    for note in report.citations[:3]:
        note["url"] = "https://www.a.example/raid/"
    report.citations[0]["title"] = report.citations[1]["title"] = "A raid"
    assert report.found("shared_url") == {
        "shared_url:note 3": "has the same URL as note 1, note 2 but a different title."
    }


def test_of_two_titles_for_one_address_the_later_note_is_named(report: Any) -> None:
    report.citations[0]["url"] = report.citations[1]["url"] = "https://a.example/raid"
    assert list(report.found("shared_url")) == ["shared_url:note 2"]
    report.citations[1]["title"] = report.citations[0]["title"].upper()  # the same words
    assert report.found("shared_url") == {}


def test_a_publisher_with_a_host_of_its_own_does_not_publish_at_anothers(report: Any) -> None:
    hosts = [("Police", "police.example")] * 3 + [("Court", "court.example")] * 3 + [("Court", "police.example")]
    report.citations = [
        report.citations[0] | {"note": place, "publisher": publisher, "url": f"https://{host}/{place}"}
        for place, (publisher, host) in enumerate(hosts, start=1)
    ]
    assert report.found("url_host_mismatch") == {
        "url_host_mismatch:note 7": "names Court as publisher, but its URL is at police.example, which belongs to "
        "Police."
    }


def test_a_publisher_may_often_publish_at_anothers_host(report: Any) -> None:
    """Three notes of the court at the host of the police are no slip."""
    hosts = [("Police", "police.example")] * 4 + [("Court", "court.example")] * 4 + [("Court", "police.example")] * 3
    report.citations = [
        report.citations[0] | {"note": place, "publisher": publisher, "url": f"https://{host}/{place}"}
        for place, (publisher, host) in enumerate(hosts, start=1)
    ]
    assert report.found("url_host_mismatch") == {}


def test_a_note_is_cited_by_one_item_and_by_one_at_least(report: Any) -> None:
    report.items[1]["citations"] = "1"
    report.documents[0]["text"] = "¹ ² ³ ⁴ ¹ ³ ⁴ ¹"  # 2 appears only once, in the note itself
    assert report.found(*CHECKS) == {
        "note_cited_twice:note 1": "is cited by 2 items: ITA-01, ITA-02.", "uncited_note:note 2": "is never cited.",
    }  # fmt: skip


def test_an_item_without_a_note_and_a_report_without_any(report: Any) -> None:
    report.items[0]["citations"] = ""
    assert report.found("item_without_note") == {"item_without_note:2024-19/ITA-01": "cites no source."}
    report.citations = []
    for item in report.items:
        item["citations"] = ""
    assert report.found("no_citations") == {
        "no_citations:2024-19": "the report has no notes, so no sources were checked."
    }


def test_notes_of_two_documents_have_names_of_their_own(report: Any) -> None:
    report.documents.append(report.documents[0] | {"document_id": "e"})
    report.citations.append(report.citations[0] | {"document_id": "e", "url_status": "none"})
    assert list(report.found("note_without_url")) == ["note_without_url:e note 1"]


@pytest.mark.parametrize("titles", [("Alpha", "Beta"), ("Beta", "Alpha")])
def test_of_two_titles_the_first_stands_whatever_they_are(report: Any, titles: tuple[str, str]) -> None:
    for note, title in zip(report.citations, titles, strict=False):
        note |= {"url": "https://a.example/raid", "title": title}
    assert list(report.found("shared_url")) == ["shared_url:note 2"]


def test_a_note_that_the_report_does_not_have_is_named(report: Any) -> None:
    report.items[0]["citations"] = "1;99"
    assert report.found("missing_note") == {"missing_note:2024-19/ITA-01": "cites 1 note missing from the report: 99."}
