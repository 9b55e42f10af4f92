"""Separate body text and notes, in any order that text extraction left them."""

import re
import textwrap

import pytest

from g7tag.evidence.passage import clean_passage
from g7tag.sources import SUPERSCRIPTS
from g7tag.sources.blocks import NOTE, PARAGRAPH, Block, HiddenSpan, Run, set_blocks
from g7tag.sources.typed import find_blocks

LAW = "A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024."
PLAN = "A plan, Cabinet (Rome) 2 May 2024. Access Date: 3 May 2024."
ONE, TWO = f"⁴⁴¹⁴ {LAW} https://a.it/law", f"⁴⁴¹⁵ {PLAN} https://a.it/plan"
SEVEN = "7 arrested at sea, Police (Rome) n.d. https://a.it/seven"


def blocks(text):
    return find_blocks(text, [], None).blocks


def paragraphs(text):
    return [clean_passage(block) for block in blocks(text) if not block.note]


def unnumbered(printed):
    return re.sub(rf"^(?:[{SUPERSCRIPTS}]+|\d+) ?", "", printed)


def bodies(text):
    return [passage.text for passage in paragraphs(text)]


def notes(text):
    """Return number -> text of the note's pieces, single-spaced."""
    return {note.note: " ".join(" ".join(note.pieces()).split()) for note in blocks(text) if note.note}


