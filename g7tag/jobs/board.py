"""A board of a project folder: how far each chapter is, what blocks it, and who labels it."""

from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.errors import G7TagError, InputError
from g7tag.frames import BOARD, build
from g7tag.jobs.audits import unscored_notes
from g7tag.jobs.labelling import open_tags, to_label
from g7tag.jobs.opening import readable_codebook
from g7tag.jobs.pages import decisions_of
from g7tag.jobs.projects import runs_in
from g7tag.jobs.run import Run
from g7tag.jobs.sharing import read_plan
from g7tag.jobs.steps import labelled_sentences
from g7tag.labels import current_annotations, disputed_sentences
from g7tag.report import own_frames
from g7tag.store import CODEBOOK_FILE, PEOPLE
from g7tag.text import counted

Row = dict[str, Any]


def project_status(folder: Path | str = ".") -> pd.DataFrame:
    """Return how far each chapter of a project folder is, what blocks it, and who labels it.

    Parameters
    ----------
    folder
        A folder of run directories, such as the output of `run_chapters`, or a run directory; what else is in it is
        skipped. If it is no folder: an `InputError`.

    Returns
    -------
    pandas.DataFrame
        A row for each run directory: directory, commitment_id, title, blocked_by (what must be done next, "" if
        nothing; says why a run cannot be read), numbers, and labelled_by and planned (names, separated by semicolons).
        Numbers: n_items; n_gaps (parts of the report that were not read); n_doubtful sentences, n_labelled (those of
        them that people labelled); n_conflicts, n_adjudicated (sentences); n_scores, n_decided (those of them that are
        decided, or on which the analysts and the rules agree); n_high (findings that nobody decided).
        A number is missing if the run has not come so far. No runs give no rows.

    Examples
    --------
    >>> from g7tag.jobs import temporary_directory
    >>> len(project_status(temporary_directory()))
    0
    """
    place = Path(folder)
    if not place.is_dir():
        msg = f"{place}: is not a folder. Expected a project folder with run directories. Check the path."
        raise InputError(msg)
    return build(BOARD, [_status_of(place / run) for run in runs_in(place)])


def _status_of(path: Path) -> Row:
    book = readable_codebook(path / CODEBOOK_FILE)
    known = {"commitment_id": book.commitment.id, "title": book.commitment.title} if book else {}
    texts = dict.fromkeys(("commitment_id", "title", "blocked_by", "labelled_by", "planned"), "")
    row: Row = dict.fromkeys(BOARD.columns) | texts | known | {"directory": str(path)}
    try:
        run = Run.at(path)
        decided = _decided(run) if run.saved.has("findings") else {}  # first: it reads all frames at once
        row |= _read_and_labelled(run) | decided
        return row | {"blocked_by": _blocked_by(row, run)}
    except G7TagError as error:
        return row | {"blocked_by": f"cannot be read: {' '.join(str(error).split())}"}


def _read_and_labelled(run: Run) -> Row:
    """Return how much of a run was read and labelled, with the labels as they are now, and by whom."""
    now, plan = to_label(run), read_plan(run.saved.path)
    sentences, tags = labelled_sentences(now), open_tags(now)
    current = current_annotations(now.annotations, sentences)
    by_people = current[current["kind"].isin(PEOPLE)]
    doubtful = set(tags.loc[tags["needs_review"] & (tags["status"] != "empty"), "sentence_id"])
    return {
        "n_items": int((now.items["commitment_id"] == now.codebook.commitment.id).sum()),
        "n_gaps": int((now.gaps["kind"] == "unread").sum()),
        "n_doubtful": len(doubtful),
        "n_labelled": len(doubtful & set(by_people["sentence_id"])),
        "n_conflicts": len(disputed_sentences(now.annotations, sentences)),
        "n_adjudicated": int(by_people.loc[by_people["kind"] == "adjudicator", "sentence_id"].nunique()),
        "labelled_by": ";".join(sorted(set(by_people["annotator"]))),
        "planned": ";".join(plan.annotators if plan else []),
    }


def _decided(run: Run) -> Row:
    """Return how many scores of an audited run are decided, and how many high findings are not."""
    frames, decided = run.frames, decisions_of(run)
    closed = set(decided.ledger.loc[decided.ledger["status"] != "open", "finding_id"]) - set(decided.stale)
    findings = own_frames(frames, run.codebook)["findings"]
    is_high = (findings["severity"] == "high") & ~findings["finding_id"].isin(closed)
    is_open = decided.final["basis"].isin(["open", "stale"])
    return {"n_scores": len(is_open), "n_decided": int((~is_open).sum()), "n_high": int(is_high.sum())}


def _blocked_by(row: Row, run: Run) -> str:
    """Return what must be done next, in the order of the work; "" if nothing."""
    unlabelled, scored = row["n_doubtful"] - row["n_labelled"], run.saved.has("scores")
    undecided, n_high = (row["n_scores"] or 0) - (row["n_decided"] or 0), row["n_high"] or 0
    waiting = {
        "not tagged": not run.saved.has("tags"),
        counted(unlabelled, "doubtful sentence"): unlabelled,
        counted(row["n_conflicts"], "conflict"): row["n_conflicts"],
        "not scored": not scored,
        "labels not scored": scored and unscored_notes(run),
        "not audited": row["n_scores"] is None,
        f"{counted(undecided, 'score')} undecided": undecided,
        f"{counted(n_high, 'high finding')} open": n_high,
    }
    return next((block for block, holds in waiting.items() if holds), "")
