"""The folder beside a file that is not finished: its parts so far, and the settings that they were made with."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from g7tag.errors import RunError
from g7tag.store.files import write_atomic

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

SHARDS_FORMAT = 1
"""Raise when a folder of the older form can no longer be continued."""
SETTINGS, LOCK, PLACING, WHOLE, REJECTS = "settings.json", "lock", "placing", "whole.part", "rejects.part"
_SHARD = re.compile(r"(\d{8})-(\d+)-(\d+)-([0-9a-f]{16})\.shard")
_NAMES = "|".join(map(re.escape, (SETTINGS, LOCK, PLACING, WHOLE, REJECTS)))
_OURS = re.compile(rf"{_SHARD.pattern}|\.g7tag-.*\.part|{_NAMES}")


class Shard(NamedTuple):
    """A part that is done: its bytes, its rows, and how many of these are doubtful."""

    content: bytes
    rows: int
    doubtful: int


def unfinished_path(output: Path) -> Path:
    """Return the folder that holds the parts of an output while it is made."""
    return output.with_name(f"{output.name}.unfinished")


def was_placing(output: Path) -> bool:
    """Return whether the output was whole, and its writer was ended while files were moved to their names."""
    return (unfinished_path(output) / PLACING).exists()


class Unfinished:
    """The folder `OUT.unfinished` of an output: made, continued or refused on entry, and locked until it is left.

    A shard's name holds its number, its counts and the beginning of its SHA-256, so that one which is torn or was
    changed is not taken for done. It appears under its name when it is whole, not before.

    Parameters
    ----------
    output
        The file that is to be made.
    settings
        All that its bytes depend on, as JSON values.
    force
        Begin anew where the folder was made with other settings, in place of refusing it.

    Raises
    ------
    RunError
        Another process is at work there, the folder was made with other settings, or holds files that are not ours.
    """

    def __init__(self, output: Path, settings: Mapping[str, Any], *, force: bool) -> None:
        self.path = unfinished_path(output)
        self._settings = json.loads(json.dumps({"format": SHARDS_FORMAT, **settings}))
        self._force = force
        self._shards: dict[int, Path] = {}
        self._lock = -1

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(exist_ok=True)
        except OSError as error:
            msg = f"{self.path}: cannot make the folder ({error.strerror}). Name a place that can be written to."
            raise RunError(msg) from error
        self._take_lock()
        try:
            self._open()
        except BaseException:
            self._drop_lock()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock >= 0:
            self._remove_parts()
            self._drop_lock()

    def get(self, number: int, rows: int) -> Shard | None:
        """Return a part that is done, None where it is not: it is missing, torn, changed, or has other rows."""
        file = self._shards.get(number)
        named = _SHARD.fullmatch(file.name) if file is not None else None
        if file is None or named is None or int(named[2]) != rows:
            return None
        content = file.read_bytes()
        return Shard(content, rows, int(named[3])) if _short_sha256(content) == named[4] else None

    def put(self, number: int, shard: Shard) -> None:
        """Keep a part that is done, whole or not at all."""
        name = f"{number:08d}-{shard.rows}-{shard.doubtful}-{_short_sha256(shard.content)}.shard"
        write_atomic(self.path / name, shard.content)

    def begin_placing(self) -> None:
        """Note that files under their last names are from here on ours."""
        write_atomic(self.path / PLACING, b"")

    def remove(self) -> None:
        """Remove the folder: the output is at its place, or the input cannot be used."""
        (self.path / PLACING).unlink(missing_ok=True)
        self._remove_parts()
        self._remove_shards()
        for name in (SETTINGS, LOCK):
            (self.path / name).unlink(missing_ok=True)
        with suppress(OSError):  # somebody put a file of theirs there meanwhile
            self.path.rmdir()
        self._drop_lock()  # from here on a folder of this name is another's

    def _open(self) -> None:
        """Refuse a folder that is not ours or not of this job; else ready it."""
        names = sorted(file.name for file in self.path.iterdir())
        strangers = [name for name in names if not _OURS.fullmatch(name)]
        settings = self.path / SETTINGS
        if strangers or (not settings.is_file() and any(map(_SHARD.fullmatch, names))):
            msg = f"{self.path}: holds {(strangers or names)[0]!r} and is no folder of g7tag's. Move it away."
            raise RunError(msg)
        if settings.is_file():
            self._continue(settings)
        self._remove_parts()
        if not settings.is_file():
            write_atomic(settings, (json.dumps(self._settings, indent=1) + "\n").encode("utf-8"))
        self._shards = {int(file.name[:8]): file for file in sorted(self.path.glob("*.shard"))}

    def _continue(self, settings: Path) -> None:
        try:
            found = dict(json.loads(settings.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            found = {}
        other = next((name for name, value in self._settings.items() if found.get(name) != value), None)
        if other is None:
            return
        if not self._force:
            msg = (
                f"{self.path}: was begun with another {other}: found {found.get(other)!r}, wanted "
                f"{self._settings[other]!r}. Finish it as it was begun, name another file, or start anew with --force."
            )
            raise RunError(msg)
        self._remove_shards()
        for name in (PLACING, SETTINGS):
            (self.path / name).unlink(missing_ok=True)

    def _remove_shards(self) -> None:
        for file in self.path.glob("*.shard"):
            file.unlink()

    def _remove_parts(self) -> None:
        for file in self.path.glob("*.part"):
            file.unlink()

    def _take_lock(self) -> None:
        """Keep other processes out: by a lock that ends with the process, or, on Windows, by the file's being there."""
        file = self.path / LOCK
        try:
            if fcntl is None:
                self._lock = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR)
                return
            self._lock = os.open(file, os.O_CREAT | os.O_RDWR)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(self._lock), file.stat()):
                raise BlockingIOError(errno.EAGAIN, "finished meanwhile, and begun again")
        except (BlockingIOError, FileExistsError, FileNotFoundError) as error:
            self._drop_lock()
            advice = "" if fcntl is not None else f" If none is, remove {file}."
            msg = f"{self.path}: another g7tag is at work on this file. Wait for it, or name another file.{advice}"
            raise RunError(msg) from error

    def _drop_lock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
            if fcntl is None:
                (self.path / LOCK).unlink(missing_ok=True)


def _short_sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
