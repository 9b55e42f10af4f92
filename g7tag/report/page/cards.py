"""Items as cards: sentences with marked words, labels and whose they are, sources, findings, and what would change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day, named_notes, score_text
from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.labels import current_annotations, label_authors, open_doubts, party_decisions
from g7tag.report.display.cells import MarkedPart, marked_parts, one_line, snippet, spans_of
from g7tag.report.doubts import doubts_of, right_text
from g7tag.report.sources import Note, item_notes
from g7tag.report.tables import percent, reading_headings
from g7tag.scoring import in_period

Row = Mapping[Any, Any]
_UNREAD = "date_unread"  # shown in place of the date
_SHOWN = 0.01  # smallest probability of a label to show
_KINDS = {"classifier": "tagger", "llm": "model", "adjudicator": "adjudicator", "analyst": "analyst"}


class Past(NamedTuple):
    """One annotation of a sentence: who made it, when, what it says, the reason, and how it came about."""

    who: str
    at: str
    label: str
    note: str
    how: str
    counts: bool


class Labelled(NamedTuple):
    """A sentence of a card: its text in parts, and its label."""

    name: str
    parts: list[MarkedPart]
    dimensions: list[str]
    strength: str
    act: str
    exclusion: str
    contradicts: bool
    who: str
    kind: str
    p_right: str
    doubt: str
    disputed: bool
    probabilities: str
    history: list[Past]


class Found(NamedTuple):
    """The findings of one check about an item: the first one, and their number."""

    check: str
    finding_id: str
    n: int


class Card(NamedTuple):
    """An item: its ids, day, status, sentences, sources, the findings about it, and what would change."""

    item_id: str
    name: str
    member: str
    code: str
    date: str
    status: str
    counted: bool
    sentences: list[Labelled]
    sources: list[Note]
    findings: list[Found]
    changes: list[str]
    flags: list[str]
    tokens: list[str]
    snippet: str


def item_cards(frames: Frames, effects: pd.DataFrame, codebook: Codebook) -> list[Card]:
    """Return the items of the codebook's commitment as cards, in the order of the report."""
    own = frames["items"]["commitment_id"] == codebook.commitment.id
    items = frames["items"][own].assign(counted=in_period(frames["items"], codebook)[own].to_numpy())
    sentences = _sentences(frames, codebook)
    sources = item_notes(items, frames["citations"])
    found = _findings_by_item(frames, items)
    single = _single_flips(frames["flips"], codebook)
    changing = {str(item): _changes(rows, codebook) for item, rows in effects.groupby("item_id", sort=False)}
    deciding = {*effects.loc[effects["changes"], "item_id"], *single}
    return [
        _card(
            row, sentences.get(row["item_id"], []), sources.get(row["item_id"], []), found.get(row["item_id"], []),
            [*changing.get(row["item_id"], []), *single.get(row["item_id"], [])], deciding, codebook,
        )
        for row in items.to_dict("records")
    ]  # fmt: skip


def _card(
    row: Row, labelled: list[Labelled], sources: list[Note], findings: list[Found], changes: list[str],
    deciding: set[str],
    codebook: Codebook,
) -> Card:  # fmt: skip
    status = [] if row["counted"] else ["outside the period, not counted"]
    status += [] if row["status"] in ("ok", _UNREAD) else [value_word("status", row["status"], "items").name.lower()]
    flags = {
        "doubtful": any(each.doubt for each in labelled), "disputed": any(each.disputed for each in labelled),
        "deciding": row["item_id"] in deciding, "finding": bool(findings), "counted": bool(row["counted"]),
        "outside": not row["counted"],
        row["status"]: row["status"] != "ok", "contradicts": any(each.contradicts for each in labelled),
    } | {f"by-{each.kind}": True for each in labelled}  # fmt: skip
    return Card(
        row["item_id"], short(row["item_id"]), row["member"], codebook.codes[row["member"]],
        "" if pd.isna(row["date"]) else day(row["date"]), "; ".join(status), bool(row["counted"]), labelled, sources,
        findings, changes, [name for name, is_set in flags.items() if is_set], sorted(set(_tokens(labelled))),
        snippet(" ".join("".join(part.words for part in each.parts) for each in labelled)),
    )  # fmt: skip


def short(name: str) -> str:
    """Return an id without its commitment."""
    return name.rpartition("/")[2]


