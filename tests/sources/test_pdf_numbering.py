"""Numbers of notes and their marks become superscript digits, in whatever way a document prints them."""

import pytest
from set_lines import TOP, column, line

from g7tag.sources.marks import raised_roman, superscript
from g7tag.sources.numerals import roman
from g7tag.sources.pdf.numbering import number_notes

SOURCE = "Ring taken down, Aurel Herald (Port Aurel) 9 July 2024. https://aurel-herald.example/ring"
MARKS = {
    "raised": lambda n: superscript(str(n)),
    "roman": lambda n: raised_roman(roman(n)),
    "brackets": lambda n: f"[{n}]",
}
STARTS = {
    "12 ": "{}",
    "12. ": "{}.",
    "12) ": "{})",
    "12\t": "{}\t",
}


def body(numbers, mark="raised", *, y=TOP):
    """Lines of sentences, each with a mark."""
    return [line(f"They met.{MARKS[mark](n)} They left.", y - 12 * at) for at, n in enumerate(numbers)]


def notes(numbers, start="{}", *, size=8, y=300.0, text=SOURCE):
    """Lines of notes below the body."""
    lines = []
    for number in numbers:
        lines += column([f"{start.format(number)} {text}"], y=y, size=size)
        y = lines[-1].y - 1.2 * size
    return lines


def starts(pages):
    """The first words of lines that start with superscript digits."""
    return [each.text.split()[0] for page in number_notes(pages).pages for each in page if each.text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹"]


def raised(numbers):
    return [superscript(str(number)) for number in numbers]


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("size", [8, 10], ids=["small", "as the text"])
def test_plain_digits_of_notes_become_superscript(start, size):
    page = [*body(range(12, 17)), *notes(range(12, 17), start, size=size)]
    assert starts([page]) == raised(range(12, 17))
    assert number_notes([page]).doubt == ""


@pytest.mark.parametrize("start", ["{}", "{}."])
def test_roman_numerals_become_superscript_digits(start):
    lines = [note for n in (3, 4, 5) for note in notes([roman(n)], start, y=300 - 40 * n)]
    found = number_notes([[*body((3, 4, 5), "roman"), *lines]])
    assert starts([[*body((3, 4, 5), "roman"), *lines]]) == ["³", "⁴", "⁵"]
    assert [each.text for each in found.pages[0][:3]] == [f"They met.{mark} They left." for mark in "³⁴⁵"]


def test_raised_roman_numerals_of_notes_become_superscript_digits():
    lines = [note for n in (3, 4, 5) for note in notes([raised_roman(roman(n))], y=300 - 40 * n)]
    assert starts([[*body((3, 4, 5), "roman"), *lines]]) == ["³", "⁴", "⁵"]


def test_numbers_in_brackets_become_superscript_digits():
    page = [*body((4443, 4444), "brackets"), line("Both [4443, 4444] say so [2024].", 500)]
    found = number_notes([[*page, *notes((4443, 4444), "[{}]")]])
    assert [each.text for each in found.pages[0][:3]] == [
        "They met.⁴⁴⁴³ They left.", "They met.⁴⁴⁴⁴ They left.", "Both⁴⁴⁴³,⁴⁴⁴⁴ say so [2024].",
    ]  # fmt: skip
    assert starts([[*page, *notes((4443, 4444), "[{}]")]]) == ["⁴⁴⁴³", "⁴⁴⁴⁴"]


def test_a_title_that_starts_with_a_year_or_a_month_is_no_date():
    text = "The 2024 U.S. report, Aurel Herald (Port Aurel) n.d."
    page = [*body((4443, 4444)), *notes([4443], text=text), *notes([4444], y=250, text=f"May 2024 {SOURCE}")]
    assert starts([page]) == ["⁴⁴⁴³", "⁴⁴⁴⁴"]


def test_a_gap_in_the_numbers_ends_nothing():
    numbers = [1, 2, 3, 7, 8, 30, 31]
    assert starts([[*body(numbers), *notes(numbers)]]) == raised(numbers)


def test_a_number_in_a_note_is_no_note():
    lines = [*notes((4,), y=300), line("5 lorries with nobody in them, Herald", 270, size=8), *notes((5, 6), y=240)]
    found = number_notes([[*body((4, 5, 6)), *lines]])
    assert [each.text[:9] for each in found.pages[0] if each.text[0] in "⁴⁵⁶"] == [
        "⁴ Ring ta",
        "⁵ Ring ta",
        "⁶ Ring ta",
    ]
    assert "5 lorries with nobody in them, Herald" in [each.text for each in found.pages[0]]


@pytest.mark.parametrize(
    "page",
    [
        [line("12 lorries came.", 600), *body((12, 13))],
        [*body((1, 2, 3)), line("1\tWindmills\t0", 400, size=8), line("2\tBarley\t+1", 388, size=8)],
        [*body((1, 2)), *column(["1. On 5 July 2024, they met.", "2. On 6 July 2024, they left."], y=400)],
        [line("40 m² of 12 km² were searched.", 600), line("2 www.a.it is a site.", 500, size=8)],
    ],
    ids=["prose", "table", "numbered items", "powers"],
)
def test_other_numbers_at_the_start_of_lines_stay(page):
    assert [each.text for each in number_notes([page]).pages[0]] == [each.text for each in page]


def test_raised_numbers_of_notes_are_kept_whatever_a_list_looks_like():
    page = [*body(range(1, 6)), *notes(raised(range(1, 6))), *notes(range(1, 4), y=150)]
    assert number_notes([page]).pages == [page]


def test_notes_of_each_chapter_that_start_again_are_all_numbered():
    page = [*body((1, 2)), *notes((1, 2))]
    assert starts([page, page, page]) == ["¹", "²"] * 3


def test_marked_notes_that_are_missing_are_said():
    found = number_notes([[*body(range(1, 10)), *notes((1, 2, 3, 5, 6, 7, 9))]])
    assert found.doubt.startswith("7 notes numbered with digits were found; none has the number 4, 8, which the text")


def test_notes_out_of_sequence_are_said():
    found = number_notes([[*body(range(1, 10)), *notes((1, 2, 3, 8, 4, 5, 6, 7, 9))]])
    assert "1 more lines look like notes, but their numbers are out of sequence" in found.doubt


def test_marks_without_notes_are_said_and_stay_letters():
    found = number_notes([body((1, 2, 3, 4), "roman")])
    assert found.pages[0][3].text == "They met.iv They left."
    assert found.doubt.startswith("4 Roman numerals in the text look like note marks, but notes with them were not")


def test_a_document_without_lines_has_no_notes():
    assert number_notes([]) == ([], frozenset(), "")
