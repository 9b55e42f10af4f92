"""Give each member of a chapter its code, and refuse chapters whose members cannot be told apart."""

from collections.abc import Sequence
from itertools import chain, count
from string import ascii_uppercase

from g7tag.codebook import Codebook
from g7tag.errors import SourceError, listed
from g7tag.evidence.chapters import Chapter

OTHER_CODES = {
    "African Union": "AUN", "Argentina": "ARG", "Australia": "AUS", "Brazil": "BRA", "China": "CHN", "India": "IND",
    "Indonesia": "IDN", "Korea": "KOR", "Mexico": "MEX", "Russia": "RUS", "Saudi Arabia": "SAU",
    "South Africa": "ZAF", "South Korea": "KOR", "Spain": "ESP", "Turkey": "TUR", "Türkiye": "TUR",
}  # fmt: skip
"""Codes (ISO 3166) of members of the G8 and the G20, which older and other reports have besides those of the G7."""


def member_codes(names: Sequence[str], codebook: Codebook) -> dict[str, str]:
    """Return the code of each member of a chapter: the codebook's, else a known one, else made of its name's letters.

    Examples
    --------
    >>> from g7tag.codebook import load_codebook
    >>> from g7tag.store import data_path
    >>> book = load_codebook(data_path("codebooks/2024-apulia-19.toml"))
    >>> member_codes(["Japan", "Russia", "Canadia"], book)
    {'Japan': 'JPN', 'Russia': 'RUS', 'Canadia': 'CAA'}
    """
    known = OTHER_CODES | codebook.codes
    codes = {name: known[name] for name in names if name in known}
    for name in names:
        if name not in codes:
            letters = [letter for letter in name.upper() if letter.isalpha()]
            made = ("".join([*letters[:2], last]).ljust(3, "X") for last in [*letters[2:], *ascii_uppercase])
            numbered = (f"X{number:02d}" for number in count(1))
            codes[name] = next(code for code in chain(made, numbered) if code not in {*codes.values(), *known.values()})
    return {name: codes[name] for name in names}


def check_members(chapter: Chapter, codebook: Codebook, *, own: bool) -> None:
    """Refuse a chapter whose sections would get no id, or the id of another, or that lacks one.

    Parameters
    ----------
    chapter
        A commitment of a report.
    codebook
        Names the members.
    own
        Whether it is the codebook's commitment: others may be of members that the codebook does not name.

    Raises
    ------
    SourceError
        The message does not name the document.
    """
    names = [section.member for section in chapter.sections]
    unknown = set(names) - set(codebook.codes) if own else set()
    twice = {member for member in names if names.count(member) > 1}
    if unknown:
        expected = ", ".join(codebook.codes)
        msg = f"sections headed {listed(unknown)}. Expected members of codebook {codebook.id!r}: {expected}."
        raise SourceError(msg)
    advice = "Expected a heading such as 'Canada: 0' before each member's evidence; mend the text."
    if chapter.homeless:
        found = chapter.homeless[0][:50]
        msg = f"found evidence behind the end of a section and no heading: {found!r}. {advice}"
        raise SourceError(msg)
    missing = (set(chapter.table) & set(codebook.codes if own else chapter.table)) - set(names)
    if missing:
        msg = f"commitment {chapter.number} scores {listed(missing)} in its table, found no section. {advice}"
        raise SourceError(msg)
    if twice:
        msg = (
            f"commitment {chapter.number} has two sections headed {listed(twice)}, expected one a member; "
            "mend the text."
        )
        raise SourceError(msg)
