"""Read report files into the documents frame and blocks."""

import hashlib
import json
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.errors import Announce, SourceError
from g7tag.frames import DOCUMENTS, GAPS, build
from g7tag.sources.blocks import Block, HiddenSpan, block_of, invisible_spans, set_blocks
from g7tag.sources.limits import DOCX, HTML, MAX_PAGES, MOST_CHARACTERS, OCR, PDF, TEXT, kind_of, read_limited
from g7tag.sources.pdf.flow import Page, flow_pages
from g7tag.sources.pdf.lines import Line
from g7tag.sources.typed import find_blocks
from g7tag.text import counted

MOST_BYTES = 500_000_000
"""Limit of a file's size; a larger file is refused before it is read completely."""
MOST_TEXT_BYTES = 50_000_000
"""The same for text and HTML, which contain no images (a chapter has 165 kB as text)."""
_PAGE_NUMBER = re.compile(r"(?:page)?[\W\d]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BLANKS = b" \t\r\n\f\xef\xbb\xbf"
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_OCR_OF_SOME = OCR.replace("ocrmypdf", "ocrmypdf --redo-ocr")  # keeps text that is visible


class Documents(NamedTuple):
    """The documents frame, the gaps frame with what could not be read, and the blocks of each document by its id."""

    documents: pd.DataFrame
    gaps: pd.DataFrame
    blocks: dict[str, list[Block]]


def read_documents(
    paths: Iterable[Path],
    *,
    keep_hidden: bool = False,
    announce: Announce = lambda _: None,
) -> Documents:
    """Return one row for each readable report, in the order given, the gaps, and the blocks."""
    rows: list[dict[str, Any]] = []
    blocks: dict[str, list[Block]] = {}
    gaps: list[dict[str, Any]] = []
    refused: list[str] = []
    for path in paths:
        announce(f"reading {_name(path)}")
        try:
            row, unread, read = _read_document(path, announce, keep_hidden=keep_hidden)
        except SourceError as error:
            gaps.append(gap_row(_name(path), "document", "unread", str(error)))
            refused.append(f"{path}: {error}")
        else:
            rows.append(row)
            gaps += unread
            blocks[row["document_id"]] = read
    ids = [row["document_id"] for row in rows]
    for row in rows:
        if ids.count(row["document_id"]) > 1:
            msg = f"{row['name']}: two reports have the id {row['document_id']!r}. Expected unique names; rename one."
            raise SourceError(msg)
    if refused and not rows:
        raise SourceError(join_messages(refused))
    return Documents(build(DOCUMENTS, rows), build(GAPS, gaps), blocks)


def blocks_table(read: Documents) -> pd.DataFrame:
    """Return the blocks of documents, one per row; the page is 0 if there are none, the note 0 if it is no note."""
    rows = []
    for document in read.documents.to_dict("records"):
        breaks = [match.start() for match in re.finditer("\f", document["text"])]
        for block in read.blocks[document["document_id"]]:
            at = block.runs[0].start if block.runs else 0
            rows.append({
                "document": document["name"], "page": 0 if pd.isna(document["pages"]) else bisect(breaks, at) + 1,
                "kind": block.kind, "note": block.note, "text": block.shown(),
            })  # fmt: skip
    return pd.DataFrame(rows, columns=["document", "page", "kind", "note", "text"])


def _read_document(
    path: Path, announce: Announce, *, keep_hidden: bool
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Block]]:
    """Return one row of the documents frame, its gaps, and its blocks."""
    content = _read_bytes(path)
    if not content.strip(_BLANKS):
        msg = "the file is empty. Expected the text of a compliance report."
        raise SourceError(msg)
    kind = kind_of(content)
    if kind in {TEXT, HTML} and len(content) > MOST_TEXT_BYTES:
        msg = f"has more than {MOST_TEXT_BYTES:,} bytes. Expected a smaller report; split it."
        raise SourceError(msg)
    name = _name(path)
    reading = _read_content(content, kind, lambda page, count: announce(f"reading {name}, page {page} of {count}"))
    text, pages = reading.text, reading.pages
    _require_text(text, pages)
    if len(text) > MOST_CHARACTERS:
        msg = f"has more than {MOST_CHARACTERS:,} characters. Expected a smaller report; split it."
        raise SourceError(msg)
    hidden = sorted({*reading.hidden, *invisible_spans(text)})
    blocks = [block.revealed() for block in reading.blocks] if keep_hidden else reading.blocks
    found = find_blocks(text, [] if keep_hidden else hidden, None if kind == TEXT else blocks)
    gaps = [gap_row(name, *gap) for gap in _page_gaps(pages)]
    status = "stray_urls" if found.strays else "ok"
    status = "recognized" if any(page.get("recognized") for page in pages) else status
    row = {
        "document_id": re.sub(r"[\W_]+", "-", path.stem.lower()).strip("-") or "report",
        "name": name,
        "media_type": kind,
        "sha256": hashlib.sha256(content).hexdigest(),
        "pages": len(pages) or None,
        "text": text,
        "hidden": json.dumps(hidden, ensure_ascii=False),
        "status": "partial" if any(gap["kind"] == "unread" for gap in gaps) else status,
    }
    gaps += [gap_row(name, *doubt) for doubt in (*reading.doubts, *found.doubts)]
    return row, gaps, found.blocks


