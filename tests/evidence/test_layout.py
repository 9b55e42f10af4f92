"""Separate body text and notes, in any order that text extraction left them."""

import textwrap

import pytest

from g7tag.evidence.layout import read_layout
from g7tag.evidence.passage import clean_passage

LAW = "A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024."
PLAN = "A plan, Cabinet (Rome) 2 May 2024. Access Date: 3 May 2024."


def bodies(text):
    layout = read_layout(text)
    return [clean_passage(text, paragraph.spans, layout.numbers).text for paragraph in layout.paragraphs]


def notes(text):
    """Return number -> text of the note's pieces, single-spaced."""
    return {
        note.number: " ".join(" ".join(text[span.start : span.end].split()) for span in note.spans)
        for note in read_layout(text).notes
    }


def strays(text):
    return [text[span.start : span.end] for span in read_layout(text).strays]


def test_text_without_notes_is_all_body():
    text = "They met.\n\nThey talked."
    assert (bodies(text), notes(text)) == (["They met.", "They talked."], {})


def test_no_text_gives_an_empty_layout():
    assert (bodies(""), notes(""), strays("")) == ([], {}, [])


def test_a_line_that_opens_with_superscript_digits_is_a_note():
    text = f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {LAW} https://a.it/law\n"
    assert (bodies(text), notes(text)) == (["They met."], {4414: f"⁴⁴¹⁴ {LAW} https://a.it/law"})


@pytest.mark.parametrize(
    "number", ["4415 ", "⁴⁴¹⁵ ", "⁴⁴¹⁵"], ids=["plain digits", "superscript digits", "no blank behind"]
)
def test_notes_are_found_by_either_kind_of_digits(number):
    text = f"They met.⁴⁴¹⁴ They left.⁴⁴¹⁵\n\n⁴⁴¹⁴ {LAW} https://a.it/law\n\n{number}{PLAN} https://a.it/plan\n"
    assert list(notes(text)) == [4414, 4415]
    assert notes(text)[4415].endswith("https://a.it/plan")


@pytest.mark.parametrize("second", ["⁴⁴¹⁵", "4415"], ids=["superscript", "plain"])
def test_several_notes_may_share_a_line(second):
    text = f"⁴⁴¹⁴ {LAW} https://a.it/law {second} {PLAN} https://a.it/plan\n\n⁴⁴¹⁶ Act, Gazette (Rome) n.d. https://a.it/act"
    assert notes(text) == {
        4414: f"⁴⁴¹⁴ {LAW} https://a.it/law",
        4415: f"{second} {PLAN} https://a.it/plan",
        4416: "⁴⁴¹⁶ Act, Gazette (Rome) n.d. https://a.it/act",
    }


@pytest.mark.parametrize(
    "text",
    [
        "⁴⁴¹⁴ A law, Gazette (Rome) 1\nMay 2024. Access Date: 3 May 2024. https://a.it/law\n\nThey met.",
        "⁴⁴¹⁴ A law, Gazette\n\n(Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law\n\nThey met.",
        "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024.\nhttps://a.it/law\n\nThey met.",
    ],
    ids=["in its date", "over a blank line before its date", "before its URL"],
)
def test_a_note_goes_on_with_the_next_line(text):
    assert (bodies(text), notes(text)) == (["They met."], {4414: f"⁴⁴¹⁴ {LAW} https://a.it/law"})


def test_notes_come_by_number_whatever_their_order_in_the_text():
    text = f"⁴⁴¹⁵ {PLAN} https://a.it/plan\n\n⁴⁴¹⁴ {LAW} https://a.it/law"
    assert list(notes(text)) == [4414, 4415]


@pytest.mark.parametrize("digits", ["⁴⁴¹⁴ ", "⁴⁴¹⁴"], ids=["after a blank", "at once"])
def test_a_title_may_start_with_a_digit(digits):
    text = f"They met.⁴⁴¹⁴\n\n{digits}7 arrested at sea, Police (Rome) n.d. https://a.it/seven"
    assert notes(text) == {4414: f"{digits}7 arrested at sea, Police (Rome) n.d. https://a.it/seven"}


