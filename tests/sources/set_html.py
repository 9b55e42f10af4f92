"""Set a manuscript as a web page, as a word processor exports one."""

import html
import re
from itertools import groupby

from manuscript import Manuscript

from g7tag.sources.marks import SUPERSCRIPTS, superscript_number

HEADING = re.compile(r"[A-Z][A-Za-z ]+: [+−–-]?[01]")


def set_html(manuscript: Manuscript) -> bytes:
    """The bytes of a page with the manuscript's paragraphs, rows and headings, and its notes at the end."""
    body = ['<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>A report</title></head>\n<body>']
    for is_table, paragraphs in groupby(manuscript.paragraphs, lambda paragraph: "\t" in paragraph):
        parts = [(paragraph, _marked(paragraph, manuscript)) for paragraph in paragraphs]
        if is_table:
            rows = (marked.replace("\t", "</td><td>") for _, marked in parts)
            body += ["<table>", *(f"<tr><td>{row}</td></tr>" for row in rows), "</table>"]
        else:
            tags = ("h3" if HEADING.fullmatch(paragraph) else "p" for paragraph, _ in parts)
            body += [f"<{tag}>{marked}</{tag}>" for tag, (_, marked) in zip(tags, parts, strict=True)]
    notes = [
        f'<div id="ftn{number}"><p><a href="#_ftnref{number}" name="_ftn{number}"><sup>{number}</sup></a> '
        f"{html.escape(note)}</p></div>"
        for number, note in manuscript.notes.items()
    ]
    return "\n".join([*body, "<hr>", *notes, "</body></html>\n"]).encode()


def _marked(text: str, manuscript: Manuscript) -> str:
    """Text with its superscript digits as links to notes, or raised if there is no such note."""
    return re.sub(f"[{SUPERSCRIPTS}]+", lambda digits: _marks(digits[0], manuscript), html.escape(text, quote=False))


def _marks(digits: str, manuscript: Manuscript) -> str:
    number = superscript_number(digits)
    if number in manuscript.notes:
        return f'<sup><a href="#_ftn{number}" name="_ftnref{number}">{number}</a></sup>'
    width = len(str(max(manuscript.notes, default=0)))
    if manuscript.notes and len(digits) > width and len(digits) % width == 0:
        return "".join(_marks(digits[at : at + width], manuscript) for at in range(0, len(digits), width))
    return f"<sup>{number}</sup>"
