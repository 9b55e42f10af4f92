"""The evidence of a text, what its author knows, and the columns that must be equal in every document format."""

import re

from manuscript import MARKS, Manuscript
from reading import read_here

from g7tag.codebook import Codebook
from g7tag.evidence import Evidence, extract_evidence
from g7tag.sources.marks import superscript_number

HEADING = re.compile(r"(?:\d\. )?([^\W\d][^:\n]+): ([+-]?[01])")
FRAMED = {"Turkey": "Türkiye"}
"""Members whose name in the frames is not the printed one."""

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
    return extract_evidence(read_here(text.encode(), "a"), codebook)


def said(evidence: Evidence, *, spaced_urls: bool = True) -> dict[str, dict[str, list[str]]]:
    """Return the comparable evidence; a space in a URL at a line end is lost."""
    frames = {name: getattr(evidence, name)[columns].astype(str) for name, columns in SAID.items()}
    if not spaced_urls:
        frames["citations"]["url"] = frames["citations"]["url"].str.replace(" ", "")
    return {name: frame.to_dict("list") for name, frame in frames.items()}


def written(manuscript: Manuscript) -> dict[str, list]:
    """What the author of a report knows: items with their notes, members with their scores, and notes with URLs."""
    items = [text for text in manuscript.paragraphs if text.startswith("On ")]
    headings = [HEADING.fullmatch(text) for text in manuscript.paragraphs]
    return {
        "items": [MARKS.sub("", text) for text in items],
        "cited": [";".join(str(superscript_number(mark)) for mark in MARKS.findall(text)) for text in items],
        "members": [[FRAMED.get(heading[1], heading[1]), int(heading[2])] for heading in headings if heading],
        "notes": [[number, note.rpartition(" ")[2]] for number, note in manuscript.notes.items()],
    }


def counted(evidence: Evidence) -> dict[str, list]:
    """The same of what was read."""
    return {
        "items": evidence.items["text"].tolist(),
        "cited": evidence.items["citations"].tolist(),
        "members": evidence.members[["member", "published_score"]].to_numpy().tolist(),
        "notes": evidence.citations[["note", "url"]].to_numpy().tolist(),
    }
