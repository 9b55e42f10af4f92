"""Superscript digits, which mark notes in the text of every document, and Roman numerals."""

from itertools import zip_longest

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED_ROMANS = "ⁱᵛˣˡᶜ"
"""Superscript letters of Roman numerals, for marks that are not digits."""
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_TO_LETTERS, _FROM_LETTERS = str.maketrans(RAISED_ROMANS, "ivxlc"), str.maketrans("ivxlc", RAISED_ROMANS)
_FROM_DIGITS = str.maketrans("0123456789", SUPERSCRIPTS)
_ROMAN = {
    1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v", 4: "iv",
    1: "i",
}  # fmt: skip
_MOST = 3999
_VALUES = {letter: value for value, letter in _ROMAN.items() if len(letter) == 1}
_LONGEST = 15  # letters: 3,888


def superscript(number: str) -> str:
    """Return the text with its digits as superscript; other characters do not change."""
    return number.translate(_FROM_DIGITS)


def superscript_number(digits: str) -> int:
    """Return the integer value of superscript or plain digits; `int` does not accept superscript digits."""
    return int(digits.translate(_TO_DIGITS))


def raised_roman(letters: str) -> str:
    """Return the text with the letters of Roman numerals as superscript."""
    return letters.translate(_FROM_LETTERS)


def plain_roman(text: str) -> str:
    """Return the text with superscript letters of Roman numerals as plain letters."""
    return text.translate(_TO_LETTERS)


def roman(number: int) -> str:
    """Return a number in lower-case Roman numerals, or "" if it is not from 1 to 3,999."""
    if not 0 < number <= _MOST:
        return ""
    letters = ""
    for value, digits in _ROMAN.items():
        letters += digits * (number // value)
        number %= value
    return letters


def roman_number(letters: str) -> int:
    """Return the value of a number in lower-case Roman numerals, or 0 if it is not written as usual."""
    values = [_VALUES.get(letter, 0) for letter in letters[:_LONGEST]]
    total = sum(-value if value < after else value for value, after in zip_longest(values, values[1:], fillvalue=0))
    return total if letters and roman(total) == letters else 0
