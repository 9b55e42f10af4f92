"""Refuse a chapter whose members are not clear, and report what is ambiguous or was probably read wrongly."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from g7tag.codebook import Codebook
from g7tag.evidence.chapters import Chapter, Report
from g7tag.evidence.sections import Section
from g7tag.evidence.summits import Title
from g7tag.sources import SUPERSCRIPTS, gap_row
from g7tag.text import enumerated, listed

Row = dict[str, Any]
LEAST, SHARE = 5, 0.2
"""The minimum number and share of items, sentences or notes that must look wrong, unless one is enough."""
_FEWEST_ITEMS = 10  # of a document without notes
_MARK_LEFT = re.compile(rf"[{SUPERSCRIPTS}]{{2,}}|(?<=\D[.!?”\"])\d{{2,5}}(?=\s|$)|(?<=[.!?”\"\w])\[\d{{1,5}}\]")
_BRACKETED = re.compile(r"\[(\d{1,5})\]")
_RAISED_LEFT = re.compile(rf"(?:^|(?<=[.!?”\"’]))[{SUPERSCRIPTS}]")
_MARKDOWN = re.compile(r"^(?:#{1,6} \S.*|\*\*[^*\n]+\*\*|\|.+\||\[\^\w+\]: .*)$", re.M)
_FEWEST_MARKED = 3  # lines of Markdown
_BRACKETS = re.compile(r"\[[^\[\]]{1,200}\]")
_ASKS = "check|confirm|verify|update|insert"
_REMARK = re.compile(
    r"\b(?i:editors?|todo|tb[acd]|xx+|citation needed|to be (?:\w+ed|done))\b"
    rf"|\b(?i:{_ASKS}) |\b(?:{_ASKS.upper()})\b|\?\]"
)
"""Words in brackets that are a remark of an editor; [sic] and [the minister] are none."""
_LONGEST_SHOWN = 110  # characters of a quoted paragraph
_TRY = "Compare them with the report, or try another format of it (PDF, Word, HTML, text)."
_ADVICE = "Expected a heading such as 'Canada: 0' before each member's evidence. Fix the text."


def format_doubt(text: str) -> str:
    """Return why a document's text is of a form that is not read, or ""."""
    marked = _MARKDOWN.findall(text)
    if len(marked) < _FEWEST_MARKED:
        return ""
    found = f"looks like Markdown ({_shown(marked[0])!r})"
    return f"{found}. Expected another format; convert it: pandoc -f markdown FILE -o report.html"


def reading_doubts(name: str, report: Report, title: Title, codebook: Codebook, numbers: Collection[int]) -> list[Row]:
    """Return gaps for a missing summit year or commitment number and empty chapters."""
    said: list[tuple[str, str]] = []
    unscored = "so its evidence is read but not scored. Give the"
    if not title.year:
        year = codebook.commitment.id.partition("-")[0]
        said.append(("title", f"{title.doubt}, {unscored} year of its summit, such as --year {year}."))
    if not all(chapter.number for chapter in report.chapters):
        number = f"number, such as --commitment {codebook.commitment.number}"
        said.append(("heading", f"no heading gives the number of its commitment, {unscored} {number}."))
    said += [
        (f"commitment {number}", f"commitment {number} has a heading but no member's section.")
        for number in report.empty
        if not numbers or number in numbers
    ]
    return [gap_row(name, part, "unread", reason) for part, reason in said]


def member_faults(chapter: Chapter, codebook: Codebook, *, own: bool) -> Iterator[str]:
    """Yield why a chapter cannot be used: unknown, duplicate or missing members, or several chapters in one."""
    names = [section.member for section in chapter.sections]
    if own and (unknown := set(names) - set(codebook.codes)):
        expected = ", ".join(codebook.codes)
        yield f"sections headed {listed(unknown)}. Expected members of codebook {codebook.id!r}: {expected}."
    if chapter.assessments:
        yield (
            f"commitment {chapter.number or '?'} has another table of scores after its first section. Perhaps "
            "the heading of another commitment was not read. Expected a heading such as '19. Migration: Smuggling' "
            "before each commitment, and one table of scores behind it."
        )
    missing = (set(chapter.table) & set(codebook.codes if own else chapter.table)) - set(names)
    if orphans := chapter.orphans + (chapter.trailing if missing or not chapter.table else []):
        found = orphans[0][:50]
        yield f"text after a section without a heading, or a heading without a score: {found!r}. {_ADVICE}"
    if missing:
        yield f"commitment {chapter.number} scores {listed(missing)} in its table but has no section for it. {_ADVICE}"
    if twice := {member for member, count in Counter(names).items() if count > 1}:
        yield (
            f"commitment {chapter.number} has two sections headed {listed(twice)}. Expected one per member. "
            "Fix the text."
        )


