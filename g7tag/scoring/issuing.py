"""Issue the receipts of a run: each member's labels, rules and scores, as they are."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.scoring.receipts import FORMAT, Cell, Item, Receipt, Rules, Score, Sentence
from g7tag.store import package_version, text_sha256

Frames = Mapping[str, pd.DataFrame]


def make_receipts(frames: Frames, codebook: Codebook) -> list[Receipt]:
    """Return the receipt of each member.

    Parameters
    ----------
    frames
        documents, members, items, sentences, annotations, labels, evidence_matrix and scores of one run.
    codebook
        What the run was scored with. No members give no receipts.
    """
    commitment = codebook.commitment
    rules = Rules(
        period_start=commitment.period_start, period_end=commitment.period_end,
        min_strong_items=codebook.min_strong_items, dimensions=codebook.dimension_keys, readings=codebook.readings,
    )  # fmt: skip
    documents = frames["documents"][["name", "sha256"]].to_dict("records")
    items = _items(frames, rules)
    made = []
    for member in frames["members"][frames["members"]["commitment_id"] == commitment.id].to_dict("records"):
        published = member["published_score"]
        made.append(
            Receipt(
                format=FORMAT, commitment_id=commitment.id, member=member["member"], code=member["code"],
                published_score=None if pd.isna(published) else published, g7tag=package_version(),
                codebook={"id": codebook.id, "version": codebook.version, "sha256": codebook.sha256},
                documents=documents, policy="".join(frames["labels"]["policy"].head(1)), rules=rules,
                items=items.get(str(member["member"]), []),
                matrix=_matrix(frames, member), scores=_scores(frames, member),
            ).signed_off()
        )  # fmt: skip
    return made


def _items(frames: Frames, rules: Rules) -> dict[str, list[Item]]:
    """Items with their labelled sentences, by member."""
    annotators = frames["annotations"][["annotation_id", "annotator", "kind"]]
    sentences = frames["sentences"][["sentence_id", "item_id", "text"]].merge(frames["labels"], on="sentence_id")
    sentences = sentences.merge(annotators, on="annotation_id", how="left").fillna({"annotator": "", "kind": ""})
    by_item: dict[str, list[Sentence]] = {}
    for row in sentences.to_dict("records"):
        given = {str(key): row[key] for key in Sentence.model_fields if key in row}
        given |= {"text_sha256": text_sha256(row["text"]), "dimensions": row["dimensions"].split(";")}
        given["dimensions"] = [key for key in given["dimensions"] if key]
        by_item.setdefault(row["item_id"], []).append(Sentence(**given))
    found: dict[str, list[Item]] = {}
    for item in frames["items"].to_dict("records"):
        if item["item_id"] in by_item:
            day = None if pd.isna(item["date"]) else item["date"].date()
            counted = day is None or rules.period_start <= day <= rules.period_end
            its = Item(item_id=item["item_id"], date=day, counted=counted, sentences=by_item[item["item_id"]])
            found.setdefault(item["member"], []).append(its)
    return found


def _matrix(frames: Frames, member: Mapping[Any, Any]) -> dict[str, Cell]:
    cells = frames["evidence_matrix"][frames["evidence_matrix"]["member"] == member["member"]]
    return {
        row["dimension"]: Cell(
            n_strong=row["n_strong"], n_weak=row["n_weak"], level=row["level"],
            items=[item for item in row["item_ids"].split(";") if item],
        )
        for row in cells.to_dict("records")
    }  # fmt: skip


def _scores(frames: Frames, member: Mapping[Any, Any]) -> list[Score]:
    rows = frames["scores"][frames["scores"]["member"] == member["member"]][list(Score.model_fields)]
    return [
        Score(**{str(key): None if pd.isna(value) else value for key, value in row.items()})
        for row in rows.to_dict("records")
    ]