@pytest.mark.parametrize(("text", "body", "its_notes"), [
    ("", [], {}),
    ("They met.\n\nThey talked.", ["They met.", "They talked."], {}),
    (f"They met.⁴⁴¹⁴\n\n{ONE}\n", ["They met."], {4414: ONE}),
    (f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴\n{ONE[5:]}\n\nThey left.", ["They met.", "They left."], {4414: ONE}),
    (f"{TWO}\n\n{ONE}", [], {4414: ONE, 4415: TWO}),
    *(
        (f"They met.⁴⁴¹⁴ They left.⁴⁴¹⁵\n\n{ONE}\n\n{number}{TWO[5:]}\n", ["They met. They left."], {
            4414: ONE, 4415: number + TWO[5:]
        })
        for number in ("4415 ", "⁴⁴¹⁵ ", "⁴⁴¹⁵")
    ),
    *((f"{ONE} {second} {TWO[5:]}", [], {4414: ONE, 4415: f"{second} {TWO[5:]}"}) for second in ("⁴⁴¹⁵", "4415")),
    *(
        (ONE.replace(cut, cut.replace(" ", join, 1)) + "\n\nThey met.", ["They met."], {4414: ONE})
        for cut, join in (("1 May", "\n"), ("Gazette (", "\n\n"), ("2024. https", "\n"))
    ),
    *((f"They met.⁴⁴¹⁴\n\n{mark}{SEVEN}", ["They met."], {4414: mark + SEVEN}) for mark in ("⁴⁴¹⁴ ", "⁴⁴¹⁴")),
    (f"{ONE}\n\n4414 boats were seized.\n", ["4414 boats were seized."], {4414: ONE}),
    (
        f"On 3 July 2024, they met.²\n\n¹ {LAW} https://a.it/law\n\n² {PLAN} https://a.it/plan\n",
        ["On 3 July 2024, they met."], {1: f"¹ {LAW} https://a.it/law", 2: f"² {PLAN} https://a.it/plan"},
    ),
    (f"They searched 40 m² of land.⁴⁴¹⁴\n\n{ONE}", ["They searched 40 m² of land."], {4414: ONE}),
    (
        f"They met.101\n\n101 {LAW}\n\n102 {LAW}\n\nThey left.102", ["They met.", "They left."],
        {101: f"101 {LAW}", 102: f"102 {LAW}"},
    ),
    *(
        (f"They met.4443\n\n4442 {LAW}\n\n4443 {title}, {LAW}\n\nThey left.", ["They met.", "They left."], {
            4442: f"4442 {LAW}", 4443: f"4443 {title}, {LAW}"
        })
        for title in ("The 2024 U.S. report", "May 2024 figures")
    ),
    *(
        (f"They met.\n\n{page}\n\n\fThey talked.", ["They met.", "They talked."], {})
        for page in ("744", "  744 ", "Page 744")
    ),
    ("They agreed to share\n\n744\n\n\ftheir data.", ["They agreed to share their data."], {}),
    ("They signed the plan for\n2025\nand left.", ["They signed the plan for 2025 and left."], {}),
    (
        "On 5 July 2024, police met.\nJapan has fully complied with its commitment.\n"
        "Thus, Japan receives a score of 0.",
        ["On 5 July 2024, police met.", "Japan has fully complied with its commitment.",
         "Thus, Japan receives a score of 0."], {},
    ),
])  # fmt: skip
def test_notes_are_found_by_either_kind_of_digits_and_numbers_of_the_text_stay(text, body, its_notes):
    expected = {number: unnumbered(note) for number, note in its_notes.items()}
    assert (bodies(text), notes(text)) == (body, expected)


def test_a_paragraph_cut_at_a_full_stop_remembers_that_notes_stood_there():
    text = f"They met.\n\n{ONE}\n\nThey talked.⁴⁴¹⁴\n\nNext."
    assert [passage.interrupted for passage in paragraphs(text)] == [False, True, False]


@pytest.mark.parametrize(
    "line", ["Japan: 0", "Thus, Japan receives a score of 0.", "Analyst: Ann Other", "On 5 July 2024, they met."]
)
def test_a_line_that_stands_alone_is_never_the_rest_of_a_sentence(line):
    assert bodies(f"They agreed to share\n\n{ONE}\n\n{line}") == ["They agreed to share", line]


@pytest.mark.parametrize("text", [
    f"https://a.it/law\n\n⁴⁴¹⁴ {LAW}\n\nThey met.", f"⁴⁴¹⁴ {LAW}\n\nhttps://a.it/law\n\nThey met.",
    f"⁴⁴¹⁴ {LAW}\n\n{TWO}\n\nhttps://a.it/law\n\nThey met.", f"https://a.it/law {TWO}\n\n⁴⁴¹⁴ {LAW}\n\nThey met.",
], ids=["before", "after", "behind another note", "before another note on a line"])  # fmt: skip
def test_a_url_that_stands_apart_goes_to_the_one_note_that_lacks_one(text):
    assert (bodies(text), notes(text)[4414]) == (["They met."], unnumbered(ONE))
    assert all(block.sure for block in blocks(text))


def test_urls_without_a_clear_note_are_doubted_or_strays():
    text = f"https://a.it/law\n\nhttps://a.it/plan\n\n⁴⁴¹⁴ {LAW}\n\n⁴⁴¹⁵ {PLAN}\n\nThey met."
    assert notes(text) == {4414: unnumbered(ONE), 4415: unnumbered(TWO)}
    assert [block.sure for block in blocks(text) if block.note] == [False, False]
    text = f"{ONE}\n\nhttps://a.it/other\n\nThey met."
    found = find_blocks(text, [], None)
    assert (found.strays, bodies(text)) == (["https://a.it/other"], ["They met."])
    assert [part for part, _, reason in found.doubts if "'https://a.it/other'" in reason] == ["URLs"]


@pytest.mark.parametrize("join", ["\n", "\n\n", "\n\n\f"], ids=["next line", "next paragraph", "next page"])
def test_a_url_cut_at_a_hyphen_goes_on_in_the_next_line(join):
    text = f"⁴⁴¹⁴ {LAW} https://a.it/media-{join}press/law\n\nThey met."
    assert (bodies(text), notes(text)[4414]) == (["They met."], f"{LAW} https://a.it/media- press/law")


def test_a_running_head_that_returns_is_no_text():
    head = "\n\nCompliance Group: Final Report\n\n"
    assert bodies(f"One met.{head}Two met{head}and left.{head}Three met.") == [
        "One met.", "Two met and left.", "Three met.",
    ]  # fmt: skip


@pytest.mark.parametrize("last", ["⁴⁴¹⁵ Ibid.", "⁴⁴¹⁵ Interview with an official\nof the agency.", "⁴⁴¹⁵Ibid."])
def test_a_note_that_names_no_source_is_a_note_if_the_text_cites_it(last):
    text = f"They met.⁴⁴¹⁴ They left.⁴⁴¹⁵\n\n{ONE}\n\nThey rested.\n\n{last}\n\nThey returned."
    assert (bodies(text), [*notes(text)]) == (["They met. They left.", "They rested.", "They returned."], [4414, 4415])


@pytest.mark.parametrize(("part", "kept"), [
    ("⁴⁴¹⁵ Ibid.", "Ibid."),
    ("They rested,⁴⁴¹⁵ and slept.\n⁴⁴¹⁵ Ibid.", "Ibid."),
    ("They rested.⁹\n\n⁹ Ibid.", "Ibid."),
    ("They paid.⁴⁴¹⁵\n\nA lawyer\n\n⁴⁴¹⁵ Ibid.\nand a teacher, each for CAD2 million.", "and a teacher, each for"),
    ("They paid.⁴⁴¹⁵\n\n⁴⁴¹⁵ On 8 July 2024, Germany funded a police project.", "Germany funded a police"),
], ids=["not cited", "within a paragraph", "far from other notes", "rest of a sentence", "an item"])  # fmt: skip
def test_text_behind_superscript_digits_that_may_be_a_mark_stays_in_the_body(part, kept):
    assert kept in " ".join(bodies(f"They met.⁴⁴¹⁴\n\n{ONE}\n\nThey left.\n\n{part}\n\nThey returned."))


ITEM = "On {} May 2024, the agency said that more officers would work at the border and in the harbours of the east. "


def test_a_dated_sentence_at_the_start_of_a_wrapped_line_is_within_its_paragraph():
    second = "It paid for them. On 7 June 2024, two more ships came."
    starts = 0
    for width in range(60, 80, 3):
        parts = [textwrap.fill(ITEM.format(day) + second, width, break_on_hyphens=False) for day in range(1, 13)]
        starts += "\n\n".join(parts).count("\nOn 7 June")
        assert len(paragraphs("\n\n".join(parts))) == 12
    assert starts > 0  # there are such lines


def test_a_dated_line_after_a_short_line_is_an_item_in_wrapped_text_too():
    texts = [ITEM.format(f"{day:02}").strip() for day in range(1, 25)]
    text = "\n".join(textwrap.fill(each, len(texts[0]) // 2 + 4) for each in texts)
    full = text.replace("of the east.", "of the far east.")  # its last lines are as long as the others
    for wrapped in ("\n".join(textwrap.fill(each, 72) for each in texts), text, full):
        assert len(paragraphs(wrapped)) == 24


@pytest.mark.parametrize("bullet", ["• ", "- ", "* "])
def test_the_bullet_before_a_date_is_left_out(bullet):
    assert bodies(f"{bullet}On 5 May 2024, they met.\n\n{bullet}no date") == [
        "On 5 May 2024, they met.", f"{bullet}no date",
    ]  # fmt: skip


def placed(*read):
    """Blocks of a reader with their places, and the text."""
    printed = set_blocks([Block((Run(text),), NOTE if number else PARAGRAPH, number) for text, number in read])
    return printed.text, printed.blocks


@pytest.mark.parametrize(("read", "numbers", "said"), [
    ([("They met.", 0), (LAW, 1), (PLAN, 1)], [1], True),
    ([("They met.", 0), (LAW, 1), (LAW, 1), (PLAN, 2)], [1, 2], False),
    ([("They met.", 0), (LAW, 1), (PLAN, 2)], [1, 2], False),
], ids=["two notes", "one note twice", "other numbers"])  # fmt: skip
def test_notes_of_a_reader_with_the_same_number_are_one_and_said_if_they_differ(read, numbers, said):
    text, blocks = placed(*read)
    found = find_blocks(text, [], blocks)
    assert [block.note for block in found.blocks if block.note] == numbers
    assert ["two different notes" in reason for _, _, reason in found.doubts] == [True] * said


@pytest.mark.parametrize(
    ("notes", "strays"), [([(LAW, 1)], []), ([(f"{LAW} https://a.it/law", 1)], ["\fhttps://a.it/rest"])]
)
def test_a_url_of_a_reader_that_stands_apart_goes_to_the_note_that_lacks_one(notes, strays):
    text, blocks = placed(("They met.", 0), ("\fhttps://a.it/rest", 0), *notes)
    found = find_blocks(text, [], blocks)
    assert found.strays == strays
    assert ["".join(block.pieces()) for block in found.blocks if not block.note] == ["They met."]
    assert ("https://a.it/rest" in "".join(found.blocks[-1].pieces())) == (not strays)


def test_a_url_that_is_a_paragraph_of_its_own_within_a_page_stays_in_the_body():
    text, blocks = placed(("https://a.it/rest", 0), ("Interview with an official.", 1))
    assert "".join(find_blocks(text, [], blocks).blocks[0].pieces()) == "https://a.it/rest"


@pytest.mark.parametrize(("read", "body"), [
    ([("They agreed to share", 0), (LAW, 1), ("their data.", 0)], ["They agreed to share their data."]),
    ([("“We act against smuggling”", 0), (LAW, 1), ("Assessment", 0)], ["“We act against smuggling”", "Assessment"]),
    (
        [("They agreed to share", 0), (LAW, 1), ("20. Trade: Markets", 0)],
        ["They agreed to share", "20. Trade: Markets"],
    ),
    ([("They agreed to share", 0), ("\u200b", 0), ("their data.", 0)], ["They agreed to share their data."]),
], ids=["notes between", "heading of a part", "heading of a chapter", "hidden paragraph between"])  # fmt: skip
def test_a_paragraph_of_a_reader_continues_behind_notes_but_not_in_a_heading(read, body):
    text, blocks = placed(*read)
    hidden = [HiddenSpan(text.index("\u200b"), text.index("\u200b") + 1, "white")] if "\u200b" in text else []
    blocks = [each._replace(runs=tuple(run._replace(hidden="white" * ("\u200b" in run.text)) for run in each.runs))
              for each in blocks]  # fmt: skip
    found = [clean_passage(block).text for block in find_blocks(text, hidden, blocks).blocks if not block.note]
    assert list(filter(None, found)) == body


def test_digits_that_are_no_mark_stay_where_the_marks_of_a_document_are_known():
    words = "It met. CO² and 10² µg/m³ at No.2, (UN)1.³"
    blocks = [
        Block((Run(words[:7]), Run("1", notes=(1,)), Run(words[7:]))),
        *(Block((Run(LAW),), NOTE, n) for n in (1, 2, 3)),
    ]
    printed = set_blocks(blocks)
    passage = clean_passage(find_blocks(printed.text, [], printed.blocks).blocks[0])
    assert (passage.text, passage.notes) == ("It met. CO² and 10² µg/m³ at No.2, (UN)1.", [1, 3])
