"""Member codes, including members that the codebook does not name."""

from collections.abc import Sequence
from itertools import chain, count
from string import ascii_uppercase

from g7tag.codebook import Codebook
from g7tag.sources.members import member_names


def other_codes() -> dict[str, str]:
    """Return the ISO 3166 codes of the members of G7, G8 and G20, by each of their names."""
    return {name: code for code, names in member_names().items() for name in names}


def member_codes(names: Sequence[str], codebook: Codebook) -> dict[str, str]:
    """Return the code of each member of a chapter: the codebook's, a known one, or one built from its name."""
    known = other_codes() | codebook.codes
    codes = {name: known[name] for name in names if name in known}
    for name in names:
        if name not in codes:
            letters = [letter for letter in name.upper() if letter.isalpha()]
            made = ("".join([*letters[:2], last]).ljust(3, "X") for last in [*letters[2:], *ascii_uppercase])
            numbered = (f"X{number:02d}" for number in count(1))
            codes[name] = next(code for code in chain(made, numbered) if code not in {*codes.values(), *known.values()})
    return {name: codes[name] for name in names}
