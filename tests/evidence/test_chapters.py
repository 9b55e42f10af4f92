"""Read the commitments of a report, their front matter and their members' sections."""

import pytest
from report_texts import CANADA, FRONT, SECTION

from g7tag.errors import SourceError
from g7tag.evidence.chapters import read_chapters
from g7tag.evidence.layout import read_layout
from g7tag.evidence.members import check_members


@pytest.fixture
def read(codebook):
    """Return the chapters of a text, all of the codebook's commitment."""

    def chapters(text):
        found = read_chapters(text, read_layout(text), codebook, number=19).chapters
        for chapter in found:
            check_members(chapter, codebook, own=True)
        return found

    return chapters


def test_the_front_of_a_chapter_is_read(read):
    chapter = read(FRONT + SECTION + CANADA)[0]
    assert (chapter.number, chapter.title, chapter.text) == (19, "Migration: Smuggling", "We will act.")
    assert chapter.guidelines == "Full compliance needs action.\n\nA score of −1 needs none."
    assert chapter.scoring_table == "−1 No action.\n+1 Some action."


def test_printed_scores_may_have_a_real_minus_sign(read):
    chapter = read(FRONT + SECTION + CANADA)[0]
    assert (chapter.average, chapter.percent, chapter.table) == (-0.5, 25.0, {"Canada": -1, "Japan": 0})


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


def test_evidence_behind_the_analysts_is_refused_and_other_text_is_not_evidence(read):
    assert len(read(SECTION + "\nAnnex\n\nA map was drawn.\n")[0].sections[0].items) == 1
    with pytest.raises(
        SourceError,
        match=r"text after a section without a heading, or a heading without a score: 'On 6 July 2024, a map",
    ):
        read(SECTION + "\nOn 6 July 2024, a map was drawn.\n")


@pytest.mark.parametrize("heading", ["Alps: +1", "Italy : N/A", "Italy"], ids=["no member", "no score", "no colon"])
def test_a_section_whose_heading_is_not_read_is_never_dropped(read, heading):
    with pytest.raises(SourceError, match=r"Expected (members of|a heading such as)"):
        read(f"{SECTION}\n{heading}\n\nOn 6 July 2024, a map was drawn.\n")


def test_a_member_of_the_table_without_a_section_is_named(read):
    with pytest.raises(SourceError, match=r"commitment 19 scores 'Canada' in its table but has no section for it"):
        read(FRONT + SECTION)


@pytest.mark.parametrize("heading", ["Japan:0", "Japan : 0", "Japan: −0", "Japan: 0.0", "Japan: ‑0"])
def test_headings_may_be_spaced_and_signed_in_many_ways(read, heading):
    assert read(SECTION.replace("Japan: 0", heading))[0].sections[0].heading_score == 0


def test_a_section_may_have_no_items(read):
    assert read("Japan: -1\n\nJapan has not complied with its commitment to act.\n")[0].sections[0].items == []


def test_a_text_without_a_section_is_refused(read):
    expected = r"^no member's section found\. Expected headings such as 'Canada: 0', 'France: 0', 'Germany: 0'"
    with pytest.raises(SourceError, match=expected):
        read("They met on 5 July 2024.\n\nThey talked.")


def test_a_section_of_an_unknown_member_is_refused_with_the_known_ones(read):
    expected = r"^sections headed 'Atlantis'\. Expected members of codebook '2024-apulia-19': Canada, .*Union\.$"
    with pytest.raises(SourceError, match=expected):
        read(SECTION.replace("Japan", "Atlantis"))


def test_a_member_with_two_sections_is_refused(read):
    expected = r"^commitment 19 has two sections headed 'Japan'\. Expected one per member\. Fix the text\."
    with pytest.raises(SourceError, match=expected):
        read(SECTION + SECTION)


def test_a_score_table_without_tabs_is_read(read):
    front = FRONT.replace("Canada\t−1\t\t\nJapan\t\t0\t\n", "Canada −1\n\nJapan 0\n\n")
    assert "Canada\t" not in front
    assert read(front + SECTION + CANADA)[0].table == {"Canada": -1, "Japan": 0}
