"""What people share in a run directory: the label plan, settled cases, who is not blind, and labels of other places."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import tomli_w
from pydantic import ValidationError

from g7tag import labels, store
from g7tag.codebook import Codebook, Note, read_toml
from g7tag.errors import InputError, RunError
from g7tag.store import LABELS_FOLDER, inside, write_atomic
from g7tag.text import counted

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

PLAN_FILE, CASES_FILE = f"{LABELS_FOLDER}/plan.toml", f"{LABELS_FOLDER}/settled-cases.toml"
"""In a run directory: who labels what, and the cases that adjudicators settled, in the format of a codebook."""
OPENED_FILE = "not-blind.txt"
"""Names of those who opened the tabs of scores and findings, one a line."""


class Merged(NamedTuple):
    """What a merge changed: the number of new labels of each annotator, and notes on labels, names and cases."""

    added: dict[str, int]
    notes: list[str]


def write_label_plan(
    run: "Run", annotators: Sequence[str], *, coders: int = 1, shared: float = 0.1, random_state: int = 0
) -> labels.LabelPlan:
    """Save who labels which items in the run directory, and return the plan.

    Each item is labelled by as many of the annotators as `coders`; the share `shared` in [0, 1], drawn with the seed
    `random_state`, by everybody.

    Raises
    ------
    InputError
        The run is not saved, or the plan is not possible.
    """
    names = [" ".join(name.split()) for name in annotators]
    plan = labels.make_plan(names, coders=coders, shared=shared, random_state=random_state)
    with store.labels_locked(run.saved.path):
        write_plan(run.saved.path, plan)
    return plan


def write_plan(directory: Path, plan: labels.LabelPlan) -> None:
    """Write the label plan of a run directory; call it while the labels are locked."""
    write_atomic(inside(directory, PLAN_FILE), tomli_w.dumps(plan.model_dump(exclude_unset=True)).encode())


def read_plan(directory: Path) -> labels.LabelPlan | None:
    """Return the label plan of a run directory; None if it has none."""
    file = inside(directory, PLAN_FILE)
    if not file.is_file():
        return None
    try:
        return labels.LabelPlan.model_validate(read_toml(file))
    except (OSError, ValueError) as error:  # ValidationError is a ValueError
        unread = f"cannot be read ({str(error)[:120]})"
        why = labels.plan_problem(error) if isinstance(error, ValidationError) else unread
        msg = f"{file}: {why}. Correct it, or remove the file."
        raise RunError(msg) from error


def settle_case(directory: Path, case: str, decision: str) -> None:
    """Add a settled case to those of a run directory."""
    with store.labels_locked(directory):
        write_cases(directory, [*read_cases(directory), Note(case=case, decision=decision)])


def write_cases(directory: Path, cases: list[Note]) -> None:
    """Write the settled cases of a run directory; call it while the labels are locked."""
    notes = [case.model_dump() for place, case in enumerate(cases) if case not in cases[:place]]
    write_atomic(inside(directory, CASES_FILE), tomli_w.dumps({"notes": notes}).encode())


def read_cases(directory: Path) -> list[Note]:
    """Return the cases that adjudicators settled in a run directory; none if there is no file."""
    file = inside(directory, CASES_FILE)
    if not file.is_file():
        return []
    try:
        return [Note(**note) for note in read_toml(file)["notes"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        msg = f"{file}: cannot be read as settled cases ({str(error)[:120]}). Correct it, or remove the file."
        raise RunError(msg) from error


def who_opened_tabs(directory: Path) -> list[str]:
    """Return who opened the tabs of scores and findings at the desk: later labels of theirs are not blind."""
    file = inside(directory, OPENED_FILE)
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []


def note_opened(directory: Path, names: Iterable[str]) -> None:
    """Save who opened these tabs, beside those who did before; call it while the labels are locked."""
    before = who_opened_tabs(directory)
    now = list(dict.fromkeys([*before, *names]))
    if now != before:
        write_atomic(inside(directory, OPENED_FILE), "".join(f"{name}\n" for name in now).encode())


def merge_labels(run: "Run", others: Sequence[Path | str] | Path | str) -> Merged:
    """Add labels that people made in other places to the run directory; no label is lost or doubled.

    `others` are run directories, their folders `labels`, or label files (.jsonl). From run directories also come who is
    not blind, and the label plan and settled cases if this one has none. Labels of another report are an `InputError`,
    damaged label files or plans that differ a `RunError`; then nothing is merged.
    """
    path, sentences = run.saved.path, run.sentences
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(store.text_sha256), strict=True))
    places = [Path(other) for other in ([others] if isinstance(others, Path | str) else others)]
    found = [_rows_of(place, run.codebook) for place in places]
    for place, rows in zip(places, found, strict=True):
        if not any(texts.get(row["sentence_id"]) == row["text_sha256"] for row in rows.values()):
            msg = f"{place}: none of its {len(rows)} labels is on a sentence of {path}. Nothing was merged."
            raise InputError(msg)
    runs = [place for place in places if (place / LABELS_FOLDER).is_dir()]
    plan, opened = _one_plan([path, *runs]), [name for place in runs for name in who_opened_tabs(place)]
    with store.labels_locked(path):
        own = store.label_rows(path, run.codebook, may_lack=True)  # the others may bring back what is missing
        cases = read_cases(path) or next(filter(None, map(read_cases, runs)), [])
        differ = [place for place in runs if any(case not in cases for case in read_cases(place))]
        everything = own | {name: row for rows in found for name, row in rows.items()}
        store.write_label_rows(path, everything.values())
        note_opened(path, opened)
        if plan is not None and not inside(path, PLAN_FILE).is_file():
            write_atomic(inside(path, PLAN_FILE), plan)
        if cases and not read_cases(path):
            write_cases(path, cases)
    added = pd.Series([row["annotator"] for name, row in everything.items() if name not in own], dtype="str")
    counts = {str(name): int(n) for name, n in added.value_counts().sort_index().items()}
    names = {str(row["annotator"]) for row in everything.values()}
    words = f"{{}}: has cases that are not in {path / CASES_FILE}, which stays as it is. Copy those that hold into it."
    of_cases = [words.format(place / CASES_FILE) for place in differ]
    return Merged(counts, [*gone_notes(run), *_name_notes(names), *of_cases])


def gone_notes(run: "Run") -> list[str]:
    """Return a note if labels in a run directory do not count because their sentences are gone or were changed."""
    every = store.read_labels(run.saved.path, run.codebook)
    latest = every.drop_duplicates(["sentence_id", "annotator"], keep="last")
    latest = latest[latest["occasion"] != "withdrawn"]
    counting = labels.current_annotations(latest, run.sentences)
    gone = latest[~latest["annotation_id"].isin(counting["annotation_id"])]
    shown, verb = ", ".join(sorted(set(gone["sentence_id"]))[:5]), "does" if len(gone) == 1 else "do"
    note = f"{counted(len(gone), 'label')} {verb} not count: the sentence is gone, or its text differs ({shown})."
    return [note] if len(gone) else []


def _name_notes(names: Iterable[str]) -> list[str]:
    """Return a note for each group of annotators with almost the same name: they count as several people."""
    groups = [sorted(group) for _, group in groupby(sorted(names, key=labels.plain_name), labels.plain_name)]
    words = "{} count as different people. If they are one person, use one name."
    return [words.format(" and ".join(map(repr, group))) for group in groups if len(group) > 1]


def _rows_of(place: Path, codebook: Codebook) -> dict[str, dict[str, Any]]:
    """Return the label rows of a run directory, a folder of label files, or one file, by id."""
    if (place / LABELS_FOLDER).is_dir():
        rows = store.label_rows(place, codebook)
    else:
        files = [place] if place.is_file() else sorted(place.glob("[!.]*.jsonl"))
        rows = {name: row for file in files for name, row in store.read_label_rows(file, codebook).items()}
    if not rows:
        msg = f"{place}: has no labels. Expected a run directory, its folder `labels`, or a file of it (.jsonl)."
        raise InputError(msg)
    return rows


def _one_plan(directories: Iterable[Path]) -> bytes | None:
    """Return the file of the label plan of run directories; None if there is none."""
    plans = [(place, plan) for place in directories if (plan := read_plan(place)) is not None]
    for place, plan in plans[1:]:
        if plan != plans[0][1]:
            msg = f"{plans[0][0] / PLAN_FILE} and {place / PLAN_FILE} differ. Copy one to both places and merge again."
            raise RunError(msg)
    return inside(plans[0][0], PLAN_FILE).read_bytes() if plans else None
