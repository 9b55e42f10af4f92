"""Pieces of text on a page become lines: marks, words, cells and columns."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_lines import LEFT, TOP, column, piece, width_of

from g7tag.sources.pdf.lines import Piece, read_lines, second_column

PROSE = (
    "Harbour wardens of Port Aurel looked into lorries that came by night ferry and found nobody, so they went home. "
)


def texts(*pieces):
    return [line.text for line in read_lines(pieces)]


def behind(text, more, *, size=10, up=0.0, gap=0.0):
    """Two pieces, the second right after the first, raised by `up`."""
    first = piece(text)
    return first, piece(more, first.x1 + gap, TOP + up, size=size)


def column_pieces(text, *, x, y=TOP, count=12, width=40):
    """Pieces of a column of prose, a line each."""
    words = (text * 20).split()
    rows, row = [], ""
    for word in words:
        if len(row) + len(word) >= width:
            rows.append(row.strip())
            row = ""
        row += f" {word}"
    return [piece(each, x, y - 12 * place) for place, each in enumerate(rows[:count])]


@pytest.mark.parametrize("up", [1.6, 3.5, 4.8, 6.5])
def test_small_raised_digits_are_a_mark(up):
    assert texts(*behind("ended.", "4414", size=6, up=up)) == ["ended.⁴⁴¹⁴"]


def test_superscript_characters_stay_what_they_are():
    assert texts(piece("ended.⁴⁴¹⁴ Then")) == ["ended.⁴⁴¹⁴ Then"]


def test_marks_of_several_notes_are_raised_with_their_comma():
    assert texts(*behind("ended.", "12, 13", size=6, up=3)) == ["ended.¹², ¹³"]


def test_a_mark_that_begins_a_line_is_on_the_line():
    mark = piece("12", LEFT, TOP + 4.3, size=6)
    assert texts(mark, piece("Shelters open", mark.x1 + 2)) == ["¹² Shelters open"]


def test_a_mark_set_in_larger_letters_than_its_note_is_on_the_line():
    mark = piece("12", LEFT, TOP + 4.25, size=6.4)
    assert texts(mark, piece("Shelters open", mark.x1 + 2, size=9)) == ["¹² Shelters open"]


def test_a_raised_digit_behind_a_unit_is_a_power():
    assert texts(*behind("240 km", "2", size=6, up=3)) == ["240 km²"]


def test_raised_letters_are_letters():
    assert texts(*behind("the 1", "st", size=6, up=3)) == ["the 1st"]


@pytest.mark.parametrize(("size", "up"), [(6, -2.0), (6, 0.5), (10, 3.0)], ids=["lowered", "on the line", "as large"])
def test_other_digits_are_digits(size, up):
    assert texts(*behind("CO", "2", size=size, up=up)) == ["CO2"]


def test_a_line_of_marks_alone_is_a_line():
    assert texts(piece("⁴⁴¹⁴", y=TOP), piece("Below", y=TOP - 12)) == ["⁴⁴¹⁴", "Below"]


def test_words_set_one_by_one_are_parted_by_spaces():
    assert texts(*behind("eleven", "members", gap=3)) == ["eleven members"]


@pytest.mark.parametrize("gap", [-0.8, 0.0, 0.9], ids=["closer", "side by side", "apart"])
def test_letters_set_one_by_one_are_one_word(gap):
    letters, x = [], LEFT
    for letter in "ferry":
        letters.append(piece(letter, x))
        x = letters[-1].x1 + gap
    assert texts(*letters) == ["ferry"]


def test_wide_gaps_part_cells():
    assert texts(piece("Canada"), piece("0", LEFT + 180), piece("+1", LEFT + 270)) == ["Canada\t0\t+1"]


def test_dots_that_lead_to_a_page_part_cells():
    assert texts(piece("Summary . . . . . . . . . . 12"), piece("Assessment.........14", y=TOP - 12)) == [
        "Summary\t12", "Assessment\t14"
    ]  # fmt: skip


def test_a_row_of_dots_alone_is_no_line():
    assert texts(piece(". . . . . . . ."), piece("Below", y=TOP - 12)) == ["Below"]


def test_three_dots_are_an_ellipsis():
    assert texts(piece("They said that ... nothing was left.")) == ["They said that ... nothing was left."]


def test_blanks_are_one_space():
    assert texts(piece("CAD \u00a0 240,000   in  all")) == ["CAD 240,000 in all"]


def test_characters_without_a_letter_are_kept():
    assert texts(piece("Re\ufffd\ufffdugees")) == ["Re\ufffd\ufffdugees"]


def test_hidden_and_turned_text_is_no_line():
    assert texts(piece("Seen"), piece("Unseen", y=600, hidden="white"), piece("Aside", y=500, turn=90)) == ["Seen"]


def test_the_order_in_the_file_is_nothing():
    pieces = [*column_pieces(PROSE, x=72), *column_pieces(PROSE, x=320)]
    shuffled = random.Random(0).sample(pieces, len(pieces))
    assert read_lines(shuffled) == read_lines(pieces)


def test_nothing_gives_no_lines():
    assert read_lines([]) == read_lines([piece("   ")]) == []


def spread(*gaps, words=("these", "organizations", "met")):
    """A justified line of words with these gaps, above a column with the same right edge."""
    row = [piece(words[0])]
    for word, gap in zip(words[1:], gaps, strict=True):
        row.append(piece(word, row[-1].x1 + gap))
    full = "x" * 30
    return [*row, *(piece(full, row[-1].x1 - width_of(full), TOP - 12 * place) for place in range(1, 9))]


def test_a_justified_line_of_few_words_has_no_cells():
    assert texts(*spread(80, 80))[0] == "these organizations met"
    assert texts(*spread(60, 100))[0] == "these\torganizations\tmet"
    assert texts(*spread(30, 30, 30, words=("On", "11", "September", "2024,")))[0] == "On 11 September 2024,"
    assert texts(*spread(30, 30, words=("Canada", "0", "0.50")))[0] == "Canada\t0\t0.50"


def test_a_number_at_the_edge_is_a_cell():
    full = [piece("x" * 30, y=TOP - 12 * place) for place in range(1, 9)]
    assert texts(piece("Summary"), piece("12", full[0].x1 - width_of("12")), *full)[0] == "Summary\t12"


@pytest.mark.parametrize("lower", [0, 5, 7], ids=["same baselines", "between", "below"])
def test_columns_are_read_one_after_the_other(lower):
    left, right = column_pieces(PROSE, x=72), column_pieces(PROSE.upper(), x=320, y=TOP - lower)
    assert texts(*left, *right) == [each.text for each in left + right]


def test_a_heading_across_both_columns_parts_what_is_above_from_what_is_below():
    above = [column_pieces(PROSE, x=72), column_pieces(PROSE.upper(), x=320)]
    heading = piece("A heading that stands across the two columns of the page, in the middle", 110, TOP - 156)
    below = [column_pieces(PROSE, x=72, y=TOP - 180), column_pieces(PROSE.upper(), x=320, y=TOP - 180)]
    order = [*above[0], *above[1], heading, *below[0], *below[1]]
    assert texts(*order) == [each.text for each in order]


def test_a_short_second_column_is_read_after_the_first():
    left, right = column_pieces(PROSE, x=72, count=20), column_pieces(PROSE.upper(), x=320, count=2)
    assert texts(*left, *right) == [each.text for each in left + right]


def test_a_table_within_a_column_keeps_its_rows():
    left = column_pieces(PROSE, x=72, count=16)
    rows = [(name, str(place)) for place, name in enumerate(("Canada", "Japan", "Italy", "France"))]
    right = column_pieces(PROSE, x=320, count=12, y=TOP - 48)
    table = [piece(t, x, TOP - 12 * at) for at, row in enumerate(rows) for t, x in zip(row, (320, 450), strict=True)]
    assert texts(*left, *right, *table)[16:20] == ["Canada\t0", "Japan\t1", "Italy\t2", "France\t3"]


def test_a_short_second_column_is_known_from_the_page_before():
    before = read_lines([*column_pieces(PROSE, x=72), *column_pieces(PROSE, x=320)])
    assert second_column(before) == 320
    left, right = column_pieces(PROSE, x=72, count=4), column_pieces(PROSE, x=320, count=3)
    own = [each.text for each in (*left, *right)]
    assert [line.text for line in read_lines([*left, *right])] != own
    assert [line.text for line in read_lines([*left, *right], 320)] == own
    table = [piece(t, x, TOP - 18 * at) for at in range(8) for t, x in (("Canada", 72), ("+1", 400))]
    assert read_lines(table, 320) == read_lines(table)
    assert second_column(read_lines(left)) is second_column([]) is None


def test_the_columns_of_a_table_are_not_read_one_after_the_other():
    members = ("Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "United States", "European Union")
    rows = [(name, "Partial Compliance") for name in members]
    table = [piece(t, x, TOP - 18 * at) for at, row in enumerate(rows) for t, x in zip(row, (72, 360), strict=True)]
    assert texts(*table) == ["\t".join(row) for row in rows]


def test_the_edge_of_a_column_is_where_its_lines_end():
    left, right = column_pieces(PROSE, x=72), column_pieces(PROSE, x=320)
    edges = {line.right for line in read_lines([*left, *right])}
    assert edges == {max(each.x1 for each in left), max(each.x1 for each in right)}


PIECES = st.builds(
    Piece,
    *[st.floats(-1e4, 1e4)] * 3,
    st.sampled_from([0.0, 6.0, 9.0, 11.0, 400.0]),
    st.text("abc 12⁴ﬃ\u00a0\ufffd-.", max_size=12),
    hidden=st.just(""),
    turn=st.just(0),
)


@given(st.lists(PIECES, max_size=40))
def test_no_letter_is_lost_wherever_pieces_stand(pieces):
    found = sorted(letter for line in read_lines(pieces) for letter in line.text if letter in "abcﬃ\ufffd")
    assert found == sorted(letter for each in pieces for letter in each.text if letter in "abcﬃ\ufffd")


def test_lines_set_by_hand_are_what_pieces_are_read_as():
    lines = column([(PROSE * 3).strip()])
    assert [line._replace(right=0) for line in read_lines([piece(each.text, each.x0, each.y) for each in lines])] == [
        line._replace(right=0) for line in lines
    ]
