"""The frames of a panel: scores, averages, ranks and consistency over the chapters of one or more reports."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import PANEL_AVERAGES, PANEL_CONSISTENCY, PANEL_RANKS, PANEL_SCORES, Frames, build, validate
from g7tag.labels import label_kinds
from g7tag.panel.acts import chapter_items, shared_acts
from g7tag.panel.ranks import Ambition, Ranks, drawn_ranks, published_ranks
from g7tag.scoring import P_COLUMNS, compliance_percent, reconcile
from g7tag.statistics import Interval, mean_interval
from g7tag.store import PEOPLE

PUBLISHED, SUGGESTED = "published", "suggested"
_CELL = ["commitment_id", "member"]
_COMPARED = ("min_strong_items", "readings", "policy")
"""Columns of the consistency frame that should be equal in all chapters."""


class Chapter(NamedTuple):
    """A scored run of one commitment: its name, codebook and frames, and the final scores."""

    name: str
    codebook: Codebook
    frames: Frames
    final: pd.DataFrame


class PanelFrames(NamedTuple):
    """The frames of a panel."""

    scores: pd.DataFrame
    averages: pd.DataFrame
    ranks: pd.DataFrame
    consistency: pd.DataFrame
    shared_acts: pd.DataFrame


def panel_frames(chapters: Sequence[Chapter], ambition: Ambition) -> PanelFrames:
    """Return the frames of a panel of chapters on different commitments; `ambition` may be empty.

    A member is known by its code, and has the name that the first chapter gives it. Averages and ranks of suggested
    scores are those under the first reading of each codebook.
    """
    names: dict[str, str] = {}
    for chapter in chapters:
        for code, member in chapter.frames["members"][["code", "member"]].itertuples(index=False):
            names.setdefault(code, member)
    scores = validate(pd.concat([_scores(each, names) for each in chapters], ignore_index=True), PANEL_SCORES)
    first = scores.drop_duplicates(_CELL)  # the first reading
    first = first.assign(published=first["published_score"].astype("float64"), suggested=_expected(first))
    items = [chapter_items(each.frames, each.codebook, names) for each in chapters]
    return PanelFrames(
        scores=scores,
        averages=_averages(first),
        ranks=_ranks(first, ambition),
        consistency=_consistency(chapters, ambition),
        shared_acts=shared_acts(pd.concat(items, ignore_index=True)),
    )


def _scores(chapter: Chapter, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the scores of a chapter with the members' codes and common names, and what was decided."""
    commitment = chapter.codebook.commitment.id
    scores = chapter.frames["scores"]
    codes = chapter.frames["members"][[*_CELL, "code"]]
    table = scores[scores["commitment_id"] == commitment].merge(codes, on=_CELL, how="left", validate="many_to_one")
    final = chapter.final[[*_CELL, "final_score", "basis"]]
    table = table.merge(final, on=_CELL, how="left", validate="many_to_one")
    table = table.assign(member=table["code"].map(names), year=int(commitment.partition("-")[0]))
    return table[list(PANEL_SCORES.columns)].astype({"year": "Int64"})


def _expected(scores: pd.DataFrame) -> pd.Series:
    """Return the mean of the score under its probabilities, given that there is a score; NaN if they are unknown."""
    shares = scores[list(P_COLUMNS.values())].astype("float64")
    whole = shares.sum(axis=1, skipna=False)
    return (shares["p_plus1"] - shares["p_minus1"]) / whole.where(whole > 0)


def _averages(first: pd.DataFrame) -> pd.DataFrame:
    """Return each member's mean score with its interval over commitments."""
    rows = []
    for member, own in first.groupby("member", sort=False):
        for name in (PUBLISHED, SUGGESTED):
            known = own[own[name].notna()]
            n, mean = len(known), float(known[name].mean()) if len(known) else math.nan
            low, high, reason = _interval(known[name], known["commitment_id"], "scores")
            if n < 2:
                reason = "only one commitment, so no interval" if n else "no score"
            ends = {"low": compliance_percent(low), "high": compliance_percent(high)}
            row = {"member": member, "scores": name, "n": n, "mean": mean, "percent": compliance_percent(mean)}
            rows.append(row | ends | {"reason": reason})
    return build(PANEL_AVERAGES, rows)


