"""The part of each member: its scores and rules, the items behind each level, what was concluded, what would change."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.report.page.cards import Card
from g7tag.report.reasons import member_changes
from g7tag.report.tables import percent, reading_headings
from g7tag.scoring import CLEAR, P_COLUMNS, signed

Row = Mapping[Any, Any]


class Score(NamedTuple):
    """A suggested score: its heading, the score, the rule that gives it, and the probabilities in words."""

    heading: str
    score: str
    rule: str
    chances: str


class Behind(NamedTuple):
    """An item behind a level: its card, whether it is strong, what it decides ("score", "level", ""), and its doubt."""

    card: Card
    strong: bool
    decides: str
    doubt: str


class Claim(NamedTuple):
    """What a conclusion of the report says about a dimension."""

    place: str
    claimed: str
    quote: str


class Level(NamedTuple):
    """A member's level in a dimension, with the items behind it and what the conclusions claim."""

    key: str
    label: str
    level: str
    n_strong: int
    n_weak: int
    items: list[Behind]
    claims: list[Claim]


class MemberPart(NamedTuple):
    """All that the page says about a member; `clear` is False if the suggested score is too close to call."""

    code: str
    name: str
    published: str
    scores: list[Score]
    final: Row
    verdict: str
    chance: str
    chance_value: float
    clear: bool
    levels: list[Level]
    conclusions: list[Row]
    changes: list[str]
    findings: list[Row]
    n_items: int
    n_doubtful: int


def member_parts(
    frames: Frames, cards: Sequence[Card], *, reconciled: pd.DataFrame, behind: pd.DataFrame, final: pd.DataFrame,
    codebook: Codebook,
) -> list[MemberPart]:  # fmt: skip
    """Return the part of each scored member, in the order of the scores frame."""
    decided = final.set_index("member").to_dict("index")
    changes = member_changes(frames, codebook)
    by_name = {card.item_id: card for card in cards}
    decides = _decides(behind)
    parts = []
    for row in reconciled.to_dict("records"):
        member = row["member"]
        own = [card for card in cards if card.member == member]
        parts.append(
            MemberPart(
                codebook.codes[member], member, signed(row["published_score"]), _scores(frames, member, codebook),
                _final(decided.get(member, {})), row["verdict"], percent(row["chance"]), float(row["chance"]),
                not row["chance"] < CLEAR, _levels(frames, member, by_name, decides, codebook),
                frames["conclusions"][frames["conclusions"]["member"] == member].to_dict("records"),
                changes[member], frames["findings"][frames["findings"]["member"] == member].to_dict("records"),
                len(own), sum("doubtful" in card.flags for card in own),
            )
        )  # fmt: skip
    return parts


def _final(row: Row) -> Row:
    """Return the final score with its text, "" if nobody decided it."""
    final = row.get("final_score", pd.NA)
    return {**row, "final_text": "" if pd.isna(final) else signed(final)}


def _scores(frames: Frames, member: str, codebook: Codebook) -> list[Score]:
    headings = reading_headings(codebook)
    rows = frames["scores"][frames["scores"]["member"] == member]
    return [
        Score(headings[row["reading"]], signed(row["suggested_score"]), row["rule"], _chances(row))
        for row in rows.to_dict("records")
    ]


def _chances(row: Row) -> str:
    shares = {signed(score): row[column] for score, column in P_COLUMNS.items()}
    shares["no score"] = 1 - sum(shares.values())
    return ", ".join(f"{percent(share)} for {score}" for score, share in shares.items() if share >= 0.0005) or "unknown"


def _decides(behind: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return what each item decides in each dimension."""
    order = {"score": 0, "level": 1, "": 2}
    found: dict[tuple[str, str], str] = {}
    for row in behind.to_dict("records"):
        key = (row["sentence_id"].rpartition(".")[0], row["dimension"])
        found[key] = min(found.get(key, ""), row["decides"], key=order.__getitem__)
    return found


def _levels(
    frames: Frames,
    member: str,
    cards: Mapping[str, Card],
    decides: Mapping[tuple[str, str], str],
    codebook: Codebook,
) -> list[Level]:
    own = frames["evidence_matrix"][frames["evidence_matrix"]["member"] == member]
    cells = {row["dimension"]: row for row in own.to_dict("records")}
    claims = frames["claims"][(frames["claims"]["member"] == member) & (frames["claims"]["claimed"] != "unstated")]
    places = frames["conclusions"].set_index(["member", "position"])["place"].to_dict()
    levels = []
    for dimension in codebook.dimensions:
        cell = cells[dimension.key]
        items = [
            Behind(
                cards[item], _is_strong(cards[item], dimension.key), decides.get((item, dimension.key), ""),
                _doubt(cards[item], dimension.key),
            )
            for item in filter(None, cell["item_ids"].split(";"))
        ]  # fmt: skip
        items.sort(key=lambda each: (not each.decides, not each.strong))
        stated = [
            Claim(
                value_word("place", places.get((member, row["position"]), ""), "conclusions").name,
                value_word("claimed", row["claimed"]).name, row["quote"],
            )
            for row in claims[claims["dimension"] == dimension.key].to_dict("records")
        ]  # fmt: skip
        levels.append(
            Level(
                dimension.key, dimension.label, str(cell["level"]), int(cell["n_strong"]),
                int(cell["n_weak"]), items, stated,
            )
        )  # fmt: skip
    return levels


def _is_strong(card: Card, dimension: str) -> bool:
    return any(each.strength == "strong" and dimension in each.dimensions for each in card.sentences)


def _doubt(card: Card, dimension: str) -> str:
    """Return why the first doubtful sentence of a dimension needs review; "" if none does."""
    return next((each.doubt for each in card.sentences if each.doubt and dimension in each.dimensions), "")
