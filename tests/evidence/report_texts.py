"""Texts for several tests: sections, fronts and chapters of invented reports; what a reading says of them."""

import json
from collections.abc import Sequence
from typing import Any

from g7tag.evidence import Evidence
from g7tag.frames import DOCUMENTS, GAPS, build
from g7tag.sources import Documents
from g7tag.sources.blocks import HiddenSpan
from g7tag.sources.typed import find_blocks

SECTION = "\n\n".join([
    "\nJapan: 0", "Japan has partially complied with its commitment to act.",
    "On 5 July 2024, police seized boats.⁴⁴¹⁴", "Japan has partially complied with its commitment to act.",
    "Thus, Japan receives a score of 0.", "Analysts: Ann Other, Bo Li and Cy Doe",
    "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law\n",
])  # fmt: skip

FRONT = "\n\n".join([
    "\n19. Migration: Smuggling", "“We will act.”", "Assessment",
    "\tNo Compliance\tPartial Compliance\tFull Compliance\nCanada\t−1\t\t\nJapan\t\t0\t\nAverage\t−0.50 (25%)\t\t",
    "General Interpretive Guidelines", "Full compliance needs action.", "A score of −1 needs none.",
    "Scoring Guidelines", "−1 No action.", "+1 Some action.", "Compliance Director: Di Rector\n",
])  # fmt: skip

CANADA = "\n\n".join([
    "\nCanada: −1", "Canada has not complied with its commitment to act.", "Thus, Canada receives a score of −1.",
    "Analyst: Di Rector\n",
])  # fmt: skip

LAW = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
TITLE = "2024 G7 Apulia Summit Final Compliance Report\n\n"


def raised(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def chapter(number: int, title: str, *, members: tuple[str, ...] = ("Canada", "Japan"), note: int = 1) -> str:
    """Return a chapter with one item per member, each with its own note."""
    rows = "\n".join(f"{member}\t\t0\t" for member in members)
    parts = [f"{number}. {title}", '"We will act."', f"Assessment\n\n{rows}\nAverage\t0.00 (50%)"]
    for place, member in enumerate(members):
        mark = raised(note + place)
        parts += [
            f"{member}: 0", f"On 5 July 2024, {member} acted on {title}.{mark}",
            f"Thus, {member} receives a score of 0.", "Analyst: Ann Other",
            f"{mark} Of {title}, Paper (Rome) 6 July 2024. Access Date: 7 July 2024. https://a.example/{title[:3]}{mark}",
        ]  # fmt: skip
    return "\n\n".join(parts) + "\n\n"


def numbers(evidence: Evidence) -> list[int]:
    return evidence.commitments["number"].tolist()


def said(evidence: Evidence) -> dict[str, str]:
    """Return the gaps by part."""
    return dict(zip(evidence.gaps["part"], evidence.gaps["kind"] + ": " + evidence.gaps["reason"], strict=True))


def documents_of(*texts: str, hidden: Sequence[Any] = (), status: str = "ok", keep_hidden: bool = False) -> Documents:
    """Return texts as documents, with pages if they have form feeds."""
    rows = [
        {
            "document_id": f"r{place}", "name": f"r{place}.txt", "media_type": "text/plain", "sha256": "0",
            "pages": text.count("\f") + 1 if "\f" in text else None, "text": text, "hidden": json.dumps(list(hidden)),
            "status": status,
        }
        for place, text in enumerate(texts, start=1)
    ]  # fmt: skip
    spans = [] if keep_hidden else [HiddenSpan(*span) for span in hidden]
    found = {row["document_id"]: find_blocks(row["text"], spans, None) for row in rows}
    gaps = [
        {"name": row["name"], "part": part, "kind": kind, "reason": reason}
        for row in rows
        for part, kind, reason in found[row["document_id"]].doubts
    ]
    blocks = {document_id: each.blocks for document_id, each in found.items()}
    return Documents(build(DOCUMENTS, rows), build(GAPS, gaps), blocks)
