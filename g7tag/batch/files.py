"""Tag a table of any size, to a file that appears when it is complete or to a folder that keeps finished parts."""

import csv
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import partial
from io import BytesIO, StringIO
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from g7tag.batch.partitions import partitions_of
from g7tag.batch.rows import COLUMNS, Row, read_rows
from g7tag.batch.work import Job, each, tag_partition, tagger_of
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError
from g7tag.store import (
    LOCK,
    check_output,
    file_sha256,
    locked,
    package_version,
    safe_cell,
    table_bytes,
    text_sha256,
    write_atomic,
)

REJECTED, SUCCESS = "_rejects.csv", "_SUCCESS"
"""Files in a folder of tags beside its parts; readers of Parquet folders ignore names that begin with an underscore."""
MOST_FIRST = 5
"""Number of rejects that are remembered to be shown."""
SHOWN_TEXT = 200
"""Maximum characters written of a rejected row's text and id."""
_STAMP = b"g7tag"  # key in the metadata of a part: the hash of its rows and of the settings
_PART = re.compile(r"part-\d{5,}\.parquet")
_SCRATCH = re.compile(r"\.g7tag-.*\.part")  # of `write_atomic` in a killed process


class TaggedFile(NamedTuple):
    """Counts of a tagged table; its rows are either tagged or rejected, and `kept` parts were finished before."""

    rows: int
    tagged: int
    doubtful: int
    limit: float
    rejected: int
    rejects: Path | None
    first: list[Row]
    kept: int = 0


def tag_file(  # noqa: PLR0913 - all settings are keywords
    path: Path | str,
    output: Path | str | IO[bytes],
    codebook: Codebook,
    model: Path | str,
    *,
    processes: int = 1,
    scheduler: str = "",
    explain: bool = False,
    fast: bool = False,
    force: bool = False,
    announce: Announce = lambda step: None,
) -> TaggedFile:
    """Tag a table of any size; memory grows by at most 16 bytes per row.

    These are two 64-bit hashes, of the row's id and of its item, used to find duplicate ids and items whose rows are
    not consecutive. Rows that cannot be used are rejected and the others are tagged. A row is rejected if its number of
    cells differs from the header, it is not valid UTF-8, it is not a JSON object with a `text`, its id is longer than
    1,000 characters or appears in an earlier row, its item has already ended, or its position is not a number. A row
    with an empty text is not rejected: its tags have the status `empty`.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file with the columns of `tag_table`, or a folder of such Parquet files, which are
        read by name as one table.
    output
        A file with one of these suffixes, which appears when it is complete; or a folder (a name without a suffix)
        of Parquet files, each with some thousand rows; or an open binary file, for CSV. In a folder, a part is kept if
        it was made from the same rows with the same settings, and an empty file `_SUCCESS` is written when all parts
        are finished. If rows are rejected, they are written to `OUT.rejects.csv` next to a file, `_rejects.csv` in a
        folder.
    codebook, model
        The codebook, and the path of a tagger file for it.
    processes
        Number of tagging processes; each loads the tagger. A few parts are tagged in this process. The output does not
        depend on the number. A script that uses more than one process needs `if __name__ == "__main__":`.
    scheduler
        Address of a Dask scheduler (``tcp://HOST:8786``) whose workers have the same version of g7tag and the tagger
        file at the same path, or ``local`` to start `processes` workers here. The output is the same.
    explain
        Add a column `why` with the main reasons for each tag (see `g7tag.explain_tags`); ten times slower.
    fast
        Use the fast tagger of the model, which reads words and cues alone.
    force
        Replace existing files, and the parts of a folder that were made from other rows or with other settings.
    announce
        Called with the name of each step and with the progress.

    Raises
    ------
    InputError
        The table cannot be read, or a file cannot be written or already exists.
    FrameError
        There is no column `text`, a column appears twice, or an item has too many rows for a paragraph.
    RunError
        A folder has other parts or is in use by another process, or a tagging process died.
    ModelError
        The tagger file cannot be used.
    EndpointError
        The scheduler does not answer.
    """
    path, output = Path(path), Path(output) if isinstance(output, str) else output
    whole = output if isinstance(output, Path) else None
    is_folder = whole is not None and (whole.is_dir() or not whole.suffix)
    rejects = whole and (whole / REJECTED if is_folder else whole.with_name(f"{whole.stem}.rejects.csv"))
    read = path.resolve()
    for file in [whole, rejects] if whole and rejects else []:
        if file.resolve() in {read, *read.parents}:
            msg = f"{file}: is the input table, or contains it. Choose another name."
            raise InputError(msg)
        if not is_folder:
            check_output(file, force=force)
    announce("reading the table")
    job = Job(Path(model).absolute() if scheduler else Path(model), codebook, explain, fast)
    limit, rows = tagger_of(job).review_limit, read_rows(path)
    rows = chain(list(islice(rows, 1)), rows)  # a table or tagger that cannot be used makes no folder
    begun, tagged, doubtful = time.monotonic(), 0, 0
    try:
        with ExitStack() as opened:
            sink = _folder(whole, job, force=force) if whole and is_folder else _table(output, job, force=force)
            out = opened.enter_context(sink)
            rejected = _Rejects(opened.enter_context(TemporaryFile(dir=rejects.parent)) if rejects else None)
            tasks = out.todo(partitions_of(rows, rejected.add, source=str(path)))
            make = partial(_make_part, job=job, kind=out.kind, source=str(path))
            with closing(each(make, tasks, processes=processes, scheduler=scheduler, source=str(path))) as parts:
                for part in parts:
                    out.write(part)
                    tagged, doubtful = tagged + part.rows, doubtful + part.doubtful
                    speed = tagged / max(time.monotonic() - begun, 1e-9)
                    announce(f"{tagged:,} rows done, {speed:,.0f} per second")
            placed = rejected.place(rejects)
    except OSError as error:
        if whole is None:
            raise
        msg = f"{whole}: cannot write ({error.strerror}). Expected a writable folder with enough space."
        raise InputError(msg) from error
    tagged, doubtful = (sum(counts) for counts in zip((tagged, doubtful), *out.kept, strict=True))
    count = rejected.count
    return TaggedFile(tagged + count, tagged, doubtful, limit, count, placed, rejected.first, len(out.kept))


