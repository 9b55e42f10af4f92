"""Find the commitments of a report and read the text before their members' sections."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import NamedTuple

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.passage import Passage, clean_passage
from g7tag.evidence.score_lines import (
    join_wrapped_names,
    names_a_year,
    plain_sign,
    read_score,
    read_score_line,
)
from g7tag.evidence.sections import Section, read_sections
from g7tag.sources import NOTE, Block
from g7tag.sources.headings import (
    ASSESSMENT,
    AVERAGE,
    CHAPTER_HEADING,
    CLOSING_LINE,
    CONCLUSION_START,
    CONTENTS,
    CREDIT,
    GUIDELINES,
    ITEM_START,
    MEMBER_HEADING,
    NUMBER,
    OTHER_PARTS,
    SCORE,
    SCORING,
    names_of,
    part_heading,
    plain_heading,
    plain_name,
)

_AVERAGE = re.compile(
    rf"{AVERAGE}:?\s+(?P<value>{NUMBER})(?![\d%]|[.,]\d)\s*(?:\(?(?P<percent>\d+(?:[.,]\d+)?)\s*%\)?)?\.?"
)
_LIKE_AVERAGE = re.compile(rf"{AVERAGE}\b[^A-Za-z]*\d[^A-Za-z]*")
"""A line of an average whose numbers may be unclear."""
_TABLE_ROW = re.compile(rf"(?P<member>[^\W\d_a-z](?:[^\W\d_]|[ .'’-]){{0,80}}(?:[^\W\d_]|\.))\s+(?P<score>{SCORE})\s*")
_PROMISE = re.compile(
    r"(?:G\d{1,2} )?Commitments?(?::| ?[\[(](?:\d{4}-)?\d{1,3}[\])]:?)\s*(?P<text>.*)|Commitment", re.DOTALL
)
_WHOLE = 100  # percent
_LONGEST_ROW = 80  # characters of a row of the table of scores
_FEWEST_ROWS = 2  # of a table; a single one may be the heading of a section
_ROWS = 12  # lines below a heading in which the first rows are, each perhaps in several lines


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
    odd_average: str = ""  # a printed average below -1 or above 1, or a percentage above 100
    table: dict[str, int] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)  # items after the end of a section, without a heading
    trailing: list[str] = field(default_factory=list)  # the same after the end of the last section
    appended: list[str] = field(default_factory=list)  # the same after the heading of an appendix
    has_table: bool = False  # has text under the heading of the table of scores
    assessments: int = 0  # tables of scores after its first section: of chapters whose headings are not read
    notes: set[int] = field(default_factory=set)  # numbers of the notes it cites


class Report(NamedTuple):
    """The commitments of one document and the text before the first of them."""

    chapters: list[Chapter]
    front: list[str]
    titles: str
    empty: list[int]


def read_chapters(blocks: Sequence[Block], codebook: Codebook, *, number: int = 0) -> Report:
    """Return the commitments of one document, in order, and the text before them."""
    passages = [clean_passage(block) for block in blocks if block.kind != NOTE]
    starts = [place for place in range(len(passages)) if _opens_chapter(passages, place)]
    untitled = not starts
    starts = starts or [0]
    chapters: list[Chapter] = []
    empty: list[int] = []
    front = 0
    for start, end in pairwise([*starts, len(passages)] if passages else []):
        heading = CHAPTER_HEADING.fullmatch(passages[start].text)
        chapter = _headed(heading) if heading else Chapter(number)
        _read_chapter(chapter, passages[start:end], codebook)
        if chapter.sections:
            front = front if chapters else start
            chapters.append(chapter)
        elif heading:
            empty.append(chapter.number)
    if not chapters:
        some = ", ".join(f"'{member.name}: 0'" for member in codebook.members[:3])
        msg = f"no member's section found. Expected headings such as {some}, one per line. Is this a compliance report?"
        raise SourceError(msg)
    texts = [passage.text for passage in passages]
    ends = MEMBER_HEADING if untitled else CONTENTS
    before = list(takewhile(lambda text: not ends.fullmatch(text), texts if untitled else texts[:front]))
    read = {chapter.number for chapter in chapters}
    return Report(chapters, texts[:front], "\n".join(before), [number for number in empty if number not in read])


def _read_chapter(chapter: Chapter, passages: Sequence[Passage], codebook: Codebook) -> None:
    """Read the front and the sections of a chapter."""
    names = names_of(codebook)
    first = _first_section(passages, names)
    _read_front(chapter, passages[:first], names)
    strict = bool(chapter.table) and chapter.number != codebook.commitment.number
    known = {**{plain_name(member): member for member in chapter.table}, **names}
    found = read_sections(passages[first:], known, strict=strict)
    chapter.sections, chapter.trailing, chapter.appended = found.sections, found.trailing, found.appended
    chapter.orphans = [*_unread_headings(passages[: first + 1], names), *found.orphans]
    texts = [passage.text for passage in passages]
    chapter.assessments = sum(_heads_table(texts, at, known) for at in range(first, len(texts)))
    chapter.notes = {note for passage in passages for note in passage.notes}


def _heads_table(texts: Sequence[str], at: int, names: Mapping[str, str]) -> bool:
    """Whether a heading of an assessment has rows of members below it, before any other text."""
    if part_heading(texts[at]) != ASSESSMENT:
        return False
    rows = 0
    for text in texts[at + 1 : at + 1 + _ROWS]:
        row = _TABLE_ROW.fullmatch(text)
        line = read_score_line(text, names)
        rows += bool(row or line)
        if rows >= _FEWEST_ROWS:
            return True
        if len(text) > _LONGEST_ROW or _opens_text(text):
            return False
    return False


def _first_section(passages: Sequence[Passage], names: Mapping[str, str]) -> int:
    """Return the place of the first member's heading, behind the table of scores, or the end if there is none."""
    after, end = 0, len(passages)
    table = next((at for at, passage in enumerate(passages) if part_heading(passage.text) == ASSESSMENT), end)
    for at in range(table + 1, end):
        text = passages[at].text
        average = _is_average(text)
        after = at + 1 if average else after
        if average or len(text) > _LONGEST_ROW or _opens_text(text):
            break
    for at in range(after, end):
        line = read_score_line(passages[at].text, names)
        if line and line.score is not None:
            return at
    return end


