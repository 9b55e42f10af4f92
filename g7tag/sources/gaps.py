"""What is said of an input, or a part of one, that cannot be used."""

from collections.abc import Sequence
from typing import Any


def gap_row(name: str, part: str, kind: str, reason: str) -> dict[str, Any]:
    """Return a row of the gaps frame: the file's name, what of it, how it is missing, and why."""
    return {"name": name, "part": part, "kind": kind, "reason": reason}


def told_together(reasons: Sequence[str]) -> str:
    r"""Return the one message for several inputs none of which can be used.

    Examples
    --------
    >>> told_together(["a.pdf: is empty.", "b.pdf: is empty."])
    'none of 2 reports can be used:\n  a.pdf: is empty.\n  b.pdf: is empty.'
    """
    return reasons[0] if len(reasons) == 1 else "\n  ".join([f"none of {len(reasons)} reports can be used:", *reasons])
