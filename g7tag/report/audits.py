"""What an audit says: what matters first, why each score is what it is and what would change it, the findings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.report.tables import percent
from g7tag.scoring import P_COLUMNS, PROBLEMS, item_levels, signed

Frames = Mapping[str, pd.DataFrame]
_LONGEST_QUOTE = 600
_SHOWN = 0.0005  # shares below it are left out


def headline(findings: pd.DataFrame) -> str:
    """Return in one line how much was found, and the gravest of it.

    Examples
    --------
    >>> headline(pd.DataFrame({"severity": [], "subject": [], "message": []}))
    'No findings.'
    """
    if findings.empty:
        return "No findings."
    counts = findings["severity"].value_counts()
    said = ", ".join(f"{counts[severity]} {severity}" for severity in ("high", "medium", "low") if severity in counts)
    first = findings.iloc[0]
    return f"{len(findings)} findings ({said}). First of all: {first['subject']}: {first['message']}"


def member_reasons(frames: Frames, codebook: Codebook) -> dict[str, list[str]]:
    """Return for each member, in lines, why its suggested score is what it is and what would change it.

    Parameters
    ----------
    frames
        items, sentences, labels, evidence_matrix, scores, thresholds, flips, equal_evidence and findings of an
        audited run.
    codebook
        Dimensions, readings, and the number of strong items.
    """
    reasons = {}
    its = {name: frames[name] for name in ("sentences", "items")}
    levels = item_levels(frames["labels"], **its, codebook=codebook).query("strong and in_period")
    for member, scores in frames["scores"].groupby("member", sort=False):
        cells = frames["evidence_matrix"][frames["evidence_matrix"]["member"] == member]
        strong = levels[levels["member"] == member].groupby("dimension")["item_id"].agg(list).to_dict()
        lines = [_why(cells, strong, codebook), *_rules(scores), _how_sure(scores)]
        lines += _flips(frames["flips"][frames["flips"]["member"] == member], frames["sentences"], codebook)
        lines += _thresholds(frames["thresholds"][frames["thresholds"]["member"] == member], codebook)
        lines += _equal(frames["equal_evidence"][frames["equal_evidence"]["member"] == member])
        lines += _doubts(frames["findings"][frames["findings"]["member"] == member])
        reasons[f"{member}: {_scores(scores)}"] = lines
    return reasons


def findings_tables(findings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the findings by severity, as tables to print."""
    tables = {}
    for severity, its in findings.groupby("severity", sort=False):
        shown = its[["check", "subject", "message"]].set_axis(["Check", "About", "Finding"], axis=1)
        tables[f"{str(severity).capitalize()}: {len(its)}"] = shown
    return tables


def audit_values(frames: Frames, notes: Sequence[str]) -> dict[str, Any]:
    """Return an audit as JSON values: numbers as numbers, null where there is nothing, days as ISO dates."""
    names = ("findings", "scores", "flips", "thresholds", "joint_actions", "equal_evidence")
    values: dict[str, Any] = {
        name: json.loads(frames[name].to_json(orient="records", date_format="iso", double_precision=15))
        for name in names
    }
    return values | {"ledger_notes": list(notes)}


def ledger_words(cells: pd.DataFrame, rows: pd.DataFrame, stale: frozenset[str]) -> str:
    """Return in one line how the ledger stands."""
    counts = rows["status"].value_counts()
    said = ", ".join(f"{counts.get(status, 0)} {status}" for status in ("open", "decided", "dismissed"))
    old = f"; stale, since the evidence changed: {', '.join(sorted(stale))}" if stale else ""
    return f"Ledger: {len(cells)} rows, {said}{old}."


def final_table(final: pd.DataFrame) -> pd.DataFrame:
    """Return the final scores as a table to print."""
    numbers = {
        name: final[name].map(signed, na_action=None) for name in ("published_score", "suggested", "final_score")
    }
    shown = final.assign(**numbers)[
        ["member", "published_score", "suggested", "final_score", "basis", "decided_by", "why"]
    ]
    return shown.set_axis(["Member", "Published", "Suggested", "Final", "Basis", "Decided by", "Why"], axis=1)


def rubric_lines(found: pd.DataFrame) -> list[str]:
    """Return what the rubric linter found, three lines a problem."""
    return [
        line
        for row in found.to_dict("records")
        for line in (
            f"{row['reading']}: {PROBLEMS[row['problem']]}",
            f"  in {row['n_states']} of {row['of']} states: {row['states']}",
            f"  smallest: {row['witness']}",
        )
    ]


def _scores(scores: pd.DataFrame) -> str:
    suggested = dict(zip(scores["reading"], scores["suggested_score"].map(signed, na_action=None), strict=True))
    one = set(suggested.values())
    said = (
        f"suggested {one.pop()}"
        if len(one) == 1
        else "suggested " + ", ".join(f"{score} ({reading})" for reading, score in suggested.items())
    )
    return f"{said}, published {signed(scores['published_score'].iloc[0])}"


