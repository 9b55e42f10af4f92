"""Invent a whole report in the layout of the real ones: contents, tables of scores, and chapters."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from manuscript import Manuscript

from g7tag.sources.marks import superscript

MEMBERS = ("Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "United States", "European Union")
OUTSIDER = "South Africa"
SMALLER, LARGER = 2, 3
"""The commitments (counted from 1) with scores of only six members, and with a score of an outsider."""
THEMES = ("Energy: Windmills", "Health: Night Nurses", "Trade: Toll Bridges", "Food: Barley", "Water: Cisterns")
PEOPLE = ("Alva Quist", "Bram Tolliver", "Célie Marchmont", "Dov Haskamp", "Edda Rowle")
PLACES = ("Atlantis", "Lyonesse", "Zélandre", "Port Aurel", "Kamishima", "Norrheim", "Vallombreuse", "Ostermark")
PAPERS = ("Aurel Herald", "Prairie Post", "Kamishima Times", "Bay Gazette", "Écho de Zélandre")
THINGS = (
    "the mills along the lower river", "wells that fall dry in late summer", "lanterns for the harbour and its piers",
    "the cross-border ferries", "a register of masons, thatchers and carters", "long-term leases of common land",
)  # fmt: skip
ACTIONS = (
    "announced a fund of CAD240,000 for", "signed a treaty with eleven neighbours on", "agreed to share the cost of",
    "passed a law that gives every parish a say in", "met mayors, masons and millers to discuss",
)  # fmt: skip
REASONS = (
    "because nobody else would", "until the first snow", "at no cost to the parishes", "over the next three years",
    "even though the harvest was poor and the roads were bad", "as the auditors of last year's budget had advised",
)  # fmt: skip
TITLES = (
    "{place} keeps its word", "Mills, bridges and dykes in {place}", "Joint statement on roads and harbours of {place}",
    "Survey of common land in {place}, second part",
)  # fmt: skip
_DEGREES = {-1: "not", 0: "partially", 1: "fully"}
_PREFIXES = {-1: "Non-compliance, or a score of -1", 0: "Partial compliance, or a score of 0",
             1: "Full compliance, or a score of +1"}  # fmt: skip
_GUIDES = {-1: "no action", 0: "strong action for one of its two aims", 1: "strong action for both of its aims"}


@dataclass(frozen=True)
class Form:
    """What differs between the reports of groups and years; `columns` is the head of a chapter's table of scores."""

    title: str = "2024 G7 Apulia"
    members: tuple[str, ...] = MEMBERS
    columns: str = "\tNo Compliance\tPartial Compliance\tFull Compliance"
    average: str = "Average"
    percent: bool = True
    assessment: str = "Assessment"
    background: str = "Background"
    promise: str = ""  # a line above the promise, with the number
    lead: str = "Lead Analyst"
    closing: str = "Thus, {name} receives a score of {score}."
    tables: bool = True  # of all commitments, in front


class _Chapter(NamedTuple):
    number: int
    theme: str
    scores: dict[str, int]
    items: int

    @property
    def title(self) -> str:
        return f"{self.number}. {self.theme}"


def whole_report(
    *, commitments: int = 20, items: int = 4000, random_state: int = 0, form: Form | None = None
) -> Manuscript:
    """Return an invented report; it grows with `commitments` and `items` and is the same for equal arguments.

    The scores of the larger chapter sum to 0, so its average is the same with the outsider's 0.
    """
    form, writer = form or Form(), _Writer(random.Random(random_state))
    chapters: list[_Chapter] = []
    for number, its in enumerate(_shares(items, commitments), start=1):
        members = form.members[:6] if number == SMALLER else form.members
        scores = {member: writer.rng.choice((-1, 0, 0, 1, 1)) for member in members}
        if number == LARGER and form.members == MEMBERS:
            scores = dict(zip(MEMBERS, (0, 0, 1, -1, 0, 1, -1, 0), strict=True)) | {OUTSIDER: 0}
        chapters.append(_Chapter(number, THEMES[(number - 1) % len(THEMES)], scores, its))
    paragraphs = list(_front(writer, chapters, form))
    for chapter in chapters:
        paragraphs += [*_chapter_front(writer, chapter, form), *_sections(writer, chapter, form)]
    return Manuscript(paragraphs, writer.notes)


