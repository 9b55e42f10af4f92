"""Characters that Word writes as elements: tabs, breaks, hyphens, and signs of fonts that are all signs."""

import re

CHARACTERS = {
    "w:t": "",
    "m:t": "",
    "a:t": "",
    "w:sym": "",
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "w:noBreakHyphen": "-",
    "w:softHyphen": "\u00ad",
}
"""What an element prints; "" where its content says so. `Reader` knows a break that ends a page."""

UNKNOWN = "\ufffd"
"""Stands where the page has a sign that cannot be told."""

_PRIVATE = range(0xF000, 0xF100)  # where the signs of such a font lie, behind their places in it
_SYMBOL = {
    0x20: " ", 0x2D: "−", 0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°",
    0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xBC: "…", 0xD7: "⋅",
    0xE2: "®", 0xE3: "©", 0xE4: "™",
}  # fmt: skip
_WINGDINGS = {0x6C: "●", 0x6E: "■", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢", 0xE0: "→", 0xFB: "✗", 0xFC: "✓"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}
_ASCII_OF_SYMBOL = frozenset("!%()+,./0123456789:;<=>?[]_{|}")  # which the font Symbol has at their usual places


def symbol(code: str, *, font: str) -> str:
    r"""Return the character of a sign, `UNKNOWN` where it cannot be told.

    Parameters
    ----------
    code
        Its place in the font, in hexadecimal digits.
    font
        Name of the font.

    Examples
    --------
    >>> symbol("F02D", font="Symbol"), symbol("2192", font="Calibri"), symbol("F041", font="Webdings")
    ('−', '→', '\ufffd')
    """
    if not re.fullmatch(r"[0-9A-Fa-f]{1,5}", code):
        return UNKNOWN
    place = int(code, 16)
    signs = _FONTS.get(font.lower())
    if place in _PRIVATE or (signs and place < 0x100):
        place -= _PRIVATE.start if place in _PRIVATE else 0
        known = chr(place) if font.lower() == "symbol" and chr(place) in _ASCII_OF_SYMBOL else UNKNOWN
        return (signs or {}).get(place, known)
    return chr(place) if chr(place).isprintable() else UNKNOWN