def gap_row(name: str, part: str, kind: str, reason: str) -> dict[str, Any]:
    """Return a row of the gaps frame: file name, part of the file, kind of gap, and reason."""
    return {"name": name, "part": part, "kind": kind, "reason": reason}


def join_messages(reasons: Sequence[str]) -> str:
    """Return one message for several inputs that cannot be used."""
    if len(reasons) == 1:
        return reasons[0]
    return "\n  ".join([f"none of the {len(reasons)} reports can be used:", *reasons])


def _page_gaps(pages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Yield part, kind and reason of the gaps of a PDF: pages that were not read, and pages that OCR recognized."""
    for number, page in enumerate(pages, start=1):
        scan = f"is an image without text; if it shows text, recognize it: {_OCR_OF_SOME}"
        problem = page["problem"] or (scan if _is_scan(page) else "")
        if problem:
            yield f"page {number}", "unread", problem
    recognized = sum(page.get("recognized", False) for page in pages)
    if recognized:
        yield (
            "scanned pages",
            "recognized",
            f"a program recognized the text of {counted(recognized, 'scanned page')} (OCR), perhaps wrongly. Items may "
            "be joined or split, and note marks lost. Compare items, numbers and names with the page.",
        )


class _Read(NamedTuple):
    """The text of a document."""

    text: str
    hidden: list[HiddenSpan]
    blocks: list[Block]
    pages: list[dict[str, Any]]
    doubts: Sequence[tuple[str, str, str]] = ()


def _read_content(content: bytes, kind: str, progress: Callable[[int, int], None]) -> _Read:
    """Read the content of a document."""
    if kind == TEXT:
        return _Read(read_text(content), [], [], [])
    reading = read_limited(content, kind, max_pages=MAX_PAGES, progress=progress)
    if kind != PDF:
        part = "layout" if kind == DOCX else "styles"
        return _Read(
            *set_blocks(map(block_of, reading.blocks)), [], doubts=[(part, *doubt) for doubt in reading.doubts]
        )
    pages = [
        Page([Line(*line) for line in page.get("lines", ())], [(text, why) for text, why in page.get("aside", ())])
        for page in reading.pages
    ]
    blocks, doubt = flow_pages(pages)
    doubts = [("notes", "unread", doubt)] if doubt else []
    return _Read(*set_blocks(blocks), reading.pages, doubts)


def _require_text(text: str, pages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a document without text."""
    if text.strip():
        return
    problems = list(dict.fromkeys(page["problem"] for page in pages if page["problem"]))
    if problems:
        msg = f"none of its pages ({len(pages)}) can be read ({'; '.join(problems[:3])}). Print it to a new PDF."
    elif any(page.get("picture") for page in pages):
        msg = f"is a scan: its pages ({len(pages)}) contain images but no text. Expected text; recognize it: {OCR}"
    else:
        msg = f"has no text on its pages ({len(pages)}). Expected the text of a compliance report."
    raise SourceError(msg)


def _is_scan(page: Mapping[str, Any]) -> bool:
    """Whether a page is an image without text other than a page number."""
    shown = not page["problem"] and page["picture"]
    return bool(shown) and all(_PAGE_NUMBER.fullmatch(Line(*line).text) for line in page["lines"])


def _name(path: Path) -> str:
    """Return the file name with control characters and invalid UTF-8 replaced by question marks."""
    return _CONTROL.sub("?", path.name.encode("utf-8", "replace").decode("utf-8"))


def _read_bytes(path: Path) -> bytes:
    """Read the whole file, or raise SourceError with the reason."""
    try:
        if path.is_dir():
            msg = "is a directory. Expected a report file; list the files in it instead."
            raise SourceError(msg)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)  # devices and pipes may have no end and no size
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        msg = f"cannot be read ({reason}). Expected a report file; check the path."
        raise SourceError(msg) from error
    if len(content) > MOST_BYTES:
        msg = f"has more than {MOST_BYTES:,} bytes. Expected a smaller report; split it."
        raise SourceError(msg)
    return content


def read_text(content: bytes) -> str:
    """Return the text of a text file, with only newlines as line ends and without a byte-order mark."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        msg = f"is not a text file (byte {error.start} is not UTF-8). Expected the report as UTF-8; export it as UTF-8."
        raise SourceError(msg) from error
    control = _NO_TEXT.search(text.replace("\f", "\n"))
    if control:
        msg = f"is not a text file (control character {control[0]!r}). Expected the report as UTF-8 text."
        raise SourceError(msg)
    return text
