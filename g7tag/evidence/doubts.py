"""Report parts of a document that are ambiguous or were probably read wrongly."""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from g7tag.codebook import Codebook
from g7tag.evidence.chapters import Chapter, Report
from g7tag.evidence.sections import Section
from g7tag.evidence.summits import Title
from g7tag.sources import SUPERSCRIPTS, gap_row
from g7tag.text import enumerated

Row = dict[str, Any]
LEAST, SHARE = 5, 0.2
"""The minimum number and share of items, sentences or notes that must look wrong, unless one is enough."""
_FEWEST_ITEMS = 10  # of a document without notes
_MARK_LEFT = re.compile(rf"[{SUPERSCRIPTS}]{{2,}}|(?<=\D[.!?”\"])\d{{2,5}}(?=\s|$)|(?<=[.!?”\"\w])\[\d{{1,5}}\]")
_BRACKETED = re.compile(r"\[(\d{1,5})\]")
_RAISED_LEFT = re.compile(rf"(?:^|(?<=[.!?”\"’]))[{SUPERSCRIPTS}]")
_MARKDOWN = re.compile(r"^(?:#{1,6} \S.*|\*\*[^*\n]+\*\*|\|.+\||\[\^\w+\]: .*)$", re.M)
_FEWEST_MARKED = 3  # lines of Markdown
_LINE_NUMBER = re.compile(r"^[ \t]*(\d{1,6})(?=[ \t.:|)]|$)", re.M)
_FEWEST_NUMBERED, _NUMBERED = 20, 0.7  # lines that start with a number, and their share; most numbers rise
_BRACKETS = re.compile(r"\[[^\[\]]{1,200}\]")
_ASKS = "check|confirm|verify|update|insert"
_REMARK = re.compile(
    r"\b(?i:editors?|todo|tb[acd]|xx+|citation needed|to be (?:\w+ed|done))\b"
    rf"|\b(?i:{_ASKS}) |\b(?:{_ASKS.upper()})\b|\?\]"
)
"""Words in brackets that are a remark of an editor; [sic] and [the minister] are none."""
_LONGEST_SHOWN = 110  # characters of a quoted paragraph
_TRY = "Compare them with the report, or try another format of it (PDF, Word, HTML, text)."


def format_doubt(text: str) -> str:
    """Return why a document's text is of a form that is not read, or ""."""
    marked = _MARKDOWN.findall(text)
    if len(marked) >= _FEWEST_MARKED:
        found = f"looks like Markdown ({_shown(marked[0])!r})"
        return f"{found}. Expected another format; convert it: pandoc -f markdown FILE -o report.html"
    numbers = [int(number) for number in _LINE_NUMBER.findall(text)]
    lines = sum(bool(line.strip()) for line in text.splitlines())
    rise = 2 * sum(before < after for before, after in pairwise(numbers)) > len(numbers)
    if rise and len(numbers) >= max(_FEWEST_NUMBERED, _NUMBERED * lines):
        return "each line starts with a number. Expected text without line numbers; remove them."
    return ""


def reading_doubts(name: str, report: Report, title: Title, codebook: Codebook, numbers: Collection[int]) -> list[Row]:
    """Return gaps for a missing summit year or commitment number and empty chapters."""
    doubts: list[Row] = []
    if not title.year:
        own = codebook.commitment.id.partition("-")[0]
        reason = (
            f"{title.doubt}, so its evidence is read but not scored. Give the year of its summit, such as --year {own}."
        )
        doubts.append(gap_row(name, "title", "unread", reason))
    if not all(chapter.number for chapter in report.chapters):
        reason = (
            "no heading gives the number of its commitment, so its evidence is read but not scored. Give the number, "
            f"such as --commitment {codebook.commitment.number}."
        )
        doubts.append(gap_row(name, "heading", "unread", reason))
    for number in report.empty:
        if not numbers or number in numbers:
            reason = f"commitment {number} has a heading but no member's section."
            doubts.append(gap_row(name, f"commitment {number}", "unread", reason))
    return doubts


