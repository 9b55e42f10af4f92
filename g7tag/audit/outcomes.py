"""Check what scores rest on: rules, readings, thresholds, single items, doubtful tags, and the amount of evidence."""

from collections.abc import Iterator

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, counted, finding, named, score_word, scores_worded
from g7tag.codebook import Codebook
from g7tag.frames import SEVERITIES
from g7tag.scoring import CLEAR, MOST_DIMENSIONS, NO_RULE, P_COLUMNS, PROBLEMS, check_codebook, signed

_RUBRIC = {
    "gap": "rubric_gap", "overlap": "rubric_overlap", "less for more": "rubric_not_monotonic",
    "readings disagree": "rubric_readings_differ",
}  # fmt: skip
_FLIP = ["size", "n_sets", "item_ids", "change", "to_score"]
_SURE = 0.9
"""Chance of a score below which one more strong item is a live question."""
_KEPT = 0.5
"""Share of equal draws below which a score rests on the number of items."""


def rubric_findings(codebook: Codebook, scores: pd.DataFrame) -> list[Row]:
    """Return what the rubric linter finds in the scoring rules, and how many members of the run it touches."""
    rows = []
    if len(codebook.dimensions) > MOST_DIMENSIONS:
        told = f"the rules have too many states to try them all: more than {MOST_DIMENSIONS} dimensions."
        return [finding("rubric_unchecked", LOW, codebook.id, told)]
    for row in check_codebook(codebook).to_dict("records"):
        readings = row["reading"].split("+")
        touched = _touched(row["problem"], scores[scores["reading"].isin(readings)])
        beside = ", with contradictory action" if row["states"].startswith("with contradictory action") else ""
        told = (
            f"{PROBLEMS[row['problem']]} in {row['n_states']} of the {row['of']} states that none, weak and strong in "
            f"each dimension can make{beside}, such as {row['witness']}. "
            f"{', '.join(touched) or 'No member'} {'are' if len(touched) > 1 else 'is'} in such a state now."
        )
        rows.append(finding(_RUBRIC[row["problem"]], MEDIUM, f"{codebook.id}/{row['reading']}", told, proof=touched))
    return rows


def _touched(problem: str, scores: pd.DataFrame) -> list[str]:
    """Members whose levels are in a gap or overlap now, or whose scores differ by reading."""
    if problem == "gap":
        its = scores[scores["rule"] == NO_RULE]
    elif problem == "overlap":
        overlapping = scores["suggested_score"].isna() & (scores["rule"] != NO_RULE)
        its = scores[_turns_on_contradiction(scores) | overlapping]
    elif problem == "readings disagree":
        different = scores.groupby("member")["suggested_score"].agg(lambda each: len(set(each.map(score_word))) > 1)
        its = scores[scores["member"].map(different).astype(bool)]
    else:
        its = scores.head(0)
    return list(dict.fromkeys(its["member"]))


def outcome_findings(
    scores: pd.DataFrame,
    thresholds: pd.DataFrame,
    flips: pd.DataFrame,
    equal: pd.DataFrame,
    members: pd.DataFrame,
    codebook: Codebook,
    seen: int,
) -> list[Row]:
    """Return where a score is missing, disputed, or rests on little.

    Parameters
    ----------
    scores, thresholds, flips, members
        Frames of one run.
    equal
        What `equal_evidence` gives.
    codebook
        Readings, and the number of strong items.
    seen
        Items of the commitment that the tagger was trained on.
    """
    codes = dict(zip(zip(members["commitment_id"], members["member"], strict=True), members["code"], strict=True))
    rows = list(_seen(codebook, seen))
    for (commitment, member), its in scores.groupby(["commitment_id", "member"], sort=False):
        subject = f"{commitment}/{codes[commitment, member]}"
        for row in (
            *_score(its, subject),
            *_turning(flips[flips["member"] == member], its, subject),
            *_unequal(equal[equal["member"] == member], equal, subject),
        ):
            rows.append(row | {"member": member})
    return rows + list(_threshold(thresholds, codebook))


def _seen(codebook: Codebook, seen: int) -> Iterator[Row]:
    if seen:
        message = (
            f"the tagger was trained on restatements of {seen} items of this commitment, so it doubts and errs less "
            "here than on a report it has not seen (`g7tag evaluate` says how much), and that suggested and published "
            "scores agree is no independent evidence."
        )
        yield finding("seen_in_training", MEDIUM, codebook.commitment.id, message)


