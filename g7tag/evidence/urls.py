"""Recognize the URLs of printed notes, and repair them if the repair is certain."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Self

_WELL_FORMED = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?(?:[/?#][^\s<>\"$\\^`{|}]*)?")
_MARKUP = re.compile(r"\\\\|\\(?=[-_.&%#$~ ])|\$")
_WORD = re.compile(r"[A-Za-z]+")
_BREAK = re.compile(r"\s+")
_JOINT = re.compile(r"[-/_.?&=#:%~]")
_UNFINISHED = re.compile(r"[-_.]$")
_LONGEST_LINK = 4  # letters of a word that URLs often leave out: of, on, the, from
_EXTENSION = re.compile(r"(?:html?|pdf|php|aspx?)\b")


class Url(NamedTuple):
    """A URL and its status: `ok` (as printed), `repaired`, `broken` (as printed, with its breaks) or `none`."""

    url: str
    status: str


class KnownUrls(NamedTuple):
    """Spellings collected from all notes of a document."""

    words: frozenset[str]
    parts: dict[str, str]
    titles: frozenset[str]

    @classmethod
    def of(cls, printed: Sequence[str], titles: Sequence[str]) -> Self:
        """Collect the spellings from the URLs and titles of all notes."""
        whole = [url.strip() for url in printed if _WELL_FORMED.fullmatch(url.strip())]
        parts = [
            part for url in whole for part in re.split(r"[/.]", url) if re.fullmatch(r"[a-z]+(?:-[a-z]+){1,2}", part)
        ]
        return cls(
            frozenset(word.lower() for url in whole for word in _WORD.findall(url)),
            {part.replace("-", ""): part for part in sorted(parts, key=lambda part: part.count("-"))},
            frozenset(word.lower() for title in titles for word in _WORD.findall(title)),
        )


def repair_url(printed: str, words: frozenset[str], *, placed: bool = True) -> Url:
    """Return a URL without the breaks and markup from printing and extraction."""
    shown = _BREAK.sub(" ", printed).strip()
    if not shown:
        return Url("", "none")
    parts = re.sub(r"^ttp", "http", _MARKUP.sub("", shown).strip()).split()
    url = "".join(parts)
    whole = _WELL_FORMED.fullmatch(url) and not _UNFINISHED.search(url)
    if placed and whole and all(_can_close(left, right, words) for left, right in pairwise(parts)):
        return Url(url, "ok" if url == shown else "repaired")
    return Url(shown, "broken")


def restore_hyphens(url: Url, title: str, known: KnownUrls) -> Url:
    """Restore hyphens that were lost at line breaks, if the document supports it."""
    if url.status not in {"ok", "repaired"}:
        return url
    scheme, rest = url.url[: url.url.index("//") + 2], url.url[url.url.index("//") + 2 :]
    rest = "".join(known.parts.get(part.replace("-", ""), part) for part in re.split(r"([/.])", rest))
    host, slash, path = rest.partition("/")
    restored = f"{scheme}{host}{slash}{_split_words(path, title, known.titles)}"
    return url if restored == url.url else Url(restored, "repaired")


def _split_words(path: str, title: str, titles: frozenset[str]) -> str:
    """Split words of a path that join two words of the title, if a third is next to them."""
    words = re.findall(r"[a-z0-9]+", title.lower().replace("’", "").replace("'", ""))
    tokens = re.split(r"([-/._])", path)
    for place, token in enumerate(tokens):
        if token.lower() not in titles:
            before, after = tokens[max(place - 2, 0)].lower(), tokens[min(place + 2, len(tokens) - 1)].lower()
            tokens[place] = _split_word(token, words, before, after)
    return "".join(tokens)


def _split_word(token: str, words: list[str], before: str, after: str) -> str:
    """Split a word that joins two words of the title; a short word between them may be left out."""
    for place, first in enumerate(words):
        if not token.lower().startswith(first):
            continue
        for other in range(place + 1, min(place + 3, len(words))):
            near = before in words[max(place - 2, 0) : place] or after in words[other + 1 : other + 3]
            short = all(len(word) <= _LONGEST_LINK for word in words[place + 1 : other])
            if token.lower() == first + words[other] and near and short:
                return f"{token[: len(first)]}-{token[len(first) :]}"
    return token


def _can_close(left: str, right: str, words: frozenset[str]) -> bool:
    """Whether two parts can only have been separated by a break."""
    if _JOINT.match(left[-1]) or _JOINT.match(right[0]):
        return not (left.endswith(".") and right.startswith(".")) or bool(_EXTENSION.match(right))
    tail, head = re.search(r"[A-Za-z]+$", left), _WORD.match(right)
    return bool(tail and head and (tail[0] + head[0]).lower() in words)
