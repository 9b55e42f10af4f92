"""Join a line to the one before it: words cut by a hyphen, URLs cut anywhere, and the end of a page between the two."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from g7tag.sources.marks import SUPERSCRIPTS
from g7tag.sources.pdf.lines import Line, fits_behind

_ADDRESS_START = re.compile(r"\bhttps?(?::|$)|\bwww\.")
_URL_PIECE = re.compile(r"[^\s-]*-?")  # what is not cut where a URL goes on in the next line
_HYPHENS = ("-", "\u2010", "\u00ad")
_CUT = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_OPEN_END = re.compile(r"\w[-\u2010\u00ad–—/]$")  # a word goes on behind it
_LISTING = ("and", "or", "to")  # short- and long-term: the hyphen stands for the rest of the word
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_CUTS_NONE = 0.25  # of the known words were cut: chance or another spelling
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONG = 2_000  # characters: no word or address is as long
_FEW = 100  # characters: no word, and no end of a sentence with its marks, is as long
_SENTENCE_END = re.compile(rf"[.!?…:;]['\"”’)\]]*[{SUPERSCRIPTS},\s]*$")


class Vocabulary(NamedTuple):
    """Words that stand inside lines; of those that a hyphen ends a line in, the share that was cut (0.5: unknown).

    `heads` are what stands before the hyphens of compounds, and never alone: anti, co.
    """

    words: frozenset[str]
    cut: float
    heads: frozenset[str] = frozenset()


class Joined:
    """Lines joined to a text; only its end is worked on, so that a line costs as much however long the text is."""

    def __init__(self, text: str) -> None:
        self.parts: list[str] = []
        self.end = text

    def add(self, line: Line, *, before: Line, vocabulary: Vocabulary, turns: int = 0) -> None:
        """Add a line that stands behind the line `before`."""
        self.end = join_lines(self.end, line, before=before, vocabulary=vocabulary, turns=turns)
        if len(self.end) > 2 * _LONG:
            self.parts.append(self.end[:-_LONG])
            self.end = self.end[-_LONG:]

    def whole(self) -> str:
        """Return the text."""
        return "".join([*self.parts, self.end])


def read_vocabulary(lines: Iterable[Line]) -> Vocabulary:
    """Return the words of a document's lines.

    Of the words that end a line with a hyphen, those known without it were cut, those known with it were not.
    """
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
    """Return whether text ends as a sentence does, marks perhaps behind it.

    Examples
    --------
    >>> ends_sentence("They met.\u2074\u2074"), ends_sentence("Japan: 0")
    (True, False)
    """
    return bool(_SENTENCE_END.search(text[-_FEW:]))


def first_word(line: Line) -> str:
    """Return the word that begins a line."""
    return line.text.split(maxsplit=1)[0]


def join_lines(text: str, line: Line, *, before: Line, vocabulary: Vocabulary, turns: int = 0) -> str:
    r"""Return text with a line behind it.

    Parameters
    ----------
    text
        What has been joined so far; it ends with the line `before`.
    line, before
        The line, and the one before it.
    vocabulary
        The document's words: a hyphen at the end of a line is kept where the compound is one of them, and goes where
        the joined word is; of a word known neither so nor so it goes where the document cuts words, unless the first
        part is one that compounds begin with. A document that cuts next to none keeps all.
    turns
        Ends of pages between the two; a word that one cuts is put together before it, and a mark stands at its word.

    Examples
    --------
    >>> first, second = Line(0, 50, 20, 10, 0, 50, "They stop traf-"), Line(0, 50, 8, 10, 0, 50, "ficking now.")
    >>> join_lines("They stop traf-", second, before=first, vocabulary=Vocabulary(frozenset({"trafficking"}), 0.5))
    'They stop trafficking now.'
    """
    head, space, rest = line.text.partition(" ")
    turned = "\f" * turns
    if head[0] in SUPERSCRIPTS:
        return f"{text}{head}{turned or space}{rest}"
    last = re.split(r"\s", text[-_LONG:])[-1]
    if _ADDRESS_START.search(last) or ("/" in last and last.endswith("-")):
        piece = _URL_PIECE.match(line.text)
        whole = piece is not None and not fits_behind(before, line, piece[0])
    else:
        cut = _CUT.search(last[-_FEW:])
        keeps = cut is None or _keeps_hyphen(cut[1], text[-1], head, vocabulary)
        whole = _OPEN_END.search(last[-_FEW:]) is not None and not (cut and keeps and head in _LISTING)
        text = text if keeps else text[:-1]
    return f"{text}{head}{turned or space}{rest}" if whole else f"{text}{turned or ' '}{line.text}"


def _keeps_hyphen(first: str, hyphen: str, head: str, vocabulary: Vocabulary) -> bool:
    """Whether the hyphen at the end of a line belongs to the word."""
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
