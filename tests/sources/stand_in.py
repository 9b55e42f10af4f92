"""Replacements for the process that reads a document; a test defines what they do with each page."""

import textwrap

from g7tag.sources import limits

_MODULE = """
import os, signal, sys, time
from g7tag.sources import worker

def page(number, text):
    line = [72, 100, 700, 12, 72, 100, text]
    return {{"page": number, "lines": [line], "aside": [], "picture": False, "problem": ""}}

def read(content, max_pages, first):
{opening}
    yield {{"pages": {pages}}}
    for number in range(first, {pages}):
{body}
        yield page(number, f"Page {{number + 1}}.")

worker._READERS["application/pdf"] = read
worker.main()
"""


def stand_in(folder, monkeypatch, body="pass", *, pages=3, opening="pass"):
    """Read documents with a process that runs `body` before it gives each page (its `number` from 0)."""
    module = _MODULE.format(
        body=textwrap.indent(textwrap.dedent(body), " " * 8), opening=textwrap.indent(opening, " " * 4), pages=pages
    )
    (folder / "stand_in_worker.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    monkeypatch.setattr(limits, "WORKER", "stand_in_worker")
