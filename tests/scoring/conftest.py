"""Frames of one member's evidence, written by hand."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from g7tag.frames import ANNOTATIONS, DOCUMENTS, ITEMS, LABELS, MEMBERS, SENTENCES, build

Evidence = list[tuple[str, str | None, list[tuple[str, str]]]]
"""For each item its id, its date, and its sentences as (dimensions, strength)."""


def frames_of(evidence: Evidence, *, contradicts: str = "") -> dict[str, pd.DataFrame]:
    """Return the frames of a report on Italy with this evidence, and Japan without any; both scored 0."""
    items, sentences, labels, annotations = [], [], [], []
    keys = {"document_id": "d", "commitment_id": "2024-19", "member": "Italy"}
    for place, (item_id, date, tags) in enumerate(evidence, 1):
        words = {"date_text": date or "", "text": "x", "citations": "", "pages": "", "status": "ok"}
        items.append({"item_id": item_id, "position": place, "date": pd.Timestamp(date), **keys, **words})
        for number, (dimensions, strength) in enumerate(tags, 1):
            name = f"{item_id}.{number}"
            spot = {"position": number, "text": f"text of {name}", "start": 0, "end": 1}
            sentences.append({"sentence_id": name, "item_id": item_id, **keys, **spot})
            label = {"sentence_id": name, "dimensions": dimensions, "strength": strength, "exclusion": ""}
            label |= {"contradicts": item_id == contradicts, "annotation_id": f"{name}#t"}
            labels.append(label | {"policy": "p", "status": "ok"})
            by = {"text_sha256": "x", "annotator": "t", "kind": "classifier", "act": "", "confidence": 1.0, "note": ""}
            by |= {"blind": False, "occasion": "label", "codebook_version": "1", "at": "", "supersedes": ""}
            annotations.append(label | by)
    members = [
        {"commitment_id": "2024-19", "member": name, "code": code, "published_score": 0}
        | dict.fromkeys(("table_score", "heading_score", "stated_score"), 0)
        for name, code in (("Italy", "ITA"), ("Japan", "JPN"))
    ]
    document = {"document_id": "d", "name": "r.txt", "media_type": "text/plain", "sha256": "abc", "pages": None}
    rows: dict[str, tuple[Any, list[dict[str, Any]]]] = {
        "labels": (LABELS, labels), "sentences": (SENTENCES, sentences), "items": (ITEMS, items),
        "members": (MEMBERS, members), "annotations": (ANNOTATIONS, annotations),
        "documents": (DOCUMENTS, [document | {"text": "", "hidden": "[]", "status": "ok"}]),
    }  # fmt: skip
    return {name: build(*parts) for name, parts in rows.items()}


@pytest.fixture
def frames() -> Callable[..., dict[str, pd.DataFrame]]:
    return frames_of
