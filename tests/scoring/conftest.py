"""Frames of one member's evidence, written by hand."""

import pandas as pd
import pytest
from frame_rows import annotations_of, filled

from g7tag.frames import DOCUMENTS, ITEMS, LABELS, MEMBERS, SENTENCES

OWN = {"document_id": "d", "commitment_id": "2024-19", "member": "Italy"}


@pytest.fixture
def frames():
    """Return the frames of a report on Italy with this evidence, and Japan without any; both scored 0.

    The evidence has for each item its id, its date, and its sentences as (dimensions, strength).
    """

    def frames(evidence, *, contradicts=""):
        items, sentences = [], []
        for item_id, date, labels in evidence:
            items.append({"item_id": item_id, "position": len(items) + 1, "date": pd.Timestamp(date), "text": "x"})
            for position, (dimensions, strength) in enumerate(labels, 1):
                name = f"{item_id}.{position}"
                row = {"sentence_id": name, "item_id": item_id, "position": position, "text": f"text of {name}"}
                row |= {"dimensions": dimensions, "strength": strength, "contradicts": item_id == contradicts}
                sentences.append(row | {"annotation_id": f"{name}#t", "text_sha256": "x", "start": 0, "end": 1})
        scores = dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), 0)
        members = [OWN | scores | {"member": name, "code": code} for name, code in (("Italy", "ITA"), ("Japan", "JPN"))]
        document = {"document_id": "d", "name": "r.txt", "sha256": "abc", "hidden": "[]", "status": "ok"}
        return {
            "labels": filled(LABELS, sentences, policy="p", status="ok"), "members": filled(MEMBERS, members),
            "sentences": filled(SENTENCES, sentences, **OWN), "items": filled(ITEMS, items, status="ok", **OWN),
            "annotations": annotations_of(sentences, annotator="t", kind="classifier", confidence=1.0, at=""),
            "documents": filled(DOCUMENTS, [document]),
        }  # fmt: skip

    return frames
