"""Split the usable rows of a table into partitions of whole items, and report the rows that cannot be used."""

from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.util import hash_array

from g7tag.batch.rejects import Reject
from g7tag.batch.rows import Row, Rows
from g7tag.errors import FrameError

MOST_ITEM_ROWS = 5_000
"""Maximum rows of an item; an evidence item is a paragraph."""
Flags = npt.NDArray[np.bool_]


class Seen:
    """Set of ids, each stored as a 64-bit hash of eight bytes."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, dtype=np.uint64)

    def holds(self, ids: Sequence[str]) -> Flags:
        """Return for each id whether it was added."""
        hashes = _hashes(ids)
        places = np.searchsorted(self._sorted, hashes)
        found = np.zeros(len(hashes), dtype=np.bool_)
        inside = places < len(self._sorted)
        found[inside] = self._sorted[places[inside]] == hashes[inside]
        return found

    def add(self, ids: Sequence[str]) -> None:
        """Add ids; merging two sorted runs takes as long as copying them."""
        self._merge(np.sort(_hashes(ids)))

    def update(self, other: "Seen") -> None:
        """Add the ids of another `Seen`."""
        self._merge(other._sorted)

    def _merge(self, run: npt.NDArray[np.uint64]) -> None:
        self._sorted = np.concatenate([self._sorted, run])
        self._sorted.sort(kind="stable")


def _hashes(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    return hash_array(np.asarray(ids, dtype=object), categorize=False)


class Partition(NamedTuple):
    """Usable rows of a table; all rows of an item are in the same partition."""

    number: int
    sentences: pd.DataFrame
    rows: int


class Partitions:
    """Read the rows of a table partition by partition."""

    def __init__(
        self,
        rows: Rows,
        *,
        size: int,
        refuse: Callable[[list[Reject]], None],
        source: str,
        most_characters: int | None = None,
    ) -> None:
        self.rows = 0
        self._rows, self._size, self._refuse, self._source = rows, size, refuse, source
        self._most_characters = most_characters
        self._has_items, self._has_positions = ("item_id" in rows.columns, "position" in rows.columns)
        self._has_ids = "sentence_id" in rows.columns
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
        names = ["sentence_id", "text", *["item_id"] * self._has_items]
        frame = pd.DataFrame(rows, columns=Row._fields).astype(dict.fromkeys(names, "str"))
        return frame[[*names, *["position"] * self._has_positions]]

    def _last_item_begins(self, sentences: pd.DataFrame) -> int:
        """Return the index of the first row of the last item, which may continue; without items, the number of rows."""
        if not self._has_items:
            return len(sentences)
        items = sentences["item_id"].to_numpy(dtype=object)
        others = np.flatnonzero(items != items[-1])
        return int(others[-1]) + 1 if len(others) else 0

    def _sift(self, chunk: list[Row | Reject]) -> list[Row]:
        """Return the usable rows of a chunk, with missing ids filled in."""
        rejects = [row for row in chunk if isinstance(row, Reject)]
        rows = [self._filled(row) for row in chunk if isinstance(row, Row)]
        for find in (self._without_position, self._duplicate_ids, self._split_items):
            refused, reason = find(rows)
            if refused.any():
                rejects += [
                    Reject(row.number, row.sentence_id, reason.format(row=row), row.text)
                    for row in compress(rows, refused)
                ]
                rows = list(compress(rows, ~refused))
        if rejects:
            self._refuse(sorted(rejects))
        return [row._replace(text=row.text[: self._most_characters]) for row in rows]

    def _filled(self, row: Row) -> Row:
        """Return a row with an empty id replaced by the row's number, and an empty item by the id."""
        sentence_id = (row.sentence_id or "").strip() or str(row.number)
        item_id = (row.item_id or "").strip() or sentence_id
        return Row(row.number, sentence_id, row.text or "", item_id, row.position)

    def _without_position(self, rows: list[Row]) -> tuple[Flags, str]:
        if not self._has_positions:
            return np.zeros(len(rows), dtype=np.bool_), ""
        positions = pd.to_numeric(pd.Series([row.position for row in rows], dtype="object"), errors="coerce")
        return positions.isna().to_numpy(), "position {row.position!r:.80} is not a number"

    def _duplicate_ids(self, rows: list[Row]) -> tuple[Flags, str]:
        if not self._has_ids:  # ids are row numbers
            return np.zeros(len(rows), dtype=np.bool_), ""
        ids = [row.sentence_id for row in rows]
        refused = self._ids.holds(ids) | pd.Series(ids, dtype="object").duplicated().to_numpy()
        self._ids.add(list(compress(ids, ~refused)))
        return refused, "sentence_id {row.sentence_id!r:.80} appears in an earlier row"

    def _split_items(self, rows: list[Row]) -> tuple[Flags, str]:
        """Flag rows whose item has already ended; only the item of the last usable row may continue."""
        refused = np.zeros(len(rows), dtype=np.bool_)
        if not self._has_items:
            return refused, ""
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
        return refused, "rows of item {row.item_id!r:.80} are not consecutive"
