"""How spreadsheet programs save CSV files: encodings, delimiters, and cells that they would run as formulas."""

import re
from pathlib import Path
from typing import NamedTuple

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


def safe_cell(cell: object) -> object:
    """Return a cell that a spreadsheet does not run as a formula, or split into cells with a formula."""
    return _RISKY.sub("'", cell) if isinstance(cell, str) else cell


def plain_cell(cell: str) -> str:
    """Return a cell without the apostrophes of `safe_cell`, with uniform line ends."""
    return _GUARDED.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))
