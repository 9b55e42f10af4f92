"""The labels of two runs side by side, and how far they agree."""

from collections.abc import Sequence

import pandas as pd

from g7tag.audit.comparison.matching import CHANGED, ONLY_FIRST, ONLY_SECOND
from g7tag.codebook import Codebook
from g7tag.frames import Frames, label_words
from g7tag.labels import agreement_by_part, label_authors

UNLABELLED = "unlabelled"
PARTS = ("dimensions", "strength", "act", "exclusion", "contradicts", "status")
"""Parts of a label that can differ, in the order in which they are named."""
LABELS = [
    "sentence_id", "second_id", "item_id", "member", "match", "text", "second_text", "first_label", "second_label",
    "first_by", "second_by", "first_status", "second_status", "differs",
]  # fmt: skip


def differently_labelled(labels: pd.DataFrame) -> pd.Series:
    """Return which matched sentences have different labels; a difference in the status alone is none."""
    missing = (labels["first_status"] == UNLABELLED) | (labels["second_status"] == UNLABELLED)
    return (labels["differs"] != "") & ((labels["differs"] != "status") | missing)


def compare_labels(
    first: Frames, second: Frames, pairs: pd.DataFrame, *, codebooks: tuple[Codebook, Codebook]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the labels of matched sentences (columns `LABELS`), and agreement by part of the label."""
    book, others = codebooks
    dimensions = [key for key in book.dimension_keys if key in others.dimension_keys]
    exclusions = [key for key in book.exclusion_keys if key in others.exclusion_keys]
    both = pairs[~pairs["match"].isin([ONLY_FIRST, ONLY_SECOND])].reset_index(drop=True)
    one, other = (
        _labels_of(run, both[key], dimensions, exclusions) for run, key in ((first, "first_id"), (second, "second_id"))
    )
    missing = (one["status"] == UNLABELLED) | (other["status"] == UNLABELLED)
    changed = both["match"] == CHANGED
    differ = pd.DataFrame({part: (one[part] != other[part]) & (~missing | (part == "status")) for part in PARTS})
    differ["act"] &= (one["act"] != "") & (other["act"] != "")
    differs = pd.Series([";".join(differ.columns[row]) for row in differ.to_numpy()], dtype="str")
    words = [side["words"].mask(differ["act"], side["words_with_act"]) for side in (one, other)]
    labels = pd.DataFrame(
        {
            "sentence_id": one["sentence_id"], "second_id": other["sentence_id"], "item_id": one["item_id"],
            "member": one["member"], "match": both["match"], "text": one["text"],
            "second_text": other["text"].where(changed, ""), "first_label": words[0], "second_label": words[1],
            "first_by": one["by"], "second_by": other["by"],
            "first_status": one["status"], "second_status": other["status"], "differs": differs,
        },
        columns=LABELS,
    )  # fmt: skip
    coded = ~changed & ~missing
    named = [
        side[coded].assign(
            annotator=name, sentence_id=one.loc[coded, "sentence_id"]
        )  # the units are those of the first run
        for name, side in (("first", one), ("second", other))
    ]
    items = one.set_index("sentence_id")["item_id"]
    rows = pd.concat(named, ignore_index=True)
    return labels, agreement_by_part(rows, items, dimensions=dimensions, exclusions=exclusions)


def _labels_of(run: Frames, ids: pd.Series, dimensions: Sequence[str], exclusions: Sequence[str]) -> pd.DataFrame:
    """The labels of some sentences in order: as they are in words, and with the given keys only."""
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
        act=rows["annotation_id"].map(acts).fillna("").astype("str"),
        by=rows["sentence_id"].map(authors).fillna("").astype("str"),
        **{name: rows[name].fillna("").astype("str") for name in ("dimensions", "exclusion")},
    )  # fmt: skip
    words = label_words(rows).mask(rows["status"] == UNLABELLED, UNLABELLED)
    with_act = label_words(rows.drop(columns="act")) + ", " + rows["act"].str.replace("_", " ")
    given = rows["dimensions"].str.split(";")
    shared = given.map(lambda keys: ";".join(key for key in dimensions if key in keys)).astype("str")
    return rows.assign(
        words=words, words_with_act=with_act, dimensions=shared, strength=rows["strength"].mask(shared == "", "none"),
        exclusion=rows["exclusion"].where(rows["exclusion"].isin(exclusions), ""),
    )  # fmt: skip
