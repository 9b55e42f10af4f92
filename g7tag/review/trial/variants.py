"""The same questions put otherwise: a model that reads what it is told answers them alike."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from g7tag.codebook import Category, Codebook
from g7tag.review.prompt import PROMPT_VERSION, REWORDED

_TYPED = str.maketrans({" ": "\u00a0", "'": "\u2019", "-": "\u2013"})


class Variant(NamedTuple):
    """How a question is put: the codebook shown, the prompt's text, what becomes of each key, and other changes.

    `keys` gives for each of the codebook's dimensions the key that the answer is expected to use for it. Without
    `examples` no labelled neighbours are shown, `repeat` counts from 0, and `retyped` changes spaces and marks.
    """

    name: str
    codebook: Codebook
    keys: Mapping[str, str]
    version: str = PROMPT_VERSION
    examples: bool = True
    repeat: int = 0
    retyped: bool = False


PLAIN = "plain"


def plain(codebook: Codebook) -> Variant:
    """Return the question as a review puts it."""
    return Variant(PLAIN, codebook, {key: key for key in codebook.dimension_keys})


def other_variants(codebook: Codebook) -> list[Variant]:
    """Return the questions put otherwise.

    Returns
    -------
    list of Variant
        Dimensions in another order; their names replaced by others that mean nothing; their definitions passed on to
        the next dimension (then the answer should follow the definition and not the name); the same twice more; the
        prompt in other words; the sentence typed with other spaces and marks.
    """
    same = {key: key for key in codebook.dimension_keys}
    aliases = {key: f"c{place}" for place, key in enumerate(codebook.dimension_keys, start=1)}
    following = dict(zip(same, [*list(same)[1:], *list(same)[:1]], strict=True))
    return [
        Variant("shuffled", _ordered(codebook), same),
        Variant("aliased", _renamed(codebook, aliases), aliases),
        Variant("swapped", _swapped(codebook, following), following, examples=False),
        Variant("repeated", codebook, same, repeat=1),
        Variant("repeated again", codebook, same, repeat=2),
        Variant("reworded", codebook, same, version=REWORDED),
        Variant("retyped", codebook, same, retyped=True),
    ]


def retyped(text: str) -> str:
    r"""Return a text with other spaces, apostrophes and hyphens.

    Examples
    --------
    >>> retyped("Japan's re-entry ban")
    'Japan’s\xa0re–entry\xa0ban'
    """
    return text.translate(_TYPED)


def _ordered(codebook: Codebook) -> Codebook:
    return codebook.model_copy(update={"dimensions": codebook.dimensions[::-1]})


def _swapped(codebook: Codebook, following: Mapping[str, str]) -> Codebook:
    """Each definition under the next dimension's name; settled cases speak of names, and are left out."""
    by_key = {dimension.key: dimension for dimension in codebook.dimensions}
    takes = {after: before for before, after in following.items()}
    changed = [
        dimension.model_copy(
            update={
                "definition": by_key[takes[dimension.key]].definition,
                "examples": by_key[takes[dimension.key]].examples,
            }
        )
        for dimension in codebook.dimensions
    ]
    return codebook.model_copy(update={"dimensions": changed, "notes": []})


def _renamed(codebook: Codebook, aliases: Mapping[str, str]) -> Codebook:
    """Other keys and labels, also where settled cases and exclusions name them."""
    named = re.compile(rf"\b({'|'.join(map(re.escape, aliases))})\b")

    def said(text: str) -> str:
        return named.sub(lambda found: aliases[found[0]], text)

    dimensions = [
        Category(key=aliases[one.key], label=aliases[one.key], definition=one.definition, examples=one.examples)
        for one in codebook.dimensions
    ]
    notes = [
        note.model_copy(update={"case": said(note.case), "decision": said(note.decision)}) for note in codebook.notes
    ]
    exclusions = [one.model_copy(update={"definition": said(one.definition)}) for one in codebook.exclusions]
    return codebook.model_copy(update={"dimensions": dimensions, "notes": notes, "exclusions": exclusions})
