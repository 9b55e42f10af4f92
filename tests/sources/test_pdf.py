"""Text of a PDF: lines and columns, paragraphs and words, pages, and notes however they are numbered."""

import time
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter, Transformation
from raw_pdf import HELVETICA, stream, text_at, write_pages
from reading import blocks, read
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from set_lines import LEFT, MEASURE, TIMES, TOP, Line, at_foot, blocks_of, column, drawn, moved
from set_pdf import width_of

from g7tag.sources.marks import roman, superscript
from g7tag.sources.pdf.flow import Page, flow_pages
from g7tag.sources.pdf.lines import Line as ReadLine

PROSE = (
    "The Harbour Police of Port Aurel arrested eleven members of the Grey Heron ring, which had hidden migrants in "
    "fish lorries.¹² Officers found CAD240,000 in a freezer and took it. A judge froze four accounts of the ring."
)
MORE = (
    "The Canadian government opened three shelters for people who had escaped from traffickers.¹³ Each has a lawyer, a "
    "teacher and a cook, and none of them asks where anybody came from or whither they will go, if they go at all."
)
SHORT = "Canada has fully complied with its commitment."
NOTE = "¹² Grey Heron ring taken down, Aurel Herald (Port Aurel) 9 July 2024. https://aurel-herald.example/12"
NEXT = "¹³ Shelters open, Prairie Post (Redwater) 3 September 2024. https://prairie-post.example/13"
LONG = "¹² Treaty, " + "of which every article is given here word for word and then once more, " * 12 + "n.d."
RIGHT = LEFT + MEASURE


def plain(found: list[str]) -> list[str]:
    """Blocks without the ends of pages."""
    return [text.replace("\f", " ").strip() for text in found]


def behind(text: str, more: str, *, size: float = 10, up: float = 0, gap: float = 0) -> bytes:
    """Two texts on a line, the second after the first, raised by `up`."""
    return drawn([Line(text), Line(more, TOP + up, LEFT + width_of(text, 10, TIMES) + gap, size)])


FRAKTUR = "1 beginbfchar\n<78> <D835DC00>\nendbfchar\n"
MAPPED = HELVETICA.replace(">>", "/ToUnicode 21 0 R >>")


@pytest.mark.parametrize(("pdf", "text"), [
    (behind("ended.", "4414", size=6, up=3.5), "ended.⁴⁴¹⁴"),
    (behind("ended.", "4414", size=6, up=6.5), "ended.⁴⁴¹⁴"),
    (behind("ended.", "12, 13", size=6, up=3), "ended.¹², ¹³"),
    (behind("240 km", "2", size=6, up=3), "240 km²"),
    (behind("the 1", "st", size=6, up=3), "the 1st"),
    (behind("CO", "2", size=6, up=-2), "CO2"),
    (behind("CO", "2", size=10, up=3), "CO2"),
    (behind("eleven", "members", gap=3), "eleven members"),
    (behind("fer", "ry", gap=0.9), "ferry"),
    (behind("Canada", "0", gap=90), "Canada\t0"),
    (drawn([Line("Summary . . . . . . . . . . 12")]), "Summary\t12"),
    (drawn([Line("They said that ... nothing was left.")]), "They said that ... nothing was left."),
    (drawn([Line("CAD \u00a0 240,000   in  all")]), "CAD 240,000 in all"),
    (write_pages("BT /F1 12 Tf 72 700 Td [(with) -130 (0.5) -130 (gaps)] TJ ET"), "with 0.5 gaps"),
    (write_pages("BT /F1 12 Tf 72 700 Td [(with) -60 (0.5) -60 (gaps)] TJ ET"), "with0.5gaps"),
    (write_pages(text_at("x Canada x"), extra={3: MAPPED, 21: stream(FRAKTUR)}), "\U0001d400 Canada \U0001d400"),
    (write_pages(f"{text_at('Canada: 0')} BT /F1 12 Tf 0 Tz 72 500 Td (x) Tj ET"), "Canada: 0"),
], ids=["mark", "high mark", "marks", "power", "raised letters", "lowered", "as large", "words", "letters", "cells",
    "dots to a page", "three dots", "blanks", "wide gaps", "close gaps", "beyond the basic plane",
    "no width"])  # fmt: skip
def test_pieces_of_a_line_become_its_words_marks_and_cells(pdf, text):
    assert blocks(pdf) == [text]


