"""Find the commitments of a report, and what each says before its members' sections."""

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
    """One commitment of a report; its number is 0 where no heading gives it."""

    number: int
    title: str = ""
    text: str = ""
    guidelines: str = ""
    scoring_table: str = ""
    average: float | None = None
    percent: float | None = None
    table: dict[str, int] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)  # items behind the end of one section and no heading
    trailing: list[str] = field(default_factory=list)  # the same behind the end of the last section
    notes: set[int] = field(default_factory=set)  # numbers of those that it cites


class Report(NamedTuple):
    """The commitments of one document, and what stands before the first of them.

    `front` are its paragraphs: title, contents, tables; `titles` is the text before the contents, or before the first
    member's section where nothing heads a chapter; `empty` are numbers of chapters without a member's section.
    """

    chapters: list[Chapter]
    front: list[str]
    titles: str
    empty: list[int]


def read_chapters(text: str, layout: Layout, codebook: Codebook, *, number: int = 0) -> Report:
    """Return the commitments of one document, in order, and what stands before them.

    Parameters
    ----------
    text
        The document's text.
    layout
        Its paragraphs and notes.
    codebook
        Names the members.
    number
        Of the commitment of a text that has members' sections and no chapter heading; 0 where nobody says it.

    Raises
    ------
    SourceError
        No member's section is found; the message does not name the document.
    """
    numbers = layout.numbers  # made anew whenever it is asked for
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
        chapter.sections, chapter.homeless, chapter.trailing = read_sections(
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
        msg = f"no member's section found. Expected headings such as {names}, one a line; is this a compliance report?"
        raise SourceError(msg)
    texts = [passage.text for passage in passages]
    ends = MEMBER_HEADING if untitled else CONTENTS
    before = list(takewhile(lambda text: not ends.fullmatch(text), texts if untitled else texts[:front]))
    return Report(chapters, texts[:front], "\n".join(before), empty)


def _read_front(chapter: Chapter, passages: Sequence[Passage]) -> None:
    """Read what stands before the first member's section: the promise, the printed scores, the guidelines."""
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
    """The members that a chapter may have: those of its table, of the codebook, and of other groups."""
    return frozenset({*chapter.table, *codebook.codes, *other_codes()})


def _opens_chapter(passages: Sequence[Passage], place: int) -> bool:
    """Whether an assessment follows a numbered heading before another or a member's section: not in the contents."""
    if not CHAPTER_HEADING.fullmatch(passages[place].text):
        return False
    for passage in passages[place + 1 :]:
        if part_heading(passage.text) == ASSESSMENT:
            return True
        if CHAPTER_HEADING.fullmatch(passage.text) or MEMBER_HEADING.fullmatch(passage.text):
            return False
    return False
