"""Frames as tables and lines of text, for terminals and pages."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from g7tag.audit import score_text
from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.labels import label_kinds
from g7tag.scoring import CLEAR, P_COLUMNS, averages, reconcile, signed, threshold_table
from g7tag.store import PEOPLE
from g7tag.text import counted, enumerated, first_few

if TYPE_CHECKING:
    from g7tag.batch import TaggedFile


def heading(documents: pd.DataFrame, codebook: Codebook) -> str:
    """Return the heading of the tables and the page of a run."""
    return f"Commitment {codebook.commitment.id}, {codebook.commitment.title}: {', '.join(documents['name'])}"


def run_table(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the score table of a run as text: a row for each member, then the average and the compliance."""
    scores, headings = reconcile(frames["scores"]), reading_headings(codebook)
    shown = pd.DataFrame({"Member": scores["member"], "Published": scores["published_score"].map(signed)})
    for name, label in headings.items():
        shown[label] = scores[name].map(signed)
    shown = shown.assign(Probability=scores["chance"].map(percent), Verdict=scores["verdict"])
    matrix = frames["evidence_matrix"]
    cells = matrix.assign(cell=[_level_cell(row) for row in matrix.to_dict("records")])
    levels = cells.pivot(index="member", columns="dimension", values="cell")
    for key in codebook.dimension_keys:
        shown[key] = scores["member"].map(levels[key])
    means = averages(frames["scores"])
    means = means.set_index(means["scores"].map({"published": "Published"} | headings))
    last = [
        {"Member": "Average", **means["mean"].map("{:+.2f}".format, na_action="ignore")},
        {"Member": "Compliance", **means["percent"].map("{:.0f}%".format, na_action="ignore")},
    ]
    return pd.concat([shown, pd.DataFrame(last, dtype="object").fillna("none")], ignore_index=True).fillna("")


def _level_cell(row: Mapping[Any, Any]) -> str:
    """Return the level and the numbers of strong and weak items of a cell of the evidence matrix."""
    if not row["n_strong"] + row["n_weak"]:
        return str(row["level"])
    return f"{row['level']}: {row['n_strong']}\u00a0strong, {row['n_weak']}\u00a0weak"


