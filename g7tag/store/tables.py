"""Reading and writing tables, including CSV files of spreadsheet programs."""

import re
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa

from g7tag.errors import FrameError, InputError
from g7tag.frames import validate
from g7tag.store.parquet import open_parquet, require_small

DELIMITERS = (",", ";", "\t")
SAMPLE = 2**20
"""Bytes of a file that are examined."""
_NAMED = re.compile(r"\ufeff?\"?sep=(?P<delimiter>[,;\t|])\"?\r?\n?\Z", re.IGNORECASE)
_LETTER_NEAR = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][A-Za-z]|[\xc0-\xdf] [a-z]|[\x91-\x97]|[\x80\xa3\xa7\xba]")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_OF_MACINTOSH = re.compile(rb"[A-Za-z][\x8a\x8e\x9a\x9e\x9f]|[\x8a\x8e\x9a\x9e\x9f][a-z]")  # ä, é, ö, û, ü
_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_FEWEST_ZEROS = 4  # zero bytes in a UTF-16 header of ASCII characters
WINDOWS = "cp1252"


TABLE_TYPES = (".csv", ".parquet", ".jsonl")
_FORMULA = r"[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]"  # the last four are full-width characters
_RISKY = re.compile(rf"^(?=[\s\"';,]*{_FORMULA})|(?<=;)(?=[\s\"']*{_FORMULA})")
_GUARDED = re.compile(rf"^'(?=[\s\"';,]*{_FORMULA})|(?<=;)'(?=[\s\"']*{_FORMULA})")


class Dialect(NamedTuple):
    """The format of a CSV file: encoding, delimiter, and whether the first line names the delimiter (`sep=;`)."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    named: bool = False


def dialect_of(path: Path) -> Dialect:
    """Return the format of a CSV file; for a missing or empty file, the format that g7tag writes.

    A file with a UTF-16 byte-order mark, or with every other byte zero, is UTF-16. A file that is not valid UTF-8 is
    Windows-1252 if it has no non-ASCII UTF-8 characters and its other bytes are letters in words or curly quotation
    marks in Windows-1252; otherwise it is UTF-8 with damaged bytes. The delimiter is the comma, semicolon or tab that
    gives the first line the most cells.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    if not path.exists():
        return Dialect()
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    encoding = _encoding_of(sample)
    first, _, rest = sample.decode(encoding, errors="replace").partition("\n")
    named = _NAMED.match(first)
    if named:
        return Dialect(encoding, named["delimiter"], named=True)
    return Dialect(encoding, _delimiter_of(f"{first}\n{rest}"))


def _encoding_of(sample: bytes) -> str:
    if sample[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    first, second = sample[:2000:2].count(0), sample[1:2000:2].count(0)
    if max(first, second) >= _FEWEST_ZEROS and not min(first, second):
        return "utf-16-le" if second else "utf-16-be"
    known = sample.decode("utf-8", errors="ignore")
    others = len(sample.decode("utf-8", errors="surrogateescape")) - len(known)
    cut = 3 if len(sample) == SAMPLE else 0  # bytes of a character that may be cut at the end of the sample
    macintosh = _OF_MACINTOSH.search(sample) and not re.search(rb"[A-Za-z][\xe0-\xff]|[\xe0-\xff][a-z]", sample)
    windows = others > cut and known.isascii() and _LETTER_NEAR.search(sample) and not _UNDEFINED.search(sample)
    windows = windows and not macintosh
    return WINDOWS if windows else "utf-8-sig"


def dialect_note(path: Path) -> str:
    """Return a note on a CSV file that is not UTF-8; "" for other files."""
    encoding = dialect_of(path).encoding if path.suffix.lower() == ".csv" and path.is_file() else "utf-8-sig"
    name = {WINDOWS: "Windows-1252"}.get(encoding, encoding.upper())
    return "" if encoding == "utf-8-sig" else f"{path}: is not UTF-8 and was read as {name}. Check words with accents."


def _delimiter_of(text: str) -> str:
    header = _QUOTED.sub("", text).partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as Parquet; with the same version of pyarrow, equal frames give equal bytes."""
    buffer = BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def spreadsheet_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which text that a spreadsheet would run as a formula starts with an apostrophe.

    A formula may also follow a semicolon, which separates cells in the spreadsheets of many countries.

    Examples
    --------
    >>> spreadsheet_safe(pd.DataFrame({"text": ["=1+1", "plain", "a;=1"], "n": [-1, 2, 3]})).values.tolist()
    [["'=1+1", -1], ['plain', 2], ["a;'=1", 3]]
    """
    texts = frame.select_dtypes(["object", "string"]).columns
    return frame.assign(**{name: frame[name].map(safe_cell, na_action="ignore") for name in texts})


def safe_cell(cell: object) -> object:
    """Return a cell that a spreadsheet does not run as a formula, or split into cells with a formula."""
    return _RISKY.sub("'", cell) if isinstance(cell, str) else cell


def table_bytes(frame: pd.DataFrame, kind: str) -> bytes:
    """Return a table as CSV (safe for spreadsheets), Parquet or JSON Lines (both verbatim).

    Parameters
    ----------
    frame
        Any frame.
    kind
        A suffix of `TABLE_TYPES`.
    """
    if kind == ".parquet":
        return parquet_bytes(frame)
    if kind == ".jsonl":
        return frame.to_json(orient="records", lines=True, force_ascii=False, double_precision=15).encode("utf-8")
    return spreadsheet_safe(frame).to_csv(index=False, float_format="%.6f", lineterminator="\n").encode("utf-8")


def check_output(path: Path, *, force: bool, types: Sequence[str] = TABLE_TYPES) -> None:
    """Check, before any work is done, that an output file has a supported type and does not exist yet.

    Raises
    ------
    InputError
        The suffix is not one of `types`, the folder is missing, or the file exists and `force` is not set.
    """
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
    """Read a table of a user; "NA" and "None" are read as text.

    Parameters
    ----------
    path
        A .csv, .parquet or .jsonl file. All cells of a CSV file are read as text.

    Raises
    ------
    InputError
        The file is missing, empty, of another type, or cannot be parsed.
    """
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


def read_sheet(path: Path) -> pd.DataFrame:
    """Return a table that people may have edited in a spreadsheet as text, undoing `safe_cell`.

    Raises
    ------
    InputError
        The file cannot be read as a table.
    """
    return read_table(path).map(lambda cell: _plain_cell(cell) if isinstance(cell, str) else cell)


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
    """Check that a table has a supported type.

    Raises
    ------
    InputError
        The suffix is not one of `TABLE_TYPES`.
    """
    if path.suffix.lower() not in TABLE_TYPES:
        found = path.suffix or "nameless"
        msg = f"{path}: cannot read a table from a {found!r} file. Expected {', '.join(TABLE_TYPES)}."
        raise InputError(msg)


def read_frame(path: Path, model: pa.DataFrameSchema) -> pd.DataFrame:
    """Read one frame from a Parquet file.

    Raises
    ------
    FrameError
        The file is missing or is not Parquet, or its content does not match the schema.
    """
    try:
        frame = _read_parquet(path)
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read as Parquet ({_one_line(error)}). Expected a {model.name} frame. Create it again."
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


def _one_line(error: OSError | ValueError) -> str:
    cause = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return " ".join(cause.split())[:160]


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


def _plain_cell(cell: str) -> str:
    """Return a cell without the apostrophes of `safe_cell`, with uniform line ends."""
    return _GUARDED.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))