def test_a_number_of_the_text_is_no_note_where_a_line_opens_with_that_note():
    text = f"⁴⁴¹⁴ {LAW} https://a.it/law\n\n4414 boats were seized.\n"
    assert (bodies(text), list(notes(text))) == (["4414 boats were seized."], [4414])


def test_the_day_of_an_item_is_no_note():
    text = f"On 3 July 2024, they met.²\n\n¹ {LAW} https://a.it/law\n\n² {PLAN} https://a.it/plan\n"
    assert (bodies(text), list(notes(text))) == (["On 3 July 2024, they met."], [1, 2])


def test_the_day_of_a_citation_is_no_note():
    text = f"They met.²\n\n¹ {LAW} https://a.it/law\n\n² {PLAN} https://a.it/plan\n"
    assert notes(text) == {1: f"¹ {LAW} https://a.it/law", 2: f"² {PLAN} https://a.it/plan"}


def test_a_power_is_no_mark():
    text = f"They searched 40 m² of land.⁴⁴¹⁴\n\n⁴⁴¹⁴ {LAW} https://a.it/law"
    assert bodies(text) == ["They searched 40 m² of land."]


@pytest.mark.parametrize("furniture", ["744", "  744 ", "Page 744", "page 7"])
def test_a_bare_page_number_is_no_text(furniture):
    assert bodies(f"They met.\n\n{furniture}\n\n\fThey talked.") == ["They met.", "They talked."]


def test_a_page_number_parts_no_sentence():
    assert bodies("They agreed to share\n\n744\n\n\ftheir data.") == ["They agreed to share their data."]


@pytest.mark.parametrize(
    ("before", "after"),
    [("\n\n", "\n\n"), ("\n\n", "\n\f"), ("\n\n", "\n\n744\n\f"), ("\n\n\f", "\n\n"), ("\n", "\n\n")],
    ids=["blank lines", "page end", "page number", "page start", "no blank line before"],
)
@pytest.mark.parametrize("url", [" https://a.it/law", ""], ids=["with a URL", "without a URL"])
def test_a_block_of_notes_cuts_no_sentence(before, after, url):
    text = f"They agreed to share{before}⁴⁴¹⁴ {LAW}{url}{after}their data.⁴⁴¹⁴\n\nNext."
    assert (bodies(text), notes(text)) == (["They agreed to share their data.", "Next."], {4414: f"⁴⁴¹⁴ {LAW}{url}"})


def test_a_paragraph_cut_at_a_full_stop_remembers_that_notes_stood_there():
    text = f"They met.\n\n⁴⁴¹⁴ {LAW} https://a.it/law\n\nThey talked.⁴⁴¹⁴\n\nNext."
    assert [paragraph.interrupted for paragraph in read_layout(text).paragraphs] == [False, True, False]


@pytest.mark.parametrize(
    "line",
    ["Japan: 0", "Thus, Japan receives a score of 0.", "Analyst: Ann Other", "On 5 July 2024, they met."],
    ids=["heading", "score", "analyst", "item"],
)
def test_a_line_that_stands_alone_is_never_the_rest_of_a_sentence(line):
    text = f"They agreed to share\n\n⁴⁴¹⁴ {LAW} https://a.it/law\n\n{line}"
    assert bodies(text) == ["They agreed to share", line]


@pytest.mark.parametrize(
    "rest",
    ["and/or return.⁴⁴¹⁴", "smuggling/trafficking season.", "day-to-day/night-time work.⁴⁴¹⁴", "land/sea.⁴⁴¹⁴"],
    ids=["and/or", "two words", "two words and a mark", "one word and a mark"],
)
def test_words_with_a_slash_are_no_url(rest):
    text = f"They spoke of the\n\n⁴⁴¹⁴ {LAW} https://a.it/law\n\n{rest}\n\nNext."
    assert bodies(text) == [f"They spoke of the {rest.removesuffix('⁴⁴¹⁴')}", "Next."]


