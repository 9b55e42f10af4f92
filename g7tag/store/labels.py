"""People's labels in a run directory: one append-only file for each annotator, whose rows are named by their content.

A row is named by the hash of what it says, so files can be carried by Git, a shared folder or e-mail, and joined in any
order with the same result.
"""

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from g7tag.errors import FrameError, InputError, RunError
from g7tag.frames import ANNOTATIONS, build, validate
from g7tag.store.files import inside, write_atomic

LABELS_FOLDER = "labels"
"""Folder of the files in a run directory."""
PEOPLE = ("analyst", "adjudicator")
"""Kinds of annotators that are people."""
LONGEST_NAME = 80
"""Characters of an annotator's name; a file name has at most 255 bytes."""
_LOCK = ".g7tag-labels.lock"
_TAIL = 2**20  # bytes; longer than any line
_WAIT = 30  # seconds to wait for another process that is writing
_RESERVED = re.compile(
    r'[<>:"/\\|?*%\x00-\x1f\x7f]|^[. ]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)', re.IGNORECASE
)  # the last are devices on Windows
_NAMES = [name for name in ANNOTATIONS.columns if name != "annotation_id"]
_ADVICE = "Restore a copy of the file, or remove the line to continue without this label."
_CONFLICT = re.compile(r"<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|")


def label_id(row: Mapping[Any, Any]) -> str:
    """Return the id of a person's annotation: its sentence, its annotator, and the start of the hash of its content.

    Parameters
    ----------
    row
        The columns of an annotation; `annotation_id` is ignored.
    """
    content = json.dumps({name: _plain(row[name]) for name in _NAMES}, ensure_ascii=False, sort_keys=True)
    return f"{row['sentence_id']}#{row['annotator']}#{sha256(content.encode()).hexdigest()[:16]}"


def label_file(directory: Path, annotator: str) -> Path:
    """Return the path of an annotator's labels in a run directory.

    Characters that a file name cannot have are written as in URLs.

    Examples
    --------
    >>> label_file(Path("run"), "A. Muñoz/b").as_posix()
    'run/labels/A. Muñoz%2Fb.jsonl'
    """
    name = _RESERVED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), _composed(annotator))
    return inside(directory, f"{LABELS_FOLDER}/{name}.jsonl")


def read_labels(directory: Path) -> pd.DataFrame:
    """Return the labels of all people in a run directory, in the order of their times; none if there are none.

    Raises
    ------
    RunError
        A file cannot be read, or a row was changed after g7tag wrote it; the message names file and line.
    """
    rows: dict[str, dict[str, Any]] = {}
    for file in label_files(directory):
        rows |= read_label_rows(file)
    return _frame(rows.values(), directory / LABELS_FOLDER)


def label_files(directory: Path) -> list[Path]:
    """Return the files with people's labels in a run directory, sorted by name."""
    return sorted(file for file in inside(directory, LABELS_FOLDER).glob("*.jsonl") if file.is_file())


