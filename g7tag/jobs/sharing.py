"""Share the labelling of a run between people: the label plan, and joining labels from several places."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import tomli_w
from pydantic import ValidationError

from g7tag.codebook import Codebook, read_toml
from g7tag.errors import InputError, RunError
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.labels import LabelPlan, current_annotations, make_plan, plain_name, plan_problem
from g7tag.store import (
    LABELS_FOLDER,
    RunDirectory,
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

PLAN_FILE = f"{LABELS_FOLDER}/plan.toml"
"""Who labels what, in a run directory."""


class Merged(NamedTuple):
    """What a merge changed: the number of new labels of each annotator, and notes on labels and names."""

    added: dict[str, int]
    notes: list[str]


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


def write_plan(
    directory: Path | str, annotators: Sequence[str], *, coders: int = 1, shared: float = 0.1, random_state: int = 0
) -> LabelPlan:
    """Save who labels what in a run directory, and return the plan."""
    names = [" ".join(name.split()) for name in annotators]
    plan = make_plan(names, coders=coders, shared=shared, random_state=random_state)
    with labels_locked(Path(directory)):
        write_atomic(inside(Path(directory), PLAN_FILE), tomli_w.dumps(plan.model_dump()).encode())
    return plan


def merge_labels(directory: Path | str, others: Sequence[Path | str], *, codebook: Codebook | None = None) -> Merged:
    """Add the labels of other places to a run directory."""
    path = Path(directory)
    book = open_codebook(codebook, path)
    sentences = read_run(RunDirectory(path), ["sentences"], book)["sentences"]
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    found = {Path(other): _rows_of(Path(other), book) for other in others}
    for other, rows in found.items():
        if not any(texts.get(row["sentence_id"]) == row["text_sha256"] for row in rows.values()):
            msg = (
                f"{other}: none of its {len(rows)} labels is on a sentence of {path}; it is of another report. "
                "Nothing was merged."
            )
            raise InputError(msg)
    plan = _one_plan(path, found)
    with labels_locked(path):
        own = label_rows(path, book, may_lack=True)  # the others may bring back what is missing
        everything = own | {name: row for rows in found.values() for name, row in rows.items()}
        write_label_rows(path, everything.values())
        if plan is not None and not inside(path, PLAN_FILE).is_file():
            write_atomic(inside(path, PLAN_FILE), plan)
    added = pd.Series([row["annotator"] for name, row in everything.items() if name not in own], dtype="str")
    counts = {str(name): int(n) for name, n in added.value_counts().sort_index().items()}
    names = {str(row["annotator"]) for row in everything.values()}
    return Merged(counts, [*gone_notes(path, sentences, book), *_name_notes(names)])


def gone_notes(directory: Path, sentences: pd.DataFrame, codebook: Codebook) -> list[str]:
    """Return a note if labels in a run directory do not count because their sentences are gone or were changed."""
    labels = read_labels(directory, codebook)
    latest = labels.drop_duplicates(["sentence_id", "annotator"], keep="last")
    latest = latest[latest["occasion"] != "withdrawn"]
    counting = current_annotations(latest, sentences)
    gone = latest[~latest["annotation_id"].isin(counting["annotation_id"])]
    if gone.empty:
        return []
    shown = ", ".join(sorted(set(gone["sentence_id"]))[:5])
    verb = "does" if len(gone) == 1 else "do"
    return [f"{counted(len(gone), 'label')} {verb} not count: the sentence is gone, or its text differs ({shown})."]


def _name_notes(names: Iterable[str]) -> list[str]:
    """Return a note for each group of annotators with almost the same name: they count as several people."""
    groups: dict[str, set[str]] = {}
    for name in names:
        groups.setdefault(plain_name(name), set()).add(name)
    return [
        f"{' and '.join(map(repr, sorted(group)))} count as different people. If they are one person, use one name."
        for group in groups.values()
        if len(group) > 1
    ]


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


def _one_plan(path: Path, others: dict[Path, dict[str, dict[str, Any]]]) -> bytes | None:
    """Return the label plan of all places; None if there is none."""
    places = [path, *(other for other in others if (other / LABELS_FOLDER).is_dir())]
    plans = {place: read_plan(place) for place in places}
    known = {place: plan for place, plan in plans.items() if plan is not None}
    if len({plan.model_dump_json() for plan in known.values()}) > 1:
        first, second = list(known)[:2]
        msg = f"{first / PLAN_FILE} and {second / PLAN_FILE} differ. Copy one of them to both places and merge again."
        raise RunError(msg)
    return inside(next(iter(known)), PLAN_FILE).read_bytes() if known else None
