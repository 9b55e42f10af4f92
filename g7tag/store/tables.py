"""Reading and writing tables."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from g7tag.errors import FrameError, InputError
from g7tag.frames import added, validate
from g7tag.store.cells import WORKBOOKS, unreadable
from g7tag.store.dialects import safe_cell
from g7tag.store.parquet import read_parquet
from g7tag.store.sheets import read_sheet

TABLE_TYPES = (".csv", ".parquet", ".jsonl")
"""Types of tables of any size, and of those that g7tag writes."""


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


def read_frame(path: Path, model: pa.DataFrameSchema) -> pd.DataFrame:
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