def read_label_rows(file: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of a file by id; a last line that was not written completely is ignored.

    Raises
    ------
    RunError
        See `read_labels`.
    """
    try:
        lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}). Make it readable and run again."
        raise RunError(msg) from error
    rows = {}
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _row(line)
        if row is None and place == len(lines) and _is_cut_off(line):
            break  # the process was killed while it wrote this line, so it never said that the label is saved
        if row is None or row["annotation_id"] != label_id(row):
            msg = f"{file}, line {place}: {_problem(line, row)}"
            raise RunError(msg)
        rows[row["annotation_id"]] = row
    return rows


def add_labels(directory: Path, annotations: pd.DataFrame) -> None:
    """Append people's annotations to the files of their annotators; when it returns, they are on the disk.

    Raises
    ------
    InputError
        A file cannot be written. Then no label of its annotator was added.
    RunError
        Another process has been writing for half a minute.
    """
    rows = validate(annotations, ANNOTATIONS, source="annotations")
    with labels_locked(directory):
        for annotator, own in rows.groupby("annotator", sort=False):
            _append(label_file(directory, str(annotator)), b"".join(map(_line, own.to_dict("records"))))


def write_label_rows(directory: Path, rows: Iterable[Mapping[Any, Any]]) -> None:
    """Replace the files of annotators by these rows, in the order of their times; call it while they are locked."""
    frame = _frame(rows, directory / LABELS_FOLDER)
    files = frame["annotator"].map(lambda name: label_file(directory, name))
    folded = files.map(lambda file: file.name.casefold())  # on some disks, names that differ in case are one file
    for _, own in frame.groupby(folded, sort=False):
        file, content = min(files[own.index]), b"".join(map(_line, own.to_dict("records")))
        if not file.is_file() or file.read_bytes() != content:
            write_atomic(file, content)


def labels_state(directory: Path) -> str:
    """Return the number and a hash of people's labels in a run directory; "" if there are none."""
    names = sorted(read_labels(directory)["annotation_id"])
    return f"{len(names)} {sha256(chr(10).join(names).encode()).hexdigest()}" if names else ""


def labels_locked(directory: Path) -> FileLock:
    """Return an acquired lock on people's labels, to be used as a context; the folder is created if it is missing.

    Raises
    ------
    RunError
        Another process has been writing for half a minute, or the folder cannot be created.
    """
    folder = inside(directory, LABELS_FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK, timeout=_WAIT)
        lock.acquire()
    except Timeout as error:
        msg = f"{folder}: another g7tag is writing there. Close it and run again."
        raise RunError(msg) from error
    except OSError as error:
        msg = f"{folder}: is not writable ({error.strerror}). Make it writable and run again."
        raise RunError(msg) from error
    return lock


def _append(file: Path, content: bytes) -> None:
    """Append whole lines to a file, after removing a last line that was not written completely."""
    try:
        with file.open("a+b", buffering=0) as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(max(size - _TAIL, 0))
            tail = opened.read().rpartition(b"\n")[2]
            if tail.strip() and _row(tail) is None and _is_cut_off(tail):
                size -= len(tail)
                opened.truncate(size)
            elif tail:
                content = b"\n" + content  # an editor removed the last line end
            try:
                _write_whole(opened, content)
            except OSError:
                opened.truncate(size)
                raise
    except OSError as error:
        msg = (
            f"{file}: cannot be written ({error.strerror}). Expected a writable folder with enough space. "
            "No label was added; label again."
        )
        raise InputError(msg) from error


def _write_whole(opened: FileIO, content: bytes) -> None:
    while content:
        content = content[opened.write(content) or 0 :]
    os.fsync(opened.fileno())


def _row(line: bytes) -> dict[str, Any] | None:
    """Return the row of a line; None if the line is not a label of a person."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or list(row) != list(ANNOTATIONS.columns):
        return None
    texts = [row[name] for name in row if name not in {"contradicts", "blind", "confidence"}]
    return row if all(isinstance(cell, str) for cell in texts) and _is_valid(row) else None


def _is_cut_off(line: bytes) -> bool:
    """Return whether a line is the beginning of a row, and not a whole one with something after it."""
    try:
        json.JSONDecoder().raw_decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return line.startswith(b"{")
    return False


def _is_valid(row: Mapping[str, Any]) -> bool:
    """Return whether a row has values of the right types, and a name that can be printed and be that of a file."""
    name, confidence = row["annotator"], row["confidence"]
    flags = isinstance(row["contradicts"], bool) and isinstance(row["blind"], bool)
    is_number = confidence is None or (isinstance(confidence, float) and 0 <= confidence <= 1)
    encodes = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode() == json.dumps(
        row, ensure_ascii=False
    )
    named = bool(name.strip()) and name.isprintable() and len(name) <= LONGEST_NAME
    return flags and is_number and encodes and named and row["kind"] in PEOPLE and row["at"] != ""


def _problem(line: bytes, row: Mapping[str, Any] | None) -> str:
    start = line.decode("utf-8", "replace").strip()[:40]
    if row is not None:
        return f"the label of {str(row['sentence_id'])[:40]!r} was changed since g7tag wrote it. {_ADVICE}"
    if _CONFLICT.match(start):
        return f"found {start[:20]!r}, a conflict left by Git. Keep the lines of both sides and remove this one."
    return f"found {start!r}, expected a label that g7tag wrote. {_ADVICE}"


def _frame(rows: Iterable[Mapping[Any, Any]], source: Path) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda row: (str(row["at"]), str(row["annotation_id"])))
    try:
        return validate(build(ANNOTATIONS, ordered), ANNOTATIONS, source=str(source))
    except (ValueError, TypeError, FrameError) as error:
        msg = f"{source}: has a row that is not a label ({error}). {_ADVICE}"
        raise RunError(msg) from error


def _line(row: Mapping[Any, Any]) -> bytes:
    content = {name: _plain(row[name]) for name in ANNOTATIONS.columns}
    return f"{json.dumps(content, ensure_ascii=False)}\n".encode()


def _plain(value: Any) -> object:
    """Return a value as a JSON value."""
    return None if pd.isna(value) else value


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
