"""Superscript digits: how the text of a document writes the mark of a note, whatever file it came from."""

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_FROM_DIGITS = str.maketrans("0123456789", SUPERSCRIPTS)


def superscript(number: str) -> str:
    """Return a number's digits as superscript; other characters stay as they are.

    Examples
    --------
    >>> superscript("4414")
    '⁴⁴¹⁴'
    """
    return number.translate(_FROM_DIGITS)


def superscript_number(digits: str) -> int:
    """Return the number that superscript or plain digits write; `int` alone refuses the former.

    Examples
    --------
    >>> superscript_number("⁴⁴¹⁴")
    4414
    """
    return int(digits.translate(_TO_DIGITS))
