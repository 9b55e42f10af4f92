"""Read a table row by row; each row that cannot be used has a reason."""

import csv
import inspect
import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from g7tag.errors import FrameError, InputError
from g7tag.store import unreadable
from g7tag.store.dialects import dialect_of
from g7tag.store.parquet import open_parquet, require_stated
from g7tag.store.tables import check_table_type
from g7tag.tagger.predict import MOST_CHARACTERS
from g7tag.text import listed

COLUMNS = ("sentence_id", "text", "item_id", "position")
"""Columns that are read; only `text` is required."""
MOST_LINE = 16 * 2**20
"""Maximum characters of a line. The csv module limits a cell to 131,072: longer is a quote that is never closed."""
MOST_ID = 1_000
"""Maximum characters of an id or a position."""
_BATCH = 4_096  # rows of a Parquet file that are read together
_HELD = MOST_CHARACTERS + 1  # characters of a text that are kept; one more than is tagged, so that it is too long
_SURROGATE = re.compile("[\ud800-\udfff]")  # a byte that could not be decoded, or half of a pair
_Record = tuple[Mapping[str, Any], str]  # cells by column, and why they cannot be used, or ""


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
            if (
                isinstance(record, dict)
                and "text" in record
                and not any(isinstance(record.get(name), list | dict) for name in COLUMNS)
            ):
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
