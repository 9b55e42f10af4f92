"""A reader of Python code in place of a PDF: it runs the code when it opens, and before it gives each page."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

KNOWN = {"os": os, "signal": signal, "sys": sys, "time": time}


def read_code(code: bytes, pages: int, first: int) -> Iterator[dict[str, Any]]:
    """Yield pages, numbered from 1; the code knows its `page` (0 when it opens) and may set its `text`."""
    run(code, 0)
    yield {"pages": pages}
    for page in range(first + 1, pages + 1):
        yield {"page": page - 1, "text": run(code, page)}


def run(code: bytes, page: int) -> str:
    known = KNOWN | {"page": page, "text": f"Page {page}."}
    exec(code, known)  # noqa: S102
    return str(known["text"])
