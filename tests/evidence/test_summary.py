"""Read contents pages and tables of scores before the chapters of a report."""

import pytest
from report_texts import TITLE, chapter, said

from g7tag.evidence.summary import read_contents, read_summary, summary_rows

NAMES = {
    "canada": "Canada", "can": "Canada", "japan": "Japan", "jpn": "Japan", "united kingdom": "United Kingdom",
    "uk": "United Kingdom",
}  # fmt: skip
"""Plain name -> member."""
SCORES = [
    "Table B: 2024 G7 Apulia Final Compliance Scores", "Canada Japan United Kingdom Average",
    "1. Energy: Peat +1 0 −1 0.00 50%", "2 Health: Goal 3 +1 +1 n/a +1.00 100%", "Average +1.00 +0.50 -1.00 +0.40 70%",
]  # fmt: skip
BY_MEMBER = "Table C: 2024 G7 Final Compliance Scores by Member"
BY_COMMITMENT = "Table D: 2024 G7 Apulia Final Compliance Scores by Commitment"
CONTENTS = {
    "Contents|Preface 3|1. Energy: Peat|2. Health: Goal 3 ..... 40|12. Trade: Rules of 2024 7":
        {1: "Energy: Peat", 2: "Health: Goal 3", 12: "Trade: Rules of 2024"},
    "1. Energy: Peat 3": {},
    "Contents": {},
    "Contents|1. Energy: Peat 3|2. Health: Goal 3 9|We did this:|1. Choose them.|2. Read.":
        {1: "Energy: Peat", 2: "Health: Goal 3"},
    "Contents|1. Energy: Peat|2. Health|Conclusion 70": {1: "Energy: Peat", 2: "Health"},
} | {
    f"Table of Contents|Preface{dots}3|1. Energy: Peat{dots}12|2. Health: Goals for|the Young{dots}40|3. Trade{dots}57|"
    f"4. Labour:|Work{dots}61": {1: "Energy: Peat", 2: "Health: Goals for the Young", 3: "Trade", 4: "Labour: Work"}
    for dots in (" ..... ", " . . . . ", " ", "…… ")
}  # fmt: skip
"""Lines of contents pages, and the commitments that they list."""


def cells(front):
    return [(cell.number, cell.title, cell.member, cell.value, cell.percent) for cell in read_summary(front, NAMES)]


@pytest.mark.parametrize("lines", CONTENTS)
def test_a_contents_page_lists_commitments_with_and_without_pages_and_nothing_else(lines):
    assert read_contents(lines.split("|")) == CONTENTS[lines]


def test_contents_with_dots_need_no_empty_lines_between_them(read):
    front = "Contents\n\n1. Energy: Peat ..... 12\n2. Health: Goals for\nthe Young ..... 40\n7. Energy ..... 57\n\n"
    reason = "absent: 2 commitments on the contents page without a chapter here: 1, 2."
    assert said(read(TITLE + front + chapter(7, "Energy"))) == {"contents": reason}


def test_scores_are_given_to_the_members_of_the_head():
    expected = [
        (1, "Energy: Peat", "Canada", 1.0, None), (1, "Energy: Peat", "Japan", 0.0, None),
        (1, "Energy: Peat", "United Kingdom", -1.0, None), (1, "Energy: Peat", "", 0.0, 50.0),
        (2, "Health: Goal 3", "Canada", 1.0, None), (2, "Health: Goal 3", "Japan", 1.0, None),
        (2, "Health: Goal 3", "", 1.0, 100.0), (None, "", "Canada", 1.0, None), (None, "", "Japan", 0.5, None),
        (None, "", "United Kingdom", -1.0, None), (None, "", "", 0.4, 70.0),
    ]  # fmt: skip
    wrapped = [SCORES[0], "Canada Japan United Average", "Kingdom", *SCORES[2:]]
    others = [[*SCORES[:-1], SCORES[-1].replace("Average", label)] for label in ("Average Score", "Overall", "AVERAGE")]
    for front in (SCORES, [SCORES[0], "CAN JPN UK Average", *SCORES[2:]], wrapped, *others):
        assert cells(front) == expected


def test_a_remark_that_names_members_heads_no_table():
    remark = "* Canada, Japan and the United Kingdom were not assessed on this commitment at the time."
    found = cells([SCORES[0], "Japan Canada United Kingdom", remark, "1. Energy: Peat +1 0 −1"])
    assert [member for _, _, member, _, _ in found] == ["Japan", "Canada", "United Kingdom"]


@pytest.mark.parametrize(
    "row", ["1. Energy: Peat +1 0", "1. Energy: Peat +1 0 0 0 0 0", "1. Energy: Peat 12", "Energy +2 0 1", "In 2024."]
)
def test_a_line_that_is_no_row_of_the_head_gives_no_score(row):
    assert [cell for cell in cells([*SCORES[:2], row]) if cell[1] == "Energy: Peat"] == []
    assert cells(["Contents", SCORES[0], "1. Energy: Peat 12", "2. Health: Goal 3 40"]) == []


@pytest.mark.parametrize(
    "rows", [["1 United Kingdom +0.85 93%"], ["1 United", "Kingdom +0.85 93%"], ["1 United +0.85 93%", "Kingdom"]]
)
@pytest.mark.parametrize("head", [BY_MEMBER, "Table 5: 2017 G20 Hamburg Summit Final Compliance by Member"])
def test_rows_of_averages_are_read_by_member_and_by_commitment(head, rows):
    front = [head, *rows, "2 Japan −0.10 (45%)", "Average +0.55 78%", BY_COMMITMENT, "1 Health: Goal 3 +1.00 100%"]
    assert [cell[1:] for cell in cells(front)] == [
        ("", "United Kingdom", 0.85, 93.0), ("", "Japan", -0.1, 45.0), ("", "", 0.55, 78.0),
        ("Health: Goal 3", "", 1.0, 100.0),
    ]  # fmt: skip


def test_commitments_get_their_number_by_title_members_their_name_and_the_first_of_two_rows_counts(codebook):
    front = [
        BY_COMMITMENT, "1 Health: Goal 3 +1.00 100%", "2 Peat 0.00 50%", "1 Health: Goal 3 +0.90 95%",
        BY_MEMBER, "1 Turkey +0.50 75%", "2 Republic of Korea 0.00 50%",
    ]  # fmt: skip
    rows = summary_rows(front, {2: "health: goal 3"}, codebook, "2024-{:02d}".format)
    assert [(row["commitment_id"], row["member"], row["value"]) for row in rows] == [
        ("2024-02", "", 1.0), ("Peat", "", 0.0), ("", "Türkiye", 0.5), ("", "Korea", 0.0),
    ]  # fmt: skip
