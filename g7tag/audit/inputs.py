"""Check that the frames match each other and that no part of the report is missing."""

from collections.abc import Iterator, Mapping

import pandas as pd

from g7tag.audit.findings import HIGH, LOW, MEDIUM, Row, finding, member_id, named
from g7tag.codebook import Codebook
from g7tag.labels import disputed_sentences
from g7tag.store import text_sha256
from g7tag.text import counted


def input_findings(frames: Mapping[str, pd.DataFrame], codebook: Codebook) -> list[Row]:
    """Return findings of labels and annotations that match no sentence, and of missing parts of the report."""
    return [
        *_unmatched(frames["labels"], frames["annotations"], frames["sentences"]),
        *_unknown_labels(frames["labels"], codebook),
        *_disputed(frames),
        *_missing(frames, codebook),
    ]


def known_labels(labels: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the labels of known sentences, without dimensions that are not in the codebook."""
    keys = set(codebook.dimension_keys)
    kept = labels["dimensions"].map(lambda given: ";".join(key for key in given.split(";") if key in keys))
    return labels.assign(dimensions=kept)[labels["sentence_id"].isin(sentences["sentence_id"])].reset_index(drop=True)


def _unmatched(labels: pd.DataFrame, annotations: pd.DataFrame, sentences: pd.DataFrame) -> Iterator[Row]:
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    lost = labels.loc[~labels["sentence_id"].isin(list(texts)), "sentence_id"].tolist()
    known = annotations["sentence_id"].isin(list(texts))
    other_text = known & (annotations["sentence_id"].map(texts) != annotations["text_sha256"])
    gone, stale = (annotations.loc[rows, "annotation_id"].tolist() for rows in (~known, other_text))
    skipped = (
        ("unknown_sentence", HIGH, "label", lost, "for sentences that do not exist"),
        ("unknown_sentence", MEDIUM, "annotation", gone, "for sentences that do not exist"),
        ("stale_annotation", MEDIUM, "annotation", stale, "made on a different text of the sentence"),
    )
    for check, severity, noun, ids, why in skipped:
        if ids:
            message = f"skipped {counted(len(ids), noun)} {why}: {named(ids)}."
            yield finding(check, severity, f"{noun}s", message, proof=ids)


def _disputed(frames: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    """Sentences that analysts label differently; severe if the label of their item alone decides a score."""
    disputed = disputed_sentences(frames["annotations"], frames["sentences"])
    rows = disputed.merge(frames["sentences"][["sentence_id", "item_id", "member"]], on="sentence_id")
    single = frames["flips"][frames["flips"]["size"].eq(1).fillna(value=False)]
    deciding = {item for ids in single["candidate_ids"] for item in ids.split(";")}
    for row in rows.to_dict("records"):
        message = (
            f"analysts disagree on its label ({row['said']}). Until they agree or an adjudicator decides, the "
            "tagger's label counts."
        )
        severity = HIGH if row["item_id"] in deciding else MEDIUM
        yield finding("analysts_disagree", severity, row["sentence_id"], message, member=row["member"])


def _unknown_labels(labels: pd.DataFrame, codebook: Codebook) -> Iterator[Row]:
    keys = set(codebook.dimension_keys)
    unknown = labels["dimensions"].map(lambda given: [key for key in given.split(";") if key and key not in keys])
    ids = labels.loc[unknown.str.len() > 0, "sentence_id"].tolist()
    if ids:
        names = ", ".join(sorted({key for keys in unknown for key in keys}))
        message = f"skipped dimensions outside the codebook ({names}) in {counted(len(ids), 'label')}: {named(ids)}."
        yield finding("unknown_label", HIGH, "labels", message, proof=ids)


def _missing(frames: Mapping[str, pd.DataFrame], codebook: Codebook) -> Iterator[Row]:
    if frames["citations"].empty:
        message = "the report has no notes, so no sources were checked."
        yield finding("no_citations", MEDIUM, codebook.commitment.id, message)
    members, *others = (
        frames[name][frames[name]["commitment_id"] == codebook.commitment.id]
        for name in ("members", "items", "conclusions", "claims")
    )
    with_items, *concluded = (set(frame["member"]) for frame in others)
    for member in members.to_dict("records"):
        name = member["member"]
        if name not in with_items:
            message = "has no items, so it gets the score for no action."
            yield finding("no_items", HIGH, member_id(member), message, member=name)
        if not any(name in each for each in concluded):
            message = "has no conclusion, so no claims were compared with its evidence."
            yield finding("no_conclusion", LOW, member_id(member), message, member=name)
