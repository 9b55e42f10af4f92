"""Say what of a document was not told apart, or looks as if it had been read wrongly."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from g7tag.codebook import Codebook
from g7tag.errors import listed
from g7tag.evidence.chapters import Chapter, Report
from g7tag.evidence.layout import Layout
from g7tag.evidence.summits import Title
from g7tag.sources import SUPERSCRIPTS, gap_row

Row = dict[str, Any]
LEAST, SHARE = 5, 0.2
"""How many items or notes, and what share of all, must look wrong for the whole reading to be in doubt."""
_FEWEST_ITEMS = 10  # without a single note
_MARK_LEFT = re.compile(rf"[{SUPERSCRIPTS}]{{2,}}|(?<=\D[.!?”\"])\d{{2,5}}(?=\s|$)|(?<=[.!?”\"\w])\[\d{{1,5}}\]")
_TRY = "Compare them with the report; another format of it (PDF, Word, HTML, text) may be read better."


def reading_doubts(
    name: str, report: Report, layout: Layout, title: Title, codebook: Codebook, numbers: Collection[int]
) -> list[Row]:
    """Return gaps of what does not say which commitment it is of, and of what was not told apart.

    Parameters
    ----------
    name
        Of the document.
    report, layout, title
        What was read of it.
    codebook
        Whose year and number an example of a command names.
    numbers
        Of the commitments to keep; none keep all.
    """
    doubts: list[Row] = []
    if layout.repeated:
        reason = (
            f"numbers open two notes with different words: {listed(map(str, layout.repeated))}; what cites them was "
            "given the first. Expected numbers that go on through the report; split it by commitment."
        )
        doubts.append(gap_row(name, "notes", "unread", reason))
    if not title.year:
        own = codebook.commitment.id.partition("-")[0]
        reason = (
            f"{title.doubt}, so its evidence is read and not scored. Say the year of its summit, such as --year {own}."
        )
        doubts.append(gap_row(name, "title", "unread", reason))
    if not all(chapter.number for chapter in report.chapters):
        reason = (
            "no heading gives the number of its commitment, so its evidence is read and not scored. Say the number, "
            f"such as --commitment {codebook.commitment.number}."
        )
        doubts.append(gap_row(name, "heading", "unread", reason))
    for number in report.empty:
        if not numbers or number in numbers:
            reason = f"commitment {number} has a heading and no member's section."
            doubts.append(gap_row(name, f"commitment {number}", "unread", reason))
    return doubts


def trailing_doubts(name: str, chapter: Chapter) -> list[Row]:
    """Return a gap where text behind the last member's analysts opens like evidence: no member's, so it is left out."""
    if not chapter.trailing:
        return []
    first = chapter.trailing[0][:50]
    reason = (
        f"{len(chapter.trailing)} paragraphs behind the analysts of the last member open like evidence and belong to "
        f"no member, so they are left out, the first: {first!r}. If they are evidence, put a heading before them."
    )
    return [gap_row(name, f"behind commitment {chapter.number}", "unread", reason)]


def evidence_doubts(name: str, rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Return gaps where so much of the evidence looks wrong that it was probably not read as it is printed.

    Parameters
    ----------
    name
        Of the document.
    rows
        Rows of its items, sentences and citations.
    """
    items, sentences, citations = rows["items"], rows["sentences"], rows["citations"]
    known = {row["note"] for row in citations}
    cited = {int(note) for item in items for note in item["citations"].split(";") if note}
    cut = sum(item["status"] == "cut_off" for item in items)
    undated = sum(item["status"] == "date_unread" for item in items)
    marked = sum(bool(_MARK_LEFT.search(sentence["text"])) for sentence in sentences)
    unread = sum(not row["publisher"] and row["published"] is None for row in citations)
    doubts = {
        "items": [
            (cut, len(items), "items break off without a full stop"),
            (undated, len(items), "items open with no day that can be read"),
        ],
        "sentences": [(marked, len(sentences), "sentences still hold what looks like the mark of a note")],
        "notes": [
            (len(cited - known), len(cited), "notes that items cite were not found"),
            (unread, len(citations), "notes have neither a publisher nor a date that can be read"),
        ],
    }
    found = [
        gap_row(name, part, "unread", f"{n} of {of} {what}: the text may not have been read as it is printed. {_TRY}")
        for part, counts in doubts.items()
        for n, of, what in counts
        if n >= LEAST and n >= SHARE * of
    ]
    if not citations and len(items) >= _FEWEST_ITEMS:
        reason = f"none were found for {len(items)} items: their sources cannot be shown or checked. {_TRY}"
        found.append(gap_row(name, "notes", "unread", reason))
    return found
