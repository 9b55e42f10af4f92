"""Compare the claims of conclusions with the evidence, with each other and with the published score."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, scores_text
from g7tag.codebook import Codebook
from g7tag.scoring import scores_of, signed
from g7tag.tagger.cues import cue_pattern

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
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        own = claims[(claims["member"] == member["member"]) & (claims["commitment_id"] == member["commitment_id"])]
        stated = own[(own["claimed"] != "unstated") | (own["quote"] != "")]
        # the opening repeats the commitment: a conclusion without claims counts only if no other has claims
        used = (
            own[own["position"].isin(stated["position"])]
            if len(stated)
            else own[own["position"] == own["position"].max()]
        )
        cells = evidence_matrix[evidence_matrix["member"] == member["member"]].set_index("dimension").to_dict("index")
        subject = f"{member['commitment_id']}/{member['code']}"
        rows += _evidence_mismatches(used, cells, subject, member["member"], codebook)
        rows += _contradictions(used, subject, member["member"], codebook)
        rows += _score_mismatches(used, member, subject, codebook)
        same = conclusions["commitment_id"] == member["commitment_id"]
        texts = conclusions.loc[same & (conclusions["member"] == member["member"]), "text"]
        rows += _weak_examples(texts, subject, member["member"], codebook)
    return rows


def _evidence_mismatches(
    used: pd.DataFrame, cells: Mapping[Any, Row], subject: str, member: str, codebook: Codebook
) -> Iterator[Row]:
    """At most one finding per dimension: the first claim that its evidence does not support."""
    found: dict[str, Row] = {}
    for claim in used.to_dict("records"):
        key, claimed = str(claim["dimension"]), claim["claimed"]
        cell = cells.get(key)
        if cell is None or key in found:
            continue
        counts = f"{cell['n_strong']} strong and {cell['n_weak']} weak items (level {cell['level']})"
        quote = f" ({claim['quote'][:120]!r})" if claim["quote"] else ""
        check, severity = _mismatch(claimed, str(cell["level"]))
        if check:
            levels = {name: str(each["level"]) for name, each in cells.items()}
            after = scores_of(levels | {key: _MOST[claimed]}, codebook.readings)
            changed = scores_text(after, before=scores_of(levels, codebook.readings))
            message = (
                f"the conclusion claims {_worded(claimed)} in {key}{quote}. The evidence has {counts}. If the claim "
                f"were right, the suggested score would {f'change {changed}' if changed else 'stay the same'}."
            )
            proof = [f"{subject}/{key}", *str(cell["item_ids"]).split(";")]
            found[key] = finding(check, severity, f"{subject}/{key}", message, member=member, proof=filter(None, proof))
    yield from found.values()


def _mismatch(claimed: str, level: str) -> tuple[str, str]:
    if claimed == "strong" and level != "strong":
        return ("claim_without_evidence", HIGH) if level == "none" else ("weak_called_strong", MEDIUM)
    if claimed == "weak" and level == "none":
        return "claim_without_evidence", MEDIUM
    if level == "strong" and claimed in {"not", "weak"}:
        return ("evidence_without_claim" if claimed == "not" else "strong_called_weak"), MEDIUM
    return "", ""


def _contradictions(used: pd.DataFrame, subject: str, member: str, codebook: Codebook) -> Iterator[Row]:
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
        yield finding("conflicting_conclusions", HIGH, subject, message, member=member)


def _score_mismatches(used: pd.DataFrame, member: Row, subject: str, codebook: Codebook) -> Iterator[Row]:
    """Conclusions from which the published score does not follow, or does not follow from their stated claims alone."""
    several = len(set(used["position"])) > 1
    for position, group in used.groupby("position"):
        which = f"conclusion {position}" if several else "the conclusion"
        claimed = dict(zip(group["dimension"], group["claimed"], strict=True))
        if pd.isna(member["published_score"]):
            return
        published = int(member["published_score"])
        keys = codebook.dimension_keys
        levels = [
            dict(zip(keys, each, strict=True))
            for each in product(*(_ALLOWS[claimed.get(key, "unstated")] for key in keys))
        ]
        scores = [list(scores_of(each, codebook.readings).values()) for each in levels]
        fits = [published in each for each in scores]
        open_keys = [key for key in keys if claimed.get(key, "unstated") == "unstated"]
        if not any(fits):
            message = f"the claims of {which} do not lead to the published {signed(published)} under any reading."
            yield finding("claims_contradict_score", HIGH, subject, message, member=member["member"])
        elif not all(fits) and open_keys:
            message = (
                f"the published {signed(published)} does not follow from {which} alone, which does not say whether "
                f"action in {', '.join(open_keys)} was strong or weak."
            )
            yield finding("claim_strength_unstated", LOW, subject, message, member=member["member"])
            return


def _weak_examples(texts: pd.Series, subject: str, member: str, codebook: Codebook) -> Iterator[Row]:
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
        yield finding("strong_despite_weak_example", LOW, subject, message, member=member)


def _worded(claimed: str) -> str:
    return "insufficient action" if claimed == "not" else f"{claimed} action"
