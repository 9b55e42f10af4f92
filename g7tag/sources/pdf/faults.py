"""What reading a broken PDF raises, and how it is told to a person."""

import struct
import zlib

from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

FAULTS = (
    PyPdfError, DependencyError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError,
    NotImplementedError, OSError, RuntimeError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""MemoryError is not among them, since it is the whole document's."""


class TooMuchContentError(ValueError):
    """A page shows more than a page of a report can; the message says of what."""


def told(error: Exception) -> str:
    """Return what is wrong, in words; what the file says goes into it, so it may be anything, but is short.

    Examples
    --------
    >>> told(RecursionError("maximum recursion depth exceeded")), told(ValueError("no number"))
    ('nests objects too deep', 'is damaged (ValueError: no number)')
    """
    if isinstance(error, RecursionError):
        return "nests objects too deep"
    if isinstance(error, TooMuchContentError):
        return str(error)
    text = " ".join(str(error).split())
    said = f"{text[:100]}..." if len(text) > 100 else text
    if isinstance(error, LimitReachedError):
        return f"holds more than a report does: {said.rstrip('.')}"
    if isinstance(error, (DependencyError, NotImplementedError)):
        return f"is written in a way that is not read here: {said.rstrip('.')}"
    return f"is damaged ({type(error).__name__}{': ' if said else ''}{said})"
