"""Running heads and page numbers are left out, and notes are separated from the body."""

from itertools import pairwise

import pytest
from set_lines import LEADING, LEFT, TOP, column, line, paragraphs_of

from g7tag.sources.pdf.zones import numbered_pages, part_numbered

HEAD, FOOT = TOP + 40, 60.0
PROSE = (
    "On 9 July 2024, the Harbour Police of Port Aurel arrested eleven members of the Grey Heron ring, which had hidden "
    "migrants in fish lorries.¹² Officers found CAD240,000 in a freezer and took it."
)
MORE = (
    "On 3 September 2024, the Canadian government opened three shelters for people who had escaped.¹³ Each has a "
    "lawyer, a teacher and a cook, and none of them asks where anybody came from."
)
NOTE = "¹² Grey Heron ring taken down, Aurel Herald (Port Aurel) 9 July 2024. https://aurel-herald.example/12"
NEXT = "¹³ Shelters open, Prairie Post (Redwater) 3 September 2024. https://prairie-post.example/13"
LONG = (
    "¹² Treaty with Lyonesse, "
    + "of which every article is given here word for word and then once more, " * 12
    + "n.d."
)


def zones(*pages):
    """The texts of each page's body and notes."""
    return [
        ([each.text for each in zone.body], [each.text for each in zone.notes])
        for zone in part_numbered(numbered_pages(pages))
    ]


def notes_at_foot(*notes, size=8, foot=80.0):
    """Lines of notes that end at the foot of the page."""
    lines = column(notes, size=size, gap=0)
    drop = lines[-1].y - foot
    return [each._replace(y=each.y - drop) for each in lines]


def cut(lines, *places):
    """Lines in several parts, each set from the same height on."""
    bounds = [0, *places, len(lines)]
    return [lines[start:end] for start, end in pairwise(bounds)]


def moved(lines, foot=80.0):
    """Lines moved so that they end at the foot of the page."""
    return [each._replace(y=foot + (len(lines) - 1 - place) * LEADING * each.size) for place, each in enumerate(lines)]


def with_heads(heads, *, y=HEAD, size=8):
    """A page of prose below each head."""
    return [[line(head, y, size=size), *column([PROSE])] for head in heads]


def bodies(*pages):
    return [body for body, _ in zones(*pages)]


@pytest.mark.parametrize(
    "heads",
    [
        ["A Final Compliance Report"] * 3,
        ["Report", "19. Smuggling"] * 3,
        ["Windmills"] * 3 + ["Peat bogs"] * 4,
        [f"{number} Final Report" for number in range(9, 13)],
        ["Final Report, page 8", "9\tWindmills", "Final Report, page 10", "11\tWindmills", "Final Report, page 12"],
        ["Final Report"] * 2,
    ],
    ids=["one", "left and right", "by chapter", "with its number", "numbers left and right", "of two pages"],
)
@pytest.mark.parametrize("y", [HEAD, FOOT], ids=["head", "foot"])
def test_what_pages_repeat_is_left_out(heads, y):
    expected = [each.text for each in column([PROSE])]
    assert bodies(*with_heads(heads, y=y)) == [expected] * len(heads)


def test_a_head_of_a_short_chapter_is_left_out_where_others_stand():
    heads = ["Windmills"] * 4 + ["Peat bogs"] + ["Toll bridges"] * 3
    assert all(body[0] == column([PROSE])[0].text for body in bodies(*with_heads(heads)))


def test_heads_near_the_text_are_left_out_if_they_are_small():
    heads = with_heads(["Final Report"] * 4, y=TOP + 13, size=7)
    assert all(body[0] == column([PROSE])[0].text for body in bodies(*heads))


@pytest.mark.parametrize(
    "number",
    ["7", "743", "- 12 -", "– 12 –", "Page 12", "page 12 of 300", "12/300", "p. 12", "[12]", "xiv", "XIV", "| 12"],
)
@pytest.mark.parametrize("y", [HEAD, FOOT], ids=["head", "foot"])
def test_page_numbers_are_left_out_also_of_a_single_page(number, y):
    assert bodies([*column([PROSE]), line(number, y)]) == [[each.text for each in column([PROSE])]]


