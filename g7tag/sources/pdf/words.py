"""Join lines to a text, with hyphenated words, split URLs and page ends."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from g7tag.sources.marks import RAISED_ROMANS, SUPERSCRIPTS
from g7tag.sources.pdf.lines import Line, fits_behind

_URL_START = re.compile(r"\bhttps?(?::|$)|\bwww\.")
_SCHEME = re.compile(r"\bhttps?://")
_URL_PIECE = re.compile(r"[^\s-]*-?")  # unbreakable start of the next line of a URL
_HYPHENS = ("-", "\u2010", "\u00ad")
_CUT = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_OPEN_END = re.compile(r"\w[-\u2010\u00ad–—/]$")  # the word continues after it
_LISTING = ("and", "or", "to")  # short- and long-term: the hyphen replaces the rest of the word
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SPACE, _NOTHING, _HYPHEN = range(3)  # what is between two lines; the hyphen of a cut word goes
_FEW = 100  # characters at both ends of a word that are looked at


class Vocabulary(NamedTuple):
    """Words inside lines; `cut` is the share of hyphenated words among those split at a hyphen (0.5: unknown)."""

    words: frozenset[str]
    cut: float


def read_vocabulary(lines: Iterable[str]) -> Vocabulary:
    """Return the vocabulary of a document's lines."""
    words: set[str] = set()
    cuts: list[tuple[str, str]] = []
    before = ""
    for line in lines:
        text = line.lower()
        found = _WORD.findall(text)
        cut = _CUT.search(before[-_FEW:])
        if cut and found:
            cuts.append((cut[1] + found[0], f"{cut[1]}-{found[0]}"))
        words.update(found[bool(cut) : -1 if text.endswith(_HYPHENS) else None])
        before = text
    joined = sum(whole in words for whole, _ in cuts)
    known = joined + sum(compound in words for _, compound in cuts)
    return Vocabulary(frozenset(words), joined / known if known else 0.5)


def join_lines(lines: Sequence[tuple[int, Line]], vocabulary: Vocabulary) -> str:
    """Return the text of lines, each with its page; a form feed is the end of a page."""
    parts = [lines[0][1].text]
    word = _last_word(parts[0])
    for (page, before), (next_page, line) in pairwise(lines):
        head, space, rest = line.text.partition(" ")
        seam = _seam(word, head, before, line, vocabulary)
        ends = "\f" * (next_page - page)
        if seam == _HYPHEN:
            parts[-1] = parts[-1][:-1]
        parts.append(f"{ends or ' '}{line.text}" if seam == _SPACE else f"{head}{ends or space}{rest}")
        word = _last_word(line.text if seam == _SPACE or rest else word + head)
    return "".join(parts)


def _seam(word: str, head: str, before: Line, line: Line, vocabulary: Vocabulary) -> int:
    """Return what is between the last word of a text and the first of the next line: space, nothing, or a hyphen."""
    if head[0] in SUPERSCRIPTS + RAISED_ROMANS:
        return _NOTHING
    if _URL_START.search(word) or ("/" in word and word.endswith("-")):
        piece = _URL_PIECE.match(line.text)
        return _SPACE if piece is None or fits_behind(before, line, piece[0]) else _NOTHING
    if _SCHEME.match(f"{word}{head}"[:_FEW]) and not _SCHEME.match(head):
        return _NOTHING
    cut = _CUT.search(word)
    if cut and not _keeps_hyphen(cut[1], word[-1], head, vocabulary):
        return _HYPHEN
    return _NOTHING if _OPEN_END.search(word) and not (cut and head in _LISTING) else _SPACE


def _last_word(text: str) -> str:
    """Return the last word of a text; a long one without its middle, so that joining lines costs the same for each."""
    word = text.rsplit(maxsplit=1)[-1]
    return word if len(word) <= 2 * _FEW else word[:_FEW] + word[-_FEW:]


def _keeps_hyphen(first: str, hyphen: str, head: str, vocabulary: Vocabulary) -> bool:
    """Whether the hyphen at a line end belongs to the word."""
    second = _WORD.match(head)
    if hyphen == "\u00ad" or second is None:
        return hyphen != "\u00ad"
    compound, joined = (f"{first}{between}{second[0]}".lower() in vocabulary.words for between in ("-", ""))
    if compound != joined:
        return compound
    named = first.isupper() or second[0][0].isupper()  # UK-led, US-Canada
    return named or vocabulary.cut <= 0.5
