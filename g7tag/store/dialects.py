"""How spreadsheet programs save CSV files: encodings, delimiters, and cells that they would run as formulas."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import NamedTuple

DELIMITERS = (",", ";", "\t")
WINDOWS = "cp1252"
_SAMPLE = 2**20  # bytes of a file that are examined
_NAMED = re.compile(r"\ufeff?\"?sep=(?P<delimiter>[,;\t|])\"?\r?\n?\Z", re.IGNORECASE)
_NOT_WINDOWS = re.compile(rb"[\0\x81\x8d\x8f\x90\x9d\xfe\xff]|[A-Za-z][\x8a\x8e\x9a\x9e\x9f]")
"""Bytes that text in Windows-1252 does not have, and ä, é, ö, û and ü as a Macintosh wrote them."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_FORMULA = r"[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]"  # the last four are full-width characters
_RISKY = re.compile(rf"^(?=[\s\"';,]*{_FORMULA})|(?<=;)(?=[\s\"']*{_FORMULA})")
_GUARDED = re.compile(rf"^'(?=[\s\"';,]*{_FORMULA})|(?<=;)'(?=[\s\"']*{_FORMULA})")


class Dialect(NamedTuple):
    """The format of a CSV file: encoding, delimiter, and whether the first line names the delimiter (`sep=;`)."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    named: bool = False


def dialect_of(path: Path) -> Dialect:
    """Return the format of a CSV file; for a missing or empty file, the format that g7tag writes."""
    if not path.exists():
        return Dialect()
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    encoding = _encoding_of(sample)
    text = sample.decode(encoding, errors="replace")
    if named := _NAMED.match(text.partition("\n")[0]):
        return Dialect(encoding, named["delimiter"], named=True)
    return Dialect(encoding, max(DELIMITERS, key=_QUOTED.sub("", text).partition("\n")[0].count))


def _encoding_of(sample: bytes) -> str:
    """Return UTF-8, UTF-16 if a mark says so, or Windows-1252 if that is the only one that fits."""
    if sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    known = sample.decode("utf-8", errors="ignore")
    cut = 3 if len(sample) == _SAMPLE else 0  # bytes of a character that may be cut at the end of the sample
    is_utf8 = len(sample) - len(known.encode()) <= cut
    return "utf-8-sig" if is_utf8 or not known.isascii() or _NOT_WINDOWS.search(sample) else WINDOWS


def dialect_note(path: Path) -> str:
    """Return a note on a CSV file that is not UTF-8; "" for other files."""
    encoding = dialect_of(path).encoding if path.suffix.lower() == ".csv" and path.is_file() else "utf-8-sig"
    name = "Windows-1252" if encoding == WINDOWS else encoding.upper()
    return "" if encoding == "utf-8-sig" else f"{path}: is not UTF-8 and was read as {name}. Check words with accents."


def safe_cell(cell: object) -> object:
    """Return a cell that a spreadsheet does not run as a formula, or split into cells with a formula."""
    return _RISKY.sub("'", cell) if isinstance(cell, str) else cell


def plain_cell(cell: str) -> str:
    """Return a cell without the apostrophes of `safe_cell`, with uniform line ends."""
    return _GUARDED.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))
