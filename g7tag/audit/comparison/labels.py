"""The labels of two runs side by side, and how far they agree."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from g7tag.audit.comparison.matching import CHANGED, ONLY_FIRST, ONLY_SECOND
from g7tag.codebook import Codebook
from g7tag.frames import label_words
from g7tag.labels import agreement_by_part, label_authors

UNLABELLED = "unlabelled"
PARTS = ("dimensions", "strength", "act", "exclusion", "contradicts", "status")
"""Parts of a label that can differ, in the order in which they are named."""
LABELS = [
    "sentence_id", "second_id", "item_id", "member", "match", "text", "second_text", "first_label", "second_label",
    "first_by", "second_by", "first_status", "second_status", "differs",
]  # fmt: skip


class Shared(NamedTuple):
    """Keys that both codebooks have, in the order of the first."""

    dimensions: list[str]
    exclusions: list[str]


def shared_keys(first: Codebook, second: Codebook) -> Shared:
    """Return the keys of dimensions and exclusions that both codebooks have."""
    return Shared(
        [key for key in first.dimension_keys if key in second.dimension_keys],
        [key for key in first.exclusion_keys if key in second.exclusion_keys],
    )


def differently_labelled(labels: pd.DataFrame) -> pd.Series:
    """Return which matched sentences have different labels; a difference in the status alone is none."""
    missing = (labels["first_status"] == UNLABELLED) | (labels["second_status"] == UNLABELLED)
    return (labels["differs"] != "") & ((labels["differs"] != "status") | missing)


class ComparedLabels(NamedTuple):
    """Labels of matched sentences (columns `LABELS`), and agreement by part of the label."""

    labels: pd.DataFrame
    agreement: pd.DataFrame


def compare_labels(
    first: Mapping[str, pd.DataFrame], second: Mapping[str, pd.DataFrame], pairs: pd.DataFrame, *, shared: Shared
) -> ComparedLabels:
    """Return the labels of the sentences that two runs share."""
    both = pairs[~pairs["match"].isin([ONLY_FIRST, ONLY_SECOND])]
    sides = [_labels_of(run, both[key], shared) for run, key in ((first, "first_id"), (second, "second_id"))]
    one, other = sides
    differs = _differences(one, other)
    texts = {name: side["text"] for name, side in zip(("text", "second_text"), sides, strict=True)}
    changed = both["match"].reset_index(drop=True) == CHANGED
    labels = pd.DataFrame(
        {
            "sentence_id": one["sentence_id"], "second_id": other["sentence_id"], "item_id": one["item_id"],
            "member": one["member"], "match": both["match"].reset_index(drop=True), "text": texts["text"],
            "second_text": texts["second_text"].where(changed, ""),
            "first_label": _words(one, differs), "second_label": _words(other, differs),
            "first_by": one["by"], "second_by": other["by"],
            "first_status": one["status"], "second_status": other["status"], "differs": differs,
        },
        columns=LABELS,
    )  # fmt: skip
    coded = ~changed & (one["status"] != UNLABELLED) & (other["status"] != UNLABELLED)
    return ComparedLabels(labels, _agreement([side[coded] for side in sides], one, shared))


def _labels_of(run: Mapping[str, pd.DataFrame], ids: pd.Series, shared: Shared) -> pd.DataFrame:
    """Return the labels of some sentences in order: as they are in words, and with shared keys only."""
    annotations = run["annotations"]
    kinds = annotations["kind"].map({"classifier": "tagger ", "llm": "model "}).fillna("")
    authors = label_authors(run["labels"], annotations.assign(annotator=kinds + annotations["annotator"]))
    acts = dict(zip(annotations["annotation_id"], annotations["act"], strict=True))
    sentences = run["sentences"][["sentence_id", "item_id", "member", "text"]]
    known = sentences.merge(run["labels"], on="sentence_id", how="left", validate="one_to_one").set_index("sentence_id")
    rows = known.reindex(ids).reset_index(names="sentence_id")
    rows = rows.assign(
        status=rows["status"].fillna(UNLABELLED), contradicts=rows["contradicts"].eq(True),
        strength=rows["strength"].fillna("none"),
        **{name: rows[name].fillna("").astype("str") for name in ("dimensions", "exclusion", "annotation_id")},
    )  # fmt: skip
    rows = rows.assign(
        act=rows["annotation_id"].map(acts).fillna("").astype("str"),
        by=rows["sentence_id"].map(authors).fillna("").astype("str"),
    )
    words = label_words(rows).mask(rows["status"] == UNLABELLED, UNLABELLED)
    plain = label_words(rows.drop(columns="act"))
    dimensions = rows["dimensions"].map(lambda joined: _kept(joined, shared.dimensions)).astype("str")
    return rows.assign(
        words=words, words_with_act=plain + ", " + rows["act"].str.replace("_", " "),
        dimensions=dimensions, strength=rows["strength"].mask(dimensions == "", "none"),
        exclusion=rows["exclusion"].where(rows["exclusion"].isin(shared.exclusions), ""),
    )  # fmt: skip


def _words(rows: pd.DataFrame, differs: pd.Series) -> pd.Series:
    """Return labels in words, with the act if the acts differ."""
    return rows["words"].mask(
        differs.str.split(";").map(lambda parts: "act" in parts).astype("bool"), rows["words_with_act"]
    )


def _kept(joined: str, keys: Sequence[str]) -> str:
    given = joined.split(";")
    return ";".join(key for key in keys if key in given)


def _differences(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Return the parts in which two labels differ, separated by ";"."""
    missing = (one["status"] == UNLABELLED) | (other["status"] == UNLABELLED)
    parts = []
    for part in PARTS:
        differs = one[part] != other[part]
        if part == "act":
            differs &= (one[part] != "") & (other[part] != "")
        if part != "status":
            differs &= ~missing
        parts.append(differs.map({True: f"{part};", False: ""}).astype("str"))
    return sum(parts[1:], parts[0]).str.rstrip(";")


def _agreement(sides: Sequence[pd.DataFrame], one: pd.DataFrame, shared: Shared) -> pd.DataFrame:
    """Return the agreement of two runs' labels, with the sentences of the first run as units."""
    named = [
        side.assign(annotator=name, sentence_id=sides[0]["sentence_id"])
        for name, side in zip(("first", "second"), sides, strict=True)
    ]
    items = one.set_index("sentence_id")["item_id"]
    return agreement_by_part(
        pd.concat(named, ignore_index=True), items, dimensions=shared.dimensions, exclusions=shared.exclusions
    )
