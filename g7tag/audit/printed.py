"""Check what a report prints against itself: its scores, their average, and the year of its summit."""

import math
import re

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, Row, counted, finding
from g7tag.scoring import compliance_percent, signed

_PRINTED = {"table_score": "the table", "heading_score": "the heading", "stated_score": "the closing line"}
_SUMMIT = re.compile(r"\b(\d{4}) G[78] ((?:[A-Z][\w'’-]+ ){1,3})Summit\b")
_FRONT = 5000  # characters of a report that name its summit


def printed_findings(documents: pd.DataFrame, commitments: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    """Return what does not fit in scores, averages and summit years, of every commitment of the report."""
    return [
        *_scores(members),
        *_averages(commitments, members),
        *(row for document in documents.to_dict("records") for row in _summit_years(document, commitments)),
    ]


def printed_like(value: float, printed: float, *, decimals: int) -> bool:
    """Return whether a number rounds to the printed one; a half may be rounded either way.

    Examples
    --------
    >>> printed_like(0.375, 0.38, decimals=2), printed_like(0.25, 0.38, decimals=2)
    (True, False)
    """
    return math.isclose(value, printed, abs_tol=0.5 * 10.0**-decimals + 1e-9)


def _scores(members: pd.DataFrame) -> list[Row]:
    rows = []
    for member in members.to_dict("records"):
        found = {where: member[name] for name, where in _PRINTED.items() if not pd.isna(member[name])}
        if len(set(found.values())) > 1:
            said = ", ".join(f"{where} says {signed(score)}" for where, score in found.items())
            subject = f"{member['commitment_id']}/{member['code']}"
            rows.append(
                finding("printed_scores", HIGH, subject, f"{said}; expected one score.", member=member["member"])
            )
    return rows


def _averages(commitments: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    rows = []
    for commitment in commitments.to_dict("records"):
        its = members.loc[members["commitment_id"] == commitment["commitment_id"], "published_score"]
        mean = float(its.mean()) if its.notna().all() and len(its) else math.nan
        average, percent = float(commitment["printed_average"]), float(commitment["printed_percent"])
        for name, value, shown, decimals in (
            ("average", mean, average, 2),
            ("percentage", compliance_percent(mean), percent, 0),
        ):
            if not math.isnan(value + shown) and not printed_like(value, shown, decimals=decimals):
                message = f"the printed {name} is {shown:g}, the {len(its)} published scores give {value:.4g}."
                rows.append(finding(f"printed_{name}", HIGH, str(commitment["commitment_id"]), message))
    return rows


def _summit_years(document: Row, commitments: pd.DataFrame) -> list[Row]:
    """The report's own summit under another year than on its title page."""
    text = str(document["text"])
    summit = _SUMMIT.search(text[:_FRONT])
    if not summit:
        return []
    year, place = summit[1], summit[2].strip()
    named = re.compile(rf"\b(\d{{4}}) (?:G[78] )?{re.escape(place)} (?:G[78] )?Summit\b")
    others = [match for match in named.finditer(text) if match[1] != year]
    its = commitments.loc[commitments["document_id"] == document["document_id"], "commitment_id"]
    subject = its.iloc[0] if len(its) == 1 else str(document["name"])
    return [
        finding(
            "summit_year", LOW, subject,
            f"the {place} Summit is put in {', '.join(sorted({match[1] for match in others}))} "
            f"({counted(len(others), 'time')}); the title says {year}.",
            proof=[f"character {match.start()}" for match in others],
        )
    ] if others else []  # fmt: skip
