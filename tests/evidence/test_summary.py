"""Read contents pages and tables of scores before the chapters of a report."""

import pytest

from g7tag.evidence.layout import read_layout
from g7tag.evidence.summary import read_contents, read_summary, summary_rows

MEMBERS = {
    "canada": "Canada", "can": "Canada", "japan": "Japan", "jpn": "Japan", "united kingdom": "United Kingdom",
    "uk": "United Kingdom",
}  # fmt: skip
"""Plain name -> member."""
SCORES = [
    "Table B: 2024 G7 Apulia Final Compliance Scores",
    "Canada Japan United Kingdom Average",
    "1. Energy: Peat +1 0 −1 0.00 50%",
    "2 Health: Goal 3 +1 +1 n/a +1.00 100%",
    "Average +1.00 +0.50 -1.00 +0.40 70%",
]


HEAD = "Table C: 2024 G7 Final Compliance Scores by Member"


def cells(front):
    return [(cell.table, cell.title, cell.member, cell.value, cell.percent) for cell in read_summary(front, MEMBERS)]


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (
            ["Contents", "Preface 3", "1. Energy: Peat", "2. Health: Goal 3 ..... 40", "12. Trade: Rules of 2024 7"],
            {1: "Energy: Peat", 2: "Health: Goal 3", 12: "Trade: Rules of 2024"},
        ),
        (["1. Energy: Peat 3"], {}), (["Contents"], {}), ([], {}),
        (
            ["Contents", "1. Energy: Peat 3", "2. Health: Goal 3 9", "We did this:", "1. Choose them.", "2. Read."],
            {1: "Energy: Peat", 2: "Health: Goal 3"},
        ),
        (["Contents", "1. Energy: Peat", "2. Health", "Conclusion 70"], {1: "Energy: Peat", 2: "Health"}),
        *(
            (
                [
                    "Table of Contents", f"Preface{dots}3", f"1. Energy: Peat{dots}12", "2. Health: Goals for",
                    f"the Young{dots}40", f"3. Trade: Rules{dots}57", "4. Labour:", f"Work{dots}61",
                    f"Conclusion{dots}70",
                ],
                {1: "Energy: Peat", 2: "Health: Goals for the Young", 3: "Trade: Rules", 4: "Labour: Work"},
            )
            for dots in (" ..... ", " . . . . ", " ", "…… ")
        ),
    ],
)  # fmt: skip
def test_a_contents_page_lists_commitments_with_and_without_pages_and_nothing_else(front, expected):
    assert read_contents(front) == expected


def test_contents_with_dots_need_no_empty_lines_between_them():
    text = (
        "Contents\n\n1. Energy: Peat ..... 12\n2. Health: Goals for\nthe Young ..... 40\n3. Trade ..... 57\n\nPreface"
    )
    paragraphs = [" ".join(text[each.start : each.end] for each in one.spans) for one in read_layout(text).paragraphs]
    assert read_contents(paragraphs) == {1: "Energy: Peat", 2: "Health: Goals for the Young", 3: "Trade"}


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
        found = read_summary(front, MEMBERS)
        assert [(cell.number, cell.title, cell.member, cell.value, cell.percent) for cell in found] == expected


def test_a_remark_that_names_members_heads_no_table():
    remark = "* Canada, Japan and the United Kingdom were not assessed on this commitment at the time."
    found = read_summary([SCORES[0], "Japan Canada United Kingdom", remark, "1. Energy: Peat +1 0 −1"], MEMBERS)
    assert [cell.member for cell in found] == ["Japan", "Canada", "United Kingdom"]


@pytest.mark.parametrize(
    "row", ["1. Energy: Peat +1 0", "1. Energy: Peat +1 0 0 0 0 0", "1. Energy: Peat 12", "Energy +2 0 1", "In 2024."]
)
def test_a_line_that_is_no_row_of_the_head_gives_no_score(row):
    assert [cell for cell in read_summary([*SCORES[:2], row], MEMBERS) if cell.title == "Energy: Peat"] == []
    assert read_summary(["Contents", SCORES[0], "1. Energy: Peat 12", "2. Health: Goal 3 40"], MEMBERS) == []


@pytest.mark.parametrize(
    "rows", [["1 United Kingdom +0.85 93%"], ["1 United", "Kingdom +0.85 93%"], ["1 United +0.85 93%", "Kingdom"]]
)
@pytest.mark.parametrize("head", [HEAD, "Table 5: 2017 G20 Hamburg Summit Final Compliance by Member"])
def test_rows_of_averages_are_read_by_member_and_by_commitment(head, rows):
    by_commitment = ["Table D: 2024 G7 Apulia Final Compliance Scores by Commitment", "1 Health: Goal 3 +1.00 100%"]
    assert cells([head, *rows, "2 Japan −0.10 (45%)", "Average +0.55 78%", *by_commitment]) == [
        ("by_member", "", "United Kingdom", 0.85, 93.0), ("by_member", "", "Japan", -0.1, 45.0),
        ("by_member", "", "", 0.55, 78.0), ("by_commitment", "Health: Goal 3", "", 1.0, 100.0),
    ]  # fmt: skip


def test_commitments_known_by_title_get_their_number_and_the_first_of_two_rows_counts(codebook):
    front = [
        "Table D: 2024 G7 Apulia Final Compliance Scores by Commitment", "1 Health: Goal 3 +1.00 100%",
        "2 Peat 0.00 50%", "1 Health: Goal 3 +0.90 95%",
    ]  # fmt: skip
    rows = summary_rows(front, {2: "health: goal 3"}, codebook, "2024-{:02d}".format)
    assert [(row["commitment_id"], row["value"]) for row in rows] == [("2024-02", 1.0), ("Peat", 0.0)]


def test_other_names_of_a_member_are_the_same_member(codebook):
    front = ["Table C: Final Compliance Scores by Member", "1 Turkey +0.50 75%", "2 Republic of Korea 0.00 50%"]
    rows = summary_rows(front, {}, codebook, "G20-2024-{:02d}".format)
    assert [row["member"] for row in rows] == ["Türkiye", "Korea"]
