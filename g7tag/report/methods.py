"""Text for a paper on a run: its methods, how to cite it, and its limits, such as what was not read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.labels import (
    WHOLE,
    current_annotations,
    disputed_sentences,
    independent_labels,
    label_kinds,
    party_decisions,
    people_agreement,
)
from g7tag.report.cells import paragraphs
from g7tag.report.evidence import own_frames
from g7tag.report.models import disputed_lines, party_lines
from g7tag.report.tables import doubtful_text
from g7tag.scoring import CLEAR, P_COLUMNS, in_period
from g7tag.scoring.distribution import CORRELATION, DRAWS
from g7tag.sources import ZERO_WIDTH
from g7tag.store import PEOPLE
from g7tag.text import counted, first_few

SOFTWARE = ("The g7tag developers", "2026", "Apache-2.0")
"""Authors, year and licence, as in CITATION.cff, which an installed package does not have."""
_MAKERS = {
    "classifier": "the tagger", "llm": "language models", "analyst": "analysts", "adjudicator": "adjudicators",
    "corpus": "the bundled corpus", "": "nobody (no label)",
}  # fmt: skip
_LEAST_HIDDEN = 4  # consecutive zero-width characters that may hide text; single ones are common on web pages
_LONGEST = 60  # characters of hidden text to show


class About(NamedTuple):
    """What the frames of a run do not say about it."""

    version: str = ""
    policy: str = ""
    seen_items: int | None = None
    keep_hidden: bool = False
    undecided: int | None = None
    undecided_scores: int | None = None


def methods_texts(frames: Frames, codebook: Codebook, *, about: About) -> dict[str, list[str]]:
    """Return paragraphs on the `methods`, `citation` and `limits` of a run, each from a template of this name."""
    frames = own_frames(frames, codebook)
    items, tags, labels, scores = (frames[name] for name in ("items", "tags", "labels", "scores"))
    it, ids = codebook.commitment, items["item_id"]
    makers = label_kinds(labels, frames["annotations"])
    parts = people_agreement(frames["annotations"], frames["sentences"], codebook).parts
    readings = {each.name: scores[scores["reading"] == each.name] for each in codebook.readings}
    agrees = {name: rows["agrees"] for name, rows in readings.items()}
    facts = {f"n_{name}": len(frames[name]) for name in ("members", "items", "sentences", "tags", "labels", "findings")}
    facts |= _limits(frames, codebook, about, makers) | {
        "codebook": codebook, "about": about, "software": SOFTWARE, "draws": DRAWS, "correlation": CORRELATION,
        "clear": CLEAR, "version": f"version {about.version}" if about.version else "unknown version",
        "period": [day(pd.Timestamp(each)) for each in (it.period_start, it.period_end)],
        "documents": [f"{row['name']} (sha256 {row['sha256'][:12]})" for row in frames["documents"].to_dict("records")],
        "policy": about.policy or next(iter(labels["policy"]), "unknown"), "taggers": dict.fromkeys(tags["tagger"]),
        "labelled": [(n, name) for kind, name in _MAKERS.items() if (n := (makers == kind).sum())],
        "doubts": doubtful_text(tags, "was" if tags["needs_review"].sum() == 1 else "were"),
        "checks": set(frames["findings"]["check"]), "severities": frames["findings"]["severity"].tolist(),
        "sure": [_sure_text(name, rows) for name, rows in readings.items()],
        "agreeing": [(name, each.sum(), each.count(), each.isna().sum()) for name, each in agrees.items()],
        "unscored": [(name, rows["suggested_score"].isna().sum(), len(rows)) for name, rows in readings.items()],
        "people": next(iter(parts[parts["part"] == WHOLE].to_dict("records")), None),
        "outside": ids[~in_period(items, codebook)].tolist(), "undated": ids[items["date"].isna()].tolist(),
        "cut": ids[items["status"] == "cut_off"].tolist(),
    }  # fmt: skip
    return {name: paragraphs(f"{name}.txt", **facts) for name in ("methods", "citation", "limits")}


def _sure_text(reading: str, scores: pd.DataFrame) -> str:
    """Return for how many members the suggested score is clear under a reading."""
    scored = scores[scores["suggested_score"].notna()].to_dict("records")
    chances = pd.Series([row[P_COLUMNS[row["suggested_score"]]] for row in scored], dtype="float64").dropna()
    unknown = f" ({len(scores) - len(chances)} had no such probability)" if len(chances) < len(scores) else ""
    return f"{(chances >= CLEAR).sum()} of {counted(len(chances), 'member')}{unknown} under the reading {reading}"


def _limits(frames: Frames, codebook: Codebook, about: About, makers: pd.Series) -> dict[str, Any]:
    """Return what only the limits name; `makers` has the kind of annotator of each label that counts."""
    annotations, sentences, tags, labels = (frames[name] for name in ("annotations", "sentences", "tags", "labels"))
    current, disputed = current_annotations(annotations, sentences), disputed_sentences(annotations, sentences)
    by_people = current[current["kind"].isin(PEOPLE) & (current["at"] != "")]
    doubtful = tags.loc[tags["needs_review"], "sentence_id"].map(makers)
    conflicts = labels.loc[labels["status"] == "conflict", "sentence_id"]
    published = frames["scores"].drop_duplicates("member")["published_score"]
    return {
        "unread": reading_lines(frames["documents"], frames["gaps"], keep_hidden=about.keep_hidden),
        "idle": [name for name in frames["members"]["member"] if name not in set(frames["items"]["member"])],
        "n_others": (frames["commitments"]["commitment_id"] != codebook.commitment.id).sum(),
        "n_doubtful": len(doubtful), "n_left": (~doubtful.isin(PEOPLE)).sum(),
        "n_bundled": (doubtful == "corpus").sum(),
        "failed": tags.loc[tags["status"] != "ok", "sentence_id"].tolist(),
        "disputed": disputed_lines(disputed) + party_lines(party_decisions(annotations, sentences)),
        "n_conflicts": (~conflicts.isin(disputed["sentence_id"])).sum(),
        "n_by_people": by_people["sentence_id"].nunique(), "n_models_count": (makers == "llm").sum(),
        "n_by_models": current.loc[current["kind"] == "llm", "sentence_id"].nunique(),
        "is_shared": independent_labels(annotations, sentences)["sentence_id"].duplicated().any(),
        "n_scored": len(published), "n_unpublished": published.isna().sum(),
    }  # fmt: skip


def reading_lines(documents: pd.DataFrame, gaps: pd.DataFrame, *, keep_hidden: bool = False) -> list[str]:
    """Return lines on unread parts and hidden text of reports; empty if everything was read and nothing is hidden."""
    lines = [line for name, rows in gaps.groupby("name", sort=False) for line in _gap_words(str(name), rows)]
    return lines + [line for row in documents.to_dict("records") for line in _hidden_words(row, keep_hidden)]


def _gap_words(name: str, gaps: pd.DataFrame) -> Iterator[str]:
    pages = gaps[gaps["part"].str.startswith("page ")]
    for gap in gaps.drop(pages.index).to_dict("records"):
        reason = f"not read: {gap['reason']}" if gap["kind"] == "unread" else gap["reason"]
        part = "" if gap["part"] == "document" else f", {gap['part']}"
        yield f"{name}{part}: {reason}"
    for (kind, reason), rows in pages.groupby(["kind", "reason"], sort=False):
        numbers = [part.removeprefix("page ") for part in rows["part"]]
        named = f"page{'s' if len(numbers) > 1 else ''} {first_few(numbers)}"
        yield f"{name}, {named}: {'not read: ' if kind == 'unread' else ''}{reason}."


def _hidden_words(document: Mapping[Any, Any], keep_hidden: bool) -> Iterator[str]:
    text, spans = str(document["text"]), json.loads(str(document["hidden"]))
    for why in dict.fromkeys(why for _, _, why in spans):
        places = [(start, end) for start, end, reason in spans if reason == why]
        if why == ZERO_WIDTH and max(end - start for start, end in places) < _LEAST_HIDDEN:
            continue
        start, end = places[0]
        page = f", page {text.count(chr(12), 0, start) + 1}" if document["pages"] else ""
        shown = " ".join(text[start:end].split())
        shown = repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
        used = "used as evidence" if keep_hidden else "ignored"
        first = f"the first at character {start}{page}: {shown}"
        yield f"{document['name']}: hidden text ({why}) in {counted(len(places), 'place')}, {used}; {first}"
