"""People's labels in a run directory: one append-only file for each annotator, whose rows are named by their content.

A row is named by the hash of what it says, so files can be carried by Git, a shared folder or e-mail, and joined in any
order with the same result.
"""

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, InputError, RunError
from g7tag.frames import ANNOTATIONS, added, build, in_order, label_rules, validate
from g7tag.store.files import LABELS_FOLDER, inside, labels_locked, write_atomic
from g7tag.store.tables import read_frame
from g7tag.text import counted, listed

PEOPLE = ("analyst", "adjudicator")
"""Kinds of annotators that are people."""
LONGEST_NAME = 80
"""Characters of an annotator's name; a file name has at most 255 bytes."""
LONGEST_NOTE = 5_000
"""Characters of a comment."""
_OTHERS = {"plan.toml", "settled-cases.toml", "Thumbs.db", "desktop.ini"}  # the last two are made by Windows
_TAIL = 2**20  # bytes; longer than any line
_CLOCKS = timedelta(days=1)  # how far the clocks of two machines may differ
_RESERVED = re.compile(
    r'[<>:"/\\|?*%\x00-\x1f\x7f]|^[. ]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)', re.IGNORECASE
)  # the last are devices on Windows
_ADVICE = "Restore a copy of the file, or remove the line to continue without this label."
_ENDS_IN_HASH = "#[0-9a-f]{16}$"  # the id of a person's label; that of a label of the bundled corpus does not
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_ADDED = added(ANNOTATIONS)  # left out where they are empty, so that labels are written and named as they were before
_TYPES: dict[str, Any] = {
    **dict.fromkeys(ANNOTATIONS.columns, str), "contradicts": bool, "blind": bool, "confidence": float | None,
}  # fmt: skip


def label_id(row: Mapping[Any, Any]) -> str:
    """Return the id of a person's annotation: its sentence, its annotator, and the start of the hash of its content."""
    own = {name: value for name, value in plain_row(row).items() if name != "annotation_id"}
    content = json.dumps(own, ensure_ascii=False, sort_keys=True)
    return f"{row['sentence_id']}#{row['annotator']}#{sha256(content.encode()).hexdigest()[:16]}"


def plain_row(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a row of a frame as it is written as JSON, with None for missing values."""
    return {name: None if pd.isna(value) else value for name, value in row.items() if name not in _ADDED or value}


def label_file(directory: Path, annotator: str) -> Path:
    """Return the path of an annotator's labels in a run directory."""
    composed = unicodedata.normalize("NFC", annotator)
    name = _RESERVED.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), composed)
    return inside(directory, f"{LABELS_FOLDER}/{name}.jsonl")


def read_labels(directory: Path, codebook: Codebook | None = None) -> pd.DataFrame:
    """Return the labels of all people in a run directory, in the order of their times; none if there are none."""
    return _frame(label_rows(directory, codebook).values(), directory / LABELS_FOLDER)


def label_rows(
    directory: Path, codebook: Codebook | None = None, *, may_lack: bool = False
) -> dict[str, dict[str, Any]]:
    """Return the labels of all people in a run directory by id."""
    scored = set() if may_lack else _scored(directory)  # read first: another process may be adding labels
    rows = {name: row for file in label_files(directory) for name, row in read_label_rows(file, codebook).items()}
    _refuse_lost(directory, scored - set(rows))
    return rows


def label_files(directory: Path) -> list[Path]:
    """Return the files with people's labels in a run directory, sorted by name; hidden files are ignored."""
    folder = inside(directory, LABELS_FOLDER)
    try:
        found = sorted(file for file in folder.iterdir() if file.name[0] != ".") if folder.is_dir() else []
    except OSError as error:
        msg = f"{folder}: cannot be read ({error.strerror}). Make it readable and run again."
        raise RunError(msg) from error
    labels = [file for file in found if file.suffix == ".jsonl"]
    known = [file for file in found if file in labels or file.name in _OTHERS]
    others = [file.name for file in found if file not in known or not file.is_file() or file.is_symlink()]
    if others:
        msg = (
            f"{folder}: has {listed(others)}. Expected only label files (NAME.jsonl), plan.toml and "
            "settled-cases.toml, and no links, since the folder is shared. Move the rest away or delete it."
        )
        raise RunError(msg)
    return labels


