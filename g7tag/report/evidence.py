"""What texts and pages take from the frames of a run: the rows on its commitment, and the notes that items cite."""

from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day, named_notes
from g7tag.codebook import Codebook
from g7tag.frames import Frames

MISSING = "missing"
"""Status of a note that an item cites but that the report does not have."""


class Note(NamedTuple):
    """A note that an item cites: its name, its number, and what the report prints about the source."""

    name: str
    number: int
    publisher: str = ""
    title: str = ""
    published: str = ""
    accessed: str = ""
    url: str = ""
    status: str = MISSING


def own_frames(frames: Frames, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return the frames of a run with the rows of the codebook's commitment; commitments are kept, to be counted."""
    commitment = codebook.commitment.id
    own = {
        name: frame[frame["commitment_id"] == commitment].reset_index(drop=True)
        if "commitment_id" in frame and name != "commitments"
        else frame
        for name, frame in frames.items()
    }
    if "sentences" in own:
        others = set(frames["sentences"]["sentence_id"]) - set(own["sentences"]["sentence_id"])
        for name in {"tags", "marks", "annotations", "labels"} & set(own):
            own[name] = own[name][~own[name]["sentence_id"].isin(others)].reset_index(drop=True)
    if "findings" in own:
        known = set(frames["commitments"]["commitment_id"]) if "commitments" in frames else set()
        own["findings"] = own_findings(own["findings"], commitment, commitments=known)
    return own


def own_findings(findings: pd.DataFrame, commitment: str, *, commitments: set[str]) -> pd.DataFrame:
    """Return the findings that name a commitment, or none, in their subject or proof."""
    ids = findings["subject"].astype("str") + ";" + findings["proof"].astype("str")
    named = [{each.partition("/")[0] for each in text.split(";")} for text in ids]
    kept = [commitment in each or not each & commitments for each in named]
    return findings[pd.Series(kept, index=findings.index, dtype="bool")].reset_index(drop=True)


def all_notes(citations: pd.DataFrame) -> dict[tuple[str, int], Note]:
    """Return the notes of the reports by document and number, in the order of the citations frame."""
    return {(row["document_id"], int(row["note"])): _note(row) for row in named_notes(citations).to_dict("records")}


def item_notes(items: pd.DataFrame, citations: pd.DataFrame) -> dict[str, list[Note]]:
    """Return the notes of each item, in the order in which the item cites them."""
    known = all_notes(citations)
    return {
        item_id: [
            known.get((document_id, int(number)), Note(f"note {number}", int(number)))
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
