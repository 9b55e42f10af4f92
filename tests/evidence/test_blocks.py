"""What the blocks of a document tell is not guessed again: notes, headings, rows, and lines that an author ended."""

import pytest

from g7tag.evidence.layout import read_layout
from g7tag.evidence.passage import clean_passage
from g7tag.sources.blocks import Block, Run, set_blocks

ITEM = "On 5 July 2024, it met Atlantis.⁷"


def block(text, kind="paragraph", number=None):
    return Block((Run(text),), kind, number)


def layout_of(*blocks, wrapped=False):
    text, _, spans = set_blocks(blocks)
    return text, read_layout(text, spans, wrapped=wrapped)


def bodies(*blocks, wrapped=False):
    text, layout = layout_of(*blocks, wrapped=wrapped)
    return [clean_passage(text, paragraph.spans, layout.numbers).text for paragraph in layout.paragraphs]


def test_a_note_needs_no_sign_of_a_citation():
    text, layout = layout_of(block(ITEM), block("⁷ See the law above.", "note", 7))
    assert [(note.number, [text[s.start : s.end] for s in note.spans]) for note in layout.notes] == [
        (7, ["⁷ See the law above."])
    ]
    assert bodies(block(ITEM), block("⁷ See the law above.", "note", 7)) == ["On 5 July 2024, it met Atlantis."]


def test_a_note_that_is_no_block_is_found_by_its_lines():
    _, layout = layout_of(block(ITEM), block("⁷ A law, Gazette (Rome) n.d. https://a.it"), block("⁸ More.", "note", 8))
    assert [note.number for note in layout.notes] == [7, 8]


def test_a_number_of_two_notes_is_the_first_ones_and_reported():
    first, second = "⁷ A law, Gazette (Rome) n.d. https://a.it", "⁷ A plan, Cabinet (Rome) n.d. https://b.it"
    text, layout = layout_of(block(ITEM), block(first, "note", 7), block(second, "note", 7))
    assert [text[note.spans[0].start : note.spans[0].end] for note in layout.notes] == [first]
    assert layout.repeated == [7]
    assert len(layout.paragraphs) == 1


def test_lines_that_their_author_ended_open_what_they_look_like():
    lines = (
        "Canada: 0\nCanada has partially complied with its commitment.\nIt took\nweak action.\n"
        "On 5 July 2024, it met Atlantis.\nThus, Canada receives a score of 0.\nAnalyst: Nobody Real"
    )
    assert bodies(block(lines)) == [
        "Canada: 0",
        "Canada has partially complied with its commitment. It took weak action.",
        "On 5 July 2024, it met Atlantis.",
        "Thus, Canada receives a score of 0.",
        "Analyst: Nobody Real",
    ]


@pytest.mark.parametrize("line", ["Scoring Guidelines", "Canada 0", "2. Energy", "• a point"])
def test_a_line_of_its_own_is_one_only_where_its_author_ended_it(line):
    assert len(bodies(block(f"They met.\n{line}"))) == 2
    assert len(bodies(block(f"They met.\n{line}"), wrapped=True)) == 1


def test_cells_that_lay_out_the_page_are_paragraphs():
    assert bodies(block("Canada: 0\nIt met.\tJapan: 0\nIt left.", "row")) == [
        "Canada: 0",
        "It met.",
        "Japan: 0",
        "It left.",
    ]
    assert bodies(block("1.\tOn 5 July 2024, it met.", "row")) == ["1.", "On 5 July 2024, it met."]


def test_other_rows_stay_whole():
    assert bodies(block("Canada\nthe first\t0", "row"), block("Japan\t+1", "row")) == ["Canada the first 0", "Japan +1"]


@pytest.mark.parametrize(("kind", "count"), [("heading", 2), ("row", 2), ("list", 1), ("paragraph", 1)])
def test_a_heading_and_a_row_do_not_go_on_behind_themselves(kind, count):
    assert len(bodies(block("Background and", kind), block("more of it."))) == count


@pytest.mark.parametrize(("kind", "count"), [("heading", 2), ("row", 2), ("list", 1), ("paragraph", 1)])
def test_a_heading_and_a_row_are_no_rest_of_a_paragraph(kind, count):
    assert len(bodies(block("They met in"), block("the harbour.", kind))) == count


def test_a_list_within_an_item_is_its_text():
    assert bodies(block("On 5 July 2024, it promised:"), block("ships,", "list"), block("and boats.", "list")) == [
        "On 5 July 2024, it promised: ships, and boats."
    ]


def test_each_cell_that_lays_out_the_page_is_a_paragraph():
    assert bodies(block("Canada: 0\nOn 5 July 2024, it met.\nIt signed.\tAn aside.", "row")) == [
        "Canada: 0",
        "On 5 July 2024, it met. It signed.",
        "An aside.",
    ]


def test_a_url_within_a_paragraph_is_its_text():
    item = "On 5 July 2024, it met\nhttps://a.example/b/c\nand signed."
    for wrapped in (False, True):
        assert bodies(block(item), wrapped=wrapped) == [item.replace("\n", " ")]


def test_a_number_that_begins_a_line_of_a_page_opens_no_note():
    item = "On 5 July 2024, it met.\n12 ships were sent, Access Date: 3 May 2024. https://a.it"
    _, layout = layout_of(block(item), block("⁷ A law.", "note", 7), wrapped=True)
    assert [note.number for note in layout.notes] == [7]
    assert len(layout.paragraphs) == 1
