"""Summits of the G7, G8 and G20 since 1996 with their members, and the summit in a report's title."""

import csv
import re
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from g7tag.sources.dates import MONTH
from g7tag.store import data_path

_GROUP = r"G(?:7|8|20)"
_KIND = r"(?:(?:First|Second|Third|Final|Interim|Progress|Work[- ]in[- ]Progress)\s+)"
_REPORT = rf"\s+(?:{_GROUP}\s+)?{_KIND}?(?:Compliance|Summit|Progress\s+Report|Work[- ]in[- ]Progress)"
_TITLES = 5_000  # characters searched for the name of the summit
_LONGEST_TITLE, _LONGEST_LINE = 600, 100  # characters of a title, and of one that ends like a sentence
_LIKELY = [re.compile(words) for words in (r"\bCompliance\b", rf"\bSummit\b|\b{_GROUP}\b", r"")]
"""Lines to search for the summit, in order."""
_MONTH_BEFORE = re.compile(rf"(?:{MONTH}) ?$")
_UNIVERSITY = re.compile(r"\b[Uu]niversit\w+ (?:of|at|de|in) $")
_NAMES = r"(?:[A-Z][\w'’-]+\s+){0,3}"
_UNLISTED = [
    re.compile(rf"\b(?P<year>\d{{4}})\s+(?P<group>G\d{{1,2}})\s+{_NAMES}Summit\b"),
    re.compile(rf"\b(?P<group>G\d{{1,2}})\s+{_NAMES}Summit,?\s+(?P<year>\d{{4}})\b"),
    re.compile(rf"\b(?P<year>\d{{4}})\s+{_NAMES}(?P<group>G\d{{1,2}})\s+(?:Summit\b|{_KIND}*Compliance\b)"),
]
"""Summits that are not in our list: of another group, or later."""


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


def is_other_group(group: str, members: frozenset[str]) -> bool:
    """Return whether a report of this group cannot cover a commitment of these members."""
    large = {member for one in summits() if one.group == "G20" for member in one.members}
    small = {member for one in summits() if one.group != "G20" for member in one.members}
    if group == "G20":
        return bool(members) and members <= small
    return group in {"G7", "G8"} and bool(members & (large - small))


def read_title(text: str) -> Title:
    """Return the summit that a report's titles name."""
    lines = re.sub(r"[^\S\n]+", " ", text[:_TITLES]).splitlines()
    titles = [line.title() if line.isupper() else line for line in lines if not _is_prose(line)]
    title = Title()
    for likely in _LIKELY:
        found = map(_summit_in, filter(likely.search, titles))
        _, title = min(found, key=itemgetter(0), default=(_NONE, Title()))
        if title.year:
            break
    return title


def _is_prose(line: str) -> bool:
    """Whether a paragraph is running text rather than a title."""
    return len(line) > _LONGEST_TITLE or (
        len(line) > _LONGEST_LINE and line.rstrip().endswith((".", "?", "!", "”", '"'))
    )


_DATED, _OTHER, _ALONE, _DOUBT, _NONE = range(5)
"""How a line names a summit, from the surest: a place with its year, another summit, a place alone."""


def _summit_in(line: str) -> tuple[int, Title]:
    """Return the summit that a line names, and how it names it."""
    places = [match for match in _places().finditer(line) if not _UNIVERSITY.search(line[: match.start("place")])]
    for match in places:
        dated = match["before"] and _MONTH_BEFORE.search(line[: match.start("before")])
        year = match["after"] if dated else match["before"] or match["after"]
        groups = {one.group for one in _held_in(match["place"]) if one.year == year}
        if groups:
            return _DATED, Title(groups.pop() if len(groups) == 1 else "", year, "")
        if year and year <= max(one.year for one in summits()):
            years = " and ".join(sorted({one.year for one in _held_in(match["place"])}))
            found = f"{match['place']!r} with the year {year}"
            return _DOUBT, Title(doubt=f"its title names {found}, but the summits there were in {years}")
    for unlisted in filter(None, (pattern.search(line) for pattern in _UNLISTED)):
        return _OTHER, Title(unlisted["group"], unlisted["year"], "")
    for match in places:
        here = _held_in(match["place"]) if match["report"] else []
        for some in ([one for one in here if one.group in line], [one for one in here if one.year in line], here):
            if len(some) == 1:
                return _ALONE, Title(some[0].group, some[0].year, "")
    return _NONE, Title()


def _held_in(place: str) -> list[Summit]:
    return [one for one in summits() if place in one.places]


@cache
def _places() -> re.Pattern[str]:
    """Return the pattern of a place with the year beside it, and whether the name of a report follows."""
    names = sorted({name for one in summits() for name in one.places}, key=lambda name: (-len(name), name))
    place = "|".join(map(re.escape, names))
    return re.compile(
        rf"(?<!\w)(?:(?P<before>\d{{4}})\s+(?:{_GROUP}\s+|{_KIND})*)?(?P<place>{place})(?!\w)"
        rf"(?:(?:(?:\s+(?:{_GROUP}|Summit))+,?)?\s+(?P<after>\d{{4}})(?!\d))?(?P<report>{_REPORT})?"
    )
