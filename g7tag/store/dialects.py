"""CSV files as spreadsheet programs of different countries save them: their encoding, and what parts their cells."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

DELIMITERS = (",", ";", "\t")
SAMPLE = 2**20
"""Bytes of a file that are looked at."""
_NAMED = re.compile(r"\ufeff?\"?sep=(?P<delimiter>[,;\t|])\"?\r?\n?\Z", re.IGNORECASE)
_LETTER_NEAR = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][a-z]|[\x91-\x97]")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
WINDOWS = "cp1252"


class Dialect(NamedTuple):
    """How a CSV file is written: its encoding, its delimiter, and whether a first line names that (`sep=;`)."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    named: bool = False


def dialect_of(path: Path) -> Dialect:
    """Return how a CSV file is written; one that is missing or empty is written as g7tag writes.

    A file with UTF-16's byte-order mark, or a zero byte in every other place, is UTF-16. One that is not UTF-8 is
    Windows-1252 where it has no character of UTF-8 beyond ASCII and its other bytes are letters in words or curly
    quotation marks there; else it is UTF-8 with damaged bytes. The delimiter is the comma, semicolon or tab that gives
    the first line most cells.

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
    pairs = min(len(sample), 200) // 2
    if pairs > 1 and sample[1 : 2 * pairs : 2].count(0) > 0.9 * pairs:
        return "utf-16-le"
    if pairs > 1 and sample[0 : 2 * pairs : 2].count(0) > 0.9 * pairs:
        return "utf-16-be"
    known = sample.decode("utf-8", errors="ignore")
    others = len(sample.decode("utf-8", errors="surrogateescape")) - len(known)
    cut = 3 if len(sample) == SAMPLE else 0  # bytes of a character that the sample's end may cut
    windows = others > cut and known.isascii() and _LETTER_NEAR.search(sample) and not _UNDEFINED.search(sample)
    return WINDOWS if windows else "utf-8-sig"


def dialect_note(path: Path) -> str:
    """Return what to say of a CSV file that is written in another way than UTF-8, "" where there is nothing to say."""
    encoding = dialect_of(path).encoding if path.suffix.lower() == ".csv" and path.is_file() else "utf-8-sig"
    name = {WINDOWS: "Windows-1252"}.get(encoding, encoding.upper())
    return "" if encoding == "utf-8-sig" else f"{path}: is not UTF-8 and was read as {name}; check words with accents."


def _delimiter_of(text: str) -> str:
    lines = text.splitlines(keepends=True)[:50]  # a header's names may hold line ends

    def width(delimiter: str) -> int:
        try:
            return len(next(csv.reader(lines, delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=width)
