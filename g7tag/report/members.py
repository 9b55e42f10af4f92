"""The parts of the page on members, and its first screen: what to know first, and the choices of the filters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import STRENGTHS, Frames, value_word
from g7tag.report.audits import by_check
from g7tag.report.cards import Card
from g7tag.report.cells import paragraphs
from g7tag.report.reasons import member_changes
from g7tag.report.tables import percent, reading_headings, shares_text
from g7tag.scoring import CLEAR, signed

Row = Mapping[Any, Any]
Part = dict[str, Any]
_MOST_FINDINGS = 3
FLAGS = {
    "doubtful": "a tag is doubtful", "disputed": "labels disagree", "deciding": "one label can change a score",
    "finding": "there is a finding", "contradicts": "an act contradicts the commitment",
}  # fmt: skip
"""Flags of items that can be ticked, with their plain names."""
_STATES = {
    "by-tagger": "Labelled by the tagger", "by-model": "Labelled by a model", "by-analyst": "Labelled by an analyst",
    "by-adjudicator": "Adjudicated", "by-corpus": "Labelled by the bundled corpus", "by-nobody": "Not labelled",
    "counted": "In the period, counted", "outside": "Outside the period, not counted",
    "date_unread": "Date not read", "cut_off": "Text cut off",
}  # fmt: skip
"""States of items to choose from, with their plain names."""


def member_parts(
    frames: Frames, cards: Sequence[Card], *, reconciled: pd.DataFrame, behind: pd.DataFrame, final: pd.DataFrame,
    codebook: Codebook,
) -> list[Part]:  # fmt: skip
    """Return what the page says about each scored member, in the order of the scores frame."""
    decided = final.set_index("member").to_dict("index")
    changes, headings = member_changes(frames, codebook), reading_headings(codebook)
    by_name, decides = {card["item_id"]: card for card in cards}, _decides(behind)
    parts = []
    for row in reconciled.to_dict("records"):
        member, items = row["member"], [card for card in cards if card["member"] == row["member"]]
        names = ("scores", "conclusions", "findings", "evidence_matrix", "claims")
        own = {name: frames[name][frames[name]["member"] == member] for name in names}
        last = decided.get(member, {})
        score = last.get("final_score", pd.NA)
        parts.append(
            {
                "code": codebook.codes[member], "name": member, "published": signed(row["published_score"]),
                "scores": [
                    {
                        "reading": each["reading"], "heading": headings[each["reading"]],
                        "score": signed(each["suggested_score"]),
                        "rule": each["rule"], "chances": shares_text(each),
                    }
                    for each in own["scores"].to_dict("records")
                ],
                "final": {**last, "final_text": "" if pd.isna(score) else signed(score)}, "verdict": row["verdict"],
                "chance": percent(row["chance"]), "chance_value": row["chance"],
                "too_close": row["chance"] < CLEAR, "levels": _levels(own, by_name, decides, codebook),
                "conclusions": own["conclusions"].to_dict("records"), "changes": changes[member],
                "findings": own["findings"].to_dict("records"), "n_items": len(items),
                "doubtful": [card["name"] for card in items if "doubtful" in card["flags"]],
            }
        )  # fmt: skip
    return parts


def _decides(behind: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return what each item decides in each dimension."""
    order = {"score": 0, "level": 1, "": 2}
    found: dict[tuple[str, str], str] = {}
    for row in behind.to_dict("records"):
        key = (row["sentence_id"].rpartition(".")[0], row["dimension"])
        found[key] = min(found.get(key, ""), row["decides"], key=order.__getitem__)
    return found


