"""How the text of a document writes the mark of a note, whatever file it came from, and how a sentence ends."""

import re

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_ENDING = 100  # characters: no end of a sentence with its marks is as long
_SENTENCE_END = re.compile(rf"[.!?…:;]['\"”’)\]]*[{SUPERSCRIPTS},\s]*$")
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


def ends_sentence(text: str) -> bool:
    """Return whether text ends as a sentence or a clause does, marks perhaps behind it.

    Examples
    --------
    >>> ends_sentence("They met.⁴⁴"), ends_sentence("Japan: 0")
    (True, False)
    """
    return bool(_SENTENCE_END.search(text[-_ENDING:]))