def with_numbers(numbers, *, above=False, apart=12.0):
    """Pages of prose with a number in the size of the text, a line below or above it."""
    pages = []
    for number in numbers:
        lines = column([PROSE])
        y = lines[0].y + apart if above else lines[-1].y - apart
        pages.append([line(number, y), *lines] if above else [*lines, line(number, y)])
    return pages


@pytest.mark.parametrize(
    "numbers",
    [
        ["7", "8", "9"],
        ["Page 7", "Page 8", "Page 9", "Page 10"],
        ["3 / 40", "4 / 40", "5 / 40"],
        ["viii", "ix", "x"],
        ["Final Report 7", "Final Report 8", "Final Report 9"],
        ["7", "8"],
    ],
)
@pytest.mark.parametrize("above", [False, True], ids=["below", "above"])
def test_a_number_that_counts_the_pages_is_no_text_however_near_it_is(numbers, above):
    expected = [each.text for each in column([PROSE])]
    assert bodies(*with_numbers(numbers, above=above)) == [expected] * len(numbers)


@pytest.mark.parametrize(
    "numbers", [["7", "9", "12"], ["2024", "2024", "2024"], ["7"], ["mix", "di", "civil"], ["0", "0", "+1"]]
)
def test_a_number_near_the_text_that_does_not_count_the_pages_stays(numbers):
    assert [body[-1] for body in bodies(*with_numbers(numbers))] == numbers


def test_a_number_at_another_height_on_each_page_stays():
    pages = [with_numbers([str(7 + at)], apart=11.0 + 4 * at)[0] for at in range(3)]
    assert [body[-1] for body in bodies(*pages)][:2] == ["7", "8"]


def test_a_number_that_ends_the_text_stays():
    assert bodies(column([f"{PROSE} They counted them all on 9 July of the year 2024, to 2025"]))[0][-1].endswith(
        "2025"
    )


def test_a_large_number_that_opens_a_chapter_stays():
    assert bodies([line("19", HEAD, size=24), *column([PROSE])])[0][0] == "19"


@pytest.mark.parametrize("heading", ["Canada: 0", "United States: +1", "Japan: -1", "Italy: −1"])
def test_a_members_heading_on_three_pages_is_no_head(heading):
    pages = [[line(heading, TOP), *column([PROSE], y=TOP - 20)] for _ in range(3)]
    assert [body[0] for body in bodies(*pages)] == [heading] * 3


def test_a_line_that_two_of_many_pages_share_is_no_head():
    pages = [*with_heads(["Windmills"] * 2), column([PROSE]), column([PROSE])]
    assert [body[0] for body in bodies(*pages)][:2] == ["Windmills"] * 2


def test_the_title_of_a_single_page_stays():
    assert bodies(*with_heads(["A Final Compliance Report"]))[0][0] == "A Final Compliance Report"


def test_a_page_without_lines_has_empty_zones():
    assert zones([], column([PROSE]))[0] == ([], [])
    assert part_numbered(numbered_pages([])) == []


def test_notes_are_lines_set_smaller_from_the_first_number_on():
    body, notes = zones([*column([PROSE, MORE]), *notes_at_foot(NOTE, NEXT)])[0]
    assert body == [each.text for each in column([PROSE, MORE])]
    assert notes == [each.text for each in column([NOTE, NEXT], size=8)]


def test_notes_numbered_with_plain_digits_are_notes():
    page = [*column([PROSE, MORE]), *notes_at_foot("12 Ring taken down, Herald", "13 Shelters open, Post")]
    assert zones(page)[0][1] == ["12 Ring taken down, Herald", "13 Shelters open, Post"]


def test_a_note_goes_on_overleaf():
    first, second = cut(notes_at_foot(LONG), 5)
    pages = [[*column([PROSE]), *moved(first)], [*column([MORE]), *moved([*second, *notes_at_foot(NEXT)])]]
    assert [len(notes) for _, notes in zones(*pages)] == [5, len(second) + 2]


