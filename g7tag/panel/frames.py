"""The frames of a panel: scores, averages, ranks and consistency over the chapters of one or more reports."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import PANEL_CONSISTENCY, PANEL_SCORES, Frames, build, validate
from g7tag.labels import label_kinds
from g7tag.panel.acts import chapter_items, shared_acts
from g7tag.panel.standings import Ambition, known_ends, standings
from g7tag.scoring import reconcile
from g7tag.statistics import mean_interval
from g7tag.store import PEOPLE
from g7tag.text import listed

_CELL = ["commitment_id", "member"]
_COMPARED = ("min_strong_items", "readings", "policy")
"""Columns of the consistency frame that should be equal in all chapters."""


class Chapter(NamedTuple):
    """A scored run of one commitment: its name, codebook and frames without other commitments, and the final scores."""

    name: str
    codebook: Codebook
    frames: Frames
    final: pd.DataFrame


class PanelFrames(NamedTuple):
    """The frames of a panel.

    Attributes
    ----------
    scores
        One row for each commitment, member and reading: published, suggested and final score, probabilities, and
        whether the row counts in averages and ranks.
    standings
        By published and by suggested scores: each member's average compliance in percent with its 95% interval, and
        its best and worst rank. Published: the ranks are exact, under all weightings of the commitments between equal
        weights and weights by ambition. Suggested: intervals and ranks come from draws of the scores.
    consistency
        How each chapter was read, labelled and scored, and in what it differs from most.
    shared_acts
        Pairs of items of one member, in two chapters, that perhaps describe one act.
    """

    scores: pd.DataFrame
    standings: pd.DataFrame
    consistency: pd.DataFrame
    shared_acts: pd.DataFrame


def panel_frames(chapters: Sequence[Chapter], ambition: Ambition, *, reading: str | None = None) -> PanelFrames:
    """Return the frames of a panel.

    Parameters
    ----------
    chapters
        Chapters on different commitments, at least one.
    ambition
        The ambition of each commitment; may be empty.
    reading
        Name of the reading that counts in averages and ranks; None takes the first reading of each codebook.

    Returns
    -------
    PanelFrames
        A member is known by its code. Members have the names and the order of the first codebook that has them.

    Raises
    ------
    InputError
        A codebook does not have the reading.
    """
    names: dict[str, str] = {}
    for chapter in chapters:
        names |= {code: member for member, code in chapter.codebook.codes.items() if code not in names}
    scores = validate(pd.concat([_scores(each, names, reading) for each in chapters], ignore_index=True), PANEL_SCORES)
    known = set(scores["member"])
    items = [chapter_items(each.frames, each.codebook, names) for each in chapters]
    return PanelFrames(
        scores=scores,
        standings=standings(scores[scores["averaged"]], [each for each in names.values() if each in known], ambition),
        consistency=_consistency(chapters, ambition),
        shared_acts=shared_acts(pd.concat(items, ignore_index=True)),
    )


def _scores(chapter: Chapter, names: Mapping[str, str], reading: str | None) -> pd.DataFrame:
    """Return the scores of a chapter with the members' codes and common names, and what was decided."""
    book, known = chapter.codebook, [each.name for each in chapter.codebook.readings]
    if reading is not None and reading not in known:
        msg = f"{chapter.name}: no reading {reading!r}, found {listed(known)}. Give a reading that all codebooks have."
        raise InputError(msg)
    final = chapter.final[[*_CELL, "final_score", "basis"]]
    table = chapter.frames["scores"].merge(final, on=_CELL, how="left", validate="many_to_one")
    codes, counts = table["member"].map(book.codes), table["reading"] == (reading or known[0])
    year = int(book.commitment.id.partition("-")[0])
    table = table.assign(member=codes.map(names), code=codes, year=year, averaged=counts)
    return table[list(PANEL_SCORES.columns)].astype({"year": "Int64"})


def _consistency(chapters: Sequence[Chapter], ambition: Ambition) -> pd.DataFrame:
    """Return how each chapter was read, labelled and scored, and what differs from the other chapters."""
    rows = [_made(each, ambition) for each in chapters]
    compared: list[dict[tuple[str, str], Any]] = [{(name, ""): row[name] for name in _COMPARED} for row in rows]
    for facts, chapter in zip(compared, chapters, strict=True):
        for reading in chapter.codebook.readings:  # only readings with one name are compared
            facts["rules", reading.name] = str([rule.model_dump(exclude={"name"}) for rule in reading.rules])
    for key in dict.fromkeys(key for facts in compared for key in facts):
        n = Counter(facts[key] for facts in compared if key in facts)
        usual = [value for value in n if n[value] == max(n.values())]
        for row, facts in zip(rows, compared, strict=True):
            if key in facts and [facts[key]] != usual and key[0] not in row["differs"].split(";"):
                row["differs"] = ";".join(filter(None, [row["differs"], key[0]]))
    return build(PANEL_CONSISTENCY, rows)


def _made(chapter: Chapter, ambition: Ambition) -> dict[str, Any]:
    """Return how a chapter was read, labelled and scored."""
    frames, book = chapter.frames, chapter.codebook
    labels = frames["labels"].merge(frames["sentences"][["sentence_id", "item_id"]], on="sentence_id")
    carrying = labels[labels["strength"] != "none"]
    is_strong = (carrying["strength"] == "strong").astype("float64")
    ends = mean_interval(is_strong.to_numpy(), carrying["item_id"].to_numpy())
    low, high, reason = known_ends(ends.low, ends.high, carrying["item_id"].nunique(), "labelled item")
    verdicts = reconcile(frames["scores"])["verdict"]
    return {
        "commitment_id": book.commitment.id, "title": book.commitment.title, "run": chapter.name,
        "codebook_version": book.version, "min_strong_items": book.min_strong_items,
        "readings": ";".join(reading.name for reading in book.readings),
        "tagger": ";".join(frames["tags"]["tagger"].unique()), "policy": ";".join(labels["policy"].unique()),
        "n_people": int(label_kinds(labels, frames["annotations"]).isin(PEOPLE).sum()),
        "n_labelled": len(carrying), "share_strong": is_strong.mean(), "low": low,
        "high": high, "reason": reason,
        "n_members": len(verdicts), "n_matched": int((verdicts == "agrees").sum()),
        "ambition": float(ambition[book.commitment.id]) if ambition else math.nan, "differs": "",
    }  # fmt: skip
