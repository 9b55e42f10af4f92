"""Share the labelling of a run between people: the label plan, and joining labels from several places."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import tomli_w
from pydantic import ValidationError

from g7tag.codebook import Codebook, read_toml
from g7tag.errors import InputError, RunError
from g7tag.labels import LabelPlan, current_annotations, make_plan, plain_name, plan_problem
from g7tag.store import (
    LABELS_FOLDER,
    inside,
    label_rows,
    labels_locked,
    read_label_rows,
    read_labels,
    text_sha256,
    write_atomic,
    write_label_rows,
)
from g7tag.text import counted

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

PLAN_FILE = f"{LABELS_FOLDER}/plan.toml"
"""Who labels what, in a run directory."""


class Merged(NamedTuple):
    """What a merge changed: the number of new labels of each annotator, and notes on labels and names."""

    added: dict[str, int]
    notes: list[str]


def write_label_plan(
    run: "Run", annotators: Sequence[str], *, coders: int = 1, shared: float = 0.1, random_state: int = 0
) -> LabelPlan:
    """Save who labels which items in the run directory, and return the plan.

    Parameters
    ----------
    annotators
        Names of the people.
    coders
        Number of people who label each item.
    shared
        Share of the items that everybody labels, in [0, 1].
    random_state
        Seed of the draw.

    Raises
    ------
    InputError
        The run is not saved, or the plan is not possible.
    """
    names = [" ".join(name.split()) for name in annotators]
    plan = make_plan(names, coders=coders, shared=shared, random_state=random_state)
    with labels_locked(run.saved.path):
        write_atomic(inside(run.saved.path, PLAN_FILE), tomli_w.dumps(plan.model_dump()).encode())
    return plan


def read_plan(directory: Path) -> LabelPlan | None:
    """Return the label plan of a run directory; None if it has none."""
    file = inside(directory, PLAN_FILE)
    if not file.is_file():
        return None
    try:
        return LabelPlan.model_validate(read_toml(file))
    except (OSError, ValueError) as error:  # ValidationError is a ValueError
        why = plan_problem(error) if isinstance(error, ValidationError) else f"cannot be read ({str(error)[:120]})"
        msg = f"{file}: {why}. Correct it, or remove the file."
        raise RunError(msg) from error


def merge_labels(run: "Run", others: Sequence[Path | str] | Path | str) -> Merged:
    """Add labels that people made in other places to the run directory; no label is lost or doubled.

    Parameters
    ----------
    others
        Run directories, their folders `labels`, or label files (.jsonl).

    Returns
    -------
    Merged
        The number of new labels of each annotator, and notes: labels that do not count because their sentence is gone
        or was changed, and names that are almost the same.

    Raises
    ------
    InputError
        The run is not saved, or a place has no labels, or only labels of another report. Nothing is merged.
    RunError
        A label file was damaged, or label plans differ. Nothing is merged.
    """
    path, sentences = run.saved.path, run.sentences
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    places = [Path(other) for other in ([others] if isinstance(others, Path | str) else others)]
    found = [_rows_of(place, run.codebook) for place in places]
    for place, rows in zip(places, found, strict=True):
        if not any(texts.get(row["sentence_id"]) == row["text_sha256"] for row in rows.values()):
            msg = (
                f"{place}: none of its {len(rows)} labels is on a sentence of {path}; it is of another report. "
                "Nothing was merged."
            )
            raise InputError(msg)
    plan = _one_plan([path, *places])
    with labels_locked(path):
        own = label_rows(path, run.codebook, may_lack=True)  # the others may bring back what is missing
        everything = own | {name: row for rows in found for name, row in rows.items()}
        write_label_rows(path, everything.values())
        if plan is not None and not inside(path, PLAN_FILE).is_file():
            write_atomic(inside(path, PLAN_FILE), plan)
    added = pd.Series([row["annotator"] for name, row in everything.items() if name not in own], dtype="str")
    counts = {str(name): int(n) for name, n in added.value_counts().sort_index().items()}
    names = {str(row["annotator"]) for row in everything.values()}
    return Merged(counts, [*gone_notes(run), *_name_notes(names)])


def gone_notes(run: "Run") -> list[str]:
    """Return a note if labels in a run directory do not count because their sentences are gone or were changed."""
    labels = read_labels(run.saved.path, run.codebook)
    latest = labels.drop_duplicates(["sentence_id", "annotator"], keep="last")
    latest = latest[latest["occasion"] != "withdrawn"]
    counting = current_annotations(latest, run.sentences)
    gone = latest[~latest["annotation_id"].isin(counting["annotation_id"])]
    if gone.empty:
        return []
    shown = ", ".join(sorted(set(gone["sentence_id"]))[:5])
    verb = "does" if len(gone) == 1 else "do"
    return [f"{counted(len(gone), 'label')} {verb} not count: the sentence is gone, or its text differs ({shown})."]


def _name_notes(names: Iterable[str]) -> list[str]:
    """Return a note for each group of annotators with almost the same name: they count as several people."""
    groups = [sorted(group) for _, group in groupby(sorted(names, key=plain_name), plain_name)]
    words = "{} count as different people. If they are one person, use one name."
    return [words.format(" and ".join(map(repr, group))) for group in groups if len(group) > 1]


def _rows_of(place: Path, codebook: Codebook) -> dict[str, dict[str, Any]]:
    """Return the label rows of a run directory, a folder of label files, or one file, by id."""
    if (place / LABELS_FOLDER).is_dir():
        rows = label_rows(place, codebook)
    else:
        files = [place] if place.is_file() else sorted(place.glob("[!.]*.jsonl"))
        rows = {name: row for file in files for name, row in read_label_rows(file, codebook).items()}
    if not rows:
        msg = f"{place}: has no labels. Expected a run directory, its folder `labels`, or a file of it (.jsonl)."
        raise InputError(msg)
    return rows


def _one_plan(places: Iterable[Path]) -> bytes | None:
    """Return the file of the label plan of run directories; None if there is none."""
    plans = {place: read_plan(place) for place in places if (place / LABELS_FOLDER).is_dir()}
    known = [place for place, plan in plans.items() if plan is not None]
    for place in known[1:]:
        if plans[place] != plans[known[0]]:
            msg = f"{known[0] / PLAN_FILE} and {place / PLAN_FILE} differ. Copy one to both places and merge again."
            raise RunError(msg)
    return inside(known[0], PLAN_FILE).read_bytes() if known else None
