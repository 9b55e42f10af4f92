"""Rows of the gaps frame and messages about inputs that cannot be used."""

from collections.abc import Sequence
from typing import Any


def gap_row(name: str, part: str, kind: str, reason: str) -> dict[str, Any]:
    """Return a row of the gaps frame: file name, part of the file, kind of gap, and reason."""
    return {"name": name, "part": part, "kind": kind, "reason": reason}


def join_messages(reasons: Sequence[str]) -> str:
    """Return one message for several inputs that cannot be used."""
    if len(reasons) == 1:
        return reasons[0]
    return "\n  ".join([f"none of the {len(reasons)} reports can be used:", *reasons])
