"""Find the commitments of a report and, in each, the members' sections with their items, conclusions and scores."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from g7tag.codebook import Codebook
from g7tag.errors import SourceError, listed
from g7tag.evidence.dates import DAY, read_date
from g7tag.evidence.layout import Layout
from g7tag.evidence.paragraphs import (
    ASSESSMENT,
    GUIDELINES,
    ITEM_START,
    MEMBER_HEADING,
    SCORING,
    UNDATED_START,
    Paragraph,
)
from g7tag.evidence.passage import Passage, clean_passage

_CHAPTER = re.compile(r"(?:Commitment )?(\d{1,3})[.:] (\S.*)")
_SUMMIT_YEAR = re.compile(r"\b(\d{4}) G[78] (?:[A-Z][\w'’-]+ ){0,3}Summit\b")
_SCORE = "[+−–—‑-]?[01]"
_AVERAGE = re.compile(r"Average\s+([+−–—‑-]?\d(?:\.\d+)?)\s*(?:\((\d+(?:\.\d+)?)\s*%\))?")
_TABLE_ROW = re.compile(rf"(?P<member>[A-Z][A-Za-z .'’-]+?)\s+(?P<score>{_SCORE})\s*$")
_COMPLIED = r"\b.{0,60}?\bcompl(?:ied|y) with (?:its|the|their|this) commitment\b"
_STATED = re.compile(rf"(?:Thus|Therefore|Hence),? .*?\bscore of ({_SCORE})\b")
_ANALYSTS = re.compile(r"(?:Lead |Compliance )?Analysts?: (.+)")
_DATED = re.compile(rf"On ({DAY})\b")
_CLOSED = re.compile(r"[.!?…]['\"”’)\]]*$")
_LOOKAHEAD = 5  # paragraphs within which a chapter's heading is followed by its assessment table


@dataclass
class Item:
    """An evidence item as it is put together."""

    text: Passage
    paragraphs: list[Paragraph]
    date_text: str
    date: date | None
    status: str = "ok"


@dataclass
class Section:
    """One member's part of a chapter."""

    member: str
    heading_score: int
    stated_score: int | None = None
    items: list[Item] = field(default_factory=list)
    conclusions: list[tuple[str, str]] = field(default_factory=list)  # text, place
    analysts: list[str] = field(default_factory=list)
    closed: bool = False  # the analysts' names end the section


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


def read_chapters(text: str, layout: Layout, codebook: Codebook, *, name: str) -> list[Chapter]:
    """Return the commitments of one document, in order.

    Parameters
    ----------
    text
        The document's text.
    layout
        Its paragraphs and notes.
    codebook
        Names the members; gives the number of a text that has members' sections but no chapter heading.
    name
        Name of the document, for messages.

    Raises
    ------
    SourceError
        No member's section is found, a section is of no member of the codebook, or a member has two in one chapter.
    """
    passages = [clean_passage(text, paragraph.spans, layout.numbers) for paragraph in layout.paragraphs]
    starts = [place for place in range(len(passages)) if _opens_chapter(passages, place)] or [0]
    chapters = []
    for start, end in zip(starts, [*starts[1:], len(passages)], strict=True):
        heading = _CHAPTER.fullmatch(passages[start].text)
        chapter = Chapter(int(heading[1]), heading[2]) if heading else Chapter(codebook.commitment.number)
        first = next((at for at in range(start, end) if MEMBER_HEADING.fullmatch(passages[at].text)), end)
        _read_front(chapter, passages[start:first])
        _read_sections(chapter, layout.paragraphs[first:end], passages[first:end])
        if chapter.sections:
            _check_members(chapter, codebook, name)
            chapters.append(chapter)
    if not chapters:
        names = ", ".join(f"'{member.name}: 0'" for member in codebook.members[:3])
        msg = (
            f"{name}: no member's section found. Expected headings such as {names}, one a line; "
            "is this a compliance report?"
        )
        raise SourceError(msg)
    return chapters


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
            chapter.average = float(_minus(average[1]))
            chapter.percent = float(average[2]) if average[2] else None
            part = ""
        elif part == ASSESSMENT and (row := _TABLE_ROW.fullmatch(passage.text)):
            chapter.table.setdefault(row["member"], int(_minus(row["score"])))
        elif part:
            parts[part].append(passage.text)
        elif not chapter.text and re.match(r"[\"“]", passage.text):
            chapter.text = passage.text.strip('"“” ')
    chapter.guidelines = "\n\n".join(parts[GUIDELINES])
    chapter.scoring_table = "\n".join(parts[SCORING])


