"""Recognize scanned pages of a PDF with OCRmyPDF and Tesseract, in separate processes with limits."""

import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from g7tag.errors import SourceError, UsageError
from g7tag.sources.ocr.marks import Mark, find_marks, read_marks, settle_numbers, supply_numbers, without_mark
from g7tag.sources.ocr.scores import doubtful_score, is_sign_of_number
from g7tag.sources.ocr.words import TextLine, Word, read_words
from g7tag.sources.pdf.lines import Piece, read_lines
from g7tag.sources.pdf.recognized import usual_of
from g7tag.sources.programs import new_folder, run_program, version_of

LANGUAGE = "eng"
"""Reports are in English."""
LOW = 60
"""Confidence (0 to 100) below which a word is doubtful; correct words of a clean scan have 85 to 96."""
_BATCH = 16  # pages that are recognized at a time, to limit the size of temporary files
_SPARE, _EACH_PAGE = 120.0, 120.0  # seconds for a batch, and for each of its pages
_WHOLE_SPARE, _WHOLE_PAGE = 600.0, 20.0  # seconds for all pages of a document, and for each; most take less than 5
_MOST_PROCESSES = 4
_MOST_MEGAPIXELS = 120  # of a page; A3 at 600 dots per inch has 70
_MEMORY = 3_000_000_000  # bytes of each process
_EM = 2.2  # times the height of a low letter
_RAISED_BY, _MARK_SIZE = 0.33, 0.6  # of the size: as marks of notes are printed
_SPECK = 75  # confidence: signs other than letters and digits below it are dirt
_DIRT = frozenset("_|~.,`'")  # signs that are never words
_FEWEST = 2  # letters or digits of a doubtful word that is reported
_SCORES = {"O": "0", "o": "0", "+l": "+1", "+I": "+1", "+|": "+1", "-l": "-1", "-I": "-1", "-|": "-1"}
"""Letters that OCR reads for the digits of a score, alone after the colon at the end of a line."""
_DIGITS = ("--psm", "6", "-c", "tessedit_char_whitelist=0123456789", "tsv")
INSTALL = "Install both: pip install 'g7tag[ocr]', and Tesseract (for example apt-get install tesseract-ocr)."
"""How to install what OCR needs."""


class ScannedPage(NamedTuple):
    """A recognized page: what a reader gives for a page, the mean confidence of its letters, and doubtful words."""

    page: dict[str, Any]
    confidence: float
    doubtful: list[tuple[str, int]]
    corrected: int
    unread: int
    scores: Sequence[tuple[str, int]] = ()


class Recognition(NamedTuple):
    """The recognized pages by number (from 0), the programs used, and why other pages were not recognized."""

    pages: dict[int, ScannedPage]
    programs: str
    problem: str


def missing_ocr() -> list[str]:
    """Return the names of the programs that OCR needs and that are not installed."""
    missing = [] if importlib.util.find_spec("ocrmypdf") else ["OCRmyPDF"]
    return missing if shutil.which("tesseract") else [*missing, "Tesseract"]


def require_ocr() -> None:
    """Check that OCRmyPDF and Tesseract are installed."""
    missing = missing_ocr()
    if missing:
        verb = "are" if len(missing) > 1 else "is"
        msg = f"--ocr: {' and '.join(missing)} {verb} not installed. {INSTALL}"
        raise UsageError(msg)