class _Writer:
    """Writer of prose that counts its notes."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.notes: dict[int, str] = {}

    def day(self, after: int | None = None) -> str:
        its = date(2024, 6, 15) + timedelta(days=self.rng.randrange(334) if after is None else after)
        return f"{its.day} {its:%B %Y}"

    def note(self, day: str) -> str:
        """Add a note and return its mark."""
        number, (title, paper, place) = len(self.notes) + 1, map(self.rng.choice, (TITLES, PAPERS, PLACES))
        published = "n.d." if number % 17 == 0 else f"{day}."
        translated = " Translation provided by Analyst." if number % 11 == 0 else ""
        words = title.format(place=place)
        slug = "-".join(word for word in words.lower().replace(",", "").split() if word.isascii())
        url = f"https://www.{paper.split()[0].lower()}.example/news/{2024 + number % 2}/{slug}-{number}"
        url = url.replace("é", "e")
        self.notes[number] = f"{words}, {paper} ({place}) {published}{translated} Access Date: {self.day()}. {url}"
        return superscript(str(number))

    def sentence(self) -> str:
        thing, place, person, reason = map(self.rng.choice, (THINGS, PLACES, PEOPLE, REASONS))
        return self.rng.choice(
            (
                f"The partners pay for {thing} {reason}.",
                f'Minister {person} called it "a beginning, and no more" and thanked {place}.',
                f"About {self.rng.randrange(1, 90)},{self.rng.randrange(100, 999)} people in {place} inspect {thing}.",
                f"It cost USD{self.rng.randrange(11, 99) / 10} million, which {place} counts again {reason}.",
                f"More talks are to follow on {self.day()} in {place}, where both sides hold a vote on {thing}.",
            )
        )

    def prose(self, sentences: int, *, marks: bool = False) -> str:
        return " ".join(self.sentence() + (self.note(self.day()) if marks else "") for _ in range(sentences))

    def item(self, name: str, day: str) -> str:
        """A dated item of one to six sentences, most of its marks after the first sentence."""
        action, thing, place, reason = map(self.rng.choice, (ACTIONS, THINGS, PLACES, REASONS))
        texts = [f"On {day}, the government of {name} {action} {thing} near {place} {reason}."]
        texts += [self.sentence() for _ in range(self.rng.choices(range(6), (6, 19, 25, 22, 17, 11))[0])]
        marked = [not at or self.rng.random() < 0.09 for at in range(len(texts))]
        return " ".join(text + (self.note(day) if mark else "") for text, mark in zip(texts, marked, strict=True))


def _front(writer: _Writer, chapters: list[_Chapter], form: Form) -> Iterator[str]:
    """Title lines, contents, summary and tables."""
    scores = f"{form.title} Final Compliance Scores"
    tables = (f"Table B: {scores}", f"Table C: {scores} by Member", f"Table D: {scores} by Commitment")
    yield from (f"{form.title} Summit Final Compliance Report", "15 June 2024 to 15 May 2025", f"By {PEOPLE[0]}")
    yield from ("Contents", "Introduction\t3", "Summary\t5", *(f"{title}\t{at + 7}" for at, title in enumerate(tables)))
    yield from (f"{each.title}\t{12 + 4 * at}" for at, each in enumerate(chapters))
    yield from ("Introduction", writer.prose(3), "Research Team", ", ".join(PEOPLE), "Summary", writer.prose(4))
    if not form.tables:
        return
    yield from (tables[0], "\t".join(["", *form.members, "Average"]))
    for each in chapters:
        cells = (_signed(each.scores[name]) if name in each.scores else "n/a" for name in form.members)
        yield "\t".join([each.title, *cells, *_printed(_mean(each.scores.values()))])
    means = {name: _mean(each.scores[name] for each in chapters if name in each.scores) for name in form.members}
    whole = _mean(_mean(each.scores.values()) for each in chapters)
    yield "\t".join(["Average", *(_printed(mean)[0] for mean in means.values()), *_printed(whole)])
    for title, ranked in zip(
        tables[1:], (means, {each.theme: _mean(each.scores.values()) for each in chapters}), strict=True
    ):
        yield title
        for name, mean in sorted(ranked.items(), key=lambda pair: -pair[1]):
            yield "\t".join([str(1 + sum(other > mean for other in ranked.values())), name, *_printed(mean)])


def _chapter_front(writer: _Writer, chapter: _Chapter, form: Form) -> Iterator[str]:
    """Text before the first member's section."""
    _, group, place = form.title.split(" ", 2)
    yield from (chapter.title, *([form.promise.format(chapter.number)] if form.promise else []))
    yield f'"In line with the Charter of {writer.rng.choice(PLACES)}, we will keep {THINGS[0]} safe."'
    yield from (f"{place} {group} Leaders' Communiqué", form.assessment, form.columns)
    for member, score in chapter.scores.items():
        yield "\t".join([member, *(_signed(score) if column == score else "" for column in (-1, 0, 1))])
    average, percent = _printed(_mean(chapter.scores.values()))
    yield f"{form.average}\t{average} ({percent})" if form.percent else f"{form.average}\t{average}"
    yield from (form.background, *(writer.prose(3, marks=True) for _ in range(5)))
    yield from ("Commitment Features", writer.prose(2), "Definitions and Concepts")
    yield from (f'"Keep" is understood to mean "to look after {thing}."{writer.note(writer.day())}' for thing in THINGS)
    yield "General Interpretive Guidelines"
    for score in (1, 0, -1):
        members = f"{group} members that take {_GUIDES[score]}"
        yield f"{_PREFIXES[score]}, will be assigned to {members}. {writer.prose(2)}"
    yield "Scoring Guidelines"
    yield from (f"{_signed(score)}\tThe {group} member has {_DEGREES[score]} kept its promise." for score in (-1, 0, 1))
    yield from (f"Compliance Director: {writer.rng.choice(PEOPLE)}", f"{form.lead}: {writer.rng.choice(PEOPLE)}")


