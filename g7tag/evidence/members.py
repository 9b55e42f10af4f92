"""Check that the members of a chapter can be identified."""

from collections import Counter

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.chapters import Chapter
from g7tag.text import listed


def check_members(chapter: Chapter, codebook: Codebook, *, own: bool) -> None:
    """Raise an error if a member of a chapter is unknown, duplicate or missing, or if it holds several chapters."""
    names = [section.member for section in chapter.sections]
    unknown = set(names) - set(codebook.codes) if own else set()
    duplicates = {member for member, count in Counter(names).items() if count > 1}
    if unknown:
        expected = ", ".join(codebook.codes)
        msg = f"sections headed {listed(unknown)}. Expected members of codebook {codebook.id!r}: {expected}."
        raise SourceError(msg)
    if chapter.assessments:
        msg = (
            f"commitment {chapter.number or '?'} has another table of scores after its first section. Perhaps "
            "the heading of another commitment was not read. Expected a heading such as '19. Migration: Smuggling' "
            "before each commitment, and one table of scores behind it."
        )
        raise SourceError(msg)
    advice = "Expected a heading such as 'Canada: 0' before each member's evidence. Fix the text."
    missing = (set(chapter.table) & set(codebook.codes if own else chapter.table)) - set(names)
    orphans = chapter.orphans + (chapter.trailing if missing or not chapter.table else [])
    if orphans:
        found = orphans[0][:50]
        msg = f"text after a section without a heading, or a heading without a score: {found!r}. {advice}"
        raise SourceError(msg)
    if missing:
        msg = f"commitment {chapter.number} scores {listed(missing)} in its table but has no section for it. {advice}"
        raise SourceError(msg)
    if duplicates:
        msg = (
            f"commitment {chapter.number} has two sections headed {listed(duplicates)}. Expected one per member. "
            "Fix the text."
        )
        raise SourceError(msg)
