"""Sentences, and annotations of them, from what a test says about each."""

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pytest

from g7tag.frames import ANNOTATIONS, SENTENCES, build
from g7tag.store import text_sha256


@pytest.fixture(scope="session")
def sentences() -> Callable[..., pd.DataFrame]:
    """Return sentences with these ids, three of each item, of the members in turn."""

    def sentences(ids: Iterable[str], members: tuple[str, ...] = ("Japan",)) -> pd.DataFrame:
        rows = [
            {
                "sentence_id": each, "item_id": f"i{at // 3}", "document_id": "d", "commitment_id": "c",
                "member": members[at % len(members)], "position": at + 1, "text": f"Text of {each}.", "start": 0,
                "end": 7,
            }
            for at, each in enumerate(ids)
        ]  # fmt: skip
        return build(SENTENCES, rows)

    return sentences


@pytest.fixture(scope="session")
def annotations() -> Callable[..., pd.DataFrame]:
    """Return annotations named a0, a1, ...: blind labels of s0 by an analyst, unless a row says something else."""

    def annotations(*given: dict[str, Any]) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for number, own in enumerate(given):
            row = {
                "annotation_id": f"a{number}", "sentence_id": "s0", "annotator": "Ada", "kind": "analyst",
                "dimensions": "counter", "strength": "weak", "act": "done", "exclusion": "", "contradicts": False,
                "confidence": None, "note": "", "blind": True, "occasion": "label", "codebook_version": "1",
                "at": "2026-01-01T00:00:00.000+00:00", "supersedes": "",
            } | own  # fmt: skip
            row["text_sha256"] = text_sha256(row.pop("text", f"Text of {row['sentence_id']}."))
            if row["occasion"] == "withdrawn":  # takes the last label of this person back
                same = [each for each in rows if all(each[key] == row[key] for key in ("sentence_id", "annotator"))]
                row["supersedes"] = same[-1]["annotation_id"] if same else ""
            rows.append(row)
        return build(ANNOTATIONS, rows)

    return annotations
