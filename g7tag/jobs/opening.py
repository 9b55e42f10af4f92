"""Open the codebook and the frames of a run directory; another codebook may take its place if labels stay valid."""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from g7tag.codebook import Codebook, codebook_toml, load_codebook
from g7tag.corpus import FIRST, bundled_codebooks, is_bundled
from g7tag.errors import CodebookError, InputError, RunError
from g7tag.frames import FIXED, require_related, tags_model
from g7tag.store import CODEBOOK_FILE, COMMANDS, Frames, Models, RunDirectory, data_path, read_labels
from g7tag.text import listed, quoted

DEFAULT_CODEBOOK = f"codebooks/{FIRST}.toml"
RUN_FRAMES = (
    "documents", "gaps", "commitments", "members", "summary", "conclusions", "claims", "items", "sentences",
    "citations", "tags", "marks", "annotations", "labels", "evidence_matrix", "scores", "thresholds", "flips",
    "findings", "joint_actions", "equal_evidence",
)  # fmt: skip
"""Frames of a complete run, in the order in which they are computed."""
BY_RULES = frozenset({*COMMANDS["score"], *COMMANDS["audit"]} - {"annotations", "labels"})
"""Frames that follow from the rules of the codebook."""


def open_codebook(path: Codebook | Path | str | None = None, directory: Path | str | None = None) -> Codebook:
    """Return the codebook of a file or of a run directory (default: the one that comes with g7tag).

    Parameters
    ----------
    path
        A codebook file (TOML), or the id of a codebook that comes with g7tag; a codebook is returned as it is.
    directory
        If no path is given: a run directory, for the copy of its codebook, if it has one.

    Raises
    ------
    CodebookError
        The file is not a codebook.
    RunError
        The copy in the directory was changed since it was written.
    """
    if isinstance(path, Codebook):
        return path
    kept = None if directory is None else Path(directory) / CODEBOOK_FILE
    if path is not None or kept is None or not kept.exists():
        return load_codebook(codebook_file(path))
    run_directory = RunDirectory(kept.parent)
    book = load_codebook(run_directory.inside(CODEBOOK_FILE))
    found = run_directory.setting("ingest", "codebook", "")
    if book.sha256 != found:
        msg = (
            f"{kept}: was changed after the reports were read (sha256 {book.sha256[:12]}, expected {found[:12]}). "
            "Undo the change. To use another codebook, edit a file of your own, and name it with --codebook FILE."
        )
        raise RunError(msg)
    return book


def codebook_file(path: Path | str | None = None) -> Path:
    """Return the path of a codebook, given by its file or by the id of one that comes with g7tag."""
    if path is None:
        return data_path(DEFAULT_CODEBOOK)
    known = bundled_codebooks()
    if not Path(path).exists() and str(path) not in known:
        msg = (
            f"{path}: cannot read the codebook (No such file or directory). Expected a TOML file; check the path. Or "
            f"give the id of a codebook that comes with g7tag: {', '.join(sorted(known))}."
        )
        raise CodebookError(msg)
    return Path(path) if Path(path).is_file() else known.get(str(path), Path(path))


def read_run(directory: RunDirectory, names: Sequence[str], codebook: Codebook) -> Frames:
    """Return frames of a run directory."""
    require_same_labels(directory, codebook, scored=not BY_RULES.isdisjoint(names))
    if not {*COMMANDS["score"], *COMMANDS["audit"]}.isdisjoint(names):
        read_labels(directory.path, codebook)  # refused if a label was lost, or may not be used
    if "tags" in names and directory.has("sentences") and not directory.has("tags") and not has_tagger(codebook):
        raise RunError(first_labels(directory.path, codebook))
    frames = directory.read(models_of(names, codebook))
    require_related(frames, codebook, source=str(directory.path))
    return frames


def models_of(names: Sequence[str], codebook: Codebook) -> Models:
    """Return the schemas of frames by name."""
    return {name: tags_model(codebook) if name == "tags" else FIXED[name] for name in names}


def has_tagger(codebook: Codebook) -> bool:
    """Return whether a tagger for a codebook comes with g7tag; `bundled_model` finds it, but loads scipy."""
    return data_path(f"models/{codebook.id}.npz").is_file() and is_bundled(codebook)


