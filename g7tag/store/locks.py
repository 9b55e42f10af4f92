"""Locks that keep two processes from working in one directory; they end with the process that holds them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from g7tag.errors import RunError
from g7tag.store.files import inside

LOCK, REVIEW_LOCK = ".g7tag-write.lock", ".g7tag-review.lock"
"""Files of a directory that are locked while it is written to, and while models are asked for it."""


@contextmanager
def reviewing(directory: Path) -> Iterator[None]:
    """Keep other processes from asking models for a directory; people may go on labelling and scoring there.

    Raises
    ------
    RunError
        Another process is asking, or the directory cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{directory}: cannot be written to ({error.strerror}). Name a directory that can."
        raise RunError(msg) from error
    with _locked(directory, REVIEW_LOCK, "asking a model", must_write=True):
        yield


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes from writing into a directory; one that nobody can write to needs no lock.

    Raises
    ------
    RunError
        Another process is writing there.
    """
    with _locked(directory, LOCK, "writing", must_write=False):
        yield


def is_locked(directory: Path) -> bool:
    """Return whether another process is writing into a directory."""
    if not (directory / LOCK).is_file():
        return False
    try:
        with locked(directory):
            return False
    except RunError:
        return True


@contextmanager
def _locked(directory: Path, name: str, does: str, *, must_write: bool) -> Iterator[None]:
    lock = FileLock(inside(directory, name), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        msg = f"{directory}: another g7tag is {does} there. Wait for it, or name another directory."
        raise RunError(msg) from error
    except OSError as error:
        if must_write or os.access(directory, os.W_OK):  # else nobody can write there
            msg = f"{directory}: cannot be written to ({error.strerror}). Name a directory that can."
            raise RunError(msg) from error
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):  # Windows removes no file that is open
                (directory / name).unlink()
            lock.release()
