"""Set a manuscript as a web page, as a word processor exports one."""

import html
import re
from itertools import groupby

from manuscript import MARKS, Manuscript

from g7tag.sources.marks import superscript_number

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

    def mark(digits: re.Match[str]) -> str:
        links = (f'<a href="#_ftn{n}" name="_ftnref{n}">{n}</a>' for n in manuscript.numbers_of(digits[0]))
        return "".join(f"<sup>{link}</sup>" for link in links) or f"<sup>{superscript_number(digits[0])}</sup>"

    return MARKS.sub(mark, html.escape(text, quote=False))