def first_labels(directory: Path, codebook: Codebook) -> str:
    """Return what to do with sentences that g7tag has no tagger for."""
    path, book = quoted(directory), quoted(directory / CODEBOOK_FILE)
    return (
        f"{directory}: its sentences have no tags, and g7tag has no tagger for codebook {codebook.id!r}. Train one "
        f"without labels (`g7tag train -o my.npz --codebook {book}`) and use it: `g7tag tag {path} --model my.npz`. "
        f"Then label the doubtful sentences (`g7tag desk {path} --annotator NAME`), and train it again with the labels "
        f"(`g7tag train -o my.npz --with-labels {path} --force`)."
    )


def scored_before(directory: RunDirectory, codebook: Codebook) -> Frames | None:
    """Return the labels and scores of a run directory; None if it is not scored or they cannot be read."""
    with suppress(RunError):
        return directory.read(models_of(["labels", "scores"], codebook))
    return None


def kept_codebook(directory: RunDirectory) -> Codebook | None:
    """Return the codebook of a run directory; None if it has no copy of it, or the copy was changed."""
    book = readable_codebook(directory.inside(CODEBOOK_FILE))
    return book if book and book.sha256 == directory.setting("ingest", "codebook", "") else None


def readable_codebook(file: Path) -> Codebook | None:
    """Return the codebook in a file; None if there is none, or it is invalid."""
    with suppress(CodebookError):
        return load_codebook(file)
    return None


def require_same_labels(directory: RunDirectory, codebook: Codebook, *, scored: bool = False) -> None:
    """Raise an error if the labels of a run directory could mean something else under this codebook."""
    path, found = directory.path, directory.setting("ingest", "codebook", "")
    if not found or found == codebook.sha256:
        return
    kept = kept_codebook(directory)
    if kept is None:
        msg = (
            f"{path}: was read with a codebook of sha256 {found[:12]}, not with {codebook.id!r} "
            f"({codebook.sha256[:12]}), and there is no copy of that codebook. Name that codebook: --codebook FILE."
        )
        raise RunError(msg)
    own, theirs = (
        {
            "id": book.id, "commitment": book.commitment.id, "dimensions": ", ".join(book.dimension_keys),
            "exclusions": ", ".join(book.exclusion_keys),
            "members": ", ".join(f"{member} ({code})" for member, code in sorted(book.codes.items())),
        }
        for book in (kept, codebook)
    )  # fmt: skip
    for name in own:  # what labels and the frames of a report depend on
        if own[name] != theirs[name]:
            msg = (
                f"{path}: was read with a codebook that has the {name} {own[name] or 'none'}; {codebook.id!r} has the "
                f"{name} {theirs[name] or 'none'}, so labels of one do not fit the other. Omit --codebook to use the "
                "codebook of the directory, or read the reports into a new directory with this one."
            )
            raise RunError(msg)
    if scored:
        msg = (
            f"{path}: has {_named(kept)}, not {_version(codebook)}, which may give other scores. "
            f"Replace it and score again: `g7tag score {path} --codebook FILE`."
        )
        raise RunError(msg)


def replaced_words(directory: RunDirectory, codebook: Codebook) -> str:
    """Return which codebook of a run directory another one replaces, in one line; "" if none."""
    file, old = directory.path / CODEBOOK_FILE, kept_codebook(directory)
    if not directory.has("sentences") or (old is not None and old.sha256 == codebook.sha256):
        return ""
    if old is None:
        return f"{file}: written, {_named(codebook)}."
    by = _version(codebook) if old.id == codebook.id else _named(codebook)
    same = " Change `version`, too: labels name it." if old.version == codebook.version else ""
    return f"{file}: replaced {_named(old)} by {by}.{same}"


def replace_codebook(directory: RunDirectory, codebook: Codebook) -> str:
    """Make a codebook the one of a run directory, without scores and findings, and return `replaced_words`."""
    words = replaced_words(directory, codebook)
    if words:
        require_same_labels(directory, codebook)
        directory.replace_codebook(codebook.sha256, codebook_toml(codebook))
    return words


def override_words(directory: RunDirectory, codebook: Codebook) -> str:
    """Return that a run directory is read with another codebook than its own, in one line; "" if it is its own."""
    kept = kept_codebook(directory)
    if kept is None or kept.sha256 == codebook.sha256:
        return ""
    return f"{directory.path}: read with {_named(codebook)}; the directory keeps {_version(kept)}."


def _named(codebook: Codebook) -> str:
    return f"{codebook.id} {_version(codebook)}"


def _version(codebook: Codebook) -> str:
    return f"version {codebook.version} (sha256 {codebook.sha256[:12]})"


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


def temporary_directory() -> Path:
    """Return a new, empty directory that is deleted when Python ends."""
    path = Path(tempfile.mkdtemp(prefix="g7tag-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
