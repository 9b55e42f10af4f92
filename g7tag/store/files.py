"""Files of g7tag: where bundled data is, hashes, atomic writes, and locks that end with their process."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from filelock import FileLock, Timeout

from g7tag.errors import InputError, RunError

LOCK, REVIEW_LOCK = ".g7tag-write.lock", ".g7tag-review.lock"
"""Lock files of a directory: while it is written, and while models are asked."""
LABELS_FOLDER = "labels"
"""Folder of people's labels in a run directory."""
_WAIT = 30  # seconds to wait for another process that saves labels


def data_path(name: str) -> Path:
    """Return the path of a bundled data file: in the installed package or, in a checkout, next to it."""
    package = Path(__file__).parent.parent
    inside = package / "data"
    return (inside if inside.is_dir() else package.parent / "data") / name


def package_version() -> str:
    """Return the installed version of g7tag."""
    return version("g7tag")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text, as UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def inside(directory: Path, name: str) -> Path:
    """Return the path of a file in a run directory; a link is refused."""
    path = directory / name
    try:
        is_link = path.is_symlink() or path.resolve() != directory.resolve() / name
    except (OSError, RuntimeError):  # circular links above the file, up to Python 3.12
        is_link = True
    if is_link:
        msg = f"{path}: is a link. Expected a file or folder of the run directory itself. Put a copy in its place."
        raise RunError(msg)
    return path


def write_atomic(path: Path, content: bytes | IO[bytes]) -> None:
    """Write a file completely or not at all: an interrupted write leaves the old file or none, never a part."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".g7tag-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(BytesIO(content) if isinstance(content, bytes) else content, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        msg = f"{path}: cannot write ({error.strerror}). Expected a writable folder with enough space."
        raise InputError(msg) from error


def with_fixed_dates(archive: bytes) -> bytes:
    """Return a zip archive with the same files in the same order, but without the times at which they were written."""
    buffer = BytesIO()
    with ZipFile(BytesIO(archive)) as given, ZipFile(buffer, "w") as fixed:
        for part in given.infolist():
            entry = ZipInfo(part.filename)
            entry.create_system = 3  # otherwise it depends on the operating system
            fixed.writestr(entry, given.read(part), compress_type=ZIP_DEFLATED)
    return buffer.getvalue()


def reviewing(directory: Path) -> AbstractContextManager[None]:
    """Prevent other processes from asking models for a directory; people can still label and score there."""
    return _locked(directory, REVIEW_LOCK, "asking a model")


def locked(directory: Path) -> AbstractContextManager[None]:
    """Prevent other processes from writing to a directory."""
    return _locked(directory, LOCK, "writing")


def labels_locked(directory: Path) -> AbstractContextManager[None]:
    """Wait until no other process writes people's labels in a run directory; their folder is created if missing."""
    return _locked(inside(directory, LABELS_FOLDER), LOCK, "writing", wait=_WAIT)


@contextmanager
def _locked(directory: Path, name: str, does: str, *, wait: float = 0.0) -> Iterator[None]:
    """Lock a directory, which is created if it is missing; one that is read-only needs no lock."""
    lock = FileLock(inside(directory, name), timeout=wait)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        msg = f"{directory}: another g7tag is {does} there. Wait until it has finished, or choose another directory."
        raise RunError(msg) from error
    except OSError as error:
        if not directory.is_dir() or os.access(directory, os.W_OK):
            msg = f"{directory}: is not writable ({error.strerror}). Choose a writable directory."
            raise RunError(msg) from error
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):  # Windows cannot remove an open file
                (directory / name).unlink()
            lock.release()
