"""Commitments, members' sections, items, conclusions and scores found in a report's text."""

from datetime import date

import pytest

from g7tag.errors import SourceError
from g7tag.evidence.chapters import read_chapters, summit_year
from g7tag.evidence.layout import read_layout
from g7tag.evidence.members import check_members

SECTION = """
Japan: 0

Japan has partially complied with its commitment to act.

On 5 July 2024, police seized boats.⁴⁴¹⁴

Japan has partially complied with its commitment to act.

Thus, Japan receives a score of 0.

Analysts: Ann Other, Bo Li and Cy Doe

⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law
"""
FRONT = """
19. Migration: Smuggling

“We will act.”

Assessment

\tNo Compliance\tPartial Compliance\tFull Compliance
Canada\t−1\t\t
Japan\t\t0\t
Average\t−0.50 (25%)\t\t

General Interpretive Guidelines

Full compliance needs action.

A score of −1 needs none.

Scoring Guidelines

−1 No action.

+1 Some action.

Compliance Director: Di Rector
"""


CANADA = """
Canada: −1

Canada has not complied with its commitment to act.

Thus, Canada receives a score of −1.

Analyst: Di Rector
"""


@pytest.fixture
def read(codebook):
    """Chapters of a text, all of the codebook's commitment."""

    def chapters(text):
        found = read_chapters(text, read_layout(text), codebook).chapters
        for chapter in found:
            check_members(chapter, codebook, own=True)
        return found

    return chapters


@pytest.fixture
def section(read):
    """The one section of a text."""
    return lambda text: read(text)[0].sections[0]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024 G7 Apulia Summit", "2024"), ("2009 G8 Summit", "2009"), ("A report", ""), ("2024 G20 Rio", ""),
        ("x" * 5000 + " 2024 G7 Summit", ""),
    ],
    ids=["G7", "G8", "no year", "another group", "too far behind"],
)  # fmt: skip
def test_the_first_lines_name_the_summit_year(text, year):
    assert summit_year(text) == year


def test_the_front_of_a_chapter_is_read(read):
    chapter = read(FRONT + SECTION + CANADA)[0]
    assert (chapter.number, chapter.title, chapter.text) == (19, "Migration: Smuggling", "We will act.")
    assert chapter.guidelines == "Full compliance needs action.\n\nA score of −1 needs none."
    assert chapter.scoring_table == "−1 No action.\n+1 Some action."


def test_printed_scores_may_have_a_real_minus_sign(read):
    chapter = read(FRONT + SECTION + CANADA)[0]
    assert (chapter.average, chapter.percent, chapter.table) == (-0.5, 25.0, {"Canada": -1, "Japan": 0})


@pytest.mark.parametrize(
    ("printed", "score"), [("0", 0), ("+1", 1), ("1", 1), ("-1", -1), ("−1", -1), ("–1", -1)],
    ids=["zero", "plus", "no sign", "hyphen", "minus sign", "dash"],
)  # fmt: skip
def test_a_score_is_read_with_any_sign(section, printed, score):
    found = section(SECTION.replace("Japan: 0", f"Japan: {printed}").replace("score of 0", f"score of {printed}"))
    assert (found.heading_score, found.stated_score) == (score, score)


def test_a_section_without_a_thus_states_no_score(section):
    assert section(SECTION.replace("Thus, Japan receives a score of 0.\n", "")).stated_score is None


def test_a_numbered_heading_of_the_contents_page_opens_no_chapter(read):
    contents = "1. Ukraine: Loans\t3\n18. Migration: Borders\t\n19. Migration: Smuggling\t743\n20. Cyber\t\n"
    assert [chapter.number for chapter in read(contents + FRONT + SECTION + CANADA)] == [19]


def test_each_chapter_has_its_own_sections(read):
    first = FRONT.replace("19. Migration: Smuggling", "18. Migration: Borders") + CANADA + SECTION
    chapters = read(first + FRONT + SECTION + CANADA)
    assert [(chapter.number, [part.member for part in chapter.sections]) for chapter in chapters] == [
        (18, ["Canada", "Japan"]), (19, ["Japan", "Canada"]),
    ]  # fmt: skip


def test_without_a_chapter_heading_the_codebook_gives_the_number(read):
    chapter = read(SECTION)[0]
    assert (chapter.number, chapter.title, chapter.text, chapter.table, chapter.average) == (19, "", "", {}, None)


