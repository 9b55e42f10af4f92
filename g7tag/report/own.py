"""The part of a run that is on the codebook's commitment: a report may hold several commitments."""

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import Frames

_NOT_CUT = frozenset({"commitments"})  # they are counted
_IDS = ("subject", "proof")


def own_frames(frames: Frames, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return the frames of a run with the rows of the codebook's commitment."""
    own = {name: _own(name, frame, codebook) for name, frame in frames.items()}
    if "sentences" in own:
        others = set(frames["sentences"]["sentence_id"]) - set(own["sentences"]["sentence_id"])
        for name in ("tags", "marks", "annotations", "labels"):
            if name in own:
                own[name] = own[name][~own[name]["sentence_id"].isin(others)].reset_index(drop=True)
    if "findings" in own:
        known = set(frames["commitments"]["commitment_id"]) if "commitments" in frames else set()
        own["findings"] = own_findings(own["findings"], codebook.commitment.id, commitments=known)
    return own


def own_findings(findings: pd.DataFrame, commitment: str, *, commitments: set[str]) -> pd.DataFrame:
    """Return the findings that name a commitment, or none, in their subject or proof."""
    named = [
        {each.partition("/")[0] for column in _IDS for each in str(row[column]).split(";")}
        for row in findings[list(_IDS)].to_dict("records")
    ]
    kept = [commitment in ids or not ids & commitments for ids in named]
    return findings[pd.Series(kept, index=findings.index, dtype="bool")].reset_index(drop=True)


def _own(name: str, frame: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    if "commitment_id" not in frame or name in _NOT_CUT:
        return frame
    return frame[frame["commitment_id"] == codebook.commitment.id].reset_index(drop=True)