@pytest.mark.parametrize(
    "text",
    [
        f"https://a.it/law\n\n⁴⁴¹⁴ {LAW}\n\nThey met.",
        f"⁴⁴¹⁴ {LAW}\n\nhttps://a.it/law\n\nThey met.",
        f"⁴⁴¹⁴ {LAW}\n\n⁴⁴¹⁵ {PLAN} https://a.it/plan\n\nhttps://a.it/law\n\nThey met.",
        f"https://a.it/law ⁴⁴¹⁵ {PLAN} https://a.it/plan\n\n⁴⁴¹⁴ {LAW}\n\nThey met.",
    ],
    ids=["before", "after", "behind another note", "before another note on a line"],
)
def test_a_url_that_stands_apart_goes_to_the_one_note_that_lacks_one(text):
    assert (bodies(text), notes(text)[4414]) == (["They met."], f"⁴⁴¹⁴ {LAW} https://a.it/law")
    assert all(note.placed for note in read_layout(text).notes)


def test_urls_that_could_belong_to_either_note_go_in_order_and_are_doubted():
    text = f"https://a.it/law\n\nhttps://a.it/plan\n\n⁴⁴¹⁴ {LAW}\n\n⁴⁴¹⁵ {PLAN}\n\nThey met."
    assert notes(text) == {4414: f"⁴⁴¹⁴ {LAW} https://a.it/law", 4415: f"⁴⁴¹⁵ {PLAN} https://a.it/plan"}
    assert [note.placed for note in read_layout(text).notes] == [False, False]


def test_a_url_without_a_note_is_kept_as_a_stray():
    text = f"⁴⁴¹⁴ {LAW} https://a.it/law\n\nhttps://a.it/other\n\nThey met."
    assert (strays(text), bodies(text)) == (["https://a.it/other"], ["They met."])


@pytest.mark.parametrize("join", ["\n", "\n\n", "\n\n\f"], ids=["next line", "next paragraph", "next page"])
def test_a_url_cut_at_a_hyphen_goes_on_in_the_next_line(join):
    text = f"⁴⁴¹⁴ {LAW} https://a.it/media-{join}press/law\n\nThey met."
    assert (bodies(text), notes(text)[4414]) == (["They met."], f"⁴⁴¹⁴ {LAW} https://a.it/media- press/law")


CITED = "A law, Paper (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"


def test_notes_that_all_open_with_plain_digits_are_notes():
    layout = read_layout(f"They met.101\n\n101 {CITED}\n\n102 {CITED}\n\nThey left.102")
    assert [note.number for note in layout.notes] == [101, 102]
    assert len(layout.paragraphs) == 2


@pytest.mark.parametrize("title", ["The 2024 U.S. report", "May 2024 figures"])
def test_the_plain_number_of_a_note_is_no_day_of_a_date(title):
    layout = read_layout(f"They met.4443\n\n4442 {CITED}\n\n4443 {title}, {CITED}\n\nThey left.")
    assert [note.number for note in layout.notes] == [4442, 4443]