def _read_sections(chapter: Chapter, paragraphs: Sequence[Paragraph], passages: Sequence[Passage]) -> None:
    """Read the members' sections, paragraph by paragraph."""
    for paragraph, passage in zip(paragraphs, passages, strict=True):
        heading = MEMBER_HEADING.fullmatch(passage.text)
        if heading:
            chapter.sections.append(Section(heading[1], int(_minus(heading[2]))))
        elif passage.text and not chapter.sections[-1].closed:
            _read_paragraph(chapter.sections[-1], paragraph, passage)
        elif ITEM_START.match(passage.text):
            chapter.homeless.append(passage.text)
    for section in chapter.sections:
        for place, item in enumerate(section.items, start=1):
            item.status = _item_status(item, last=place == len(section.items) and not _has_closing(section))


def _read_paragraph(section: Section, paragraph: Paragraph, passage: Passage) -> None:
    """File one paragraph of a section under its conclusions, its score, its analysts or its items."""
    starts_item = bool(ITEM_START.match(passage.text) or UNDATED_START.match(passage.text))
    if stated := _STATED.match(passage.text):
        section.stated_score = int(_minus(stated[1]))
    elif analysts := _ANALYSTS.match(passage.text):
        section.analysts = [name.strip() for name in re.split(r",| and ", analysts[1]) if name.strip()]
        section.closed = True
    elif not starts_item and _concludes(passage.text, section.member):
        section.conclusions.append((passage.text, "closing" if section.items else "opening"))
    elif section.items and paragraph.interrupted and not starts_item:
        _append(section.items[-1], paragraph, passage)
    else:
        dated = _DATED.match(passage.text)
        date_text = dated[1] if dated else ""
        section.items.append(Item(passage, [paragraph], date_text, read_date(date_text)))


def _concludes(text: str, member: str) -> bool:
    """Whether a paragraph says how far the member kept its commitment; the member's initials may stand for it."""
    names = [member, "".join(word[0] for word in member.split())]
    subject = "|".join(re.escape(name) for name in names if len(name) > 1)
    return bool(re.match(rf"(?:[A-Z][a-z]+, )?(?:[Tt]he )?(?:{subject}){_COMPLIED}", text))


def _append(item: Item, paragraph: Paragraph, passage: Passage) -> None:
    """Add a paragraph to an item that notes cut in two between sentences."""
    gap = item.text.places[-1] + 1 if item.text.places else 0
    item.text = Passage(
        f"{item.text.text} {passage.text}", [*item.text.places, gap, *passage.places], item.text.notes + passage.notes
    )
    item.paragraphs.append(paragraph)


def _item_status(item: Item, *, last: bool) -> str:
    """`cut_off` where the text stops without a full stop and its note, or anything behind it, is missing too."""
    if not _CLOSED.search(item.text.text) and (last or not item.text.notes):
        return "cut_off"
    return "date_unread" if item.date is None else "ok"


def _has_closing(section: Section) -> bool:
    return (
        section.closed
        or section.stated_score is not None
        or any(place == "closing" for _, place in section.conclusions)
    )


def _opens_chapter(passages: Sequence[Passage], place: int) -> bool:
    """Whether a numbered heading is followed by an assessment: those of the contents page are not."""
    heading = _CHAPTER.fullmatch(passages[place].text)
    return bool(heading) and any(passage.text == ASSESSMENT for passage in passages[place + 1 : place + 1 + _LOOKAHEAD])


def _check_members(chapter: Chapter, codebook: Codebook, name: str) -> None:
    """Refuse sections that would get no id, or the id of another."""
    names = [section.member for section in chapter.sections]
    unknown = set(names) - set(codebook.codes)
    twice = {member for member in names if names.count(member) > 1}
    if unknown:
        expected = ", ".join(codebook.codes)
        msg = f"{name}: sections headed {listed(unknown)}. Expected members of codebook {codebook.id!r}: {expected}."
        raise SourceError(msg)
    advice = "Expected a heading such as 'Canada: 0' before each member's evidence; mend the text."
    if chapter.homeless:
        found = chapter.homeless[0][:50]
        msg = f"{name}: found evidence behind the end of a section and no heading: {found!r}. {advice}"
        raise SourceError(msg)
    missing = (set(chapter.table) & set(codebook.codes)) - set(names)
    if missing:
        msg = f"{name}: commitment {chapter.number} scores {listed(missing)} in its table, found no section. {advice}"
        raise SourceError(msg)
    if twice:
        msg = (
            f"{name}: commitment {chapter.number} has two sections headed {listed(twice)}, expected one a member; "
            "mend the text."
        )
        raise SourceError(msg)


def _minus(number: str) -> str:
    return re.sub("[−–—‑]", "-", number)
