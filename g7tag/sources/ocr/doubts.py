"""What was recognized badly on scanned pages (OCR)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from g7tag.sources.ocr.recognize import Recognition

LOW_PAGE = 80
"""Mean confidence (0 to 100) below which a page was probably read wrongly; a clean scan has 90 to 96."""
_WORD = re.compile(r"\S+")


class DoubtfulWord(NamedTuple):
    """A word that may have been read wrongly: its place in the document's text, and its confidence (0 to 100)."""

    start: int
    end: int
    confidence: int


def scan_gaps(recognition: Recognition | None) -> Iterator[tuple[str, str, str]]:
    """Yield the gaps of a document with recognized pages: part, kind and reason."""
    if recognition is None:
        return
    pages = recognition.pages
    if pages:
        mean = sum(page.confidence for page in pages.values()) / len(pages)
        lowest = min(pages, key=lambda number: pages[number].confidence)
        yield (
            "scanned pages",
            "recognized",
            f"{recognition.programs} recognized the text of {len(pages)} scanned page{'s' * (len(pages) > 1)} (OCR), "
            f"with a confidence of {mean:.0f} of 100 (lowest: {pages[lowest].confidence:.0f}, page {lowest + 1}). "
            "Words, numbers and dates may be wrong: compare them with the page before you quote them.",
        )
    for number, page in pages.items():
        part = f"page {number + 1}"
        if not page.page["lines"]:
            yield part, "unread", "is an image on which no text was recognized"
        elif page.confidence < LOW_PAGE:
            yield (
                part,
                "unread",
                f"was recognized with a confidence of only {page.confidence:.0f} of 100, so its text is probably "
                "wrong; compare it with the page, or scan it again with 300 dpi",
            )
        for line, confidence in page.scores:
            yield (
                part,
                "unread",
                f"the score in {line!r} may have been recognized wrongly, its sign too (with a confidence of "
                f"{confidence} of 100); compare it with the page",
            )
        if page.unread:
            yield part, "unread", f"has {page.unread} raised note marks that could not be recognized; they are left out"
    corrected = sum(page.corrected for page in pages.values())
    if corrected:
        reason = f"{corrected} raised note marks were recognized by the numbers of the marks around them."
        yield "note marks", "recognized", reason
    if recognition.problem:
        yield "scanned pages", "unread", f"some pages could not be recognized: {recognition.problem}."


def doubtful_words(text: str, recognition: Recognition | None) -> list[DoubtfulWord]:
    """Return the doubtful words of a document, in the order of its text."""
    found: list[DoubtfulWord] = []
    if recognition is None:
        return found
    start = 0
    for number, part in enumerate(text.split("\f")):
        page = recognition.pages.get(number)
        lowest: dict[str, int] = {}
        for word, confidence in page.doubtful if page else ():
            lowest[word] = min(confidence, lowest.get(word, confidence))
        found += [
            DoubtfulWord(start + match.start(), start + match.end(), lowest[match[0]])
            for match in (_WORD.finditer(part) if lowest else ())
            if match[0] in lowest
        ]
        start += len(part) + 1
    return found
