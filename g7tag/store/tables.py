"""Reading and writing tables, with a limit on the memory of Parquet files of users."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandera.pandas import DataFrameSchema

from g7tag.errors import FrameError, InputError
from g7tag.frames import added, validate
from g7tag.store.cells import WORKBOOKS, safe_cell, unreadable
from g7tag.store.sheets import read_sheet

TABLE_TYPES = (".csv", ".parquet", ".jsonl")
"""Types of tables of any size, and of those that g7tag writes."""
PARQUET_BUFFERS: dict[str, Any] = {"buffer_size": 2**20, "pre_buffer": False}
"""Without these a whole row group is read at once, which may be as large as the file."""
MOST_UNPACKED = 500_000_000
"""Maximum unpacked bytes of a table that is read whole, or of a row group; 50 long reports need a tenth of that."""
_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_PLAIN = (*_TEXT, pa.types.is_primitive, pa.types.is_decimal, pa.types.is_null)


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as Parquet; with the same version of pyarrow, equal frames give equal bytes."""
    buffer = BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def spreadsheet_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which text that a spreadsheet would run as a formula starts with an apostrophe."""
    texts = frame.select_dtypes(["object", "string"]).columns
    return frame.assign(**{name: frame[name].map(safe_cell, na_action="ignore") for name in texts})


def table_bytes(frame: pd.DataFrame, kind: str) -> bytes:
    """Return a table as CSV (safe for spreadsheets), Parquet or JSON Lines (both verbatim)."""
    if kind == ".parquet":
        return parquet_bytes(frame)
    if kind == ".jsonl":
        return frame.to_json(orient="records", lines=True, force_ascii=False, double_precision=15).encode("utf-8")
    return spreadsheet_safe(frame).to_csv(index=False, float_format="%.6f", lineterminator="\n").encode("utf-8")


def check_output(path: Path, *, force: bool, types: Sequence[str] = TABLE_TYPES) -> None:
    """Check, before any work is done, that an output file has a supported type and does not exist yet."""
    check_table_type(path, types=types, does="write")
    if not path.parent.is_dir():
        msg = f"{path}: the folder {path.parent} does not exist. Create it, or choose another path."
        raise InputError(msg)
    if path.exists() and not force:
        msg = f"{path}: already exists. Choose another file, or replace it with --force."
        raise InputError(msg)


def check_table_type(path: Path, *, types: Sequence[str] = TABLE_TYPES, does: str = "read a table from") -> None:
    """Check that a file has a supported type."""
    if path.suffix.lower() not in types:
        msg = f"{path}: cannot {does} a {path.suffix or 'nameless'!r} file. Expected {', '.join(types)}."
        raise InputError(msg)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a user (.csv, .parquet, .jsonl, .xlsx or .ods); "NA" and "None" are read as text."""
    check_table_type(path, types=(*TABLE_TYPES, *WORKBOOKS))
    try:
        match path.suffix.lower():
            case ".parquet":
                return read_parquet(path)
            case ".jsonl":
                return pd.read_json(path, lines=True, dtype=False, encoding="utf-8")
            case _:
                return read_sheet(path)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def read_frame(path: Path, model: DataFrameSchema) -> pd.DataFrame:
    """Read one frame from a Parquet file."""
    try:
        frame = read_parquet(path)
    except (OSError, ValueError) as error:
        cause = " ".join(((error.strerror if isinstance(error, OSError) else "") or str(error)).split())[:160]
        msg = f"{path}: cannot be read as Parquet ({cause}). Expected a {model.name} frame. Create it again."
        raise FrameError(msg) from error
    frame = frame.assign(
        **{name: pd.Series("", frame.index, dtype="str") for name in added(model) if name not in frame}
    )
    return validate(frame, model, source=path.name)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table after checking that it does not need too much memory."""
    with path.open("rb") as source:
        file = open_parquet(source)
        for field in file.schema_arrow:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            if not any(test(kind) for test in _PLAIN):
                msg = f"column {field.name!r} contains {kind}, expected text, numbers or dates"
                raise ValueError(msg)
        _require(max(sum(_stated(file)), 8 * file.metadata.num_rows * len(file.schema_arrow)))
        _require(sum(map(_characters, file.read(use_threads=False).columns)))
    try:
        return pd.read_parquet(path)
    except (KeyError, TypeError, NotImplementedError) as error:
        msg = f"its metadata on columns is wrong: {error}"
        raise ValueError(msg) from error


def open_parquet(source: Any, columns: list[str] | None = None) -> pq.ParquetFile:
    """Open a Parquet file so that each repeated text is held once."""
    fields = [field for field in pq.read_schema(source) if columns is None or field.name in columns]
    texts = [field.name for field in fields if any(test(field.type) for test in _TEXT)]
    return pq.ParquetFile(source, read_dictionary=texts, **PARQUET_BUFFERS)


def require_stated(file: pq.ParquetFile) -> None:
    """Raise an error if the metadata of a row group gives a size of more than `MOST_UNPACKED` bytes."""
    _require(max(_stated(file), default=0))


def _stated(file: pq.ParquetFile) -> list[int]:
    return [file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups)]


def _characters(column: pa.ChunkedArray) -> int:
    """Return the bytes of the texts of a column, in which each repeated text is held once."""
    if not pa.types.is_dictionary(column.type) or not any(test(column.type.value_type) for test in _TEXT):
        return 0
    lengths = (pc.binary_length(chunk.dictionary).take(chunk.indices) for chunk in column.chunks)
    return sum(pc.sum(each).as_py() or 0 for each in lengths)


def _require(size: int) -> None:
    if size > MOST_UNPACKED:
        msg = f"it would unpack to more than {MOST_UNPACKED:,} bytes"
        raise ValueError(msg)
