"""Texts that explain each member's score, and what would change it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.audit import item_labels, score_text, scores_text
from g7tag.codebook import Codebook, Reading
from g7tag.frames import NO_LABELS, Frames
from g7tag.report.cells import paragraphs
from g7tag.report.tables import percent, reconciliation_text, shares_text
from g7tag.scoring import P_COLUMNS, item_levels, reconcile, shortfall, signed
from g7tag.text import counted, first_few

_OWN = ("scores", "evidence_matrix", "flips", "thresholds", "equal_evidence")
_LONGEST_QUOTE = 600
_QUOTED = 2  # items of a set to quote
_NAMED = 12  # candidate items to list


def preface(frames: Frames, codebook: Codebook) -> list[str]:
    """Return lines with background for readers of an audit: who labelled what, and how scores are computed."""
    kinds = frames["annotations"].set_index("annotation_id")["kind"].replace("classifier", "tagger")
    by = frames["labels"]["annotation_id"].map(kinds).fillna("").value_counts()
    return paragraphs(
        "preface.txt", codebook=codebook, agree=reconciliation_text(reconcile(frames["scores"])), rules=_rules_of,
        seen=frames["findings"]["check"].eq("seen_in_training").any(),
        contradicting=frames["labels"]["contradicts"].sum(),
        labelled=", ".join(f"{n} by the {kind}" if kind else f"{n} unlabelled" for kind, n in by.items()),
        listed=lambda parts: "; ".join(f"{each.key}: {_first_words(each.definition)}" for each in parts),
    )  # fmt: skip


def _rules_of(reading: Reading) -> str:
    scores: dict[str, list[str]] = {}
    for rule in reading.rules:
        scores.setdefault(signed(rule.score), []).append(rule.name)
    return "; ".join(f"{score} for {' or '.join(names)}" for score, names in scores.items()) + "."


def _first_words(definition: str) -> str:
    """Return a definition up to its first colon or semicolon, as part of a sentence."""
    words = re.split("[:;]", definition)[0].strip().rstrip(".")
    return words[:1].lower() + words[1:]


def member_reasons(frames: Frames, codebook: Codebook) -> dict[str, list[str]]:
    """Return for each member lines that explain its suggested score and what would change it."""
    reasons = {}
    texts = {name: frames[name] for name in ("sentences", "items")}
    levels = item_levels(frames["labels"], **texts, codebook=codebook)
    levels = levels[levels["strong"] & levels["in_period"]]
    labels = item_labels(frames["sentences"], frames["labels"])
    for member in dict.fromkeys(frames["scores"]["member"]):
        scores, cells, flips, thresholds, equal = (frames[name][frames[name]["member"] == member] for name in _OWN)
        strong = levels[levels["member"] == member].groupby("dimension")["item_id"].agg(list).to_dict()
        suggested = scores_text(dict(zip(scores["reading"], scores["suggested_score"], strict=True)))
        reasons[f"{member}: suggested {suggested}, published {signed(scores['published_score'].iloc[0])}"] = [
            _levels(cells, strong, codebook), *_rules(scores), *_missing(cells, codebook), _probabilities(scores),
            *_flips(flips, frames["sentences"], labels), _thresholds(thresholds, codebook), *_equal_evidence(equal),
            *_doubts(frames["findings"], str(member), codebook.codes[str(member)]),
        ]  # fmt: skip
    return reasons


def member_changes(frames: Frames, codebook: Codebook) -> dict[str, list[str]]:
    """Return for each member lines on what is missing for a higher score, and what would change its score."""
    changes = {}
    for member in dict.fromkeys(frames["scores"]["member"]):
        _, cells, flips, thresholds, equal = (frames[name][frames[name]["member"] == member] for name in _OWN)
        lines = _flips(flips, frames["sentences"], {}, codebook.labels)
        changes[str(member)] = [
            *_missing(cells, codebook, codebook.labels), *(line for line in lines if not line.startswith(" ")),
            _thresholds(thresholds, codebook), *_equal_evidence(equal),
        ]  # fmt: skip
    return changes


def _levels(cells: pd.DataFrame, strong: Mapping[Any, Sequence[str]], codebook: Codebook) -> str:
    """Return the level of each dimension, with the ids of the strong items if the level depends on few of them."""
    parts: dict[str, list[str]] = {"strong": [], "weak": [], "no action": []}
    for cell in cells.to_dict("records"):
        n_strong, n_weak = cell["n_strong"], cell["n_weak"]
        counts = (
            f"{counted(n_strong, 'strong item')}, {counted(n_weak, 'weak item')}" if n_strong + n_weak else "no item"
        )
        ids = ", ".join(item.rpartition("/")[2] for item in strong.get(cell["dimension"], []))
        few = f"; strong: {ids}" if 0 < n_strong <= codebook.min_strong_items + 1 else ""
        parts["no action" if cell["level"] == "none" else cell["level"]].append(f"{cell['dimension']} ({counts}{few})")
    levels = "; ".join(f"{level} in {', '.join(each)}" for level, each in parts.items() if each)
    return f"Levels: {levels}."


def _rules(scores: pd.DataFrame) -> Iterator[str]:
    for rule, rows in scores.groupby("rule", sort=False):
        under = "" if len(rows) == len(scores) else f" ({', '.join(rows['reading'])})"
        yield f"Rule: {rule}, so {score_text(rows['suggested_score'].iloc[0])}{under}."


def _missing(cells: pd.DataFrame, codebook: Codebook, names: Mapping[str, str] = NO_LABELS) -> Iterator[str]:
    """Return which further items would give the next higher score; readings with the same answer share a line."""
    answers: dict[str, list[str]] = {}
    for reading in codebook.readings:
        lacking = shortfall(cells, reading, codebook)
        if lacking is not None:
            items = [_further(*each, cells, names) for each in lacking.items]
            others = f", or as much elsewhere ({lacking.n_ways} ways)" if lacking.n_ways > 1 else ""
            answer = f"Missing for {signed(lacking.score)}: {' and '.join(items)}{others}"
            answers.setdefault(answer, []).append(reading.name)
    for answer, readings in answers.items():
        yield f"{answer}{'' if len(readings) == len(codebook.readings) else f' ({readings[0]})'}."


def _further(dimension: str, strength: str, n: int, cells: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return the further items in one dimension, with how many strong ones there are and must be."""
    if strength != "strong":
        return f"{counted(n, 'item')} in {names.get(dimension, dimension)}"
    has = int(cells.set_index("dimension")["n_strong"][dimension])
    return f"{counted(n, 'more strong item')} in {names.get(dimension, dimension)} (has {has}, needs {has + n})"


