"""Turn documents into the evidence frames."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import SourceError, listed
from g7tag.evidence.chapters import Chapter, Item, Section, read_chapters, summit_year
from g7tag.evidence.citations import read_citations
from g7tag.evidence.claims import read_claims
from g7tag.evidence.layout import read_layout
from g7tag.evidence.sentences import split_sentences
from g7tag.frames import CITATIONS, COMMITMENTS, CONCLUSIONS, DOCUMENTS, ITEMS, MEMBERS, SENTENCES, build, validate

Row = dict[str, Any]


class Evidence(NamedTuple):
    """The frames of what reports say, as `g7tag.frames` describes them."""

    documents: pd.DataFrame
    commitments: pd.DataFrame
    members: pd.DataFrame
    conclusions: pd.DataFrame
    claims: pd.DataFrame
    items: pd.DataFrame
    sentences: pd.DataFrame
    citations: pd.DataFrame


def extract_evidence(documents: pd.DataFrame, codebook: Codebook) -> Evidence:
    """Read the evidence of reports.

    Parameters
    ----------
    documents
        The documents frame.
    codebook
        Names the members. Its own commitment is marked with its id; others are ingested only.

    Returns
    -------
    Evidence
        Rows in reading order. No documents give empty frames.

    Raises
    ------
    SourceError
        A document has no member's section, a section of an unknown member or two of one, or two documents hold the same
        commitment.
    """
    validate(documents, DOCUMENTS, source="documents")
    rows: dict[str, list[Row]] = {
        name: [] for name in ("commitments", "members", "conclusions", "items", "sentences", "citations")
    }
    statuses: list[str] = []
    for document in documents.to_dict("records"):
        text, document_id = str(document["text"]), str(document["document_id"])
        layout = read_layout(text)
        statuses.append("stray_urls" if layout.strays else str(document["status"]))
        rows["citations"] += read_citations(text, layout, document_id=document_id)
        year = summit_year(text)
        for chapter in read_chapters(text, layout, codebook, name=str(document["name"])):
            commitment_id, used = _commitment_id(chapter, year, codebook)
            if any(row["commitment_id"] == commitment_id for row in rows["commitments"]):
                msg = (
                    f"{document['name']}: commitment {commitment_id} was read from another report already. "
                    "Give each once."
                )
                raise SourceError(msg)
            rows["commitments"].append(_commitment_row(chapter, document_id, commitment_id, used))
            for section in chapter.sections:
                keys = {"commitment_id": commitment_id, "member": section.member}
                code = codebook.codes[section.member]
                rows["members"].append(_member_row(chapter, section, keys, code))
                rows["conclusions"] += _conclusion_rows(section, keys)
                for position, item in enumerate(section.items, start=1):
                    item_id = f"{commitment_id}/{code}-{position:02d}"
                    item_keys = {"item_id": item_id, "document_id": document_id, **keys, "position": position}
                    rows["items"].append(_item_row(item, item_keys))
                    rows["sentences"] += _sentence_rows(item, item_keys)
    conclusions = build(CONCLUSIONS, rows["conclusions"])
    return Evidence(
        documents.assign(status=pd.Series(statuses, index=documents.index, dtype="str")),
        build(COMMITMENTS, rows["commitments"]),
        build(MEMBERS, rows["members"]),
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
        msg = (
            f"{names}: no commitment {wanted}, found {listed(found)}. Name the codebook of one of these with "
            "--codebook, or only read the report: `g7tag ingest`."
        )
        raise SourceError(msg)


def _commitment_id(chapter: Chapter, year: str, codebook: Codebook) -> tuple[str, str]:
    """Id of a chapter's commitment, and the id of the codebook if it is that one."""
    own_year = codebook.commitment.id.partition("-")[0]
    commitment_id = f"{year or own_year}-{chapter.number:02d}"
    if commitment_id == f"{own_year}-{codebook.commitment.number:02d}":
        return codebook.commitment.id, codebook.id
    return commitment_id, ""


def _commitment_row(chapter: Chapter, document_id: str, commitment_id: str, used: str) -> Row:
    return {
        "commitment_id": commitment_id, "document_id": document_id, "number": chapter.number, "title": chapter.title,
        "text": chapter.text, "guidelines": chapter.guidelines, "scoring_table": chapter.scoring_table,
        "printed_average": chapter.average, "printed_percent": chapter.percent, "codebook": used,
    }  # fmt: skip


def _member_row(chapter: Chapter, section: Section, keys: Mapping[str, Any], code: str) -> Row:
    return {
        **keys, "code": code, "table_score": chapter.table.get(section.member), "heading_score": section.heading_score,
        "stated_score": section.stated_score, "published_score": section.heading_score,
    }  # fmt: skip


def _conclusion_rows(section: Section, keys: Mapping[str, Any]) -> list[Row]:
    analysts = ";".join(section.analysts)
    return [
        {**keys, "position": position, "text": text, "place": place, "analysts": analysts}
        for position, (text, place) in enumerate(section.conclusions, start=1)
    ]


def _item_row(item: Item, keys: Mapping[str, Any]) -> Row:
    return {
        **keys, "date": item.date, "date_text": item.date_text, "text": item.text.text,
        "citations": ";".join(map(str, item.text.notes)), "pages": "", "status": item.status,
    }  # fmt: skip


def _sentence_rows(item: Item, keys: Mapping[str, Any]) -> list[Row]:
    return [
        {
            "sentence_id": f"{keys['item_id']}.{position}", "item_id": keys["item_id"],
            "document_id": keys["document_id"], "commitment_id": keys["commitment_id"], "member": keys["member"],
            "position": position, "text": sentence.text, "start": sentence.start, "end": sentence.end,
        }
        for position, sentence in enumerate(split_sentences(item.text), start=1)
    ]  # fmt: skip