def _opens_text(text: str) -> bool:
    """Whether a paragraph is of a member's section, or a heading."""
    return bool(
        ITEM_START.match(text) or CONCLUSION_START.match(text) or CLOSING_LINE.match(text) or part_heading(text)
    )


def _unread_headings(passages: Sequence[Passage], names: Mapping[str, str]) -> list[str]:
    """Return headings of members without a known score that are followed by the text of a section."""
    return [
        passage.text
        for passage, after in pairwise(passages)
        if (line := read_score_line(passage.text, names))
        and line.score is None
        and not names_a_year(passage.text)
        and (ITEM_START.match(after.text) or CONCLUSION_START.match(after.text))
    ]


def _read_front(chapter: Chapter, passages: Sequence[Passage], names: Mapping[str, str]) -> None:
    """Read the text before the first member's section: the commitment, the printed scores, the guidelines."""
    part = ""
    parts: dict[str, list[str]] = {ASSESSMENT: [], GUIDELINES: [], SCORING: []}
    promised = False  # True behind the heading of the commitment's text
    for passage in passages:
        if heading := part_heading(passage.text):
            part, promised = heading, False
        elif CREDIT.match(passage.text):
            part = ""
        elif _is_average(passage.text):
            _read_average(chapter, passage.text)
            part = ""
        elif not chapter.text and (promise := _PROMISE.fullmatch(passage.text)):
            chapter.text, promised = (promise["text"] or "").strip('"“” '), not promise["text"]
        elif plain_heading(passage.text) in OTHER_PARTS:
            part, promised = "", False
        elif part:
            parts[part].append(passage.text)
        elif not chapter.text and (promised or re.match(r"[\"“]", passage.text)):
            chapter.text, promised = passage.text.strip('"“” '), False
    chapter.has_table = bool(parts[ASSESSMENT])
    for row in join_wrapped_names(parts[ASSESSMENT], names):
        _read_row(chapter, row, names)
    chapter.guidelines = "\n\n".join(parts[GUIDELINES])
    chapter.scoring_table = "\n".join(parts[SCORING])


def _is_average(text: str) -> bool:
    return len(text) <= _LONGEST_ROW and bool(_AVERAGE.fullmatch(text) or _LIKE_AVERAGE.fullmatch(text))


def _read_average(chapter: Chapter, text: str) -> None:
    """Set the printed average and percentage; if one of them is impossible or unclear, keep only the text."""
    printed = _AVERAGE.fullmatch(text)
    value = float(plain_sign(printed["value"])) if printed else None
    percent = float(plain_sign(printed["percent"])) if printed and printed["percent"] else None
    if value is None or abs(value) > 1 or (percent or 0) > _WHOLE:
        chapter.odd_average = text
    else:
        chapter.average, chapter.percent = value, percent


def _read_row(chapter: Chapter, text: str, names: Mapping[str, str]) -> None:
    """Add a row of the table of scores."""
    line = read_score_line(text, names)
    if line and line.score is not None:
        chapter.table.setdefault(line.member, line.score)
    elif row := _TABLE_ROW.fullmatch(text):
        member = names.get(plain_name(row["member"]), row["member"])
        chapter.table.setdefault(member, read_score(row["score"]))


def _headed(heading: re.Match[str]) -> Chapter:
    number, title = (part for part in heading.groups() if part)
    return Chapter(int(number), title)


def _opens_chapter(passages: Sequence[Passage], place: int) -> bool:
    """Whether an assessment follows this numbered heading before the next heading; false in a contents page."""
    text = passages[place].text
    if not CHAPTER_HEADING.fullmatch(text) or MEMBER_HEADING.fullmatch(text):
        return False
    for passage in passages[place + 1 :]:
        if part_heading(passage.text) == ASSESSMENT:
            return True
        if CHAPTER_HEADING.fullmatch(passage.text) or MEMBER_HEADING.fullmatch(passage.text):
            return False
    return False
