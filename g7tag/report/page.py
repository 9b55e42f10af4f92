"""The page of a run as one HTML file."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup, escape

from g7tag import report
from g7tag.codebook import Codebook
from g7tag.frames import VALUE_WORDS, Frames, Word, column_word, value_word
from g7tag.labels import open_doubts, people_agreement
from g7tag.report.cards import Card, item_cards, short
from g7tag.report.cells import anchor, render
from g7tag.report.evidence import all_notes, own_frames
from g7tag.report.members import FLAGS, Part, chief_findings, facets, first_words, member_parts
from g7tag.report.methods import About, methods_texts
from g7tag.report.models import labels_text
from g7tag.report.tables import doubtful_text, heading, legend, reading_headings
from g7tag.report.terminal import printable
from g7tag.scoring import averages, item_effects, item_levels, reconcile
from g7tag.store import PEOPLE
from g7tag.text import first_few

_MOST_PROOFS = 12  # of one finding to list
_GLOSSARY = ("level", "strength", "act", "severity", "verdict", "basis", "review_reason")
_COLUMNS = ("published_score", "suggested_score", "p_right", "review_below", "needs_review", "dimensions")


class Decided(NamedTuple):
    """The final scores, the valid rows of the ledger, and the ids of the decisions whose evidence changed."""

    final: pd.DataFrame
    ledger: pd.DataFrame
    stale: Collection[str] = ()


def run_page(frames: Frames, codebook: Codebook, *, behind: pd.DataFrame, decided: Decided, about: About) -> str:
    """Return the page of a run as HTML."""
    own = own_frames(frames, codebook)
    levels = item_levels(own["labels"], sentences=own["sentences"], items=own["items"], codebook=codebook)
    cards = item_cards(own, item_effects(levels, own["evidence_matrix"], codebook), codebook)
    parts = member_parts(
        own, cards, reconciled=reconcile(own["scores"]), behind=behind, final=decided.final, codebook=codebook
    )
    by_member = groupby(cards, key=lambda card: (card["code"], card["member"]))
    findings, notes = own["findings"], list(all_notes(own["citations"]).values())
    return render(
        "report.html",
        title=heading(frames["documents"], codebook), documents=list(frames["documents"]["name"]),
        **_words(codebook, {card["name"] for card in cards} | {note.name for note in notes}),
        **methods_texts(frames, codebook, about=about), about=about,
        labelled=labels_text(frames["labels"], frames["annotations"]),
        doubts=doubtful_text(open_doubts(frames["tags"], frames["labels"], frames["annotations"])),
        checked=_checked(cards),
        **_pictures(own, codebook, levels),
        columns=_score_columns(parts, codebook),
        averages=_averages(own["scores"]), lead=first_words(parts, findings, frames["gaps"]),
        chief=chief_findings(findings[~findings["finding_id"].isin(_closed(decided))]), parts=parts,
        groups=[{"code": code, "member": member, "cards": list(its)} for (code, member), its in by_member],
        n_items=len(cards), n_sentences=sum(len(card["sentences"]) for card in cards),
        n_by_people=sum(each["kind"] in PEOPLE for card in cards for each in card["sentences"]),
        findings=findings.to_dict("records"), decisions=_decisions(decided),
        facets=facets(cards, findings, codebook),
        flags={flag: words for flag, words in FLAGS.items() if any(flag in card["flags"] for card in cards)},
        notes=notes, n_others=len(frames["findings"]) - len(findings),
    )  # fmt: skip


def linked(text: str, known: Collection[str]) -> Markup:
    """Return a text in which the names of items, sentences and notes are links."""
    parts = re.split(r"(?<![\w/-])([A-Z]{3}-\d+(?:\.\d+)?|(?:\S+ )?note \d+)(?![\w-])", text)
    return Markup("").join(_link(part, known) if place % 2 else _with_code(part) for place, part in enumerate(parts))


def _with_code(text: str) -> Markup:
    """Return text with its commands, which are between backticks, as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(printable(text)))))  # noqa: S704 - escaped


def _link(name: str, known: Collection[str]) -> Markup:
    """Return the name of an item, a sentence or a note as a link, or as text if it is not on the page."""
    target = name.partition(".")[0] if re.match("[A-Z]{3}-", name) else name
    if target in known:
        return Markup('<a href="{}">{}</a>').format(anchor(target), printable(name))
    first, space, rest = name.partition(" ")
    if rest.startswith("note "):  # a word before the name of a note
        return escape(printable(first + space)) + _link(rest, known)
    return escape(printable(name))