def recognize_pages(
    content: bytes, numbers: Sequence[int], *, progress: Callable[[int, int], None] = lambda *_: None
) -> Recognition:
    """Recognize pages of a PDF."""
    require_ocr()
    found: dict[int, _Read] = {}
    problem = ""
    limit = _WHOLE_SPARE + _WHOLE_PAGE * len(numbers)
    end = time.monotonic() + limit
    with new_folder("ocr") as name:
        folder = Path(name)
        (folder / "scan.pdf").write_bytes(content)
        versions = [
            version_of([sys.executable, "-P", "-m", "ocrmypdf"], folder), version_of(["tesseract"], folder)
        ]  # fmt: skip
        waiting = [list(numbers[start : start + _BATCH]) for start in range(0, len(numbers), _BATCH)]
        while waiting:
            batch = waiting.pop(0)
            if time.monotonic() > end:
                problem = f"they were not reached within {limit:,.0f} s"
                break
            try:
                for number, read in _recognize(folder, batch, partial(_add, progress, len(found), len(numbers)), end):
                    found[number] = read
            except SourceError as error:
                problem = str(error).removesuffix(".") if len(batch) == 1 else problem
            if len(batch) > 1:  # try the others without the page that stopped the program
                waiting[:0] = [[number] for number in batch if number not in found]
    settled = _settle([found[number] for number in sorted(found)])
    programs = f"OCRmyPDF {versions[0]} with Tesseract {versions[1]}"
    pages = {number: _set(read, marks) for number, (read, marks) in zip(sorted(found), settled, strict=True)}
    return Recognition(pages, programs, problem)


def _add(progress: Callable[[int, int], None], before: int, of: int, count: int) -> None:
    progress(before + count, of)


class _Read(NamedTuple):
    """The lines of a page, its raised marks with their numbers, and its size: height in pixels, pixels per inch."""

    lines: list[TextLine]
    marks: list[Mark]
    numbers: list[int | None]
    height: float
    resolution: float


def _recognize(
    folder: Path, numbers: Sequence[int], progress: Callable[[int], None], end: float
) -> Iterator[tuple[int, _Read]]:
    """Yield the pages of a batch that were recognized before the end, a time of `time.monotonic`."""
    settings = folder / "letters"
    settings.write_text("hocr_char_boxes 1\n", encoding="ascii")
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    command = [
        sys.executable, "-P", "-m", "ocrmypdf", "--quiet", "--keep-temporary-files", "--mode", "force",
        "--pages", ",".join(str(number + 1) for number in numbers), "--language", LANGUAGE,
        "--deskew", "--rotate-pages", "--rasterizer", "pypdfium", "--output-type", "none", "--optimize", "0",
        "--jobs", str(min(os.cpu_count() or 1, _MOST_PROCESSES)), "--tesseract-config", str(settings),
        "--tesseract-timeout", str(int(_EACH_PAGE)), "--max-image-mpixels", str(_MOST_MEGAPIXELS),
        str(folder / "scan.pdf"), "-",
    ]  # fmt: skip

    def read() -> list[Path]:
        return sorted(work.glob("ocrmypdf.io.*/*_ocr_hocr.hocr"))

    ended = run_program(
        command, work, seconds=_until(end, _SPARE + _EACH_PAGE * len(numbers)), name="OCRmyPDF", memory=_MEMORY,
        environment={"OMP_THREAD_LIMIT": "1"}, look=lambda: progress(len(read())),
    )  # fmt: skip
    pages = {int(path.name[:6]) - 1: path for path in read()}
    if ended.code and not pages:
        msg = f"OCRmyPDF stopped ({ended.last or f'exit code {ended.code}'})"
        raise SourceError(msg)
    for number in numbers:
        if number in pages:
            yield number, _read_page(pages[number], work, end)


def _until(end: float, most: float) -> float:
    """Return the seconds until the end, but not more than a limit."""
    return max(0.0, min(most, end - time.monotonic()))


def _read_page(path: Path, folder: Path, end: float) -> _Read:
    """Read what was recognized on a page, and the digits of its raised marks."""
    page = read_words(path.read_bytes())
    picture = path.with_name(path.name.replace("_ocr_hocr.hocr", "_ocr.png"))
    marks = find_marks(page.lines, picture)

    def digits(sheet: Path) -> str:
        run_program(
            ["tesseract", sheet.name, sheet.stem, *_DIGITS], folder, seconds=_until(end, _EACH_PAGE), name="Tesseract",
            memory=_MEMORY, environment={"OMP_THREAD_LIMIT": "1"},
        )  # fmt: skip
        table = sheet.with_suffix(".tsv")
        return table.read_text(encoding="utf-8", errors="replace") if table.exists() else ""

    return _Read(page.lines, marks, read_marks(marks, picture, folder, digits), page.height, page.resolution)


