"""Read the rows of a CSV, JSON Lines or Parquet file of any size, skipping rows that cannot be read."""

import csv
import json
import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from g7tag.batch.rejects import Reject
from g7tag.errors import FrameError
from g7tag.store.cells import unreadable
from g7tag.store.dialects import Dialect, dialect_of
from g7tag.store.parquet import PARQUET_BUFFERS, open_parquet, require_stated
from g7tag.store.tables import check_table_type
from g7tag.text import listed

COLUMNS = ("sentence_id", "text", "item_id", "position")
"""Columns that are read; only `text` is required."""
MOST_CELL = 16 * 2**20
"""Maximum characters of a line or cell; a longer one indicates a quote that is never closed."""
MOST_CHUNK = 2 * MOST_CELL
"""Characters after which a chunk of rows ends early, to limit memory."""

Found = TypeVar("Found", bound=tuple[Any, ...])


class Row(NamedTuple):
    """Row of a table: its number (the first below the header is 1), and its cells, None if missing."""

    number: int
    sentence_id: Any
    text: Any
    item_id: Any
    position: Any


class Rows(NamedTuple):
    """Open table: all column names, the number of rows if known, and the rows in chunks."""

    columns: list[str]
    total: int | None
    chunks: Iterator[list[Row | Reject]]


@contextmanager
def open_rows(path: Path, *, size: int) -> Iterator[Rows]:
    """Open a table for reading in chunks; the words NA and None are kept as text."""
    check_table_type(path)
    with ExitStack() as opened:
        try:
            match path.suffix.lower():
                case ".csv":
                    dialect = dialect_of(path)
                    text = path.open(encoding=dialect.encoding, errors="surrogateescape", newline="")
                    rows = _open_csv(opened.enter_context(text), size, dialect)
                case ".jsonl":
                    text = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n")
                    rows = _open_json(opened.enter_context(text), size)
                case _:  # given a path, pyarrow would also open a folder
                    rows = _open_parquet(opened.enter_context(path.open("rb")), size)
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from error
        duplicates = [name for name in COLUMNS if name != "text" and rows.columns.count(name) > 1]
        if duplicates:
            msg = f"{path}: column {duplicates[0]!r} appears twice. Keep one column with that name."
            raise FrameError(msg)
        yield rows._replace(chunks=_named(path, rows.chunks))


def _named(path: Path, chunks: Iterator[list[Row | Reject]]) -> Iterator[list[Row | Reject]]:
    """Yield the chunks; errors of a parser name the file."""
    try:
        yield from chunks
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    except (pa.ArrowException, OverflowError) as error:  # an unsupported type; a date out of range
        raise unreadable(path, ValueError(str(error))) from error


def _open_csv(file: IO[str], size: int, dialect: Dialect) -> Rows:
    """Open a CSV file. A quote that is never closed swallows all later rows, so it is an error of the file."""
    lines = _Lines(file)
    if dialect.named:
        next(lines)
    table = _csv_cells(lines, dialect.delimiter)
    header = next(table, [])
    if not header:
        msg = "No columns to parse from file"
        raise ValueError(msg)
    "".join(header).encode("utf-8", "surrogateescape").decode("utf-8")
    return Rows(header, None, _chunks(_csv_rows(table, header), size))


