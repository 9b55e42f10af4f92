"""Rows that cannot be used: named with their place and reason, and kept in a file of their own."""

import csv
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from g7tag.errors import InputError
from g7tag.store.tables import safe_cell

SHOWN_TEXT = 200
"""Characters of a rejected row's text, and of its id, that are written."""


class Reject(NamedTuple):
    """A row that cannot be used: its number (the first below the header is 1), id and text as far as read, and why."""

    row: int
    sentence_id: str
    reason: str
    text: str


def rejects_path(output: Path) -> Path:
    """Return where the rejects of a table go unless told otherwise.

    Examples
    --------
    >>> rejects_path(Path("tags.parquet")).name
    'tags.rejects.csv'
    """
    return output.with_name(f"{output.stem}.rejects.csv")


class RejectFile:
    """Counts rejects, remembers the first, and writes all to a CSV file that is safe for spreadsheets.

    Parameters
    ----------
    scratch
        File that is written while the job runs; None: nothing is written, only counted.
    most
        How many are remembered.
    """

    def __init__(self, scratch: Path | None, *, most: int = 5) -> None:
        self.count = 0
        self.first: list[Reject] = []
        self._scratch, self._most = scratch, most
        try:
            self._file = None if scratch is None else scratch.open("w", encoding="utf-8", newline="")
        except OSError as error:
            msg = f"{scratch}: cannot write ({error.strerror}). Expected a folder that can be written to."
            raise InputError(msg) from error
        if self._file is not None:
            csv.writer(self._file, lineterminator="\n").writerow(Reject._fields)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._file is not None:
                self._file.close()
        finally:
            if self._scratch is not None:
                self._scratch.unlink(missing_ok=True)

    def add(self, rejects: Sequence[Reject]) -> None:
        """Count rejects and write them."""
        self.count += len(rejects)
        self.first += rejects[: max(self._most - len(self.first), 0)]
        if self._file is not None:
            rows = [[reject.row, *(safe_cell(_shown(cell)) for cell in reject[1:])] for reject in rejects]
            csv.writer(self._file, lineterminator="\n").writerows(rows)

    def place(self, target: Path) -> None:
        """Move the file to its name, whole or not at all; where nothing was rejected there is none, nor an older one.

        Raises
        ------
        InputError
            The folder cannot be written to, or the disk is full.
        """
        if self._file is None or self._scratch is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if not self.count:
            target.unlink(missing_ok=True)
            return
        move_whole(self._scratch, target)


def move_whole(made: Path, target: Path) -> None:
    """Move a file that was written whole to its name, at once, even where that is on another disk.

    Raises
    ------
    InputError
        The folder cannot be written to, or the disk is full.
    """
    try:
        try:
            made.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = target.with_name(f".{target.name}.part")
            shutil.copyfile(made, beside)
            beside.replace(target)
    except OSError as error:
        msg = f"{target}: cannot write ({error.strerror}). Expected a folder with room and leave to write."
        raise InputError(msg) from error


def _shown(text: str) -> str:
    """The first characters of a text, with a mark in place of an escaped byte or half a character."""
    return text[:SHOWN_TEXT].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
