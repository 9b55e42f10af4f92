"""Open codebooks, examples, and the frames of a run directory."""

from collections.abc import Sequence
from pathlib import Path

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import InputError, RunError, listed
from g7tag.jobs.steps import models_of
from g7tag.store import CODEBOOK_FILE, Frames, RunDirectory, current_id, data_path

DEFAULT_CODEBOOK = "codebooks/2024-apulia-19.toml"
RUN_FRAMES = (
    "documents", "gaps", "commitments", "members", "summary", "conclusions", "claims", "items", "sentences",
    "citations", "tags", "marks", "annotations", "labels", "evidence_matrix", "scores", "thresholds", "flips",
    "findings", "joint_actions", "equal_evidence",
)  # fmt: skip
"""Frames of a complete run, in the order in which they are computed."""


def open_codebook(path: Path | str | None = None, directory: Path | str | None = None) -> Codebook:
    """Return the codebook of a file or of a run directory (default: the one that comes with g7tag).

    Parameters
    ----------
    path
        A codebook file (TOML).
    directory
        A run directory, which contains a copy of its codebook. If it has no copy or does not exist yet, the codebook
        that comes with g7tag is returned (2024 Apulia commitment 19). Ignored if `path` is given.

    Raises
    ------
    CodebookError
        The file is not a codebook.
    RunError
        The copy in the directory was changed since it was written.
    """
    kept = None if directory is None else Path(directory) / CODEBOOK_FILE
    if path is not None or kept is None or not kept.exists():
        return load_codebook(codebook_file(path))
    run_directory = RunDirectory(kept.parent)
    book = load_codebook(run_directory.inside(CODEBOOK_FILE))
    found = run_directory.setting("ingest", "codebook", "")
    if book.sha256 != found:
        msg = (
            f"{kept}: was changed after the reports were read (sha256 {book.sha256[:12]}, expected {found[:12]}). "
            "Restore it, or read the reports again into a new directory with --codebook."
        )
        raise RunError(msg)
    return book


def codebook_file(path: Path | str | None = None) -> Path:
    """Return the path of a codebook (default: the one that comes with g7tag)."""
    return data_path(DEFAULT_CODEBOOK) if path is None else Path(path)


def open_frames(path: Path | str, codebook: Codebook) -> Frames:
    """Return all frames of a run directory.

    Raises
    ------
    RunError
        The directory contains no complete run, was made with another codebook, or one of its files was changed since.
    """
    return read_run(RunDirectory(Path(path)), RUN_FRAMES, codebook)


def read_run(directory: RunDirectory, names: Sequence[str], codebook: Codebook) -> Frames:
    """Return frames of a run directory that were made with this codebook."""
    found = directory.setting("ingest", "codebook", "")
    if found and found != codebook.sha256:
        kept = " Omit --codebook to use that codebook." if (directory.path / CODEBOOK_FILE).is_file() else ""
        msg = (
            f"{directory.path}: was read with a codebook of sha256 {found[:12]}, not with {codebook.id!r} "
            f"({codebook.sha256[:12]}).{kept or ' Name that codebook: --codebook FILE.'}"
        )
        raise RunError(msg)
    return with_current_ids(directory.read(models_of(names, codebook)))


def with_current_ids(frames: Frames) -> Frames:
    """Return frames with the current names of checks in the findings of an earlier g7tag."""
    if "findings" not in frames:
        return frames
    findings = frames["findings"]
    ids = findings["finding_id"].map(current_id)
    checks = ids.str.partition(":")[0] if len(ids) else findings["check"]
    return frames | {"findings": findings.assign(finding_id=ids, check=checks)}


def scored_before(directory: RunDirectory, codebook: Codebook) -> Frames | None:
    """Return the labels and scores of a run directory; None if it is not scored or they cannot be read."""
    try:
        return read_run(directory, ["labels", "scores"], codebook)
    except RunError:
        return None


def example_path(name: str) -> Path:
    """Return the path of an example file that comes with g7tag: invented reports, decisions, labels, and a codebook.

    Raises
    ------
    InputError
        There is no example of this name; the message lists all names.

    Examples
    --------
    >>> example_path("harbours.toml").name
    'harbours.toml'
    """
    folder = data_path("examples")
    names = sorted(file.name for file in folder.iterdir())
    if name not in names:
        msg = f"example {name!r}: not found. Expected one of {listed(names, most=len(names))}."
        raise InputError(msg)
    return folder / name
