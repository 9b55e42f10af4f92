"""Invent a whole report in the layout of the real ones: contents, tables of scores, and chapters."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from invented_prose import DAYS, WORDS, Writer, the, written
from manuscript import Manuscript

ANALYSTS, PLACES, THEMES, THINGS = (WORDS[kind] for kind in ("analysts", "places", "themes", "things"))
MEMBERS = ("Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "United States", "European Union")
OUTSIDER = "South Africa"
SMALLER, LARGER = 2, 3
"""The commitments (counted from 1) with scores of only six members, and with a score of an outsider."""
ITEMS_A_PAGE = 6
"""Only for the contents page."""
_DEGREES = {-1: "not", 0: "partially", 1: "fully"}
_PREFIXES = {score: f"{word} compliance" for score, word in ((0, "Partial"), (1, "Full"))} | {-1: "Non-compliance"}
_GUIDES = {
    -1: ("take no action, or act against it", "taken no action"),
    0: ("take strong action for one of its two aims", "taken strong action for one of its two aims"),
    1: ("take strong action for both of its aims", "taken strong action for both of its aims"),
}
"""The reason for a score, and the actions of the members that got it."""


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

    @property
    def group(self) -> str:
        return self.title.split()[1]

    @property
    def place(self) -> str:
        return self.title.split(" ", 2)[2]


@dataclass
class _Chapter:
    """Plan of a commitment."""

    number: int
    title: str
    promise: str
    scores: dict[str, int]
    items: int
    page: int

    @property
    def mean(self) -> Fraction:
        return _mean(self.scores.values())


def whole_report(
    *, commitments: int = 20, items: int = 4000, random_state: int = 0, form: Form | None = None
) -> Manuscript:
    """Return an invented report; it grows with `commitments` and `items` and is the same for equal arguments.

    Averages agree with the printed scores, in tables and chapters: the eight scores of the larger chapter sum to 0, so
    its average is the same with the outsider's 0. A percentage is (average + 1) / 2.
    """
    form, writer = form or Form(), Writer(random.Random(random_state))
    chapters: list[_Chapter] = []
    for number, its in enumerate(_shares(items, commitments), start=1):
        page = chapters[-1].page + chapters[-1].items // ITEMS_A_PAGE + 2 if chapters else 12
        chapters.append(_plan(writer.rng, number, its, page, form.members))
    paragraphs = list(_front(writer, chapters, form))
    for chapter in chapters:
        paragraphs += [*_chapter_front(writer, chapter, form), *_sections(writer, chapter, form)]
    return Manuscript(paragraphs, writer.notes)


def _plan(rng: random.Random, number: int, items: int, page: int, everybody: tuple[str, ...]) -> _Chapter:
    area, subject = THEMES[(number - 1) % len(THEMES)]
    members = everybody[:6] if number == SMALLER else everybody
    scores = {member: rng.choice((-1, 0, 0, 1, 1)) for member in members}
    if number == LARGER and everybody == MEMBERS:
        scores = dict(zip(MEMBERS, (0, 0, 1, -1, 0, 1, -1, 0), strict=True)) | {OUTSIDER: 0}
    promise = f"keep {subject.lower()} safe and share what comes of it"
    return _Chapter(number, f"{area}: {subject}", promise, scores, items, page)


def _front(writer: Writer, chapters: list[_Chapter], form: Form) -> Iterator[str]:
    """Title lines, contents, summary and tables."""
    title = form.title
    tables = {
        "A": f"{title[:4]} Priority Commitments Selected for Assessment",
        "B": f"{title} Final Compliance Scores",
        "C": f"{title} Final Compliance Scores by Member",
        "D": f"{title} Final Compliance Scores by Commitment",
    }
    yield from (
        f"{title} Summit Final Compliance Report", "15 June 2024 to 15 May 2025",
        f"Prepared by {ANALYSTS[0]} and {ANALYSTS[1]}", "9 June 2025",
        '"Whoever promises should count, and whoever counts should say what was counted."',
        f"{WORDS['names'][0]} {WORDS['surnames'][0]}, {PLACES[0]}, 8 June 2015",
        "Contents", "Introduction\t3", "Research Team\t4", "Summary\t5",
    )  # fmt: skip
    yield from (f"Table {letter}: {words}\t{place}" for place, (letter, words) in enumerate(tables.items(), start=6))
    yield from (f"{each.number}. {each.title}\t{each.page}" for each in chapters)
    yield from ("Introduction", *(_prose(writer, 3) for _ in range(4)), "Research Team", ", ".join(ANALYSTS))
    yield from ("Summary", *(_prose(writer, 4) for _ in range(4)))
    if not form.tables:
        return
    yield from (f"Table A: {tables['A']}", "\tCommitment\tTheme")
    yield from (f"{each.number}\t{each.title.partition(': ')[2]}\t{each.title.partition(': ')[0]}" for each in chapters)
    yield from (f"Table B: {tables['B']}", "\t".join(["", *form.members, "Average"]))
    yield from (
        "\t".join(
            [f"{each.number}. {each.title}", *(_cell(each, member) for member in form.members), *_printed(each.mean)]
        )
        for each in chapters
    )
    overall = [_mean(_of(member, chapters)) for member in form.members]
    whole = _mean(each.mean for each in chapters)
    yield "\t".join(["Average", *(_printed(mean)[0] for mean in overall), *_printed(whole)])
    yield from (f"Table C: {tables['C']}", *_ranked(dict(zip(form.members, overall, strict=True))))
    yield from (f"Table D: {tables['D']}", *_ranked({each.title: each.mean for each in chapters}))


def _chapter_front(writer: Writer, chapter: _Chapter, form: Form) -> Iterator[str]:
    """Text before the first member's section."""
    yield f"{chapter.number}. {chapter.title}"
    if form.promise:
        yield form.promise.format(chapter.number)
    yield f'"In line with the Charter of {writer.rng.choice(PLACES)}, we will {chapter.promise}."'
    yield from (f"{form.place} {form.group} Leaders' Communiqué", form.assessment, form.columns)
    for member, score in chapter.scores.items():
        yield "\t".join([member, *(_signed(score) if column == score else "" for column in (-1, 0, 1))])
    average, percent = _printed(chapter.mean)
    yield f"{form.average}\t{average} ({percent})" if form.percent else f"{form.average}\t{average}"
    yield from (form.background, *(_prose(writer, 3, marks=True) for _ in range(5)))
    yield from ("Commitment Features", _prose(writer, 2), "Definitions and Concepts")
    for word, thing in zip(("Keep", "Safe", "Share", "Yield"), writer.rng.sample(THINGS, 4), strict=True):
        yield f'"{word}" is understood to mean "to look after {thing}."{writer.note(writer.day())}'
    yield "General Interpretive Guidelines"
    for score in (1, 0, -1):
        members = f"{form.group} members that {_GUIDES[score][0]}"
        yield f"{_PREFIXES[score]}, or a score of {_signed(score)}, will be assigned to {members}. {_prose(writer, 2)}"
    yield "Scoring Guidelines"
    yield from (
        f"{_signed(score)}\tThe {form.group} member has {_DEGREES[score]} kept its promise." for score in (-1, 0, 1)
    )
    yield from (f"Compliance Director: {writer.rng.choice(ANALYSTS)}", f"{form.lead}: {writer.rng.choice(ANALYSTS)}")


