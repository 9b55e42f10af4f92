"""Find the codebook's cues in text, word by word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from g7tag.codebook import Codebook

SETTING = "setting"
"""What the names of groups of no category begin with."""
KNOWN_WORDS = 200_000
"""Different words whose cues are remembered; past that the least used are looked up again."""
_WORD = re.compile(r"\w+")


class Found(NamedTuple):
    """A cue in a text: the place of its group, and where it stands in the lower-cased text."""

    group: int
    start: int
    end: int


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

    Each different word is tried against all cues once and then remembered, so that the time does not grow with the
    number of cues.

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
        self._cues = [
            (group, _first_word(cue), re.compile(cue_pattern(cue)))
            for group, its in enumerate(cues.values())
            for cue in its
        ]
        self._starting_with = lru_cache(maxsize=KNOWN_WORDS)(self._look_up)

    def find(self, text: str) -> Iterator[Found]:
        """Yield every cue in a text, by its place; cues of one group may overlap."""
        lowered = text.lower()
        for word in _WORD.finditer(lowered):
            for group, pattern in self._starting_with(word.group()):
                match = pattern.match(lowered, word.start())
                if match:
                    yield Found(group, match.start(), match.end())

    def groups(self, text: str) -> set[int]:
        """Return the places of the groups that have a cue in a text."""
        return {found.group for found in self.find(text)}

    def _look_up(self, word: str) -> list[tuple[int, re.Pattern[str]]]:
        """Groups and patterns of the cues whose first word this can be."""
        return [(group, pattern) for group, first, pattern in self._cues if first.fullmatch(word)]


def _first_word(cue: str) -> re.Pattern[str]:
    first = re.match(r"[\w*?]+", cue.lower())
    return re.compile(first.group().replace("*", r"\w*").replace("?", r"\w") if first else r"(?!)")
