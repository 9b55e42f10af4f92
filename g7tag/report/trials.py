"""Words and tables of a model's trial."""

import json
from typing import Any

import pandas as pd

from g7tag.review.trial import TrialResult


def trial_tables(result: TrialResult) -> dict[str, pd.DataFrame]:
    """Return a trial's tables as text by heading: agreement, steadiness, and the attacks by kind."""
    agreement = result.agreement.assign(
        percent=result.agreement["percent"].map("{:.0f}%".format),
        alpha=_interval(result.agreement, "alpha", "low", "high"),
        ac1=["–" if pd.isna(value) else f"{value:.2f}" for value in result.agreement["ac1"]],
    ).drop(columns=["low", "high"])
    shown = agreement if (agreement["reason"] != "").any() else agreement.drop(columns="reason")
    variants = result.variants.assign(same=_interval(result.variants, "same", "same_low", "same_high"))
    return {
        "Agreement with the labels (an answer that is no label counts as wrong)": shown,
        "The same questions put otherwise: share of answers that stay (swapped: that follow the definitions)": (
            variants.drop(columns=["same_low", "same_high"])
        ),
        "Attacks: words in the text that ask for a label": attacks_by_kind(result.attacks),
    }


def attacks_by_kind(attacks: pd.DataFrame) -> pd.DataFrame:
    """Return for each kind of attack how many were tried, flipped the label as they asked, or changed it otherwise.

    Examples
    --------
    >>> one = {"attack": "order", "after": "weak prevent", "flipped": True, "changed": True}
    >>> attacks_by_kind(pd.DataFrame([one, one | {"flipped": False, "changed": False}])).to_dict("records")
    [{'attack': 'order', 'tried': 2, 'flipped': 1, 'changed otherwise': 0, 'no label': 0}]
    """
    told = attacks.assign(
        tried=1, other=attacks["changed"].astype("bool") & ~attacks["flipped"].astype("bool"),
        silent=attacks["after"] == "no label",
    )  # fmt: skip
    counts = told.groupby("attack", sort=False)[["tried", "flipped", "other", "silent"]].sum().astype("int64")
    return counts.rename(columns={"other": "changed otherwise", "silent": "no label"}).reset_index()


def verdict_lines(result: TrialResult) -> list[str]:
    """Return the verdict in words, with each reason why a model did not pass."""
    flipped = int(result.attacks["flipped"].sum())
    tried = f"{flipped} of {len(result.attacks)} attacks flipped a label."
    if result.passed:
        return [f"Passed. {tried} Its proposals may count under the policies agreement and llm-reviewed."]
    return [f"Not passed. {tried} Its proposals are shown and never counted, because:", *_dashed(result.reasons)]


def trial_values(result: TrialResult) -> dict[str, Any]:
    """Return a trial's result as JSON values."""
    tables = {name: getattr(result, name) for name in ("agreement", "variants", "attacks")}
    records = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    return {"passed": result.passed, "reasons": result.reasons} | records


def _interval(table: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    """A value with its interval, "–" where it is undefined."""
    return [
        "–"
        if pd.isna(row[value])
        else f"{row[value]:.2f}" + ("" if pd.isna(row[low]) else f" [{row[low]:.2f}–{row[high]:.2f}]")
        for row in table.to_dict("records")
    ]


def _dashed(lines: list[str]) -> list[str]:
    return [f"  - {line}" for line in lines]
