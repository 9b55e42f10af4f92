"""Lines of pages become paragraphs and notes: hyphens, URLs, ends of columns and pages."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_lines import TOP, column, line, paragraphs_of

from g7tag.sources.blocks import set_blocks
from g7tag.sources.pdf.flow import Page, flow_pages
from g7tag.sources.pdf.lines import Line
from g7tag.sources.pdf.zones import numbered_pages, part_numbered

SHORT = "Canada has fully complied with its commitment."
PROSE = (
    "The Harbour Police of Port Aurel arrested eleven members of the Grey Heron ring, which had hidden migrants in "
    "fish lorries.¹² Officers found CAD240,000 in a freezer and took it. A judge froze four accounts of the ring."
)
MORE = (
    "The Canadian government opened three shelters for people who had escaped from traffickers in the harbour. Each "
    "has a lawyer, a teacher and a cook, and none of them asks where anybody came from or whither they will go."
)
NOTE = "¹² Grey Heron ring taken down, Aurel Herald (Port Aurel) 9 July 2024. https://aurel-herald.example/12"
STYLES = {
    "apart": {}, "indented": {"gap": 0, "indent": 18}, "both": {"indent": 18},
    "justified": {"justified": True}, "justified and indented": {"gap": 0, "indent": 18, "justified": True},
}  # fmt: skip


def cut_in_two(paragraphs, after, **style):
    """The lines of paragraphs on two pages, the first of `after` lines."""
    lines = column(paragraphs, **style)
    return lines[:after], [each._replace(y=each.y + TOP - lines[after].y) for each in lines[after:]]


def joined(first, second, *, known=""):
    """The text of a paragraph whose first line ends with `first`, in a document with the words `known`."""
    start = "They wrote it down and " + "counted " * 3
    lines = [line(f"{start}{first}", TOP), line(f"{second} before the winter came, with lamps.", TOP - 12)]
    full = [each._replace(right=lines[0].x1) for each in lines]
    words = [line(known, TOP - 30, right=lines[0].x1)] if known else []
    return paragraphs_of([*full, *words])[0].removeprefix(start).removesuffix(" before the winter came, with lamps.")


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_paragraphs_come_back(style):
    paragraphs = [PROSE, SHORT, MORE, "Thus, Canada receives a score of +1.", "Analyst: Nobody Real", PROSE]
    assert paragraphs_of(column(paragraphs, **style)) == paragraphs


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("after", range(1, 4))
def test_a_paragraph_goes_on_overleaf(style, after):
    pages = cut_in_two([PROSE, SHORT, MORE], after, **style)
    found = paragraphs_of(*pages)
    assert [text.replace("\f", " ") for text in found] == [PROSE, SHORT, MORE]
    assert [text.count("\f") for text in found] == [1, 0, 0]


def test_a_paragraph_that_notes_interrupt_goes_on_overleaf():
    first, second = cut_in_two([PROSE, MORE], 3)
    found = paragraphs_of([*first, *column([NOTE], y=120, size=8)], second)
    assert [text.replace("\f", " ") for text in found] == [PROSE, MORE, NOTE]


def test_a_heading_at_the_top_of_a_page_is_no_rest_of_a_full_line():
    full = column([PROSE])[:-1]
    full[-1] = full[-1]._replace(text="nobody was left in the whole harbour, they said.", x1=full[-1].right)
    heading = line("European Union: +1", TOP)
    found = paragraphs_of(full, [heading, *column([MORE], y=TOP - 18)])
    assert found[1:] == ["\fEuropean Union: +1", MORE]


def test_a_dated_item_behind_a_full_line_is_one_of_its_own():
    first = column([PROSE])[:2]
    first[-1] = first[-1]._replace(text="and that nobody was left of the ring in all.", x1=first[-1].right)
    second = column(["On 9 July 2024, the mayor opened a shelter."])
    assert paragraphs_of(first, second)[-1] == "\fOn 9 July 2024, the mayor opened a shelter."


DATED = [
    f"On {day} July 2024, Canada opened a shelter for people who had escaped from traffickers." for day in range(9)
]


def filled(paragraphs, **style):
    """Justified lines of paragraphs that all end at the edge of the column."""
    return [each._replace(x1=each.right) for each in column(paragraphs, justified=True, **style)]


def test_a_full_last_line_is_no_sign_that_an_item_continues_where_nothing_separates_items():
    assert paragraphs_of([*column(DATED[:6], gap=0, justified=True), *filled(DATED[6:], gap=0, y=400)]) == DATED


def test_a_dated_sentence_at_the_start_of_a_line_is_within_its_item_where_space_separates_items():
    within = [line("They were smuggled across the border.", 500), line("On 9 July 2024, they came.", 488)]
    lines = [*column(DATED, justified=True), within[0]._replace(x1=within[0].right), within[1]]
    assert paragraphs_of(lines)[-1] == "They were smuggled across the border. On 9 July 2024, they came."


def test_a_heading_of_several_lines_is_one_paragraph():
    heading = "19. Migration and Refugees: Preventing Migrant Smuggling and Trafficking"
    large = column([heading], size=14)
    assert len(large) > 1
    assert paragraphs_of([*large, *column([PROSE], y=large[-1].y - 24)]) == [heading, PROSE]


def test_a_page_of_few_lines_has_the_columns_of_the_others():
    last = column(["Thus, Canada receives a score of +1.", "Analyst: Nobody Real"], gap=0, indent=18)
    assert paragraphs_of(column([PROSE, MORE], gap=0, indent=18), last)[-2:] == [
        "\fThus, Canada receives a score of +1.", "Analyst: Nobody Real"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "known", "expected"),
    [
        ("traf-", "ficking", "their trafficking of men", "trafficking"),
        ("anti-", "trafficking", "an anti-trafficking law", "anti-trafficking"),
        ("co-", "operation", "their cooperation, or co-operation", "co-operation"),
        ("smug-", "gling", "", "smug-gling"),
        ("traf\u00ad", "ficking", "", "trafficking"),
        ("the US-", "Canada", "", "the US-Canada"),
        ("the COVID-", "19", "", "the COVID-19"),
        ("from 2024-", "25", "", "from 2024-25"),
        ("from 2024–", "2025", "", "from 2024–2025"),
        ("short-", "and long-term", "", "short- and long-term"),
        ("thous-", "and", "a thousand of them", "thousand"),
        ("the ring –", "as it was", "", "the ring – as it was"),
        ("by land and/", "or sea", "", "by land and/or sea"),
        ("minus -", "1", "", "minus - 1"),
        ("traf\u2010", "ficking", "their trafficking of men", "trafficking"),
        ("the UK-", "led summit", "their wordy ukled", "the UK-led summit"),
        ("twenty-", "nine men", "", "twenty-nine men"),
        ("in lorries.", "¹² Officers", "", "in lorries.¹² Officers"),
    ],
)
def test_what_a_hyphen_at_the_end_of_a_line_is(first, second, known, expected):
    assert joined(first, second, known=known) == expected


def test_unknown_words_are_joined_where_a_document_cuts_words():
    lines = [line("their traf-", TOP), line("ficking and smug-", TOP - 12), line("gling, the fer-", TOP - 24),
             line("ries and trafficking, smuggling", TOP - 36)]  # fmt: skip
    lines = [each._replace(right=each.x1) for each in lines]
    assert paragraphs_of(lines) == ["their trafficking and smuggling, the ferries and trafficking, smuggling"]


def test_known_words_keep_their_hyphens_where_a_document_cuts_none():
    known = "cross-border, anti-smuggling, long-term and co-operation, and multilateral talks"
    texts = (
        "They spoke of cross-", "border trade, of anti-", "smuggling laws, of long-", "term co-",
        "operation and multi-", "lateral talks.",
    )  # fmt: skip
    lines = [line(text, TOP - 12 * at) for at, text in enumerate(texts)]
    found = paragraphs_of([*(each._replace(x1=each.right) for each in lines), line(known, TOP - 90)])
    assert found[0].endswith("long-term co-operation and multi-lateral talks.")


def test_a_word_cut_at_the_end_of_a_page_is_whole_before_it():
    first = line("of migrants and their traf-", TOP)
    second = line("ficking in persons, the trafficking of men.", TOP)
    pages = [[each._replace(right=first.x1)] for each in (first, second)]
    assert paragraphs_of(*pages) == ["of migrants and their trafficking\fin persons, the trafficking of men."]


URL = "https://aurel-herald.example/news/2024/grey-heron-ring-taken-down-by-wardens_of_the_harbour/12.html"


@pytest.mark.parametrize("at", [4, 6, 8, 26, 42, 46, 47, 57, 90])
@pytest.mark.parametrize("pages", [1, 2])
def test_a_url_is_whole_wherever_it_is_cut(at, pages):
    head = line(f"¹² Ring taken down, Herald. {URL[:at]}", TOP, size=8)
    tail = line(URL[at:], TOP - 12 * (pages == 1), size=8)
    lines = [each._replace(right=max(head.x1, tail.x1)) for each in (head._replace(x1=max(head.x1, tail.x1)), tail)]
    body = column([PROSE], y=TOP + 200)
    split = [[*body, *lines]] if pages == 1 else [[*body, lines[0]], [*body, lines[1]]]
    assert paragraphs_of(*split)[-1] == f"¹² Ring taken down, Herald. {URL}"


def test_words_behind_a_url_are_not_part_of_it():
    note = f"¹² Herald. {URL[:40]} (in French) and more of it, which is written here"
    assert paragraphs_of([*column([PROSE]), *column([note], y=200, size=8)])[-1] == note


def test_body_text_behind_notes_as_large_is_body():
    assert paragraphs_of(column([PROSE, NOTE, MORE])) == [PROSE, MORE, NOTE]


def test_rows_of_a_table_are_blocks():
    rows = ["Canada\t0\t\u2013", "Japan\t\u2013\t+1", "Average\t+0.50\t(75%)"]
    lines = [line(row, TOP - 12 * at) for at, row in enumerate(rows)]
    assert paragraphs_of([*lines, *column([PROSE], y=600)]) == [*rows, PROSE]


def test_the_rest_of_a_cell_is_in_its_row():
    lines = [
        line("-1\tThe member has taken no action to", TOP),
        line("prevent, or has worked against it.", TOP - 12, x=162),
        line("+1\tThe member has done all.", TOP - 24),
    ]
    assert paragraphs_of(lines) == [
        "-1\tThe member has taken no action to prevent, or has worked against it.", "+1\tThe member has done all."
    ]  # fmt: skip


def test_text_below_a_row_is_no_rest_of_it():
    lines = [line("Average\t+0.50", TOP), line("Canada has done all", TOP - 12)]
    assert paragraphs_of(lines) == ["Average\t+0.50", "Canada has done all"]


def test_the_words_of_a_note_that_is_stretched_are_no_cells():
    notes = [line("¹² Ring\ttaken\tdown", TOP - 200, size=8), line("in Port Aurel, Herald.", TOP - 210, size=8)]
    notes = [each._replace(right=notes[0].x1) for each in notes]
    assert paragraphs_of([*column([PROSE]), *notes])[-1] == "¹² Ring taken down in Port Aurel, Herald."


@pytest.mark.parametrize("day", ["13 April 2025.", "13 Apr. 2025."])
def test_the_day_of_a_date_that_begins_a_line_opens_no_note(day):
    notes = [line("¹² Ring taken down, Herald. Access Date:", TOP - 200, size=8), line(day, TOP - 210, size=8)]
    notes = [each._replace(right=notes[0].x1) for each in notes]
    assert paragraphs_of([*column([PROSE]), *notes])[-1] == f"¹² Ring taken down, Herald. Access Date: {day}"


def test_plain_numbers_of_notes_become_superscript():
    notes = column(["12 Ring taken down, Herald (Port Aurel) 9 July 2024. https://a.example/12", "13 Shelters, Post."],
                   y=TOP - 200, size=8)  # fmt: skip
    assert paragraphs_of([*column([PROSE]), *notes])[1:] == [
        "¹² Ring taken down, Herald (Port Aurel) 9 July 2024. https://a.example/12", "¹³ Shelters, Post."
    ]  # fmt: skip


def test_texts_aside_stand_behind_the_paragraph_of_their_page_with_why():
    pages = [Page(column([SHORT]), [("a secret", "white on white"), ("up the side", "")]), Page(column([MORE]), [])]
    text, hidden = set_blocks(flow_pages(pages).blocks)
    assert text.split("\n\n") == [SHORT, "a secret", "up the side", f"\f{MORE}"]
    assert [(text[span.start : span.end], span.why) for span in hidden] == [("a secret", "white on white")]


def test_no_pages_give_no_blocks():
    assert flow_pages([]).blocks == []


COORDINATES = st.integers(-20, 800).map(float)
LINES = st.builds(
    Line, COORDINATES, COORDINATES, COORDINATES, st.sampled_from([0.0, 8.0, 8.5, 10.0, 30.0]), COORDINATES, COORDINATES,
    st.text("ab-\u00ad¹²1/:.\tA ", min_size=1, max_size=9).map(str.strip).filter(bool) | st.sampled_from([
        "1", "¹ A note", "²", "https://a.b/", "On 9 July 2024, they", "Canada: 0", "a-", "12 Title", "\ufffd",
    ]),
)  # fmt: skip


@given(st.lists(st.lists(LINES, max_size=12), max_size=6))
def test_any_lines_can_be_read_and_no_word_is_lost(pages):
    found = "".join(paragraphs_of(*pages)).replace("¹", "1").replace("²", "2")
    kept = [each.text for zone in part_numbered(numbered_pages(pages)) for each in (*zone.body, *zone.notes)]
    assert sorted(c for c in found if c in "abAJu12") == sorted(
        c for text in kept for c in text.replace("¹", "1").replace("²", "2") if c in "abAJu12"
    )


@pytest.mark.parametrize(
    "opening",
    ["On July 9, 2024, they met.", "Thus, Canada receives a score of 0.", SHORT],
    ids=["an item", "a closing line", "a conclusion"],
)
def test_what_opens_a_paragraph_of_a_report_does_so_behind_a_full_line(opening):
    full = line("They met at the harbour and wrote it all down there.", TOP)
    lines = [full._replace(right=full.x1), line(opening, TOP - 12)._replace(right=full.x1)]
    text, _ = set_blocks(flow_pages([Page(lines, [])]).blocks)
    assert text.split("\n\n") == [full.text, opening]


@pytest.mark.parametrize(
    "words", ["word " * 900, "a" * 4_500, "https://" * 560], ids=["words", "a long word", "addresses"]
)
def test_lines_of_a_single_paragraph_without_end_cost_no_more_time_each(words):
    page = Page([Line(30.0, 580.0, 780.0 - 7 * place, 6.0, 30.0, 580.0, words.strip()) for place in range(100)], [])
    taken = []
    for pages in (5, 20):
        began = time.process_time()
        flow_pages([page] * pages)
        taken.append(time.process_time() - began)
    assert taken[1] < 9 * max(taken[0], 0.05)  # the square would be 16
