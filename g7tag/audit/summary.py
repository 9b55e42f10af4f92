"""Check the tables that sum up a whole report against its chapters, and against themselves."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from g7tag.audit.findings import HIGH, Row, finding
from g7tag.audit.printed import printed_like
from g7tag.scoring import compliance_percent, signed

_TABLES = {
    "scores": "the table of scores",
    "by_member": "the table by member",
    "by_commitment": "the table by commitment",
}


def summary_findings(summary: pd.DataFrame, members: pd.DataFrame) -> list[Row]:
    """Return where a table says another score than a chapter, or an average that the scores do not give.

    Averages are checked against the chapters' published scores where all that they average were read, else against the
    document's table of scores where it was read whole, else not at all.

    Parameters
    ----------
    summary
        The summary frame; no rows give no findings.
    members
        The members frame: the published scores of the chapters that were read.
    """
    averages = (_averages(its, members) for _, its in summary.groupby("document_id", sort=False))
    return [*_scores(summary, members), *(row for found in averages for row in found)]


def _scores(summary: pd.DataFrame, members: pd.DataFrame) -> Iterator[Row]:
    """Scores of the table beside those of the chapters."""
    joined = _single(summary).merge(members, on=["commitment_id", "member"], how="inner", validate="many_to_one")
    differ = joined[joined["published_score"].notna() & (joined["value"] != joined["published_score"])]
    for row in differ.to_dict("records"):
        scores = f"{signed(int(row['value']))}, the chapter's heading {signed(row['published_score'])}"
        subject = f"{row['commitment_id']}/{row['code']}"
        yield finding("summary_score", HIGH, subject, f"the summary table says {scores}.", member=row["member"])


def _averages(summary: pd.DataFrame, members: pd.DataFrame) -> Iterator[Row]:
    """Averages of one document's tables beside the scores that they average."""
    listed = set(summary["commitment_id"]) - {""}
    published = members.rename(columns={"published_score": "value"})
    table = _single(summary)
    for row in summary[(summary["commitment_id"] == "") | (summary["member"] == "")].to_dict("records"):
        commitment, member = str(row["commitment_id"]), str(row["member"])
        wanted = {commitment} if commitment else listed
        scores = next((its for its in (published, table) if wanted <= set(its["commitment_id"])), None)
        if scores is not None:
            its = scores[scores["commitment_id"].isin(wanted) & ((scores["member"] == member) | (member == ""))]
            subject = "/".join(filter(None, [commitment, member])) or str(row["document_id"])
            yield from _average(subject, row, _means(its))


def _means(scores: pd.DataFrame) -> list[float]:
    """The mean of scores, and the mean of the commitments' means, which is another where some lack a member."""
    if scores.empty or scores["value"].isna().any():
        return []
    values = scores["value"].astype("float64")
    return [float(values.mean()), float(values.groupby(scores["commitment_id"]).mean().mean())]


def _average(subject: str, row: Row, means: Sequence[float]) -> Iterator[Row]:
    """One average and its percentage, beside what the scores give."""
    shown = {
        "summary_average": (float(row["value"]), list(means), 2),
        "summary_percentage": (float(row["percent"]), [compliance_percent(mean) for mean in means], 0),
    }
    for check, (printed, computed, decimals) in shown.items():
        fits = [printed_like(value, printed, decimals=decimals) for value in computed]
        if not math.isnan(printed) and fits and not any(fits):
            name, table = check.removeprefix("summary_"), _TABLES[str(row["table"])]
            told = f"{table} gives the {name} {printed:g}, the scores give {computed[0]:.4g}."
            yield finding(check, HIGH, subject, told, member=str(row["member"]))


def _single(summary: pd.DataFrame) -> pd.DataFrame:
    """The single scores of a summary."""
    return summary[(summary["table"] == "scores") & (summary["commitment_id"] != "") & (summary["member"] != "")]
