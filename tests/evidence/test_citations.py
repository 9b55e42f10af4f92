"""Fields of printed notes."""

from datetime import date

import pytest

from g7tag.evidence.citations import notes_of_several_sources, read_citations, read_date, split_note, split_title
from g7tag.evidence.layout import read_layout


def rows(text):
    return {row["note"]: row for row in read_citations(text, read_layout(text), document_id="r")}


def test_a_note_gives_one_row_with_all_its_fields():
    text = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Translation provided by Ann Other. Access Date: 3 May 2024. https://a.it/law"
    assert rows(text) == {
        4414: {
            "document_id": "r", "note": 4414, "title": "A law", "publisher": "Gazette", "place": "Rome",
            "published": date(2024, 5, 1), "accessed": date(2024, 5, 3), "url": "https://a.it/law", "url_status": "ok",
            "translation": "Ann Other",
        }
    }  # fmt: skip


def test_a_document_without_notes_gives_no_rows():
    assert rows("They met.") == {}


FIRST = "A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
SECOND = "A vote, Post (Turin) 2 May 2024. Access Date: 4 May 2024. https://b.it/vote"
DATED_LAST = "A law, Gazette (Rome) 1 May 2024. https://a.it/law. Access Date: 3 May 2024"


@pytest.mark.parametrize("first", [FIRST, DATED_LAST], ids=["URL last", "access date last"])
@pytest.mark.parametrize("between", ["; ", ". ", ", ", " ", " and ", "; see also ", " (in Italian); "])
@pytest.mark.parametrize("second", [SECOND, "https://b.it/vote"], ids=["whole", "URL"])
def test_a_note_of_two_sources_has_the_fields_of_the_first(first, between, second):
    text = f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {first}{between}{second}"
    assert rows(text) == rows(f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {FIRST}")
    assert notes_of_several_sources(text, read_layout(text)) == [4414]


def test_a_second_source_in_a_line_of_its_own_is_no_evidence():
    text = f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {FIRST}\n{SECOND}\n\nThey left."
    layout = read_layout(text)
    assert notes_of_several_sources(text, layout) == [4414]
    assert [text[part.spans[0].start : part.spans[0].end] for part in layout.paragraphs] == [
        "They met.⁴⁴¹⁴",
        "They left.",
    ]


@pytest.mark.parametrize(
    ("printed", "url", "status"),
    [
        ("https://a.org/ news/one", "https://a.org/news/one", "repaired"),
        ("https://a.org/media-\nPress/one", "https://a.org/media-Press/one", "repaired"),
        ("https://a.org/for-illegal immigrants", "https://a.org/for-illegal immigrants", "broken"),
        (
            "https://web.archive.org/web/2024/https://a.org/one",
            "https://web.archive.org/web/2024/https://a.org/one",
            "ok",
        ),
    ],
)
def test_the_first_of_two_urls_is_whole(printed, url, status):
    row = rows(f"⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. {printed}; {SECOND}")[4414]
    assert (row["url"], row["url_status"]) == (url, status)


@pytest.mark.parametrize(
    "url", ["https://a.org/x", "https:// www.a.org/ x", "https://web.archive.org/web/2/https://a.org"]
)
def test_one_url_is_one_source(url):
    text = f"⁴⁴¹⁴ A law of www.a.org, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. {url}"
    assert rows(text)[4414]["title"] == "A law of www.a.org"
    assert notes_of_several_sources(text, read_layout(text)) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("5 July 2024", date(2024, 7, 5)),
        ("July 5, 2024", date(2024, 7, 5)),
        ("July 5 2024", date(2024, 7, 5)),
        ("29 February 2024", date(2024, 2, 29)),
        ("29 February 2023", None),
        ("July 2024", None),
        ("n.d.", None),
        ("", None),
    ],
    ids=["day first", "month first", "no comma", "leap day", "no such day", "month only", "n.d.", "nothing"],
)
def test_a_printed_day_is_read_in_either_order(words, expected):
    assert read_date(words) == expected