def chapter_doubts(name: str, chapter: Chapter) -> list[Row]:
    """Return gaps for text of a chapter that is not used, or was used in doubt."""
    gaps: list[Row] = []

    def say(part: str, reason: str, kind: str = "unread") -> None:
        gaps.append(gap_row(name, f"{part} commitment {chapter.number}", kind, reason))

    if chapter.odd_average:
        odd = chapter.odd_average[:50]
        say("average of", f"{odd!r} is no average from -1 to 1 with its percentage, and was not used.")
    unlisted = [section.member for section in chapter.sections if section.member not in chapter.table]
    if unlisted and chapter.has_table:
        missing = f"no row for {enumerated(unlisted)}, so their table scores are missing"
        say("table of", f"the printed table of scores has {missing}. Compare it with the report.")
    unlike = "; ".join(filter(None, (_unlike_scores(chapter, section) for section in chapter.sections)))
    if unlike:
        used = "The heading's are used; compare them with the report"
        say("scores of", f"the printed scores differ: {unlike}. {used}.", "assumed")
    if left_out := [*chapter.trailing, *chapter.appended]:
        say(
            "after",
            f"{len(left_out)} paragraphs after the last member's analysts look like evidence but belong to no "
            f"member. They are not used. The first is {left_out[0][:50]!r}. If they are evidence, add a heading before "
            "them.",
        )
    if doubtful := [(section.member, text) for section in chapter.sections for text in section.doubtful]:
        say(
            "paragraphs of",
            f"{len(doubtful)} paragraphs are in doubt: they have neither a date nor notes, or words of a conclusion, "
            "or a score that is not -1, 0 or +1. Items may include conclusions or headings, and stated scores may be "
            f"missing. {_first(doubtful)}",
        )
    if differing := [(section.member, text) for section in chapter.sections for text in section.differing]:
        say(
            "stated scores of",
            f"{len(differing)} paragraphs state a score that differs from another of the same member. The last one is "
            f"used. {_first(differing)}",
        )
    return gaps


def _first(paragraphs: Sequence[tuple[str, str]]) -> str:
    member, text = paragraphs[0]
    return f"The first, of {member}, is {_shown(text)!r}. Compare them with the report."


def _unlike_scores(chapter: Chapter, section: Section) -> str:
    """Return a member with its printed scores if they differ, else ""."""
    places = {"table": chapter.table.get(section.member), "heading": section.heading_score}
    places["closing line"] = section.stated_score
    found = {place: score for place, score in places.items() if score is not None}
    shown = ", ".join(f"{place} {f'{score:+d}' if score else '0'}" for place, score in found.items())
    return f"{section.member} ({shown})" if len(set(found.values())) > 1 else ""


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:40]} … {text[-60:]}"


def evidence_doubts(
    name: str, rows: Mapping[str, Sequence[Row]], cited: set[int], *, recognized: bool = False
) -> list[Row]:
    """Return gaps for evidence that was probably read incorrectly: many things look wrong, or one surely is."""
    items, sentences, citations = rows["items"], rows["sentences"], rows["citations"]
    texts = [sentence["text"] for sentence in sentences]
    known = {row["note"] for row in citations}
    of_items = {int(note) for item in items for note in item["citations"].split(";") if note}
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
        ("notes", len(cited - known), len(cited), True, "cited notes were not found"),
    ]  # part, how many of how many, whether one is enough, what
    said: list[tuple[str, str]] = []
    for part, n, of, one, what in looks:
        least, share = (1, 0.0) if one or recognized else (LEAST, SHARE)
        if n >= least and n >= share * of and not (one and part in dict(said)):
            said.append((part, f"{n} of {of} {what}. The text may have been read incorrectly. {_TRY}"))
    if remarks := [
        (item["item_id"], words) for item in items for words in _BRACKETS.findall(item["text"]) if _REMARK.search(words)
    ]:
        first = f"the first in {remarks[0][0]}: {_shown(remarks[0][1])!r}"
        found = f"items seem to have remarks of an editor in them ({len(remarks)}, {first})"
        said.append(("items", f"{found}. Do what it asks, and remove it from the report."))
    if citations and not of_items and len(items) >= LEAST:
        found = f"none of {len(items)} items cites a note, although {len(citations)} notes were found"
        said.append(("notes", f"{found}. {_TRY}"))
    if not citations and len(items) >= _FEWEST_ITEMS:
        found = f"no notes were found for {len(items)} items, so their sources cannot be shown or checked"
        said.append(("notes", f"{found}. {_TRY}"))
    return [gap_row(name, part, "unread", reason) for part, reason in said]
