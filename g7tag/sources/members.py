"""Members of the three groups: their names and codes, in one lookup with those of a codebook."""

import csv
from collections.abc import Sequence
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING

from g7tag.store import data_path

if TYPE_CHECKING:  # a process that reads one document needs no codebook
    from g7tag.codebook import Codebook


@cache
def member_names() -> dict[str, tuple[str, ...]]:
    """Return the names of each member of the three groups by its code, starting with the name in reports."""
    with data_path("summits/members.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: tuple(filter(None, [row["member"], *row["other_names"].split(";")]))
            for row in csv.DictReader(file)
        }


def plain_name(name: str) -> str:
    """Return a printed name in the form in which names are compared: no case, no full stops, no "the"."""
    letters = name.casefold().replace(".", "").replace("\u0307", "")  # U+0307: the dot of the Turkish capital I
    return " ".join(letters.split()).removeprefix("the ")


def names_of(codebook: "Codebook") -> dict[str, str]:
    """Return the name of a member of the codebook or of the three groups, by the plain form of each of its names."""
    ours = {member.code: member.name for member in codebook.members}
    known = {
        plain_name(name): ours.get(code, names[0]) for code, names in member_names().items() for name in (*names, code)
    }
    return known | {
        plain_name(name): member.name
        for member in codebook.members
        for name in (member.code, *member.names, member.name)
    }


def member_codes(members: Sequence[str], codebook: "Codebook") -> dict[str, str]:
    """Return the code of each member of a chapter: the codebook's, a known one, or one made for an unknown name."""
    known = {name: code for code, names in member_names().items() for name in names} | codebook.codes
    codes = {name: known[name] for name in members if name in known}
    for name in members:
        letters = "".join(filter(str.isalpha, name.upper()))[:3].ljust(3, "X")
        made = chain([letters], (f"X{number:02d}" for number in count(1)))
        codes.setdefault(name, next(code for code in made if code not in {*codes.values(), *known.values()}))
    return {name: codes[name] for name in members}
