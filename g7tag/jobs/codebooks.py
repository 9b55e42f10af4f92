"""The codebook of a run directory: its copy, and which other codebooks may take its place."""

from collections.abc import Callable
from pathlib import Path

from g7tag.codebook import Codebook, codebook_toml, load_codebook
from g7tag.errors import CodebookError, RunError
from g7tag.store import CODEBOOK_FILE, RunDirectory

_LABELLED: dict[str, Callable[[Codebook], list[str]]] = {
    "id": lambda book: [book.id],
    "commitment": lambda book: [book.commitment.id],
    "dimensions": lambda book: book.dimension_keys,
    "exclusions": lambda book: book.exclusion_keys,
    "members": lambda book: [f"{member} ({code})" for member, code in sorted(book.codes.items())],
}
"""Parts of a codebook that labels and the frames of a report depend on."""


def kept_codebook(directory: RunDirectory) -> Codebook | None:
    """Return the codebook of a run directory; None if it has no copy of it, or the copy was changed."""
    file = directory.inside(CODEBOOK_FILE)
    if not file.is_file():
        return None
    try:
        book = load_codebook(file)
    except CodebookError:
        return None
    return book if book.sha256 == directory.setting("ingest", "codebook", "") else None


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
    parts = other_labels(kept, codebook)
    if parts is not None:
        msg = (
            f"{path}: was read with a codebook that has {parts[0]}; {codebook.id!r} has {parts[1]}, so labels of one "
            "do not fit the other. Omit --codebook to use the codebook of the directory, or read the reports into a "
            "new directory with this one."
        )
        raise RunError(msg)
    if scored:
        msg = (
            f"{path}: has {_named(kept)}, not {_version(codebook)}, which may give other scores. "
            f"Replace it and score again: `g7tag score {path} --codebook FILE`."
        )
        raise RunError(msg)


def replace_codebook(directory: Path | str, codebook: Codebook) -> str:
    """Make a codebook the one of a run directory; scores and findings are removed until it is scored again."""
    run_directory = RunDirectory(Path(directory))
    kept = kept_codebook(run_directory)
    if not run_directory.has("sentences") or (kept is not None and kept.sha256 == codebook.sha256):
        return ""
    require_same_labels(run_directory, codebook)
    run_directory.replace_codebook(codebook.sha256, codebook_toml(codebook))
    return replaced_words(run_directory, kept, codebook)


def other_labels(kept: Codebook, given: Codebook) -> tuple[str, str] | None:
    """Return the first part in which two codebooks differ so that labels of one do not fit the other, in words."""
    for name, values in _LABELLED.items():
        first, second = (f"the {name} {', '.join(values(book)) or 'none'}" for book in (kept, given))
        if first != second:
            return first, second
    return None


def replaced_words(directory: RunDirectory, old: Codebook | None, new: Codebook) -> str:
    """Return which codebook of a run directory was replaced, in one line; "" if none was."""
    file = directory.path / CODEBOOK_FILE
    if old is None:
        return f"{file}: written, {_named(new)}."
    if old.sha256 == new.sha256:
        return ""
    by = _version(new) if old.id == new.id else _named(new)
    same = " Change `version`, too: labels name it." if old.version == new.version else ""
    return f"{file}: replaced {_named(old)} by {by}.{same}"


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
