"""Choose the annotation of each sentence that scoring uses, by a named policy."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, LABELS, SENTENCES, build, label_words, require_columns, validate
from g7tag.labels.annotations import COUNTED, parties, plain_name, standing, text_hashes
from g7tag.store import PEOPLE
from g7tag.text import enumerated, listed

POLICY = "people-then-classifier"
"""The adjudicator's label, then the analysts' unanimous label, then the classifier's label."""
ADJUDICATED = "adjudicated"
"""Only the adjudicator's label."""
AGREEMENT = "agreement"
"""As `POLICY`, but if a model's proposal differs from the classifier's label, the status is `conflict`."""
LLM_REVIEWED = "llm-reviewed"
"""As `POLICY`, but a model's proposal takes precedence over the classifier's label."""
COUNTING_MODELS = (AGREEMENT, LLM_REVIEWED)
"""Policies that count proposals of models that passed a trial."""
POLICIES = (POLICY, ADJUDICATED, *COUNTING_MODELS)
_PARTY = ", a party to the disagreement"


def require_policy(policy: str) -> None:
    """Raise an InputError if a policy is unknown."""
    if policy not in POLICIES:
        msg = f"policy {policy!r} is unknown, expected one of {listed(POLICIES)}."
        raise InputError(msg)


def choose_labels(
    annotations: pd.DataFrame, sentences: pd.DataFrame, *, policy: str = POLICY, trusted: Collection[str] = ()
) -> pd.DataFrame:
    """Return the labels frame, with one row per sentence in the order of the sentences.

    Parameters
    ----------
    annotations
        The annotations frame. Superseded and stale rows (made on a different text of the sentence) do not count.
    sentences
        The sentences frame.
    policy
        Name of the policy, one of `POLICIES`.
    trusted
        Names of the annotators (models) that a policy of `COUNTING_MODELS` counts. If there are several, the last
        annotation counts.

    Returns
    -------
    pandas.DataFrame
        The labels frame. If analysts disagree, or a model and the classifier disagree under `agreement`, the
        classifier's label counts with status `conflict`. If the model and the classifier agree, the status is `agreed`.
        A sentence without an annotation has no dimension and status `unlabelled`. No sentences give no rows.

    Raises
    ------
    InputError
        The policy is unknown.
    """
    require_policy(policy)
    validate(annotations, ANNOTATIONS, source="annotations")
    validate(sentences, SENTENCES, source="sentences")
    current = current_annotations(annotations, sentences)
    if policy == ADJUDICATED:
        current = current[current["kind"] == "adjudicator"]
    counted = set(trusted) if policy in COUNTING_MODELS else set()
    current = current[(current["kind"] != "llm") | current["annotator"].isin(counted)]
    last = {kind: rows.drop_duplicates("sentence_id", keep="last") for kind, rows in current.groupby("kind")}
    chosen = {kind: dict(zip(rows["sentence_id"], rows["annotation_id"], strict=True)) for kind, rows in last.items()}
    split = _disputed(current, "adjudicator")
    disputed = (_disputed(current) - set(chosen.get("adjudicator", {}))) | split
    labels_of = current.set_index("annotation_id")[COUNTED].to_dict("index")
    own_words = current[current["kind"] == "llm"].drop_duplicates(["sentence_id", "annotator"], keep="last")
    proposed = own_words.groupby("sentence_id")["annotation_id"].agg(list).to_dict()
    before = ("llm", "classifier") if policy == LLM_REVIEWED else ("classifier",)
    empty: dict[str, Any] = {"dimensions": "", "strength": "none", "exclusion": "", "contradicts": False}
    rows = []
    for sentence_id in sentences["sentence_id"]:
        name, status = _choose(sentence_id, chosen, before, disputed=sentence_id in disputed)
        if policy == AGREEMENT and status == "ok" and name == chosen.get("classifier", {}).get(sentence_id):
            status = _second_opinion(name, proposed.get(sentence_id, []), labels_of)
        label: dict[Any, Any] = labels_of.get(name, empty)
        rows.append({"sentence_id": sentence_id, **label, "annotation_id": name, "policy": policy, "status": status})
    return build(LABELS, rows)


