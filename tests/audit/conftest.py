"""A small consistent report: each test changes its rows, and calls the checks of what it changed."""

import pandas as pd
import pytest
from frame_rows import annotations_of, filled, tags_of

from g7tag.audit import INPUTS, audit_evidence
from g7tag.audit.acts import act_findings
from g7tag.audit.conclusions import claim_findings
from g7tag.audit.dates import date_findings, period_findings
from g7tag.audit.evidence import evidence_findings, labelled_items, mentioned_members, text_findings
from g7tag.audit.joint import item_labels, joint_actions, pair_items
from g7tag.audit.notes import named_notes, note_findings, noted_items
from g7tag.audit.printed import printed_findings
from g7tag.audit.tally import Tally
from g7tag.frames import FIXED
from g7tag.jobs import score_labels
from g7tag.scoring import item_levels, score_members
from g7tag.store import text_sha256

NAMES = {"Italy": "ITA", "Japan": "JPN"}
TEXTS = {
    "ITA-01": "On 1 July 2024, Italy paid for a campaign of radio spots.",
    "ITA-02": "On 5 August 2024, Italy opened shelters for those who flee.",
    "JPN-01": "On 9 September 2024, Japan trained judges in Osaka.",
    "JPN-02": "On 2 October 2024, Japan gave money to schools abroad.",
}
DATES = ("2024-07-01", "2024-08-05", "2024-09-09", "2024-10-02")
SCORES = ("table_score", "heading_score", "stated_score", "published_score")
OWN = {"commitment_id": "2024-19", "document_id": "d"}


MADE: dict[str, pd.DataFrame] = {}
"""Frames by what they are made from: most tests change one frame of twenty."""


def once(make, model, rows, **same):
    """Return the frame that `make` makes, to be used but not changed."""
    key = f"{getattr(model, 'name', None) or model.dimension_keys} {rows} {same}"
    if key not in MADE:
        MADE[key] = make(model, rows, **same)
    return MADE[key].copy(deep=False)


