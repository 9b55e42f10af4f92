"""Fields of printed notes."""

from datetime import date

import pytest

from g7tag.evidence.citations import notes_of_several_sources, read_citations, split_note, split_title
from g7tag.sources import Block
from g7tag.sources.typed import find_blocks


def blocks_of(text: str) -> list[Block]:
    return find_blocks(text, [], None).blocks


def rows(text):
    return {row["note"]: row for row in read_citations(text, blocks_of(text), document_id="r")}


FIRST = "A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
SECOND = "A vote, Post (Turin) 2 May 2024. Access Date: 4 May 2024. https://b.it/vote"
DATED_LAST = "A law, Gazette (Rome) 1 May 2024. https://a.it/law. Access Date: 3 May 2024"


def test_a_note_gives_one_row_with_all_its_fields_wherever_its_lines_end():
    words = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Translation provided by Ann Other. Access Date: 3 May 2024."
    expected = {
        4414: {
            "document_id": "r", "note": 4414, "title": "A law", "publisher": "Gazette", "place": "Rome",
            "published": date(2024, 5, 1), "accessed": date(2024, 5, 3), "url": "https://a.it/law", "url_status": "ok",
            "translation": "Ann Other",
        }
    }  # fmt: skip
    assert rows(f"{words} https://a.it/law") == expected
    for place in (place for place, character in enumerate(words) if character == " " and place > len("⁴⁴¹⁴")):
        assert rows(f"{words[:place]}\n{words[place + 1 :]} https://a.it/law") == expected, words[place:]
    assert rows("They met.") == {}


@pytest.mark.parametrize(("printed", "published"), [
    ("1 May 2024.", date(2024, 5, 1)), ("May 1, 2024.", date(2024, 5, 1)),
    ("May 2024.", None), ("n.d.", None), ("31 June 2024.", None),
], ids=["day first", "month first", "month only", "n.d.", "no such day"])  # fmt: skip
def test_the_date_of_a_note_is_no_part_of_its_source(printed, published):
    fields = split_note(f"A law, Gazette (Rome) {printed} Access Date: 3 May 2024. https://a.it/law")
    assert (fields.named, fields.place, fields.published) == ("A law, Gazette", "Rome", published)


@pytest.mark.parametrize(("end", "accessed"), [
    *(
        (f"{words}: 3 May 2024. https://a.it/law", date(2024, 5, 3))
        for words in ("Access Date", "Accessed Date", "Date of Access", "Accessed on", "Last accessed")
    ),
    ("Access date: May 3 2024 https://a.it/law", date(2024, 5, 3)),
    ("https://a.it/law (accessed 3 May 2024).", date(2024, 5, 3)),
    ("https://a.it/law, accessed 3 May 2024.", date(2024, 5, 3)),
    ("https://a.it/law. Last accessed: 3 May 2024.", date(2024, 5, 3)),
    ("https://a.it/law [last accessed 3 May 2024]", date(2024, 5, 3)),
    ("Retrieved 3 May 2024. https://a.it/law", date(2024, 5, 3)),
    ("https://a.it/law", None),
])  # fmt: skip
def test_the_day_of_access_may_be_printed_in_several_ways_on_either_side_of_the_address(end, accessed):
    fields = split_note(f"A law, Gazette (Rome) 1 May 2024. {end}")
    assert fields[:3] == ("A law, Gazette", "Rome", date(2024, 5, 1))
    assert (fields.accessed, fields.url) == (accessed, "https://a.it/law")


@pytest.mark.parametrize(("source", "named", "place"), [
    ("A law, Gazette (n/a)", "A law, Gazette", "n/a"),
    ("A law, Gazette", "A law, Gazette", ""),
    ("A law (short, long), Gazette (Washington, D.C.)", "A law (short, long), Gazette", "Washington, D.C."),
    ("Talks of 3 May 2023 (Rome), Gazette (Turin)", "Talks of 3 May 2023 (Rome), Gazette", "Turin"),
], ids=["n/a", "missing", "with a comma, behind brackets", "date and place in the title"])  # fmt: skip
def test_the_last_brackets_before_the_date_name_the_place(source, named, place):
    fields = split_note(f"{source} 1 May 2024. Translation Provided by Google Translate. https://a.it/law")
    assert (fields.named, fields.place, fields.published) == (named, place, date(2024, 5, 1))
    assert fields.translation == "Google Translate"


@pytest.mark.parametrize(("named", "title", "publisher"), [
    ("A law, Gazette", "A law", "Gazette"),
    ("Boats, planes, and trains, Gazette", "Boats, planes, and trains", "Gazette"),
    ("On boats, Ministry of Economy, Trade and Industry", "On boats", "Ministry of Economy, Trade and Industry"),
    ("“A law,” Gazette", "“A law”", "Gazette"),
    ("A law on boats. Gazette", "A law on boats", "Gazette"),
    ("A study of gangs", "A study of gangs", ""),
    ("", "", ""),
    ("Boats, planes and trains G7 Centre", "Boats, planes and trains", "G7 Centre"),  # known from other notes
])  # fmt: skip
def test_the_last_comma_outside_a_name_parts_title_and_publisher(named, title, publisher):
    assert split_title(named, ["G7 Centre"]) == (title, publisher)