def _levels(
    own: Frames, cards: Mapping[str, Card], decides: Mapping[tuple[str, str], str], codebook: Codebook
) -> list[Part]:
    """Return a member's level in each dimension, with the items behind it and what the conclusions claim."""
    cells = own["evidence_matrix"].set_index("dimension").to_dict("index")
    places = own["conclusions"].set_index("position")["place"]
    levels = []
    for dimension in codebook.dimensions:
        key, cell = dimension.key, cells[dimension.key]
        items = []
        for item in filter(None, cell["item_ids"].split(";")):
            its = [each for each in cards[item]["sentences"] if key in each["dimensions"]]
            items.append(
                {
                    "card": cards[item], "strong": any(each["strength"] == "strong" for each in its),
                    "decides": decides.get((item, key), ""),
                    "doubt": next((each["doubt"] for each in its if each["doubt"]), ""),
                }
            )  # fmt: skip
        items.sort(key=lambda each: (not each["decides"], not each["strong"]))
        claims = own["claims"][(own["claims"]["dimension"] == key) & (own["claims"]["claimed"] != "unstated")]
        stated = [
            {
                "place": value_word("place", places.get(row["position"], ""), "conclusions").name,
                "claimed": value_word("claimed", row["claimed"]).name, "quote": row["quote"],
            }
            for row in claims.to_dict("records")
        ]  # fmt: skip
        shown = {name: cell[name] for name in ("level", "n_strong", "n_weak")}
        levels.append({"key": key, "label": dimension.label, "behind": items, "claims": stated} | shown)
    return levels


def first_words(parts: Sequence[Part], findings: pd.DataFrame, gaps: pd.DataFrame) -> list[str]:
    """Return the few sentences to read first: who agrees, which scores are not safe, and what limits them all."""
    others: dict[str, list[str]] = {}
    for part in parts:
        if part["verdict"] != "agrees":
            others.setdefault(part["verdict"], []).append(part["name"])
    checks, is_scan = findings["check"], (gaps["kind"] == "recognized") & (gaps["part"] == "scanned pages")
    return paragraphs(
        "lead.txt", parts=parts, others=others, n_agreeing=len(parts) - sum(map(len, others.values())),
        unclear=[part["name"] for part in parts if part["too_close"]], clear=f"{CLEAR:.0%}", word=value_word,
        single=list(dict.fromkeys(findings.loc[checks == "depends_on_one_item", "member"])),
        seen=(checks == "seen_in_training").any(), scans=gaps.loc[is_scan, "name"].tolist(),
    )  # fmt: skip


def chief_findings(findings: pd.DataFrame) -> list[Part]:
    """Return the most severe findings that are not low, at most three, joined by check and severity."""
    return by_check(findings[findings["severity"] != "low"])[:_MOST_FINDINGS]


def facets(cards: Sequence[Card], findings: pd.DataFrame, codebook: Codebook) -> list[Part]:
    """Return the filters of the evidence: values with their labels and numbers of items, without values of none."""
    tokens = [[token.split(":") for token in card["tokens"]] for card in cards]
    by_dimension, by_strength, by_act = (
        Counter(value for each in tokens for value in {token[place] or "none" for token in each}) for place in range(3)
    )
    codes = {code: name for name, code in codebook.codes.items()}
    dimensions = {each.key: each.label for each in codebook.dimensions} | {"none": "No dimension"}
    strengths = {key: value_word("strength", key).name for key in STRENGTHS if key != "none"}
    acts = {each.key: each.label for each in codebook.acts}
    checks = {each: value_word("check", each, labels=codebook.labels).name for each in findings["check"].unique()}
    found = [
        ("member", "Member", codes, Counter(card["code"] for card in cards)),
        ("dimension", "Dimension", dimensions, by_dimension),
        ("strength", "Strength", strengths, by_strength),
        ("act", "Act", acts, by_act),
        ("state", "State", _STATES, Counter(flag for card in cards for flag in card["flags"])),
        ("check", "Finding", checks, Counter(each["check"] for card in cards for each in card["findings"])),
    ]
    return [
        {"name": name, "label": label, "values": [(key, word, n[key]) for key, word in words.items() if n[key]]}
        for name, label, words, n in found
    ]