@pytest.mark.parametrize(
    ("printed", "analysts"),
    [
        ("Analyst: Ann Other", ["Ann Other"]),
        ("Analysts: Ann Other and Bo Li", ["Ann Other", "Bo Li"]),
        ("Analysts: Ann Other, Bo Li and Cy Doe", ["Ann Other", "Bo Li", "Cy Doe"]),
        ("Analysts: Ann Other, Bo Li, and Sandy Doe", ["Ann Other", "Bo Li", "Sandy Doe"]),
    ],
    ids=["one", "two", "three", "serial comma"],
)
def test_analysts_are_read_one_by_one(section, printed, analysts):
    assert section(SECTION.replace("Analysts: Ann Other, Bo Li and Cy Doe", printed)).analysts == analysts


def test_evidence_behind_the_analysts_is_refused_and_other_text_is_not_evidence(read):
    assert len(read(SECTION + "\nAnnex\n\nA map was drawn.\n")[0].sections[0].items) == 1
    with pytest.raises(
        SourceError,
        match=r"behind the end of a section and no heading, or a heading without a score: 'On 6 July 2024, a map",
    ):
        read(SECTION + "\nOn 6 July 2024, a map was drawn.\n")


@pytest.mark.parametrize("heading", ["EU: +1", "Italy : N/A", "Italy"], ids=["short name", "no score", "no colon"])
def test_a_section_whose_heading_is_not_read_is_never_dropped(read, heading):
    with pytest.raises(SourceError, match=r"Expected (members of|a heading such as)"):
        read(f"{SECTION}\n{heading}\n\nOn 6 July 2024, a map was drawn.\n")


def test_a_member_of_the_table_without_a_section_is_named(read):
    with pytest.raises(SourceError, match=r"commitment 19 scores 'Canada' in its table, found no section"):
        read(FRONT + SECTION)


@pytest.mark.parametrize("heading", ["Japan:0", "Japan : 0", "Japan: −0", "Japan: 0.0", "Japan: ‑0"])
def test_headings_may_be_spaced_and_signed_in_many_ways(read, heading):
    assert read(SECTION.replace("Japan: 0", heading))[0].sections[0].heading_score == 0


def test_a_section_may_have_no_items(read):
    assert read("Japan: -1\n\nJapan has not complied with its commitment to act.\n")[0].sections[0].items == []


@pytest.mark.parametrize(
    "words",
    [
        "has fully complied with its commitment to act.",
        "has not complied with its commitment to act.",
        "has failed to comply with its commitment to act.",
    ],
    ids=["fully", "not", "failed"],
)
def test_conclusions_stand_before_and_behind_the_items(section, words):
    found = section(SECTION.replace("has partially complied with its commitment to act.", words))
    assert found.conclusions == [(f"Japan {words}", "opening"), (f"Japan {words}", "closing")]
    assert len(found.items) == 1


def test_a_section_may_close_with_two_conclusions(section):
    found = section(SECTION.replace("\nThus,", "\nJapan has fully complied with its commitment to be brief.\n\nThus,"))
    assert [place for _, place in found.conclusions] == ["opening", "closing", "closing"]


@pytest.mark.parametrize(
    "paragraph",
    [
        "On 6 July 2024, Japan said that it has fully complied with its commitment to act.⁴⁴¹⁴",
        "In June 2024, envoys said that Japan has complied with its commitment to act.⁴⁴¹⁴",
    ],
    ids=["dated", "undated"],
)
def test_an_item_that_speaks_of_compliance_is_no_conclusion(section, paragraph):
    found = section(SECTION.replace("\nOn 5 July", f"\n{paragraph}\n\nOn 5 July"))
    assert (len(found.items), len(found.conclusions)) == (2, 2)