class _Task(NamedTuple):
    """A partition to tag, and the stamp of its part."""

    number: int
    sentences: pd.DataFrame
    stamp: str = ""


class _Part(NamedTuple):
    """Tags of a partition: a Parquet file, lines of JSON, or lines of CSV without the header."""

    number: int
    content: bytes
    rows: int
    doubtful: int


def _make_part(task: _Task, *, job: Job, kind: str, source: str) -> _Part:
    tags = tag_partition(task.sentences, job, source=source)
    if kind == ".parquet":
        table, buffer = pa.Table.from_pandas(tags, preserve_index=False), BytesIO()
        metadata = {**table.schema.metadata, _STAMP: task.stamp}
        pq.write_table(table.replace_schema_metadata(metadata), buffer, compression="zstd")
        content = buffer.getvalue()
    else:
        content = table_bytes(tags, kind)
        content = content.partition(b"\n")[2] if kind == ".csv" else content
    return _Part(task.number, content, len(tags), int(tags["needs_review"].sum()))


class _Output(NamedTuple):
    """Where tags go: the type of its parts, what writes one, which are to do, and rows and doubtful rows of others."""

    kind: str
    write: Callable[[_Part], object]
    todo: Callable[[Iterator[pd.DataFrame]], Iterator[_Task]]
    kept: list[tuple[int, int]]


@contextmanager
def _table(output: Path | IO[bytes], job: Job, *, force: bool) -> Iterator[_Output]:
    """Yield one table: an open file for CSV, or a file that appears when it is complete."""
    kind = output.suffix.lower() if isinstance(output, Path) else ".csv"
    empty = tag_partition(pd.DataFrame(columns=list(COLUMNS)), job, source="table")
    with TemporaryFile(dir=output.parent) if isinstance(output, Path) else nullcontext(output) as file:
        if kind == ".parquet":
            schema = pa.Schema.from_pandas(empty, preserve_index=False)
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:  # each part becomes a row group
                yield _Output(kind, lambda part: writer.write_table(_read_part(part)), _all_of, [])
        else:
            file.write(table_bytes(empty, kind) if kind == ".csv" else b"")
            yield _Output(kind, lambda part: file.write(part.content), _all_of, [])
        if isinstance(output, Path):
            check_output(output, force=force)  # again: another process may have finished in the meantime
            file.seek(0)
            write_atomic(output, file)


