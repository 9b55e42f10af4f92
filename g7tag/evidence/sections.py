"""Read the members' sections of a chapter: items, conclusions, stated scores and analysts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from g7tag.evidence.passage import Passage
from g7tag.evidence.score_lines import ScoreLine, plain_sign, read_score, read_score_line
from g7tag.sources.dates import DAY, MONTH, read_date
from g7tag.sources.headings import (
    ANALYSTS,
    APPENDIX,
    ASSESSMENT,
    AWARDED,
    COMPLIANCE,
    COMPLIED,
    CREDIT,
    NUMBER,
    SCORE,
    THUS,
    VERDICT,
    part_heading,
    plain_name,
)

_ITEM_START = re.compile(rf"\s*(?:On|In|From|Between|Since|During|By|As of)\b[^.]{{0,40}}?\b(?:{MONTH}|\d{{4}})\b")
"""Start of an item, with a readable date or without: In July 2024; On 5 July; Between 5 and 30 July."""
_SCORE_OF = rf"\bscore of {NUMBER}(?!\d)"
_STATED = re.compile(rf"\bscore of (?P<score>{NUMBER})(?!\d)")
_GIVEN = re.compile(rf"(?:{AWARDED}|(?<=[.!?] ){THUS}\b).{{0,120}}?{_SCORE_OF}")
_DATED = re.compile(rf"On ({DAY})\b")
_CLOSED = re.compile(r"[.!?…]['\"”’)\]]*$")
_VERDICT_WORDS = re.compile(
    rf"\bscore of {NUMBER}|{COMPLIANCE}|{COMPLIED}|\b(?:fully|partially) complie[ds]\b", re.IGNORECASE
)
"""Words of a conclusion, which evidence hardly uses."""
_WHEN = rf"(?:In|Since|By|As of|During|From|Between|Until)\b[^.]{{0,40}}?\b(?:{MONTH}|\d{{4}})\b(?: \d{{4}})?,?"
_LEAD = rf"(?:(?:{THUS}[^.]{{0,40}}?|[A-Z][a-z]+),? |{_WHEN} )?"
_OF = r"(?:[Tt]he )?(?:[Gg]overnment of (?:the )?)?"
_OTHERS = r"[Ii]t\b|[Tt]his|[Tt]hese|[Tt]hat|[Tt]he (?:country|member|government)\b"
_CONCLUDED = r"(?:Thus|Therefore|Hence),? .*?\bscore of\b"
_AWARDED = rf"{AWARDED}(?: (?:an?|the|its|overall|final|interim|compliance)){{0,3}} {_SCORE_OF}"
_ENDED = r"(?=[.;]?['\"”’)]*(?:$|\s+[A-Z])|[^.]{0,120}\b(?:compl(?:iance|iant|y|ied)|commitment)\b)"
"""What follows the score in a closing: nothing, another sentence, or words on compliance."""


class _Words(NamedTuple):
    """Patterns of paragraphs that conclude on one member; `within` is a sentence of an item that may do so."""

    closing: re.Pattern[str]
    closing_with_notes: re.Pattern[str]
    verdict: re.Pattern[str]
    within: re.Pattern[str]


@lru_cache(maxsize=64)
def _words_on(member: str) -> _Words:
    """Return the patterns for a member, given the pattern of its names."""
    subject = rf"{_LEAD}{_OF}{member}"
    later = r"(?<=[.!?”\"] )"
    return _Words(
        closing=re.compile(
            rf"{_CONCLUDED}|(?:{THUS}\b.{{0,200}}?{_SCORE_OF}"
            rf"|{_LEAD}{_OF}(?:{member}|{_OTHERS}).{{0,200}}?{_AWARDED}){_ENDED}"
        ),
        closing_with_notes=re.compile(rf"{THUS},? {_OF}{member}.{{0,80}}?{_AWARDED}{_ENDED}"),
        verdict=re.compile(rf"{subject}{VERDICT}"),
        within=re.compile(
            rf"^{_CONCLUDED}|(?:^|{later}){subject}{VERDICT}|^{subject} .{{0,60}}?{_AWARDED}\.?$"
            rf"|{later}{subject} [^.]{{0,60}}?{AWARDED}[^.]{{0,40}}?{_SCORE_OF}"
        ),
    )


@dataclass
class Item:
    """An evidence item, extended while its section is read."""

    text: Passage
    date_text: str
    date: date | None
    status: str = "ok"


@dataclass
class Section:
    """One member's part of a chapter."""

    member: str
    heading_score: int
    subject: str = ""  # a pattern of its names
    stated_score: int | None = None
    items: list[Item] = field(default_factory=list)
    conclusions: list[tuple[str, str]] = field(default_factory=list)  # text, place
    analysts: list[str] = field(default_factory=list)
    closed: bool = False  # True after the analysts' names or the heading of an appendix, which end the section
    concluding: bool = False  # True if the last paragraph belongs to a conclusion
    doubtful: list[str] = field(default_factory=list)  # paragraphs that may be conclusions, or state an unknown score
    differing: list[str] = field(default_factory=list)  # paragraphs that state another score than before


