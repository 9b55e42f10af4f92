"""Extract the evidence frames from documents."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.claims import read_claims
from g7tag.evidence.doubts import format_doubt
from g7tag.evidence.parts import PART_FRAMES, Part, Row, read_part
from g7tag.frames import FIXED, build
from g7tag.sources import Documents, gap_row, join_messages
from g7tag.text import counted, listed


class Evidence(NamedTuple):
    """The evidence frames of reports, as described in `g7tag.frames`."""

    documents: pd.DataFrame
    gaps: pd.DataFrame
    commitments: pd.DataFrame
    members: pd.DataFrame
    summary: pd.DataFrame
    conclusions: pd.DataFrame
    claims: pd.DataFrame
    items: pd.DataFrame
    sentences: pd.DataFrame
    citations: pd.DataFrame


def extract_evidence(read: Documents, codebook: Codebook, *, numbers: Collection[int] = (), year: str = "") -> Evidence:
    """Read the evidence of reports."""
    parts: list[Part] = []
    missing = _records(read.gaps)
    for document in _records(read.documents):
        taken = {row["commitment_id"] for part in parts for row in part.rows["commitments"]}
        doubt = format_doubt(document["text"])
        try:
            part = read_part(
                document, read.blocks[document["document_id"]], codebook, taken, numbers=numbers, year=year
            )
        except SourceError as error:
            missing.append(gap_row(document["name"], "document", "unread", doubt or str(error)))
        else:
            parts.append(part)
            missing += [gap_row(document["name"], "text", "unread", doubt)] if doubt else []
            missing += part.gaps
    refused = [f"{row['name']}: {row['reason']}" for row in missing if row["part"] == "document"]
    if refused and not parts:
        raise SourceError(join_messages(refused))
    missing += _not_found(parts, numbers) if numbers else _without_chapter(parts)
    rows = {name: [row for part in parts for row in part.rows[name]] for name in PART_FRAMES}
    rows |= {"documents": [part.document for part in parts], "gaps": missing}
    frames = {name: build(FIXED[name], its) for name, its in rows.items()}
    return Evidence(**frames, claims=read_claims(frames["conclusions"], codebook))


def require_commitment(evidence: Evidence, codebook: Codebook) -> None:
    """Raise an error if the evidence has nothing to tag and score by this codebook."""
    found, wanted = evidence.commitments["commitment_id"], codebook.commitment.id
    if wanted not in set(found):
        names = ", ".join(evidence.documents["name"])
        parts = [f"commitment {codebook.commitment.number}", "title", "heading"]
        reasons = evidence.gaps.loc[evidence.gaps["part"].isin(parts), "reason"]
        why = " ".join(f"{reason[:1].upper()}{reason[1:]}" for reason in reasons)
        advice = "Name the codebook of one of these with --codebook, or only read the report with `g7tag ingest`."
        msg = f"{names}: no commitment {wanted}, found {listed(found)}. {why or advice}"
        raise SourceError(msg)


def _not_found(parts: Sequence[Part], numbers: Collection[int]) -> list[Row]:
    """Return gaps for requested commitments that no document contains."""
    found = _numbers_in(parts)
    names = ", ".join(str(part.document["name"]) for part in parts)
    reason = f"no commitment has this number; found {', '.join(map(str, sorted(found)))}."
    return [gap_row(names, f"commitment {number}", "unread", reason) for number in sorted(set(numbers) - found)]


def _without_chapter(parts: Sequence[Part]) -> list[Row]:
    """Return gaps for commitments that a contents page lists but no document contains."""
    found = _numbers_in(parts)
    lacking = [(part, [number for number in part.contents if number not in found]) for part in parts]
    reason = "{} on the contents page without a chapter here: {}."
    return [
        gap_row(
            part.document["name"], "contents", "absent",
            reason.format(counted(len(absent), "commitment"), ", ".join(map(str, absent))),
        )
        for part, absent in lacking
        if absent
    ]  # fmt: skip


def _numbers_in(parts: Sequence[Part]) -> set[int]:
    """Numbers of the commitments in the documents, including those that could not be used."""
    left_out = (gap["part"].split() for part in parts for gap in part.gaps)
    read = {int(row["number"] or 0) for part in parts for row in part.rows["commitments"]}
    return read | {int(words[1]) for words in left_out if words[0] == "commitment"}


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
