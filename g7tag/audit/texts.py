"""Check the text of items: where it stops, what stands twice in it, and whom it names."""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from g7tag.audit.findings import LOW, MEDIUM, Row, finding
from g7tag.codebook import Codebook

_CLOSED = re.compile(r"[.!?…:;]['\"”’)\]]*$")
_DOUBLED = re.compile(r"(?P<words>\b\w+(?:[ ,]+\w+){0,6}?\b)[ ,]+(?P=words)\b", re.I)
_LEGITIMATE = {"had", "that"}  # English may have them twice
_STRAY = re.compile(r"(?<=[.!?] )[B-HJ-Z] (?=[A-Z])")
_ALL_MEMBERS = re.compile(r"\bG[78]\b")


def text_findings(items: pd.DataFrame, codebook: Codebook) -> list[Row]:
    """Return the slips in the text of items, of every commitment, and items that name others and not their member."""
    rows: list[Row] = []
    patterns = name_patterns(codebook)
    for item in items.to_dict("records"):
        rows += _slips(item)
        if item["commitment_id"] == codebook.commitment.id:
            rows += _attribution(item, patterns)
    return rows


def name_patterns(codebook: Codebook) -> dict[str, re.Pattern[str]]:
    """Return what finds each member in a text: its name and the other words that the codebook gives for it."""
    names = {member.name: [member.name, *member.names] for member in codebook.members}
    return {
        member: re.compile(
            rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(its, key=len, reverse=True))})(?!\w)"
        )
        for member, its in names.items()
    }


def members_named(text: str, patterns: Mapping[str, re.Pattern[str]]) -> list[str]:
    """Return the members that a text names, in the codebook's order; one that speaks of the G7 names them all."""
    if _ALL_MEMBERS.search(text):
        return list(patterns)
    return [member for member, pattern in patterns.items() if pattern.search(text)]


def _slips(item: Row) -> Iterator[Row]:
    text, where = str(item["text"]), {"member": item["member"]}
    if item["status"] == "cut_off":
        yield finding("cut_off", MEDIUM, item["item_id"], f"stops in mid-sentence: {_end(text)}.", **where)
    elif not _CLOSED.search(text):
        yield finding("no_full_stop", LOW, item["item_id"], f"ends without a full stop: {_end(text)}.", **where)
    if item["status"] == "date_unread":
        yield finding(
            "date_unread", LOW, item["item_id"], "its day cannot be read, so it counts whatever it is.", **where
        )
    doubled = [match for match in _DOUBLED.finditer(text) if _doubles(match["words"])]
    if doubled:
        yield finding("doubled_words", LOW, item["item_id"], f"words stand twice: {doubled[0][0][:60]!r}.", **where)
    stray = _STRAY.search(text)
    if stray:
        around = text[max(stray.start() - 20, 0) : stray.end() + 20]
        yield finding("stray_letter", LOW, item["item_id"], f"a single letter stands in {around!r}.", **where)


def _doubles(words: str) -> bool:
    """Whether words that stand twice are a slip: those of a number in groups of digits are not."""
    return any(sign.isalpha() for sign in words) and words.lower() not in _LEGITIMATE


def _attribution(item: Row, patterns: Mapping[str, re.Pattern[str]]) -> Iterator[Row]:
    others = members_named(str(item["text"]), patterns)
    if item["member"] not in others:
        told = f"counts for {item['member']}, which it does not name; it names {', '.join(others) or 'no member'}."
        yield finding("attribution", LOW, item["item_id"], told, member=item["member"])


def _end(text: str) -> str:
    return repr(text[-40:])
