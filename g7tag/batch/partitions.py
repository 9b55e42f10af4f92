"""Read a table in partitions of whole items, name the rows that cannot be used, and write the tags of the others."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import compress
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.util import hash_array

from g7tag.batch.rejects import Reject
from g7tag.batch.rows import Row, Rows, open_rows
from g7tag.batch.work import Job, each_in_order, tag_partition
from g7tag.errors import Announce, FrameError
from g7tag.store import table_bytes
from g7tag.tagger.predict import MOST_CHARACTERS

PARTITION_ROWS = 8_192
"""Rows that are read and tagged together: enough to be fast, few enough that several partitions fit in memory."""
MOST_ITEM_ROWS = 5_000
"""Maximum rows of an item; an evidence item is a paragraph."""
Flags = npt.NDArray[np.bool_]
Refuse = Callable[[list[Reject]], None]


class Seen:
    """Set of ids, each stored as a 64-bit hash of eight bytes."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, dtype=np.uint64)

    def holds(self, ids: Sequence[str]) -> Flags:
        """Return for each id whether it was added."""
        hashes = _hashes(ids)
        first, after = (np.searchsorted(self._sorted, hashes, side) for side in ("left", "right"))
        return first < after

    def add(self, ids: Sequence[str]) -> None:
        """Add ids."""
        self._merge(np.sort(_hashes(ids)))

    def update(self, other: "Seen") -> None:
        """Add the ids of another `Seen`."""
        self._merge(other._sorted)

    def _merge(self, run: npt.NDArray[np.uint64]) -> None:
        self._sorted = np.concatenate([self._sorted, run])
        self._sorted.sort(kind="stable")  # merging two sorted runs takes as long as copying them