def test_text_in_a_font_that_is_not_in_the_file_is_a_gap():
    file = BytesIO()
    registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    canvas = Canvas(file, pagesize=(612, 792), invariant=True)
    canvas.setFont("HeiseiMin-W3", 12)
    canvas.drawString(72, 700, "日本は約束を守った Japan: 0")
    canvas.save()
    found = read(file.getvalue())
    assert (found.status, found.blocks[0]) == ("partial", "Japan: 0")
    assert "in a font that is not embedded" in found.gaps[0][2]


@pytest.mark.parametrize("way", ["turned page", "turned text"])
def test_a_page_that_lies_on_its_side_is_read_upright(way):
    writer = PdfWriter(clone_from=PdfReader(BytesIO(drawn(column([PROSE, MORE])))))
    for page in writer.pages:
        page.add_transformation(Transformation().rotate(90).translate(float(page.mediabox.height), 0))
        page.mediabox.upper_right = (float(page.mediabox.height), float(page.mediabox.width))
        if way == "turned page":
            page.rotate(90)
    file = BytesIO()
    writer.write(file)
    assert blocks(file.getvalue()) == [PROSE, MORE]


def beside(lines: list[Line]) -> list[Line]:
    """Lines as the second column of the page."""
    return [each._replace(x=each.x + 260, end=each.end + 260 if each.end else 0) for each in lines]


LEFT_COLUMN, RIGHT_COLUMN = column([PROSE, PROSE]), beside(column([MORE, MORE]))


@pytest.mark.parametrize("lower", [0, 5, 7], ids=["same baselines", "between", "below"])
def test_columns_are_read_one_after_the_other_whatever_their_order_in_the_file(lower):
    right = [each._replace(y=each.y - lower) for each in RIGHT_COLUMN]
    assert blocks_of([*LEFT_COLUMN, *right]) == [PROSE, PROSE, MORE, MORE]
    assert blocks_of([*right[::-1], *LEFT_COLUMN]) == [PROSE, PROSE, MORE, MORE]


