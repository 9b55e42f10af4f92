"""The evidence of a text, and the columns that must be equal in every document format."""

from g7tag.codebook import Codebook
from g7tag.evidence import Evidence, extract_evidence
from g7tag.frames import DOCUMENTS, build

SAID = {
    "commitments": ["commitment_id", "number", "title", "text", "printed_average", "printed_percent"],
    "members": ["commitment_id", "member", "code", "table_score", "heading_score", "stated_score", "published_score"],
    "conclusions": ["commitment_id", "member", "position", "text", "place", "analysts"],
    "items": ["item_id", "date", "date_text", "text", "citations", "status"],
    "sentences": ["sentence_id", "item_id", "position", "text"],
    "citations": ["note", "title", "publisher", "place", "published", "accessed", "url", "translation"],
}
"""All except the positions in the text, the scoring table's line ends, and whether a URL was repaired."""


def evidence_of(text: str, codebook: Codebook) -> Evidence:
    """The evidence of a report's text."""
    row = {
        "document_id": "a", "name": "a", "media_type": "text/plain", "sha256": "0" * 64, "pages": None, "text": text,
        "hidden": "[]", "status": "ok",
    }  # fmt: skip
    return extract_evidence(build(DOCUMENTS, [row]), codebook)


def said(evidence: Evidence, *, spaced_urls: bool = True) -> dict[str, dict[str, list[str]]]:
    """Return the comparable evidence; a space in a URL at a line end is lost."""
    frames = {name: getattr(evidence, name)[columns].astype(str) for name, columns in SAID.items()}
    if not spaced_urls:
        frames["citations"]["url"] = frames["citations"]["url"].str.replace(" ", "")
    return {name: frame.to_dict("list") for name, frame in frames.items()}