@dataclass
class Sections:
    """The sections of a chapter, and text that belongs to none of them."""

    sections: list[Section] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    trailing: list[str] = field(default_factory=list)
    appended: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    in_appendix: bool = False

    def take(self, passage: Passage, names: Mapping[str, str], *, strict: bool) -> None:
        """Add one paragraph; the first must be a member's heading."""
        line = read_score_line(passage.text, names, strict=strict and bool(self.sections))
        if line:
            self._take_heading(line, passage.text, names)
        elif APPENDIX.fullmatch(passage.text):
            self.sections[-1].closed = self.in_appendix = True
        elif part_heading(passage.text) == ASSESSMENT:
            return
        elif passage.text and not self.sections[-1].closed:
            _read_paragraph(self.sections[-1], passage)
        elif not self.in_appendix and (analysts := ANALYSTS.match(passage.text)):
            known = self.sections[-1].analysts
            known += [name for name in _people(analysts["names"]) if name not in known]
        elif _ITEM_START.match(passage.text):
            (self.appended if self.in_appendix else self.trailing).append(passage.text)

    def _take_heading(self, line: ScoreLine, text: str, names: Mapping[str, str]) -> None:
        headed = line.member in self.members
        if self.in_appendix and (headed or line.score is None):
            self.appended += [] if line.alone else [text]
        elif line.score is not None:
            self.members.add(line.member)
            self.sections.append(Section(line.member, line.score, _names_like(line.member, names)))
            self.orphans += self.trailing
            self.trailing, self.in_appendix = [], False
        elif headed and self.sections[-1].closed:
            self.trailing.append(text)
        else:
            self.orphans.append(text)


def read_sections(passages: Sequence[Passage], names: Mapping[str, str], *, strict: bool = False) -> Sections:
    """Return the members' sections of a chapter, and text that belongs to none of them."""
    found = Sections()
    for passage in passages:
        found.take(passage, names, strict=strict)
    for section in found.sections:
        has_closing = section.closed or section.stated_score is not None
        has_closing = has_closing or any(place == "closing" for _, place in section.conclusions)
        for place, item in enumerate(section.items, start=1):
            item.status = _item_status(item, last=place == len(section.items) and not has_closing)
            text, words = item.text.text, _words_on(section.subject).within
            concludes = words.search(text) or (not item.text.notes and _VERDICT_WORDS.search(text))
            section.doubtful += [text] if concludes and text not in section.doubtful else []
    return found


def _names_like(member: str, names: Mapping[str, str]) -> str:
    """Return a pattern of the names of a member, with the initials of its words."""
    initials = "".join(word[0] for word in member.split()).casefold()
    either = {plain_name(member), initials, *(name for name, own in names.items() if own == member)}
    longest = sorted((name for name in either if len(name) > 1), key=lambda name: (-len(name), name))
    return rf"(?=[^\W\d_a-zà-ÿ])(?i:{'|'.join(map(re.escape, longest))})(?!\w)"


def _people(names: str) -> list[str]:
    return [name.strip() for name in re.split(r",| and ", names) if name.strip()]


def _read_paragraph(section: Section, passage: Passage) -> None:
    """Add one paragraph to the conclusions, score, analysts or items of its section."""
    text, words = passage.text, _words_on(section.subject)
    starts_item = _ITEM_START.match(text)  # with a date or not
    if (words.closing_with_notes if passage.notes else words.closing).match(text):
        _add_score(section, text)
    elif CREDIT.match(text):
        analysts = ANALYSTS.match(text)
        section.analysts = _people(analysts["names"]) if analysts else []
        section.closed = True
    elif words.verdict.match(text):
        section.conclusions.append((text, "closing" if section.items else "opening"))
        section.concluding = True
        section.doubtful += [text] if passage.notes else []
        if given := _GIVEN.search(text):
            _add_score(section, text, given.start())
    elif section.concluding and passage.interrupted and not starts_item:
        before, place = section.conclusions[-1]
        section.conclusions[-1] = (f"{before} {text}", place)
    elif section.items and passage.interrupted and not starts_item:
        _append(section.items[-1], passage)
        if not passage.notes and (_VERDICT_WORDS.search(text) or not _CLOSED.search(text)):
            section.doubtful.append(text)
    else:
        dated = _DATED.match(text)
        date_text = dated[1] if dated else ""
        section.doubtful += [] if starts_item or passage.notes else [text]
        section.concluding = False
        section.items.append(Item(passage, date_text, read_date(date_text)))


def _add_score(section: Section, text: str, start: int = 0) -> None:
    """Set the score that a closing states, even if it differs; a number that is no score is in doubt, not rounded."""
    stated = _STATED.search(text, start)
    if stated and re.fullmatch(rf"(?:{SCORE})(?:[.,]0+)?", "".join(stated["score"].split())):
        score = read_score(stated["score"])
        others = {plain_sign(match["score"]).lstrip("+") for match in _STATED.finditer(text)}
        if section.stated_score not in {None, score} or len(others) > 1:
            section.differing.append(text)
        section.stated_score = score
    else:
        section.doubtful.append(text)


def _append(item: Item, passage: Passage) -> None:
    """Add a paragraph to an item that notes split between sentences."""
    gap = item.text.places[-1] + 1 if item.text.places else 0
    item.text = Passage(
        f"{item.text.text} {passage.text}", [*item.text.places, gap, *passage.places], item.text.notes + passage.notes
    )


def _item_status(item: Item, *, last: bool) -> str:
    """Return `cut_off` if the text ends without a full stop, and has no note or nothing follows it."""
    if not _CLOSED.search(item.text.text) and (last or not item.text.notes):
        return "cut_off"
    return "date_unread" if item.date is None else "ok"