@pytest.mark.parametrize(
    ("paragraph", "date_text", "day", "status"),
    [
        ("On 5 July 2024, police seized boats.⁴⁴¹⁴", "5 July 2024", date(2024, 7, 5), "ok"),
        ("On 31 June 2024, police seized boats.⁴⁴¹⁴", "31 June 2024", None, "date_unread"),
        ("In July 2024, police seized boats.⁴⁴¹⁴", "", None, "date_unread"),
        ("On July 5, 2024, police seized boats.⁴⁴¹⁴", "July 5, 2024", date(2024, 7, 5), "ok"),
        ("On 5 July, police seized boats.⁴⁴¹⁴", "", None, "date_unread"),
        ("On 5 July 2024, police seized small", "5 July 2024", date(2024, 7, 5), "cut_off"),
        ("On 5 July 2024, police seized boats⁴⁴¹⁴", "5 July 2024", date(2024, 7, 5), "ok"),
        ("On 5 July 2024, police said: “We act.”⁴⁴¹⁴", "5 July 2024", date(2024, 7, 5), "ok"),
        ("On 5 July 2024, police seized boats.", "5 July 2024", date(2024, 7, 5), "ok"),
    ],
    ids=[
        "dated", "no such day", "month only", "month first", "no year", "stops in a sentence",
        "note but no full stop", "quote", "no note",
    ],
)  # fmt: skip
def test_an_item_says_how_well_it_was_read(section, paragraph, date_text, day, status):
    item = section(SECTION.replace("On 5 July 2024, police seized boats.⁴⁴¹⁴", paragraph)).items[0]
    assert (item.date_text, item.date, item.status) == (date_text, day, status)


def test_the_last_item_of_a_section_that_breaks_off_is_cut_off(section):
    assert section("Japan: 0\n\nOn 5 July 2024, police seized small").items[0].status == "cut_off"


def test_a_text_without_a_section_is_refused(read):
    expected = r"^no member's section found\. Expected headings such as 'Canada: 0', 'France: 0', 'Germany: 0'"
    with pytest.raises(SourceError, match=expected):
        read("They met on 5 July 2024.\n\nThey talked.")


def test_a_section_of_an_unknown_member_is_refused_with_the_known_ones(read):
    expected = r"^sections headed 'Atlantis'\. Expected members of codebook '2024-apulia-19': Canada, .*Union\.$"
    with pytest.raises(SourceError, match=expected):
        read(SECTION.replace("Japan", "Atlantis"))


def test_a_member_with_two_sections_is_refused(read):
    expected = r"^commitment 19 has two sections headed 'Japan', expected one a member; mend the text\."
    with pytest.raises(SourceError, match=expected):
        read(SECTION + SECTION)


@pytest.mark.parametrize(
    "closing",
    [
        "Overall, Japan has partially complied with its commitment to act.",
        "Japan did not comply with its commitment to act.",
        "Japan partially complied with its commitment to act.",
    ],
)
def test_a_conclusion_is_never_evidence(section, closing):
    text = SECTION.replace("complied with its commitment to act.\n\nThus", f"x\n\n{closing}\n\nThus")
    found = section(text.replace("Japan has partially x\n\n", ""))
    assert [item.text.text for item in found.items] == ["On 5 July 2024, police seized boats."]
    assert found.conclusions[-1] == (closing, "closing")


def test_the_closing_line_may_be_worded_otherwise(section):
    found = section(SECTION.replace("Thus, Japan receives a score of 0", "Therefore, Japan has received a score of +1"))
    assert (found.stated_score, len(found.items)) == (1, 1)


def test_an_undated_item_behind_notes_is_an_item_of_its_own(section):
    note = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
    found = section(SECTION.replace("boats.⁴⁴¹⁴", f"boats.⁴⁴¹⁴\n\n{note}\n\nIn July 2024, ministers met."))
    assert [item.status for item in found.items] == ["ok", "date_unread"]


def test_a_score_table_without_tabs_is_read(read):
    front = FRONT.replace("Canada\t−1\t\t\nJapan\t\t0\t\n", "Canada −1\n\nJapan 0\n\n")
    assert "Canada\t" not in front
    assert read(front + SECTION + CANADA)[0].table == {"Canada": -1, "Japan": 0}


@pytest.mark.parametrize("place", ["opening", "closing"])
def test_a_conclusion_that_notes_cut_between_sentences_is_put_together_and_no_evidence(section, place):
    conclusion = "Japan has partially complied with its commitment to act."
    note = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
    item = "On 5 July 2024, police seized boats.⁴⁴¹⁴"
    cut = f"{conclusion}\n\n{note}\n\nIt has taken strong action."
    parts = [cut, item] if place == "opening" else [item, cut]
    found = section("Japan: 0\n\n" + "\n\n".join(parts) + "\n\nThus, Japan receives a score of 0.\n")
    assert found.conclusions == [(f"{conclusion} It has taken strong action.", place)]
    assert [each.text.text for each in found.items] == ["On 5 July 2024, police seized boats."]
