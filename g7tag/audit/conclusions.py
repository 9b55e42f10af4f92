"""Set what conclusions claim beside the evidence, beside one another, and beside the score that they lead to."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, scores_worded
from g7tag.codebook import Codebook
from g7tag.scoring import scores_of, signed
from g7tag.tagger.cues import cue_pattern

_ALLOWS = {"strong": ("strong",), "weak": ("weak",), "not": ("weak", "none"), "unstated": ("strong", "weak", "none")}
"""Levels that a claim leaves possible: "not enough" may still be weak action."""
_MOST = {"strong": "strong", "weak": "weak", "not": "weak", "unstated": "none"}
"""The level that a claim is worth at most; what is not spoken of is worth nothing."""
_LEAST = _MOST | {"not": "none"}
"""The same, with "not enough" worth nothing too."""
_EXAMPLE = re.compile(r"\b(?:such as|including|through|by)\b|, both\b")
_STRONG = re.compile(r"\bstrong actions?\b", re.I)


def claim_findings(
    claims: pd.DataFrame,
    conclusions: pd.DataFrame,
    members: pd.DataFrame,
    evidence_matrix: pd.DataFrame,
    codebook: Codebook,
) -> list[Row]:
    """Return where claims and evidence, claims and claims, and claims and scores do not fit.

    Parameters
    ----------
    claims, conclusions, members, evidence_matrix
        Frames of one run; no claims give no findings.
    codebook
        Rules, and the cues of weak action.
    """
    rows: list[Row] = []
    for member in members[members["commitment_id"] == codebook.commitment.id].to_dict("records"):
        its = claims[(claims["member"] == member["member"]) & (claims["commitment_id"] == member["commitment_id"])]
        told = its[(its["claimed"] != "unstated") | (its["quote"] != "")]
        # the opening repeats the commitment: a conclusion without claims counts only where no other has any
        spoken = (
            its[its["position"].isin(told["position"])] if len(told) else its[its["position"] == its["position"].max()]
        )
        cells = evidence_matrix[evidence_matrix["member"] == member["member"]].set_index("dimension").to_dict("index")
        subject = f"{member['commitment_id']}/{member['code']}"
        rows += _beside_evidence(spoken, cells, subject, member["member"], codebook)
        rows += _beside_each_other(spoken, subject, member["member"], codebook)
        rows += _beside_score(spoken, member, subject, codebook)
        own = conclusions["commitment_id"] == member["commitment_id"]
        texts = conclusions.loc[own & (conclusions["member"] == member["member"]), "text"]
        rows += _weak_examples(texts, subject, member["member"], codebook)
    return rows


def _beside_evidence(
    spoken: pd.DataFrame, cells: Mapping[Any, Row], subject: str, member: str, codebook: Codebook
) -> Iterator[Row]:
    """One finding a dimension at most: the first claim that its evidence does not bear out."""
    found: dict[str, Row] = {}
    for claim in spoken.to_dict("records"):
        key, claimed = str(claim["dimension"]), claim["claimed"]
        cell = cells.get(key)
        if cell is None or key in found:
            continue
        counts = f"{cell['n_strong']} strong and {cell['n_weak']} weak items: level {cell['level']}"
        quote = f" ({claim['quote'][:120]!r})" if claim["quote"] else ""
        check, severity = _mismatch(claimed, str(cell["level"]))
        if check:
            levels = {name: str(each["level"]) for name, each in cells.items()}
            after = scores_of(levels | {key: _MOST[claimed]}, codebook.readings)
            changed = scores_worded(after, before=scores_of(levels, codebook.readings))
            told = (
                f"the conclusion claims {_worded(claimed)} in {key}{quote}; the evidence has {counts}. Were the claim "
                f"right, {changed or 'the suggested score would be the same'}."
            )
            proof = [f"{subject}/{key}", *str(cell["item_ids"]).split(";")]
            found[key] = finding(check, severity, f"{subject}/{key}", told, member=member, proof=filter(None, proof))
    yield from found.values()


def _mismatch(claimed: str, level: str) -> tuple[str, str]:
    if claimed == "strong" and level != "strong":
        return ("claim_without_evidence", HIGH) if level == "none" else ("weak_called_strong", MEDIUM)
    if claimed == "weak" and level == "none":
        return "claim_without_evidence", MEDIUM
    if level == "strong" and claimed in {"not", "weak"}:
        return ("evidence_without_claim" if claimed == "not" else "strong_called_weak"), MEDIUM
    return "", ""


def _beside_each_other(spoken: pd.DataFrame, subject: str, member: str, codebook: Codebook) -> Iterator[Row]:
    stated = spoken[spoken["claimed"] != "unstated"]
    parted = stated.groupby("dimension", sort=False)["claimed"].agg(lambda each: list(dict.fromkeys(each)))
    parted = parted[parted.map(len) > 1]
    if len(parted):
        said = "; ".join(f"{key}: {' and '.join(_worded(each) for each in claimed)}" for key, claimed in parted.items())
        leads = []
        for position, its in spoken.groupby("position"):
            claimed = dict(zip(its["dimension"], its["claimed"], strict=True))
            score = scores_worded(scores_of({key: _LEAST[claim] for key, claim in claimed.items()}, codebook.readings))
            leads.append(f"conclusion {position} leads to {score}")
        told = (
            f"{len(leads)} conclusions contradict each other. {said}. Taken at their word, with no action where they "
            f"say not enough, {', '.join(leads)}."
        )
        yield finding("conflicting_conclusions", HIGH, subject, told, member=member)


def _beside_score(spoken: pd.DataFrame, member: Row, subject: str, codebook: Codebook) -> Iterator[Row]:
    """Whether the published score follows from each conclusion: never, or not from what is stated alone."""
    several = len(set(spoken["position"])) > 1
    for position, its in spoken.groupby("position"):
        which = f"conclusion {position}" if several else "the conclusion"
        claimed = dict(zip(its["dimension"], its["claimed"], strict=True))
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
            told = f"by no reading do the claims of {which} lead to the published {signed(published)}."
            yield finding("claims_contradict_score", HIGH, subject, told, member=member["member"])
        elif not all(fits) and open_keys:
            told = (
                f"the published {signed(published)} does not follow from {which} alone: it does not say whether action "
                f"in {', '.join(open_keys)} was strong or weak."
            )
            yield finding("claim_strength_unstated", LOW, subject, told, member=member["member"])
            return


def _weak_examples(texts: pd.Series, subject: str, member: str, codebook: Codebook) -> Iterator[Row]:
    """Strong action exemplified by what the codebook's cues call weak."""
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
        told = f"action is called strong by an example that the guidelines call weak: {hits[0][:120]!r}."
        yield finding("strong_despite_weak_example", LOW, subject, told, member=member)


def _worded(claimed: str) -> str:
    return "not enough" if claimed == "not" else f"{claimed} action"