def _score(its: pd.DataFrame, subject: str) -> Iterator[Row]:
    suggested, published = its["suggested_score"], its["published_score"].iloc[0]
    by_reading = scores_worded(dict(zip(its["reading"], suggested, strict=True)))
    for row in its[suggested.isna()].to_dict("records"):
        check = "rule_gap" if row["rule"] == NO_RULE else "rule_overlap"
        yield finding(check, HIGH, f"{subject}/{row['reading']}", f"no score under {row['reading']}: {row['rule']}.")
    if suggested.notna().all() and len(set(suggested)) > 1:
        yield finding("depends_on_reading", HIGH, subject, f"the suggested score depends on the reading: {by_reading}.")
    differing = its["agrees"].eq(other=False).fillna(value=False)
    if differing.any():
        told = f"published {signed(published)}, suggested {by_reading}."
        yield finding("score_differs", HIGH, subject, told)
    for row in its[_turns_on_contradiction(its)].to_dict("records"):
        told = (
            f"action contrary to the commitment was labelled: {score_word(row['suggested_score'])} without it, "
            f"{score_word(row['score_if_contradicted'])} if it comes first; the guidelines do not say."
        )
        yield finding("contradictory_action", HIGH, f"{subject}/{row['reading']}", told)
    unclear = [row for row in its.to_dict("records") if _chance(row) < CLEAR]
    if unclear:
        said = "; ".join(f"{_shares(row)} ({row['reading']})" for row in unclear)
        yield finding("uncertain_score", MEDIUM, subject, f"too close to call by the tags' probabilities: {said}.")


def _turns_on_contradiction(scores: pd.DataFrame) -> pd.Series:
    """Whether the score would be another were contradictory action to come first; no score is another than any."""
    return scores["score_if_contradicted"].map(score_word) != scores["suggested_score"].map(score_word)


def _chance(row: Row) -> float:
    """How likely the suggested score is, or that there is none; NaN where unknown."""
    shares = {score: row[column] for score, column in P_COLUMNS.items()}
    suggested = row["suggested_score"]
    return float(1 - sum(shares.values()) if pd.isna(suggested) else shares[int(suggested)])


def _shares(row: Row) -> str:
    shares = {signed(score): row[column] for score, column in P_COLUMNS.items()}
    shares["no score"] = 1 - sum(shares.values())
    return ", ".join(f"{score} {share:.0%}" for score, share in shares.items() if share >= 0.005)


def _turning(flips: pd.DataFrame, its: pd.DataFrame, subject: str) -> Iterator[Row]:
    """One item's labels would do, told of the reading where it matters most.

    Grave where the score rests on an item that is there and falls without it; to be looked at where it would rise, or
    be lost, and is not clear.
    """
    now = its.set_index("reading").to_dict("index")
    found = []
    for flip in flips[flips["size"].eq(1).fillna(value=False)].to_dict("records"):
        row = now[flip["reading"]]
        suggested = row["suggested_score"]
        falls = not pd.isna(flip["to_score"]) and not pd.isna(suggested) and flip["to_score"] < suggested
        severity = HIGH if falls else LOW if _chance(row) >= _SURE else MEDIUM
        under = "" if len(its) == 1 or len(flips.drop_duplicates(_FLIP)) == 1 else f" under {flip['reading']}"
        told = (
            f"one item labelled otherwise changes {score_word(suggested)}{under}: {counted(flip['n_sets'], 'item')} "
            f"could, the likeliest {named([flip['item_ids']])}, which makes it {score_word(flip['to_score'])} "
            f"({flip['change']})."
        )
        proof = [flip["item_ids"], *flip["sentence_ids"].split(";")]
        found.append(finding("depends_on_one_item", severity, subject, told, proof=proof))
    yield from sorted(found, key=lambda row: SEVERITIES.index(row["severity"]))[:1]


def _unequal(its: pd.DataFrame, equal: pd.DataFrame, subject: str) -> Iterator[Row]:
    for row in its[its["kept"] < _KEPT].head(1).to_dict("records"):
        fewest = list(dict.fromkeys(equal.loc[equal["n_items"] == row["n_drawn"], "member"]))
        shares = ", ".join(
            f"{signed(score)} in {_share(row[column])}" for score, column in P_COLUMNS.items() if row[column]
        )
        told = (
            f"it counts {row['n_items']} items; in {row['draws']} draws of {row['n_drawn']} of them, as many as "
            f"{' and '.join(fewest)} {'have' if len(fewest) > 1 else 'has'}, its score is {shares}."
        )
        yield finding("depends_on_amount_of_evidence", MEDIUM, subject, told)


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "<1%"


def _threshold(thresholds: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """Members whose score is another when strong action takes more or fewer items."""
    parts: list[str] = []
    for least, its in thresholds[thresholds["min_strong_items"] != codebook.min_strong_items].groupby(
        "min_strong_items"
    ):
        moved = [
            f"{member} {scores_worded(dict(zip(rows['reading'], rows['suggested_score'], strict=True)))}"
            for member, rows in its.groupby("member", sort=False)
            if rows["changes"].any()
        ]
        parts += [f"With {least}: {', '.join(moved)}."] if moved else []
    if parts:
        told = (
            f"the guidelines do not say how many strong items are strong action; the codebook says "
            f"{codebook.min_strong_items}. {' '.join(parts)}"
        )
        yield finding("depends_on_threshold", MEDIUM, codebook.commitment.id, told)
