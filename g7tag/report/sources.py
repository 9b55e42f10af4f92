"""The notes that items cite."""

from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day, named_notes


class Note(NamedTuple):
    """A note that an item cites: its name, its number, and what the report prints about the source."""

    name: str
    number: int
    publisher: str
    title: str
    published: str
    accessed: str
    url: str
    status: str


MISSING = "missing"
"""Status of a note that an item cites but that the report does not have."""


def all_notes(citations: pd.DataFrame) -> list[Note]:
    """Return the notes of the reports, in the order of the citations frame."""
    return [_note(row) for row in named_notes(citations).to_dict("records")]


def item_notes(items: pd.DataFrame, citations: pd.DataFrame) -> dict[str, list[Note]]:
    """Return the notes of each item, in the order in which the item cites them."""
    rows = named_notes(citations).to_dict("records")
    known = {(row["document_id"], int(row["note"])): _note(row) for row in rows}
    return {
        item_id: [
            known.get((document_id, int(number)), Note(f"note {number}", int(number), "", "", "", "", "", MISSING))
            for number in cited.split(";")
            if number
        ]
        for item_id, document_id, cited in zip(items["item_id"], items["document_id"], items["citations"], strict=True)
    }


def _note(row: dict[Any, Any]) -> Note:
    published, accessed = ("" if pd.isna(row[name]) else day(row[name]) for name in ("published", "accessed"))
    return Note(
        row["name"], int(row["note"]), row["publisher"], row["title"], published, accessed, row["url"],
        row["url_status"],
    )  # fmt: skip