def _all_of(partitions: Iterator[pd.DataFrame]) -> Iterator[_Task]:
    return (_Task(number, sentences) for number, sentences in enumerate(partitions))


def _read_part(part: _Part) -> pa.Table:
    return pq.read_table(pa.BufferReader(part.content), use_threads=False)


@contextmanager
def _folder(path: Path, job: Job, *, force: bool) -> Iterator[_Output]:
    """Yield a folder of parts, which is locked."""
    path.mkdir(parents=True, exist_ok=True)
    with locked(path):
        found = {file.name: _kept_in(file) for file in sorted(path.iterdir())}
        left = [name for name in found if name == SUCCESS or _SCRATCH.fullmatch(name)]
        foreign = [name for name, part in found.items() if not part and name not in {LOCK, REJECTED, *left}]
        if foreign:
            msg = f"{path}: contains {foreign[0]!r}, which is no whole part of g7tag's. Remove it, or choose another."
            raise RunError(msg)
        for name in left:
            (path / name).unlink()
        kept: list[tuple[int, int]] = []
        parts = {name: part for name, part in found.items() if part}
        todo = partial(_unfinished, path=path, job=job, found=parts, kept=kept, force=force)
        yield _Output(".parquet", lambda part: write_atomic(path / _name(part.number), part.content), todo, kept)
        write_atomic(path / SUCCESS, b"")


class _Kept(NamedTuple):
    """A part that is there: its stamp, its number of rows, and how many of them are doubtful."""

    stamp: str
    rows: int
    doubtful: int


def _kept_in(part: Path) -> _Kept | None:
    if not _PART.fullmatch(part.name):
        return None
    try:
        table = pq.read_table(part, columns=["needs_review"], use_threads=False)
        doubtful = table["needs_review"].to_pylist().count(True)
        return _Kept(table.schema.metadata[_STAMP].decode(), len(table), doubtful)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def _unfinished(
    partitions: Iterator[pd.DataFrame], *, path: Path, job: Job, found: dict[str, _Kept],
    kept: list[tuple[int, int]], force: bool,
) -> Iterator[_Task]:  # fmt: skip
    """Yield the partitions whose part is missing or was made otherwise; remove parts beyond the last."""
    model = [file_sha256(file) for file in (job.model, job.model.with_name(f"{job.model.name}.json"))]
    settings = [*model, job.codebook.sha256, job.explain, job.fast, package_version()]
    for number, sentences in enumerate(partitions):
        stamp = text_sha256(json.dumps([settings, sentences.to_numpy().tolist()]))
        part = found.pop(_name(number), None)
        if part and part.stamp == stamp:
            kept.append((part.rows, part.doubtful))
            continue
        _require_forced(path, different=part is not None, force=force)
        yield _Task(number, sentences, stamp)
    _require_forced(path, different=bool(found), force=force)
    for name in found:
        (path / name).unlink()


def _require_forced(path: Path, *, different: bool, force: bool) -> None:
    if different and not force:
        msg = (
            f"{path}: has parts of another table, or made with another model, codebook, --tagger, --explain or version "
            "of g7tag. Choose another folder, or replace these parts with --force."
        )
        raise RunError(msg)


def _name(number: int) -> str:
    return f"part-{number:05d}.parquet"


class _Rejects:
    """Count rejected rows, remember the first ones, and write all to a file."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self.count = 0
        self.first: list[Row] = []
        self._file = file

    def add(self, rows: list[Row]) -> None:
        self.count += len(rows)
        self.first += rows[: MOST_FIRST - len(self.first)]
        if self._file is not None:
            content = StringIO()
            writer = csv.writer(content, lineterminator="\n")
            writer.writerows([] if self._file.tell() else [("row", "sentence_id", "reason", "text")])
            for row in rows:
                cells = (row.row, row.sentence_id[:SHOWN_TEXT], row.reason, row.text[:SHOWN_TEXT])
                writer.writerow(map(safe_cell, cells))
            self._file.write(content.getvalue().encode("utf-8", "replace"))

    def place(self, target: Path | None) -> Path | None:
        """Give the file its name and return it; without rejects, remove an older file instead."""
        if target is None or self._file is None:
            return None
        if not self.count:
            target.unlink(missing_ok=True)
            return None
        self._file.seek(0)
        write_atomic(target, self._file)
        return target