def read_label_rows(file: Path, codebook: Codebook | None = None) -> dict[str, dict[str, Any]]:
    """Return the rows of a file by id; a last line that was not written completely is ignored."""
    if file.is_symlink() or not file.is_file():
        msg = f"{file}: is a link or no file. Expected a label file. Put a copy in its place."
        raise RunError(msg)
    try:
        lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}). Make it readable and run again."
        raise RunError(msg) from error
    rows, places = {}, {}
    for place, line in enumerate(lines, start=1):
        row = _row(line)
        if row is None and (not line.strip() or (place == len(lines) and _is_cut_off(line))):
            continue  # cut off: the process was killed while it wrote, so it never said that the label is saved
        problem = _problem(line, row)
        if row is None or problem:
            msg = f"{file}, line {place}: {problem}"
            raise RunError(msg)
        rows[row["annotation_id"]], places[row["annotation_id"]] = row, place
    if codebook is not None and rows:
        _check_rules(file, rows, places, codebook)
    return rows


def add_labels(directory: Path, annotations: pd.DataFrame) -> None:
    """Append people's annotations to the files of their annotators; when it returns, they are on the disk."""
    rows = validate(annotations, ANNOTATIONS, source="annotations")
    faults = list(filter(None, map(_fault, rows.to_dict("records"))))
    if faults:
        msg = f"{faults[0]}. Nothing was saved."
        raise InputError(msg)
    with labels_locked(directory):
        for annotator, own in rows.groupby("annotator", sort=False):
            _append(label_file(directory, str(annotator)), _lines(own))


def write_label_rows(directory: Path, rows: Collection[Mapping[Any, Any]]) -> None:
    """Replace all label files by these rows, in the order of their times; call it while they are locked."""
    _refuse_lost(directory, _scored(directory) - {row["annotation_id"] for row in rows})
    frame = _frame(rows, directory / LABELS_FOLDER)
    files = frame["annotator"].map(lambda name: label_file(directory, name))
    folded = files.map(lambda file: file.name.casefold())  # on some disks, names that differ in case are one file
    written = []
    for _, own in frame.groupby(folded, sort=False):
        file = min(files[own.index], key=lambda each: each.name)
        content = _lines(own)
        if not file.is_file() or file.read_bytes() != content:
            write_atomic(file, content)
        written.append(file)
    for file in label_files(directory):
        if not any(file.samefile(each) for each in written):
            file.unlink()  # its rows are in the file of the same name in another case


def labels_state(directory: Path) -> str:
    """Return the number and a hash of people's labels in a run directory; "" if there are none."""
    names = sorted(label_rows(directory))
    return f"{len(names)} {sha256(chr(10).join(names).encode()).hexdigest()}" if names else ""


def _scored(directory: Path) -> set[str]:
    """Return the ids of people's labels that a run was scored with; none if there is no frame of them to read."""
    with suppress(FrameError):  # a damaged frame is named by the commands that use it
        rows = read_frame(inside(directory, "annotations.parquet"), ANNOTATIONS)
        ids = rows.loc[rows["kind"].isin(PEOPLE), "annotation_id"]
        return set(ids[ids.str.contains(_ENDS_IN_HASH)])
    return set()


def _refuse_lost(directory: Path, lost: Collection[str]) -> None:
    if lost:
        by_person = Counter(name.partition("#")[2].rpartition("#")[0] for name in lost)
        files = ", ".join(f"{label_file(directory, name).name} lacks {n}" for name, n in sorted(by_person.items()))
        msg = (
            f"{directory / LABELS_FOLDER}: {counted(len(lost), 'label')} that people saved in this run "
            f"{'is' if len(lost) == 1 else 'are'} missing ({files}): {listed(lost)}. Restore a copy of the file, also "
            f"with `g7tag merge`. To continue without them, delete {directory / 'annotations.parquet'} and score again."
        )
        raise RunError(msg)


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
                while content:
                    content = content[opened.write(content) or 0 :]
                os.fsync(opened.fileno())
            except OSError:
                opened.truncate(size)
                raise
    except OSError as error:
        msg = (
            f"{file}: cannot be written ({error.strerror}). Expected a writable folder with enough space. "
            "No label was added; label again."
        )
        raise InputError(msg) from error


