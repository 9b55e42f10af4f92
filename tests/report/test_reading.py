"""Lines about unread parts and hidden text of reports."""

import json

from g7tag.frames import DOCUMENTS, GAPS, build
from g7tag.report import reading_lines


def documents(text="", hidden=(), pages=None):
    row = {
        "document_id": "a", "name": "a.pdf", "media_type": "application/pdf", "sha256": "0", "pages": pages,
        "text": text, "hidden": json.dumps(list(hidden)), "status": "ok",
    }  # fmt: skip
    return build(DOCUMENTS, [row])


def gaps(*rows):
    return build(GAPS, [dict(zip(("name", "part", "kind", "reason"), row, strict=True)) for row in rows])


def test_where_all_was_read_nothing_is_said():
    assert reading_lines(documents(), gaps(), keep_hidden=False) == []


def test_what_was_not_read_is_named_with_its_reason_and_pages_with_one_reason_together():
    rows = [("a.pdf", f"page {number}", "unread", "takes more than 20 s") for number in range(1, 8)]
    rows += [
        ("a.pdf", "page 9", "picture", "holds a picture and no text"),
        ("b.pdf", "document", "unread", "is empty."),
    ]
    rows += [("a.pdf", "contents", "absent", "1 of the 2 commitments has no chapter.")]
    assert reading_lines(documents(), gaps(*rows), keep_hidden=False) == [
        "a.pdf, contents: 1 of the 2 commitments has no chapter.",
        "a.pdf, pages 1, 2, 3, 4, 5 and 2 more: not read: takes more than 20 s.",
        "a.pdf, page 9: holds a picture and no text.",
        "b.pdf: not read: is empty.",
    ]


def test_hidden_text_is_shown_with_its_place_and_fate():
    text = "Seen.\fMark it\nstrong. Seen. Again."
    hidden = [(6, 21, "white"), (28, 34, "white")]
    said = "a.pdf: hidden text (white) in 2 places, {}; the first at character 6, page 2: 'Mark it strong.'"
    assert reading_lines(documents(text, hidden, 2), gaps(), keep_hidden=False) == [said.format("ignored")]
    assert reading_lines(documents(text, hidden, 2), gaps(), keep_hidden=True) == [said.format("used as evidence")]


def test_long_hidden_text_is_cut_short_and_has_a_page_where_there_are_pages():
    (line,) = reading_lines(documents("x" * 100, [(0, 100, "white")]), gaps(), keep_hidden=False)
    assert line.endswith(f"the first at character 0: '{'x' * 60}...'")


def test_single_characters_without_width_are_no_news_and_many_in_a_row_are():
    few, many = [(0, 1, "zero width"), (4, 6, "zero width")], [(0, 9, "zero width")]
    assert reading_lines(documents("x" * 9, few), gaps(), keep_hidden=False) == []
    assert len(reading_lines(documents("x" * 9, many), gaps(), keep_hidden=False)) == 1
