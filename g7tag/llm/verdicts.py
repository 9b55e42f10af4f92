"""Verdicts of trials: whether a model's proposals may count, with one prompt."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError, listed
from g7tag.llm.prompt import ATTACKS_VERSION, Prompt, render_system
from g7tag.store import REVIEWS_FILE, Kind, inside, read_requests, request_log


def trusted_annotators(path: Path) -> frozenset[str]:
    """Return the models, by the name that they sign with, whose last verdict in a directory's file is that they passed.

    Raises
    ------
    RunError
        The file is no such file.
    """
    verdicts = last_verdicts(path).items()
    return frozenset(name for name, row in verdicts if row["passed"] and not _is_outdated(row))


def _is_outdated(row: Mapping[str, Any]) -> bool:
    """Whether a verdict is of a trial with other attacks than those of this g7tag."""
    return bool(row.get("attacks_version") != ATTACKS_VERSION)


def last_verdicts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the newest verdict on each model by the name that it signs with; a missing file has none."""
    verdicts: dict[str, Mapping[str, Any]] = {}
    for name, row in read_requests(path, "verdict"):
        if row["at"] >= verdicts.get(name, row)["at"]:
            verdicts[name] = row
    return verdicts


def bars_reached(path: Path, names: Iterable[str]) -> list[str]:
    """Return a line on the newest verdict on each of some models: when it was made, and which bars were reached."""
    found = last_verdicts(path)
    return [
        f"{name}: passed its trial of {found[name]['at'][:10]} (bars: alpha {found[name]['bars']['alpha']:.2f}, "
        f"{found[name]['bars']['flips']} flips)."
        for name in sorted(set(names) & set(found))
    ]


def trial_chances(path: Path) -> dict[str, dict[str, list[float]]]:
    """Return how likely each label holds where a trusted model gives it and where not, by annotator and label."""
    verdicts, trusted = last_verdicts(path), trusted_annotators(path)
    return {name: dict(row["chances"]) for name, row in verdicts.items() if name in trusted}


def adopt_verdicts(trial: Path, path: Path) -> list[str]:
    """Add the newest verdicts of a trial's directory to another directory's file, and return a line on each.

    A verdict that is older than one that is there is not added.

    Raises
    ------
    InputError
        The trial's directory holds no verdict.
    RunError
        A file is no such file.
    """
    found = last_verdicts(inside(trial, REVIEWS_FILE))
    if not found:
        msg = f"{trial}: holds no verdict. Make a trial there first: `g7tag trial {trial} --model NAME`."
        raise InputError(msg)
    before = last_verdicts(path)
    fresh: list[tuple[Kind, str, Mapping[str, Any]]] = [
        ("verdict", name, row) for name, row in found.items() if row["at"] > before.get(name, {}).get("at", "")
    ]
    if fresh:
        with request_log(path) as log:
            log.add(fresh)
    now = last_verdicts(path)
    return [
        f"{name}: {'passed' if now[name]['passed'] else 'not passed'}, {now[name]['at']}." for name in sorted(found)
    ]


def counted_models(annotations: pd.DataFrame, path: Path, codebook: Codebook) -> dict[str, dict[str, list[float]]]:
    """Return the models whose proposals may count, by the name that they sign with, and what their trials found.

    Parameters
    ----------
    annotations
        Those in the directory.
    path
        The directory's file.
    codebook
        What was proposed with another codebook, and so with another prompt, does not count.

    Raises
    ------
    InputError
        There are no proposals, or none of a model that passed a trial with this codebook's prompt.
    """
    where = path.parent
    names = set(annotations.loc[annotations["kind"] == "llm", "annotator"])
    if not names:
        msg = f"{where}: no model has proposed anything here. Ask one first: `g7tag review {where} --model NAME`."
        raise InputError(msg)
    prompt = Prompt(render_system(codebook), "", "").sha256
    own = {name for name in names if f", prompt {prompt[:8]}" in name}
    chances = {name: told for name, told in sorted(trial_chances(path).items()) if name in own}
    if chances:
        return chances
    verdicts = last_verdicts(path)
    failed = own & set(verdicts)
    outdated = {name for name in failed if verdicts[name]["passed"]}
    if not own:
        told = f"{listed(names)} proposed with another codebook or prompt"
    elif outdated:
        told = f"{listed(outdated)} stood a trial with fewer attacks than this g7tag makes"
    else:
        told = f"{listed(failed)} did not pass its trial" if failed else f"{listed(own)} stood no trial"
    msg = (
        f"{where}: {told}, so its proposals are shown and not counted; choose another --policy. "
        "A verdict comes from `g7tag trial`, and into a run directory by `g7tag review DIR --trial TRIAL`."
    )
    raise InputError(msg)
