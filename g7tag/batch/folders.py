"""Tag a table, or a folder of tables, to a folder; finished parts are kept and skipped in the next run."""

import csv
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from g7tag.batch import partitions
from g7tag.batch.partitions import Partition, Seen, TaggedFile, open_table, write_tags
from g7tag.batch.rejects import MOST_FIRST, Reject, RejectFile
from g7tag.batch.rows import Row, open_rows
from g7tag.batch.work import Job, each_by_dask, each_in_order, review_limit, tag_partition
from g7tag.errors import Announce, InputError, RunError
from g7tag.store import LOCK, file_sha256, locked, package_version, parquet_bytes, safe_cell, unreadable, write_atomic

SETTINGS, REJECTS, REJECTED, SUCCESS = "_g7tag.json", "_rejects", "_rejects.csv", "_SUCCESS"
"""Names of g7tag's own files in a folder; readers of Parquet folders ignore names that begin with an underscore."""
_PART = re.compile(r"part-\d{5,}\.parquet")
_SCRATCH = re.compile(r"\.g7tag-.*\.part")
_FORMAT = 2  # increase when folders in the old format can no longer be continued


def tag_folder(
    path: Path, output: Path, job: Job, *, processes: int, scheduler: str, force: bool, announce: Announce
) -> TaggedFile:
    """Tag a table, or the Parquet files of a folder, to a folder; parameters and errors are as in `tag_file`."""
    if scheduler:  # its workers may run in other directories
        path, output, job = path.resolve(), output.resolve(), job._replace(model=job.model.resolve())
    one, other = path.resolve(), output.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        msg = f"{output}: is the input, or one contains the other. Choose another folder for the tags."
        raise InputError(msg)
    tables = _tables_of(path) if path.is_dir() else []
    if scheduler and not tables:
        advice = "Leave out --scheduler, or split the table."
        msg = f"{path}: is a single file. A scheduler tags a folder of Parquet files. {advice}"
        raise InputError(msg)
    with open_table(tables[0] if tables else path, job, lambda _: None):
        settings = _settings(path, tables, job)  # check the table and the model first
    with _opened(output, settings, force=force):
        if not tables:
            return _tag_table(path, output, job, processes, announce)
        todo = [table for table in tables if _finished(output / table.name, _rows_expected(table, output)) is None]
        make = partial(_make_file, output=output, job=job, settings=settings)
        done = (
            each_by_dask(make, todo, scheduler=scheduler, processes=processes)
            if scheduler
            else each_in_order(make, todo, processes=processes, source=str(path))
        )
        kept = len(tables) - len(todo)
        with closing(done):
            for number, _ in enumerate(done, kept + 1):
                announce(f"{number} of {len(tables)} files done")
        tagged = [_counts(output / table.name) for table in tables]
        rejects = _gather_rejects(output, tables)
        write_atomic(output / SUCCESS, b"")
    rows, doubtful = (sum(counts) for counts in zip(*tagged, strict=True))
    n, place = len(rejects), output / REJECTED if rejects else None
    return TaggedFile(rows + n, rows, doubtful, review_limit(job), n, place, rejects[:MOST_FIRST], kept)


def _tag_table(path: Path, output: Path, job: Job, processes: int, announce: Announce) -> TaggedFile:
    """Tag one table to a folder, with one file per partition."""
    kept: list[tuple[int, int]] = []

    def unfinished(all_partitions: Iterable[Partition]) -> Iterator[Partition]:
        for partition in all_partitions:
            found = _finished(output / _part_name(partition.number), len(partition.sentences))
            if found is None:
                yield partition
            else:
                kept.append(found)

    with RejectFile(output / ".g7tag-rejects.part") as rejected, open_table(path, job, rejected.add) as table:
        make = partial(_make_partition, output=output, job=job, source=str(path))
        made = []
        todo = unfinished(table.partitions)
        with closing(each_in_order(make, todo, processes=processes, source=str(path))) as done:
            for rows, doubtful, read in done:
                made.append((rows, doubtful))
                announce(table.progress(read))
        tagged, doubtful = (sum(counts) for counts in zip((0, 0), *kept, *made, strict=True))
        placed = rejected.place(output / REJECTED)
    write_atomic(output / SUCCESS, b"")
    read = table.partitions.rows
    return TaggedFile(read, tagged, doubtful, review_limit(job), rejected.count, placed, rejected.first, len(kept))


