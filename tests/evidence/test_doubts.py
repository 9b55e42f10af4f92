"""Reports that were probably read wrongly have gaps, and gaps give exit code 4."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from test_odd_reports import TITLE, chapter

from g7tag.errors import SourceError
from g7tag.evidence import Evidence, extract_evidence
from g7tag.evidence.doubts import format_doubt
from g7tag.frames import DOCUMENTS, build
from g7tag.sources import read_documents

pytestmark = pytest.mark.slow

WORDS = ("Access Date", "Date of Access", "Accessed", "Accessed on", "Date Accessed", "Last accessed", "Accessed date")


def read(text: str, codebook) -> Evidence:
    row = {
        "document_id": "r", "name": "r.txt", "media_type": "text/plain", "sha256": "0", "pages": None, "text": text,
        "hidden": json.dumps([]), "status": "ok",
    }  # fmt: skip
    return extract_evidence(build(DOCUMENTS, [row]), codebook)


def gaps(evidence: Evidence) -> dict[str, str]:
    return dict(zip(evidence.gaps["part"], evidence.gaps["kind"] + ": " + evidence.gaps["reason"], strict=True))


@pytest.mark.chapter
@pytest.mark.parametrize("words", WORDS[1:])
def test_the_day_of_access_is_known_in_other_words(chapter_path: Path, tmp_path: Path, codebook, words: str) -> None:
    text = chapter_path.read_text(encoding="utf-8")
    plain = re.sub("Access(?:ed)? [Dd]ate:?", "Access Date:", text)
    found = []
    for name, content in (("a.txt", plain), ("b.txt", plain.replace("Access Date:", f"{words}:"))):
        (tmp_path / name).write_text(content, encoding="utf-8")
        found.append(extract_evidence(read_documents([tmp_path / name]).documents, codebook))
    told = ["note", "title", "publisher", "place", "published", "accessed", "url", "url_status", "translation"]
    pd.testing.assert_frame_equal(found[1].citations[told], found[0].citations[told])
    assert found[1].citations["accessed"].notna().sum() == 227
    assert found[1].items["text"].tolist() == found[0].items["text"].tolist()


APPENDIX = "Appendix\n\nOn 5 May 2025, this report was sent to the members.\n\nIn June 2025, answers came in.\n\n"


def test_a_dated_line_behind_the_last_member_is_said_and_drops_no_chapter(codebook) -> None:
    evidence = read(TITLE + chapter(19, "Migration") + APPENDIX, codebook)
    assert evidence.items["item_id"].tolist() == ["2024-19/CAN-01", "2024-19/JPN-01"]
    assert gaps(evidence) == {
        "after commitment 19": "unread: 2 paragraphs after the last member's analysts look like evidence but belong "
        "to no member. They are not used. The first is 'On 5 May 2025, this report was sent to the members'. If they "
        "are evidence, add a heading before them."
    }


def test_a_dated_line_behind_the_last_member_may_be_that_of_a_member_without_a_heading(codebook) -> None:
    text = TITLE + chapter(3, "Health") + chapter(19, "Migration", note=5).replace("Japan: 0\n\n", "")
    evidence = read(text, codebook)
    assert evidence.commitments["number"].tolist() == [3]
    assert "without a heading, or a heading without a score: 'On 5 July 2024" in gaps(evidence)["commitment 19"]


def many(items: list[str], notes: list[str]) -> str:
    """Return a chapter of one member with these items and notes."""
    body = "\n\n".join([*items, "Thus, Japan receives a score of 0.", "Analyst: Ann Other", *notes])
    return f'{TITLE}19. Migration\n\n"We act."\n\nAssessment\n\nJapan\t0\n\nJapan: 0\n\n{body}\n'


def raised(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


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
def test_evidence_that_looks_wrongly_read_is_a_gap(codebook, case: str) -> None:
    items, notes, part, reason = ODD[case]
    told = gaps(read(many(items, notes), codebook))
    assert part in told
    assert told[part].startswith(f"unread: {reason}")
    assert told[part].endswith("or try another format of it (PDF, Word, HTML, text).")


def test_evidence_that_is_read_as_it_is_printed_is_in_no_doubt(codebook) -> None:
    assert gaps(read(many(GOOD, NOTES), codebook)) == {}
    few = [*GOOD[:8], *(item.rstrip("⁰¹²³⁴⁵⁶⁷⁸⁹.") for item in GOOD[8:])]  # 4 of 12: too few to doubt the reading
    assert gaps(read(many(few, NOTES), codebook)) == {}


def test_a_single_item_that_was_cut_in_two_is_said(codebook) -> None:
    cut = "On 5 July 2024, police met at the port of\n\nNagoya to act on July 2024 orders, for which the army asked.¹⁰¹"
    found = gaps(read(many([cut, *GOOD[1:]], NOTES), codebook))
    assert found["items"].startswith("unread: 1 of 13 items end without a full stop before one without a date: ")


def test_a_single_raised_digit_that_marks_no_note_is_said(codebook) -> None:
    found = gaps(read(many(["On 5 July 2024, police met.⁷", *GOOD[1:]], NOTES), codebook))
    assert found["sentences"].startswith("unread: 1 of 13 sentences contain a raised digit, or a note's number in ")
    power = ["On 5 July 2024, police searched 40 m².", *GOOD[1:]]
    assert gaps(read(many(power, NOTES), codebook)) == {}


def test_decimals_are_no_marks(codebook) -> None:
    items = [
        f"On {n} July 2024, Japan pledged {n}.25 billion, {n}.45 per cent of it.{raised(100 + n)}" for n in range(1, 13)
    ]
    assert gaps(read(many(items, NOTES), codebook)) == {}


def test_a_paragraph_on_access_is_no_part_of_the_note_before_it(codebook) -> None:
    item = "On 20 July 2024, police met.¹⁰¹ The database was first accessed 2 June by officers in Nagoya."
    note = f"{raised(101)} Law, Paper (Rome) 1 May 2024. https://a.it/law1"
    text = many([GOOD[0], note, item, *GOOD[1:]], NOTES[1:])
    assert "first accessed 2 June by officers" in " ".join(read(text, codebook).items["text"])


def test_thousands_of_raised_digits_are_no_mark(codebook) -> None:
    evidence = read(many([f"On 5 July 2024, police met.{'⁴' * 5_000}", *GOOD], NOTES), codebook)
    assert len(evidence.items) == 13


def test_notes_that_no_item_cites_are_a_gap(codebook) -> None:
    # the marks are lost, as in text recognized by OCR; the notes are left
    text = (Path(__file__).parents[2] / "data/examples/invented-report.txt").read_text(encoding="utf-8")
    lost = re.sub(r"(?<=[.])[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?= |\n)", "", text)
    assert gaps(read(lost, codebook))["notes"].startswith(
        "unread: none of 12 items cites a note, although 12 notes were"
    )


def test_a_single_missing_note_is_a_gap(codebook) -> None:
    text = (Path(__file__).parents[2] / "data/examples/invented-report.txt").read_text(encoding="utf-8")
    start = text.rindex("¹⁰⁵")
    lost = text[:start] + text[text.index("\n", start) :]
    found = gaps(read(lost, codebook))
    assert found["notes"].startswith("unread: 1 of 12 notes cited by items were not found. The text may have been read")


def test_paragraphs_that_may_be_no_items_are_a_gap(codebook) -> None:
    text = many([GOOD[0], NOTES[0], "Laws of the Sea", *GOOD[1:]], NOTES[1:]).replace("score of 0", "score of +0.5")
    evidence = read(text, codebook)
    assert evidence.members["stated_score"].isna().all()
    assert gaps(evidence) == {
        "paragraphs of commitment 19": "unread: 2 paragraphs are in doubt: they have neither a date nor notes, or "
        "words of a conclusion, or a score that is not -1, 0 or +1. Items may include conclusions or headings, and "
        "stated scores may be missing. The first, of Japan, is 'Laws of the Sea'. Compare them with the report."
    }


def test_the_number_of_a_note_in_brackets_is_a_gap(codebook) -> None:
    text = (Path(__file__).parents[2] / "data/examples/invented-report.txt").read_text(encoding="utf-8")
    found = gaps(read(text.replace("¹⁰⁵", " [105]", 1), codebook))
    assert found["sentences"].startswith("unread: 1 of 24 sentences contain a raised digit, or a note's number in ")


REMARKS = [
    "[Editor: check date]", "[editor's note: see above]", "[TO BE UPDATED]", "[to be confirmed]", "[TBC]", "[date?]",
    "[Todo]", "[check the date]", "[CHECK]", "[XX]", "[citation needed]",
]  # fmt: skip
NO_REMARKS = ["[sic]", "[the minister]", "[We]", "[…]", "[ICE]", "[to be] held", "[confirm]ed", "[checks on boats]"]


@pytest.mark.parametrize("remark", REMARKS)
def test_a_remark_of_an_editor_in_an_item_is_a_gap(codebook, remark: str) -> None:
    items = [GOOD[0], GOOD[1].replace("case", f"{remark} case"), *GOOD[2:]]
    assert gaps(read(many(items, NOTES), codebook)) == {
        "items": "unread: items seem to have remarks of an editor in them (1, the first in 2024-19/JPN-02: "
        f"{remark!r}). Do what it asks, and remove it from the report."
    }


def test_other_words_in_brackets_are_no_remarks(codebook) -> None:
    items = [text.replace("case", f"{words} case") for text, words in zip(GOOD, NO_REMARKS, strict=False)]
    assert gaps(read(many([*items, *GOOD[len(items) :]], NOTES), codebook)) == {}


MARKED = {
    "headings": lambda text: re.sub(r"^(Japan: 0|19\. Migration|Assessment)$", r"## \1", text, flags=re.M),
    "bold": lambda text: re.sub(r"^(Japan: 0|19\. Migration|Assessment)$", r"**\1**", text, flags=re.M),
    "notes": lambda text: re.sub(
        r"^1(\d\d) ", r"[^1\1]: ", text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")), flags=re.M
    ),
}


@pytest.mark.parametrize("form", MARKED)
def test_markdown_is_named_as_the_cause(codebook, form: str) -> None:
    text = MARKED[form](many(GOOD, NOTES))
    try:
        found = gaps(read(text, codebook))["text"]
    except SourceError as error:
        found = str(error)
    assert re.search(r"looks like Markdown \('.+'\)\. Expected another format; convert it: pandoc -f markdown", found)


@pytest.mark.parametrize("form", ["{}  {}", "{:>4}\t{}", "{}: {}"])
@pytest.mark.parametrize("empty", [True, False], ids=["empty lines too", "lines with text"])
def test_line_numbers_are_named_as_the_cause(codebook, form: str, *, empty: bool) -> None:
    lines = enumerate(many(GOOD, NOTES).splitlines(), start=1)
    text = "\n".join(form.format(n, line) if line or empty else "" for n, line in lines)
    with pytest.raises(SourceError, match=r"r\.txt: each line starts with a number\. Expected text without line num"):
        read(text, codebook)


def test_a_list_of_numbered_lines_is_no_numbering_of_lines() -> None:
    listed = "\n".join(f"{n}. Commitment of the year" for n in range(1, 31))
    assert not format_doubt(f"{listed}\n\n{many(GOOD, NOTES)}")
    assert format_doubt(listed)


def test_notes_of_several_sources_are_a_gap_and_keep_the_first(codebook) -> None:
    items = [f"On {n} May 2024, Japan met.{raised(100 + n)}" for n in range(1, 13)]
    second = "; Another law, Post (Turin) 2 May 2024. https://b.it/other"
    notes = [f"{note}{second}" if n in {4, 7} else note for n, note in enumerate(NOTES, start=1)]
    evidence = read(many(items, notes), codebook)
    pd.testing.assert_frame_equal(evidence.citations, read(many(items, NOTES), codebook).citations)
    assert gaps(evidence) == {
        "notes": "unread: notes with several URLs (2, the first is 104): only their first source is kept."
    }