@pytest.mark.parametrize(
    ("printed", "published"),
    [
        ("1 May 2024.", date(2024, 5, 1)), ("May 1, 2024.", date(2024, 5, 1)),
        ("May 2024.", None), ("n.d.", None), ("31 June 2024.", None),
    ],
    ids=["day first", "month first", "month only", "n.d.", "no such day"],
)  # fmt: skip
def test_the_date_of_a_note_is_no_part_of_its_source(printed, published):
    fields = split_note(f"A law, Gazette (Rome) {printed} Access Date: 3 May 2024. https://a.it/law")
    assert (fields.named, fields.place, fields.published) == ("A law, Gazette", "Rome", published)


@pytest.mark.parametrize(
    ("printed", "accessed"),
    [
        ("Access Date: 3 May 2024. ", date(2024, 5, 3)), ("Access date: May 3 2024. ", date(2024, 5, 3)),
        ("Accessed Date: 3 May 2024 ", date(2024, 5, 3)), ("", None),
    ],
    ids=["as usual", "small letter", "no full stop", "no access date"],
)  # fmt: skip
def test_an_access_date_may_be_printed_in_several_ways_or_be_missing(printed, accessed):
    fields = split_note(f"A law, Gazette (Rome) 1 May 2024. {printed}https://a.it/law")
    assert (fields.named, fields.published, fields.accessed, fields.url) == (
        "A law, Gazette", date(2024, 5, 1), accessed, "https://a.it/law",
    )  # fmt: skip


def test_a_line_end_may_stand_anywhere_in_a_note():
    words = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Translation provided by Ann Other. Access Date: 3 May 2024."
    expected = rows(f"{words} https://a.it/law")
    for place in (place for place, character in enumerate(words) if character == " " and place > len("⁴⁴¹⁴")):
        assert rows(f"{words[:place]}\n{words[place + 1 :]} https://a.it/law") == expected, words[place:]


def test_a_note_without_a_url_has_none():
    row = rows("⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024.")[4414]
    assert (row["url"], row["url_status"]) == ("", "none")


@pytest.mark.parametrize(
    "remark",
    ["Translation provided by Google Translate.", "Translation Provided by Google Translate."],
    ids=["as usual", "capital"],
)
def test_who_translated_a_source_is_read(remark):
    fields = split_note(f"A law, Gazette (Rome) 1 May 2024. {remark} Access Date: 3 May 2024. https://a.it/law")
    assert (fields.named, fields.published, fields.translation) == (
        "A law, Gazette",
        date(2024, 5, 1),
        "Google Translate",
    )


@pytest.mark.parametrize(
    ("source", "named", "place"),
    [
        ("A law, Gazette (n/a)", "A law, Gazette", "n/a"),
        ("A law, Gazette", "A law, Gazette", ""),
        ("A law (short, long), Gazette (Washington, D.C.)", "A law (short, long), Gazette", "Washington, D.C."),
        ("Talks of 3 May 2023 (Rome), Gazette (Turin)", "Talks of 3 May 2023 (Rome), Gazette", "Turin"),
    ],
    ids=["n/a", "missing", "with a comma, behind brackets", "date and place in the title"],
)
def test_the_last_brackets_before_the_date_name_the_place(source, named, place):
    fields = split_note(f"{source} 1 May 2024. Access Date: 3 May 2024. https://a.it/law")
    assert (fields.named, fields.place, fields.published) == (named, place, date(2024, 5, 1))


