"""Receipts: files with everything needed to recompute a member's suggested score."""

import hashlib
import json
from datetime import date
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from g7tag.codebook import Codebook, Reading
from g7tag.errors import InputError
from g7tag.frames import Frames
from g7tag.scoring.rules import apply_reading, reached_level, score_if_contradicted
from g7tag.store import package_version, text_sha256

FORMAT = 1


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(_Part):
    """A sentence: the hash of its text, its label and its annotator."""

    sentence_id: str
    text_sha256: str
    dimensions: list[str]
    strength: str
    exclusion: str
    contradicts: bool
    annotation_id: str
    annotator: str
    kind: str
    status: str


class Item(_Part):
    """An item: its date (None if unread), whether it counts, and its sentences."""

    item_id: str
    date: date | None
    counted: bool
    sentences: list[Sentence]


class Cell(_Part):
    """The counts and level of the counted items in a dimension."""

    n_strong: int
    n_weak: int
    level: str
    items: list[str]


class Score(_Part):
    """A score under a reading and the rule that gave it."""

    reading: str
    suggested_score: int | None
    rule: str
    score_all_dates: int | None
    score_if_contradicted: int | None


class Rules(_Part):
    """The part of the codebook that determines scores."""

    period_start: date
    period_end: date
    min_strong_items: int
    dimensions: list[str]
    readings: list[Reading]

    def count(self, day: date | None) -> bool:
        """Return whether an item of this day counts: it is in the period or unread."""
        return day is None or self.period_start <= day <= self.period_end


class Receipt(_Part):
    """A member's suggested score with everything needed to recompute it."""

    format: int
    commitment_id: str
    member: str
    code: str
    published_score: int | None
    g7tag: str
    codebook: dict[str, str]
    documents: list[dict[str, str]]
    policy: str
    rules: Rules
    items: list[Item]
    matrix: dict[str, Cell]
    scores: list[Score]
    sha256: str = ""

    def signed_off(self) -> "Receipt":
        """Return the receipt with the hash of the rest of its content."""
        content = self.model_copy(update={"sha256": ""}).model_dump_json()
        return self.model_copy(update={"sha256": hashlib.sha256(content.encode("utf-8")).hexdigest()})

    @property
    def evidence_sha256(self) -> str:
        """Hash of the items, labels and rules that determine the score. It does not depend on the annotators."""
        who = {"annotation_id", "annotator", "kind"}
        without = {"items": {"__all__": {"sentences": {"__all__": who}}}}
        content = self.model_copy().model_dump_json(include={"rules", "items"}, exclude=without)
        return hashlib.sha256(content.encode("utf-8")).hexdigest()

    @property
    def file_name(self) -> str:
        """The name of its file in a run directory."""
        return f"receipts/{self.commitment_id}-{self.code}.json"

    @property
    def content(self) -> bytes:
        """Content of the file. Equal receipts give identical bytes."""
        return f"{self.model_dump_json(indent=1)}\n".encode()


def read_receipt(content: bytes, *, name: str) -> Receipt:
    """Read a receipt from the content of its file."""
    try:
        found = Receipt.model_validate(json.loads(content.decode("utf-8")))
    except (ValueError, RecursionError, ValidationError) as error:
        cause = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        place = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "file"
        msg = f"{name}: not a receipt ({place}: {cause[:120]}). Expected one that `g7tag score DIR` wrote in receipts/."
        raise InputError(msg) from error
    if found.format != FORMAT:
        msg = f"{name}: a receipt of format {found.format}, expected {FORMAT}. Write it again: `g7tag score DIR`."
        raise InputError(msg)
    return found


def receipt_differences(receipt: Receipt, now: Receipt | None = None) -> list[str]:
    """Return how a receipt differs from a recomputation from its labels and rules, and from the current run."""
    lines = []
    if receipt.signed_off().sha256 != receipt.sha256:
        lines.append("sha256: the receipt was changed after it was written")
    lines += _compared(_plain(receipt), _plain(_recomputed(receipt)), "recomputed")
    lines += _compared(_plain(receipt), _plain(now), "the run") if now is not None else []
    return list(dict.fromkeys(lines))


def _recomputed(receipt: Receipt) -> Receipt:
    """The receipt with counted items, matrix and scores recomputed from its labels and rules."""
    rules = receipt.rules
    items = [item.model_copy(update={"counted": rules.count(item.date)}) for item in receipt.items]
    counted = [item for item in items if item.counted]
    contrary = any(sentence.contradicts for item in counted for sentence in item.sentences)
    matrix = _cells(counted, rules)
    levels, every = ({key: cell.level for key, cell in cells.items()} for cells in (matrix, _cells(items, rules)))
    scores = []
    for reading in rules.readings:
        verdict = apply_reading(levels, reading)
        scores.append(
            Score(
                reading=reading.name, suggested_score=verdict.score, rule=verdict.rule,
                score_all_dates=apply_reading(every, reading).score,
                score_if_contradicted=score_if_contradicted(verdict, reading, contradicted=contrary),
            )
        )  # fmt: skip
    return receipt.model_copy(update={"items": items, "matrix": matrix, "scores": scores})


