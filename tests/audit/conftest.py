"""A small consistent report: each test changes its rows, and calls the checks of what it changed."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from g7tag.audit import INPUTS, Audited, audit_evidence
from g7tag.audit.acts import act_findings
from g7tag.audit.conclusions import claim_findings
from g7tag.audit.dates import date_findings, period_findings
from g7tag.audit.evidence import evidence_findings, labelled_items, mentioned_members, text_findings
from g7tag.audit.joint import item_labels, joint_actions, pair_items
from g7tag.audit.notes import named_notes, note_findings, noted_items
from g7tag.audit.printed import printed_findings
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

    def pairs(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the pairs of items, and the acts of several members."""
        frames = self.frames()
        items, mentioned = frames["items"], mentioned_members(frames["items"], self.codebook)
        pairs = pair_items(items, self.noted(), mentioned)
        labels = item_labels(frames["sentences"], frames["labels"])
        return pairs, joint_actions(pairs, items, labels, mentioned, self.codebook)

    def audited(self, *, seen: int = 0, **changes: pd.DataFrame) -> Audited:
        """Return the whole audit of the report, with some frames replaced."""
        frames = self.frames()
        frames |= score_labels(frames, self.codebook) | changes
        return audit_evidence({name: frames[name] for name in INPUTS}, self.codebook, seen=seen)

    def change(self, changes: dict[str, Any]) -> None:
        """Change cells: 'items.0.date' names a cell, 'items.0' a row's text, 'labels.ITA-01' a label."""
        for path, value in changes.items():
            table, row, *name = path.split(".")
            if table == "labels":
                self.labels[f"2024-19/{row}"] = value
            else:
                getattr(self, table)[int(row)][name[0] if name else "text"] = value

    def found(self, group: str) -> dict[str, tuple[str, str]]:
        """Return severity and message of the findings of a group of checks, by finding_id without commitment."""
        return {
            row["finding_id"].replace(":2024-19/", ":"): (row["severity"], row["message"])
            for row in GROUPS[group](self)
        }


def printed(report: Report) -> list[dict[str, Any]]:
    """Return the findings on scores, averages and years in print."""
    names = ("documents", "commitments", "members")
    return printed_findings(*(build(FIXED[name], getattr(report, name)) for name in names))


def notes(report: Report) -> list[dict[str, Any]]:
    """Return the findings on notes."""
    items, citations = build(FIXED["items"], report.items), named_notes(build(FIXED["citations"], report.citations))
    return note_findings(build(FIXED["documents"], report.documents), items, citations, noted_items(items, citations))


def texts(report: Report) -> list[dict[str, Any]]:
    """Return the findings on the texts of items."""
    items = build(FIXED["items"], report.items)
    return text_findings(items, mentioned_members(items, report.codebook), report.codebook)


def period(report: Report) -> list[dict[str, Any]]:
    """Return the findings on items outside the period."""
    frames = report.frames()
    return period_findings(frames["items"], frames["scores"], report.codebook)


def claims(report: Report) -> list[dict[str, Any]]:
    """Return the findings on conclusions."""
    frames = report.frames()
    names = ("claims", "conclusions", "members", "evidence_matrix")
    return claim_findings(*(frames[name] for name in names), report.codebook)


def evidence(report: Report, *, exclusion: str = "") -> list[dict[str, Any]]:
    """Return the findings on labelled evidence, the first item in part excluded."""
    frames = report.frames()
    labels = frames["labels"]
    labels = labels.assign(exclusion=[exclusion or labels["exclusion"].iloc[0], *labels["exclusion"].iloc[1:]])
    labelled = labelled_items(labels, frames["annotations"], frames["sentences"])
    return evidence_findings(labelled, frames["members"], report.noted(), report.tally(), report.codebook)


def acts(report: Report) -> list[dict[str, Any]]:
    """Return the findings on acts of several items."""
    frames, (pairs, joint) = report.frames(), report.pairs()
    items, members = frames["items"], frames["members"]
    return act_findings(joint, pairs, items, report.noted(), members, report.tally(), report.codebook)


GROUPS: dict[str, Callable[[Report], list[dict[str, Any]]]] = {
    "dates": lambda report: date_findings(report.noted(), report.codebook),
    "notes": notes, "printed": printed, "texts": texts, "period": period, "claims": claims, "evidence": evidence,
    "partly excluded": lambda report: evidence(report, exclusion="border"), "acts": acts,
}  # fmt: skip


@pytest.fixture
def report(codebook: Codebook) -> Report:
    return Report(codebook)


@pytest.fixture(scope="module")
def scored(codebook: Codebook) -> Frames:
    """The frames of the report with scores, thresholds and flips as in a run; not to be changed."""
    frames = Report(codebook).frames()
    return frames | score_labels(frames, codebook)