def _csv_cells(lines: "_Lines", delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each row, starting with the header."""
    before = csv.field_size_limit()
    reader = csv.reader(lines, delimiter=delimiter)
    number = 0
    while True:
        csv.field_size_limit(MOST_CELL)  # a process-wide setting, restored below
        try:
            cells = next(reader, None)
        except csv.Error as error:
            msg = f"{error}, from row {number} on"
            raise ValueError(msg) from error
        finally:
            csv.field_size_limit(before)
        if cells is None:
            return
        if lines.ended:
            msg = f"EOF inside string starting at row {number}"
            raise ValueError(msg)
        yield cells
        number += 1


def _csv_rows(table: Iterator[list[str]], header: list[str]) -> Iterator[Row | Reject]:
    places = [header.index(name) if name in header else None for name in COLUMNS]
    width = len(header)
    for number, found in enumerate(table, 1):
        cells = found or [""] * width
        if len(cells) == width:
            row = Row(number, *(None if place is None else cells[place] for place in places))
            yield row if _is_utf8("".join(cells)) else _not_utf8(row)
        else:
            yield Reject(number, "", f"the row has {len(cells)} cells, the header has {width}", ",".join(cells))


def _open_json(file: IO[str], size: int) -> Rows:
    """Open a JSON Lines file; its columns are those of its first chunk."""
    chunks = _chunks(_json_lines(_Lines(file)), size)
    first = next(chunks, [])
    records = [record for _, _, record in first if isinstance(record, dict)]
    if first and not records:
        msg = f"row 1: {first[0][2]}; expected a JSON object on each line"
        raise ValueError(msg)
    with_text = [record for record in records if "text" in record]
    columns = list(dict.fromkeys(name for record in with_text or records for name in record))
    found = chain([first] if first else [], chunks)
    return Rows(columns, None, ([_json_row(*each, columns) for each in chunk] for chunk in found))


def _json_lines(lines: "_Lines") -> Iterator[tuple[int, str, dict[str, Any] | str]]:
    """Yield the number and text of each line that is not blank, and its object or why it has none."""
    for number, line in enumerate((line for line in lines if not line.isspace()), 1):
        try:
            record = json.loads(line.strip())
        except json.JSONDecodeError as error:
            yield number, line, f"not valid JSON ({error.msg} at character {error.pos + 1})"
        except (ValueError, RecursionError) as error:  # a number with thousands of digits, deep nesting
            yield number, line, f"not valid JSON ({error})"
        else:
            yield number, line, record if isinstance(record, dict) else "not a JSON object"


def _json_row(number: int, line: str, record: dict[str, Any] | str, columns: list[str]) -> Row | Reject:
    if isinstance(record, str):
        return Reject(number, "", record, line.strip())
    if "text" not in record:
        return Reject(number, str(record.get("sentence_id") or ""), "`text` is missing", line.strip())
    if unexpected := ({*COLUMNS} - {*columns}) & record.keys():
        reason = f"column {listed(unexpected)} is not in the file's first rows"
        return Reject(number, str(record.get("sentence_id") or ""), reason, str(record["text"]))
    return _as_text(Row(number, *(record.get(name) for name in COLUMNS)))


def _open_parquet(file: IO[bytes], size: int) -> Rows:
    """Open a Parquet file; only the needed columns are read."""
    opened = pq.ParquetFile(file)
    require_stated(opened)
    names = opened.schema_arrow.names
    needed = [name for name in COLUMNS if name in names]
    return Rows(names, opened.metadata.num_rows, _parquet_chunks(file, needed, size))


def _parquet_chunks(file: IO[bytes], names: list[str], size: int) -> Iterator[list[Row | Reject]]:
    number = 1
    for batch in parquet_batches(file, names, size):
        for piece in in_pieces(batch, MOST_CHUNK):
            large = row_bytes(piece) > MOST_CELL
            readable = piece.filter(pa.array(~large))
            cells = [_values(readable.column(name)) if name in names else [None] * len(readable) for name in COLUMNS]
            numbers = np.arange(number, number + len(piece))
            rows = [_as_text(row) for row in map(Row, numbers[~large].tolist(), *cells)]
            rows += [Reject(at, "", f"the row has more than {MOST_CELL:,} bytes", "") for at in numbers[large].tolist()]
            yield sorted(rows, key=lambda row: row[0])
            number += len(piece)


def _values(column: pa.Array) -> list[Any]:
    """Return the values of a column; bytes that are not UTF-8 become escapes."""
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        cells = column.view(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()).to_pylist()
        return [None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in cells]


class _Lines:
    """Lines of a text file; records whether the file has ended, and rejects lines that are too long."""

    def __init__(self, file: IO[str]) -> None:
        self.file, self.ended = file, False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.file.readline(MOST_CELL)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) == MOST_CELL:
            msg = f"a line has more than {MOST_CELL:,} characters"
            raise ValueError(msg)
        return line


def _as_text(row: Row) -> Row | Reject:
    """Return the row with its cells as text, None if missing, or why it cannot be used."""
    if all(cell is None or (type(cell) is str and cell.isascii()) for cell in row[1:]):
        return row
    for name, cell in zip(COLUMNS, row[1:], strict=True):
        if isinstance(cell, list | dict | bytes):
            return Reject(row.number, "", f"{name} has type {type(cell).__name__}, expected text", str(row.text))
    missing = [cell is None or (isinstance(cell, float) and math.isnan(cell)) for cell in row[1:]]
    row = Row(row.number, *(None if gone else str(cell) for cell, gone in zip(row[1:], missing, strict=True)))
    return row if all(map(_is_utf8, filter(None, row[1:]))) else _not_utf8(row)


def _not_utf8(row: Row) -> Reject:
    return Reject(row.number, row.sentence_id or "", "not valid UTF-8", row.text or "")


def _is_utf8(text: str) -> bool:
    try:
        return text.isascii() or bool(text.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def _chunks(rows: Iterable[Found], size: int) -> Iterator[list[Found]]:
    """Yield rows in chunks of `size` rows or `MOST_CHUNK` characters."""
    chunk: list[Found] = []
    characters = 0
    for row in rows:
        chunk.append(row)
        characters += sum(len(cell) for cell in row[1:] if isinstance(cell, str))
        if len(chunk) == size or characters > MOST_CHUNK:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


_LONG_BATCH = 2**25  # bytes of a batch above which each repeated text is held only once


def parquet_batches(source: Any, columns: list[str], size: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file in batches of one row group each."""
    once, plain = open_parquet(source, columns), pq.ParquetFile(source, **PARQUET_BUFFERS)
    for group in range(once.num_row_groups):
        reader = once if _longest_repeated(once, group, columns) * size > _LONG_BATCH else plain
        yield from reader.iter_batches(batch_size=size, row_groups=[group], columns=columns, use_threads=False)


def _longest_repeated(file: pq.ParquetFile, group: int, columns: list[str]) -> int:
    """Return the bytes of the longest text in the dictionaries of a row group, which precede its rows."""
    first = next(file.iter_batches(batch_size=1, row_groups=[group], columns=columns, use_threads=False), None)
    kept = [column.dictionary for column in first.columns if pa.types.is_dictionary(column.type)] if first else []
    return max((pc.max(pc.binary_length(texts)).as_py() or 0 for texts in kept if _is_text(texts)), default=0)


def row_bytes(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Return the unpacked bytes of each row of a batch: repeated texts count each time, a cell at least 8."""
    total = np.full(len(batch), 8 * batch.num_columns, dtype=np.int64)
    for column in batch.columns:
        is_repeated = pa.types.is_dictionary(column.type)
        texts = column.dictionary if is_repeated else column
        if _is_text(texts):
            lengths = pc.binary_length(texts)
            lengths = lengths.take(column.indices) if is_repeated else lengths
            total += np.asarray(lengths.fill_null(0).cast(pa.int64()))
    return total


def in_pieces(batch: pa.RecordBatch, most: int) -> Iterator[pa.RecordBatch]:
    """Yield a batch in pieces of at most `most` bytes, but at least one row."""
    ends = np.cumsum(row_bytes(batch))
    start = 0
    while start < len(batch):
        taken = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, taken + most, side="right")), start + 1)
        yield batch.slice(start, stop - start)
        start = stop


def _is_text(cells: pa.Array) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(cells.type) for test in tests)