def chapter_doubts(name: str, chapter: Chapter) -> list[Row]:
    """Return gaps for text of a chapter that is not used, or was used in doubt."""
    gaps: list[Row] = []
    if chapter.odd_average:
        reason = f"{chapter.odd_average[:50]!r} is no average from -1 to 1 with its percentage, and was not used."
        gaps.append(gap_row(name, f"average of commitment {chapter.number}", "unread", reason))
    unlisted = [section.member for section in chapter.sections if section.member not in chapter.table]
    if unlisted and chapter.has_table:
        reason = (
            f"the printed table of scores has no row for {enumerated(unlisted)}, so their table scores are missing. "
            "Compare it with the report."
        )
        gaps.append(gap_row(name, f"table of commitment {chapter.number}", "unread", reason))
    unlike = list(filter(None, (_unlike_scores(chapter, section) for section in chapter.sections)))
    if unlike:
        reason = (
            f"the printed scores differ: {'; '.join(unlike)}. The heading's are used; compare them with the report."
        )
        gaps.append(gap_row(name, f"scores of commitment {chapter.number}", "assumed", reason))
    left_out = [*chapter.trailing, *chapter.appended]
    if left_out:
        reason = (
            f"{len(left_out)} paragraphs after the last member's analysts look like evidence but belong to no "
            f"member. They are not used. The first is {left_out[0][:50]!r}. If they are evidence, add a heading before "
            "them."
        )
        gaps.append(gap_row(name, f"after commitment {chapter.number}", "unread", reason))
    doubtful = [(section.member, text) for section in chapter.sections for text in section.doubtful]
    if doubtful:
        member, text = doubtful[0]
        reason = (
            f"{len(doubtful)} paragraphs are in doubt: they have neither a date nor notes, or words of a conclusion, "
            "or a score that is not -1, 0 or +1. Items may include conclusions or headings, and stated scores may be "
            f"missing. The first, of {member}, is {_shown(text)!r}. Compare them with the report."
        )
        gaps.append(gap_row(name, f"paragraphs of commitment {chapter.number}", "unread", reason))
    differing = [(section.member, text) for section in chapter.sections for text in section.differing]
    if differing:
        member, text = differing[0]
        reason = (
            f"{len(differing)} paragraphs state a score that differs from another of the same member. The last one is "
            f"used. The first, of {member}, is {_shown(text)!r}. Compare them with the report."
        )
        gaps.append(gap_row(name, f"stated scores of commitment {chapter.number}", "unread", reason))
    return gaps


def _unlike_scores(chapter: Chapter, section: Section) -> str:
    """Return a member with its printed scores if they differ, else ""."""
    places = {"table": chapter.table.get(section.member), "heading": section.heading_score}
    places["closing line"] = section.stated_score
    found = {place: score for place, score in places.items() if score is not None}
    shown = ", ".join(f"{place} {f'{score:+d}' if score else '0'}" for place, score in found.items())
    return f"{section.member} ({shown})" if len(set(found.values())) > 1 else ""


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:40]} … {text[-60:]}"


def evidence_doubts(name: str, rows: Mapping[str, Sequence[Row]], *, recognized: bool = False) -> list[Row]:
    """Return gaps for evidence that was probably read incorrectly: many things look wrong, or one surely is."""
    items, sentences, citations = rows["items"], rows["sentences"], rows["citations"]
    texts = [sentence["text"] for sentence in sentences]
    known = {row["note"] for row in citations}
    cited = {int(note) for item in items for note in item["citations"].split(";") if note}
    cut = sum(item["status"] == "cut_off" for item in items)
    undated = sum(item["status"] == "date_unread" for item in items)
    marked = sum(bool(_MARK_LEFT.search(text)) for text in texts)
    unread = sum(not row["publisher"] and row["published"] is None for row in citations)
    split = sum(
        before["status"] == "cut_off" and item["status"] == "date_unread" and before["member"] == item["member"]
        for before, item in pairwise(items)
    )
    left = sum(
        bool(_RAISED_LEFT.search(text)) or any(int(number) in known for number in _BRACKETED.findall(text))
        for text in texts
    )
    looks = [
        ("items", cut, len(items), False, "items end without a full stop"),
        ("items", undated, len(items), False, "items start without a readable date"),
        ("sentences", marked, len(sentences), False, "sentences still contain what looks like a note mark"),
        ("notes", unread, len(citations), False, "notes have neither a readable publisher nor a readable date"),
        ("items", split, len(items), True, "items end without a full stop before one without a date: one may be cut"),
        ("sentences", left, len(sentences), True, "sentences contain a raised digit, or a note's number in brackets"),
        ("notes", len(cited - known), len(cited), True, "notes cited by items were not found"),
    ]  # part, how many of how many, whether one is enough, what
    found: list[Row] = []
    for part, n, of, one, what in looks:
        least, share = (1, 0.0) if one or recognized else (LEAST, SHARE)
        if n >= least and n >= share * of and not (one and part in {row["part"] for row in found}):
            reason = f"{n} of {of} {what}. The text may have been read incorrectly. {_TRY}"
            found.append(gap_row(name, part, "unread", reason))
    brackets = [(item["item_id"], words) for item in items for words in _BRACKETS.findall(item["text"])]
    remarks = [(item_id, words) for item_id, words in brackets if _REMARK.search(words)]
    if remarks:
        item_id, words = remarks[0]
        reason = (
            f"items seem to have remarks of an editor in them ({len(remarks)}, the first in {item_id}: "
            f"{_shown(words)!r}). Do what it asks, and remove it from the report."
        )
        found.append(gap_row(name, "items", "unread", reason))
    if citations and not cited and len(items) >= LEAST:
        reason = f"none of {len(items)} items cites a note, although {len(citations)} notes were found. {_TRY}"
        found.append(gap_row(name, "notes", "unread", reason))
    if not citations and len(items) >= _FEWEST_ITEMS:
        reason = f"no notes were found for {len(items)} items, so their sources cannot be shown or checked. {_TRY}"
        found.append(gap_row(name, "notes", "unread", reason))
    return found
