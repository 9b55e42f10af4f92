"""Read a table in partitions and write their tags, without loading the whole table."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from g7tag.batch.partitions import Partitions
from g7tag.batch.rejects import Reject
from g7tag.batch.rows import open_rows
from g7tag.batch.work import Job, tag_partition
from g7tag.store import parquet_bytes, table_bytes
from g7tag.tagger.predict import MOST_CHARACTERS

PARTITION_ROWS = 8_192
"""Rows that are read and tagged together: enough to be fast, few enough that several partitions fit in memory."""


class TaggedFile(NamedTuple):
    """Counts of a tagged table; its rows are either tagged or rejected."""

    rows: int
    tagged: int
    doubtful: int
    limit: float
    rejected: int
    rejects: Path | None
    first: list[Reject]
    kept: int = 0


class OpenTable(NamedTuple):
    """Open table: its partitions, its number of rows if known, and its tags without rows."""

    partitions: Partitions
    total: int | None
    empty: pd.DataFrame
    opened: float  # monotonic seconds

    def progress(self, done: int) -> str:
        """Return the progress message for a number of finished rows."""
        total = f" of {self.total:,}" if self.total is not None else ""
        return f"{done:,}{total} rows done, {done / max(time.monotonic() - self.opened, 1e-9):,.0f} per second"


@contextmanager
def open_table(path: Path, job: Job, refuse: Callable[[list[Reject]], None]) -> Iterator[OpenTable]:
    """Open a table to read it in partitions."""
    with open_rows(path, size=PARTITION_ROWS) as rows:
        empty = tag_partition(pd.DataFrame(columns=rows.columns), job, source=str(path))
        partitions = Partitions(
            rows, size=PARTITION_ROWS, refuse=refuse, source=str(path),
            most_characters=MOST_CHARACTERS + 1,  # one more, to detect texts that are too long
        )  # fmt: skip
        yield OpenTable(partitions, rows.total, empty, time.monotonic())


def part_bytes(tags: pd.DataFrame, kind: str) -> bytes:
    """Return some rows of a table as a part of its file: CSV without the header, Parquet as a complete file."""
    content = table_bytes(tags, kind)
    return content.partition(b"\n")[2] if kind == ".csv" else content


@contextmanager
def parts_writer(file: IO[bytes], kind: str, empty: pd.DataFrame) -> Iterator[Callable[[bytes], object]]:
    """Yield a function that writes the next part of a table, from `part_bytes`; Parquet parts become row groups."""
    if kind == ".parquet":
        schema = pa.Schema.from_pandas(empty, preserve_index=False)
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            yield lambda part: writer.write_table(pq.read_table(pa.BufferReader(part), use_threads=False))
        return
    if kind == ".csv":
        file.write(table_bytes(empty, kind))
    yield file.write


def tag_table_file(path: Path, target: Path, job: Job, refuse: Callable[[list[Reject]], None]) -> None:
    """Tag a table, partition by partition, to a Parquet file."""
    with target.open("wb") as file:
        with open_table(path, job, refuse) as table, parts_writer(file, ".parquet", table.empty) as write:
            for partition in table.partitions:
                write(parquet_bytes(tag_partition(partition.sentences, job, source=str(path))))
        file.flush()
        os.fsync(file.fileno())
