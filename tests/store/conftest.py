"""Rows of people's annotations."""

import pytest
from frame_rows import annotations_of

from g7tag.store import label_id


@pytest.fixture(scope="session")
def labels():
    """Return labels of sentences by Ada, named by their content; changes replace cells of all rows."""
    usual = {"text_sha256": "h", "dimensions": "counter", "strength": "weak", "act": "done", "blind": True}
    usual |= {"note": "=1+1 «é»\nline"}

    def labels(*ids, **changes):
        rows = annotations_of([{"sentence_id": each} for each in ids], **usual | changes)
        return rows.assign(annotation_id=[label_id(row) for row in rows.to_dict("records")])

    return labels
