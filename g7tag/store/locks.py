"""Locks that keep two processes from working in one directory; they end with the process that holds them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from g7tag.errors import RunError
from g7tag.store.files import inside

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

REVIEW_LOCK = ".g7tag-review.lock"


@contextmanager
def reviewing(directory: Path) -> Iterator[None]:
    """Keep other processes from asking models for a directory; people may go on labelling and scoring there.

    Raises
    ------
    RunError
        Another process is asking, or the directory cannot be made.
    """
    lock = inside(directory, REVIEW_LOCK)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock.touch()
    except OSError as error:
        msg = f"{directory}: cannot be written to ({error.strerror}). Name a directory that can."
        raise RunError(msg) from error
    with locked(lock):
        yield


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other processes from writing into a directory; where there are no such locks (Windows), do nothing.

    Raises
    ------
    RunError
        Another process is writing there.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        where, does = (directory.parent, "asking a model") if directory.name == REVIEW_LOCK else (directory, "writing")
        msg = f"{where}: another g7tag is {does} there. Wait for it, or name another directory."
        raise RunError(msg) from error
    finally:
        os.close(handle)


def is_locked(directory: Path) -> bool:
    """Return whether another process is writing into a directory; False where there are no such locks (Windows)."""
    if not directory.is_dir():
        return False
    try:
        with locked(directory):
            return False
    except RunError:
        return True