def _probabilities(scores: pd.DataFrame) -> str:
    """Return the probabilities of the scores; readings with the same ones share a part."""
    parts: dict[str, list[str]] = {}
    for row in scores.to_dict("records"):
        parts.setdefault(shares_text(row), []).append(row["reading"])
    texts = [text if len(parts) == 1 else f"{text} ({', '.join(readings)})" for text, readings in parts.items()]
    return f"Probability of each score, if the labels are as uncertain as the tagger says: {'; '.join(texts)}."


def _flips(
    flips: pd.DataFrame, sentences: pd.DataFrame, labels: Mapping[str, str], names: Mapping[str, str] = NO_LABELS
) -> Iterator[str]:
    same = flips[["size", "n_sets", "candidate_ids", "item_ids", "change", "to_score", "chance"]].drop_duplicates()
    for flip in same.to_dict("records"):
        readings = flips[(flips["item_ids"] == flip["item_ids"]) & (flips["change"] == flip["change"])]["reading"]
        under = f" under {', '.join(readings)}" if len(same) > 1 else ""
        if pd.isna(flip["size"]):
            yield f"Smallest flip{under}: none. No change of its items' labels changes the score."
            continue
        items = flip["item_ids"].split(";")
        short_names = ", ".join(item.rpartition("/")[2] for item in items)
        changes = [each.split(" becomes ") for each in flip["change"].split(", ")]
        change = " and ".join(
            f"{'without action' if level == 'none' else level} in {names.get(dimension, dimension)}"
            for dimension, level in changes
        )
        score = flip["to_score"]
        would_be = "no rule would give it a score." if pd.isna(score) else f"its score would be {signed(score)}."
        yield (
            f"Smallest flip{under}: {_candidates(flip)}. Most likely (probability {percent(flip['chance'])} if all "
            f"other labels are correct): other labels for {short_names}. Then the member would be {change}, and "
            f"{would_be}"
        )
        for item in items[:_QUOTED]:
            text = " ".join(sentences.loc[sentences["item_id"] == item, "text"])
            quote = text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."
            yield f"   {item.rpartition('/')[2]}, now {labels.get(item, 'not labelled')}: {quote}"
        if len(items) > _QUOTED:
            yield f"   and {len(items) - _QUOTED} more."