def _sections(writer: _Writer, chapter: _Chapter, form: Form) -> Iterator[str]:
    """The members' sections, the items shared out evenly."""
    shares = _shares(chapter.items, len(chapter.scores))
    for (member, score), items in zip(chapter.scores.items(), shares, strict=True):
        name = f"the {member}" if member.startswith(("United", "European")) else member
        verdict = f"{name[0].upper()}{name[1:]} has {_DEGREES[score]} complied with its commitment to {THINGS[0]}."
        yield from (f"{member}: {_signed(score)}", verdict)
        days = sorted(writer.rng.randrange(334) for _ in range(items))
        yield from (writer.item(name, writer.day(day)) for day in days)
        yield f"{verdict} It has taken {_GUIDES[score]}."
        yield from (form.closing.format(name=name, score=_signed(score)), f"Analyst: {writer.rng.choice(PEOPLE)}")


def _mean(values: Iterable[Fraction | int]) -> Fraction:
    listed = list(values)
    return Fraction(sum(listed)) / len(listed)


def _shares(number: int, parts: int) -> list[int]:
    return [number // parts + (place < number % parts) for place in range(parts)]


def _printed(mean: Fraction) -> tuple[str, str]:
    """An average and its percent, (average + 1) / 2; halves are rounded away from 0, and an average of 0 is "0"."""
    average, percent = (Decimal(each.numerator) / Decimal(each.denominator) for each in (mean, (mean + 1) / 2 * 100))
    shown = f"{average.quantize(Decimal('0.01'), ROUND_HALF_UP):+}" if mean else "0"
    return shown, f"{percent.quantize(Decimal(1), ROUND_HALF_UP)}%"


def _signed(score: int) -> str:
    return f"{score:+}" if score else "0"