def _why(cells: pd.DataFrame, strong: Mapping[Any, Sequence[str]], codebook: Codebook) -> str:
    """The level of each dimension, with the strong items by name where the level turns on them."""
    parts = []
    for level in ("strong", "weak", "none"):
        its = cells[cells["level"] == level].to_dict("records")
        counted = ", ".join(
            f"{cell['dimension']} ({_counts(cell)}{_names(cell, strong, codebook.min_strong_items)})" for cell in its
        )
        if its:
            parts.append(f"{'no action' if level == 'none' else level} in {counted}")
    return f"Why: {'; '.join(parts)}. {codebook.min_strong_items} strong items make a dimension strong."


def _counts(cell: Mapping[Any, Any]) -> str:
    return (
        f"{cell['n_strong']} strong + {cell['n_weak']} weak items" if cell["n_strong"] + cell["n_weak"] else "no item"
    )


def _names(cell: Mapping[Any, Any], strong: Mapping[Any, Sequence[str]], least: int) -> str:
    few = 0 < cell["n_strong"] <= least
    ids = ", ".join(item.rpartition("/")[2] for item in strong.get(cell["dimension"], []))
    return f"; strong: {ids}" if few else ""


def _rules(scores: pd.DataFrame) -> Iterator[str]:
    for rule, its in scores.groupby("rule", sort=False):
        score = signed(its["suggested_score"].iloc[0])
        yield f"Rule: {rule}, so {score} ({', '.join(its['reading'])})."


def _how_sure(scores: pd.DataFrame) -> str:
    """The probabilities of the scores, once for readings that have the same."""
    parts: dict[str, list[str]] = {}
    for row in scores.to_dict("records"):
        shares = {score: row[column] for score, column in P_COLUMNS.items()}
        said = ", ".join(f"{signed(score)} {percent(share)}" for score, share in shares.items() if share >= _SHOWN)
        parts.setdefault(said or "unknown", []).append(row["reading"])
    told = "; ".join(f"{said} ({', '.join(readings)})" for said, readings in parts.items())
    return f"How sure, by the tags' probabilities: {told}."


def _flips(flips: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> Iterator[str]:
    same = flips[["size", "n_sets", "item_ids", "change", "to_score"]].drop_duplicates()
    for flip in same.to_dict("records"):
        readings = flips[(flips["item_ids"] == flip["item_ids"]) & (flips["change"] == flip["change"])]["reading"]
        under = f" under {', '.join(readings)}" if len(same) > 1 else ""
        if pd.isna(flip["size"]):
            yield f"What would change it{under}: no other label of its items would."
            continue
        n, items = flip["size"], flip["item_ids"].split(";")
        sets = f"{flip['n_sets']:,} {'items' if n == 1 else f'sets of {n} items'} could do it"
        names = ", ".join(item.rpartition("/")[2] for item in items)
        to = "no score" if pd.isna(flip["to_score"]) else signed(flip["to_score"])
        yield (
            f"What would change it{under}: other labels of {n} item{'s' if n > 1 else ''} make it {to} ({sets}). "
            f"The likeliest: {names}, so that {flip['change']}."
        )
        for item in items[:2]:
            text = " ".join(sentences.loc[sentences["item_id"] == item, "text"])
            quote = text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."
            yield f"   {item.rpartition('/')[2]}: {quote}"


def _thresholds(thresholds: pd.DataFrame, codebook: Codebook) -> Iterator[str]:
    changed = thresholds[thresholds["changes"]]
    if len(changed):
        parts = [
            f"{least} gives {', '.join(dict.fromkeys(its['suggested_score'].map(signed, na_action=None)))}"
            for least, its in changed.groupby("min_strong_items")
        ]
        yield f"Another number of strong items than {codebook.min_strong_items} would too: {', '.join(parts)}."
    else:
        least, most = thresholds["min_strong_items"].min(), thresholds["min_strong_items"].max()
        yield f"No number of strong items from {least} to {most} would."


def _equal(equal: pd.DataFrame) -> Iterator[str]:
    for row in equal.drop_duplicates("kept").head(1).to_dict("records"):
        if row["n_items"] > row["n_drawn"] and not pd.isna(row["kept"]):
            cut = f"With {row['n_drawn']} of its {row['n_items']} items, as the member with the fewest has"
            yield f"{cut}: kept in {row['kept']:.0%} of draws."


def _doubts(findings: pd.DataFrame) -> Iterator[str]:
    """The member's findings that are more than slips, but for those that the lines above tell already."""
    grave = findings[(findings["severity"] != "low") & ~findings["check"].isin(["turns_on_one", "unequal_evidence"])]
    for row in grave.to_dict("records"):
        subject = row["subject"].rpartition("/")[2]
        yield f"In doubt: {row['message']} ({row['check']}, {subject})"
