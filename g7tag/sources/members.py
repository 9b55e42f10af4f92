"""Names of the members of the three groups, as reports print them."""

import csv
from functools import cache

from g7tag.store import data_path


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
    letters = name.casefold().replace(".", "").replace("\u0307", "")  # a dot above: of the Turkish capital I
    return " ".join(letters.split()).removeprefix("the ")