def _candidates(flip: Mapping[Any, Any]) -> str:
    """Return how many items have to change, and which items are candidates."""
    candidates = [each.rpartition("/")[2] for each in flip["candidate_ids"].split(";")]
    among = first_few(candidates, most=_NAMED)
    if flip["size"] == 1:
        which = "one of these" if len(candidates) > 1 else "this one"
        return f"other labels for 1 item can change the score, if it is {which}: {among}"
    sets = f"{flip['n_sets']:,} {'set' if flip['n_sets'] == 1 else 'sets'} of {flip['size']} items"
    return f"the score changes only if {flip['size']} items get other labels; {sets} can do so, made up of {among}"


def _thresholds(thresholds: pd.DataFrame, codebook: Codebook) -> str:
    """Return the score for each number of strong items required for a strong level."""
    numbers_of: dict[str, list[str]] = {}
    for least, rows in thresholds.groupby("min_strong_items"):
        score = scores_text(dict(zip(rows["reading"], rows["suggested_score"], strict=True)))
        numbers_of.setdefault(score, []).append(str(least))
    own, numbers = codebook.min_strong_items, thresholds["min_strong_items"]
    if len(numbers_of) == 1:
        return f"The score is the same with a threshold of {numbers.min()} to {numbers.max()} strong items."
    parts = "; ".join(f"{score} with {', '.join(each)}" for score, each in numbers_of.items())
    return f"Score by the threshold of strong items ({own} in the codebook): {parts}."


def _equal_evidence(equal: pd.DataFrame) -> Iterator[str]:
    for row in equal.drop_duplicates(list(P_COLUMNS.values())).head(1).to_dict("records"):
        if row["n_items"] > row["n_drawn"]:
            shares = ", ".join(
                f"{signed(score)} in {percent(row[column])}" for score, column in P_COLUMNS.items() if row[column]
            )
            shares = shares.replace(">", "more than ").replace("<", "less than ")
            yield (
                f"It has {row['n_items']} items in the period, more than the member with the fewest, which has "
                f"{row['n_drawn']}. With only {row['n_drawn']} of them, drawn at random, its score is {shares} of "
                f"{row['draws']:,} draws."
            )


def _doubts(findings: pd.DataFrame, member: str, code: str) -> Iterator[str]:
    """Return findings of medium or high severity on the member, except those that the lines above include."""
    touched = findings["severity"].eq("high") & findings["proof"].str.contains(f"/{code}-", regex=False)
    own = findings["member"].eq(member) | touched
    included = findings["check"].isin(["depends_on_one_item", "depends_on_amount_of_evidence"])
    for row in findings[own & (findings["severity"] != "low") & ~included].to_dict("records"):
        yield f"Finding, {row['subject'].rpartition('/')[2]}: {row['message']} ({row['check']})"
