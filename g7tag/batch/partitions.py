"""Divide a table into partitions of whole items, and name the rows that conflict with earlier ones."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.batch.rows import Row
from g7tag.errors import FrameError

PARTITION_ROWS = 8_192
"""Rows that are tagged together: enough to be fast, few enough that several partitions fit in memory."""
MOST_ITEM_ROWS = 5_000
"""Maximum rows of an item; an evidence item is a paragraph."""


def partitions_of(rows: Iterator[Row], refuse: Callable[[list[Row]], None], *, source: str) -> Iterator[list[Row]]:
    """Yield the usable rows in lists that end between items; the others are passed to `refuse`, chunk by chunk."""
    earlier, held = _Earlier(), list[Row]()
    while chunk := list(islice(rows, PARTITION_ROWS)):
        reasons = list(earlier.reasons(chunk))
        refuse([row._replace(reason=reason) for row, reason in zip(chunk, reasons, strict=True) if reason])
        held += [row for row, reason in zip(chunk, reasons, strict=True) if not reason]
        if len(held) < PARTITION_ROWS:
            continue
        last = held[-1].item_id  # this item may go on
        end = next((n for n in range(len(held), 0, -1) if held[n - 1].item_id != last), 0)
        if end:
            yield held[:end]
            held = held[end:]
        elif len(held) > MOST_ITEM_ROWS:
            msg = (
                f"{source}: item {last!r:.80} has over {MOST_ITEM_ROWS:,} rows. "
                "Expected the sentences of one paragraph. Give each paragraph its own item_id."
            )
            raise FrameError(msg)
    if held:
        yield held


class _Earlier:
    """What the checks need to know of earlier rows: hashes of ids and items, sorted, 16 bytes a row."""

    def __init__(self) -> None:
        self._ids = self._items = np.empty(0, dtype=np.int64)
        self._item = ""  # of the last usable row
        self._has_positions: bool | None = None

    def reasons(self, rows: list[Row]) -> Iterator[str]:
        """Yield the reason why each row cannot be used; "" if it can."""
        positions = pd.Series([row.position for row in rows], dtype="object")
        is_number = pd.to_numeric(positions, errors="coerce").notna()
        old_ids = _among(self._ids, [row.sentence_id for row in rows])
        old_items = _among(self._items, [row.item_id for row in rows])
        ids, items = set[str](), set[str]()
        for row, is_placed, old_id, old_item in zip(rows, is_number, old_ids, old_items, strict=True):
            if self._has_positions is None and not row.reason:
                self._has_positions = row.position is not None
            if row.reason:
                yield row.reason
            elif not is_placed if self._has_positions else row.position is not None:
                yield f"position {row.position!r:.80} is not a number"
            elif old_id or row.sentence_id in ids:
                yield f"sentence_id {row.sentence_id!r:.80} appears in an earlier row"
            elif row.item_id != self._item and (old_item or row.item_id in items):
                yield f"rows of item {row.item_id!r:.80} are not consecutive"
            else:
                self._item = row.item_id
                ids.add(row.sentence_id)
                items.add(row.item_id)
                yield ""
        self._ids, self._items = _with(self._ids, ids), _with(self._items, items)


def _among(earlier: npt.NDArray[np.int64], names: list[str]) -> npt.NDArray[np.bool_]:
    hashes = list(map(hash, names))
    first, after = (np.searchsorted(earlier, hashes, side) for side in ("left", "right"))
    return np.asarray(first < after)


def _with(earlier: npt.NDArray[np.int64], names: Iterable[str]) -> npt.NDArray[np.int64]:
    hashes = np.sort(np.fromiter(map(hash, names), dtype=np.int64))
    return np.sort(np.concatenate([earlier, hashes]), kind="stable")  # merges two sorted runs as fast as it copies
