"""Turn documents into the evidence frames."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import SourceError, listed
from g7tag.evidence.claims import read_claims
from g7tag.evidence.parts import PART_FRAMES, Part, Row, read_part
from g7tag.frames import (
    CITATIONS,
    COMMITMENTS,
    CONCLUSIONS,
    DOCUMENTS,
    GAPS,
    ITEMS,
    MEMBERS,
    SENTENCES,
    SUMMARY,
    build,
    validate,
)
from g7tag.sources import gap_row, told_together


class Evidence(NamedTuple):
    """The frames of what reports say, as `g7tag.frames` describes them."""

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


def extract_evidence(
    documents: pd.DataFrame,
    codebook: Codebook,
    *,
    gaps: pd.DataFrame | None = None,
    numbers: Collection[int] = (),
    keep_hidden: bool = False,
    year: str = "",
    read: Callable[..., Part] = read_part,
) -> Evidence:
    """Read the evidence of reports.

    Parameters
    ----------
    documents, gaps
        The documents frame, and the gaps frame of what could not be read of them (None: nothing).
    codebook
        Names the members. Its own commitment is marked with its id; others are ingested only.
    numbers
        Of the commitments to keep; none keep all. A single one is also the number of a commitment without a heading.
    keep_hidden
        Take text that nobody sees on the page for evidence.
    year
        Of the summit, whatever the reports' titles say; "" takes each title's. Where it is not known the evidence is
        read, and not marked as the codebook's, so that it is not scored.
    read
        Reads one document; `read_part_limited` does it within limits of memory and time.

    Returns
    -------
    Evidence
        Rows in reading order; what could not be used is added to the gaps. No documents give empty frames.

    Raises
    ------
    SourceError
        No document can be used: each has no member's section, none of the commitments wanted, or only commitments with
        two sections of one member, or with one of a member that is unknown in the codebook's own.
    """
    validate(documents, DOCUMENTS, source="documents")
    parts: list[Part] = []
    missing: list[Row] = [] if gaps is None else _records(validate(gaps, GAPS, source="gaps"))
    for document in _records(documents):
        taken = {row["commitment_id"] for part in parts for row in part.rows["commitments"]}
        try:
            part = read(document, codebook, taken, numbers=numbers, keep_hidden=keep_hidden, year=year)
        except SourceError as error:
            missing.append(gap_row(document["name"], "document", "unread", str(error)))
        else:
            parts.append(part)
            missing += part.gaps
    refused = [f"{row['name']}: {row['reason']}" for row in missing if row["part"] == "document"]
    if refused and not parts:
        raise SourceError(told_together(refused))
    missing += _not_found(parts, numbers) if numbers else _without_chapter(parts)
    used = [part.document for part in parts]
    rows = {name: [row for part in parts for row in part.rows[name]] for name in PART_FRAMES}
    conclusions = build(CONCLUSIONS, rows["conclusions"])
    return Evidence(
        build(DOCUMENTS, used),
        build(GAPS, missing),
        build(COMMITMENTS, rows["commitments"]),
        build(MEMBERS, rows["members"]),
        build(SUMMARY, rows["summary"]),
        conclusions,
        read_claims(conclusions, codebook),
        build(ITEMS, rows["items"]),
        build(SENTENCES, rows["sentences"]),
        build(CITATIONS, rows["citations"]),
    )


def require_commitment(evidence: Evidence, codebook: Codebook) -> None:
    """Refuse evidence in which there is nothing to tag and score by this codebook.

    Raises
    ------
    SourceError
        The codebook's commitment is not there; the message names those that are.
    """
    found, wanted = evidence.commitments["commitment_id"], codebook.commitment.id
    if wanted not in set(found):
        names = ", ".join(evidence.documents["name"])
        parts = [f"commitment {codebook.commitment.number}", "title", "heading"]
        reasons = evidence.gaps.loc[evidence.gaps["part"].isin(parts), "reason"]
        why = " ".join(f"{reason[:1].upper()}{reason[1:]}" for reason in reasons)
        advice = "Name the codebook of one of these with --codebook, or only read the report: `g7tag ingest`."
        msg = f"{names}: no commitment {wanted}, found {listed(found)}. {why or advice}"
        raise SourceError(msg)


def _not_found(parts: Sequence[Part], numbers: Collection[int]) -> list[Row]:
    """Gaps of commitments that were asked for and that no document holds."""
    found = _told_of(parts)
    names = ", ".join(str(part.document["name"]) for part in parts)
    reason = f"there is none of this number; found {', '.join(map(str, sorted(found)))}."
    return [gap_row(names, f"commitment {number}", "unread", reason) for number in sorted(set(numbers) - found)]


def _without_chapter(parts: Sequence[Part]) -> list[Row]:
    """Gaps of commitments that a contents page lists and that no document holds."""
    found = _told_of(parts)
    lacking = [(part, [number for number in part.contents if number not in found]) for part in parts]
    reason = "{} of the {} commitments on the contents page have no chapter here: {}."
    return [
        gap_row(
            part.document["name"], "contents", "absent",
            reason.format(len(its), len(part.contents), ", ".join(map(str, its))),
        )
        for part, its in lacking
        if its
    ]  # fmt: skip


def _told_of(parts: Sequence[Part]) -> set[int]:
    """Numbers of the commitments that documents hold, those that were left out among them."""
    left_out = (gap["part"].split() for part in parts for gap in part.gaps)
    read = {int(row["number"] or 0) for part in parts for row in part.rows["commitments"]}
    return read | {int(words[1]) for words in left_out if words[0] == "commitment"}


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
