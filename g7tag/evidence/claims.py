"""Read what conclusions claim about each dimension: strong action, weak action, not enough, or unstated."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.evidence.passage import Passage, split_sentences
from g7tag.frames import CLAIMS, CONCLUSIONS, build, validate

NOT, STRONG, WEAK, UNSTATED = "not", "strong", "weak", "unstated"
_VERDICT = re.compile(r"\b(?:has|have|did)\b.{0,40}\bcompl(?:ied|y) with (?:its|the|their|this) commitment\b")
_CLAUSE = re.compile(
    r"\b(?:but|however|although|though|while|whereas|yet)\b|;|,? and (?=(?:it )?(?:has|have|did|was|were)\b)", re.I
)
_AND = re.compile(r",? and (?=(?:strong|weak)\w*\b)", re.I)
_SIGNS = {
    NOT: re.compile(
        r"\b(?:not(?! only)|never|neither|no|failed?|fails|insufficient(?:ly)?|inadequate(?:ly)?|lack\w*)\b", re.I
    ),
    WEAK: re.compile(r"\bweak(?:ly|er|est)?\b", re.I),
    STRONG: re.compile(r"\bstrong", re.I),
}
"""Words that say how strong an action was; the first that a clause has counts."""
_ENDINGS = "(?:e|es|ed|ing|s|ion|ions|tion|tions|ive|e?ment)?"
_BETWEEN = " (?:(?:an?|and|of|the|to|in|on|for|by|with|their|its|our) )?(?:(?:the|an?|their|its|our) )?"


class Claim(NamedTuple):
    """What a conclusion claims about a dimension, and the clause that claims it ("" if none)."""

    claimed: str
    quote: str


def read_claims(conclusions: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the claims frame: a row for each conclusion and dimension of the codebook's commitment."""
    validate(conclusions, CONCLUSIONS, source="conclusions")
    rows: list[dict[str, Any]] = []
    for conclusion in conclusions[conclusions["commitment_id"] == codebook.commitment.id].to_dict("records"):
        keys = {name: conclusion[name] for name in ("commitment_id", "member", "position")}
        claims = claims_of(str(conclusion["text"]), codebook.dimension_keys)
        rows += [{**keys, "dimension": key, **claim._asdict()} for key, claim in claims.items()]
    return build(CLAIMS, rows)


def claims_of(text: str, dimensions: list[str]) -> dict[str, Claim]:
    """Return what a conclusion claims about each dimension."""
    found: dict[str, Claim] = {}
    weak = ""
    for clause in _clauses(text, dimensions):
        named = [key for key in dimensions if dimension_words(key).search(clause)]
        claimed = next((word for word, sign in _SIGNS.items() if sign.search(clause)), UNSTATED)
        for key in named:
            if key not in found or found[key].claimed == UNSTATED:
                found[key] = Claim(claimed, clause)
        if claimed == WEAK and not named:
            weak = clause
    rest = Claim(WEAK, weak) if weak else Claim(UNSTATED, "")
    return {key: found.get(key, rest) for key in dimensions}


def dimension_words(key: str) -> re.Pattern[str]:
    """Return the pattern that finds a dimension in running text: its key with noun and verb endings."""
    words = [re.escape(word) for word in re.split("[-_ ]", key.removesuffix("e"))]
    return re.compile(rf"\b{_BETWEEN.join(words)}{_ENDINGS}\b(?!-)", re.I)


def _clauses(text: str, dimensions: list[str]) -> Iterator[str]:
    """Yield the clauses of sentences without a verdict. "and" before a strength splits, except after a negation."""
    for sentence in split_sentences(Passage(text, list(range(len(text))), [])):
        for part in [] if _VERDICT.search(sentence.text) else _CLAUSE.split(sentence.text):
            head, *rest = _AND.split(part)
            splits = any(dimension_words(key).search(head) for key in dimensions) and not _SIGNS[NOT].search(head)
            yield from filter(None, (each.strip(" ,.") for each in ([head, *rest] if splits else [part])))