def narrow_tables(table: pd.DataFrame, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a score table as two that fit a terminal: with the levels, and with the items behind them."""
    keys = list(codebook.dimension_keys)
    parts = {key: table[key].str.partition(": ") for key in keys}
    levels = table.assign(**{key: cells[0] for key, cells in parts.items()})
    items = table[["Member"]].assign(**{key: cells[2].replace("", "no item") for key, cells in parts.items()})
    return levels, items[table[keys[0]] != ""]


def board_table(board: pd.DataFrame) -> pd.DataFrame:
    """Return the board of a project as text that fits a terminal: a row for each chapter."""

    def part(row: Mapping[Any, Any], some: str, every: str) -> str:
        return "" if pd.isna(row[some]) else f"{row[some]} of {row[every]}"

    rows = [
        {
            "Run": row["directory"], "Chapter": row["commitment_id"], "Next": row["blocked_by"],
            "Labelled": part(row, "n_labelled", "n_doubtful"), "Conflicts": row["n_conflicts"],
            "Decided": part(row, "n_decided", "n_scores"), "High findings": row["n_high"],
            "Labelled by": row["labelled_by"], "Planned": row["planned"],
        }
        for row in board.to_dict("records")
    ]  # fmt: skip
    table = pd.DataFrame(rows, dtype="object").fillna("")
    return table.loc[:, (table != "").any()]


def run_thresholds(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return each member's suggested score by the number of strong items required for a strong level, as text."""
    thresholds = frames["thresholds"]
    if thresholds.empty:
        return pd.DataFrame({"Member": pd.Series(dtype="str")})
    shown = thresholds.assign(
        cell=thresholds["suggested_score"].map(score_text) + thresholds["changes"].map({True: "*", False: ""})
    )
    cells = shown.groupby(["member", "min_strong_items"], sort=False)["cell"].agg(
        lambda each: " or ".join(dict.fromkeys(each))
    )
    table = cells.unstack().reindex(thresholds["member"].drop_duplicates())
    counts = threshold_table(thresholds, frames["members"]).set_index("min_strong_items")
    for name, label in reading_headings(codebook, before="Published scores matched").items():
        agreeing = counts[name].astype("str") + " of " + counts["n"].astype("str")
        table.loc[label] = agreeing.reindex(table.columns)
    named = {least: counted(int(least), "item") for least in table.columns}
    return table.rename(columns=named).rename_axis(index="Member", columns=None).reset_index()


def run_values(frames: Frames, codebook: Codebook) -> dict[str, Any]:
    """Return the score table as JSON values: numbers as numbers, null if there is no score."""
    parts = {name: frames[name] for name in ("scores", "evidence_matrix")} | {"averages": averages(frames["scores"])}
    records = {name: json.loads(part.to_json(orient="records")) for name, part in parts.items()}
    return {"heading": heading(frames["documents"], codebook), **records}


def reading_headings(codebook: Codebook, *, before: str = "Suggested") -> dict[str, str]:
    """Return the heading of each reading, by its name: "Suggested (table)" for the label "Table"."""
    labels = {reading.name: reading.label for reading in codebook.readings}
    lower = {name: f"{label[:1].lower()}{label[1:]}" for name, label in labels.items() if not label[1:2].isupper()}
    shown = labels | lower
    shown = shown if len(set(shown.values())) == len(shown) else labels
    return {name: f"{before} ({label})" for name, label in shown.items()}


def percent(share: float) -> str:
    """Return a share as a rounded percentage, never 0% or 100%; "none" if it is NaN."""
    if pd.isna(share):
        return "none"
    return ">99%" if share > 0.995 else "<1%" if share < 0.005 else f"{share:.0%}"


def right_text(share: float) -> str:
    """Return `p_right` as a percentage, rounded down, so that what is shown is below the limit if the share is."""
    if pd.isna(share):
        return ""
    return ">99%" if share > 0.995 else "<1%" if share < 0.01 else f"{math.floor(share * 100 + 1e-9)}%"


def reason_words(reason: str, limit: float) -> str:
    """Return why a tag needs review, in words."""
    return (
        f"under {limit:.0%} likely right" if reason == "unlikely" else value_word("review_reason", reason).name.lower()
    )


def doubts_of(tags: pd.DataFrame) -> pd.Series:
    """Return why each tag needs review, in words, by sentence_id; "" if it does not."""
    pairs = zip(tags["review_reason"], tags["review_below"], strict=True)
    return pd.Series([reason_words(reason, limit) for reason, limit in pairs], index=tags["sentence_id"], dtype="str")


def doubtful_text(tags: pd.DataFrame, verb: str = "") -> str:
    """Return how many tags are doubtful, with the limit and the number for each reason."""
    counts = tags.loc[tags["review_reason"] != "", "review_reason"].value_counts()
    limit = tags["review_below"].max()  # none if nothing is tagged
    numbers = ({} if pd.isna(limit) else {"unlikely": 0}) | {str(reason): int(n) for reason, n in counts.items()}
    words = ", ".join(f"{n} {reason_words(reason, limit)}" for reason, n in numbers.items())
    return " ".join(filter(None, [str(counts.sum()), verb, "doubtful"])) + (f": {words}" if words else "")


def score_shares(row: Mapping[Any, Any]) -> dict[int | None, float] | None:
    """Return the probability of each score and, under None, of no score; None if they are unknown."""
    known: dict[int | None, float] = {score: float(row[column]) for score, column in P_COLUMNS.items()}
    if any(pd.isna(share) for share in known.values()):
        return None
    return {**known, None: max(1 - sum(known.values()), 0.0)}


def shares_text(row: Mapping[Any, Any]) -> str:
    """Return the probability of each score as text; those that would round to 0.0% are left out."""
    shares = score_shares(row) or {}
    texts = [f"{percent(share)} for {score_text(score)}" for score, share in shares.items() if share >= 0.0005]
    return ", ".join(texts) or "unknown"


def star(row: Mapping[Any, Any]) -> str:
    """Return a star if the published score is not the most probable one, or if no score reaches `CLEAR`."""
    shares = score_shares(row)
    if shares is None:
        return ""
    best = max(shares, key=lambda score: shares[score])
    differs: bool = not pd.isna(row["published_score"]) and row["published_score"] != best
    return " *" if differs or shares[best] < CLEAR else ""


def legend(codebook: Codebook) -> str:
    """Return an explanation of the columns of the score table."""
    readings = "; ".join(f"{heading}: reading {name}" for name, heading in reading_headings(codebook).items())
    least = codebook.min_strong_items
    enough = f"{counted(least, 'strong item')} {'makes' if least == 1 else 'make'} it strong"
    return (
        f"{readings}. Probability: how likely the suggested score is if the labels are as uncertain as the tagger "
        f"says (the lowest of the readings); below {CLEAR:.0%} it is too close to call. Dimensions: the level of the "
        f"member; {enough}. People decide the final scores."
    )


def reconciliation_text(reconciled: pd.DataFrame) -> str:
    """Return one sentence that compares the suggested scores with the published ones."""
    agrees = reconciled["verdict"] == "agrees"
    others = reconciled[~agrees].groupby("verdict", sort=True)["member"].agg(", ".join)
    rest = "".join(f"; {verdict}: {members}" for verdict, members in others.items())
    return f"Suggested and published scores agree for {agrees.sum()} of {counted(len(reconciled), 'member')}{rest}."


def counts_text(frames: Frames) -> str:
    """Return one line with the counts of a run and the ids of all rows whose status is not ok."""
    tags = frames["tags"]
    doubtful = tags.loc[tags["needs_review"], "sentence_id"]
    n_labelled = int(doubtful.map(label_kinds(frames["labels"], frames["annotations"])).isin(PEOPLE).sum())
    those = "all" if n_labelled == len(doubtful) else f"{n_labelled} of them"
    doubt = doubtful_text(tags) + (f"; {those} labelled by people" if n_labelled else "")
    counts = [
        counted(len(frames["items"]), "item"), f"{counted(len(tags), 'sentence')} tagged ({doubt})",
        counted(len(frames["findings"]), "finding"),
    ]  # fmt: skip
    others = [
        f"{first_few(list(rows[key]), most=3)} {str(status).replace('_', ' ')}"
        for name, key in (("documents", "document_id"), ("items", "item_id"), ("tags", "sentence_id"))
        for status, rows in frames[name].groupby("status", sort=False)
        if status != "ok"
    ]
    return f"{', '.join(counts)}; {', '.join(others)}." if others else f"{', '.join(counts)}."


def others_text(commitments: pd.DataFrame, codebook: Codebook) -> str:
    """Return which commitments of the reports the codebook is not on; "" if it is on all of them."""
    others = [each for each in commitments["commitment_id"] if each != codebook.commitment.id]
    if not others:
        return ""
    return (
        f"The codebook {codebook.id} is on commitment {codebook.commitment.id}. "
        f"Nothing is labelled, tagged or scored for {enumerated(others)}."
    )


def tagged_lines(done: "TaggedFile") -> list[str]:
    """Return lines on a tagged file: its rows, the rejected rows with reasons, and the number of doubtful sentences."""
    parts = "1 part was" if done.kept == 1 else f"{done.kept} parts were"
    kept = f" ({parts} finished before)" if done.kept else ""
    counts = f"{counted(done.rows, 'row')}: {done.tagged} tagged{kept}, {done.rejected} rejected"
    named = [f"row {reject.row}: {reject.reason}." for reject in done.first]
    doubt = f"under {done.limit:.0%} likely right, or another review_reason"
    closing = f"{counted(done.tagged, 'sentence')} tagged, {done.doubtful} of them doubtful ({doubt})."
    if not done.rejected:
        return [f"{counts}.", closing]
    if done.rejects is None:
        return [f"{counts}. The first:", *(f"  {line}" for line in named), closing]
    return [f"{counts}; see {done.rejects}. The first is {named[0]}", closing]


def deciding_lines(behind: pd.DataFrame) -> list[str]:
    """Return, for each member whose suggested score depends on one item, the items that could change it."""
    deciding = behind[behind["decides"] == "score"]
    deciding = deciding.assign(item=[each.rpartition(".")[0] for each in deciding["sentence_id"]])
    lines = []
    for member, rows in deciding.groupby("member", sort=False):
        doubts = rows.groupby("item", sort=False)["needs_review"].any()
        items = pd.Series([f"{item} (doubtful)" if doubt else str(item) for item, doubt in doubts.items()])
        lines.append(
            f"{member}: any one of these items can change the suggested score: {first_few(list(items), most=6)}."
        )
    return lines


def ingested_table(members: pd.DataFrame, items: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return for each member its published score and its numbers of items, incomplete items and sentences."""
    keys = ["commitment_id", "member"]
    groups = items.assign(incomplete=items["status"] != "ok").groupby(keys, sort=False)
    counts = groups.agg(items=("item_id", "size"), incomplete=("incomplete", "sum"))
    n_sentences = sentences.groupby(keys, sort=False).size().rename("sentences")
    table = members[[*keys, "published_score"]].join(counts, on=keys).join(n_sentences, on=keys)
    numbers = ["items", "incomplete", "sentences"]
    return table.assign(**{name: table[name].fillna(0).astype("int64") for name in numbers})