def _make_partition(partition: Partition, *, output: Path, job: Job, source: str) -> tuple[int, int, int]:
    tags = tag_partition(partition.sentences, job, source=source)
    write_atomic(output / _part_name(partition.number), parquet_bytes(tags))
    return len(tags), int(tags["needs_review"].sum()), partition.rows


def _make_file(table: Path, *, output: Path, job: Job, settings: Mapping[str, Any]) -> None:
    """Tag a file of a folder; its rejects are written before its tags."""
    try:
        handle, name = tempfile.mkstemp(dir=output, prefix=f".g7tag-{table.name}-", suffix=".part")
        made = Path(name)
        try:
            with (
                os.fdopen(handle, "wb") as file,
                RejectFile(made.with_name(f"{made.stem}.rejects.part")) as rejected,
            ):
                write_tags(file, ".parquet", table, job, rejected.add, processes=1, announce=lambda _: None)
                file.flush()
                os.fsync(file.fileno())
                if _read_settings(output / SETTINGS) != settings:
                    msg = f"{output}: was restarted by another process with other settings. Run again."
                    raise RunError(msg)
                rejected.place(output / REJECTS / f"{table.name}.csv")
            made.chmod(0o644)
            made.replace(output / table.name)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{output}: cannot write ({error.strerror}). Free some space and run again: finished parts are kept."
        raise InputError(msg) from error


def _part_name(number: int) -> str:
    return f"part-{number:05d}.parquet"


def _finished(part: Path, rows: int) -> tuple[int, int] | None:
    """Return rows and doubtful rows of a part; None if it is missing, unreadable, or has another number of rows."""
    try:
        found = _counts(part)
    except (OSError, ValueError):  # pyarrow's errors are ValueErrors
        return None
    return found if found[0] == rows else None


def _counts(part: Path) -> tuple[int, int]:
    doubtful = pq.read_table(part, columns=["needs_review"], use_threads=False)["needs_review"]
    return len(doubtful), int(np.count_nonzero(doubtful.to_numpy()))


def _rows_expected(table: Path, output: Path) -> int:
    """Return the number of rows of a file that are not rejected."""
    with table.open("rb") as file:
        return int(pq.ParquetFile(file).metadata.num_rows) - len(_rejects_of(table, output))


def _rejects_of(table: Path, output: Path) -> list[list[str]]:
    """Return the rejected rows of a file."""
    file = output / REJECTS / f"{table.name}.csv"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as found:
        return list(csv.reader(found))[1:]


def _gather_rejects(output: Path, tables: Sequence[Path]) -> list[Reject]:
    """Write the rejects of all files to one file, with file names; return them with the names in their reasons."""
    found = [(table.name, row) for table in tables for row in _rejects_of(table, output)]
    if found:
        content = StringIO()
        writer = csv.writer(content, lineterminator="\n")
        writer.writerow(["file", *Reject._fields])
        writer.writerows([safe_cell(name), *row] for name, row in found)
        write_atomic(output / REJECTED, content.getvalue().encode("utf-8"))
    else:
        (output / REJECTED).unlink(missing_ok=True)
    return [Reject(int(row[0]), row[1], f"{row[2]} (in {name})", row[3]) for name, row in found]