@pytest.mark.parametrize(
    ("named", "title", "publisher"),
    [
        ("A law, Gazette", "A law", "Gazette"),
        ("Boats, planes, and trains, Gazette", "Boats, planes, and trains", "Gazette"),
        ("On boats, Ministry of Economy, Trade and Industry", "On boats", "Ministry of Economy, Trade and Industry"),
        (
            "Boats, planes, Ministry of Economy, Trade and Industry",
            "Boats, planes", "Ministry of Economy, Trade and Industry",
        ),
        ("“A law,” Gazette", "“A law”", "Gazette"),
        ("A law on boats. Gazette", "A law on boats", "Gazette"),
        ("A study of gangs", "A study of gangs", ""),
        ("", "", ""),
    ],
    ids=[
        "one comma", "title with commas", "publisher with a comma", "both", "comma in the quotes", "full stop",
        "no publisher", "nothing",
    ],
)  # fmt: skip
def test_the_last_comma_outside_a_name_parts_title_and_publisher(named, title, publisher):
    assert split_title(named) == (title, publisher)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("Joint statement G7 Centre", ("Joint statement", "G7 Centre")),
        ("Boats, planes and trains G7 Centre", ("Boats, planes and trains", "G7 Centre")),
        ("Talks, Gazette", ("Talks", "Gazette")),
    ],
    ids=["no comma", "commas in the title alone", "comma and another publisher"],
)
def test_a_publisher_of_other_notes_is_found_without_its_comma(named, expected):
    assert split_title(named, ["G7 Centre"]) == expected


def test_a_publisher_is_known_once_two_notes_name_it_behind_a_comma():
    text = (
        "⁴⁴¹¹ One, Centre (Rome) n.d. https://a.it/1\n\n⁴⁴¹² Two, Centre (Rome) n.d. https://a.it/2\n\n"
        "⁴⁴¹³ Three Centre (Rome) n.d. https://a.it/3\n\n⁴⁴¹⁴ Four, Gazette (Rome) n.d. https://a.it/4\n\n"
        "⁴⁴¹⁵ Five Gazette (Rome) n.d. https://a.it/5"
    )
    read = rows(text)
    assert (read[4413]["title"], read[4413]["publisher"]) == ("Three", "Centre")
    assert (read[4415]["title"], read[4415]["publisher"]) == ("Five Gazette", "")


def test_adapted_from_is_no_part_of_a_title():
    assert rows("⁴⁴¹⁴ Adapted from A law, Gazette (Rome) n.d. https://a.it/law")[4414]["title"] == "A law"


def test_a_title_may_start_with_a_digit():
    assert rows("⁴⁴¹⁴ 7 arrested, Gazette (Rome) n.d. https://a.it/seven")[4414]["title"] == "7 arrested"


def test_a_url_that_stood_apart_counts_as_repaired():
    row = rows("https://a.it/law\n\n⁴⁴¹⁴ A law, Gazette (Rome) n.d.")[4414]
    assert (row["url"], row["url_status"]) == ("https://a.it/law", "repaired")


@pytest.mark.parametrize(
    ("title", "status"), [("A plan", "repaired"), ("A deed", "broken")], ids=["shares a word", "shares nothing"]
)
def test_a_url_of_one_of_two_notes_is_broken_unless_it_repeats_the_note(title, status):
    text = (
        f"https://a.it/plan\n\nhttps://a.it/laws\n\n⁴⁴¹⁴ {title}, Gazette (Rome) n.d.\n\n⁴⁴¹⁵ Laws, Gazette (Rome) n.d."
    )
    assert (rows(text)[4414]["url"], rows(text)[4414]["url_status"]) == ("https://a.it/plan", status)


@pytest.mark.parametrize(
    "end",
    ["https://a.ca/law1 (accessed 3 July 2024).", "https://a.ca/law1, accessed 3 July 2024.",
     "https://a.ca/law1. Last accessed: 3 July 2024.", "https://a.ca/law1 [last accessed 3 July 2024]",
     "Retrieved 3 July 2024. https://a.ca/law1", "last accessed 3 July 2024. https://a.ca/law1"],
)  # fmt: skip
def test_the_day_of_access_may_stand_behind_the_address(end: str) -> None:
    fields = split_note(f"A law, Press Office (Ottawa) 1 June 2024. {end}")
    assert fields[:3] == ("A law, Press Office", "Ottawa", date(2024, 6, 1))
    assert (fields.accessed, fields.url) == (date(2024, 7, 3), "https://a.ca/law1")


@pytest.mark.parametrize("arrow", ["↩", "↑", "↩\ufe0e"])
def test_a_link_back_to_the_mark_is_no_part_of_a_url(arrow):
    assert rows(f"They met.¹\n\n¹ A law, Gazette (Rome) n.d. https://a.it/law{arrow}")[1]["url"] == "https://a.it/law"
