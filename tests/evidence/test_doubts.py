"""Reports that were probably read wrongly have gaps, and gaps give exit code 4."""

import re

import pandas as pd
import pytest
from report_texts import TITLE, raised
from report_texts import said as gaps

import g7tag
from g7tag.errors import SourceError

INVENTED = g7tag.example_path("invented-report.txt").read_text(encoding="utf-8")


def many(items: list[str], notes: list[str]) -> str:
    body = "\n\n".join([*items, "Thus, Japan receives a score of 0.", "Analyst: Ann Other", *notes])
    return f'{TITLE}19. Migration\n\n"We act."\n\nAssessment\n\nJapan\t0\n\nJapan: 0\n\n{body}\n'


MARKS = [raised(100 + n) for n in range(1, 13)]
NOTES = [
    f"{mark} Law {n}, Paper (Rome) {n} May 2024. Access Date: 9 May 2024. https://a.it/law{n}"
    for n, mark in enumerate(MARKS, start=1)
]


def items_like(form: str) -> list[str]:
    return [form.format(n=n, mark=mark, number=100 + n) for n, mark in enumerate(MARKS, start=1)]


GOOD = items_like("On {n} July 2024, police acted on case {n}.{mark}")
UNMARKED = re.sub(r"(?<=[.])[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?= |\n)", "", INVENTED)
CUT = "On 5 July 2024, police met at the port of\n\nNagoya to act on July 2024 orders, for which the army asked.¹⁰¹"
TRY = "Compare them with the report, or try another format of it (PDF, Word, HTML, text)."
ODD = {
    "cut off": (many(items_like("On {n} July 2024, police acted on case {n} and"), NOTES),
                "items", "12 of 12 items end without a full stop. The text may have been read incorrectly."),
    "no days": (many(items_like("In July 2024, police acted on case {n}.{mark}"), NOTES),
                "items", "12 of 12 items start without a readable date. The text may have been read incorrectly."),
    "no notes": (many(items_like("On {n} July 2024, police acted on case {n}."), []),
                 "notes", "no notes were found for 12 items, so their sources cannot be shown or checked."),
    "full-size marks": (many(items_like("On {n} July 2024, police acted on case {n}.[{number}] They left."), NOTES),
                        "sentences", "12 of 24 sentences still contain what looks like a note mark. The text may"),
    "notes that are missing": (many(GOOD, NOTES[:7]),
                               "notes", "5 of 12 cited notes were not found. The text may have been read"),
    "notes in another form": (many(GOOD, items_like("{mark} https://a.it/law{n}")),
                              "notes", "12 of 12 notes have neither a readable publisher nor a readable date. The"),
    "one item is cut in two": (many([CUT, *GOOD[1:]], NOTES),
                               "items", "1 of 13 items end without a full stop before one without a date: one may"),
    "one raised digit marks no note": (many(["On 5 July 2024, police met.⁷", *GOOD[1:]], NOTES),
                                       "sentences", "1 of 13 sentences contain a raised digit, or a note's number in"),
    "all marks are lost": (UNMARKED, "notes", "none of 12 items cites a note, although 12 notes were found."),
    "one note is lost": (re.sub(r"\n¹⁰⁵.*", "", INVENTED),
                         "notes", "1 of 12 cited notes were not found. The text may have been read"),
    "one mark has another form": (INVENTED.replace("¹⁰⁵", " [105]", 1),
                                  "sentences", "1 of 24 sentences contain a raised digit, or a note's number in"),
}  # fmt: skip
"""Texts that were probably read wrongly, and the gap that says so."""


@pytest.mark.parametrize("case", ODD)
def test_evidence_that_looks_wrongly_read_is_a_gap(read, case):
    text, part, reason = ODD[case]
    told = gaps(read(text))[part]
    assert told.startswith(f"unread: {reason}")
    assert told.endswith(TRY)


def test_evidence_that_is_read_as_it_is_printed_is_in_no_doubt(read):
    decimals = items_like("On {n} July 2024, Japan paid {n}.25 billion, {n}.45 % of it, for 40 m².{mark}")
    few_are_cut = [*GOOD[:8], *(item.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹.") for item in GOOD[8:])]
    for items in (GOOD, decimals, few_are_cut):
        assert gaps(read(many(items, NOTES))) == {}


def test_paragraphs_that_may_be_no_items_are_a_gap(read):
    text = many([GOOD[0], NOTES[0], "Laws of the Sea", *GOOD[1:]], NOTES[1:]).replace("score of 0", "score of +0.5")
    evidence = read(text)
    assert evidence.members["stated_score"].isna().all()
    assert gaps(evidence) == {
        "paragraphs of commitment 19": "unread: 2 paragraphs are in doubt: they have neither a date nor notes, or "
        "words of a conclusion, or a score that is not -1, 0 or +1. Items may include conclusions or headings, and "
        "stated scores may be missing. The first, of Japan, is 'Laws of the Sea'. Compare them with the report."
    }


REMARKS = ["[TO BE UPDATED]", "[TBC]", "[date?]", "[check the date]", "[XX]", "[citation needed]"]
NO_REMARKS = ["[sic]", "[the minister]", "[…]", "[ICE]", "[to be] held", "[checks on boats]"]


@pytest.mark.parametrize("words", [*REMARKS, *NO_REMARKS])
def test_a_remark_of_an_editor_in_an_item_is_a_gap_and_other_words_in_brackets_are_none(read, words):
    reason = (
        "unread: items seem to have remarks of an editor in them (1, the first in 2024-19/JPN-02: "
        f"{words!r}). Do what it asks, and remove it from the report."
    )
    items = [GOOD[0], GOOD[1].replace("case", f"{words} case"), *GOOD[2:]]
    assert gaps(read(many(items, NOTES))) == ({"items": reason} if words in REMARKS else {})


HEADINGS = re.compile(r"^(Japan: 0|19\. Migration|Assessment)$", re.M)
MARKED = {
    "headings": HEADINGS.sub(r"## \1", many(GOOD, NOTES)),
    "bold": HEADINGS.sub(r"**\1**", many(GOOD, NOTES)),
    "notes": many(GOOD, [f"[^{100 + n}]: {note[4:]}" for n, note in enumerate(NOTES, start=1)]),
}


@pytest.mark.parametrize("form", MARKED)
def test_markdown_is_named_as_the_cause(read, form):
    try:
        found = gaps(read(MARKED[form]))["text"]
    except SourceError as error:
        found = str(error)
    assert re.search(r"looks like Markdown \('.+'\)\. Expected another format; convert it: pandoc -f markdown", found)


def test_notes_of_several_sources_are_a_gap_and_keep_the_first(read):
    items = items_like("On {n} May 2024, Japan met.{mark}")
    second = "; Another law, Post (Turin) 2 May 2024. https://b.it/other"
    notes = [f"{note}{second}" if n in {4, 7} else note for n, note in enumerate(NOTES, start=1)]
    evidence = read(many(items, notes))
    pd.testing.assert_frame_equal(evidence.citations, read(many(items, NOTES)).citations)
    assert gaps(evidence) == {
        "notes": "unread: notes with several URLs (2, the first is 104): only their first source is kept."
    }
