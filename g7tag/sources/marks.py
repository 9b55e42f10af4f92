"""Superscript digits, which mark notes in the text of every document, and superscript Roman numerals."""

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED_ROMANS = "ⁱᵛˣˡᶜ"
"""Superscript letters of Roman numerals, for marks that are not digits."""
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_TO_LETTERS, _FROM_LETTERS = str.maketrans(RAISED_ROMANS, "ivxlc"), str.maketrans("ivxlc", RAISED_ROMANS)
_FROM_DIGITS = str.maketrans("0123456789", SUPERSCRIPTS)


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
