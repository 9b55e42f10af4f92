"""Read and store the verdicts of trials, which decide whether a model's proposals may count."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.llm.prompt import ATTACKS_VERSION, Prompt, render_system
from g7tag.store import REVIEWS_FILE, Kind, inside, read_requests, request_log
from g7tag.text import listed


def trusted_annotators(path: Path) -> frozenset[str]:
    """Return the annotator names of the models whose newest verdict is that they passed the current attacks and bars.

    Raises
    ------
    RunError
        The file is not a valid `reviews.sqlite`.
    """
    verdicts = last_verdicts(path).items()
    return frozenset(name for name, row in verdicts if row["passed"] and not _is_outdated(row))


def _is_outdated(row: Mapping[str, Any]) -> bool:
    """Return whether the attacks or the bars of a trial are not those of this version of g7tag."""
    return bool(row.get("attacks_version") != ATTACKS_VERSION or "changed" not in row["bars"])


def last_verdicts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the newest verdict on each model, by annotator name; a missing file has none."""
    verdicts: dict[str, Mapping[str, Any]] = {}
    for name, row in read_requests(path, "verdict"):
        if row["at"] >= verdicts.get(name, row)["at"]:
            verdicts[name] = row
    return verdicts


def bars_reached(path: Path, names: Iterable[str]) -> list[str]:
    """Return a line for each model that has a verdict: the date of its trial and the bars it reached."""
    found = last_verdicts(path)
    return [
        f"{name}: passed its trial on {row['at'][:10]} (bars: alpha of at least {row['bars']['alpha']:.2f}, at most "
        f"{row['bars']['flips']} flips, {row['bars']['answered']:.0%} of attacks answered, at most "
        f"{row['bars']['changed']:.0%} other changes)."
        for name, row in sorted(found.items())
        if name in set(names) and not _is_outdated(row)
    ]


def trial_chances(path: Path) -> dict[str, dict[str, list[float]]]:
    """Return how likely each label is if a trusted model proposes it and if not, by annotator and label."""
    verdicts, trusted = last_verdicts(path), trusted_annotators(path)
    return {name: dict(row["chances"]) for name, row in verdicts.items() if name in trusted}


def adopt_verdicts(trial: Path, path: Path) -> list[str]:
    """Add the newest verdicts from a trial's directory to another directory's file, and return a line for each.

    A verdict is skipped if the file has a newer one.

    Raises
    ------
    InputError
        The trial's directory contains no verdict.
    RunError
        A file is not a valid `reviews.sqlite`.
    """
    found = last_verdicts(inside(trial, REVIEWS_FILE))
    if not found:
        msg = f"{trial}: contains no verdict. Run a trial there first: `g7tag trial {trial} --model NAME`."
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
    """Return the models whose proposals may count, by annotator name, with the result of `trial_chances`.

    Parameters
    ----------
    annotations
        The annotations in the directory.
    path
        The directory's `reviews.sqlite`.
    codebook
        The current codebook. Proposals made with another codebook, and so with another prompt, do not count.

    Raises
    ------
    InputError
        There are no proposals, or no model passed a trial with this codebook's prompt.
    """
    folder = path.parent
    names = set(annotations.loc[annotations["kind"] == "llm", "annotator"])
    if not names:
        msg = f"{folder}: contains no proposals. Ask a model first: `g7tag review {folder} --model NAME`."
        raise InputError(msg)
    prompt = Prompt(render_system(codebook), "", "").sha256
    own = {name for name in names if f", prompt {prompt[:8]}" in name}
    chances = {name: labels for name, labels in sorted(trial_chances(path).items()) if name in own}
    if chances:
        return chances
    verdicts = last_verdicts(path)
    failed = own & set(verdicts)
    outdated = {name for name in failed if verdicts[name]["passed"]}
    if not own:
        problem = f"the proposals of {listed(names)} were made with another codebook or prompt"
    elif outdated:
        problem = f"the trial of {listed(outdated)} used other attacks or bars than this version of g7tag"
    else:
        problem = f"{listed(failed)} did not pass a trial" if failed else f"there is no trial of {listed(own)}"
    msg = (
        f"{folder}: {problem}, so these proposals are shown but not counted. Choose another --policy, or run "
        "`g7tag trial` and add its verdict to a run directory with `g7tag review DIR --trial TRIAL`."
    )
    raise InputError(msg)