def _tables_of(path: Path) -> list[Path]:
    """Return the Parquet files of a folder, by name, after checking that no id or item is in two of them."""
    tables = sorted(file for file in path.iterdir() if file.suffix.lower() == ".parquet" and file.name[0] not in "._")
    if not tables:
        msg = f"{path}: contains no .parquet file. Expected tables with a column `text`, or a single table."
        raise InputError(msg)
    ids, items = Seen(), Seen()
    for table in tables:
        own_ids, own_items = Seen(), Seen()
        with open_rows(table, size=partitions.PARTITION_ROWS) as rows:
            if "sentence_id" not in rows.columns:
                msg = f"{table}: column 'sentence_id' is missing. In a folder of tables, each row needs an id."
                raise InputError(msg)
            for chunk in rows.chunks:
                usable = [row for row in chunk if isinstance(row, Row)]
                _require_new(table, "sentence_id", [row.sentence_id or "" for row in usable], ids, own_ids)
                named = [row.item_id for row in usable if (row.item_id or "").strip()]
                _require_new(table, "item_id", named, items, own_items)
        ids.update(own_ids)
        items.update(own_items)
    return tables


def _require_new(table: Path, column: str, cells: Sequence[str], seen: Seen, own: Seen) -> None:
    """Check that values are not empty and not in an earlier file."""
    values = [cell.strip() for cell in cells]
    if "" in values:
        msg = f"{table}: a row has no {column}. In a folder of tables, each row needs one."
        raise InputError(msg)
    again = seen.holds(values)
    if again.any():
        msg = (
            f"{table}: {column} {values[int(again.argmax())]!r:.80} also appears in an earlier file of the folder. "
            "Expected unique ids across all files, and all rows of an item in one file."
        )
        raise InputError(msg)
    own.add(values)


def _settings(path: Path, tables: Sequence[Path], job: Job) -> dict[str, Any]:
    """Return everything the tags in a folder depend on, and the names of its files; messages use the keys."""
    try:
        names = b"\n".join(os.fsencode(table.name) + file_sha256(table).encode() for table in tables)
        read = hashlib.sha256(names).hexdigest() if tables else file_sha256(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return {
        "format": _FORMAT,
        "input": read,
        "model": file_sha256(job.model),
        "model manifest": file_sha256(job.model.with_name(f"{job.model.name}.json")),
        "codebook": job.codebook.sha256,
        "version of g7tag": package_version(),
        "choice of --explain": job.explain,
        "choice of --tagger": "fast" if job.fast else "encoder",
        "number of rows in a part": partitions.PARTITION_ROWS,
        "files": [os.fsencode(table.name).decode("utf-8", "backslashreplace") for table in tables],
    }


@contextmanager
def _opened(output: Path, settings: Mapping[str, Any], *, force: bool) -> Iterator[None]:
    """Create or continue a folder, and lock it."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{output}: cannot create the folder ({error.strerror}). Choose a writable location."
        raise RunError(msg) from error
    with locked(output):
        found = sorted(file.name for file in output.iterdir() if file.name != LOCK)
        before = _read_settings(output / SETTINGS)
        known = {SETTINGS, REJECTS, REJECTED, SUCCESS, *before.get("files", [])}
        foreign = [name for name in found if not (name in known or _PART.fullmatch(name) or _SCRATCH.match(name))]
        foreign += [name for name in found if SETTINGS not in found]
        if foreign:
            msg = f"{output}: contains {foreign[0]!r}, so it is not a g7tag folder. Choose another folder."
            raise RunError(msg)
        other = next((name for name, value in settings.items() if before.get(name) != value), "") if found else ""
        if other and not force:
            msg = f"{output}: was started with a different {other}. Choose another folder, or start over with --force."
            raise RunError(msg)
        try:
            made = [*output.glob("*"), *(output / REJECTS).glob("*")] if other else []
            for file in made:  # of an earlier job
                if file.suffix.lower() in {".parquet", ".csv"}:
                    file.unlink()
            for scratch in filter(_SCRATCH.match, found):
                (output / scratch).unlink()
            (output / SUCCESS).unlink(missing_ok=True)
            write_atomic(output / SETTINGS, (json.dumps(settings, indent=1) + "\n").encode("utf-8"))
            (output / REJECTS).mkdir(exist_ok=True)
        except OSError as error:
            msg = f"{output}: cannot write ({error.strerror}). Choose a writable folder."
            raise RunError(msg) from error
        yield


def _read_settings(file: Path) -> dict[str, Any]:
    """Return the settings a folder was started with; empty if they cannot be read."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
