"""Read plain text."""

import re

from g7tag.errors import SourceError

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def read_text(content: bytes) -> str:
    r"""Return a text file's text, with a newline as the only line end and without a byte-order mark.

    Raises
    ------
    SourceError
        It is not UTF-8, or holds what no text does.

    Examples
    --------
    >>> read_text(b"\xef\xbb\xbfJapan: 0\r\n")
    'Japan: 0\n'
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        msg = f"not a text file (byte {error.start} is no UTF-8). Expected the report as UTF-8 text; export it so."
        raise SourceError(msg) from error
    control = _CONTROL.search(text.replace("\f", "\n"))
    if control:
        msg = f"not a text file (control character {control[0]!r}). Expected the report as UTF-8 text."
        raise SourceError(msg)
    return text