def _settle(pages: Sequence[_Read]) -> list[tuple[_Read, list[int | None]]]:
    """Return pages with the numbers of their marks."""
    settled: list[list[int | None]] = [list(page.numbers) for page in pages]
    marks = [(page, at, mark) for page, read in enumerate(pages) for at, mark in enumerate(read.marks)]
    kinds = [[(page, at) for page, at, mark in marks if (mark.word == 0) == of_notes] for of_notes in (False, True)]
    numbers = [settle_numbers([settled[page][at] for page, at in places]) for places in kinds]
    for places, own, others in zip(kinds, numbers, reversed(numbers), strict=True):
        known = {number for number in others if number is not None}
        for (page, at), number in zip(places, supply_numbers(own, known), strict=True):
            settled[page][at] = number
    return list(zip(pages, settled, strict=True))


def _set(read: _Read, numbers: Sequence[int | None]) -> ScannedPage:
    """Return a page with its lines."""
    marks: dict[tuple[int, int], list[tuple[Mark, int | None]]] = {}
    for mark, number in zip(read.marks, numbers, strict=True):
        marks.setdefault((mark.line, mark.word), []).append((mark, number))
    scale = 72 / read.resolution if read.resolution else 1.0
    letters = [sum(len(word.text) for word in line.words) for line in read.lines]
    heights = usual_of([line.height if line.measured else 0.0 for line in read.lines], letters)
    pieces: list[Piece] = []
    words: list[tuple[Word, bool]] = []
    scores: list[tuple[str, int]] = []
    for at, (line, height) in enumerate(zip(read.lines, heights, strict=True)):
        y, size = (read.height - line.base) * scale, _EM * (height or line.height) * scale
        unsure = doubtful_score(line.words, {place for row, place in marks if row == at})
        if unsure is not None:
            scores.append((" ".join(word.text for word in line.words), unsure))
        for place, word in enumerate(line.words):
            own = marks.get((at, place), [])
            if _is_speck(word) and not own and not is_sign_of_number(line.words, place):
                continue
            text, end = without_mark(word, [mark for mark, _ in own])
            if 0 < place == len(line.words) - 1 and line.words[place - 1].text.endswith(":"):
                text = _SCORES.get(text, text)
            if text:
                pieces.append(Piece(word.box.left * scale, end * scale, y, size, text if own else f"{text} "))
                words.append((word, bool(own)))
            pieces += [
                Piece(
                    mark.box.left * scale, mark.box.right * scale, y + _RAISED_BY * size, _MARK_SIZE * size,
                    f"{number} ",
                )
                for mark, number in own
                if number is not None
            ]  # fmt: skip
    page = {"lines": read_lines(pieces), "aside": [], "picture": False, "recognized": False, "problem": ""}
    weights = [len(word.text) for word, _ in words]
    weighted = sum(weight * word.confidence for weight, (word, _) in zip(weights, words, strict=True))
    confidence = weighted / sum(weights) if words else 0.0
    doubtful = [
        (word.text, int(word.confidence))
        for word, marked in words
        if word.confidence < LOW and not marked and sum(letter.isalnum() for letter in word.text) >= _FEWEST
    ]
    changed = sum(new is not None and new != old for new, old in zip(numbers, read.numbers, strict=True))
    return ScannedPage(page, confidence, doubtful, changed, numbers.count(None), scores)


def _is_speck(word: Word) -> bool:
    signs = not any(letter.isalnum() for letter in word.text)
    return signs and (word.confidence < _SPECK or set(word.text) <= _DIRT)
