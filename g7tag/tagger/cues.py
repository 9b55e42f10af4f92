"""Find the codebook's cues in text, word by word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from g7tag.codebook import Codebook

SETTING = "setting"
"""What the names of groups of no category begin with."""
KNOWN_WORDS = 50_000
"""Different words whose cues are remembered; past that the least used are looked up again."""
ANY_LETTER = ""
_WORD = re.compile(r"\w+")
_FIRST = re.compile(r"[\w*?]+")


class Found(NamedTuple):
    """A cue in a text: the place of its group, and where it stands in the lower-cased text."""

    group: int
    start: int
    end: int


class _Cue(NamedTuple):
    """A cue in small letters: the place of its group, its first word ("" if it begins with none), and all of it."""

    group: int
    first: str
    whole: str


def codebook_cues(codebook: Codebook) -> dict[str, list[str]]:
    """Return the cues of each group of a codebook, by "category.group", in its order.

    Groups of no category stand last, with names such as "setting.topic.smuggling".

    Examples
    --------
    >>> from g7tag.codebook import load_codebook
    >>> from g7tag.store import data_path
    >>> list(codebook_cues(load_codebook(data_path("codebooks/2024-apulia-19.toml"))))[:2]
    ['prevent.awareness', 'prevent.causes']
    """
    categories = (*codebook.dimensions, *codebook.strengths, *codebook.exclusions)
    named = [(category.key, category.cues) for category in categories]
    named += [(f"{SETTING}.{kind}", groups) for kind, groups in codebook.cues]
    return {f"{key}.{group}": list(cues) for key, groups in named for group, cues in groups.items() if cues}


def cue_pattern(cue: str) -> str:
    r"""Return the regular expression of a cue: whole words, `*` for any ending, `?` for any one letter.

    Examples
    --------
    >>> re.findall(cue_pattern("arrest*"), "arrests, rearrested")
    ['arrests']
    >>> re.findall(cue_pattern("organi?ation"), "an organisation, an organization")
    ['organisation', 'organization']
    """
    body = re.escape(cue.lower()).replace(r"\*", r"\w*").replace(r"\?", r"\w").replace(r"\ ", r"\s+")
    return rf"(?<!\w){body}(?!\w)"


class CueFinder:
    """Finds cues in text.

    Each different word is tried once against the cues of its first letter and then remembered, so that the time
    does not grow with the number of cues.

    Parameters
    ----------
    cues
        Group -> its cues.

    Examples
    --------
    >>> finder = CueFinder({"arrests": ["arrest*"], "agreed": ["action plan", "treaty"]})
    >>> finder.groups("An action plan."), finder.groups("A plan of action.")
    ({1}, set())
    """

    def __init__(self, cues: Mapping[str, Sequence[str]]) -> None:
        self._cues: dict[str, list[_Cue]] = {}
        for group, cue in ((group, cue) for group, its in enumerate(cues.values()) for cue in its):
            first = _FIRST.match(cue.lower())
            found = _Cue(group, first.group() if first else "", cue.lower())
            self._cues.setdefault(_letter(cue), []).append(found)
        self._starting_with = lru_cache(maxsize=KNOWN_WORDS)(self._look_up)

    def find(self, text: str) -> Iterator[Found]:
        """Yield every cue in a text, by its place; cues of one group may overlap."""
        lowered = text.lower()
        for word in _WORD.finditer(lowered):
            whole, begun = self._starting_with(word.group())
            for group in whole:
                yield Found(group, *word.span())
            for group, pattern in begun:
                match = pattern.match(lowered, word.start())
                if match:
                    yield Found(group, *match.span())

    def groups(self, text: str) -> set[int]:
        """Return the places of the groups that have a cue in a text."""
        found: set[int] = set()
        lowered = text.lower()
        for word in _WORD.finditer(lowered):
            whole, begun = self._starting_with(word.group())
            found.update(whole)
            found.update(group for group, pattern in begun if pattern.match(lowered, word.start()))
        return found

    def _look_up(self, word: str) -> tuple[frozenset[int], list[tuple[int, re.Pattern[str]]]]:
        """Groups of the cues that this word is, and groups and patterns of the longer ones that it can begin."""
        possible = (*self._cues.get(word[0], ()), *self._cues.get(ANY_LETTER, ()))
        its = [cue for cue in possible if _is_like(word, cue.first)]
        whole = frozenset(cue.group for cue in its if cue.first == cue.whole)
        return whole, [(cue.group, _compiled(cue.whole)) for cue in its if cue.first != cue.whole]


def _letter(cue: str) -> str:
    """The letter that the cue's words begin with."""
    return ANY_LETTER if cue[:1] in {"", "*", "?"} else cue.lower()[0]


def _is_like(word: str, first: str) -> bool:
    """Whether a word is the first word of a cue."""
    if "?" in first or "*" in first[:-1]:
        return _compiled(first).fullmatch(word) is not None
    return word.startswith(first[:-1]) if first.endswith("*") else word == first != ""


@lru_cache(maxsize=KNOWN_WORDS)
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(cue_pattern(cue))
