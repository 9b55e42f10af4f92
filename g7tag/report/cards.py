"""Items as cards: sentences with marked words, labels and whose they are, sources, findings, and what would change."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from g7tag.audit import day, score_text
from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.labels import current_annotations, label_authors, open_doubts, party_decisions, source_checks
from g7tag.report.cells import marked_parts, one_line, snippet, spans_of
from g7tag.report.evidence import MISSING, item_notes
from g7tag.report.tables import doubts_of, percent, reading_headings, right_text
from g7tag.scoring import in_period

Row = Mapping[Any, Any]
Card = dict[str, Any]
"""An item as `templates/_parts.html` shows it; its sentences, sources and findings are cards of their own."""
_UNREAD = "date_unread"  # shown in place of the date
_SHOWN = 0.01  # smallest probability of a label to show
_KINDS = {"classifier": "tagger", "llm": "model", "adjudicator": "adjudicator", "analyst": "analyst"}


def item_cards(frames: Frames, effects: pd.DataFrame, codebook: Codebook) -> list[Card]:
    """Return the items of the codebook's commitment as cards, in the order of the report."""
    own = frames["items"]["commitment_id"] == codebook.commitment.id
    items = frames["items"][own].assign(counted=in_period(frames["items"], codebook)[own].to_numpy())
    sentences, sources = _sentences(frames, codebook), item_notes(items, frames["citations"])
    checks = {
        short(each["sentence_id"]): each | {"name": short(each["sentence_id"])}
        for each in source_checks(frames["annotations"], frames["sentences"]).to_dict("records")
    }
    found, single = _findings_by_item(frames, items), _single_flips(frames["flips"], codebook)
    changing = {str(item): _changes(rows, codebook) for item, rows in effects.groupby("item_id", sort=False)}
    deciding = {*effects.loc[effects["changes"], "item_id"], *single}
    cards = []
    for row in items.to_dict("records"):
        item, its = row["item_id"], sentences.get(row["item_id"], [])
        status = [] if row["counted"] else ["outside the period, not counted"]
        if row["status"] not in ("ok", _UNREAD):
            status.append(value_word("status", row["status"], "items").name.lower())
        flags = {
            "doubtful": any(each["doubt"] for each in its), "disputed": any(each["disputed"] for each in its),
            "deciding": item in deciding, "finding": item in found, "counted": row["counted"],
            "outside": not row["counted"], row["status"]: row["status"] != "ok",
            "contradicts": any(each["contradicts"] for each in its),
        } | {f"by-{each['kind']}": True for each in its}  # fmt: skip
        # dimension, strength and act of each label, for the filters; a sentence without a dimension gives one
        tokens = {f"{key}:{each['strength']}:{each['act']}" for each in its for key in each["dimensions"] or [""]}
        words = " ".join("".join(part.words for part in each["parts"]) for each in its)
        cards.append(
            {
                "item_id": item, "name": short(item), "member": row["member"], "code": codebook.codes[row["member"]],
                "date": "" if pd.isna(row["date"]) else day(row["date"]), "status": "; ".join(status),
                "counted": row["counted"], "sentences": its, "sources": sources[item],
                "checks": [checks[each["name"]] for each in its if each["name"] in checks],
                "findings": found.get(item, []), "changes": [*changing.get(item, []), *single.get(item, [])],
                "flags": [name for name, is_set in flags.items() if is_set], "tokens": sorted(tokens),
                "snippet": snippet(words),
            }
        )  # fmt: skip
    return cards


def short(name: str) -> str:
    """Return an id without its commitment."""
    return name.rpartition("/")[2]


def _sentences(frames: Frames, codebook: Codebook) -> dict[str, list[Card]]:
    """Return the sentences of each item: their text in parts, and their label."""
    tags, annotations = frames["tags"], frames["annotations"]
    labels, tagged = (frames[name].set_index("sentence_id").to_dict("index") for name in ("labels", "tags"))
    made = annotations.set_index("annotation_id")[["annotator", "kind", "act", "at"]].to_dict("index")
    marks, histories = spans_of(frames["marks"]), _histories(frames, codebook)
    doubts = doubts_of(open_doubts(tags, frames["labels"], annotations))
    names = label_authors(frames["labels"], annotations)
    sentences: dict[str, list[Card]] = {}
    for row in frames["sentences"][frames["sentences"]["sentence_id"].isin(tags["sentence_id"])].to_dict("records"):
        sentence_id = row["sentence_id"]
        label, tag = labels[sentence_id], tagged[sentence_id]
        by, dimensions = made.get(label["annotation_id"]), label["dimensions"].split(";")
        kind, who = _author(by, str(names[sentence_id]))
        sentences.setdefault(row["item_id"], []).append(
            {
                "name": short(sentence_id),
                "parts": marked_parts(one_line(row["text"]), marks.get(sentence_id, []), dimensions),
                "dimensions": list(filter(None, dimensions)), "strength": label["strength"],
                "act": by["act"] if by else "", "exclusion": label["exclusion"], "contradicts": label["contradicts"],
                "who": who, "kind": kind, "p_right": right_text(tag["p_right"]) if kind == "tagger" else "",
                "doubt": doubts[sentence_id], "disputed": label["status"] == "conflict",
                "probabilities": _probabilities(tag, codebook), "history": histories.get(sentence_id, []),
            }
        )  # fmt: skip
    return sentences


