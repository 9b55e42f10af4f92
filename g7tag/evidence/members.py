"""Refuse chapters whose members cannot be told apart."""

from collections import Counter

from g7tag.codebook import Codebook
from g7tag.errors import SourceError, listed
from g7tag.evidence.chapters import Chapter


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
    twice = {member for member, count in Counter(names).items() if count > 1}
    if unknown:
        expected = ", ".join(codebook.codes)
        msg = f"sections headed {listed(unknown)}. Expected members of codebook {codebook.id!r}: {expected}."
        raise SourceError(msg)
    advice = "Expected a heading such as 'Canada: 0' before each member's evidence; mend the text."
    missing = (set(chapter.table) & set(codebook.codes if own else chapter.table)) - set(names)
    homeless = chapter.homeless + (chapter.trailing if missing or not chapter.table else [])
    if homeless:
        found = homeless[0][:50]
        msg = f"found behind the end of a section and no heading, or a heading without a score: {found!r}. {advice}"
        raise SourceError(msg)
    if missing:
        msg = f"commitment {chapter.number} scores {listed(missing)} in its table, found no section. {advice}"
        raise SourceError(msg)
    if twice:
        msg = (
            f"commitment {chapter.number} has two sections headed {listed(twice)}, expected one a member; "
            "mend the text."
        )
        raise SourceError(msg)
