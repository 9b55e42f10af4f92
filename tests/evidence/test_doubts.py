"""Reports that were probably read wrongly have gaps, and gaps give exit code 4."""

import re

import pandas as pd
import pytest
from report_texts import TITLE, chapter, raised
from report_texts import said as gaps

import g7tag
from g7tag.errors import SourceError
from g7tag.evidence import extract_evidence
from g7tag.sources import read_documents

INVENTED = g7tag.example_path("invented-report.txt").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.chapter
@pytest.mark.parametrize("words", ["Date of Access", "Accessed"])
def test_the_day_of_access_is_known_in_other_words(chapter_path, tmp_path, codebook, words):
    plain = re.sub("Access(?:ed)? [Dd]ate:?", "Access Date:", chapter_path.read_text(encoding="utf-8"))
    found = []
    for name, content in (("a.txt", plain), ("b.txt", plain.replace("Access Date:", f"{words}:"))):
        (tmp_path / name).write_text(content, encoding="utf-8")
        found.append(extract_evidence(read_documents([tmp_path / name]).documents, codebook))
    pd.testing.assert_frame_equal(*(each.citations.drop(columns="document_id") for each in found))
    assert found[1].citations["accessed"].notna().sum() == 227
    assert found[1].items["text"].tolist() == found[0].items["text"].tolist()


APPENDIX = "Appendix\n\nOn 5 May 2025, this report was sent to the members.\n\nIn June 2025, answers came in.\n\n"


def test_a_dated_line_behind_the_last_member_is_said_and_drops_no_chapter(read):
    evidence = read(TITLE + chapter(19, "Migration") + APPENDIX)
    assert evidence.items["item_id"].tolist() == ["2024-19/CAN-01", "2024-19/JPN-01"]
    assert gaps(evidence) == {
        "after commitment 19": "unread: 2 paragraphs after the last member's analysts look like evidence but belong "
        "to no member. They are not used. The first is 'On 5 May 2025, this report was sent to the members'. If they "
        "are evidence, add a heading before them."
    }


def test_a_dated_line_behind_the_last_member_may_be_that_of_a_member_without_a_heading(read):
    text = TITLE + chapter(3, "Health") + chapter(19, "Migration", note=5).replace("Japan: 0\n\n", "")
    evidence = read(text)
    assert evidence.commitments["number"].tolist() == [3]
    assert "without a heading, or a heading without a score: 'On 5 July 2024" in gaps(evidence)["commitment 19"]


def many(items: list[str], notes: list[str]) -> str:
    """Return a chapter of one member with these items and notes."""
    body = "\n\n".join([*items, "Thus, Japan receives a score of 0.", "Analyst: Ann Other", *notes])
    return f'{TITLE}19. Migration\n\n"We act."\n\nAssessment\n\nJapan\t0\n\nJapan: 0\n\n{body}\n'


