"""Read the members' sections of a chapter: items, conclusions, stated scores and analysts."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from g7tag.evidence.dates import DAY, read_date
from g7tag.evidence.paragraphs import UNDATED_START, Paragraph
from g7tag.evidence.passage import Passage
from g7tag.sources.headings import ITEM_START, MEMBER_HEADING, SCORE

_COMPLIED = r"\b.{0,60}?\bcompl(?:ied|y) with (?:its|the|their|this) commitment\b"
_STATED = re.compile(rf"(?:Thus|Therefore|Hence),? .*?\bscore of ({SCORE})\b")
_STATED_WITHIN = re.compile(rf"(?<=[.!?] ){_STATED.pattern}")
_ANALYSTS = re.compile(r"(?:Lead |Compliance )?Analysts?: (.+)")
_DATED = re.compile(rf"On ({DAY})\b")
_CLOSED = re.compile(r"[.!?…]['\"”’)\]]*$")


@dataclass
class Item:
    """An evidence item, extended while its section is read."""

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
    closed: bool = False  # True after the analysts' names, which end the section
    concluding: bool = False  # True if the last paragraph belongs to a conclusion


def read_sections(
    paragraphs: Sequence[Paragraph], passages: Sequence[Passage], names: Collection[str] = (), *, strict: bool = False
) -> tuple[list[Section], list[str], list[str]]:
    """Return the members' sections of a chapter, and two lists of text that belongs to none of them.

    The first list has text that looks like an item after the end of a section, and headings of members without a score.
    The second has text that looks like an item after the end of the last section, which may be an appendix.

    Parameters
    ----------
    paragraphs, passages
        The chapter from its first member's heading on, and its clean text. If empty, there are no sections.
    names
        Names of possible members.
    strict
        Whether `names` is complete. If True, a line with another name is not a heading.
    """
    named = "|".join(map(re.escape, names)) or r"(?!)"  # matches nothing
    unscored = re.compile(rf"(?:{named})(?:\s*[:–—-]\s*\S{{1,12}}|\s+{SCORE})")
    sections: list[Section] = []
    orphans: list[str] = []
    trailing: list[str] = []
    for paragraph, passage in zip(paragraphs, passages, strict=True):
        heading = MEMBER_HEADING.fullmatch(passage.text)
        if heading and (not strict or heading[1] in names or not sections):
            sections.append(Section(heading[1], read_score(heading[2])))
            orphans, trailing = orphans + trailing, []
        elif unscored.fullmatch(passage.text):
            orphans.append(passage.text)
        elif passage.text and not sections[-1].closed:
            _read_paragraph(sections[-1], paragraph, passage)
        elif ITEM_START.match(passage.text) or UNDATED_START.match(passage.text):
            trailing.append(passage.text)
    for section in sections:
        for place, item in enumerate(section.items, start=1):
            item.status = _item_status(item, last=place == len(section.items) and not _has_closing(section))
    return sections, orphans, trailing


def read_score(number: str) -> int:
    """Return a printed score; any dash counts as minus.

    Examples
    --------
    >>> read_score("+1"), read_score("−1"), read_score("0")
    (1, -1, 0)
    """
    return int(plain_sign(number))


def plain_sign(number: str) -> str:
    """Return a printed number with every dash replaced by a hyphen."""
    return re.sub("[−–—‑]", "-", number)


def _read_paragraph(section: Section, paragraph: Paragraph, passage: Passage) -> None:
    """Add one paragraph to the conclusions, score, analysts or items of its section."""
    starts_item = bool(ITEM_START.match(passage.text) or UNDATED_START.match(passage.text))
    if stated := _STATED.match(passage.text):
        section.stated_score = read_score(stated[1])
    elif analysts := _ANALYSTS.match(passage.text):
        section.analysts = [name.strip() for name in re.split(r",| and ", analysts[1]) if name.strip()]
        section.closed = True
    elif not starts_item and _concludes(passage.text, section.member):
        section.conclusions.append((passage.text, "closing" if section.items else "opening"))
        section.concluding = True
        stated = _STATED_WITHIN.search(passage.text)
        section.stated_score = read_score(stated[1]) if stated else section.stated_score
    elif section.concluding and paragraph.interrupted and not starts_item:
        text, place = section.conclusions[-1]
        section.conclusions[-1] = (f"{text} {passage.text}", place)
    elif section.items and paragraph.interrupted and not starts_item:
        _append(section.items[-1], paragraph, passage)
    else:
        dated = _DATED.match(passage.text)
        date_text = dated[1] if dated else ""
        section.concluding = False
        section.items.append(Item(passage, [paragraph], date_text, read_date(date_text)))


def _concludes(text: str, member: str) -> bool:
    """Whether a paragraph says how far the member, by name or initials, complied with its commitment."""
    names = [member, "".join(word[0] for word in member.split())]
    subject = "|".join(re.escape(name) for name in names if len(name) > 1)
    return bool(re.match(rf"(?:[A-Z][a-z]+, )?(?:[Tt]he )?(?:{subject}){_COMPLIED}", text))


def _append(item: Item, paragraph: Paragraph, passage: Passage) -> None:
    """Add a paragraph to an item that notes split between sentences."""
    gap = item.text.places[-1] + 1 if item.text.places else 0
    item.text = Passage(
        f"{item.text.text} {passage.text}", [*item.text.places, gap, *passage.places], item.text.notes + passage.notes
    )
    item.paragraphs.append(paragraph)


def _item_status(item: Item, *, last: bool) -> str:
    """Return `cut_off` if the text ends without a full stop, and has no note or nothing follows it."""
    if not _CLOSED.search(item.text.text) and (last or not item.text.notes):
        return "cut_off"
    return "date_unread" if item.date is None else "ok"


def _has_closing(section: Section) -> bool:
    return (
        section.closed
        or section.stated_score is not None
        or any(place == "closing" for _, place in section.conclusions)
    )
