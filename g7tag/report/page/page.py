"""The page of a run as one HTML file."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup, escape

from g7tag.codebook import Codebook
from g7tag.labels import PeopleAgreement, people_agreement
from g7tag.report.charts import agreement_chart, scores_chart, thresholds_chart, timeline_chart
from g7tag.report.methods import About, citation_lines, limits_lines, methods_paragraphs
from g7tag.report.page.cards import item_cards, short, sources
from g7tag.report.page.members import member_parts
from g7tag.report.page.overview import FLAGS, chief_findings, facets, first_words
from g7tag.report.rendering import anchor, render
from g7tag.report.tables import heading, legend, reading_headings
from g7tag.scoring import averages, item_effects, item_levels, reconcile

Frames = Mapping[str, pd.DataFrame]


class Decided(NamedTuple):
    """The final scores, the valid rows of the ledger, and the ids of the decisions whose evidence changed."""

    final: pd.DataFrame
    ledger: pd.DataFrame
    stale: Collection[str] = ()


def run_page(frames: Frames, codebook: Codebook, *, behind: pd.DataFrame, decided: Decided, about: About) -> str:
    """Return the page of a run as HTML.

    Parameters
    ----------
    frames
        The frames of an audited run.
    codebook
        The codebook of the run.
    behind
        The sentences that carry each level; see `Run.sentences_behind`.
    decided
        What people decided.
    about
        Settings of the run that no frame has.
    """
    own = {name: frames[name] for name in ("sentences", "items")}
    levels = item_levels(frames["labels"], **own, codebook=codebook)
    cards = item_cards(frames, item_effects(levels, frames["evidence_matrix"], codebook), codebook)
    reconciled = reconcile(frames["scores"])
    parts = member_parts(
        frames, cards, reconciled=reconciled, behind=behind, final=decided.final, codebook=codebook
    )  # fmt: skip
    agreement = people_agreement(frames["annotations"], frames["sentences"], codebook)
    known = {each.name for each in cards}
    return render(
        "report.html",
        title=heading(frames["documents"], codebook),
        codebook=codebook, names=codebook.labels, headings=reading_headings(codebook), legend=legend(codebook),
        averages=averages(frames["scores"]).set_index("scores").to_dict("index"),
        lead=first_words(parts, frames["findings"]), chief=chief_findings(frames["findings"]),
        parts=parts, cards=cards, findings=frames["findings"].to_dict("records"),
        decisions=_decisions(decided), facets=facets(cards, frames["findings"], codebook), flags=FLAGS,
        notes=[each.source for each in sources(frames["citations"])],
        charts=_charts(frames, codebook, levels, agreement), timelines=_timelines(levels, codebook),
        agreement=agreement, methods=methods_paragraphs(frames, codebook, about=about),
        citation=citation_lines(frames, codebook, about=about), limits=limits_lines(frames, codebook, about=about),
        about=about, short=short, linked=lambda text: linked(text, known),
    )  # fmt: skip


def linked(text: str, known: Collection[str]) -> Markup:
    """Return a text in which the names of items and sentences are links to their cards.

    Parameters
    ----------
    text
        Any text; it is escaped.
    known
        Names of the items of the page.

    Examples
    --------
    >>> str(linked("DEU-16.1 & DEU-99", {"DEU-16"}))
    '<a href="#DEU-16">DEU-16.1</a> &amp; DEU-99'
    """
    parts = re.split(r"(?<![\w/-])([A-Z]{3}-\d+(?:\.\d+)?)(?![\w-])", text)
    shown = [
        Markup('<a href="{}">{}</a>').format(anchor(part.partition(".")[0]), part)
        if place % 2 and part.partition(".")[0] in known
        else escape(part)
        for place, part in enumerate(parts)
    ]
    return Markup("").join(shown)


def _decisions(decided: Decided) -> dict[str, dict[str, object]]:
    """Return what the ledger says of each finding, by its id, if somebody wrote there."""
    rows = decided.ledger[(decided.ledger["status"] != "open") | (decided.ledger["note"] != "")]
    return {row["finding_id"]: row | {"stale": row["finding_id"] in decided.stale} for row in rows.to_dict("records")}


def _charts(
    frames: Frames, codebook: Codebook, levels: pd.DataFrame, agreement: PeopleAgreement
) -> list[Markup]:
    codes = codebook.codes
    reading = codebook.readings[0].name

    def to_member(member: str) -> str:
        return anchor(codes.get(member, member))

    return [
        scores_chart(frames["scores"], reading=reading, link=to_member),
        thresholds_chart(frames["thresholds"], reading=reading, own=codebook.min_strong_items, link=to_member),
        timeline_chart(levels, codebook, link=_to_item),
        *([agreement_chart(agreement.parts)] if len(agreement.parts) else []),
    ]


def _timelines(levels: pd.DataFrame, codebook: Codebook) -> dict[str, Markup]:
    return {
        code: timeline_chart(levels, codebook, member=member, link=_to_item) for member, code in codebook.codes.items()
    }


def _to_item(item_id: str) -> str:
    return anchor(short(item_id))
