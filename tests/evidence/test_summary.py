"""Read contents pages and tables of scores before the chapters of a report."""

import pytest

from g7tag.evidence.layout import read_layout
from g7tag.evidence.summary import read_contents, read_summary, summary_rows

MEMBERS = {"Canada": ["Canada", "CAN"], "Japan": ["Japan", "JPN"], "United Kingdom": ["United Kingdom", "UK"]}
SCORES = [
    "Table B: 2024 G7 Apulia Final Compliance Scores",
    "Canada Japan United Kingdom Average",
    "1. Energy: Peat +1 0 −1 0.00 50%",
    "2 Health: Goal 3 +1 +1 n/a +1.00 100%",
    "Average +1.00 +0.50 -1.00 +0.40 70%",
]


def test_a_contents_page_lists_commitments_with_and_without_pages():
    front = ["Contents", "Preface 3", "1. Energy: Peat", "2. Health: Goal 3 ..... 40", "12. Trade: Rules of 2024 7"]
    assert read_contents(front) == {1: "Energy: Peat", 2: "Health: Goal 3", 12: "Trade: Rules of 2024"}


@pytest.mark.parametrize("front", [[], ["1. Energy: Peat 3"], ["Contents"]], ids=["nothing", "no head", "no entry"])
def test_without_a_contents_page_or_entries_nothing_is_listed(front):
    assert read_contents(front) == {}


def test_scores_are_given_to_the_members_of_the_head():
    cells = read_summary(SCORES, MEMBERS)
    assert [(cell.number, cell.title, cell.member, cell.value, cell.percent) for cell in cells] == [
        (1, "Energy: Peat", "Canada", 1.0, None),
        (1, "Energy: Peat", "Japan", 0.0, None),
        (1, "Energy: Peat", "United Kingdom", -1.0, None),
        (1, "Energy: Peat", "", 0.0, 50.0),
        (2, "Health: Goal 3", "Canada", 1.0, None),
        (2, "Health: Goal 3", "Japan", 1.0, None),
        (2, "Health: Goal 3", "", 1.0, 100.0),
        (None, "", "Canada", 1.0, None),
        (None, "", "Japan", 0.5, None),
        (None, "", "United Kingdom", -1.0, None),
        (None, "", "", 0.4, 70.0),
    ]


def test_short_names_head_columns_too():
    cells = read_summary([SCORES[0], "CAN JPN UK", "1. Energy: Peat +1 0 −1"], MEMBERS)
    assert [cell.member for cell in cells] == ["Canada", "Japan", "United Kingdom"]


def test_rows_of_averages_are_read_by_member_and_by_commitment():
    front = [
        "Table C: 2024 G7 Final Compliance Scores by Member", "1 United Kingdom +0.85 93%", "2 Japan −0.10 (45%)",
        "Table D: 2024 G7 Apulia Final Compliance Scores by Commitment", "1 Health: Goal 3 +1.00 100%",
    ]  # fmt: skip
    assert [
        (cell.table, cell.title, cell.member, cell.value, cell.percent) for cell in read_summary(front, MEMBERS)
    ] == [
        ("by_member", "", "United Kingdom", 0.85, 93.0),
        ("by_member", "", "Japan", -0.1, 45.0),
        ("by_commitment", "Health: Goal 3", "", 1.0, 100.0),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "1. Energy: Peat +1 0",
        "1. Energy: Peat +1 0 0 0 0 0",
        "1. Energy: Peat 12",
        "Energy +2 0 1",
        "They met in 2024.",
    ],
    ids=["too few", "too many", "a page", "no score", "prose"],
)
def test_a_line_that_is_no_row_of_the_head_gives_no_score(row):
    assert [cell for cell in read_summary([*SCORES[:2], row], MEMBERS) if cell.title == "Energy: Peat"] == []


def test_the_tables_of_a_contents_page_hold_nothing():
    front = [
        "Contents",
        "Table B: 2024 G7 Apulia Final Compliance Scores",
        "1. Energy: Peat 12",
        "2. Health: Goal 3 40",
    ]
    assert read_summary(front, MEMBERS) == []


def test_commitments_known_by_title_alone_get_their_number(codebook):
    front = [
        "Table D: 2024 G7 Apulia Final Compliance Scores by Commitment",
        "1 Health: Goal 3 +1.00 100%",
        "2 Peat 0.00 50%",
    ]
    rows = summary_rows(front, {2: "health: goal 3"}, codebook, "2024-{:02d}".format)
    assert [row["commitment_id"] for row in rows] == ["2024-02", "Peat"]


