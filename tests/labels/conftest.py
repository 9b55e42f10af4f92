"""Sentences, and annotations of them, from what a test says about each."""

import pytest
from frame_rows import annotations_of, filled

from g7tag.frames import SENTENCES
from g7tag.store import text_sha256


@pytest.fixture(scope="session")
def sentences():
    """Return sentences with these ids, three of each item, of the members in turn."""
    return lambda ids, members=("Japan",): filled(SENTENCES, [
        {"sentence_id": each, "item_id": f"i{at // 3}", "member": members[at % len(members)], "position": at + 1}
        | {"text": f"Text of {each}.", "start": 0, "end": 7}
        for at, each in enumerate(ids)
    ])  # fmt: skip


@pytest.fixture(scope="session")
def annotations():
    """Return annotations named a0, a1, ...: blind labels of s0 by an analyst, unless a row says something else."""

    def annotations(*given):
        rows = []
        for number, own in enumerate(given):
            row = {"annotation_id": f"a{number}", "sentence_id": "s0", "annotator": "Ada", "occasion": "label", **own}
            row["text_sha256"] = text_sha256(row.get("text", f"Text of {row['sentence_id']}."))
            if row["occasion"] == "withdrawn":  # takes the last label of this person back
                same = [each for each in rows if all(each[key] == row[key] for key in ("sentence_id", "annotator"))]
                row["supersedes"] = same[-1]["annotation_id"] if same else ""
            rows.append(row)
        return annotations_of(rows, dimensions="counter", strength="weak", act="done", blind=True)

    return annotations
