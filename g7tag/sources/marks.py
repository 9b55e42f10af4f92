"""Superscript digits, which mark notes in the text of every document."""

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_FROM_DIGITS = str.maketrans("0123456789", SUPERSCRIPTS)


def superscript(number: str) -> str:
    """Return the text with its digits as superscript; other characters do not change.

    Examples
    --------
    >>> superscript("4414")
    '⁴⁴¹⁴'
    """
    return number.translate(_FROM_DIGITS)


def superscript_number(digits: str) -> int:
    """Return the integer value of superscript or plain digits; `int` does not accept superscript digits.

    Examples
    --------
    >>> superscript_number("⁴⁴¹⁴")
    4414
    """
    return int(digits.translate(_TO_DIGITS))
