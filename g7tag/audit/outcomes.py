"""Check what scores depend on: rules, readings, thresholds, single items, doubtful tags and the amount of evidence."""

import zlib
from collections.abc import Iterator

import numpy as np
import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, member_id, named, score_text, scores_text
from g7tag.audit.tally import Tally
from g7tag.codebook import Codebook
from g7tag.frames import EQUAL_EVIDENCE, SEVERITIES, build
from g7tag.scoring import CLEAR, MOST_DIMENSIONS, NO_RULE, P_COLUMNS, PROBLEMS, check_codebook, signed
from g7tag.scoring.distribution import scores_of_states
from g7tag.text import counted

_RUBRIC = {
    "gap": "rubric_gap", "overlap": "rubric_overlap", "less for more": "rubric_not_monotonic",
    "readings disagree": "rubric_readings_differ",
}  # fmt: skip
_FLIP = ["size", "n_sets", "item_ids", "change", "to_score"]
DRAWS = 1000
"""Number of draws of equal evidence."""
_SURE = 0.9
"""Probability of the score below which one more strong item is a medium finding."""
_KEPT = 0.5
"""Share of equal draws below which a score depends on the number of items."""


def equal_evidence(tally: Tally, scores: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return how often each member keeps its suggested score if it has as many items as the member with the fewest."""
    n_drawn = min(map(len, tally.of.values()), default=0)
    readings = {reading.name: reading for reading in codebook.readings}
    rows = []
    for member, its_scores in scores.groupby("member", sort=False):
        ids = tally.of.get(str(member), [])
        if not ids:
            continue
        rng = np.random.default_rng([0, zlib.crc32(str(member).encode())])  # whatever other members have
        drawn = np.zeros((DRAWS, len(ids)), dtype=np.int64)
        np.put_along_axis(drawn, rng.random(drawn.shape).argsort(axis=1)[:, :n_drawn], 1, axis=1)
        states = tally.states(np.tensordot(drawn, [tally.counts[item] for item in ids], axes=1))
        for score in its_scores.to_dict("records"):
            drawn_scores = scores_of_states(states, tally.keys, readings[score["reading"]])
            suggested = score["suggested_score"]
            rows.append(
                {name: score[name] for name in ("commitment_id", "member", "reading")}
                | {"n_items": len(ids), "n_drawn": n_drawn, "draws": DRAWS}
                | {"kept": None if pd.isna(suggested) else float((drawn_scores == suggested).mean())}
                | {column: float((drawn_scores == value).mean()) for value, column in P_COLUMNS.items()}
            )
    return build(EQUAL_EVIDENCE, rows)


def rubric_findings(codebook: Codebook, scores: pd.DataFrame) -> list[Row]:
    """Return problems of the scoring rules, each with the members of the run that it affects."""
    if len(codebook.dimensions) > MOST_DIMENSIONS:
        message = f"the rules were not checked: there are too many states with more than {MOST_DIMENSIONS} dimensions."
        return [finding("rubric_unchecked", LOW, codebook.id, message)]
    rows = []
    for row in check_codebook(codebook).to_dict("records"):
        readings = row["reading"].split("+")
        affected = _affected(row["problem"], scores[scores["reading"].isin(readings)])
        contrary = " with contradictory action" if row["states"].startswith("with contradictory action") else ""
        message = (
            f"{PROBLEMS[row['problem']]} in {row['n_states']} of the {row['of']} combinations of levels{contrary}, for "
            f"example: {row['witness']}. "
            f"{', '.join(affected) or 'No member'} {'are' if len(affected) > 1 else 'is'} in such a state now."
        )
        subject = f"{codebook.id}/{row['reading']}"
        rows.append(finding(_RUBRIC[row["problem"]], MEDIUM, subject, message, proof=affected))
    return rows


def _affected(problem: str, scores: pd.DataFrame) -> list[str]:
    """Members whose current levels are in a gap or overlap, or whose scores differ by reading."""
    if problem == "gap":
        rows = scores[scores["rule"] == NO_RULE]
    elif problem == "overlap":
        overlapping = scores["suggested_score"].isna() & (scores["rule"] != NO_RULE)
        rows = scores[_depends_on_contradiction(scores) | overlapping]
    elif problem == "readings disagree":
        rows = scores[scores.groupby("member")["suggested_score"].transform(pd.Series.nunique, dropna=False) > 1]
    else:
        rows = scores.head(0)
    return list(dict.fromkeys(rows["member"]))


def outcome_findings(
    scores: pd.DataFrame,
    thresholds: pd.DataFrame,
    flips: pd.DataFrame,
    equal: pd.DataFrame,
    members: pd.DataFrame,
    codebook: Codebook,
    seen: int,
) -> list[Row]:
    """Return scores that are missing, disputed or based on little evidence."""
    subjects = {(row["commitment_id"], row["member"]): member_id(row) for row in members.to_dict("records")}
    rows: list[Row] = []
    if seen:
        message = (
            f"the tagger was trained on restatements of {seen} items of this commitment, so it makes fewer errors and "
            "has fewer doubts here than on a new report (`g7tag evaluate` shows how many). Agreement between suggested "
            "and published scores is therefore not independent evidence."
        )
        rows.append(finding("seen_in_training", MEDIUM, codebook.commitment.id, message))
    for (commitment, member), group in scores.groupby(["commitment_id", "member"], sort=False):
        subject = subjects[commitment, member]
        for row in (
            *_score(group, subject),
            *_single_items(flips[flips["member"] == member], group, subject),
            *_unequal(equal[equal["member"] == member], equal, subject),
        ):
            rows.append(row | {"member": member})
    return [*rows, *_threshold(thresholds, codebook)]


def _score(scores: pd.DataFrame, subject: str) -> Iterator[Row]:
    suggested, published = scores["suggested_score"], scores["published_score"].iloc[0]
    by_reading = scores_text(dict(zip(scores["reading"], suggested, strict=True)))
    for row in scores[suggested.isna()].to_dict("records"):
        check = "rule_gap" if row["rule"] == NO_RULE else "rule_overlap"
        yield finding(check, HIGH, f"{subject}/{row['reading']}", f"no score under {row['reading']}: {row['rule']}.")
    if suggested.notna().all() and len(set(suggested)) > 1:
        yield finding("depends_on_reading", HIGH, subject, f"the suggested score depends on the reading: {by_reading}.")
    differing = scores["agrees"].eq(other=False).fillna(value=False)
    if differing.any():
        yield finding("score_differs", HIGH, subject, f"published {signed(published)}, suggested {by_reading}.")
    for row in scores[_depends_on_contradiction(scores)].to_dict("records"):
        ignored, first = score_text(row["suggested_score"]), score_text(row["score_if_contradicted"])
        message = (
            f"some action is labelled as contrary to the commitment. Ignoring it gives {ignored}; giving it precedence "
            f"gives {first}. The guidelines do not say which applies."
        )
        yield finding("contradictory_action", HIGH, f"{subject}/{row['reading']}", message)
    unclear = [row for row in scores.to_dict("records") if _probability(row) < CLEAR]
    if unclear:
        shares = "; ".join(f"{_shares(row)} ({row['reading']})" for row in unclear)
        message = f"the score is too close to call based on the tags' probabilities: {shares}."
        yield finding("uncertain_score", MEDIUM, subject, message)


def _depends_on_contradiction(scores: pd.DataFrame) -> pd.Series:
    """Whether the score changes if contradictory action takes precedence; no score differs from any score."""
    return scores["score_if_contradicted"].map(score_text) != scores["suggested_score"].map(score_text)


def _probability(row: Row) -> float:
    """Probability of the suggested score, or of no score; NaN if unknown."""
    shares = {score: row[column] for score, column in P_COLUMNS.items()}
    suggested = row["suggested_score"]
    return float(1 - sum(shares.values()) if pd.isna(suggested) else shares[int(suggested)])


def _shares(row: Row) -> str:
    shares = {signed(score): row[column] for score, column in P_COLUMNS.items()}
    shares["no score"] = 1 - sum(shares.values())
    return ", ".join(f"{share:.0%} for {score}" for score, share in shares.items() if share >= 0.005)


def _single_items(flips: pd.DataFrame, scores: pd.DataFrame, subject: str) -> Iterator[Row]:
    """Score that changes if one item is relabelled, under the reading with the highest severity."""
    current = scores.set_index("reading").to_dict("index")
    found = []
    for flip in flips[flips["size"].eq(1).fillna(value=False)].to_dict("records"):
        row = current[flip["reading"]]
        suggested = row["suggested_score"]
        falls = not pd.isna(flip["to_score"]) and not pd.isna(suggested) and flip["to_score"] < suggested
        severity = HIGH if falls else LOW if _probability(row) >= _SURE else MEDIUM
        under = "" if len(scores) == 1 or len(flips.drop_duplicates(_FLIP)) == 1 else f" under {flip['reading']}"
        score = "the missing score" if pd.isna(suggested) else f"the score of {score_text(suggested)}"
        effect = "leave no score" if pd.isna(flip["to_score"]) else f"make the score {score_text(flip['to_score'])}"
        message = (
            f"relabelling a single item can change {score}{under}. {counted(flip['n_sets'], 'item')} can do so; the "
            f"most likely is {named([flip['item_ids']])}, which would {effect} ({flip['change']})."
        )
        proof = [flip["item_ids"], *flip["sentence_ids"].split(";")]
        found.append(finding("depends_on_one_item", severity, subject, message, proof=proof))
    yield from sorted(found, key=lambda row: SEVERITIES.index(row["severity"]))[:1]


def _unequal(own: pd.DataFrame, equal: pd.DataFrame, subject: str) -> Iterator[Row]:
    for row in own[own["kept"] < _KEPT].head(1).to_dict("records"):
        fewest = list(dict.fromkeys(equal.loc[equal["n_items"] == row["n_drawn"], "member"]))
        shares = ", ".join(
            f"{signed(score)} in {f'{row[column]:.0%}' if row[column] >= 0.005 else '<1%'}"
            for score, column in P_COLUMNS.items()
            if row[column]
        )
        message = (
            f"has {counted(row['n_items'], 'item')}. In {row['draws']} random draws of "
            f"{counted(row['n_drawn'], 'item')} (the number {' and '.join(fewest)} "
            f"{'have' if len(fewest) > 1 else 'has'}), the score is {shares} of draws."
        )
        yield finding("depends_on_amount_of_evidence", MEDIUM, subject, message)


def _threshold(thresholds: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    """Members whose score changes with a higher or lower threshold of strong items."""
    parts: list[str] = []
    others = thresholds[thresholds["min_strong_items"] != codebook.min_strong_items]
    for threshold, group in others.groupby("min_strong_items"):
        changed = [
            f"{member} {scores_text(dict(zip(rows['reading'], rows['suggested_score'], strict=True)))}"
            for member, rows in group.groupby("member", sort=False)
            if rows["changes"].any()
        ]
        parts += [f"With {threshold}: {', '.join(changed)}."] if changed else []
    if parts:
        message = (
            "the guidelines do not say how many strong items make strong action. The codebook uses "
            f"{codebook.min_strong_items}. {' '.join(parts)}"
        )
        yield finding("depends_on_threshold", MEDIUM, codebook.commitment.id, message)
