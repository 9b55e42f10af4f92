"""Roman numerals for numbered lists."""

_ROMAN = {
    1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v", 4: "iv",
    1: "i",
}  # fmt: skip
_MOST = 3999


def roman(number: int) -> str:
    """Return a number in lower-case Roman numerals, or "" if it is not from 1 to 3,999.

    Examples
    --------
    >>> roman(14), roman(0), roman(4000)
    ('xiv', '', '')
    """
    if not 0 < number <= _MOST:
        return ""
    letters = ""
    for value, digits in _ROMAN.items():
        letters += digits * (number // value)
        number %= value
    return letters
