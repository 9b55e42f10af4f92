"""Verdicts of trials: whether a model's proposals may count, with one prompt."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from g7tag.errors import InputError, listed
from g7tag.store import REVIEWS_FILE, Kind, read_requests, request_log


def trusted_annotators(path: Path) -> frozenset[str]:
    """Return the models, by the name that they sign with, whose last verdict in a directory's file is that they passed.

    Raises
    ------
    RunError
        The file is no such file.
    """
    return frozenset(name for name, row in last_verdicts(path).items() if row["passed"])


def last_verdicts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the last verdict on each model by the name that it signs with; a missing file has none."""
    return dict(read_requests(path, "verdict"))


def trial_chances(path: Path) -> dict[str, dict[str, list[float]]]:
    """Return how likely each label holds where a trusted model gives it and where not, by annotator and label."""
    verdicts, trusted = last_verdicts(path), trusted_annotators(path)
    return {name: dict(row["chances"]) for name, row in verdicts.items() if name in trusted}


def adopt_verdicts(trial: Path, path: Path) -> list[str]:
    """Add the last verdicts of a trial's directory to another directory's file, and return whom they are on.

    Raises
    ------
    InputError
        The directory holds no verdict.
    RunError
        A file is no such file.
    """
    found = last_verdicts(trial / REVIEWS_FILE)
    if not found:
        msg = f"{trial}: holds no verdict. Make a trial there first: `g7tag trial {trial} --model NAME`."
        raise InputError(msg)
    before = last_verdicts(path)
    fresh: list[tuple[Kind, str, Mapping[str, Any]]] = [
        ("verdict", name, row) for name, row in found.items() if before.get(name) != row
    ]
    if fresh:
        with request_log(path) as log:
            log.add(fresh)
    return sorted(found)


def require_counted(names: frozenset[str], path: Path, where: str) -> None:
    """Refuse to count proposals of models that did not pass a trial.

    Parameters
    ----------
    names
        The models whose proposals are there.
    path
        The directory's file.
    where
        What the message begins with.

    Raises
    ------
    InputError
        There are no proposals, or all are of models that did not pass.
    """
    if not names:
        msg = f"{where}: no model has proposed anything here. Ask one first: `g7tag review {path.parent} --model NAME`."
        raise InputError(msg)
    verdicts = last_verdicts(path)
    if not names & trusted_annotators(path):
        failed = sorted(names & set(verdicts))
        told = f"{listed(failed)} did not pass its trial" if failed else f"{listed(names)} stood no trial"
        msg = (
            f"{where}: {told}, so its proposals are shown and not counted; choose another --policy. "
            "A verdict comes from `g7tag trial`, and into a run directory by `g7tag review DIR --trial TRIAL`."
        )
        raise InputError(msg)