def test_of_a_row_that_stands_twice_the_first_counts(codebook):
    head, row = "Table D: Final Compliance Scores by Commitment", "1 Health {} 100%"
    rows = summary_rows([head, row.format("+1.00"), row.format("+0.90")], {}, codebook, "2024-{:02d}".format)
    assert [row["value"] for row in rows] == [1.0]


@pytest.mark.parametrize("table", ["Member", "Commitment"])
def test_the_average_of_all_is_no_member_and_no_commitment(table):
    (cell,) = read_summary([f"Table C: Final Compliance Scores by {table}", "Average +0.55 78%"], MEMBERS)
    assert (cell.title, cell.member, cell.value, cell.percent) == ("", "", 0.55, 78.0)


def test_a_remark_that_names_members_heads_no_table():
    remark = "* Canada, Japan and the United Kingdom were not assessed on this commitment at the time."
    cells = read_summary([SCORES[0], "Japan Canada United Kingdom", remark, "1. Energy: Peat +1 0 −1"], MEMBERS)
    assert [cell.member for cell in cells] == ["Japan", "Canada", "United Kingdom"]


def test_another_list_behind_the_contents_is_none_of_it():
    front = ["Contents", "1. Energy: Peat 3", "2. Health: Goal 3 9", "We did this:", "1. Choose them.", "2. Read."]
    assert read_contents(front) == {1: "Energy: Peat", 2: "Health: Goal 3"}


@pytest.mark.parametrize("dots", [" ..... ", " . . . . ", " ", "…… "])
def test_an_entry_of_the_contents_that_wraps_is_joined(dots):
    front = [
        "Table of Contents", f"Preface{dots}3", f"1. Energy: Peat{dots}12", "2. Health: Goals for",
        f"the Young{dots}40", f"3. Trade: Rules{dots}57", "4. Labour:", f"Work{dots}61", f"Conclusion{dots}70",
    ]  # fmt: skip
    assert read_contents(front) == {
        1: "Energy: Peat", 2: "Health: Goals for the Young", 3: "Trade: Rules", 4: "Labour: Work",
    }  # fmt: skip


def test_entries_without_pages_are_not_joined_with_what_follows():
    assert read_contents(["Contents", "1. Energy: Peat", "2. Health", "Conclusion 70"]) == {
        1: "Energy: Peat",
        2: "Health",
    }


def test_contents_with_dots_need_no_empty_lines_between_them():
    text = (
        "Contents\n\n1. Energy: Peat ..... 12\n2. Health: Goals for\nthe Young ..... 40\n3. Trade ..... 57\n\nPreface"
    )
    paragraphs = [" ".join(text[each.start : each.end] for each in one.spans) for one in read_layout(text).paragraphs]
    assert read_contents(paragraphs) == {1: "Energy: Peat", 2: "Health: Goals for the Young", 3: "Trade"}


def test_names_that_wrap_in_the_head_of_a_table_are_joined():
    plain = read_summary(SCORES, MEMBERS)
    assert read_summary([SCORES[0], "Canada Japan United Average", "Kingdom", *SCORES[2:]], MEMBERS) == plain


@pytest.mark.parametrize("name", ["Final Compliance Scores by Member", "Final Compliance by Member"])
def test_a_table_by_member_may_leave_out_the_word_scores(name):
    front = [f"Table 5: 2017 G20 Hamburg Summit {name}", "1 Japan +0.85 93%"]
    assert [(cell.table, cell.member, cell.value) for cell in read_summary(front, MEMBERS)] == [
        ("by_member", "Japan", 0.85)
    ]


def test_names_that_wrap_in_the_rows_of_a_table_are_joined():
    head = "Table C: 2024 G7 Final Compliance Scores by Member"
    plain = read_summary([head, "1 United Kingdom +0.85 93%", "2 Japan −0.10 (45%)"], MEMBERS)
    for rows in (["1 United", "Kingdom +0.85 93%"], ["1 United +0.85 93%", "Kingdom"]):
        assert read_summary([head, *rows, "2 Japan −0.10 (45%)"], MEMBERS) == plain


@pytest.mark.parametrize("label", ["Average Score", "Country Average", "Overall", "AVERAGE", "Average:"])
def test_the_row_of_averages_may_be_called_otherwise(label):
    assert read_summary([*SCORES[:-1], SCORES[-1].replace("Average", label)], MEMBERS) == read_summary(SCORES, MEMBERS)


def test_other_names_of_a_member_are_the_same_member(codebook):
    front = ["Table C: Final Compliance Scores by Member", "1 Turkey +0.50 75%", "2 Republic of Korea 0.00 50%"]
    rows = summary_rows(front, {}, codebook, "G20-2024-{:02d}".format)
    assert [row["member"] for row in rows] == ["Türkiye", "Korea"]