def test_a_note_goes_on_over_three_pages():
    parts = cut(notes_at_foot(LONG), 5, 10)
    pages = [[*column([text]), *moved(part)] for text, part in zip((PROSE, MORE, PROSE), parts, strict=True)]
    assert [len(notes) for _, notes in zones(*pages)] == [len(part) for part in parts]
    assert paragraphs_of(*pages)[-1] == LONG


def test_a_page_may_hold_notes_alone():
    pages = [column([PROSE, MORE]), column([NOTE, NEXT] * 3, size=8)]
    assert [bool(body) for body, _ in zones(*pages)] == [True, False]


def test_each_column_has_its_notes():
    left = [*column([PROSE]), *notes_at_foot(NOTE)]
    right = [each._replace(x0=each.x0 + 320, x1=each.x1 + 320) for each in [*column([MORE]), *notes_at_foot(NEXT)]]
    body, notes = zones([*left, *right])[0]
    assert body == [each.text for each in [*column([PROSE]), *column([MORE])]]
    assert notes == [each.text for each in [*column([NOTE], size=8), *column([NEXT], size=8)]]


QUOTED = "The wardens shall look into each lorry, whatever it carries, and write down whom they find in it, if anybody."


def test_a_quotation_in_small_letters_is_body():
    quoted = column([QUOTED], y=column([PROSE])[-1].y - 18, size=8)
    page = [*column([PROSE]), *quoted, *column([MORE], y=quoted[-1].y - 18), *notes_at_foot(NOTE)]
    assert [each.text for each in quoted] == zones(page)[0][0][4:6]


def test_a_quotation_right_above_the_notes_is_body():
    pages = [
        [*column([PROSE]), *notes_at_foot(NOTE)],
        [*column([MORE]), *column([QUOTED], y=300, size=8), *notes_at_foot(NEXT)],
    ]
    assert zones(*pages)[1][0][-2:] == [each.text for each in column([QUOTED], size=8)]


def test_notes_as_large_as_the_body_are_told_by_their_marks():
    pages = [[*column([text]), *notes_at_foot(note, size=10)] for text, note in ((PROSE, NOTE), (MORE, NEXT))]
    assert [notes for _, notes in zones(*pages)] == [[each.text for each in column([note])] for note in (NOTE, NEXT)]


def test_a_note_as_large_as_the_body_goes_on_overleaf():
    first, second = cut(notes_at_foot(LONG, size=10), 3)
    pages = [
        [*column([PROSE]), *moved(first)],
        [*column([MORE, PROSE]), *moved([*second, *notes_at_foot(NEXT, size=10)])],
    ]
    assert [len(notes) for _, notes in zones(*pages)] == [3, len(second) + 2]


@pytest.mark.parametrize("opening", ["Analyst: Nobody Real", "On 9 July 2024, they met.", "They met.¹³ They left."])
def test_text_at_the_top_of_a_page_is_not_the_rest_of_a_note_as_large_as_the_body(opening):
    pages = [
        [*column([PROSE]), *notes_at_foot(NOTE, size=10)],
        [*column([f"{opening} {MORE}"]), *notes_at_foot(NEXT, size=10)],
    ]
    assert zones(*pages)[1][0][0].startswith(opening[:12])


def test_endnotes_as_large_as_the_body_continue_overleaf():
    first, second = cut(column([LONG], size=10), 4)
    pages = [[*column([PROSE, MORE, "Notes"]), *moved(first)], [*moved(second, foot=600), *column([NEXT], y=580)]]
    assert [len(notes) for _, notes in zones(*pages)] == [4, len(second) + len(column([NEXT]))]


def test_text_that_begins_with_a_number_is_no_note():
    page = column([PROSE, "12 lorries stood there in the morning, which nobody had seen come, or has seen go."])
    assert zones(page)[0][1] == []


def test_endnotes_run_over_pages():
    heading = line("Canada: 0", TOP, size=13, x=LEFT)
    notes = column([NOTE, NEXT], size=10)
    pages = [[heading, *column([PROSE, MORE], y=TOP - 20)], notes[:1], notes[1:]]
    assert [len(each) for _, each in zones(*pages)] == [0, 1, 3]
