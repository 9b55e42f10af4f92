"""What the first screen says: what to know first, the findings that matter, and the choices of the filters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import STRENGTHS, value_word
from g7tag.report.page.cards import Card
from g7tag.report.page.members import MemberPart
from g7tag.scoring import CLEAR
from g7tag.text import counted

Row = Mapping[Any, Any]
MOST_FINDINGS = 5
FLAGS = {
    "doubtful": "a tag is doubtful", "disputed": "labels disagree", "deciding": "one label can change a score",
    "finding": "there is a finding", "contradicts": "an act contradicts the commitment",
}  # fmt: skip
"""Flags of items that can be ticked, with their plain names."""
STATES = {
    "by-tagger": "Labelled by the tagger", "by-model": "Labelled by a model", "by-analyst": "Labelled by an analyst",
    "by-adjudicator": "Adjudicated", "by-corpus": "Labelled by the bundled corpus", "by-nobody": "Not labelled",
    "counted": "In the period, counted", "outside": "Outside the period, not counted",
    "date_unread": "Date not read", "cut_off": "Text cut off",
}  # fmt: skip
"""States of items to choose from, with their plain names."""


class Facet(NamedTuple):
    """A filter: its name in the address, its label, and the values with their labels and numbers of items."""

    name: str
    label: str
    values: list[tuple[str, str, int]]


def first_words(parts: Sequence[MemberPart], findings: pd.DataFrame, gaps: pd.DataFrame) -> list[str]:
    """Return the few sentences to read first: who agrees, which scores are not safe, and what limits them all."""
    agreeing = [part for part in parts if part.verdict == "agrees"]
    others: dict[str, list[str]] = {}
    for part in parts:
        if part.verdict != "agrees":
            others.setdefault(part.verdict, []).append(part.name)
    rest = "".join(f" {value_word('verdict', verdict).name}: {', '.join(names)}." for verdict, names in others.items())
    lines = [f"Suggested and published scores agree for {len(agreeing)} of {counted(len(parts), 'member')}.{rest}"]
    unclear = [part.name for part in parts if not part.clear]
    single = list(dict.fromkeys(findings.loc[findings["check"] == "depends_on_one_item", "member"]))
    if unclear:
        lines.append(f"Too close to call (below {CLEAR:.0%}): {', '.join(unclear)}.")
    if single:
        lines.append(f"A single item can change the score of {', '.join(single)}.")
    if (findings["check"] == "seen_in_training").any():
        lines.append("The tagger was trained on this evidence, so this agreement is not independent evidence.")
    scans = gaps.loc[(gaps["kind"] == "recognized") & (gaps["part"] == "scanned pages"), "name"]
    if len(scans):
        lines.append(f"The text of {', '.join(scans)} was recognized from a scan (OCR): words and scores may be wrong.")
    return lines


def chief_findings(findings: pd.DataFrame) -> list[Row]:
    """Return the most severe findings that are not low, at most five, one for each check."""
    severe = findings[findings["severity"] != "low"]
    first = severe.drop_duplicates("check")
    return [dict(row) for row in first.head(MOST_FINDINGS).to_dict("records")]


def facets(cards: Sequence[Card], findings: pd.DataFrame, codebook: Codebook) -> list[Facet]:
    """Return the filters of the evidence. Values without items are left out."""
    tokens = [[token.split(":") for token in card.tokens] for card in cards]
    by_check = Counter(each.check for card in cards for each in card.findings)
    codes = {code: name for name, code in codebook.codes.items()}
    dimensions = {each.key: each.label for each in codebook.dimensions} | {"none": "No dimension"}
    strengths = {key: value_word("strength", key).name for key in STRENGTHS if key != "none"}
    acts = {each.key: each.label for each in codebook.acts}
    checks = {
        check: value_word("check", check, labels=codebook.labels).name for check in dict.fromkeys(findings["check"])
    }
    return [
        _facet("member", "Member", codes, Counter(card.code for card in cards)),
        _facet("dimension", "Dimension", dimensions, _count(tokens, 0)),
        _facet("strength", "Strength", strengths, _count(tokens, 1)),
        _facet("act", "Act", acts, _count(tokens, 2)),
        _facet("state", "State", STATES, Counter(flag for card in cards for flag in card.flags)),
        _facet("check", "Finding", checks, by_check),
    ]


def _count(tokens: Sequence[Sequence[Sequence[str]]], place: int) -> Counter[str]:
    return Counter(value for each in tokens for value in {token[place] or "none" for token in each})


def _facet(name: str, label: str, values: Mapping[str, str], counts: Counter[str]) -> Facet:
    return Facet(name, label, [(key, words, counts[key]) for key, words in values.items() if counts[key]])