def disputed_sentences(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences on which analysts disagree and nobody adjudicated, or on which adjudicators disagree."""
    current = current_annotations(annotations, sentences)
    decided = set(current.loc[current["kind"] == "adjudicator", "sentence_id"])
    split = _disputed(current, "adjudicator")
    by_analysts = (current["kind"] == "analyst") & current["sentence_id"].isin(_disputed(current) - decided)
    by_adjudicators = (current["kind"] == "adjudicator") & (current["at"] != "") & current["sentence_id"].isin(split)
    own = current[by_analysts | by_adjudicators]
    text = own["annotator"] + ": " + label_words(own)
    said = text.groupby(own["sentence_id"]).agg("; ".join)
    ids = [sentence_id for sentence_id in sentences["sentence_id"] if sentence_id in said.index]
    return pd.DataFrame({"sentence_id": ids, "said": said.reindex(ids).to_numpy()}, dtype="str")


def current_annotations(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return the annotations that count: made on the current text, not superseded, and not withdrawn."""
    return _current(annotations, text_hashes(sentences))


def party_decisions(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return the annotations that count in which an adjudicator decided as a party to the disagreement."""
    texts = text_hashes(sentences)
    current = _current(annotations, texts)
    return current[_by_party(current, annotations, texts)]


def _by_party(current: pd.DataFrame, annotations: pd.DataFrame, texts: pd.Series) -> pd.Series:
    """Whether an adjudicator, who is a person, is a party to the disagreement."""
    judged = (current["kind"] == "adjudicator") & (current["at"] != "")
    if judged.any():
        known = parties(annotations, texts)
        pairs = zip(current["sentence_id"], current["annotator"].map(plain_name), strict=True)
        judged &= pd.Series([pair in known for pair in pairs], index=current.index)
    return judged


def _current(annotations: pd.DataFrame, texts: pd.Series) -> pd.DataFrame:
    """Return the annotations that count, made on texts with these hashes by sentence_id."""
    rows = standing(annotations)
    fresh = rows["text_sha256"] == rows["sentence_id"].map(texts)
    current = rows[fresh & ~rows["annotation_id"].isin(rows["supersedes"])]
    earlier = current["kind"].isin(PEOPLE) & current.duplicated(["sentence_id", "annotator", "kind"], keep="last")
    return current[~earlier]


def label_kinds(labels: pd.DataFrame, annotations: pd.DataFrame) -> pd.Series:
    """Return the kind of annotator of each label that counts."""
    about = annotations.set_index("annotation_id")[["kind", "at"]].reindex(labels["annotation_id"])
    bundled = (about["kind"] == "adjudicator") & (about["at"] == "")
    return about["kind"].mask(bundled, "corpus").fillna("").set_axis(labels["sentence_id"])


def open_doubts(tags: pd.DataFrame, labels: pd.DataFrame, annotations: pd.DataFrame) -> pd.DataFrame:
    """Return tags without a doubt where a person's or a model's label counts, or a model agrees with the tagger."""
    kinds = label_kinds(labels, annotations)
    settled = ~kinds.isin(["classifier", ""]) | (labels["status"] == "agreed").to_numpy()
    closed = tags["sentence_id"].isin(kinds.index[settled])
    return tags.assign(
        needs_review=tags["needs_review"] & ~closed, review_reason=tags["review_reason"].mask(closed, "")
    )


def label_authors(labels: pd.DataFrame, annotations: pd.DataFrame) -> pd.Series:
    """Return who gave each label that counts: a tagger, a model, or people."""
    counted = labels[["sentence_id", "annotation_id"]].merge(
        annotations[["annotation_id", "annotator", "kind", "at", "text_sha256"]], on="annotation_id", how="left"
    )
    counted = counted.set_index("sentence_id")
    current = _current(annotations, counted["text_sha256"])
    people = current[current["kind"].isin(PEOPLE) & _by_person(current)]
    party = _by_party(people, annotations, counted["text_sha256"])
    people = people.assign(annotator=people["annotator"].mask(party, people["annotator"] + _PARTY))
    together = people.groupby(["sentence_id", "kind"])["annotator"].agg(lambda names: enumerated(sorted(set(names))))
    signed = counted["kind"].isin(PEOPLE) & _by_person(counted)
    names = [
        together.get((sentence_id, row["kind"]), row["annotator"]) if is_signed else row["annotator"]
        for sentence_id, row, is_signed in zip(counted.index, counted.to_dict("records"), signed, strict=True)
    ]
    return pd.Series(names, index=counted.index, dtype="str").fillna("")


def _by_person(annotations: pd.DataFrame) -> pd.Series:
    """Whether an annotation was made at a time; those of the bundled corpus, which is not a person, were not."""
    return (annotations["kind"] == "analyst") | (annotations["at"] != "")


def _disputed(current: pd.DataFrame, kind: str = "analyst") -> set[str]:
    """Sentences with different labels by people of a kind; the bundled corpus is not a person."""
    own = (current["kind"] == kind) & _by_person(current)
    given = current.loc[own, ["sentence_id", *COUNTED]].drop_duplicates()
    return set(given.loc[given["sentence_id"].duplicated(), "sentence_id"])


def _choose(
    sentence_id: str, chosen: Mapping[Any, dict[str, str]], before: Sequence[str], *, disputed: bool
) -> tuple[str, str]:
    """The annotation that counts for a sentence ("" if there is none) and the status of the label."""
    by = {kind: ids[sentence_id] for kind, ids in chosen.items() if sentence_id in ids}
    if disputed:
        return by.get("classifier", ""), "conflict"
    if "adjudicator" in by:
        return by["adjudicator"], "ok"
    if "analyst" in by:
        return by["analyst"], "ok"
    name = next((by[kind] for kind in before if kind in by), "")
    return name, "ok" if name else "unlabelled"


def _second_opinion(name: str, proposed: Sequence[str], labels_of: Mapping[Any, Mapping[Any, Any]]) -> str:
    """The status of a classifier's label given models' proposals: `conflict` if any differs."""
    if not proposed:
        return "ok"
    return "agreed" if all(labels_of[one] == labels_of[name] for one in proposed) else "conflict"


def label_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences whose label changed.

    Parameters
    ----------
    before, after
        Labels frames. Sentences in only one of them are skipped.

    Returns
    -------
    pandas.DataFrame
        Columns sentence_id, before and after (labels as text), in the order of `after`. No rows if no label changed.

    Examples
    --------
    >>> frame = pd.DataFrame({"sentence_id": ["s"], "strength": ["weak"], "exclusion": [""], "contradicts": [False]})
    >>> label_changes(frame.assign(dimensions="prevent"), frame.assign(dimensions="counter"))
      sentence_id        before         after
    0           s  weak prevent  weak counter
    """
    for frame in (before, after):
        require_columns(frame, ("sentence_id", "dimensions", "strength", "exclusion"), source="label_changes")
    texts = [frame[["sentence_id"]].assign(text=label_words(frame)) for frame in (before, after)]
    both = texts[1].merge(texts[0], on="sentence_id", suffixes=("", "_before"))
    changed = both[both["text"] != both["text_before"]].rename(columns={"text": "after", "text_before": "before"})
    return changed[["sentence_id", "before", "after"]].reset_index(drop=True)
