"""A small consistent report: each test breaks one thing in its rows, and calls the check of this thing."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest

from g7tag.audit import INPUTS, Audited, audit_evidence
from g7tag.audit.notes import named_notes, noted_items
from g7tag.audit.tally import Tally
from g7tag.codebook import Codebook
from g7tag.frames import FIXED, build, tags_model
from g7tag.jobs import score_labels
from g7tag.scoring import item_levels, score_members
from g7tag.store import text_sha256

Frames = dict[str, pd.DataFrame]
NAMES = {"Italy": "ITA", "Japan": "JPN"}
TEXTS = {
    "ITA-01": "On 1 July 2024, Italy paid for a campaign of radio spots.",
    "ITA-02": "On 5 August 2024, Italy opened shelters for those who flee.",
    "JPN-01": "On 9 September 2024, Japan trained judges in Osaka.",
    "JPN-02": "On 2 October 2024, Japan gave money to schools abroad.",
}


def item(item_id: str, member: str, date: str, text: str, *, citations: str = "", status: str = "ok") -> dict[str, Any]:
    """Return a row of the items frame."""
    return {
        "item_id": item_id, "document_id": "d", "commitment_id": "2024-19", "member": member,
        "position": int(item_id[-2:]), "date": pd.Timestamp(date), "date_text": date, "text": text,
        "citations": citations, "pages": "", "status": status,
    }  # fmt: skip


def note(number: int, published: str | None, accessed: str | None = "2024-12-01", **changes: Any) -> dict[str, Any]:
    """Return a row of the citations frame."""
    return {
        "document_id": "d", "note": number, "title": f"Title {number}", "publisher": f"Paper {number}", "place": "Rome",
        "published": None if published is None else pd.Timestamp(published),
        "accessed": None if accessed is None else pd.Timestamp(accessed),
        "url": f"https://a{number}.example/{number}", "url_status": "ok", "translation": "",
    } | changes  # fmt: skip


def tag(
    sentence_id: str, codebook: Codebook, dimensions: str, strength: str, exclusion: str = "", act: str = ""
) -> dict[str, Any]:
    """Return a row of the tags frame with certain probabilities."""
    shares = {f"p_{key}": float(key in dimensions.split(";")) for key in codebook.dimension_keys}
    act = act or ("done" if dimensions else "background")
    return {
        "sentence_id": sentence_id, **shares, "p_strong": float(strength == "strong"), "p_excluded": 0.0,
        **{f"p_{each.key}": float(each.key == act) for each in codebook.acts},
        "dimensions": dimensions, "strength": strength, "act": act, "exclusion": exclusion, "p_right": 1.0,
        "review_below": 0.5, "margin": 0.5, "needs_review": False, "review_reason": "", "status": "ok", "tagger": "t",
    }  # fmt: skip


class Report:
    """Rows of a report of two members with two items each and one sentence per item; tests change the rows."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        keys = codebook.dimension_keys
        words = {"title": "", "text": "", "guidelines": "", "scoring_table": "", "codebook": codebook.id}
        self.documents = [
            {
                "document_id": "d", "name": "r.txt", "media_type": "text/plain", "sha256": "0", "pages": None,
                "text": "2024 G7 Apulia Summit Final Compliance Report\n¹ ² ³ ⁴ ¹ ² ³ ⁴", "hidden": "[]",
                "status": "ok",
            }
        ]  # fmt: skip
        self.commitments = [
            {"commitment_id": "2024-19", "document_id": "d", "number": 19, **words}
            | {"printed_average": 0.0, "printed_percent": 50.0}
        ]
        self.members = [
            {"commitment_id": "2024-19", "member": name, "code": code}
            | dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), 0)
            for name, code in NAMES.items()
        ]
        self.conclusions: list[dict[str, Any]] = []
        self.summary: list[dict[str, Any]] = []
        self.claims = [
            {"commitment_id": "2024-19", "member": name, "position": 1, "dimension": key}
            | {"claimed": "strong" if key == keys[0] else "not", "quote": f"of {key}"}
            for name in NAMES
            for key in keys
        ]
        dates = ("2024-07-01", "2024-08-05", "2024-09-09", "2024-10-02")
        self.items = [
            item(f"2024-19/{short}", "Italy" if short.startswith("ITA") else "Japan", date, text, citations=str(place))
            for place, (date, (short, text)) in enumerate(zip(dates, TEXTS.items(), strict=True), start=1)
        ]
        self.citations = [note(place, date) for place, date in enumerate(dates, start=1)]
        self.labels = {f"2024-19/{short}": (keys[0], "strong", "") for short in TEXTS}

    def add(self, item_id: str, date: str, text: str, *label: str) -> dict[str, Any]:
        """Add an item of Italy or Japan without a note, and return its row."""
        member = "Italy" if item_id.startswith("ITA") else "Japan"
        self.items.append(item(f"2024-19/{item_id}", member, date, text))
        self.labels[f"2024-19/{item_id}"] = label
        return self.items[-1]

    def frames(self) -> Frames:
        """Return the scored frames of the report; probabilities of scores are missing, and there are no findings."""
        sentences = [
            {"sentence_id": f"{row['item_id']}.1", "position": 1, "start": 0, "end": len(row["text"])}
            | {name: row[name] for name in ("item_id", "document_id", "commitment_id", "member", "text")}
            for row in self.items
        ]
        tags = [tag(f"{row['item_id']}.1", self.codebook, *self.labels[row["item_id"]]) for row in self.items]
        shown = ("sentence_id", "dimensions", "strength", "exclusion")
        given = [
            {name: row[name] for name in shown} | {"contradicts": False, "annotation_id": f"{row['sentence_id']}#t"}
            for row in tags
        ]
        annotations = [
            row
            | {
                "text_sha256": text_sha256(each["text"]), "annotator": "t", "kind": "classifier", "act": own["act"],
                "confidence": 1.0, "note": "", "blind": False, "occasion": "label", "codebook_version": "1", "at": "",
                "supersedes": "",
            }
            for row, own, each in zip(given, tags, self.items, strict=True)
        ]  # fmt: skip
        rows: dict[str, list[dict[str, Any]]] = {
            "documents": self.documents, "commitments": self.commitments, "members": self.members, "findings": [],
            "conclusions": self.conclusions, "summary": self.summary, "claims": self.claims, "items": self.items,
            "sentences": sentences, "citations": self.citations, "annotations": annotations,
            "labels": [row | {"policy": "people-then-classifier", "status": "ok"} for row in given],
        }  # fmt: skip
        frames = {name: build(FIXED[name], its) for name, its in rows.items()}
        frames["tags"] = build(tags_model(self.codebook), tags)
        scored = {name: frames[name] for name in ("labels", "sentences", "items", "members")}
        return frames | score_members(**scored, codebook=self.codebook)._asdict()

    def tally(self) -> Tally:
        """Return the tally of the items."""
        frames = self.frames()
        texts = {name: frames[name] for name in ("sentences", "items")}
        return Tally(item_levels(frames["labels"], **texts, codebook=self.codebook), texts["items"], self.codebook)

    def noted(self) -> pd.DataFrame:
        """Return the items with the notes that they cite."""
        return noted_items(build(FIXED["items"], self.items), named_notes(build(FIXED["citations"], self.citations)))

    def audited(self, *, seen: int = 0, **changes: pd.DataFrame) -> Audited:
        """Return the whole audit of the report, with some frames replaced."""
        frames = self.frames()
        frames |= score_labels(frames, self.codebook) | changes
        return audit_evidence({name: frames[name] for name in INPUTS}, self.codebook, seen=seen)

    @staticmethod
    def messages(rows: Iterable[dict[str, Any]], *checks: str) -> dict[str, str]:
        """Return the messages of some checks, or of all, by finding_id."""
        return {row["finding_id"]: row["message"] for row in rows if row["check"] in checks or not checks}


@pytest.fixture
def report(codebook: Codebook) -> Report:
    return Report(codebook)


@pytest.fixture(scope="module")
def scored(codebook: Codebook) -> Frames:
    """The frames of the report with scores, thresholds and flips as in a run; not to be changed."""
    frames = Report(codebook).frames()
    return frames | score_labels(frames, codebook)
