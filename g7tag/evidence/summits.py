"""Summits of the G7, G8 and G20 since 1996 with their members, and the summit in a report's title."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from g7tag.sources.dates import MONTH
from g7tag.store import data_path

_GROUP = r"G(?:7|8|20)"
_KIND = r"(?:(?:First|Second|Third|Final|Interim|Progress|Work[- ]in[- ]Progress)\s+)"
_REPORT = r"(?:Compliance|Summit|Progress\s+Report|Work[- ]in[- ]Progress)"
_TITLES = 5_000  # characters searched for the name of the summit
_LONGEST_TITLE, _LONGEST_LINE = 600, 100  # characters of a title, and of one that ends like a sentence
_MONTH_BEFORE = re.compile(rf"(?:{MONTH}) ?$")
_UNIVERSITY = re.compile(r"\b[Uu]niversit\w+ (?:of|at|de|in) $")
_OTHER = re.compile(
    rf"\b(?P<year>\d{{4}})\s+(?P<g1>G\d{{1,2}})\s+(?:[A-Z][\w'’-]+\s+){{0,3}}Summit\b"
    rf"|\b(?P<g2>G\d{{1,2}})\s+(?:[A-Z][\w'’-]+\s+){{0,3}}Summit,?\s+(?P<later>\d{{4}})\b"
    rf"|\b(?P<first>\d{{4}})\s+(?:[A-Z][\w'’-]+\s+){{0,3}}(?P<g3>G\d{{1,2}})\s+(?:Summit\b|{_KIND}*Compliance\b)"
)
"""A summit that is not in our list: of another group, or later."""


class Summit(NamedTuple):
    """A summit: its group, year, the names of its place, and its members."""

    group: str
    year: str
    places: tuple[str, ...]
    members: frozenset[str]


class Title(NamedTuple):
    """Group and year of the summit in a report's title, "" if missing; `doubt` says what is wrong."""

    group: str = ""
    year: str = ""
    doubt: str = "its title names no summit with its year"


@cache
def summits() -> tuple[Summit, ...]:
    """Return the summits bundled with g7tag, by group and year."""
    with data_path("summits/summits.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Summit(
                row["group"], row["year"], tuple(filter(None, [row["place"], *row["other_names"].split(";")])),
                frozenset(row["members"].split(";")),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def read_title(text: str) -> Title:
    """Return the summit that a report's titles name."""
    lines = [_readable(line) for line in re.sub(r"[^\S\n]+", " ", text[:_TITLES]).splitlines()]
    titles = [line for line in lines if line and not _is_prose(line)]
    doubts: dict[str, Title] = {}  # by line
    for likely in (_COMPLIANCE, _SUMMIT, _ANYTHING):
        some = [line for line in titles if likely.search(line)]
        for find in (_named_places, _others, _places_alone):
            for line in some:
                title = next(find(line), Title()) if line not in doubts else Title()
                if title.year:
                    return title
                if title != Title():
                    doubts[line] = title
    return next(iter(doubts.values()), Title())


_COMPLIANCE, _SUMMIT, _ANYTHING = (re.compile(words) for words in (r"\bCompliance\b", rf"\bSummit\b|\b{_GROUP}\b", r""))
"""Patterns of the lines to search, in order."""


def _readable(line: str) -> str:
    """Return a line in capitals in title case."""
    return line.title() if line.isupper() else line


def _is_prose(line: str) -> bool:
    """Whether a paragraph is running text rather than a title."""
    return len(line) > _LONGEST_TITLE or (
        len(line) > _LONGEST_LINE and line.rstrip().endswith((".", "?", "!", "”", '"'))
    )


def is_other_group(group: str, members: frozenset[str]) -> bool:
    """Return whether a report of this group cannot cover a commitment of these members."""
    of = {name: {member for one in summits() if one.group == name for member in one.members} for name in _GROUPS}
    small, large = of["G7"] | of["G8"], of["G20"]
    if group == "G20":
        return bool(members) and members <= small
    return group in {"G7", "G8"} and bool(members & (large - small))


_GROUPS = ("G7", "G8", "G20")


def _named_places(head: str) -> Iterator[Title]:
    """Yield summits by place and year; years after our list are left to `_others`."""
    for match in _place_pattern().finditer(head):
        dated = match["before"] and _MONTH_BEFORE.search(head[: match.start("before")])
        year, place = match["after"] if dated else match["before"] or match["after"], " ".join(match["place"].split())
        if _UNIVERSITY.search(head[: match.start("place")]):
            continue
        matching = [one for one in summits() if place in one.places]
        groups = {one.group for one in matching if one.year == year}
        if groups:
            yield Title(groups.pop() if len(groups) == 1 else "", year, "")
        elif year and year <= max(one.year for one in summits()):
            years = " and ".join(sorted({one.year for one in matching}))
            yield Title(doubt=f"its title names {place!r} with the year {year}, but the summits there were in {years}")


def _others(head: str) -> Iterator[Title]:
    """Yield summits that are not in our list."""
    for match in _OTHER.finditer(head):
        group = match["g1"] or match["g2"] or match["g3"]
        yield Title(group, match["year"] or match["later"] or match["first"], "")


def _places_alone(head: str) -> Iterator[Title]:
    """Yield summits by place without a year next to it, if only one matches."""
    for line in head.splitlines():
        for match in _alone_pattern().finditer(line):
            matching = [one for one in summits() if " ".join(match["place"].split()) in one.places]
            groups, years = set(re.findall(rf"\b{_GROUP}\b", line)), set(re.findall(r"\b\d{4}\b", line))
            for narrowed in (
                [one for one in matching if one.group in groups],
                [one for one in matching if one.year in years],
                matching,
            ):
                if len(narrowed) == 1:
                    yield Title(narrowed[0].group, narrowed[0].year, "")
                    break


@cache
def _place_pattern() -> re.Pattern[str]:
    between = rf"(?:{_GROUP}\s+|{_KIND})*"
    return re.compile(
        rf"(?<!\w)(?:(?P<before>\d{{4}})\s+{between})?(?P<place>{_places()})(?!\w)"
        rf"(?:(?:(?:\s+(?:{_GROUP}|Summit))+,?)?\s+(?P<after>\d{{4}})(?!\d))?"
    )


@cache
def _alone_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?P<place>{_places()})(?!\w)\s+(?:{_GROUP}\s+)?{_KIND}?{_REPORT}")


def _places() -> str:
    names = {name for one in summits() for name in one.places}
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(names, key=len, reverse=True))
