"""Join the rows of a table of scores in which members' names wrap."""

import re
from collections.abc import Collection, Sequence

from g7tag.sources.headings import DASHES, NUMBER
from g7tag.sources.members import plain_name

_CELLS = re.compile(
    r"(?P<rank>(?:\d{1,3}[.)]?\s+)?)(?P<name>[^\W\d_](?:[^\W\d_]|[ .'’-]){0,40}?)"
    rf"(?P<cells>(?:\s+[+＋(\d{DASHES}].*)?)"
)


def join_wrapped_names(texts: Sequence[str], names: Collection[str]) -> list[str]:
    """Return lines of a table; a member's name that wraps in its cell is joined again."""
    splits = {
        (" ".join(words[:place]), " ".join(words[place:]))
        for words in map(str.split, names)
        for place in range(1, len(words))
    }
    joined: list[str] = []
    rest = list(reversed(texts))
    while rest:
        text = rest.pop()
        first = _CELLS.fullmatch(text)
        following = _CELLS.fullmatch(rest[-1]) if rest else None
        between = ""
        if first and not first["cells"] and not following and len(rest) > 1 and re.fullmatch(NUMBER, rest[-1]):
            between, following = f" {rest[-1]}", _CELLS.fullmatch(rest[-2])
        if (
            first
            and following
            and (plain_name(first["name"]), plain_name(following["name"])) in splits
            and not following["rank"]
            and sum(map(bool, (first["cells"], between, following["cells"]))) <= 1
        ):
            del rest[-2 if between else -1 :]
            cells = first["cells"] or between or following["cells"]
            text = f"{first['rank']}{first['name']} {following['name']}{cells}"
        joined.append(text)
    return joined