def _tokens(labelled: Sequence[Labelled]) -> Iterator[str]:
    """Yield dimension, strength and act of each label, for the filters; a sentence without a dimension gives one."""
    for each in labelled:
        for dimension in each.dimensions or [""]:
            yield f"{dimension}:{each.strength}:{each.act}"


def _sentences(frames: Frames, codebook: Codebook) -> dict[str, list[Labelled]]:
    """Return the labelled sentences of each item."""
    tags, annotations = frames["tags"], frames["annotations"]
    labels = frames["labels"].set_index("sentence_id").to_dict("index")
    made = annotations.set_index("annotation_id")[["annotator", "kind", "act", "at"]].to_dict("index")
    tagged = tags.set_index("sentence_id").to_dict("index")
    marks = spans_of(frames["marks"])
    current = current_annotations(annotations, frames["sentences"])
    by_party = set(party_decisions(annotations, frames["sentences"])["annotation_id"])
    pasts = _histories(annotations, _counting(frames["labels"], current), by_party, codebook)
    doubts = doubts_of(open_doubts(tags, frames["labels"], annotations))
    names = label_authors(frames["labels"], annotations)
    labelled: dict[str, list[Labelled]] = {}
    for row in frames["sentences"][frames["sentences"]["sentence_id"].isin(tags["sentence_id"])].to_dict("records"):
        sentence_id = row["sentence_id"]
        label, tag = labels[sentence_id], tagged[sentence_id]
        by = made.get(label["annotation_id"])
        author = _author(by, str(names[sentence_id]))
        machine = author.kind == "tagger"
        labelled.setdefault(row["item_id"], []).append(
            Labelled(
                short(sentence_id),
                marked_parts(one_line(row["text"]), marks.get(sentence_id, []), label["dimensions"].split(";")),
                [key for key in label["dimensions"].split(";") if key], label["strength"],
                by["act"] if by else "", label["exclusion"], bool(label["contradicts"]), author.words, author.kind,
                right_text(tag["p_right"]) if machine else "", doubts[sentence_id], label["status"] == "conflict",
                _probabilities(tag, codebook), pasts.get(sentence_id, []),
            )
        )  # fmt: skip
    return labelled


class _Author(NamedTuple):
    """Who gave a label: the kind of annotator for the filters, and the words for a reader."""

    kind: str
    words: str


def _author(row: Row | None, names: str = "") -> _Author:
    """Return who gave the label of an annotation; `names` are all who gave the same."""
    if row is None:
        return _Author("nobody", "nobody")
    kind = _KINDS[row["kind"]]
    if kind == "tagger":
        return _Author(kind, "the tagger")
    if kind == "adjudicator" and not row["at"]:  # labels of people have a time
        return _Author("corpus", "the bundled corpus")
    return _Author(kind, f"{names or row['annotator']} ({f'{kind}s' if ' and ' in names else kind})")


def _counting(labels: pd.DataFrame, current: pd.DataFrame) -> set[str]:
    """Return the ids of the annotations that count; if an analyst's label counts, those of all who gave it do."""
    chosen = current["annotation_id"].isin(labels["annotation_id"]) & (current["kind"] == "analyst")
    alike = current["sentence_id"].isin(current.loc[chosen, "sentence_id"]) & (current["kind"] == "analyst")
    return {*labels["annotation_id"], *current.loc[alike, "annotation_id"]}


def _histories(
    annotations: pd.DataFrame, counting: set[str], by_party: set[str], codebook: Codebook
) -> dict[str, list[Past]]:
    """Return all annotations of the sentences that a person or a model labelled, earliest first."""
    others = annotations.loc[annotations["kind"] != "classifier", "sentence_id"]
    rows = annotations[annotations["sentence_id"].isin(others)].sort_values("at", kind="stable")
    names = codebook.labels
    pasts: dict[str, list[Past]] = {}
    for row in rows.to_dict("records"):
        how = [] if row["occasion"] == "label" else [value_word("occasion", row["occasion"]).name.lower()]
        how += ["blind"] if row["blind"] else []
        how += ["decided by a party to the disagreement"] if row["annotation_id"] in by_party else []
        pasts.setdefault(row["sentence_id"], []).append(
            Past(
                _author(row).words, row["at"][:16].replace("T", " "), label_text(row, names), row["note"],
                ", ".join(how), row["annotation_id"] in counting,
            )
        )  # fmt: skip
    return pasts


