"""Read report files into the documents frame."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from g7tag.errors import SourceError
from g7tag.frames import DOCUMENTS, build

MOST_BYTES = 50_000_000
"""A text of this size is no report (a chapter has 165 kB): refused before it is decoded."""
OTHER_FORMATS = {b"%PDF": "PDF", b"PK\x03\x04": "Word or zip", b"{\\rtf": "rich text", b"\xd0\xcf\x11\xe0": "Word"}
"""How files begin that people take for text."""
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def read_documents(paths: Iterable[Path]) -> pd.DataFrame:
    """Return one row for each report, in the order given.

    Parameters
    ----------
    paths
        Text files in UTF-8. The document's id is the file's name without its suffix, in lower case, other characters
        than letters and digits as hyphens.

    Returns
    -------
    pandas.DataFrame
        The documents frame. `text` is the decoded file, with a newline as the only line end and without a byte-order
        mark.

    Raises
    ------
    SourceError
        A file is missing, a directory, empty, too large or no UTF-8 text, or two files give one id.
    """
    rows = [_read_text(path) for path in paths]
    ids = [row["document_id"] for row in rows]
    for row in rows:
        if ids.count(row["document_id"]) > 1:
            msg = f"{row['name']}: two reports would both be {row['document_id']!r}. Give each file a name of its own."
            raise SourceError(msg)
    return build(DOCUMENTS, rows)


def _read_text(path: Path) -> dict[str, object]:
    """One row of the documents frame."""
    content = _read_bytes(path)
    for signature, kind in OTHER_FORMATS.items():
        if content.startswith(signature):
            msg = f"{path}: is a {kind} file. Expected the report as UTF-8 text; save or export it as plain text."
            raise SourceError(msg)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        msg = (
            f"{path}: not a text file (byte {error.start} is no UTF-8). Expected the report as UTF-8 text; "
            "export it so."
        )
        raise SourceError(msg) from error
    control = CONTROL_CHARACTERS.search(text.replace("\f", "\n"))
    if control:
        msg = f"{path}: not a text file (control character {control[0]!r}). Expected the report as UTF-8 text."
        raise SourceError(msg)
    if not text.strip():
        msg = f"{path}: the file is empty. Expected the text of a compliance report."
        raise SourceError(msg)
    return {
        "document_id": re.sub(r"[\W_]+", "-", path.stem.lower()).strip("-") or "report",
        "name": path.name.encode("utf-8", "replace").decode("utf-8"),
        "media_type": "text/plain",
        "sha256": hashlib.sha256(content).hexdigest(),
        "pages": None,
        "text": text,
        "hidden": "[]",
        "status": "ok",
    }


def _read_bytes(path: Path) -> bytes:
    """The whole file, or a message that says why not."""
    try:
        if path.is_dir():
            msg = f"{path}: is a directory. Expected a report file; name the files in it."
            raise SourceError(msg)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)  # some files that are no files have no end and no size
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Expected a report file; check the path."
        raise SourceError(msg) from error
    if len(content) > MOST_BYTES:
        msg = f"{path}: has more than {MOST_BYTES:,} bytes. Expected a report; split it."
        raise SourceError(msg)
    return content
