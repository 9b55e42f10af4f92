"""Check that a report is consistent: its scores, averages, summary tables and summit year."""

import math
import re
from collections.abc import Iterator, Sequence

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, Row, finding, member_id
from g7tag.scoring import compliance_percent, signed
from g7tag.text import counted

_PRINTED = {"table_score": "the table", "heading_score": "the heading", "stated_score": "the closing line"}
_SUMMIT = re.compile(r"\b(\d{4}) G[78] ((?:[A-Z][\w'’-]+ ){1,3})Summit\b")
_FRONT = 5000  # number of characters at the start of a report that name its summit
_TABLES = {
    "scores": "the table of scores", "by_member": "the table by member", "by_commitment": "the table by commitment",
}  # fmt: skip


def printed_findings(documents: pd.DataFrame, commitments: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    """Return inconsistent scores, averages and summit years of all commitments of the report."""
    return [
        *_scores(members),
        *_averages(commitments, members),
        *(row for document in documents.to_dict("records") for row in _summit_years(document, commitments)),
    ]


def printed_like(value: float, printed: float, *, decimals: int) -> bool:
    """Return whether a number rounds to the printed number; a half may be rounded up or down."""
    return math.isclose(value, printed, abs_tol=0.5 * 10.0**-decimals + 1e-9)


def _scores(members: pd.DataFrame) -> list[Row]:
    rows = []
    for member in members.to_dict("records"):
        found = {where: member[name] for name, where in _PRINTED.items() if not pd.isna(member[name])}
        if len(set(found.values())) > 1:
            scores = ", ".join(f"{where} says {signed(score)}" for where, score in found.items())
            message = f"{scores}. Expected the same score everywhere."
            rows.append(finding("printed_scores", HIGH, member_id(member), message, member=member["member"]))
    return rows


def _averages(commitments: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    rows = []
    for commitment in commitments.to_dict("records"):
        scores = members.loc[members["commitment_id"] == commitment["commitment_id"], "published_score"]
        mean = float(scores.mean()) if scores.notna().all() and len(scores) else math.nan
        average, percent = float(commitment["printed_average"]), float(commitment["printed_percent"])
        for name, value, shown, decimals in (
            ("average", mean, average, 2),
            ("percentage", compliance_percent(mean), percent, 0),
        ):
            if not math.isnan(value + shown) and not printed_like(value, shown, decimals=decimals):
                message = f"the printed {name} is {shown:g}, but the {len(scores)} published scores give {value:.4g}."
                rows.append(finding(f"printed_{name}", HIGH, str(commitment["commitment_id"]), message))
    return rows


def _summit_years(document: Row, commitments: pd.DataFrame) -> list[Row]:
    """Mentions of the report's summit with a year that differs from the title page."""
    text = str(document["text"])
    summit = _SUMMIT.search(text[:_FRONT])
    if not summit:
        return []
    year, place = summit[1], summit[2].strip()
    named = re.compile(rf"\b(\d{{4}}) (?:G[78] )?{re.escape(place)} (?:G[78] )?Summit\b")
    others = [match for match in named.finditer(text) if match[1] != year]
    ids = commitments.loc[commitments["document_id"] == document["document_id"], "commitment_id"]
    subject = ids.iloc[0] if len(ids) == 1 else str(document["name"])
    return [
        finding(
            "wrong_summit_year", LOW, subject,
            f"the {place} Summit is dated {', '.join(sorted({match[1] for match in others}))} "
            f"({counted(len(others), 'time')}), but the title says {year}.",
            proof=[f"character {match.start()}" for match in others],
        )
    ] if others else []  # fmt: skip


def summary_findings(summary: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    """Return scores in summary tables that differ from the chapters, and averages that differ from the scores."""
    averages = (_table_averages(group, members) for _, group in summary.groupby("document_id", sort=False))
    return [*_table_scores(summary, members), *(row for found in averages for row in found)]


def _table_scores(summary: pd.DataFrame, members: pd.DataFrame) -> Iterator[Row]:
    """Scores of the table that differ from the chapters."""
    joined = _single(summary).merge(members, on=["commitment_id", "member"], how="inner", validate="many_to_one")
    differ = joined[joined["published_score"].notna() & (joined["value"] != joined["published_score"])]
    for row in differ.to_dict("records"):
        table, heading = signed(row["value"]), signed(row["published_score"])
        message = f"the summary table says {table}, but the chapter's heading says {heading}."
        yield finding("summary_score", HIGH, member_id(row), message, member=row["member"])


def _table_averages(summary: pd.DataFrame, members: pd.DataFrame) -> Iterator[Row]:
    """Averages of one document's tables that differ from the averaged scores."""
    listed = set(summary["commitment_id"]) - {""}
    published = members.rename(columns={"published_score": "value"})
    table = _single(summary)
    for row in summary[(summary["commitment_id"] == "") | (summary["member"] == "")].to_dict("records"):
        commitment, member = str(row["commitment_id"]), str(row["member"])
        wanted = {commitment} if commitment else listed
        scores = next((frame for frame in (published, table) if wanted <= set(frame["commitment_id"])), None)
        if scores is not None:
            averaged = scores[scores["commitment_id"].isin(wanted) & ((scores["member"] == member) | (member == ""))]
            subject = "/".join(filter(None, [commitment, member])) or str(row["document_id"])
            yield from _average(subject, row, _means(averaged))


def _means(scores: pd.DataFrame) -> list[float]:
    """The mean of scores and the mean of the commitments' means, which differ if a commitment lacks a member."""
    if scores.empty or scores["value"].isna().any():
        return []
    values = scores["value"].astype("float64")
    return [float(values.mean()), float(values.groupby(scores["commitment_id"]).mean().mean())]


def _average(subject: str, row: Row, means: Sequence[float]) -> Iterator[Row]:
    """An average and its percentage that differ from the scores."""
    shown = {
        "summary_average": (float(row["value"]), list(means), 2),
        "summary_percentage": (float(row["percent"]), [compliance_percent(mean) for mean in means], 0),
    }
    for check, (printed, computed, decimals) in shown.items():
        fits = [printed_like(value, printed, decimals=decimals) for value in computed]
        if not math.isnan(printed) and fits and not any(fits):
            name, table = check.removeprefix("summary_"), _TABLES[str(row["table"])]
            message = f"{table} gives the {name} {printed:g}, but the scores give {computed[0]:.4g}."
            yield finding(check, HIGH, subject, message, member=str(row["member"]))


def _single(summary: pd.DataFrame) -> pd.DataFrame:
    """The scores of single members in a summary."""
    return summary[(summary["table"] == "scores") & (summary["commitment_id"] != "") & (summary["member"] != "")]
