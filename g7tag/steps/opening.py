"""Open what is there: codebooks, and the frames of a run directory."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import InputError, RunError, listed
from g7tag.steps.parts import models_of
from g7tag.store import Frames, RunDirectory, data_path

DEFAULT_CODEBOOK = "codebooks/2024-apulia-19.toml"


class Run(NamedTuple):
    """All frames of a run, as `g7tag.frames` describes them."""

    documents: pd.DataFrame
    gaps: pd.DataFrame
    commitments: pd.DataFrame
    members: pd.DataFrame
    summary: pd.DataFrame
    conclusions: pd.DataFrame
    claims: pd.DataFrame
    items: pd.DataFrame
    sentences: pd.DataFrame
    citations: pd.DataFrame
    tags: pd.DataFrame
    annotations: pd.DataFrame
    labels: pd.DataFrame
    evidence_matrix: pd.DataFrame
    scores: pd.DataFrame
    thresholds: pd.DataFrame
    flips: pd.DataFrame
    findings: pd.DataFrame
    joint_actions: pd.DataFrame
    equal_evidence: pd.DataFrame


def open_codebook(path: Path | str | None = None) -> Codebook:
    """Return the codebook of a file; None takes the one that comes with g7tag (2024 Apulia commitment 19)."""
    return load_codebook(codebook_file(path))


def codebook_file(path: Path | str | None = None) -> Path:
    """Return the path of a codebook, by default of the one that comes with g7tag."""
    return data_path(DEFAULT_CODEBOOK) if path is None else Path(path)


def open_run(path: Path | str, codebook: Codebook | None = None) -> Run:
    """Return the frames of a run directory that `run_report` or `g7tag run` wrote.

    Raises
    ------
    RunError
        It holds no whole run, was run with another codebook, or one of its files was changed since.
    """
    book = codebook or open_codebook()
    return Run(**read_run(RunDirectory(Path(path)), Run._fields, book))


def read_run(directory: RunDirectory, names: Sequence[str], codebook: Codebook) -> Frames:
    """Return frames of a run directory, if they were made with this codebook."""
    frames = directory.read(models_of(names, codebook))
    found = str(directory.settings("ingest").get("codebook"))
    if found != codebook.sha256:
        msg = (
            f"{directory.path}: was read with a codebook of sha256 {found[:12]}, not with {codebook.id!r} "
            f"({codebook.sha256[:12]}). Name the one it was read with: --codebook FILE."
        )
        raise RunError(msg)
    return frames


def scored_before(directory: RunDirectory, codebook: Codebook) -> Frames | None:
    """Return the labels and scores that a run directory has, None where it was not scored or they cannot be read."""
    try:
        return read_run(directory, ["labels", "scores"], codebook)
    except RunError:
        return None


def example_path(name: str) -> Path:
    """Return the path of an example that comes with g7tag: invented reports, decisions, labels, and a codebook.

    Raises
    ------
    InputError
        There is none of this name; the message lists those that there are.

    Examples
    --------
    >>> example_path("harbours.toml").name
    'harbours.toml'
    """
    folder = data_path("examples")
    names = sorted(file.name for file in folder.iterdir())
    if name not in names:
        msg = f"example {name!r}: there is none, expected one of {listed(names, most=len(names))}."
        raise InputError(msg)
    return folder / name