class Report:
    """Rows of a report of two members with two items each and one sentence per item; tests change the rows."""

    def __init__(self, codebook):
        self.codebook = codebook
        self.documents = [{
            "document_id": "d", "name": "r.txt", "hidden": "[]", "status": "ok",
            "text": "2024 G7 Apulia Summit Final Compliance Report\n¹ ² ³ ⁴ ¹ ² ³ ⁴",
        }]  # fmt: skip
        self.commitments = [
            OWN | {"number": 19, "codebook": codebook.id, "printed_average": 0.0, "printed_percent": 50.0}
        ]
        self.members = [OWN | {"member": name, "code": NAMES[name]} | dict.fromkeys(SCORES, 0) for name in NAMES]
        self.conclusions, self.summary, self.items, self.labels = [], [], [], {}
        keys = codebook.dimension_keys
        self.claims = [
            OWN | {"member": name, "position": 1, "dimension": key, "quote": f"of {key}"}
            | {"claimed": "strong" if key == keys[0] else "not"}
            for name in NAMES for key in keys
        ]  # fmt: skip
        for place, (date, (short, text)) in enumerate(zip(DATES, TEXTS.items(), strict=True), start=1):
            self.add(short, date, text, keys[0], "strong")["citations"] = str(place)
        self.citations = [
            {"document_id": "d", "note": place, "title": f"Title {place}", "publisher": f"Paper {place}"}
            | {"published": pd.Timestamp(date), "accessed": pd.Timestamp("2024-12-01")}
            | {"url": f"https://a{place}.example/{place}", "url_status": "ok"}
            for place, date in enumerate(DATES, start=1)
        ]

    def add(self, item_id, date, text, *label):
        """Add an item of Italy or Japan without a note, and return its row."""
        member = "Italy" if item_id.startswith("ITA") else "Japan"
        row = {"item_id": f"2024-19/{item_id}", "member": member, "position": int(item_id[-2:]), "citations": ""}
        self.items.append(OWN | row | {"date": pd.Timestamp(date), "text": text, "status": "ok"})
        self.labels[f"2024-19/{item_id}"] = label
        return self.items[-1]

    def tables(self):
        """Return the frames of the report and of its tags and labels; there are no findings."""
        tags = []
        for row in self.items:
            dimensions, strength, exclusion, act = (*self.labels[row["item_id"]], "", "")[:4]
            shares = {f"p_{key}": 1.0 for key in dimensions.split(";") if key} | {
                "p_strong": float(strength == "strong")
            }
            act = act or ("done" if dimensions else "background")
            tags.append(
                {"sentence_id": f"{row['item_id']}.1", "dimensions": dimensions, "strength": strength, "act": act}
                | {"exclusion": exclusion, "annotation_id": f"{row['item_id']}.1#t", "p_right": 1.0, f"p_{act}": 1.0}
                | {"text_sha256": text_sha256(row["text"]), "start": 0, "end": len(row["text"])} | shares
            )  # fmt: skip
        sentences = [row | tag | {"position": 1} for row, tag in zip(self.items, tags, strict=True)]
        rows = {name: getattr(self, name, []) for name in FIXED if name != "labels"}
        frames = {name: once(filled, FIXED[name], its) for name, its in (rows | {"sentences": sentences}).items()}
        frames["labels"] = once(filled, FIXED["labels"], tags, policy="people-then-classifier", status="ok")
        frames["annotations"] = annotations_of(tags, annotator="t", kind="classifier", confidence=1.0, at="")
        return frames | {"tags": once(tags_of, self.codebook, tags)}

    def frames(self):
        """Return the scored frames of the report; probabilities of scores are missing."""
        frames = self.tables()
        scored = {name: frames[name] for name in ("labels", "sentences", "items", "members")}
        return frames | score_members(**scored, codebook=self.codebook)._asdict()

    def tally(self):
        """Return the tally of the items."""
        frames = self.tables()
        texts = {name: frames[name] for name in ("sentences", "items")}
        return Tally(item_levels(frames["labels"], **texts, codebook=self.codebook), texts["items"], self.codebook)

    def noted(self):
        """Return the items with the notes that they cite."""
        frames = self.tables()
        return noted_items(frames["items"], named_notes(frames["citations"]))

    def pairs(self):
        """Return the pairs of items, and the acts of several members."""
        frames = self.tables()
        items, mentioned = frames["items"], mentioned_members(frames["items"], self.codebook)
        pairs = pair_items(items, self.noted(), mentioned)
        labels = item_labels(frames["sentences"], frames["labels"])
        return pairs, joint_actions(pairs, items, labels, mentioned, self.codebook)

    def audited(self, *, seen=0, **changes):
        """Return the whole audit of the report, with some frames replaced."""
        frames = self.frames()
        frames |= score_labels(frames, self.codebook) | changes
        return audit_evidence({name: frames[name] for name in INPUTS}, self.codebook, seen=seen)

    def change(self, changes):
        """Change cells: 'items.0.date' names a cell, 'items.0' a row's text, 'labels.ITA-01' a label."""
        for path, value in changes.items():
            table, row, *name = path.split(".")
            if table == "labels":
                self.labels[f"2024-19/{row}"] = value
            else:
                getattr(self, table)[int(row)][name[0] if name else "text"] = value

    def found(self, group):
        """Return severity and message of the findings of a group of checks, by finding_id without commitment."""
        return {
            row["finding_id"].replace(":2024-19/", ":"): (row["severity"], row["message"])
            for row in GROUPS[group](self)
        }


def printed(report):
    tables = report.tables()
    return printed_findings(tables["documents"], tables["commitments"], tables["members"])


def notes(report):
    tables = report.tables()
    return note_findings(tables["documents"], tables["items"], named_notes(tables["citations"]), report.noted())


def texts(report):
    items = report.tables()["items"]
    return text_findings(items, mentioned_members(items, report.codebook), report.codebook)


def period(report):
    frames = report.frames()
    return period_findings(frames["items"], frames["scores"], report.codebook)


def claims(report):
    frames = report.frames()
    names = ("claims", "conclusions", "members", "evidence_matrix")
    return claim_findings(*(frames[name] for name in names), report.codebook)


def evidence(report, *, exclusion=""):
    """Return the findings on labelled evidence, the first item in part excluded."""
    frames = report.tables()
    labels = frames["labels"]
    labels = labels.assign(exclusion=[exclusion or labels["exclusion"].iloc[0], *labels["exclusion"].iloc[1:]])
    labelled = labelled_items(labels, frames["annotations"], frames["sentences"])
    return evidence_findings(labelled, frames["members"], report.noted(), report.tally(), report.codebook)


def acts(report):
    frames, (pairs, joint) = report.tables(), report.pairs()
    items, members = frames["items"], frames["members"]
    return act_findings(joint, pairs, items, report.noted(), members, report.tally(), report.codebook)


GROUPS = {
    "dates": lambda report: date_findings(report.noted(), report.codebook),
    "notes": notes, "printed": printed, "texts": texts, "period": period, "claims": claims, "evidence": evidence,
    "partly excluded": lambda report: evidence(report, exclusion="border"), "acts": acts,
}  # fmt: skip


@pytest.fixture
def report(codebook):
    return Report(codebook)


@pytest.fixture(scope="module")
def scored(codebook):
    """The frames of the report with scores, thresholds and flips as in a run; not to be changed."""
    frames = Report(codebook).frames()
    return frames | score_labels(frames, codebook)
