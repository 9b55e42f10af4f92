"""What changed from one version of a report, or of a codebook, to the next, as tables for a terminal or a page."""

from collections.abc import Mapping, Sequence

import pandas as pd

from g7tag.frames import column_word
from g7tag.report.cells import one_line, render, snippet
from g7tag.report.comparison import MOST, Part
from g7tag.report.tables import percent
from g7tag.scoring import signed
from g7tag.store import package_version
from g7tag.text import counted

_LONGEST, _WHOLE = 60, 400  # characters of a sentence, and of a part of a codebook, in a table


def version_parts(found: Mapping[str, pd.DataFrame], *, most: int | None = MOST) -> list[Part]:
    """Return what changed, which scores moved and why, and what became of people's labels."""
    items, scores, labels = found["items"], found["scores"], found["labels"]
    changed = items[(items["status"] != "same") | (items["changed"] != "")]
    chances = {name: scores[name].map(percent) for name in ("old_chance", "new_chance")}
    moved = scores.assign(**chances).drop(columns="item_ids")[(scores["why"] != "") | _differ(scores)]
    gone = labels[(labels["fate"] == "gone") & labels["current"]]
    n_items = _numbers(items["status"], ("same", "edited", "new", "gone"))
    n_labels = f"{counted(len(labels), 'label')}: {_numbers(labels['fate'], ('carried', 'to confirm', 'gone'))}."
    n_moved = f"{_differ(scores).sum()} of {counted(len(scores), 'score')} changed."
    return [
        _part("Items", [f"{n_items}."], changed[["new_id", "old_id", "status", "changed"]], "version_items", most),
        _part("Scores", [n_moved], moved, "version_scores", most),
        _part("Labels of people", [n_labels, *["Gone:"] * bool(len(gone))], _labels(gone, "old_text"), most=most),
    ]


def version_page(found: Mapping[str, pd.DataFrame]) -> str:
    """Return what changed as an HTML page that needs no network, with the texts of sentences that are not the same."""
    texts = found["sentences"].loc[found["sentences"]["status"] != "same", ["new_id", "status", "old_text", "new_text"]]
    parts = [*version_parts(found, most=None), _part("Sentences", [], texts.map(one_line), "version_sentences", None)]
    return render("tables.html", title="A new version", version=package_version(), parts=parts, figures={})


def codebook_change_parts(found: Mapping[str, pd.DataFrame], *, has_run: bool) -> list[Part]:
    """Return what differs, and, with a run, the labels that may be outdated and the scores that change."""
    labels, scores = found["labels"], found["scores"]
    parts = found["parts"].map(lambda text: snippet(text, _WHOLE))
    moved = scores[_differ(scores)]
    n_moved = f"{len(moved)} of {counted(len(scores), 'score')} would change with the same labels."
    outdated = f"{counted(len(labels), 'label')} may be outdated."
    shown = [
        _part("Codebooks", [f"{counted(len(parts), 'difference')}."], parts, "codebook_parts", most=None),
        _part("Labels of people", [outdated], _labels(labels, "reason", "text"), "outdated_labels"),
        _part("Scores", [n_moved], moved, "codebook_scores"),
    ]
    return shown if has_run else shown[:1]


def _part(name: str, lines: list[str], rows: pd.DataFrame, frame: str = "", most: int | None = MOST) -> Part:
    """Return a part with the first rows of a frame, with plain names and signed scores."""
    cut = [f"The first {most} of {len(rows)}; --json has all."] if most and len(rows) > most else []
    shown = rows.assign(**{column: rows[column].map(signed) for column in map(str, rows) if column.endswith("_score")})
    return Part(name, lines + cut, shown[:most].rename(columns=lambda column: column_word(column, frame).name))


def _labels(rows: pd.DataFrame, *others: str) -> pd.DataFrame:
    texts = {name: rows[name].map(lambda text: snippet(text, _LONGEST)) for name in others}
    named = rows.assign(annotator=rows["annotator"].map(one_line), **texts)
    return named[["sentence_id", "annotator", "label", *others]]


def _numbers(values: pd.Series, names: Sequence[str]) -> str:
    n = values.value_counts()
    return ", ".join(f"{n.get(name, 0)} {name}" for name in names)


def _differ(scores: pd.DataFrame) -> pd.Series:
    """Return which scores are not the same; two missing ones are."""
    return scores["old_score"].astype("float64").fillna(9) != scores["new_score"].astype("float64").fillna(9)
