"""Divide a table into partitions of whole items, and name the rows that conflict with earlier ones."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.util import hash_array

from g7tag.batch.rows import COLUMNS, Row
from g7tag.errors import FrameError

PARTITION_ROWS = 8_192
"""Rows that are tagged together: enough to be fast, few enough that several partitions fit in memory."""
MOST_ITEM_ROWS = 5_000
"""Maximum rows of an item; an evidence item is a paragraph."""
_Flags = npt.NDArray[np.bool_]
_Hashes = npt.NDArray[np.uint64]


def partitions_of(rows: Iterator[Row], refuse: Callable[[list[Row]], None], *, source: str) -> Iterator[pd.DataFrame]:
    """Yield the usable rows in frames that end between items; the others are passed to `refuse`, chunk by chunk."""
    earlier, held = _Earlier(), pd.DataFrame(columns=list(COLUMNS))
    while chunk := list(islice(rows, PARTITION_ROWS)):
        table = pd.DataFrame(chunk, columns=Row._fields, dtype="object")
        table = table.assign(reason=earlier.reasons(table))
        bad = table["reason"] != ""
        if bad.any():
            refuse([Row(*cells) for cells in table[bad].itertuples(index=False, name=None)])
        held = pd.concat([held, table.loc[~bad, list(COLUMNS)]], ignore_index=True)
        if len(held) < PARTITION_ROWS:
            continue
        items = held["item_id"].to_numpy()
        starts = np.flatnonzero(items[1:] != items[:-1]) + 1
        if len(starts):
            yield held.iloc[: starts[-1]]
            held = held.iloc[starts[-1] :]  # the last item may go on
        elif len(held) > MOST_ITEM_ROWS:
            msg = (
                f"{source}: item {items[0]!r:.80} has over {MOST_ITEM_ROWS:,} rows. "
                "Expected the sentences of one paragraph. Give each paragraph its own item_id."
            )
            raise FrameError(msg)
    if len(held):
        yield held


class _Earlier:
    """What the checks need to know of earlier rows: 16 bytes each."""

    def __init__(self) -> None:
        self._ids, self._items = _Seen(), _Seen()
        self._item = -1  # hash of the item of the last usable row
        self._has_positions: bool | None = None

    def reasons(self, rows: pd.DataFrame) -> list[str]:
        """Return the reason why each row cannot be used; "" if it can."""
        reasons: list[str] = rows["reason"].tolist()
        for column, find, words in (
            ("position", self._misplaced, "position {!r:.80} is not a number"),
            ("sentence_id", self._duplicate, "sentence_id {!r:.80} appears in an earlier row"),
            ("item_id", self._apart, "rows of item {!r:.80} are not consecutive"),
        ):
            usable = np.flatnonzero([not reason for reason in reasons])
            cells = rows[column].to_numpy()[usable]
            bad = find(cells)
            for place, cell in zip(usable[bad], cells[bad], strict=True):
                reasons[place] = words.format(cell)
        return reasons

    def _misplaced(self, positions: npt.NDArray[np.object_]) -> _Flags:
        """Flag rows without a number; in a table whose first row has no position, flag rows with one."""
        if self._has_positions is None and len(positions):
            self._has_positions = positions[0] is not None
        if not self._has_positions:
            return np.asarray([position is not None for position in positions], dtype=np.bool_)
        return pd.to_numeric(pd.Series(positions), errors="coerce").isna().to_numpy()

    def _duplicate(self, ids: npt.NDArray[np.object_]) -> _Flags:
        hashes = hash_array(ids, categorize=False)
        refused: _Flags = self._ids.holds(hashes) | pd.Series(hashes).duplicated().to_numpy()
        self._ids.add(hashes[~refused])
        return refused

    def _apart(self, items: npt.NDArray[np.object_]) -> _Flags:
        """Flag rows whose item has already ended; only the item of the last usable row may continue."""
        hashes = hash_array(items, categorize=False)
        refused, begun = np.zeros(len(hashes), dtype=np.bool_), set[int]()
        for place, (item, before) in enumerate(zip(hashes.tolist(), self._items.holds(hashes).tolist(), strict=True)):
            if item == self._item:
                continue
            if before or item in begun:
                refused[place] = True
            else:
                self._item = item
                begun.add(item)
        self._items.add(np.array(list(begun), dtype=np.uint64))
        return refused


class _Seen:
    """A set of hashes, eight bytes each."""

    def __init__(self) -> None:
        self._sorted = np.empty(0, dtype=np.uint64)

    def holds(self, hashes: _Hashes) -> _Flags:
        first, after = (np.searchsorted(self._sorted, hashes, side) for side in ("left", "right"))
        return first < after

    def add(self, hashes: _Hashes) -> None:
        self._sorted = np.concatenate([self._sorted, np.sort(hashes)])
        self._sorted.sort(kind="stable")  # merging two sorted runs takes as long as copying them
