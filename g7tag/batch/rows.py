"""Read a table row by row, and divide it into partitions of whole items; rows that cannot be used have a reason."""

import csv
import inspect
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from g7tag.errors import FrameError, InputError
from g7tag.store import unreadable
from g7tag.store.cells import dialect_of
from g7tag.store.tables import check_table_type, open_parquet, require_stated
from g7tag.tagger.predict import MOST_CHARACTERS
from g7tag.text import listed

COLUMNS = ("sentence_id", "text", "item_id", "position")  # that are read; only `text` is required
MOST_LINE = 16 * 2**20  # characters; the csv module limits a cell to 131,072: longer is a quote that is never closed
MOST_ID = 1_000  # characters of an id or a position
_BATCH = 4_096  # rows of a Parquet file that are read together
_HELD = MOST_CHARACTERS + 1  # characters of a text that are kept; one more than is tagged, so that it is too long
_SURROGATE = re.compile("[\ud800-\udfff]")  # a byte that could not be decoded, or half of a pair
_Record = tuple[Mapping[str, Any], str]  # cells by column, and why they cannot be used, or ""
PARTITION_ROWS = 8_192  # that are tagged together: enough to be fast, few enough that several partitions fit in memory
MOST_ITEM_ROWS = 5_000  # an evidence item is a paragraph


class Row(NamedTuple):
    """A row of a table, with its number (the first below the header is 1) and why it cannot be used, "" if it can."""

    row: str
    sentence_id: str
    text: str
    item_id: str
    position: str | None
    reason: str = ""


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a table, or of the Parquet files of a folder by name; the words NA and None are text."""
    is_folder = path.is_dir()
    tables = sorted(file for file in path.glob("[!._]*") if file.suffix.lower() == ".parquet") if is_folder else [path]
    if not tables:
        msg = f"{path}: contains no .parquet file. Expected tables with a column `text`, or a single table."
        raise InputError(msg)
    for table in tables:
        check_table_type(table)
        read, number = {".csv": _read_csv, ".jsonl": _read_json, ".parquet": _read_parquet}[table.suffix.lower()], 0
        try:
            for number, (record, reason) in enumerate(read(table), 1):
                yield _row(f"{number} of {table.name}" if is_folder else str(number), record, reason)
        except (OSError, UnicodeDecodeError) as error:
            raise unreadable(table, error) from error
        except (ValueError, csv.Error, pa.ArrowException) as error:
            raise unreadable(table, ValueError(f"{error}, after row {number}")) from error


def _row(number: str, record: Mapping[str, Any], reason: str) -> Row:
    """Return a row with missing ids filled in: a sentence without an item is its own item."""
    sentence_id, text, item_id, position = ("" if (cell := record.get(name)) is None else str(cell) for name in COLUMNS)
    if not reason:
        if max(len(sentence_id), len(item_id), len(position)) > MOST_ID:
            reason = f"an id or a position has over {MOST_ID:,} characters"
        if not (every := f"{sentence_id}{text}{item_id}{position}").isascii() and _SURROGATE.search(every):
            reason = "not valid UTF-8"
    name = sentence_id.strip()[:MOST_ID] or ("" if reason else number)
    item = item_id.strip()[:MOST_ID] or name
    return Row(number, name, text[:_HELD], item, position if "position" in record else None, reason)


def _require_columns(path: Path, names: Sequence[str]) -> None:
    if "text" not in names:
        msg = f"{path}: column 'text' is missing, found {listed(names)}. Name the column of sentences 'text'."
        raise FrameError(msg)
    for name in COLUMNS:
        if names.count(name) > 1:
            msg = f"{path}: column {name!r} appears twice. Keep one column with that name."
            raise FrameError(msg)


def _lines(file: IO[str]) -> Generator[str]:
    while line := file.readline(MOST_LINE):
        if len(line) == MOST_LINE:
            msg = f"a line has more than {MOST_LINE:,} characters"
            raise ValueError(msg)
        yield line


def _read_csv(path: Path) -> Iterator[_Record]:
    dialect = dialect_of(path)
    with path.open(encoding=dialect.encoding, errors="surrogateescape", newline="") as file:
        if dialect.named:
            file.readline()
        lines = _lines(file)
        table = csv.reader(lines, delimiter=dialect.delimiter)
        header = next(table, [])
        if not header:
            msg = "No columns to parse from file"
            raise ValueError(msg)
        _require_columns(path, header)
        for cells in table:
            if inspect.getgeneratorstate(lines) == inspect.GEN_CLOSED:  # the row went on when the lines ended
                msg = "a quote is never closed"
                raise ValueError(msg)
            if len(cells or header) == len(header):
                yield dict(zip(header, cells or [""] * len(header), strict=True)), ""
            else:
                yield {"text": ",".join(cells)}, f"the row has {len(cells)} cells, the header has {len(header)}"


def _read_json(path: Path) -> Iterator[_Record]:
    """Yield the object of each line that is not blank."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
        for number, line in enumerate(filter(None, map(str.strip, _lines(file)))):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:  # also a number with thousands of digits, or deep nesting
                yield {"text": line}, f"not valid JSON ({error})"
                continue
            if not number and isinstance(record, dict):
                _require_columns(path, list(record))
            is_row = isinstance(record, dict) and "text" in record
            if is_row and not any(isinstance(record.get(name), list | dict) for name in COLUMNS):
                yield record, ""
            else:
                yield {"text": line}, "not a JSON object with a `text` that is text"


def _read_parquet(path: Path) -> Iterator[_Record]:
    """Yield the cells of each row; only the needed columns are read, and a repeated text is held once."""
    with path.open("rb") as source:
        file = open_parquet(source, list(COLUMNS))
        require_stated(file)
        schema = file.schema_arrow
        _require_columns(path, schema.names)
        needed = [name for name in COLUMNS if name in schema.names]
        for name in needed:
            if pa.types.is_nested(schema.field(name).type):
                msg = f"{path}: column {name!r} has type {schema.field(name).type}. Expected text."
                raise FrameError(msg)
        for batch in file.iter_batches(batch_size=_BATCH, columns=needed, use_threads=False):
            cells = [_texts(batch.column(name)) for name in needed]
            yield from ((dict(zip(needed, row, strict=True)), "") for row in zip(*cells, strict=True))


def _texts(column: pa.Array) -> list[str]:
    """Return the first characters of each cell."""
    is_repeated = pa.types.is_dictionary(column.type)
    cells = (column.dictionary if is_repeated else column).cast(pa.large_string())
    cells = pc.utf8_slice_codeunits(cells, 0, _HELD)
    return list((cells.take(column.indices) if is_repeated else cells).fill_null("").to_pylist())


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
            advice = "Expected the sentences of one paragraph. Give each paragraph its own item_id."
            msg = f"{source}: item {last!r:.80} has over {MOST_ITEM_ROWS:,} rows. {advice}"
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