def _author(row: Row | None, names: str = "") -> tuple[str, str]:
    """Return the kind of who gave a label, for the filters, and in words; `names` are all who gave the same."""
    if row is None:
        return "nobody", "nobody"
    kind = _KINDS[row["kind"]]
    if kind == "tagger":
        return kind, "the tagger"
    if kind == "adjudicator" and not row["at"]:  # labels of people have a time
        return "corpus", "the bundled corpus"
    return kind, f"{names or row['annotator']} ({f'{kind}s' if ' and ' in names else kind})"


def _histories(frames: Frames, codebook: Codebook) -> dict[str, list[Card]]:
    """Return all annotations of the sentences that a person or a model labelled, earliest first."""
    annotations = frames["annotations"]
    counting = _counting(frames["labels"], current_annotations(annotations, frames["sentences"]))
    by_party = set(party_decisions(annotations, frames["sentences"])["annotation_id"])
    others = annotations.loc[annotations["kind"] != "classifier", "sentence_id"]
    rows = annotations[annotations["sentence_id"].isin(others)].sort_values("at", kind="stable")
    histories: dict[str, list[Card]] = {}
    for row in rows.to_dict("records"):
        how = [] if row["occasion"] == "label" else [value_word("occasion", row["occasion"]).name.lower()]
        how += ["blind"] if row["blind"] else []
        how += ["decided by a party to the disagreement"] if row["annotation_id"] in by_party else []
        histories.setdefault(row["sentence_id"], []).append(
            {
                "who": _author(row)[1], "at": row["at"][:16].replace("T", " "),
                "label": _label_text(row, codebook.labels), "note": row["note"], "how": ", ".join(how),
                "counts": row["annotation_id"] in counting,
            }
        )  # fmt: skip
    return histories


def _counting(labels: pd.DataFrame, current: pd.DataFrame) -> set[str]:
    """Return the ids of the annotations that count; if an analyst's label counts, those of all who gave it do."""
    analysts = current[current["kind"] == "analyst"]
    chosen = analysts.loc[analysts["annotation_id"].isin(labels["annotation_id"]), "sentence_id"]
    return {*labels["annotation_id"], *analysts.loc[analysts["sentence_id"].isin(chosen), "annotation_id"]}


def _label_text(row: Row, names: Mapping[str, str]) -> str:
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


def _findings_by_item(frames: Frames, items: pd.DataFrame) -> dict[str, list[Card]]:
    """Return the findings whose proof has the item, one of its sentences, or one of its notes, by check."""
    of: dict[str, list[str]] = {item: [item] for item in items["item_id"]}
    of |= {row["sentence_id"]: [row["item_id"]] for row in frames["sentences"].to_dict("records")}
    for item, notes in item_notes(items, frames["citations"]).items():
        for note in notes:
            if note.status != MISSING:
                of.setdefault(note.name, []).append(item)
    found: dict[str, dict[str, list[str]]] = {}
    for finding in frames["findings"].to_dict("records"):
        touched = (item for proof in finding["proof"].split(";") for item in of.get(proof, []))
        for item in dict.fromkeys(touched):
            found.setdefault(item, {}).setdefault(finding["check"], []).append(finding["finding_id"])
    return {
        item: [{"check": check, "finding_id": ids[0], "n": len(ids)} for check, ids in by_check.items()]
        for item, by_check in found.items()
    }


def _changes(effects: pd.DataFrame, codebook: Codebook) -> list[str]:
    """Return what would change without the item's label in each dimension."""
    lines = []
    for dimension, rows in effects.groupby("dimension", sort=False):
        first, label = rows.iloc[0], codebook.labels[str(dimension)]
        level = "without action" if first["level_without"] == "none" else first["level_without"]
        start = f"Without its label {label}, {first['member']} would be {level} in it"
        lines.append(f"{start}, and {_score_changes(rows, codebook)}.")
    return lines


def _score_changes(rows: pd.DataFrame, codebook: Codebook) -> str:
    """Return how the score changes under each reading."""
    headings = reading_headings(codebook, before="")
    changed: dict[str, list[str]] = {}
    for reading, *scores in rows[["reading", "score", "score_without"]].itertuples(index=False, name=None):
        before, after = map(score_text, scores)
        if before != after:
            change = f"the suggested score {after} instead of {before}"
            changed.setdefault(change, []).append(headings[reading].strip())
    if not changed:
        return "the score would stay the same"
    return " and ".join(
        change if len(names) == len(rows) else f"{change} {', '.join(names)}" for change, names in changed.items()
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
