"""Rows of people's annotations."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from g7tag.frames import ANNOTATIONS, build
from g7tag.store import label_id

ROW = {
    "text_sha256": "h", "annotator": "Ada", "kind": "analyst", "dimensions": "counter", "strength": "weak",
    "act": "done", "exclusion": "", "contradicts": False, "confidence": None, "note": "=1+1 «é»\nline", "blind": True,
    "occasion": "label", "codebook_version": "1", "at": "2026-01-01T00:00:00.000+00:00", "supersedes": "",
}  # fmt: skip


@pytest.fixture(scope="session")
def labels() -> Callable[..., pd.DataFrame]:
    """Return labels of sentences by Ada, named by their content; changes replace cells of all rows."""

    def labels(*ids: str, **changes: Any) -> pd.DataFrame:
        rows = [{"sentence_id": each, **ROW, **changes} for each in ids]
        return build(ANNOTATIONS, [{"annotation_id": label_id(row), **row} for row in rows])

    return labels
