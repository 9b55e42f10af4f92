"""Locks that prevent two processes from working in the same directory; they end with their process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from g7tag.errors import RunError
from g7tag.store.files import inside

LOCK, REVIEW_LOCK = ".g7tag-write.lock", ".g7tag-review.lock"
"""Lock files of a directory: while it is written, and while models are asked."""


@contextmanager
def reviewing(directory: Path) -> Iterator[None]:
    """Prevent other processes from asking models for a directory; people can still label and score there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{directory}: is not writable ({error.strerror}). Choose a writable directory."
        raise RunError(msg) from error
    with _locked(directory, REVIEW_LOCK, "asking a model", must_write=True):
        yield


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Prevent other processes from writing to a directory; a read-only directory needs no lock."""
    with _locked(directory, LOCK, "writing", must_write=False):
        yield


def is_locked(directory: Path) -> bool:
    """Return True if another process is writing to a directory."""
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
        msg = f"{directory}: another g7tag is {does} there. Wait until it has finished, or choose another directory."
        raise RunError(msg) from error
    except OSError as error:
        if must_write or os.access(directory, os.W_OK):  # a read-only directory needs no lock
            msg = f"{directory}: is not writable ({error.strerror}). Choose a writable directory."
            raise RunError(msg) from error
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):  # Windows cannot remove an open file
                (directory / name).unlink()
            lock.release()
