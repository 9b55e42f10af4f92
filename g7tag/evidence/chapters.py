"""Find the commitments of a report, and what each says before its members' sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.layout import Layout
from g7tag.evidence.passage import Passage, clean_passage
from g7tag.evidence.sections import Section, plain_sign, read_score, read_sections
from g7tag.sources.headings import ASSESSMENT, GUIDELINES, MEMBER_HEADING, SCORE, SCORING

CHAPTER_HEADING = re.compile(r"(?:Commitment )?(\d{1,3})[.:] (\S.*)")
_SUMMIT_YEAR = re.compile(r"\b(\d{4}) G[78] (?:[A-Z][\w'’-]+ ){0,3}Summit\b")
_AVERAGE = re.compile(r"Average\s+([+−–—‑-]?\d(?:\.\d+)?)\s*(?:\((\d+(?:\.\d+)?)\s*%\))?")
_TABLE_ROW = re.compile(rf"(?P<member>[A-Z][A-Za-z .'’-]+?)\s+(?P<score>{SCORE})\s*$")
_LOOKAHEAD = 5  # paragraphs within which a chapter's heading is followed by its assessment table


@dataclass
class Chapter:
    """One commitment of a report."""

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
    notes: set[int] = field(default_factory=set)  # numbers of those that it cites


class Report(NamedTuple):
    """The commitments of one document, and the paragraphs before the first of them: title, contents, tables."""

    chapters: list[Chapter]
    front: list[str]


def read_chapters(text: str, layout: Layout, codebook: Codebook) -> Report:
    """Return the commitments of one document, in order, and what stands before them.

    Parameters
    ----------
    text
        The document's text.
    layout
        Its paragraphs and notes.
    codebook
        Names the members; gives the number of a text that has members' sections but no chapter heading.

    Raises
    ------
    SourceError
        No member's section is found; the message does not name the document.
    """
    numbers = layout.numbers  # made anew whenever it is asked for
    passages = [clean_passage(text, paragraph.spans, numbers) for paragraph in layout.paragraphs]
    starts = [place for place in range(len(passages)) if _opens_chapter(passages, place)] or [0]
    chapters: list[Chapter] = []
    front = 0
    for start, end in pairwise([*starts, len(passages)] if passages else []):
        heading = CHAPTER_HEADING.fullmatch(passages[start].text)
        chapter = Chapter(int(heading[1]), heading[2]) if heading else Chapter(codebook.commitment.number)
        first = next((at for at in range(start, end) if MEMBER_HEADING.fullmatch(passages[at].text)), end)
        _read_front(chapter, passages[start:first])
        chapter.sections, chapter.homeless = read_sections(layout.paragraphs[first:end], passages[first:end])
        if chapter.sections:
            chapter.notes = {note for passage in passages[start:end] for note in passage.notes}
            front = front if chapters else start
            chapters.append(chapter)
    if not chapters:
        names = ", ".join(f"'{member.name}: 0'" for member in codebook.members[:3])
        msg = f"no member's section found. Expected headings such as {names}, one a line; is this a compliance report?"
        raise SourceError(msg)
    return Report(chapters, [passage.text for passage in passages[:front]])


def summit_year(text: str) -> str:
    """Return the year of the summit that a report's first lines name, "" where they name none.

    Examples
    --------
    >>> summit_year("2024 G7 Apulia Summit Final Compliance Report")
    '2024'
    """
    match = _SUMMIT_YEAR.search(text[:5000])
    return match[1] if match else ""


def _read_front(chapter: Chapter, passages: Sequence[Passage]) -> None:
    """Read what stands before the first member's section: the promise, the printed scores, the guidelines."""
    part = ""
    parts: dict[str, list[str]] = {ASSESSMENT: [], GUIDELINES: [], SCORING: []}
    for passage in passages:
        if passage.text in parts:
            part = passage.text
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


def _opens_chapter(passages: Sequence[Passage], place: int) -> bool:
    """Whether a numbered heading is followed by an assessment: those of the contents page are not."""
    heading = CHAPTER_HEADING.fullmatch(passages[place].text)
    return bool(heading) and any(passage.text == ASSESSMENT for passage in passages[place + 1 : place + 1 + _LOOKAHEAD])