def label_text(row: Row, names: Mapping[str, str]) -> str:
    """Return a label in words."""
    dimensions = " and ".join(names.get(key, key) for key in row["dimensions"].split(";") if key)
    act = names.get(row["act"], row["act"]).lower()
    parts = [dimensions or "no dimension", row["strength"] if dimensions else "", act]
    parts += [names.get(row["exclusion"], row["exclusion"]), "contradicts the commitment" if row["contradicts"] else ""]
    return ", ".join(filter(None, parts))


def _probabilities(tag: Row, codebook: Codebook) -> str:
    """Return the probabilities of a tag as text; those below 1% are left out."""
    names = codebook.labels | {"strong": "strong, if there is a dimension", "excluded": "excluded"}
    shares = {str(name)[2:]: value for name, value in tag.items() if str(name).startswith("p_") and name != "p_right"}
    return ", ".join(f"{names.get(key, key)} {percent(share)}" for key, share in shares.items() if share >= _SHOWN)


def _findings_by_item(frames: Frames, items: pd.DataFrame) -> dict[str, list[Found]]:
    """Return the findings whose proof has the item, one of its sentences, or one of its notes, by check."""
    of: dict[str, list[str]] = {item: [item] for item in items["item_id"]}
    for row in frames["sentences"].to_dict("records"):
        of[row["sentence_id"]] = [row["item_id"]]
    names = named_notes(frames["citations"])
    notes = dict(zip(zip(names["document_id"], names["note"].astype("int64"), strict=True), names["name"], strict=True))
    for row in items.to_dict("records"):
        for number in filter(None, row["citations"].split(";")):
            name = notes.get((row["document_id"], int(number)))
            if name is not None:
                of.setdefault(name, []).append(row["item_id"])
    found: dict[str, dict[str, list[str]]] = {}
    for finding in frames["findings"].to_dict("records"):
        touched = (item for proof in finding["proof"].split(";") for item in of.get(proof, []))
        for item in dict.fromkeys(touched):
            found.setdefault(item, {}).setdefault(finding["check"], []).append(finding["finding_id"])
    return {
        item: [Found(check, ids[0], len(ids)) for check, ids in by_check.items()] for item, by_check in found.items()
    }


def _changes(effects: pd.DataFrame, codebook: Codebook) -> list[str]:
    """Return what would change without the item's label in each dimension."""
    lines = []
    for dimension, rows in effects.groupby("dimension", sort=False):
        first = rows.iloc[0]
        label = codebook.labels[str(dimension)]
        start = f"Without its label {label}, {first['member']} would be {_level(first['level_without'])} in it"
        before, after = (dict(zip(rows["reading"], rows[name], strict=True)) for name in ("score", "score_without"))
        lines.append(f"{start}, and {_scores(before, after, codebook)}.")
    return lines


def _level(level: str) -> str:
    return "without action" if level == "none" else level


def _scores(before: Mapping[str, Any], after: Mapping[str, Any], codebook: Codebook) -> str:
    """Return how the score changes under each reading."""
    headings = reading_headings(codebook, before="")
    changed: dict[str, list[str]] = {}
    for name in before:
        if score_text(before[name]) != score_text(after[name]):
            change = f"the suggested score {score_text(after[name])} instead of {score_text(before[name])}"
            changed.setdefault(change, []).append(headings[name].strip())
    if not changed:
        return "the score would stay the same"
    return " and ".join(
        change if len(names) == len(before) else f"{change} {', '.join(names)}" for change, names in changed.items()
    )


def _single_flips(flips: pd.DataFrame, codebook: Codebook) -> dict[str, list[str]]:
    """Return a line for each item whose label alone can change a score."""
    lines: dict[str, list[str]] = {}
    single = flips[flips["size"].eq(1).fillna(value=False)]
    for row in single.drop_duplicates(["member", "candidate_ids"]).to_dict("records"):
        for item in row["candidate_ids"].split(";"):
            line = f"Another label of this item alone can change the suggested score of {row['member']}"
            if item == row["item_ids"]:
                change = re.sub(r"\b[a-z][a-z0-9_-]*\b", lambda key: codebook.labels.get(key[0], key[0]), row["change"])
                line += f": {change}, score {score_text(row['to_score'])} (probability {percent(row['chance'])})"
            lines.setdefault(item, []).append(f"{line}.")
    return lines
