"""Reading and writing tables."""

import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from g7tag.errors import FrameError, InputError
from g7tag.frames import validate
from g7tag.store.dialects import dialect_of, safe_cell
from g7tag.store.parquet import open_parquet, require_small

TABLE_TYPES = (".csv", ".parquet", ".jsonl")


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
    if path.suffix.lower() not in types:
        msg = f"{path}: cannot write a {path.suffix or 'nameless'!r} file. Expected {', '.join(types)}."
        raise InputError(msg)
    if not path.parent.is_dir():
        msg = f"{path}: the folder {path.parent} does not exist. Create it, or choose another path."
        raise InputError(msg)
    if path.exists() and not force:
        msg = f"{path}: already exists. Choose another file, or replace it with --force."
        raise InputError(msg)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a user; "NA" and "None" are read as text."""
    check_table_type(path)
    try:
        match path.suffix.lower():
            case ".csv":
                return _read_csv(path)
            case ".jsonl":
                return pd.read_json(path, lines=True, dtype=False, encoding="utf-8")
            case _:
                return _read_parquet(path)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError | ValueError) -> InputError:
    """Return the error for a table that cannot be read, given an error of pandas, pyarrow, csv, json or a decoder."""
    if isinstance(error, OSError):
        cause = error.strerror or "not a Parquet file"
        return InputError(f"{path}: cannot read the table ({cause}). Check the path and the file.")
    cause, advice = str(error).replace(str(path), path.name).strip()[:160], "Save it again and retry."
    if isinstance(error, UnicodeDecodeError):
        advice = "Save it as UTF-8 (in Excel: CSV UTF-8) and retry."
    return InputError(f"{path}: not a readable {path.suffix} table ({cause}). {advice}")


def check_table_type(path: Path) -> None:
    """Check that a table has a supported type."""
    if path.suffix.lower() not in TABLE_TYPES:
        found = path.suffix or "nameless"
        msg = f"{path}: cannot read a table from a {found!r} file. Expected {', '.join(TABLE_TYPES)}."
        raise InputError(msg)


def read_frame(path: Path, model: pa.DataFrameSchema) -> pd.DataFrame:
    """Read one frame from a Parquet file."""
    try:
        frame = _read_parquet(path)
    except (OSError, ValueError) as error:
        cause = " ".join(((error.strerror if isinstance(error, OSError) else "") or str(error)).split())[:160]
        msg = f"{path}: cannot be read as Parquet ({cause}). Expected a {model.name} frame. Create it again."
        raise FrameError(msg) from error
    return validate(frame, model, source=path.name)


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read a table after checking that it does not need too much memory."""
    with path.open("rb") as file:
        require_small(open_parquet(file))
    try:
        return pd.read_parquet(path)
    except (KeyError, TypeError, NotImplementedError) as error:
        msg = f"its metadata on columns is wrong: {error}"
        raise ValueError(msg) from error


def _read_csv(path: Path) -> pd.DataFrame:
    """Read all cells as text; a row with more cells than the header is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        dialect = dialect_of(path)
        try:
            return pd.read_csv(
                path, dtype="str", keep_default_na=False, index_col=False, skip_blank_lines=False,
                encoding=dialect.encoding, sep=dialect.delimiter, skiprows=int(dialect.named),
            )  # fmt: skip
        except pd.errors.ParserWarning as error:
            msg = f"a row has more cells than the header; put text with {dialect.delimiter!r} in quotes"
            raise ValueError(msg) from error
