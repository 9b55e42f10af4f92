"""Tag a table, or a folder of tables, to a folder: a part that is finished appears whole, and is kept and skipped."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from g7tag.batch import parts
from g7tag.batch.partitions import Partition, Seen
from g7tag.batch.rejects import Reject, RejectFile
from g7tag.batch.work import Job, each_by_dask, each_in_order, tag_partition
from g7tag.errors import Announce, InputError, RunError
from g7tag.store import (
    LOCK,
    check_output,
    file_sha256,
    locked,
    open_parquet,
    package_version,
    parquet_bytes,
    unreadable,
    write_atomic,
)

SETTINGS, REJECTS, SUCCESS = "_g7tag.json", "_rejects", "_SUCCESS"
"""Names of ours in a folder; readers of folders of Parquet files pass over names that begin so."""
_PART = re.compile(r"part-\d{5,}\.parquet")
_SCRATCH = re.compile(r"\.g7tag-.*\.part")
_FORMAT = 2  # raise when a folder of the older form can no longer be continued


def tag_folder(
    path: Path,
    output: Path,
    job: Job,
    *,
    rejects: Path,
    processes: int,
    scheduler: str,
    force: bool,
    announce: Announce,
) -> parts.TaggedFile:
    """Tag a table, or the Parquet files of a folder, to a folder; parameters and errors are those of `tag_file`."""
    tables = _tables_of(path) if path.is_dir() else []
    if scheduler and not tables:
        msg = f"{path}: is one file. A scheduler tags a folder of Parquet files; leave it out, or part the table."
        raise InputError(msg)
    check_output(rejects, force=force or (output / SETTINGS).is_file(), types=[".csv"])
    tag_partition(pd.DataFrame(columns=["text"]), job)  # refuses a model that cannot be used before anything is made
    settings = _settings(path, tables, job)
    with _opened(output, settings, [table.name for table in tables], force=force):
        if not tables:
            return _tag_table(path, output, job, rejects, processes, announce)
        todo = [table for table in tables if not (output / table.name).exists()]
        make = partial(_make_file, output=output, job=job)
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
        count, first = _gather_rejects(output, tables, rejects)
    rows, doubtful = (sum(its) for its in zip(*tagged, strict=True))
    return parts.TaggedFile(rows + count, rows, doubtful, count, rejects if count else None, first, kept)


def _tag_table(
    path: Path, output: Path, job: Job, rejects: Path, processes: int, announce: Announce
) -> parts.TaggedFile:
    """Tag one table to a folder, a file for each of its partitions."""
    kept: list[tuple[int, int]] = []

    def unfinished(partitions: Iterator[Partition]) -> Iterator[Partition]:
        for partition in partitions:
            found = _finished(output / _part_name(partition.number), len(partition.sentences))
            if found is None:
                yield partition
            else:
                kept.append(found)

    with (
        RejectFile(output / ".g7tag-rejects.part") as rejected,
        parts.open_table(path, job, rejected.add) as table,
    ):
        make = partial(_make_partition, output=output, job=job, source=str(path))
        made = []
        todo = unfinished(iter(table.partitions))
        with closing(each_in_order(make, todo, processes=processes, source=str(path))) as done:
            for rows, doubtful, read in done:
                made.append((rows, doubtful))
                announce(table.progress(read))
        tagged, doubtful = (sum(its) for its in zip((0, 0), *kept, *made, strict=True))
        rejected.place(rejects)
        write_atomic(output / SUCCESS, b"")
        place = rejects if rejected.count else None
        return parts.TaggedFile(
            table.partitions.rows, tagged, doubtful, rejected.count, place, rejected.first, len(kept)
        )


def _make_partition(partition: Partition, *, output: Path, job: Job, source: str) -> tuple[int, int, int]:
    tags = tag_partition(partition.sentences, job, source=source)
    write_atomic(output / _part_name(partition.number), parquet_bytes(tags))
    return len(tags), int(tags["needs_review"].sum()), partition.rows


def _make_file(table: Path, *, output: Path, job: Job) -> None:
    """Tag a file of a folder; its rejects are at their place before it is."""
    made = output / f".g7tag-{table.name}.part"
    try:
        with RejectFile(output / f".g7tag-{table.name}.rejects.part") as rejected:
            parts.tag_table_file(table, made, job, rejected.add)
            rejected.place(output / REJECTS / f"{table.name}.csv")
        made.replace(output / table.name)
    except OSError as error:
        msg = f"{output}: cannot write ({error.strerror}). Make room and run again: it continues."
        raise InputError(msg) from error
    finally:
        made.unlink(missing_ok=True)


def _part_name(number: int) -> str:
    return f"part-{number:05d}.parquet"


def _finished(part: Path, rows: int) -> tuple[int, int] | None:
    """Rows and doubtful rows of a part; None where it is missing, cannot be read, or has another number of rows."""
    try:
        found = _counts(part)
    except (OSError, ValueError):  # among the latter what pyarrow raises
        return None
    return found if found[0] == rows else None


def _counts(part: Path) -> tuple[int, int]:
    doubtful = pq.read_table(part, columns=["needs_review"], use_threads=False)["needs_review"]
    return len(doubtful), int(np.count_nonzero(doubtful.to_numpy()))


def _gather_rejects(output: Path, tables: Sequence[Path], rejects: Path) -> tuple[int, list[Reject]]:
    """Put the rejects of all files into one, with the name of each; return how many these are, and the first."""
    count = 0
    first: list[Reject] = []
    made = output / ".g7tag-rejects.part"
    with made.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", *Reject._fields])
        for table in tables:
            its = output / REJECTS / f"{table.name}.csv"
            if its.is_file():
                with its.open(encoding="utf-8", newline="") as found:
                    for row in islice(csv.reader(found), 1, None):
                        writer.writerow([table.name, *row])
                        first += [Reject(int(row[0]), row[1], f"{row[2]} (in {table.name})", row[3])][: 5 - len(first)]
                        count += 1
    if count:
        write_atomic(rejects, made.read_bytes())
    else:
        rejects.unlink(missing_ok=True)
    made.unlink()
    write_atomic(output / SUCCESS, b"")
    return count, first


def _tables_of(path: Path) -> list[Path]:
    """The Parquet files of a folder, by name; ids must be unique among them.

    Raises
    ------
    InputError
        There are none, one cannot be read, or an id stands in two.
    """
    tables = sorted(file for file in path.glob("*.parquet") if file.name[0] not in "._")
    if not tables:
        msg = f"{path}: holds no .parquet file. Expected tables with a column `text`, or name a single table."
        raise InputError(msg)
    seen = Seen()
    for table in tables:
        ids = _ids_of(table)
        again = seen.holds(ids)
        if again.any():
            msg = (
                f"{table}: sentence_id {ids[int(again.argmax())]!r:.80} is in an earlier file of the folder, too. "
                "Expected an id of its own for each row of all files."
            )
            raise InputError(msg)
        seen.add(ids)
    return tables


def _ids_of(table: Path) -> list[str]:
    """The ids of a table, each once; a row without one has its number."""
    try:
        with table.open("rb") as file, open_parquet(file, ["sentence_id"]) as opened:
            if "sentence_id" not in opened.schema_arrow.names:
                msg = f"{table}: has no column `sentence_id`. In a folder of tables each row needs an id."
                raise InputError(msg)
            column = pa.chunked_array(
                [batch.column(0).cast(pa.string()) for batch in opened.iter_batches(columns=["sentence_id"])],
                type=pa.string(),
            )
    except (OSError, ValueError) as error:
        raise unreadable(table, error) from error
    ids = ((cell or "").strip() or str(number) for number, cell in enumerate(column.to_pylist(), 1))
    return list(dict.fromkeys(ids))


def _settings(path: Path, tables: Sequence[Path], job: Job) -> dict[str, Any]:
    """All that the tags in a folder depend on, by the words of a message."""
    listed = "\n".join(f"{table.name} {file_sha256(table)}" for table in tables)
    return {
        "format": _FORMAT,
        "input": hashlib.sha256(listed.encode()).hexdigest() if tables else file_sha256(path),
        "model": file_sha256(job.model),
        "model manifest": file_sha256(job.model.with_name(f"{job.model.name}.json")),
        "codebook": job.codebook.sha256,
        "version of g7tag": package_version(),
        "choice of --explain": job.explain,
        "number of rows in a part": parts.PARTITION_ROWS,
    }


@contextmanager
def _opened(output: Path, settings: Mapping[str, Any], names: Sequence[str], *, force: bool) -> Iterator[None]:
    """Make a folder, or continue it, and keep other processes out.

    Raises
    ------
    RunError
        It was begun with other settings, holds files that are not of such a job, or another process is at work there.
    """
    try:
        (output / REJECTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{output}: cannot make the folder ({error.strerror}). Name a place that can be written to."
        raise RunError(msg) from error
    with locked(output):
        ours = {SETTINGS, REJECTS, SUCCESS, *names}
        found = sorted(file.name for file in output.iterdir() if file.name != LOCK)
        begun = (output / SETTINGS).is_file()
        strangers = [name for name in found if not (name in ours or _PART.fullmatch(name) or _SCRATCH.match(name))]
        strangers += [name for name in found if name.endswith(".parquet") and not begun]
        if strangers:
            msg = f"{output}: holds {strangers[0]!r} and is no folder of g7tag's. Name another."
            raise RunError(msg)
        for scratch in filter(_SCRATCH.match, found):
            (output / scratch).unlink()
        other = _other_setting(output / SETTINGS, settings)
        if other and not force:
            msg = f"{output}: was begun with another {other}. Name another folder, or start anew with --force."
            raise RunError(msg)
        if other:
            _empty(output)
        (output / SUCCESS).unlink(missing_ok=True)
        write_atomic(output / SETTINGS, (json.dumps(settings, indent=1) + "\n").encode("utf-8"))
        yield


def _other_setting(file: Path, settings: Mapping[str, Any]) -> str:
    """Which setting a folder was begun with that is another now, "" where none is or it was not begun."""
    if not file.is_file():
        return ""
    try:
        found = dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        found = {}
    return next((name for name, value in settings.items() if found.get(name) != value), "")


def _empty(output: Path) -> None:
    """Remove what an earlier job finished."""
    for file in (*output.glob("*.parquet"), *(output / REJECTS).glob("*.csv")):
        file.unlink()