def _interval(values: pd.Series, groups: pd.Series, noun: str) -> Interval:
    """Return the interval of a mean; NaN if all values are equal, since their resamples are equal, too."""
    if len(set(values)) == 1:
        return Interval(math.nan, math.nan, f"all {noun} are equal, so no interval")
    return mean_interval(values.to_numpy(), groups.to_numpy())


def _ranks(first: pd.DataFrame, ambition: Ambition) -> pd.DataFrame:
    """Return each member's ranks by published scores, and the range of its rank by suggested scores."""
    known: dict[str, dict[str, Any]] = {PUBLISHED: {}, SUGGESTED: {}}
    for row in first.to_dict("records"):
        member, commitment = row["member"], row["commitment_id"]
        if not pd.isna(row["published_score"]):
            known[PUBLISHED].setdefault(member, {})[commitment] = int(row["published_score"])
        if not pd.isna(row[SUGGESTED]):
            known[SUGGESTED].setdefault(member, {})[commitment] = tuple(row[name] for name in P_COLUMNS.values())
    found = {
        PUBLISHED: published_ranks(known[PUBLISHED], ambition), SUGGESTED: drawn_ranks(known[SUGGESTED], ambition)
    }  # fmt: skip
    rows = []
    for member in first["member"].drop_duplicates():
        for name, ranks in found.items():
            own: Ranks | None = ranks.get(member)
            rows.append(
                {
                    "member": member, "scores": name, "n": len(known[name].get(member, ())),
                    "best": own and own.best, "worst": own and own.worst, "reason": "" if own else "no score",
                }
            )  # fmt: skip
    return build(PANEL_RANKS, rows)


def _consistency(chapters: Sequence[Chapter], ambition: Ambition) -> pd.DataFrame:
    """Return how each chapter was read, labelled and scored, and what differs from the other chapters."""
    rows = [_made(each, ambition) for each in chapters]
    for name in _COMPARED:
        values = [row[name] for row in rows]
        usual = {value for value in values if values.count(value) == max(map(values.count, values))}
        for row in rows:
            if len(usual) > 1 or row[name] not in usual:
                row["differs"] += f";{name}" if row["differs"] else name
    return build(PANEL_CONSISTENCY, rows)


def _made(chapter: Chapter, ambition: Ambition) -> dict[str, Any]:
    """Return how a chapter was read, labelled and scored."""
    frames, book = chapter.frames, chapter.codebook
    own = {name: frames[name][frames[name]["commitment_id"] == book.commitment.id] for name in ("sentences", "scores")}
    sentences = own["sentences"][["sentence_id", "item_id"]]
    labels, tags = (frames[name].merge(sentences, on="sentence_id") for name in ("labels", "tags"))
    carrying = labels[labels["strength"] != "none"]
    is_strong = carrying["strength"] == "strong"
    low, high, reason = _interval(is_strong.astype("float64"), carrying["item_id"], "strengths")
    verdicts = reconcile(own["scores"])["verdict"]
    return {
        "commitment_id": book.commitment.id, "title": book.commitment.title, "run": chapter.name,
        "codebook_version": book.version, "min_strong_items": book.min_strong_items,
        "readings": ";".join(reading.name for reading in book.readings),
        "tagger": ";".join(tags["tagger"].unique()), "policy": ";".join(labels["policy"].unique()),
        "n_people": int(label_kinds(labels, frames["annotations"]).isin(PEOPLE).sum()),
        "n_labelled": len(carrying), "share_strong": float(is_strong.mean()) if len(carrying) else math.nan,
        "low": low, "high": high, "reason": reason if len(carrying) else "no sentence has a dimension",
        "n_members": len(verdicts), "n_matched": int((verdicts == "agrees").sum()),
        "ambition": float(ambition[book.commitment.id]) if ambition else math.nan, "differs": "",
    }  # fmt: skip
