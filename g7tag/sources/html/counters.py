"""Count the items of numbered lists, and write their numbers as the page shows them."""

import re
from dataclasses import dataclass

from g7tag.sources.html.pages import Element, name_of
from g7tag.sources.numerals import roman

BULLETS = frozenset({"none", "disc", "circle", "square"})
"""Ways to mark items that are no numbers."""
_TYPES = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman", "1": "decimal"}
_LETTERS = frozenset({"lower-alpha", "upper-alpha", "lower-latin", "upper-latin"})
_ROMAN = frozenset({"lower-roman", "upper-roman"})
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})")


@dataclass
class Counter:
    """The number that the next item of a list gets."""

    next: int = 1
    step: int = 1

    def count(self, item: Element) -> int:
        """Return the number of an item, which may set it by itself."""
        value = _integer(item.get("value"))
        number = self.next if value is None else value
        self.next = number + self.step
        return number


def counter_of(element: Element) -> Counter:
    """Return the counter with which a numbered list begins."""
    start = _integer(element.get("start"))
    if element.get("reversed") is None:
        return Counter(1 if start is None else start)
    items = sum(name_of(child) == "li" for child in element)
    return Counter(items if start is None else start, -1)


def counted_as(element: Element, style: dict[str, str], outer: str) -> str:
    """Return how an element's items are numbered, in a word of CSS; `outer` is how those of its parent are."""
    name = name_of(element)
    declared = style.get("list-style-type") or style.get("list-style")
    if declared:
        known = BULLETS | _LETTERS | _ROMAN
        return next((word for word in declared.split() if word in known), "decimal")
    if name == "ol" or (name == "li" and element.get("type")):
        return _TYPES.get(element.get("type") or "1", "decimal")
    return outer


def written(number: int, counted: str) -> str:
    """Return a number as a list prints it; one that has no letters or Roman digits is printed in decimal.

    Examples
    --------
    >>> written(28, "lower-alpha"), written(14, "upper-roman"), written(-2, "lower-alpha")
    ('ab', 'XIV', '-2')
    """
    letters, rest = "", number
    if counted in _LETTERS and number > 0:
        while rest:
            rest, place = divmod(rest - 1, 26)
            letters = chr(ord("a") + place) + letters
    elif counted in _ROMAN:
        letters = roman(number)
    return (letters.upper() if counted.startswith("upper") else letters) or str(number)


def _integer(value: str | None) -> int | None:
    match = _INTEGER.match(value or "")
    return int(match[1]) if match else None
