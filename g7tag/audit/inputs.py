"""Check that the frames belong together, and say what there is nothing of."""

from collections.abc import Iterator, Mapping

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, counted, finding, named
from g7tag.codebook import Codebook
from g7tag.labels import disputed_sentences
from g7tag.store import text_sha256


def input_findings(frames: Mapping[str, pd.DataFrame], codebook: Codebook) -> list[Row]:
    """Return labels and annotations that belong to nothing, and parts of the report that are missing."""
    own = {
        name: frames[name][frames[name]["commitment_id"] == codebook.commitment.id]
        for name in ("members", "items", "conclusions", "claims")
    }
    return [
        *_strangers(frames["labels"], frames["annotations"], frames["sentences"]),
        *_unknown_labels(frames["labels"], codebook),
        *_disputed(frames),
        *_missing(own, frames["citations"], codebook),
    ]


def known_labels(labels: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the labels of sentences that exist, without dimensions that the codebook lacks."""
    keys = set(codebook.dimension_keys)
    kept = labels["dimensions"].map(lambda its: ";".join(key for key in its.split(";") if key in keys))
    return labels.assign(dimensions=kept)[labels["sentence_id"].isin(sentences["sentence_id"])].reset_index(drop=True)


def _strangers(labels: pd.DataFrame, annotations: pd.DataFrame, sentences: pd.DataFrame) -> Iterator[Row]:
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    lost = labels.loc[~labels["sentence_id"].isin(list(texts)), "sentence_id"].tolist()
    if lost:
        told = f"{counted(len(lost), 'label')} of sentences that do not exist, left out: {named(lost)}."
        yield finding("unknown_sentence", HIGH, "labels", told, proof=lost)
    gone = annotations.loc[~annotations["sentence_id"].isin(list(texts)), "annotation_id"].tolist()
    if gone:
        told = f"{counted(len(gone), 'annotation')} of sentences that do not exist, not counted: {named(gone)}."
        yield finding("unknown_sentence", MEDIUM, "annotations", told, proof=gone)
    known = annotations[annotations["sentence_id"].isin(list(texts))]
    stale = known.loc[known["sentence_id"].map(texts) != known["text_sha256"], "annotation_id"].tolist()
    if stale:
        told = (
            f"{counted(len(stale), 'annotation')} made on another text of their sentence, not counted: {named(stale)}."
        )
        yield finding("stale_annotation", MEDIUM, "annotations", told, proof=stale)


def _disputed(frames: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    """Sentences that analysts labelled in different ways; grave where the label of their item alone decides a score."""
    disputed = disputed_sentences(frames["annotations"], frames["sentences"])
    its = disputed.merge(frames["sentences"][["sentence_id", "item_id", "member"]], on="sentence_id")
    alone = frames["flips"][frames["flips"]["size"].eq(1).fillna(value=False)]
    deciding = {item for ids in alone["candidate_ids"] for item in ids.split(";")}
    for row in its.to_dict("records"):
        told = (
            f"analysts label it in different ways ({row['said']}); until they agree or an adjudicator decides, the "
            "classifier's label counts."
        )
        severity = HIGH if row["item_id"] in deciding else MEDIUM
        yield finding("analysts_disagree", severity, row["sentence_id"], told, member=row["member"])


def _unknown_labels(labels: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    keys = set(codebook.dimension_keys)
    unknown = labels["dimensions"].map(lambda its: [key for key in its.split(";") if key and key not in keys])
    its = labels.loc[unknown.str.len() > 0, "sentence_id"].tolist()
    if its:
        words = ", ".join(sorted({key for keys in unknown for key in keys}))
        told = f"{counted(len(its), 'label')} outside the codebook ({words}), not counted: {named(its)}."
        yield finding("unknown_label", HIGH, "labels", told, proof=its)


def _missing(own: Mapping[str, pd.DataFrame], citations: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    if citations.empty:
        yield finding("no_citations", MEDIUM, codebook.commitment.id, "the report has no notes; no source was checked.")
    with_items = set(own["items"]["member"])
    concluded = set(own["conclusions"]["member"]) | set(own["claims"]["member"])
    for member in own["members"].to_dict("records"):
        subject = f"{member['commitment_id']}/{member['code']}"
        if member["member"] not in with_items:
            told = "has no items, so the score is that of no action."
            yield finding("no_items", HIGH, subject, told, member=member["member"])
        if member["member"] not in concluded:
            told = "has no conclusion, so no claim was set beside its evidence."
            yield finding("no_conclusion", LOW, subject, told, member=member["member"])