ACROSS = Line("A heading that stands across the two columns of the page, in the middle of it", 560, 110)
BELOW = [each._replace(y=each.y - 180) for each in (*LEFT_COLUMN, *RIGHT_COLUMN)]
MEMBERS = ("Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "United States", "European Union")
TABLE = [Line(text, TOP - 18 * at, x) for at, name in enumerate(MEMBERS) for text, x in ((name, 72), ("+1", 360))]
LAST = [SHORT, "Thus, Canada receives a score of 0.", "Japan: +1", "Japan has taken strong action."]
BOTH = [PROSE, PROSE, MORE, MORE]


def test_stretched_words_at_the_edge_are_no_cells():
    words = ("these", "organizations", "met")
    gap = (MEASURE - sum(width_of(word, 10, TIMES) for word in words)) / 2
    first = Line(words[0], TOP + 12)
    row = [first, Line(words[1], TOP + 12, LEFT + width_of(words[0], 10, TIMES) + gap)]
    row.append(Line(words[2], TOP + 12, RIGHT - width_of(words[2], 10, TIMES)))
    assert blocks_of([*row, *column([PROSE, MORE])])[0].startswith("these organizations met")


@pytest.mark.parametrize(
    "style", [{}, {"justified": False}, {"gap": 0, "indent": 18}], ids=["justified", "ragged", "indented"],
)  # fmt: skip
def test_paragraphs_come_back_also_overleaf(style):
    paragraphs = [PROSE, SHORT, MORE, "Thus, Canada receives a score of +1.", "Analyst: Nobody Real", PROSE]
    lines = column(paragraphs, **style)
    assert blocks_of(lines) == paragraphs
    for after in (1, 2, 3):
        second = [each._replace(y=each.y + TOP - lines[after].y) for each in lines[after:]]
        found = blocks_of(lines[:after], second)
        assert (plain(found), found[0].count("\f")) == (paragraphs, 1)


def full(text: str, y: float = TOP) -> Line:
    return Line(text, y, end=RIGHT)


@pytest.mark.parametrize("opening", [
    "On 9 July 2024, the mayor opened a shelter.", "Thus, Canada receives a score of 0.", SHORT, "Canada: +1",
], ids=["item", "closing line", "conclusion", "heading"])  # fmt: skip
def test_what_opens_a_paragraph_of_a_report_does_so_behind_a_full_line(opening):
    lines = [*column([PROSE])[:2], full("and that nobody was left of it.", TOP - 24)]
    assert blocks_of([*lines, Line(opening, TOP - 36)])[1:] == [opening]
    assert blocks_of(lines, [Line(opening), *column([MORE], y=TOP - 18)])[1] == f"\f{opening}"


@pytest.mark.parametrize("mark", ["¹²", "12", " [12]"])
def test_an_item_opens_behind_a_mark_of_a_note_however_it_is_printed(mark):
    found = blocks_of([full(f"They left the harbour of Port Aurel.{mark}"), Line("On 9 July 2024, it met.", TOP - 12)])
    assert found[1:] == ["On 9 July 2024, it met."]


DATED = [
    f"On {day} July 2024, Canada opened a shelter for people who had escaped from traffickers." for day in range(9)
]


WITHIN = [full("They were smuggled across the border.", 400), Line("On 9 July 2024, they came.", 388)]
CLOSE = [each._replace(end=RIGHT) for each in column(DATED[6:], gap=0, y=400)]
HEADING = "19. Migration and Refugees: Preventing Migrant Smuggling and Trafficking"
LARGE = column([HEADING], size=14)
ROWS = ["Canada\t0\t–", "Japan\t–\t+1", "Average\t0.50\t(75%)"]
RUBRIC = [
    Line("-1\tThe member has taken no action to"), Line("prevent, or has worked against it.", TOP - 12, LEFT + 90),
    Line("+1\tThe member has done all.", TOP - 24),
]  # fmt: skip


def joined(first: str, second: str, known: str = "") -> str:
    """What a line that ends with `first` and one that begins with `second` say together."""
    start, end = "They wrote it down and " + "counted " * 3, " before the winter came, with lamps."
    words = [Line(known, TOP - 30)] if known else []
    return (
        blocks_of([Line(start + first), Line(second + end, TOP - 12), *words])[0].removeprefix(start).removesuffix(end)
    )


@pytest.mark.parametrize(("first", "second", "known", "expected"), [
    ("traf-", "ficking", "their trafficking of men", "trafficking"),
    ("anti-", "trafficking", "an anti-trafficking law", "anti-trafficking"),
    ("smug-", "gling", "", "smug-gling"),
    ("the US-", "Canada", "", "the US-Canada"),
    ("from 2024-", "25", "", "from 2024-25"),
    ("from 2024–", "2025", "", "from 2024–2025"),
    ("short-", "and long-term", "", "short- and long-term"),
    ("thous-", "and", "a thousand of them", "thousand"),
    ("the ring –", "as it was", "", "the ring – as it was"),
    ("by land and/", "or sea", "", "by land and/or sea"),
    ("the UK-", "led summit", "", "the UK-led summit"),
    ("in lorries.", "¹² Officers", "", "in lorries.¹² Officers"),
])  # fmt: skip
def test_what_a_hyphen_at_the_end_of_a_line_is(first, second, known, expected):
    assert joined(first, second, known) == expected


URL = "https://aurel-herald.example/news/2024/grey-heron-ring-taken-down/12.html"


@pytest.mark.parametrize("at", [4, 6, 8, 26, 39, 44, 55])
@pytest.mark.parametrize("pages", [1, 2])
def test_a_url_is_whole_wherever_it_is_cut(at, pages):
    head, tail = full(f"¹² Ring taken down, Herald. {URL[:at]}"), Line(URL[at:], TOP - 12 * (pages == 1))
    body = column([PROSE], y=TOP + 80)
    head, tail = head._replace(size=8, end=300), tail._replace(size=8)
    split = [[*body, head, tail]] if pages == 1 else [[*body, head], [*body, tail]]
    assert blocks_of(*split)[-1] == f"¹² Ring taken down, Herald. {URL}"


@pytest.mark.parametrize("heads", [
    ["A Final Compliance Report"] * 3,
    ["Report", "19. Smuggling"] * 3,
    ["Windmills"] * 3 + ["Peat bogs"] * 4,
    [f"{number} Final Report" for number in range(9, 13)],
    ["Final Report, page 8", "9\tWindmills", "Final Report, page 10", "11\tWindmills", "Final Report, page 12"],
    ["Final Report"] * 2,
    ["Windmills"] * 4 + ["Peat bogs"] + ["Toll bridges"] * 3,
], ids=["one", "left and right", "by chapter", "with number", "numbers left and right", "two pages",
    "short chapter"])  # fmt: skip
@pytest.mark.parametrize("y", [TOP + 40, 60], ids=["head", "foot"])
def test_what_pages_repeat_is_left_out(heads, y):
    pages = [[Line(head, y, size=8), *column([PROSE])] for head in heads]
    assert plain(blocks_of(*pages)) == [PROSE] * len(heads)


@pytest.mark.parametrize("number", ["743", "- 12 -", "Page 12", "page 12 of 300", "12/300", "p. 12", "[12]", "xiv"])
@pytest.mark.parametrize("y", [TOP + 40, 60], ids=["head", "foot"])
def test_page_numbers_are_left_out_also_of_a_single_page(number, y):
    assert blocks_of([*column([PROSE]), Line(number, y)]) == [PROSE]


@pytest.mark.parametrize(("numbers", "kept"), [
    (["7", "8", "9"], []), (["Page 7", "Page 8", "Page 9"], []), (["3 / 40", "4 / 40", "5 / 40"], []),
    (["viii", "ix", "x"], []), (["7", "9", "12"], ["7", "9", "12"]), (["2024"] * 3, ["2024"] * 3), (["7"], ["7"]),
    (["mix", "di", "civil"], ["mix", "di", "civil"]),
])  # fmt: skip
def test_a_number_near_the_text_is_no_text_if_it_counts_the_pages(numbers, kept):
    prose = column([PROSE])
    found = plain(blocks_of(*([*prose, Line(number, prose[-1].y - 12)] for number in numbers)))
    assert " ".join(found).replace(PROSE, "").split() == kept


@pytest.mark.parametrize(("heads", "kept"), [
    ([Line("Canada: 0")] * 3, 3), ([Line("United States: +1")] * 3, 3), ([Line("Japan: -1")] * 3, 3),
    ([Line("Windmills", TOP + 40, size=8)] * 2 + [None] * 2, 2), ([Line("19", TOP + 40, size=24)], 1),
    ([Line("Background", TOP + 40), *[None] * 4] * 2 + [Line("Background", TOP + 40)], 3),
], ids=["member", "another member", "minus", "two of many pages", "title", "pages far apart"])  # fmt: skip
def test_a_heading_is_no_head_of_pages(heads, kept):
    pages = [[*([head] if head else []), *column([PROSE], y=TOP - 20)] for head in heads]
    assert plain(blocks_of(*pages)).count(heads[0].text) == kept


@pytest.mark.parametrize(("size", "cuts"), [(8, [5]), (8, [5, 10]), (10, [3])], ids=["next", "third", "large"])
def test_a_note_goes_on_overleaf(size, cuts):
    lines = at_foot([LONG], size=size)
    parts = [lines[start:end] for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    pages = [[*column([text]), *moved(part)] for text, part in zip((PROSE, MORE, PROSE), parts, strict=False)]
    pages[-1] += at_foot([NEXT], size=size, foot=40)
    assert plain(blocks_of(*pages))[-2:] == [LONG, NEXT]


QUOTED = "The wardens shall look into each lorry, whatever it carries, and write down whom they find."
OPENINGS = ("Analyst: Nobody Real", "On 9 July 2024, they met.", "They met.¹³ They left.")
ACCESS = "¹² Ring taken down, Herald. Access Date:"
PLAIN_URL = f"¹² Herald. {URL[:40]} (in French) and more of it, which is written here"
CUTS = ("their traf-", "ficking and smug-", "gling, the fer-", "ries and trafficking, smuggling")
NOTED = [*column([PROSE]), *at_foot([NOTE])]
PAGES = {
    "heading across both columns": ([[*LEFT_COLUMN, *RIGHT_COLUMN, ACROSS, *BELOW]], [*BOTH, ACROSS.text, *BOTH]),
    "table": ([TABLE], [f"{name}\t+1" for name in MEMBERS]),
    "short second column after a long one": (
        [[*LEFT_COLUMN, *RIGHT_COLUMN], [*column(LAST[:2]), *beside(column(LAST[2:]))]],
        [*BOTH, f"\f{SHORT}", *LAST[1:]]),
    "date within an item": (
        [[*column(DATED), *WITHIN]], [*DATED, "They were smuggled across the border. On 9 July 2024, they came."]),
    "items without space": ([[*column(DATED[:6], gap=0), *CLOSE]], DATED),
    "heading of two lines": ([[*LARGE, *column([PROSE], y=LARGE[-1].y - 24)]], [HEADING, PROSE]),
    "rows": ([[*(Line(row, TOP - 12 * at) for at, row in enumerate(ROWS)), *column([PROSE], y=600)]], [*ROWS, PROSE]),
    "cell of two lines": ([RUBRIC], ["-1\tThe member has taken no action to prevent, or has worked against it.",
                                     "+1\tThe member has done all."]),
    "unknown words that a document cuts": (
        [[full(text, TOP - 12 * at) for at, text in enumerate(CUTS)]],
        ["their trafficking and smuggling, the ferries and trafficking, smuggling"]),
    "word cut overleaf": (
        [[full("of migrants and their traf-")], [full("ficking in persons, the trafficking of men.")]],
        ["of migrants and their trafficking\fin persons, the trafficking of men."]),
    "words behind a URL": ([[*column([PROSE]), *at_foot([PLAIN_URL])]], [PROSE, PLAIN_URL]),
    "page without text": ([column([PROSE]), [], column([MORE])], [PROSE, f"\f\f{MORE}"]),
    **{f"quotation in small letters at {y}": (
        [NOTED, [*column([MORE]), *column([QUOTED], y=y, size=8), *at_foot([NEXT])]],
        [PROSE, f"\f{MORE}", QUOTED, NOTE, NEXT]) for y in (620, 300)},
    "notes as large as the body": (
        [[*column([text]), *at_foot([note], size=10)] for text, note in ((PROSE, NOTE), (MORE, NEXT))],
        [PROSE, f"\f{MORE}", NOTE, NEXT]),
    "note as large as the body, within it": ([column([PROSE, NOTE, MORE])], [PROSE, MORE, NOTE]),
    **{f"{opening} behind a note as large": (
        [[*column([PROSE]), *at_foot([NOTE], size=10)],
         [*column([f"{opening} {MORE}"]), *at_foot([NEXT], size=10)]],
        [PROSE, f"\f{opening} {MORE}", NOTE, NEXT]) for opening in OPENINGS},
    **{f"{day} begins a line": (
        [[*column([PROSE]), Line(ACCESS, 100, size=8, end=250), Line(day, 90, size=8)]], [PROSE, f"{ACCESS} {day}"])
       for day in ("13 April 2025.", "13 Apr. 2025.")},
}  # fmt: skip


@pytest.mark.parametrize(("pages", "found"), PAGES.values(), ids=PAGES)
def test_lines_become_paragraphs_rows_and_notes(pages, found):
    assert blocks_of(*pages) == found


SOURCE = "Ring taken down, Aurel Herald (Port Aurel) 9 July 2024. https://aurel-herald.example/ring"


def marked(numbers: list[int], mark: str = "raised") -> list[Line]:
    """Lines of sentences, each with a mark."""
    lines: list[Line] = []
    for at, number in enumerate(numbers):
        y, before = TOP - 12 * at, "They met."
        shown = superscript(str(number)) if mark == "raised" else f"[{number}]"
        if mark == "roman":
            x, size = LEFT + width_of(before, 10, TIMES), 6
            after = x + width_of(roman(number), size, TIMES) + 2.5
            lines += [Line(before, y), Line(roman(number), y + 3.5, x, size), Line("They left.", y, after)]
        else:
            lines.append(Line(f"{before}{shown} They left.", y))
    return lines


def notes(
    numbers: list[object], start: str = "{} ", *, size: float = 8, y: float = 300, text: str = SOURCE
) -> list[Line]:
    lines: list[Line] = []
    for number in numbers:
        lines += column([f"{start.format(number)}{text}"], y=y, size=size)
        y = lines[-1].y - 1.2 * size
    return lines


def numbers_of(found: list[str]) -> list[str]:
    """The superscript numbers at the start of blocks."""
    return [text.split()[0] for text in found if text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹"]


@pytest.mark.parametrize(("mark", "start", "size"), [
    ("raised", "{} ", 8), ("raised", "{}. ", 10), ("raised", "{}) ", 8), ("roman", "{} ", 8), ("roman", "{}. ", 8),
    ("brackets", "[{}] ", 8), ("brackets", "[{}] ", 10), ("brackets", "{}. ^ ", 8),
])  # fmt: skip
def test_numbers_and_marks_of_notes_become_superscript_digits_in_whatever_way_they_are_printed(mark, start, size):
    numbers = [roman(number) if mark == "roman" else number for number in (43, 44, 45)]
    found = read(drawn([*marked([43, 44, 45], mark), *notes(numbers, start, size=size)]))
    assert found.blocks[:3] == [f"They met.{shown} They left." for shown in ("⁴³", "⁴⁴", "⁴⁵")]
    assert (numbers_of(found.blocks), found.gaps) == (["⁴³", "⁴⁴", "⁴⁵"], [])


def test_several_numbers_in_brackets_are_one_mark_and_a_year_is_none():
    text = [*marked([43, 44], "brackets"), Line("Both [43, 44] say so [2024].", 500)]
    assert blocks_of([*text, *notes([43, 44], "[{}] ")])[2] == "Both⁴³,⁴⁴ say so [2024]."


def test_flat_marks_become_superscript_where_the_notes_have_their_numbers():
    found = blocks_of([*column(["They met.12 Nobody left.13 They had 12 lamps, and saw 13."]), *notes([12, 13])])
    assert found[0] == "They met.¹² Nobody left.¹³ They had 12 lamps, and saw 13."


def test_a_gap_in_the_numbers_ends_nothing_and_chapters_may_count_again():
    numbers = [1, 2, 3, 7, 8, 30, 31]
    assert numbers_of(blocks_of([*marked(numbers), *notes(numbers, y=500)])) == [superscript(str(n)) for n in numbers]
    for start, first in (("{} ", SOURCE), ("¹ ", "See above.")):
        pages = [
            [
                *column([f"{name} kept its word.¹ Nobody saw it.²"]), *notes([1], start, text=f"{name}. {first}"),
                *notes([2], start.replace("¹", "²"), y=200, text=f"{name} did. {SOURCE}"),
            ]
            for name in ("Atlantis", "Lyonesse", "Ysmere")
        ]  # fmt: skip
        assert numbers_of(plain(blocks_of(*pages))) == ["¹", "²"] * 3


def test_a_number_in_a_note_is_no_note():
    lines = [*notes([4]), *column(["5 lorries with nobody in them, Herald"], y=275, size=8), *notes([5, 6], y=240)]
    assert numbers_of(blocks_of([*marked([4, 5, 6]), *lines])) == ["⁴", "⁵", "⁶"]


@pytest.mark.parametrize(("page", "kept"), [
    ([Line("12 lorries came.", 600), *marked([12, 13])], "12 lorries came."),
    ([Line("1\tWindmills\t0", 400), Line("2\tBarley\t+1", 388), *marked([1, 2, 3])], "2\tBarley\t+1"),
    ([*marked([1, 2]), *column(["1. On 5 July 2024, they met."], y=400)], "1. On 5 July 2024, they met."),
    ([Line("40 m² of 12 km² were searched.", 600), Line("2 sites were searched.", 500, size=8), Line(SHORT, 450)],
     "2 sites were searched."),
    ([*column([PROSE]), *at_foot(["⁰ Nothing, Aurel Herald n.d."])], "⁰ Nothing, Aurel Herald n.d."),
], ids=["prose", "table", "numbered items", "powers", "nought"])  # fmt: skip
def test_other_numbers_at_the_start_of_lines_stay(page, kept):
    assert kept in blocks_of(page)


@pytest.mark.parametrize(("page", "doubt"), [
    ([*marked(list(range(1, 10))), *notes([1, 2, 3, 5, 6, 7, 9], y=500)],
     "7 notes numbered with digits were found; none has the number 4, 8, which the text"),
    ([*marked(list(range(1, 10))), *notes([1, 2, 3, 8, 4, 5, 6, 7, 9], y=500)],
     "1 more lines look like notes, but their numbers are out of sequence"),
    (marked([1, 2, 3, 4], "roman"), "0 notes numbered with Roman numerals were found; none has the number 1, 2, 3"),
], ids=["missing", "out of sequence", "none"])  # fmt: skip
def test_notes_that_are_not_found_are_a_gap(page, doubt):
    ((part, kind, reason),) = read(drawn(page)).gaps
    assert (part, kind) == ("notes", "unread")
    assert doubt in reason


@pytest.mark.slow
@pytest.mark.parametrize("words", ["word " * 900, "https://" * 560], ids=["words", "addresses"])
def test_lines_without_end_cost_no_more_time_each(words):
    page = Page([ReadLine(30.0, 580.0, 780.0 - 7 * at, 6.0, 30.0, 580.0, words.strip()) for at in range(50)], [])
    taken = []
    for pages in (5, 20):
        began = time.process_time()
        flow_pages([page] * pages)
        taken.append(time.process_time() - began)
    assert taken[1] < 9 * max(taken[0], 0.05)  # the square would be 16
