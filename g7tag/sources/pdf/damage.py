"""Notice what is damaged in a PDF where its reader passes over it: text may be missing there."""

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pypdf.generic import StreamObject

_LOST = (
    "%(exception)", "Expected StreamObject", "Object %(idnum)d %(generation)d not defined", "Invalid stream (index",
    "Invalid object number", "Invalid /N (", "XRef object at", "Previous trailer", "Page contents are not",
)  # fmt: skip
"""How pypdf's warnings begin, before their values are filled in, where something of the file is left out."""
_STEP = 1_000_000  # bytes that are unpacked at a time
_MOST_STEPS = 100
_FLATE = ("/FlateDecode", "/Fl")


@contextmanager
def noticed() -> Iterator[list[str]]:
    """Collect what is wrong with what is read inside the context."""
    listener, logger = _Listener(), logging.getLogger("pypdf")
    logger.addHandler(listener)
    try:
        yield listener.found
    finally:
        logger.removeHandler(listener)


def is_spoilt(stream: Any) -> bool:
    """Return whether a compressed stream is cut off, or not what was compressed once; pypdf takes what it can of it."""
    filters = stream.get("/Filter") if isinstance(stream, StreamObject) else None
    first = filters[0] if isinstance(filters, list) and filters else filters
    packed = getattr(stream, "_data", b"")
    if first not in _FLATE or not isinstance(packed, bytes):
        return False
    unpack = zlib.decompressobj()
    try:
        for _ in range(_MOST_STEPS):
            unpack.decompress(packed, _STEP)
            packed = unpack.unconsumed_tail
            if not packed:
                break
    except zlib.error:
        return True
    return not unpack.eof


class _Listener(logging.Handler):
    """Hears pypdf's warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(_LOST):
            said = " ".join(record.getMessage().split())
            self.found.append(f"a part is damaged, text may be missing ({said[:100]})")
