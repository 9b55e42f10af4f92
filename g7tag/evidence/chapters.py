"""Find the commitments of a report and read the text before their members' sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import NamedTuple

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.codes import other_codes
from g7tag.evidence.layout import Layout
from g7tag.evidence.passage import Passage, clean_passage
from g7tag.evidence.sections import Section, plain_sign, read_score, read_sections
from g7tag.sources.headings import (
    ASSESSMENT,
    CHAPTER_HEADING,
    CONTENTS,
    GUIDELINES,
    MEMBER_HEADING,
    SCORE,
    SCORING,
    part_heading,
)

_AVERAGE = re.compile(r"Average:?\s+([+−–—‑-]?\d(?:\.\d+)?)\s*(?:\((\d+(?:\.\d+)?)\s*%\))?")
_TABLE_ROW = re.compile(rf"(?P<member>[A-Z][A-Za-z .'’-]+?)\s+(?P<score>{SCORE})\s*$")


@dataclass
class Chapter:
    """One commitment of a report. The number is 0 if no heading gives it."""

    number: int
    title: str = ""
    text: str = ""
    guidelines: str = ""
    scoring_table: str = ""
    average: float | None = None
    percent: float | None = None
    table: dict[str, int] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)  # items after the end of a section, without a heading
    trailing: list[str] = field(default_factory=list)  # the same after the end of the last section
    notes: set[int] = field(default_factory=set)  # numbers of the notes it cites


class Report(NamedTuple):
    """The commitments of one document and the text before the first of them.

    `front` lists the paragraphs before the first chapter: title, contents, tables. `titles` is the text before the
    contents, or before the first member's section if no chapter has a heading. `empty` lists the numbers of chapters
    without a member's section.
    """

    chapters: list[Chapter]
    front: list[str]
    titles: str
    empty: list[int]


def read_chapters(text: str, layout: Layout, codebook: Codebook, *, number: int = 0) -> Report:
    """Return the commitments of one document, in order, and the text before them.

    Parameters
    ----------
    text
        The document's text.
    layout
        Its paragraphs and notes.
    codebook
        Names the members.
    number
        Number of the commitment if the text has members' sections but no chapter heading; 0 if unknown.

    Raises
    ------
    SourceError
        No member's section is found. The message does not name the document.
    """
    numbers = layout.numbers  # computed on every access
    passages = [clean_passage(text, paragraph.spans, numbers) for paragraph in layout.paragraphs]
    starts = [place for place in range(len(passages)) if _opens_chapter(passages, place)]
    untitled = not starts
    starts = starts or [0]
    chapters: list[Chapter] = []
    empty: list[int] = []
    front = 0
    for start, end in pairwise([*starts, len(passages)] if passages else []):
        heading = CHAPTER_HEADING.fullmatch(passages[start].text)
        chapter = _headed(heading) if heading else Chapter(number)
        first = next((at for at in range(start, end) if MEMBER_HEADING.fullmatch(passages[at].text)), end)
        _read_front(chapter, passages[start:first])
        strict = bool(chapter.table) and chapter.number != codebook.commitment.number
        chapter.sections, chapter.orphans, chapter.trailing = read_sections(
            layout.paragraphs[first:end], passages[first:end], _names_of(chapter, codebook), strict=strict
        )
        if chapter.sections:
            chapter.notes = {note for passage in passages[start:end] for note in passage.notes}
            front = front if chapters else start
            chapters.append(chapter)
        elif heading:
            empty.append(chapter.number)
    if not chapters:
        names = ", ".join(f"'{member.name}: 0'" for member in codebook.members[:3])
        msg = (
            f"no member's section found. Expected headings such as {names}, one per line. Is this a compliance report?"
        )
        raise SourceError(msg)
    texts = [passage.text for passage in passages]
    ends = MEMBER_HEADING if untitled else CONTENTS
    before = list(takewhile(lambda text: not ends.fullmatch(text), texts if untitled else texts[:front]))
    return Report(chapters, texts[:front], "\n".join(before), empty)


def _read_front(chapter: Chapter, passages: Sequence[Passage]) -> None:
    """Read the text before the first member's section: the commitment, the printed scores, the guidelines."""
    part = ""
    parts: dict[str, list[str]] = {ASSESSMENT: [], GUIDELINES: [], SCORING: []}
    for passage in passages:
        if heading := part_heading(passage.text):
            part = heading
        elif passage.text.startswith("Compliance Director"):
            part = ""
        elif average := _AVERAGE.match(passage.text):
            chapter.average = float(plain_sign(average[1]))
            chapter.percent = float(average[2]) if average[2] else None
            part = ""
        elif part == ASSESSMENT and (row := _TABLE_ROW.fullmatch(passage.text)):
            chapter.table.setdefault(row["member"], read_score(row["score"]))
        elif part:
            parts[part].append(passage.text)
        elif not chapter.text and re.match(r"[\"“]", passage.text):
            chapter.text = passage.text.strip('"“” ')
    chapter.guidelines = "\n\n".join(parts[GUIDELINES])
    chapter.scoring_table = "\n".join(parts[SCORING])


def _headed(heading: re.Match[str]) -> Chapter:
    number, title = (part for part in heading.groups() if part)
    return Chapter(int(number), title)


def _names_of(chapter: Chapter, codebook: Codebook) -> frozenset[str]:
    """Return the members that a chapter may have: those of its table, the codebook and other groups."""
    return frozenset({*chapter.table, *codebook.codes, *other_codes()})


def _opens_chapter(passages: Sequence[Passage], place: int) -> bool:
    """Whether an assessment follows this numbered heading before the next heading; false in a contents page."""
    if not CHAPTER_HEADING.fullmatch(passages[place].text):
        return False
    for passage in passages[place + 1 :]:
        if part_heading(passage.text) == ASSESSMENT:
            return True
        if CHAPTER_HEADING.fullmatch(passage.text) or MEMBER_HEADING.fullmatch(passage.text):
            return False
    return False
