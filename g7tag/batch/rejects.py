"""Rows that cannot be used, with row number and reason, and the file they are written to."""

import csv
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from g7tag.errors import InputError
from g7tag.store.dialects import safe_cell

MOST_FIRST = 5
"""Number of rejects that are remembered to be shown."""
SHOWN_TEXT = 200
"""Maximum characters written of a rejected row's text and id."""


class Reject(NamedTuple):
    """Row that cannot be used: its number (the first below the header is 1), id, reason and text, as far as read."""

    row: int
    sentence_id: str
    reason: str
    text: str


class RejectFile:
    """Count rejects, remember the first ones, and write all to a CSV file that is safe for spreadsheets."""

    def __init__(self, scratch: Path | None) -> None:
        self.count = 0
        self.first: list[Reject] = []
        self._scratch = scratch
        try:
            self._file = None if scratch is None else scratch.open("w", encoding="utf-8", newline="")
        except OSError as error:
            msg = f"{scratch}: cannot write ({error.strerror}). Expected a writable folder."
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
        self.first += rejects[: MOST_FIRST - len(self.first)]
        if self._file is not None:
            rows = [[reject.row, *(safe_cell(_shown(cell)) for cell in reject[1:])] for reject in rejects]
            csv.writer(self._file, lineterminator="\n").writerows(rows)

    def place(self, target: Path) -> Path | None:
        """Move the complete file to its final name and return it; without rejects, remove an older file instead."""
        if self._file is None or self._scratch is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if not self.count:
            target.unlink(missing_ok=True)
            return None
        move_whole(self._scratch, target)
        return target


def move_whole(made: Path, target: Path) -> None:
    """Move a complete file to its final name in one step, even to another disk."""
    try:
        try:
            made.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            copy = target.with_name(f".{target.name}.part")
            shutil.copyfile(made, copy)
            copy.replace(target)
    except OSError as error:
        msg = f"{target}: cannot write ({error.strerror}). Expected a writable folder with enough space."
        raise InputError(msg) from error


def _shown(text: str) -> str:
    """Return the first characters of a text, with escaped bytes and lone surrogates replaced by a mark."""
    return text[:SHOWN_TEXT].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