def _sections(writer: Writer, chapter: _Chapter, form: Form) -> Iterator[str]:
    """The members' sections, the items shared out evenly."""
    shares = _shares(chapter.items, len(chapter.scores))
    for (member, score), items in zip(chapter.scores.items(), shares, strict=True):
        name = the(member)
        verdict = (
            f"{name[0].upper()}{name[1:]} has {_DEGREES[score]} complied with its commitment to {chapter.promise}."
        )
        yield from (f"{member}: {_signed(score)}", verdict)
        days = sorted(writer.rng.randrange(DAYS) for _ in range(items))
        yield from (writer.item(member, written(day)) for day in days)
        yield f"{verdict} It has {_GUIDES[score][1]}."
        yield from (form.closing.format(name=name, score=_signed(score)), f"Analyst: {writer.rng.choice(ANALYSTS)}")


def _prose(writer: Writer, sentences: int, *, marks: bool = False) -> str:
    return " ".join(writer.following() + (writer.note(writer.day()) if marks else "") for _ in range(sentences))


def _ranked(means: dict[str, Fraction]) -> Iterator[str]:
    """Rows sorted by average, best first; equal averages share a rank."""
    for name, mean in sorted(means.items(), key=lambda pair: -pair[1]):
        rank = 1 + sum(other > mean for other in means.values())
        yield "\t".join([str(rank), name, *_printed(mean)])


def _of(member: str, chapters: list[_Chapter]) -> list[int]:
    return [each.scores[member] for each in chapters if member in each.scores]


def _cell(chapter: _Chapter, member: str) -> str:
    return _signed(chapter.scores[member]) if member in chapter.scores else "n/a"


def _mean(values: Iterable[Fraction | int]) -> Fraction:
    listed = list(values)
    return Fraction(sum(listed)) / len(listed)


def _shares(number: int, parts: int) -> list[int]:
    return [number // parts + (place < number % parts) for place in range(parts)]


def _printed(mean: Fraction) -> tuple[str, str]:
    """An average and its percent, halves rounded away from 0; an average of 0 is "0"."""
    average, percent = (Decimal(each.numerator) / Decimal(each.denominator) for each in (mean, (mean + 1) / 2 * 100))
    shown = f"{average.quantize(Decimal('0.01'), ROUND_HALF_UP):+}" if mean else "0"
    return shown, f"{percent.quantize(Decimal(1), ROUND_HALF_UP)}%"


def _signed(score: int) -> str:
    return f"{score:+}" if score else "0"