def _cells(items: list[Item], rules: Rules) -> dict[str, Cell]:
    cells = {}
    for key in rules.dimensions:
        strengths = {
            item.item_id: [each.strength for each in item.sentences if key in each.dimensions] for item in items
        }
        labelled = [item_id for item_id, given in strengths.items() if given]
        n_strong = sum("strong" in given for given in strengths.values())
        n_weak = len(labelled) - n_strong
        level = reached_level(n_strong, n_weak, min_strong_items=rules.min_strong_items)
        cells[key] = Cell(n_strong=n_strong, n_weak=n_weak, level=level, items=labelled)
    return cells


def _plain(receipt: Receipt) -> dict[str, Any]:
    """Nested dictionaries keyed by name, so that each difference has a place."""
    plain = receipt.model_dump(mode="json", exclude={"sha256"})
    for item in plain["items"]:
        item["sentences"] = {sentence.pop("sentence_id"): sentence for sentence in item["sentences"]}
    plain["items"] = {item.pop("item_id"): item for item in plain["items"]}
    plain["scores"] = {score.pop("reading"): score for score in plain["scores"]}
    return plain


def _compared(one: Any, other: Any, where: str, place: str = "") -> list[str]:
    """Differences between two values, each with its place."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in dict.fromkeys([*one, *other])
            for line in _compared(one.get(key, "nothing"), other.get(key, "nothing"), where, f"{place}{key}.")
        ]
    if one == other:
        return []
    texts = [json.dumps(value, ensure_ascii=False) for value in (one, other)]
    shown = [text if len(text) <= 100 else f"{text[:97]}..." for text in texts]
    return [f"{place.rstrip('.')}: the receipt says {shown[0]}, {where} gives {shown[1]}"]


def make_receipts(frames: Frames, codebook: Codebook) -> list[Receipt]:
    """Return the receipt of each member."""
    commitment = codebook.commitment
    rules = Rules(
        period_start=commitment.period_start, period_end=commitment.period_end,
        min_strong_items=codebook.min_strong_items, dimensions=codebook.dimension_keys, readings=codebook.readings,
    )  # fmt: skip
    documents = frames["documents"][["name", "sha256"]].to_dict("records")
    sentences = _sentences(frames)
    made = []
    for member in frames["members"][frames["members"]["commitment_id"] == commitment.id].to_dict("records"):
        items, cells, scores = (
            frames[name][frames[name]["member"] == member["member"]].to_dict("records")
            for name in ("items", "evidence_matrix", "scores")
        )
        days = [None if pd.isna(item["date"]) else item["date"].date() for item in items]
        published = member["published_score"]
        made.append(
            Receipt(
                format=FORMAT, commitment_id=commitment.id, member=member["member"], code=member["code"],
                published_score=None if pd.isna(published) else published, g7tag=package_version(),
                codebook={"id": codebook.id, "version": codebook.version, "sha256": codebook.sha256},
                documents=documents, policy="".join(frames["labels"]["policy"].head(1)), rules=rules,
                items=[
                    Item(item_id=name, date=day, counted=rules.count(day), sentences=sentences[name])
                    for name, day in zip([item["item_id"] for item in items], days, strict=True)
                    if name in sentences
                ],
                matrix={
                    cell["dimension"]: Cell(
                        n_strong=cell["n_strong"], n_weak=cell["n_weak"], level=cell["level"],
                        items=list(filter(None, cell["item_ids"].split(";"))),
                    )
                    for cell in cells
                },
                scores=[
                    Score(**{key: None if pd.isna(score[key]) else score[key] for key in Score.model_fields})
                    for score in scores
                ],
            ).signed_off()
        )  # fmt: skip
    return made


def _sentences(frames: Frames) -> dict[str, list[Sentence]]:
    """The labelled sentences of each item."""
    annotators = frames["annotations"][["annotation_id", "annotator", "kind"]]
    rows = frames["sentences"][["sentence_id", "item_id", "text"]].merge(frames["labels"], on="sentence_id")
    rows = rows.merge(annotators, on="annotation_id", how="left").fillna({"annotator": "", "kind": ""})
    found: dict[str, list[Sentence]] = {}
    for row in rows.to_dict("records"):
        given = {key: row[key] for key in Sentence.model_fields if key in row}
        given |= {"text_sha256": text_sha256(row["text"])}
        given |= {"dimensions": list(filter(None, row["dimensions"].split(";")))}
        found.setdefault(row["item_id"], []).append(Sentence(**given))
    return found
