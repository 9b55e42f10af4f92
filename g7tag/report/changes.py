"""What changed from one version of a report, or of a codebook, to the next, as tables for a terminal."""

from collections.abc import Sequence

import pandas as pd

from g7tag.audit import CodebookChanges, Versions
from g7tag.report.cells import one_line, snippet
from g7tag.report.comparison import MOST, Part
from g7tag.report.tables import percent
from g7tag.text import counted

_LONGEST, _WHOLE = 60, 400  # characters of a sentence, and of a part of a codebook, in a table


def version_parts(found: Versions, labels: pd.DataFrame) -> list[Part]:
    """Return what changed, which scores moved and why, and what became of people's labels."""
    items, scores = found.changes, found.score_changes
    changed = items[(items["status"] != "same") | (items["changed"] != "")]
    moved = scores[(scores["why"] != "") | _differ(scores)].rename(columns={"why": "Items at which it moves"})
    chances = {name: moved[name].map(percent) for name in ("old_chance", "new_chance")}
    gone = labels[(labels["fate"] == "gone") & labels["current"]]
    n_items = _numbers(items["status"], ("same", "edited", "new", "gone"))
    n_labels = _numbers(labels["fate"], ("carried", "to confirm", "gone"))
    n_moved = f"{_differ(scores).sum()} of {counted(len(scores), 'score')} changed."
    return [
        _part("Items", f"{n_items}.", changed[["new_id", "old_id", "status", "changed"]]),
        Part("Scores", [n_moved], moved.assign(**chances).drop(columns="item_ids")),
        _part("Labels of people", f"{counted(len(labels), 'label')}: {n_labels}.", gone.iloc[:0]),
        *([_part("Labels of sentences that are gone", "", _labels(gone, "old_text"))] if len(gone) else []),
    ]


def codebook_change_parts(found: CodebookChanges, *, has_run: bool) -> list[Part]:
    """Return what differs, and, with a run, the labels that may be outdated and the scores that change."""
    shown = found.parts.map(lambda text: snippet(text, _WHOLE)).set_axis(["Part", "Old", "New"], axis=1)
    labels, moved = found.labels, found.scores[_differ(found.scores)].drop(columns="old_rule")
    outdated = f"{counted(len(labels), 'label')} may be outdated."
    n_moved = f"{len(moved)} of {counted(len(found.scores), 'score')} would change with the same labels."
    return [
        Part("Codebooks", [f"{counted(len(shown), 'difference')}."], shown),
        *([_part("Labels of people", outdated, _labels(labels, "reason", "text"))] if has_run else []),
        *([Part("Scores", [n_moved], moved)] if has_run else []),
    ]


def _part(name: str, line: str, rows: pd.DataFrame) -> Part:
    cut = f"The first {MOST} of {len(rows)}; --json has all." if len(rows) > MOST else ""
    return Part(name, [*filter(None, [line, cut])], rows[:MOST])


def _labels(rows: pd.DataFrame, *others: str) -> pd.DataFrame:
    texts = {name: rows[name].map(lambda text: snippet(text, _LONGEST)) for name in others}
    named = rows.assign(annotator=rows["annotator"].map(one_line), **texts)
    return named[["sentence_id", "annotator", "label", *others]].rename(columns={"reason": "Why"})


def _numbers(values: pd.Series, names: Sequence[str]) -> str:
    n = values.value_counts()
    return ", ".join(f"{n.get(name, 0)} {name}" for name in names)


def _differ(scores: pd.DataFrame) -> pd.Series:
    old, new = scores["old_score"], scores["new_score"]
    return ~((old == new).fillna(value=False) | (old.isna() & new.isna())).astype("bool")
