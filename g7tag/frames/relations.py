"""Check that the frames of a run fit each other: what one names, another one or the codebook has."""

from collections.abc import Collection, Mapping

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError
from g7tag.text import counted

_NAMED = {
    "document_id": "documents", "commitment_id": "commitments", "item_id": "items", "sentence_id": "sentences",
    "item_ids": "items", "candidate_ids": "items", "sentence_ids": "sentences",
}  # fmt: skip
"""Columns that name rows of another frame by its key."""
_OWN_WORDS = ("summary", "annotations", "findings")
"""Frames that may name what the run does not have: a title that is printed, a sentence that was labelled earlier."""
_MAY_BE_EMPTY = ("named_only", "dimensions", "exclusion", "item_ids", "candidate_ids", "sentence_ids")


def require_related(frames: Mapping[str, pd.DataFrame], codebook: Codebook, *, source: str) -> None:
    """Raise a `FrameError` if a frame of a run names a member, dimension or row that the run does not have."""
    rows = {column: set(frames[of].iloc[:, 0]) for column, of in _NAMED.items() if of in frames}
    words: dict[str, Collection[str]] = {
        **dict.fromkeys(("member", "members", "named_only"), codebook.codes),
        **dict.fromkeys(("dimension", "dimensions"), codebook.dimension_keys),
        "exclusion": codebook.exclusion_keys,
        "reading": [reading.name for reading in codebook.readings],
    }
    for name, frame in frames.items():
        if name in _OWN_WORDS:
            continue
        own = frame["commitment_id"] == codebook.commitment.id if "commitment_id" in frame else slice(None)
        for column, known in {**rows, **words}.items():
            if column in frame:
                parts = frame[column][slice(None) if column in rows else own].str.split(";").explode()
                wrong = parts[~parts.isin(known) & ~((parts == "") & (column in _MAY_BE_EMPTY))]
                if len(wrong):
                    msg = (
                        f"{source}: the frames do not fit each other\n  column {column!r} of {name}, row "
                        f"{wrong.index[0]}: {wrong.iloc[0][:60]!r} is not in the run ({counted(len(wrong), 'row')})\n"
                        "Ask who made the run for a new copy, or read the reports into a new directory."
                    )
                    raise FrameError(msg)
