"""Join a line to the line before it, with hyphenated words, split URLs and page ends."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from g7tag.sources.marks import SUPERSCRIPTS
from g7tag.sources.pdf.lines import Line, fits_behind

_URL_START = re.compile(r"\bhttps?(?::|$)|\bwww\.")
_SCHEME = re.compile(r"\bhttps?://")
_URL_PIECE = re.compile(r"[^\s-]*-?")  # unbreakable start of the next line of a URL
_HYPHENS = ("-", "\u2010", "\u00ad")
_CUT = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_OPEN_END = re.compile(r"\w[-\u2010\u00ad–—/]$")  # the word continues after it
_LISTING = ("and", "or", "to")  # short- and long-term: the hyphen replaces the rest of the word
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_CUTS_NONE = 0.25  # share of hyphenated words, below which they are chance or another spelling
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONG = 2_000  # characters: words and URLs are shorter
_FEW = 100  # characters: words, and ends of sentences with note marks, are shorter
_SENTENCE_END = re.compile(rf"[.!?…:;]['\"”’)\]]*[{SUPERSCRIPTS},\s]*$")


class Vocabulary(NamedTuple):
    """Words inside lines; `cut` is the share of hyphenated words among those split at a hyphen (0.5: unknown)."""

    words: frozenset[str]
    cut: float
    heads: frozenset[str] = frozenset()


class Joined:
    """Lines joined to a text; only its end is processed, so the cost of a line does not depend on the text length."""

    def __init__(self, text: str) -> None:
        self.parts: list[str] = []
        self.end = text

    def add(self, line: Line, *, before: Line, vocabulary: Vocabulary, turns: int = 0) -> None:
        """Add a line that follows the line `before`."""
        self.end = join_lines(self.end, line, before=before, vocabulary=vocabulary, turns=turns)
        if len(self.end) > 2 * _LONG:
            self.parts.append(self.end[:-_LONG])
            self.end = self.end[-_LONG:]

    def whole(self) -> str:
        """Return the text."""
        return "".join([*self.parts, self.end])


def read_vocabulary(lines: Iterable[Line]) -> Vocabulary:
    """Return the vocabulary of a document's lines."""
    words: set[str] = set()
    cuts: list[tuple[str, str]] = []
    before = ""
    for line in lines:
        text = " ".join(word for word in line.text.lower().split() if "/" not in word and "@" not in word)
        found = _WORD.findall(text)
        cut = _CUT.search(before[-_FEW:])
        if cut and found:
            cuts.append((cut[1] + found[0], f"{cut[1]}-{found[0]}"))
        words.update(found[bool(cut) : -1 if text.endswith(_HYPHENS) else None])
        before = text
    joined = sum(whole in words for whole, _ in cuts)
    known = joined + sum(compound in words for _, compound in cuts)
    heads = {word.partition("-")[0] for word in words if "-" in word}
    return Vocabulary(frozenset(words), joined / known if known else 0.5, frozenset(heads - words))


def ends_sentence(text: str) -> bool:
    """Return whether text ends like a sentence, perhaps with note marks after it."""
    return bool(_SENTENCE_END.search(text[-_FEW:]))


def first_word(line: Line) -> str:
    """Return the first word of a line."""
    return line.text.split(maxsplit=1)[0]


def join_lines(text: str, line: Line, *, before: Line, vocabulary: Vocabulary, turns: int = 0) -> str:
    """Return text with a line added."""
    head, space, rest = line.text.partition(" ")
    turned = "\f" * turns
    if head[0] in SUPERSCRIPTS:
        return f"{text}{head}{turned or space}{rest}"
    last = re.split(r"\s", text[-_LONG:])[-1]
    if _URL_START.search(last) or ("/" in last and last.endswith("-")):
        piece = _URL_PIECE.match(line.text)
        whole = piece is not None and not fits_behind(before, line, piece[0])
    elif _SCHEME.match(f"{last}{head}"[:_FEW]) and not _SCHEME.match(head):
        whole = True
    else:
        cut = _CUT.search(last[-_FEW:])
        keeps = cut is None or _keeps_hyphen(cut[1], text[-1], head, vocabulary)
        whole = _OPEN_END.search(last[-_FEW:]) is not None and not (cut and keeps and head in _LISTING)
        text = text if keeps else text[:-1]
    return f"{text}{head}{turned or space}{rest}" if whole else f"{text}{turned or ' '}{line.text}"


def _keeps_hyphen(first: str, hyphen: str, head: str, vocabulary: Vocabulary) -> bool:
    """Whether the hyphen at a line end belongs to the word."""
    second = _WORD.match(head)
    if hyphen == "\u00ad" or second is None:
        return hyphen != "\u00ad"
    compound = f"{first}-{second[0]}".lower() in vocabulary.words
    joined = f"{first}{second[0]}".lower() in vocabulary.words
    capitals = first.isupper() and second[0].isupper()
    named = not capitals and (first.isupper() or second[0][0].isupper())
    if vocabulary.cut < _CUTS_NONE or named or first.lower() in _TENS:
        return True
    if compound != joined:
        return compound
    if capitals:
        return True
    prefixed = first.lower() in vocabulary.heads and second[0].lower() in vocabulary.words
    return vocabulary.cut <= 0.5 or prefixed