NOTES = [
    f"{raised(100 + n)} Law {n}, Paper (Rome) {n} May 2024. Access Date: 9 May 2024. https://a.it/law{n}"
    for n in range(1, 13)
]
GOOD = [f"On {n} July 2024, police acted on case {n}.{raised(100 + n)}" for n in range(1, 13)]
ODD = {
    "cut off": (
        [f"On {n} July 2024, police acted on case {n} and" for n in range(1, 13)], NOTES,
        "items", "12 of 12 items end without a full stop. The text may have been read incorrectly. ",
    ),
    "no days": (
        [f"In July 2024, police acted on case {n}.{raised(100 + n)}" for n in range(1, 13)], NOTES,
        "items", "12 of 12 items start without a readable date. ",
    ),
    "no notes": (
        [f"On {n} July 2024, police acted on case {n}." for n in range(1, 13)], [],
        "notes", "no notes were found for 12 items, so their sources cannot be shown or checked. Compare them ",
    ),
    "full-size marks": (
        [f"On {n} July 2024, police acted on case {n}.[{100 + n}] They left." for n in range(1, 13)], NOTES,
        "sentences", "12 of 24 sentences still contain what looks like a note mark. ",
    ),
    "notes that are missing": (
        GOOD, NOTES[:7],
        "notes", "5 of 12 notes cited by items were not found. ",
    ),
    "notes in another form": (
        GOOD, [f"{raised(100 + n)} https://a.it/law{n}" for n in range(1, 13)],
        "notes", "12 of 12 notes have neither a readable publisher nor a readable date. ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_evidence_that_looks_wrongly_read_is_a_gap(read, case):
    items, notes, part, reason = ODD[case]
    told = gaps(read(many(items, notes)))
    assert part in told
    assert told[part].startswith(f"unread: {reason}")
    assert told[part].endswith("or try another format of it (PDF, Word, HTML, text).")


def test_evidence_that_is_read_as_it_is_printed_is_in_no_doubt(read):
    assert gaps(read(many(GOOD, NOTES))) == {}
    decimals = [f"On {n} July 2024, Japan paid {n}.25 billion, {n}.45 % of it.{raised(100 + n)}" for n in range(1, 13)]
    assert gaps(read(many(decimals, NOTES))) == {}
    few = [*GOOD[:8], *(item.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹.") for item in GOOD[8:])]  # 4 of 12: too few to doubt the reading
    assert gaps(read(many(few, NOTES))) == {}


def test_a_single_item_that_was_cut_in_two_is_said(read):
    cut = "On 5 July 2024, police met at the port of\n\nNagoya to act on July 2024 orders, for which the army asked.¹⁰¹"
    found = gaps(read(many([cut, *GOOD[1:]], NOTES)))
    assert found["items"].startswith("unread: 1 of 13 items end without a full stop before one without a date: ")


def test_a_single_raised_digit_that_marks_no_note_is_said(read):
    found = gaps(read(many(["On 5 July 2024, police met.⁷", *GOOD[1:]], NOTES)))
    assert found["sentences"].startswith("unread: 1 of 13 sentences contain a raised digit, or a note's number in ")
    power = ["On 5 July 2024, police searched 40 m².", *GOOD[1:]]
    assert gaps(read(many(power, NOTES))) == {}


def test_thousands_of_raised_digits_are_no_mark(read):
    evidence = read(many([f"On 5 July 2024, police met.{'⁴' * 5_000}", *GOOD], NOTES))
    assert len(evidence.items) == 13


LOST = {
    "all marks": (  # as in text recognized by OCR
        re.sub(r"(?<=[.])[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?= |\n)", "", INVENTED),
        "notes", "none of 12 items cites a note, although 12 notes were",
    ),
    "a note": (
        re.sub(r"\n¹⁰⁵.*", "", INVENTED),
        "notes", "1 of 12 notes cited by items were not found. The text may have been read",
    ),
    "the form of a mark": (
        INVENTED.replace("¹⁰⁵", " [105]", 1),
        "sentences", "1 of 24 sentences contain a raised digit, or a note's number in ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LOST)
def test_lost_notes_and_marks_are_a_gap(read, what):
    text, part, reason = LOST[what]
    assert gaps(read(text))[part].startswith(f"unread: {reason}")


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


@pytest.mark.parametrize("remark", REMARKS)
def test_a_remark_of_an_editor_in_an_item_is_a_gap(read, remark):
    items = [GOOD[0], GOOD[1].replace("case", f"{remark} case"), *GOOD[2:]]
    assert gaps(read(many(items, NOTES))) == {
        "items": "unread: items seem to have remarks of an editor in them (1, the first in 2024-19/JPN-02: "
        f"{remark!r}). Do what it asks, and remove it from the report."
    }


def test_other_words_in_brackets_are_no_remarks(read):
    items = [text.replace("case", f"{words} case") for text, words in zip(GOOD, NO_REMARKS, strict=False)]
    assert gaps(read(many([*items, *GOOD[len(items) :]], NOTES))) == {}


MARKED = {
    "headings": lambda text: re.sub(r"^(Japan: 0|19\. Migration|Assessment)$", r"## \1", text, flags=re.M),
    "bold": lambda text: re.sub(r"^(Japan: 0|19\. Migration|Assessment)$", r"**\1**", text, flags=re.M),
    "notes": lambda text: re.sub(
        r"^1(\d\d) ", r"[^1\1]: ", text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")), flags=re.M
    ),
}


@pytest.mark.parametrize("form", MARKED)
def test_markdown_is_named_as_the_cause(read, form):
    text = MARKED[form](many(GOOD, NOTES))
    try:
        found = gaps(read(text))["text"]
    except SourceError as error:
        found = str(error)
    assert re.search(r"looks like Markdown \('.+'\)\. Expected another format; convert it: pandoc -f markdown", found)


def test_notes_of_several_sources_are_a_gap_and_keep_the_first(read):
    items = [f"On {n} May 2024, Japan met.{raised(100 + n)}" for n in range(1, 13)]
    second = "; Another law, Post (Turin) 2 May 2024. https://b.it/other"
    notes = [f"{note}{second}" if n in {4, 7} else note for n, note in enumerate(NOTES, start=1)]
    evidence = read(many(items, notes))
    pd.testing.assert_frame_equal(evidence.citations, read(many(items, NOTES)).citations)
    assert gaps(evidence) == {
        "notes": "unread: notes with several URLs (2, the first is 104): only their first source is kept."
    }