def _row(line: bytes) -> dict[str, Any] | None:
    """Return the row of a line; None if the line is not a label of a person."""
    try:
        row = json.loads(line) if len(line) <= _TAIL else None
        json.dumps(row, ensure_ascii=False).encode()  # half a character cannot be written
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or list(row) != [name for name in _TYPES if name in row or name not in _ADDED]:
        return None
    if not all(isinstance(row[name], _TYPES[name]) for name in row):
        return None
    name = row["annotator"]
    is_label = name.strip() and len(name) <= LONGEST_NAME and (name + row["sentence_id"]).isprintable()
    return row if is_label and 0 <= (row["confidence"] or 0) <= 1 else None


def _is_cut_off(line: bytes) -> bool:
    """Return whether a line is the beginning of a row, and not a whole one with something after it."""
    try:
        json.JSONDecoder().raw_decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return line.startswith(b"{")
    return False


def _problem(line: bytes, row: Mapping[str, Any] | None) -> str:
    """Return what is wrong with a line and its row, with advice; "" if nothing is."""
    if row is None:
        start = line.decode("utf-8", "replace").strip()[:40]
        if start.startswith(_CONFLICT):
            return f"found {start[:20]!r}, a conflict left by Git. Keep the lines of both sides and remove this one."
        problem = f"found {start!r}, expected a label that g7tag wrote"
    elif row["annotation_id"] != label_id(row):
        problem = f"the label of {row['sentence_id'][:40]!r} was changed since g7tag wrote it"
    else:
        problem = _fault(row)
    return f"{problem}. {_ADVICE}" if problem else ""


def _fault(row: Mapping[Any, Any]) -> str:
    """Return what is wrong with the kind, the comment or the time of a row, "" if nothing is."""
    of = f"the label of {row['sentence_id'][:40]!r}"
    if row["kind"] not in PEOPLE:
        return f"{of} is of kind {row['kind'][:40]!r}, expected {' or '.join(PEOPLE)}"
    if len(row["note"]) > LONGEST_NOTE:
        return f"{of} has a comment of {len(row['note']):,} characters, expected at most {LONGEST_NOTE:,}"
    try:
        moment = datetime.fromisoformat(row["at"])
        in_utc = moment.astimezone(UTC).isoformat(timespec="milliseconds") == row["at"]
    except (ValueError, OverflowError):
        in_utc = False
    if not in_utc:
        return f"{of} has the time {row['at'][:40]!r}, expected one in UTC such as '2026-01-02T00:00:00.000+00:00'"
    ahead = moment > datetime.now(UTC) + _CLOCKS
    return f"{of} is of {row['at']}, more than a day ahead of the clock of this computer" if ahead else ""


def _check_rules(file: Path, rows: Mapping[str, Any], places: Mapping[str, int], codebook: Codebook) -> None:
    """Raise an error if a row breaks a rule of the codebook."""
    own = pd.DataFrame(rows.values())
    rules = label_rules(own.assign(text="known", sentence_id=own.index, item_id=own.index), codebook)
    ordered = own["dimensions"].map(lambda joined: in_order(joined, codebook))
    rules["dimensions are not in the order of the codebook"] = own["dimensions"] != ordered
    for rule, broken in rules.items():
        if broken.any():
            row = own[broken].iloc[0]
            of = f"{file}, line {places[row['annotation_id']]}: the label of {row['sentence_id'][:40]!r}"
            msg = f"{of} breaks a rule of the codebook: {rule}. {_ADVICE}"
            raise RunError(msg)


def _frame(rows: Iterable[Mapping[Any, Any]], source: Path) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda row: (str(row["at"]), str(row["annotation_id"])))
    try:
        return validate(build(ANNOTATIONS, ordered), ANNOTATIONS, source=str(source))
    except (ValueError, TypeError, FrameError) as error:
        msg = f"{source}: has a row that is not a label ({error}). {_ADVICE}"
        raise RunError(msg) from error


def _lines(rows: pd.DataFrame) -> bytes:
    return "".join(f"{json.dumps(plain_row(row), ensure_ascii=False)}\n" for row in rows.to_dict("records")).encode()
