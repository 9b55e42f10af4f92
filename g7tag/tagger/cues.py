"""Find the codebook's cues in text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from g7tag.codebook import Codebook

SETTING = "setting"
"""Prefix of the names of groups without a category."""
KNOWN_WORDS = 50_000
"""Size of the cache of words and their cues."""
KNOWN_TEXTS = 2_000
"""Size of the cache of texts: a sentence is read for its tags, its reasons and its marks."""
ANY_LETTER = ""
ACT_CUES = {
    "planned": [
        "will", "would", "should", "is to", "are to", "intend*", "plans to", "planned to", "plan to", "aims to",
        "wants to", "hopes to", "promis*", "pledg*", "vow*", "propos*", "call* for", "call* on", "urg*", "recommend*",
        "demand*", "consider*", "draft", "bill", "discuss*", "negotiat*",
    ],
    "not_done": [
        "refus*", "reject*", "fail*", "declin* to", "did not", "does not", "do not", "has not", "have not", "was not",
        "were not", "never", "no", "nor", "unable", "cannot", "yet to", "still not", "voted down", "turned down",
        "vetoed", "block*", "dismissed", "lapsed", "expired", "withheld", "shelved", "stall*", "delay*", "postpon*",
        "collapsed", "without",
    ],
    "reversed": [
        "repeal*", "revok*", "rescind*", "scrap*", "abolish*", "annul*", "cancel*", "overturn*", "quash*", "revers*",
        "struck down", "withdr*", "suspend*", "halt*", "discontinu*", "terminat*", "ended", "lifted", "dissolv*",
        "disband*", "dropped", "no longer", "cut", "cuts", "slash*", "halv*", "pulled out", "scaled back", "closed",
    ],
}  # fmt: skip
"""Cues of acts that are not done, by act, for codebooks that have none."""
_WORD = re.compile(r"\w+")
_FIRST = re.compile(r"[\w*?]+")


class Found(NamedTuple):
    """A cue found in a text: the index of its group, and its position in the lowercase text."""

    group: int
    start: int
    end: int


class _Cue(NamedTuple):
    """A lowercase cue: the index of its group, its first word ("" if it starts with none), and the whole cue."""

    group: int
    first: str
    whole: str


def codebook_cues(codebook: Codebook) -> dict[str, list[str]]:
    """Return the cues of each group of a codebook, by "category.group", in the codebook's order."""
    categories = (*codebook.dimensions, *codebook.strengths, *codebook.exclusions, *codebook.acts)
    named = [(category.key, category.cues) for category in categories]
    named += [(f"{SETTING}.{kind}", groups) for kind, groups in codebook.cues]
    return {f"{key}.{group}": list(cues) for key, groups in named for group, cues in groups.items() if cues}


def cue_pattern(cue: str) -> str:
    """Return the regular expression of a cue: whole words, `*` for any ending, `?` for any single letter."""
    body = re.escape(cue.lower()).replace(r"\*", r"\w*").replace(r"\?", r"\w").replace(r"\ ", r"\s+")
    return rf"(?<!\w){body}(?!\w)"


class CueFinder:
    """Finds cues in text."""

    def __init__(self, cues: Mapping[str, Sequence[str]]) -> None:
        self._cues: dict[str, list[_Cue]] = {}
        for group, cue in ((group, cue) for group, members in enumerate(cues.values()) for cue in members):
            first = _FIRST.match(cue.lower())
            found = _Cue(group, first.group() if first else "", cue.lower())
            self._cues.setdefault(_letter(cue), []).append(found)
        self._starting_with = lru_cache(maxsize=KNOWN_WORDS)(self._look_up)
        self._found_in = lru_cache(maxsize=KNOWN_TEXTS)(lambda text: tuple(self._search(text)))

    def find(self, text: str) -> tuple[Found, ...]:
        """Return every cue in a text, in order; cues of one group may overlap."""
        return self._found_in(text)

    def _search(self, text: str) -> Iterator[Found]:
        lowered = text.lower()
        for word in _WORD.finditer(lowered):
            whole, started = self._starting_with(word.group())
            for group in whole:
                yield Found(group, *word.span())
            for group, pattern in started:
                match = pattern.match(lowered, word.start())
                if match:
                    yield Found(group, *match.span())

    def groups(self, text: str) -> set[int]:
        """Return the indices of the groups with a cue in a text."""
        return {found.group for found in self.find(text)}

    def _look_up(self, word: str) -> tuple[frozenset[int], list[tuple[int, re.Pattern[str]]]]:
        """Return the groups of one-word cues that match, and groups and patterns of longer cues that may start here."""
        possible = (*self._cues.get(word[0], ()), *self._cues.get(ANY_LETTER, ()))
        matching = [cue for cue in possible if _matches(word, cue.first)]
        whole = frozenset(cue.group for cue in matching if cue.first == cue.whole)
        return whole, [(cue.group, _compiled(cue.whole)) for cue in matching if cue.first != cue.whole]


def _letter(cue: str) -> str:
    """Return the first letter of a cue, or `ANY_LETTER` if it starts with a wildcard."""
    return ANY_LETTER if cue[:1] in {"", "*", "?"} else cue.lower()[0]


def _matches(word: str, first: str) -> bool:
    """Whether a word matches the first word of a cue."""
    if "?" in first or "*" in first[:-1]:
        return _compiled(first).fullmatch(word) is not None
    return word.startswith(first[:-1]) if first.endswith("*") else word == first != ""


@lru_cache(maxsize=KNOWN_WORDS)
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(cue_pattern(cue))