def _hashes(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    return hash_array(np.asarray(ids, dtype=object), categorize=False)


class Partition(NamedTuple):
    """Usable rows of a table; all rows of an item are in the same partition. `rows` were read when it was full."""

    number: int
    sentences: pd.DataFrame
    rows: int


class Partitions:
    """Read the rows of a table partition by partition."""

    def __init__(self, rows: Rows, *, size: int, refuse: Refuse, source: str) -> None:
        self.rows = 0
        self._rows, self._size, self._refuse, self._source = rows, size, refuse, source
        self._has = {name: name in rows.columns for name in ("sentence_id", "item_id", "position")}
        self._ids, self._items = Seen(), Seen()
        self._item: str | None = None
        self._item_rows = 0

    def __iter__(self) -> Iterator[Partition]:
        """Yield the partitions in order."""
        held, number = self._frame([]), 0
        chunk = next(self._rows.chunks, None)
        while chunk is not None:
            following = next(self._rows.chunks, None)  # if all rows fit, they are one partition
            self.rows += len(chunk)
            usable = self._frame(self._sift(chunk))
            held = pd.concat([held, usable], ignore_index=True) if len(held) else usable
            full = len(held) >= self._size and following is not None
            end = self._last_item_begins(held) if full else 0
            if end:
                yield Partition(number, held.iloc[:end], self.rows)
                held, number = held.iloc[end:].reset_index(drop=True), number + 1
            chunk = following
        if len(held):
            yield Partition(number, held, self.rows)

    def _frame(self, rows: list[Row]) -> pd.DataFrame:
        names = ["sentence_id", "text", *["item_id"] * self._has["item_id"]]
        frame = pd.DataFrame(rows, columns=Row._fields).astype(dict.fromkeys(names, "str"))
        return frame[[*names, *["position"] * self._has["position"]]]

    def _last_item_begins(self, sentences: pd.DataFrame) -> int:
        """Return the index of the first row of the last item, which may continue; without items, the number of rows."""
        if not self._has["item_id"]:
            return len(sentences)
        items = sentences["item_id"].to_numpy(dtype=object)
        others = np.flatnonzero(items != items[-1])
        return int(others[-1]) + 1 if len(others) else 0

    def _sift(self, chunk: list[Row | Reject]) -> list[Row]:
        """Return the usable rows of a chunk, with missing ids filled in."""
        rejects = [row for row in chunk if isinstance(row, Reject)]
        rows = [_filled(row) for row in chunk if isinstance(row, Row)]
        for column, find, reason in (
            ("position", _without_position, "position {row.position!r:.80} is not a number"),
            ("sentence_id", self._duplicate_ids, "sentence_id {row.sentence_id!r:.80} appears in an earlier row"),
            ("item_id", self._split_items, "rows of item {row.item_id!r:.80} are not consecutive"),
        ):
            if self._has[column]:  # else ids are row numbers, and items and positions do not matter
                refused = find(rows)
                rejects += [
                    Reject(row.number, row.sentence_id, reason.format(row=row), row.text)
                    for row in compress(rows, refused)
                ]
                rows = list(compress(rows, ~refused))
        if rejects:
            self._refuse(sorted(rejects))
        return [row._replace(text=row.text[: MOST_CHARACTERS + 1]) for row in rows]  # one more: a text is too long

    def _duplicate_ids(self, rows: list[Row]) -> Flags:
        ids = [row.sentence_id for row in rows]
        refused = self._ids.holds(ids) | pd.Series(ids, dtype="object").duplicated().to_numpy()
        self._ids.add(list(compress(ids, ~refused)))
        return refused

    def _split_items(self, rows: list[Row]) -> Flags:
        """Flag rows whose item has already ended; only the item of the last usable row may continue."""
        refused = np.zeros(len(rows), dtype=np.bool_)
        ended = self._items.holds([row.item_id for row in rows])
        started: dict[str, None] = {}
        for place, (row, before) in enumerate(zip(rows, ended.tolist(), strict=True)):
            if row.item_id == self._item:
                self._item_rows += 1
            elif before or row.item_id in started:
                refused[place] = True
            else:
                self._item, self._item_rows = row.item_id, 1
                started[row.item_id] = None
            if self._item_rows > MOST_ITEM_ROWS:
                msg = (
                    f"{self._source}: row {row.number}: item {row.item_id!r:.80} has over {MOST_ITEM_ROWS:,} rows. "
                    "Expected the sentences of one paragraph. Give each paragraph its own item_id."
                )
                raise FrameError(msg)
        self._items.add(list(started))
        return refused


def _filled(row: Row) -> Row:
    """Return a row with an empty id replaced by the row's number, and an empty item by the id."""
    sentence_id = (row.sentence_id or "").strip() or str(row.number)
    item_id = (row.item_id or "").strip() or sentence_id
    return Row(row.number, sentence_id, row.text or "", item_id, row.position)


def _without_position(rows: list[Row]) -> Flags:
    positions = pd.Series([row.position for row in rows], dtype="object")
    return pd.to_numeric(positions, errors="coerce").isna().to_numpy()


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
def open_table(path: Path, job: Job, refuse: Refuse) -> Iterator[OpenTable]:
    """Open a table to read it in partitions."""
    with open_rows(path, size=PARTITION_ROWS) as rows:
        empty = tag_partition(pd.DataFrame(columns=rows.columns), job, source=str(path))
        partitions = Partitions(rows, size=PARTITION_ROWS, refuse=refuse, source=str(path))
        yield OpenTable(partitions, rows.total, empty, time.monotonic())


class _Part(NamedTuple):
    """Tags of a partition as bytes of a file; `read` is the number of rows read when it was full."""

    content: bytes
    rows: int
    doubtful: int
    read: int


def write_tags(
    file: IO[bytes], kind: str, path: Path, job: Job, refuse: Refuse, *, processes: int, announce: Announce
) -> tuple[int, int, int]:
    """Write the tags of a table as one table of a kind; return the numbers of rows read, tagged and doubtful."""
    tagged = doubtful = 0
    with open_table(path, job, refuse) as table, _parts_writer(file, kind, table.empty) as write:
        make = partial(_make_part, job=job, kind=kind, source=str(path))
        with closing(each_in_order(make, table.partitions, processes=processes, source=str(path))) as made:
            for part in made:
                write(part.content)
                tagged, doubtful = tagged + part.rows, doubtful + part.doubtful
                announce(table.progress(part.read))
    return table.partitions.rows, tagged, doubtful


def _make_part(partition: Partition, *, job: Job, kind: str, source: str) -> _Part:
    """Tag a partition; CSV has no header, and Parquet is a complete file."""
    tags = tag_partition(partition.sentences, job, source=source)
    content = table_bytes(tags, kind)
    content = content.partition(b"\n")[2] if kind == ".csv" else content
    return _Part(content, len(tags), int(tags["needs_review"].sum()), partition.rows)


@contextmanager
def _parts_writer(file: IO[bytes], kind: str, empty: pd.DataFrame) -> Iterator[Callable[[bytes], object]]:
    """Yield a function that writes the next part of a table; Parquet parts become row groups."""
    if kind == ".parquet":
        schema = pa.Schema.from_pandas(empty, preserve_index=False)
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            yield lambda part: writer.write_table(pq.read_table(pa.BufferReader(part), use_threads=False))
        return
    if kind == ".csv":
        file.write(table_bytes(empty, kind))
    yield file.write
