"""Compare the claims of conclusions with the evidence, with each other and with the published score."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, member_id, scores_text
from g7tag.codebook import Codebook
from g7tag.scoring import scores_of, signed
from g7tag.tagger.words import cue_pattern

_ALLOWS = {"strong": ("strong",), "weak": ("weak",), "not": ("weak", "none"), "unstated": ("strong", "weak", "none")}
"""Levels that a claim allows; insufficient action may still be weak action."""
_MOST = {"strong": "strong", "weak": "weak", "not": "weak", "unstated": "none"}
"""The highest level that a claim supports; an unstated dimension supports none."""
_LEAST = _MOST | {"not": "none"}
"""The lowest level that a claim supports; insufficient action supports none."""
_EXAMPLE = re.compile(r"\b(?:such as|including|through|by)\b|, both\b")
_STRONG = re.compile(r"\bstrong actions?\b", re.I)


def claim_findings(
    claims: pd.DataFrame,
    conclusions: pd.DataFrame,
    members: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    codebook: Codebook,
) -> list[Row]:
    """Return the claims that contradict the evidence, each other or the published score."""
    rows: list[Row] = []
    for member in members.to_dict("records"):
        own, texts = (
            frame[(frame["member"] == member["member"]) & (frame["commitment_id"] == member["commitment_id"])]
            for frame in (claims, conclusions)
        )
        stated = own.loc[(own["claimed"] != "unstated") | (own["quote"] != ""), "position"]
        # the opening repeats the commitment: a conclusion without claims counts only if no other has claims
        used = own[own["position"].isin(stated) if len(stated) else own["position"] == own["position"].max()]
        cells = evidence_matrix[evidence_matrix["member"] == member["member"]].set_index("dimension").to_dict("index")
        rows += _evidence_mismatches(used, cells, member, codebook)
        rows += _contradictions(used, member, codebook)
        rows += _score_mismatches(used, member, codebook)
        rows += _weak_examples(texts["text"], member, codebook)
    return rows


def _evidence_mismatches(
    used: pd.DataFrame, cells: Mapping[Any, Row], member: Row, codebook: Codebook
) -> Iterator[Row]:
    """At most one finding per dimension: the first claim that its evidence does not support."""
    levels = {name: str(each["level"]) for name, each in cells.items()}
    found: set[str] = set()
    for claim in used[used["dimension"].isin(list(cells))].to_dict("records"):
        key, claimed = claim["dimension"], claim["claimed"]
        check, severity = _mismatch(claimed, levels[key])
        if check and key not in found:
            found.add(key)
            cell = cells[key]
            quote = f" ({claim['quote'][:120]!r})" if claim["quote"] else ""
            after = scores_of(levels | {key: _MOST[claimed]}, codebook.readings)
            changed = scores_text(after, before=scores_of(levels, codebook.readings))
            message = (
                f"the conclusion claims {_worded(claimed)} in {key}{quote}. The evidence has {cell['n_strong']} strong "
                f"and {cell['n_weak']} weak items (level {cell['level']}). If the claim were right, the suggested "
                f"score would {f'change {changed}' if changed else 'stay the same'}."
            )
            subject = f"{member_id(member)}/{key}"
            proof = filter(None, [subject, *str(cell["item_ids"]).split(";")])
            yield finding(check, severity, subject, message, member=member["member"], proof=proof)


def _mismatch(claimed: str, level: str) -> tuple[str, str]:
    if claimed == "strong" and level != "strong":
        return ("claim_without_evidence", HIGH) if level == "none" else ("weak_called_strong", MEDIUM)
    if claimed == "weak" and level == "none":
        return "claim_without_evidence", MEDIUM
    if level == "strong" and claimed in {"not", "weak"}:
        return ("evidence_without_claim" if claimed == "not" else "strong_called_weak"), MEDIUM
    return "", ""


def _contradictions(used: pd.DataFrame, member: Row, codebook: Codebook) -> Iterator[Row]:
    stated = used[used["claimed"] != "unstated"]
    differ = stated.groupby("dimension", sort=False)["claimed"].agg(lambda each: list(dict.fromkeys(each)))
    differ = differ[differ.map(len) > 1]
    if len(differ):
        text = "; ".join(f"{key}: {' and '.join(_worded(each) for each in claimed)}" for key, claimed in differ.items())
        results = []
        for position, group in used.groupby("position"):
            claimed = dict(zip(group["dimension"], group["claimed"], strict=True))
            score = scores_text(scores_of({key: _LEAST[claim] for key, claim in claimed.items()}, codebook.readings))
            results.append(f"conclusion {position} gives {score}")
        message = (
            f"{len(results)} conclusions contradict each other. {text}. If only one of them counted, and insufficient "
            f"action were no action: {', '.join(results)}."
        )
        yield finding("conflicting_conclusions", HIGH, member_id(member), message, member=member["member"])


def _score_mismatches(used: pd.DataFrame, member: Row, codebook: Codebook) -> Iterator[Row]:
    """Conclusions from which the published score does not follow, or does not follow from their stated claims alone."""
    if pd.isna(member["published_score"]):
        return
    published, keys = int(member["published_score"]), codebook.dimension_keys
    several = len(set(used["position"])) > 1
    for position, group in used.groupby("position"):
        which = f"conclusion {position}" if several else "the conclusion"
        claimed = dict.fromkeys(keys, "unstated") | dict(zip(group["dimension"], group["claimed"], strict=True))
        fits = [
            published in scores_of(dict(zip(keys, levels, strict=True)), codebook.readings).values()
            for levels in product(*(_ALLOWS[claimed[key]] for key in keys))
        ]
        open_keys = [key for key in keys if claimed[key] == "unstated"]
        if not any(fits):
            message = f"the claims of {which} do not lead to the published {signed(published)} under any reading."
            yield finding("claims_contradict_score", HIGH, member_id(member), message, member=member["member"])
        elif not all(fits) and open_keys:
            message = (
                f"the published {signed(published)} does not follow from {which} alone, which does not say whether "
                f"action in {', '.join(open_keys)} was strong or weak."
            )
            yield finding("claim_strength_unstated", LOW, member_id(member), message, member=member["member"])
            return


def _weak_examples(texts: pd.Series, member: Row, codebook: Codebook) -> Iterator[Row]:
    """Strong action illustrated by an example that matches the codebook's cues of weak action."""
    cues = [cue for group in codebook.strengths[1].cues.values() for cue in group]
    weak = re.compile("|".join(map(cue_pattern, cues)), re.I) if cues else None
    hits = []
    for text in texts if weak else ():
        for sentence in re.split(r"(?<=[.!?])\s+", text):
            claim = _STRONG.search(sentence)
            example = _EXAMPLE.search(sentence, claim.end()) if claim else None
            hit = weak.search(sentence, example.start()) if weak and example else None
            if example and hit:
                hits.append(sentence[example.start() : hit.end() + 40].strip(" ,."))
    if hits:
        message = (
            f"the conclusion supports strong action with an example that the guidelines call weak: {hits[0][:120]!r}."
        )
        yield finding("strong_despite_weak_example", LOW, member_id(member), message, member=member["member"])


def _worded(claimed: str) -> str:
    return "insufficient action" if claimed == "not" else f"{claimed} action"
