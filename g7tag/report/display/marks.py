"""Highlight in a sentence the words that carried its dimensions."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

import pandas as pd

from g7tag.report.display.cells import Cell, folded, one_line
from g7tag.tagging import CUE, WORD

Words = Mapping[str, Sequence[str]]
"""Label -> patterns of the words that spoke for it."""
LEAST = 0.25
"""Contribution to the log-odds from which on words are marked: a quarter more odds."""
SHADES = ("#cfe3f3", "#f6d9bd", "#dcdcdc", "#d5e8d4", "#f3e3f3", "#f7f0c0")
LINES = ("solid", "dashed", "dotted", "double")
"""Behind and under the marks of each label in turn, which is named at its first mark: none is told by colour alone."""


def carrying_words(explanations: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Return patterns of the words in a sentence that spoke for a label, by sentence and label.

    Parameters
    ----------
    explanations
        What `g7tag.explain_tags` returns: of its words and cues those with a contribution of at least `LEAST` count;
        what earlier sentences said does not.
    """
    told = explanations[(explanations["contribution"] >= LEAST) & explanations["kind"].isin([CUE, WORD])]
    patterns: dict[tuple[str, str], list[str]] = {}
    for row in told.to_dict("records"):
        its = patterns.setdefault((str(row["sentence_id"]), str(row["label"])), [])
        its += (
            map(re.escape, filter(None, row["found"].split(";"))) if row["kind"] == CUE else [_in_a_row(row["feature"])]
        )
    return patterns


def _in_a_row(feature: str) -> str:
    """The pattern of a word or a pair of words; a word of one letter between them does not count for the tagger."""
    return r"\W+(?:\w\W+)?".join(map(re.escape, feature.split()))


def marked(text: str, words: Words, labels: Sequence[str]) -> Cell:
    r"""Return a text with the words marked that carried each label.

    Parameters
    ----------
    text
        Any text.
    words
        Of each label that the text has, the patterns of its words.
    labels
        All labels in their order, which gives each its shade.

    Examples
    --------
    >>> "two<sub> counter</sub></mark> men" in marked("He met two men.", {"counter": ["two"]}, ["counter"]).html
    True
    """
    shown = one_line(text)
    if not any(words.values()):
        return folded(shown)
    having: list[tuple[str, ...]] = [()] * len(shown)
    for label in labels:
        for pattern in words.get(label, ()):
            for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", shown, re.IGNORECASE):
                for place in range(*found.span()):
                    having[place] = having[place] if label in having[place] else (*having[place], label)

    named: set[tuple[str, ...]] = set()

    def render(start: int, end: int) -> str:
        parts = []
        for its, places in groupby(range(start, end), key=lambda place: having[place]):
            parts.append(_mark("".join(shown[place] for place in places), its, labels, named=its not in named))
            named.add(its)
        return "".join(parts)

    return folded(shown, render)


def _mark(words: str, having: Sequence[str], labels: Sequence[str], *, named: bool) -> str:
    """Words as HTML, marked if they have labels: with a shade and a line, and once in a text with the labels' names."""
    if not having:
        return escape(words)
    place = labels.index(having[0])
    names = escape(", ".join(having), quote=True)
    look = f"background:{SHADES[place % len(SHADES)]};color:#222;border-bottom:2px {LINES[place % len(LINES)]}"
    return f'<mark style="{look}" title="{names}">{escape(words)}{f"<sub> {names}</sub>" if named else ""}</mark>'