def _words(codebook: Codebook, known: Collection[str]) -> dict[str, Any]:
    """Return the names and functions that put ids and values into words; `known` are the items and notes to link."""
    labels = codebook.labels

    def word(column: str, value: str, frame: str = "") -> Word:
        return value_word(column, value, frame, labels=labels)

    def proof(finding: Mapping[str, Any]) -> Markup:
        every = [short(each) for each in finding["proof"].split(";") if each != finding["subject"]]
        ids = [each for each in every if each.partition(".")[0] not in finding["message"]]
        return linked(first_few(ids, most=_MOST_PROOFS), known)

    def subject(finding: Mapping[str, Any]) -> Markup:
        own = f"{codebook.commitment.id}/{codebook.codes.get(finding['member'], '')}"
        general = finding["subject"] in {own, codebook.commitment.id}
        return Markup() if general else linked(short(finding["subject"]), known)

    return {
        "codebook": codebook, "names": labels, "headings": reading_headings(codebook), "legend": legend(codebook),
        "order": {key: place for place, key in enumerate(codebook.dimension_keys)},
        "word": word, "proof": proof, "subject": subject, "linked": lambda text: linked(text, known),
        "glossary": list(_glossary(labels)),
    }  # fmt: skip


def _glossary(labels: Mapping[str, str]) -> Iterator[Word]:
    """Yield the words that the page uses, with their explanations."""
    yield from (column_word(name, labels=labels) for name in _COLUMNS)
    for column in _GLOSSARY:
        name = column_word(column, labels=labels).name
        for value in VALUE_WORDS[column]:
            word = value_word(column, value, labels=labels)
            yield word._replace(name=f"{name}: {word.name.lower()}")


def _checked(cards: Sequence[Card]) -> str:
    """Return how many items have a sentence that somebody compared with its source; "" if none has."""
    n = sum(bool(card["checks"]) for card in cards)
    return f"Sources checked: {n} of {len(cards)}. " if n else ""


def _pictures(frames: Frames, codebook: Codebook, levels: pd.DataFrame) -> dict[str, Any]:
    """Return the charts of the page."""
    reading, codes = codebook.readings[0].name, codebook.codes
    agreement = people_agreement(frames["annotations"], frames["sentences"], codebook).parts

    def to_member(member: str) -> str:
        return anchor(codes.get(member, member))

    def to_item(item_id: str) -> str:
        return anchor(short(item_id))

    charts = report.charts  # imports matplotlib
    return {
        "charts": [
            charts.scores_chart(frames["scores"], reading=reading, link=to_member),
            charts.thresholds_chart(
                frames["thresholds"], reading=reading, own=codebook.min_strong_items, link=to_member
            ),
            charts.timeline_chart(levels, codebook, link=to_item),
        ],
        "agreement_chart": charts.agreement_chart(agreement) if len(agreement) else "",
    }


def _score_columns(parts: Sequence[Part], codebook: Codebook) -> dict[str, str]:
    """Return the headings of the columns of suggested scores by reading: one column if the readings do not differ."""
    headings = reading_headings(codebook)
    if any(len({each["score"] for each in part["scores"]}) > 1 for part in parts):
        return headings
    return {next(iter(headings)): "Suggested"}


def _averages(scores: pd.DataFrame) -> dict[str, str]:
    """Return the average score and the compliance percentage, by reading and for the published scores."""
    return {
        row["scores"]: "none" if pd.isna(row["mean"]) else f"{row['mean']:+.2f} ({row['percent']:.0f}%)"
        for row in averages(scores).to_dict("records")
    }


def _closed(decided: Decided) -> set[str]:
    """Return the ids of the findings that somebody decided or dismissed, on the evidence of today."""
    return set(decided.ledger.loc[decided.ledger["status"] != "open", "finding_id"]) - set(decided.stale)


def _decisions(decided: Decided) -> dict[str, dict[Any, object]]:
    """Return what the ledger says of each finding, by its id, if somebody wrote there."""
    rows = decided.ledger[(decided.ledger["status"] != "open") | (decided.ledger["note"] != "")]
    return {
        str(row["finding_id"]): {**row, "stale": row["finding_id"] in decided.stale} for row in rows.to_dict("records")
    }