def test_a_note_number_may_stand_alone_on_its_line():
    layout = read_layout(f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴\n{CITED}\n\nThey left.")
    assert [note.number for note in layout.notes] == [4414]
    assert len(layout.paragraphs) == 2


def test_a_running_head_that_returns_is_no_text():
    head = "\n\nCompliance Group: Final Report\n\n"
    text = f"One met.{head}Two met{head}and left.{head}Three met."
    layout = read_layout(text)
    assert [[text[span.start : span.end] for span in part.spans] for part in layout.paragraphs] == [
        ["One met."], ["Two met", "and left."], ["Three met."],
    ]  # fmt: skip


def test_a_number_alone_on_a_wrapped_line_is_text():
    text = "They signed the plan for\n2025\nand left."
    assert len(read_layout(text).paragraphs[0].spans) == 3


def test_a_conclusion_without_a_blank_line_before_it_is_a_paragraph_of_its_own():
    text = (
        "On 5 July 2024, police met.\nJapan has fully complied with its commitment.\nThus, Japan receives a score of 0."
    )
    assert len(read_layout(text).paragraphs) == 3


def body_and_notes(text: str) -> tuple[list[str], list[int]]:
    layout = read_layout(text)
    body = [" ".join(text[span.start : span.end] for span in part.spans) for part in layout.paragraphs]
    return body, [note.number for note in layout.notes]


@pytest.mark.parametrize("last", ["⁴⁴¹⁵ Ibid.", "⁴⁴¹⁵ Interview with an official\nof the agency.", "⁴⁴¹⁵Ibid."])
def test_a_note_that_names_no_source_is_a_note_if_the_text_cites_it(last):
    text = f"They met.⁴⁴¹⁴ They left.⁴⁴¹⁵\n\n⁴⁴¹⁴ {CITED}\n\nThey rested.\n\n{last}\n\nThey returned."
    assert body_and_notes(text) == (["They met.⁴⁴¹⁴ They left.⁴⁴¹⁵", "They rested.", "They returned."], [4414, 4415])


@pytest.mark.parametrize(
    "part",
    [
        "⁴⁴¹⁵ Ibid.",  # no text cites it
        "They rested,⁴⁴¹⁵ and slept.\n⁴⁴¹⁵ Ibid.",  # within a paragraph
        "They rested.⁹\n\n⁹ Ibid.",  # far from all other notes
    ],
)
def test_text_behind_superscript_digits_that_may_be_a_mark_stays_in_the_body(part):
    body, notes = body_and_notes(f"They met.⁴⁴¹⁴\n\n⁴⁴¹⁴ {CITED}\n\nThey left.\n\n{part}\n\nThey returned.")
    assert "Ibid." in " ".join(body)
    assert notes == [4414]


@pytest.mark.parametrize(
    "part",
    [
        "⁴⁴¹⁵ Ibid.\nand a teacher, and each was paid for with CAD2 million.",  # the rest of a sentence
        "⁴⁴¹⁵ On 8 July 2024, Germany funded a police project.",  # an item behind a displaced mark
    ],
)
def test_a_note_that_names_no_source_takes_no_evidence_with_it(part):
    body, _ = body_and_notes(
        f"They met.⁴⁴¹⁴ They paid.⁴⁴¹⁵\n\n⁴⁴¹⁴ {CITED}\n\nThey had a lawyer\n\n{part}\n\nThey returned."
    )
    assert part.splitlines()[-1].removeprefix("⁴⁴¹⁵ ") in " ".join(body)


def wrapped(text: str, width: int = 72) -> str:
    """A text with its paragraphs wrapped."""
    return "\n\n".join(textwrap.fill(each, width, break_on_hyphens=False) for each in text.split("\n\n"))


ITEM = "On {} May 2024, the agency said that more officers would work at the border and in the harbours of the east. "


def test_a_dated_sentence_at_the_start_of_a_wrapped_line_is_within_its_paragraph():
    second = "It paid for them. On 7 June 2024, two more ships came."
    starts = 0
    for width in range(60, 80):
        text = wrapped("\n\n".join(ITEM.format(day) + second for day in range(1, 13)), width)
        starts += text.count("\nOn 7 June")
        assert len(read_layout(text).paragraphs) == 12
    assert starts > 0  # there are such lines


def test_a_dated_line_after_a_short_line_is_an_item_in_wrapped_text_too():
    text = "\n".join(textwrap.fill(ITEM.format(day), 72) for day in range(1, 25))
    assert len(read_layout(text).paragraphs) == 24


def test_a_full_line_hides_no_item_in_wrapped_text_without_empty_lines():
    texts = [ITEM.format(f"{day:02}").strip() for day in range(1, 25)]
    text = "\n".join(textwrap.fill(each, len(texts[0]) // 2 + 4) for each in texts)
    full = text.replace("of the east.", "of the far east.")  # its last lines are as long as the others
    assert len(read_layout(text).paragraphs) == len(read_layout(full).paragraphs) == 24


@pytest.mark.parametrize("bullet", ["• ", "- ", "·  ", "* "])
def test_the_bullet_before_a_date_is_left_out(bullet):
    text = f"{bullet}On 5 May 2024, they met.\n\n{bullet}no date"
    spans = [each.spans[0] for each in read_layout(text).paragraphs]
    assert [text[start:end] for start, end in spans] == ["On 5 May 2024, they met.", f"{bullet}no date"]
