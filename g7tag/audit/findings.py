"""A finding: what was checked, about what, how grave, in which words, and the ids that prove it."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

Row = dict[Any, Any]
HIGH, MEDIUM, LOW = "high", "medium", "low"
_MOST_NAMED = 6


def finding(
    check: str, severity: str, subject: str, message: str, *, member: str = "", proof: Iterable[str] = ()
) -> Row:
    """Return one row of the findings frame; its id is check and subject, so that it stays the same over reruns.

    Parameters
    ----------
    check, severity, subject, message, member
        Columns of the frame. `high`: a score, or what decides one, is in doubt; `medium`: evidence is; `low`: a slip.
    proof
        Ids that prove it; none: the subject.

    Examples
    --------
    >>> finding("cut_off", LOW, "2024-19/GBR-05", "it stops.")["finding_id"]
    'cut_off:2024-19/GBR-05'
    """
    return {
        "finding_id": f"{check}:{subject}", "check": check, "severity": severity, "member": member, "subject": subject,
        "message": message, "proof": ";".join(dict.fromkeys(proof)) or subject,
    }  # fmt: skip


def named(ids: Iterable[str]) -> str:
    """Return ids in a row, the first few by name and the rest counted; the commitment's part is said once.

    Examples
    --------
    >>> named(["2024-19/GBR-05", "2024-19/GBR-06"])
    'GBR-05, GBR-06'
    """
    short = [each.rpartition("/")[2] for each in ids]
    rest = f" and {len(short) - _MOST_NAMED} more" if len(short) > _MOST_NAMED else ""
    return ", ".join(short[:_MOST_NAMED]) + rest


def day(date: pd.Timestamp) -> str:
    """Return a day as reports print it.

    Examples
    --------
    >>> day(pd.Timestamp("2024-06-03"))
    '3 June 2024'
    """
    return f"{date.day} {date:%B %Y}"