def test_a_publisher_is_known_once_two_notes_name_it_behind_a_comma():
    text = (
        "⁴⁴¹¹ One, Centre (Rome) n.d. https://a.it/1\n\n⁴⁴¹² Two, Centre (Rome) n.d. https://a.it/2\n\n"
        "⁴⁴¹³ Three Centre (Rome) n.d. https://a.it/3\n\n⁴⁴¹⁴ Four, Gazette (Rome) n.d. https://a.it/4\n\n"
        "⁴⁴¹⁵ Five Gazette (Rome) n.d. https://a.it/5"
    )
    read = rows(text)
    assert (read[4413]["title"], read[4413]["publisher"]) == ("Three", "Centre")
    assert (read[4415]["title"], read[4415]["publisher"]) == ("Five Gazette", "")


@pytest.mark.parametrize(("text", "title", "url", "status"), [
    ("⁴⁴¹⁴ Adapted from A law, Gazette (Rome) n.d. https://a.it/law", "A law", "https://a.it/law", "ok"),
    ("⁴⁴¹⁴ 7 arrested, Gazette (Rome) n.d. https://a.it/7", "7 arrested", "https://a.it/7", "ok"),
    ("⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024.", "A law", "", "none"),
    ("https://a.it/law\n\n⁴⁴¹⁴ A law, Gazette (Rome) n.d.", "A law", "https://a.it/law", "repaired"),
    *(
        (f"⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access{cut}2024. https://a.it/law", "A law", "https://a.it/law", "ok")
        for cut in ("\n\nDate: 3 May ", " Date: 3 May\n\n", " Date: 3\n\nMay ")
    ),
    ("⁴⁴¹⁴ A law, Gazette (Rome) n.d. https://a.it/law↩", "A law", "https://a.it/law", "ok"),
    ("⁴⁴¹⁴ A law, Gazette (Rome) n.d. https://a.it/law↑", "A law", "https://a.it/law", "ok"),
    *(
        (
            f"https://a.it/plan\n\nhttps://a.it/laws\n\n⁴⁴¹⁴ {title}, Gazette (Rome) n.d.\n\n"
            "⁴⁴¹⁵ Laws, Gazette (Rome) n.d.", title, "https://a.it/plan", status,
        )
        for title, status in (("A plan", "repaired"), ("A deed", "broken"))
    ),
])  # fmt: skip
def test_the_title_and_the_url_of_a_note(text, title, url, status):
    row = rows(f"They met.⁴⁴¹⁴\n\n{text}")[4414]
    assert (row["title"], row["url"], row["url_status"]) == (title, url, status)


@pytest.mark.parametrize("first", [FIRST, DATED_LAST], ids=["URL last", "access date last"])
@pytest.mark.parametrize("between", ["; ", ". ", " ", " and ", "; see also ", " (in Italian); "])
@pytest.mark.parametrize("second", [SECOND, "https://b.it/vote"], ids=["whole", "URL"])
def test_a_note_of_two_sources_has_the_fields_of_the_first_and_neither_is_evidence(first, between, second):
    for both in (f"{first}{between}{second}", f"{first}\n{SECOND}"):
        text = f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {both}\n\nThey left."
        assert rows(text) == rows(f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {FIRST}")
        blocks = blocks_of(text)
        assert notes_of_several_sources(blocks) == [4414]
        assert ["".join(block.pieces()) for block in blocks if not block.note] == ["They met.⁴⁴¹⁴", "They left."]


@pytest.mark.parametrize(("printed", "url", "status"), [
    ("https://a.org/ news/one", "https://a.org/news/one", "repaired"),
    ("https://a.org/media-\nPress/one", "https://a.org/media-Press/one", "repaired"),
    ("https://a.org/for-illegal immigrants", "https://a.org/for-illegal immigrants", "broken"),
    ("https://web.archive.org/web/2/https://a.org/x", "https://web.archive.org/web/2/https://a.org/x", "ok"),
])  # fmt: skip
def test_the_first_of_two_urls_is_whole_and_one_url_is_one_source(printed, url, status):
    one = f"⁴⁴¹⁴ A law of www.a.org, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. {printed}"
    row = rows(f"{one}; {SECOND}")[4414]
    assert (row["url"], row["url_status"]) == (url, status)
    assert rows(one)[4414]["title"] == "A law of www.a.org"
    assert notes_of_several_sources(blocks_of(one)) == []
