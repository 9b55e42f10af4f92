"""Why each member's score is what it is and what would change it, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.audit import item_labels, score_word, scores_worded
from g7tag.codebook import Codebook, Reading
from g7tag.report.tables import percent, reconciled_words
from g7tag.scoring import P_COLUMNS, item_levels, reconcile, signed

Frames = Mapping[str, pd.DataFrame]
_LONGEST_QUOTE = 600
_QUOTED = 2  # items of a set whose text is shown
_NAMED = 12  # items of which a set is made that are named
_SHOWN = 0.0005  # shares below it are left out


def preface(frames: Frames, codebook: Codebook) -> list[str]:
    """Return, in lines, what a reader of the audit has to know: who labelled what, and how a score follows."""
    reconciled = reconcile(frames["scores"])
    kinds = frames["annotations"].set_index("annotation_id")["kind"]
    by = frames["labels"]["annotation_id"].map(kinds).fillna("nobody").value_counts()
    labelled = ", ".join(f"{n} by the {kind}" if kind != "nobody" else f"{n} by nobody" for kind, n in by.items())
    dimensions = "; ".join(f"{each.key}: {_first_words(each.definition)}" for each in codebook.dimensions)
    strengths = "; ".join(f"{each.key}: {_first_words(each.definition)}" for each in codebook.strengths)
    readings = " ".join(f"{each.name}: {each.source} {_rules_of(each)}" for each in codebook.readings)
    contrary = int(frames["labels"]["contradicts"].sum())
    return [
        reconciled_words(reconciled) + _warning(frames["findings"]),
        f"Items are the report's dated paragraphs. Their sentences are labelled ({labelled}) with dimensions, of which "
        "one may have several, and a strength. Suggested scores follow from these labels; nobody has decided anything.",
        f"Dimensions are {dimensions}.",
        f"Action is {strengths}. An item is strong in a dimension if one of its sentences is. "
        f"{codebook.min_strong_items} strong items make a member strong in it, any item at least weak.",
        *_exclusions(codebook),
        f"The guidelines are read in {len(codebook.readings)} ways, none of which comes first. {readings}",
        f"Sentences labelled as contrary to the commitment: {contrary} (the tagger never labels so).",
    ]


def _warning(findings: pd.DataFrame) -> str:
    """Where the tagger has seen the items, agreement and sureness are worth less."""
    if "seen_in_training" not in set(findings["check"]):
        return ""
    return " The tagger was trained on these items, so neither that nor how sure it is proves anything."


def _rules_of(reading: Reading) -> str:
    scores: dict[str, list[str]] = {}
    for rule in reading.rules:
        scores.setdefault(signed(rule.score), []).append(rule.name)
    return "; ".join(f"{score} for {' or '.join(names)}" for score, names in scores.items()) + "."


def _exclusions(codebook: Codebook) -> list[str]:
    parts = [f"{each.key}: {_first_words(each.definition)}" for each in codebook.exclusions]
    return [f"What is excluded counts for nothing: {'; '.join(parts)}."] if parts else []


def _first_words(definition: str) -> str:
    """A definition up to its first colon or semicolon, as part of a sentence."""
    words = re.split("[:;]", definition)[0].strip().rstrip(".")
    return words[:1].lower() + words[1:]


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
    levels = item_levels(frames["labels"], **its, codebook=codebook)
    levels = levels[levels["strong"] & levels["in_period"]]
    told = item_labels(frames["sentences"], frames["labels"])
    for member, scores in frames["scores"].groupby("member", sort=False):
        cells = frames["evidence_matrix"][frames["evidence_matrix"]["member"] == member]
        strong = levels[levels["member"] == member].groupby("dimension")["item_id"].agg(list).to_dict()
        lines = [_why(cells, strong, codebook), *_rules(scores), _how_sure(scores)]
        lines += _flips(frames["flips"][frames["flips"]["member"] == member], frames["sentences"], told)
        lines += [_thresholds(frames["thresholds"][frames["thresholds"]["member"] == member], codebook)]
        lines += _equal(frames["equal_evidence"][frames["equal_evidence"]["member"] == member])
        lines += _doubts(frames["findings"], str(member), codebook.codes[str(member)])
        reasons[f"{member}: {_scores(scores)}"] = lines
    return reasons


def _scores(scores: pd.DataFrame) -> str:
    suggested = scores_worded(dict(zip(scores["reading"], scores["suggested_score"], strict=True)))
    return f"suggested {suggested}, published {signed(scores['published_score'].iloc[0])}"


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
    return f"Why: {'; '.join(parts)}."


def _counts(cell: Mapping[Any, Any]) -> str:
    return (
        f"{cell['n_strong']} strong + {cell['n_weak']} weak items" if cell["n_strong"] + cell["n_weak"] else "no item"
    )


def _names(cell: Mapping[Any, Any], strong: Mapping[Any, Sequence[str]], least: int) -> str:
    few = 0 < cell["n_strong"] <= least + 1
    ids = ", ".join(item.rpartition("/")[2] for item in strong.get(cell["dimension"], []))
    return f"; strong: {ids}" if few else ""


def _rules(scores: pd.DataFrame) -> Iterator[str]:
    for rule, its in scores.groupby("rule", sort=False):
        under = "" if len(its) == len(scores) else f" ({', '.join(its['reading'])})"
        yield f"Rule: {rule}, so {score_word(its['suggested_score'].iloc[0])}{under}."


def _how_sure(scores: pd.DataFrame) -> str:
    """The probabilities of the scores, once for readings that have the same."""
    parts: dict[str, list[str]] = {}
    for row in scores.to_dict("records"):
        shares = {score: row[column] for score, column in P_COLUMNS.items()}
        named = {signed(score): share for score, share in shares.items()} | {"no score": 1 - sum(shares.values())}
        said = ", ".join(f"{score} {percent(share)}" for score, share in named.items() if share >= _SHOWN)
        parts.setdefault(said or "unknown", []).append(row["reading"])
    told = "; ".join(said if len(parts) == 1 else f"{said} ({', '.join(readings)})" for said, readings in parts.items())
    return f"How sure, by the tags' probabilities: {told}."


def _flips(flips: pd.DataFrame, sentences: pd.DataFrame, told: Mapping[str, str]) -> Iterator[str]:
    same = flips[["size", "n_sets", "candidate_ids", "item_ids", "change", "to_score", "chance"]].drop_duplicates()
    for flip in same.to_dict("records"):
        readings = flips[(flips["item_ids"] == flip["item_ids"]) & (flips["change"] == flip["change"])]["reading"]
        under = f" under {', '.join(readings)}" if len(same) > 1 else ""
        if pd.isna(flip["size"]):
            yield f"What would change it{under}: no other label of its items would."
            continue
        items = flip["item_ids"].split(";")
        names = ", ".join(item.rpartition("/")[2] for item in items)
        change = flip["change"].replace(" becomes ", " would be ")
        yield (
            f"The least that would change it{under}: other labels of {_of(flip)}. The likeliest such change "
            f"({percent(flip['chance'])} were all other labels right): {names}, labelled so that the member's level in "
            f"{change.replace(', ', ' and in ')}; then {score_word(flip['to_score'])}."
        )
        for item in items[:_QUOTED]:
            text = " ".join(sentences.loc[sentences["item_id"] == item, "text"])
            quote = text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."
            yield f"   {item.rpartition('/')[2]}, now {told.get(item, 'not labelled')}: {quote}"
        if len(items) > _QUOTED:
            yield f"   and {len(items) - _QUOTED} more."


def _of(flip: Mapping[Any, Any]) -> str:
    """How many items, of which."""
    candidates = [each.rpartition("/")[2] for each in flip["candidate_ids"].split(";")]
    rest = f" and {len(candidates) - _NAMED} more" if len(candidates) > _NAMED else ""
    among = ", ".join(candidates[:_NAMED]) + rest
    if flip["size"] == 1:
        return f"1 item, any of {among}" if len(candidates) > 1 else f"1 item, {among} alone"
    return f"{flip['size']} items, in {flip['n_sets']:,} sets that could, of {among}"


def _thresholds(thresholds: pd.DataFrame, codebook: Codebook) -> str:
    """What the score is by the number of strong items asked for."""
    said: dict[str, list[str]] = {}
    for least, its in thresholds.groupby("min_strong_items"):
        score = scores_worded(dict(zip(its["reading"], its["suggested_score"], strict=True)))
        said.setdefault(score, []).append(str(least))
    own, numbers = codebook.min_strong_items, thresholds["min_strong_items"]
    if len(said) == 1:
        return f"Were strong action to take from {numbers.min()} to {numbers.max()} items, the score would be the same."
    parts = "; ".join(f"{score} with {', '.join(many)}" for score, many in said.items())
    return f"By the number of strong items that make strong action ({own} here), the score is {parts}."


def _equal(equal: pd.DataFrame) -> Iterator[str]:
    for row in equal.drop_duplicates(list(P_COLUMNS.values())).head(1).to_dict("records"):
        if row["n_items"] > row["n_drawn"]:
            shares = ", ".join(
                f"{signed(score)} in {percent(row[column])}" for score, column in P_COLUMNS.items() if row[column]
            )
            cut = f"Cut to {row['n_drawn']}, as many as the member with the fewest has, the score is {shares}"
            yield f"It has {row['n_items']} items in the period. {cut} of {row['draws']:,} draws."


def _doubts(findings: pd.DataFrame, member: str, code: str) -> Iterator[str]:
    """Findings on the member that are more than slips, but for those that the lines above tell already."""
    touched = findings["severity"].eq("high") & findings["proof"].str.contains(f"/{code}-", regex=False)
    own = findings["member"].eq(member) | touched
    grave = findings[
        own
        & (findings["severity"] != "low")
        & ~findings["check"].isin(["depends_on_one_item", "depends_on_amount_of_evidence"])
    ]
    for row in grave.to_dict("records"):
        yield f"In doubt, {row['subject'].rpartition('/')[2]}: {row['message']} ({row['check']})"
