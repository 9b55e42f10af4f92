"""The evidence of a text, and what of it must be the same whatever kind of document the text was set as."""

from g7tag.codebook import Codebook
from g7tag.evidence import Evidence, extract_evidence
from g7tag.frames import BLOCKS, DOCUMENTS, build
from g7tag.sources.blocks import SetText
from g7tag.sources.kinds import TEXT

SAID = {
    "commitments": ["commitment_id", "number", "title", "text", "printed_average", "printed_percent"],
    "members": ["commitment_id", "member", "code", "table_score", "heading_score", "stated_score", "published_score"],
    "conclusions": ["commitment_id", "member", "position", "text", "place", "analysts"],
    "items": ["item_id", "date", "date_text", "text", "citations", "status"],
    "sentences": ["sentence_id", "item_id", "position", "text"],
    "citations": ["note", "title", "publisher", "place", "published", "accessed", "url", "translation"],
}
"""All but the places in the text, the scoring table's line ends, and whether an address was repaired."""


def evidence_of(found: str | SetText, codebook: Codebook, *, kind: str = TEXT, document_id: str = "a") -> Evidence:
    """The evidence of a report's text, or of what a reader of some kind of document found."""
    text, blocks = (found, []) if isinstance(found, str) else (found.text, found.blocks)
    row = {
        "document_id": document_id, "name": "a", "media_type": kind, "sha256": "0" * 64, "pages": None, "text": text,
        "hidden": "[]", "status": "ok",
    }  # fmt: skip
    told = build(BLOCKS, [{"document_id": document_id, **block._asdict()} for block in blocks])
    return extract_evidence(build(DOCUMENTS, [row]), codebook, blocks=told)


def said(evidence: Evidence, *, spaced_urls: bool = True) -> dict[str, dict[str, list[str]]]:
    """What evidence says; a space in a URL that stands at the end of a line cannot be told from the line's end."""
    frames = {name: getattr(evidence, name)[columns].astype(str) for name, columns in SAID.items()}
    if not spaced_urls:
        frames["citations"]["url"] = frames["citations"]["url"].str.replace(" ", "")
    return {name: frame.to_dict("list") for name, frame in frames.items()}
