"""Choose, by a named policy, the one annotation of each sentence that scoring uses."""

from typing import Any, NamedTuple

import pandas as pd

from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, LABELS, SENTENCES, build, validate
from g7tag.store import text_sha256

POLICY = "people-then-classifier"
"""An adjudicator's label, else the analysts' where they are of one mind, else the classifier's."""
_LABEL = ["dimensions", "strength", "exclusion", "contradicts"]


class _Choice(NamedTuple):
    annotation_id: str
    status: str


def choose_labels(annotations: pd.DataFrame, sentences: pd.DataFrame, *, policy: str = POLICY) -> pd.DataFrame:
    """Return the labels frame: one row a sentence, in the order of the sentences.

    Parameters
    ----------
    annotations
        The annotations frame. Superseded rows do not count, nor stale ones (made on another text of the sentence), nor
        an LLM's.
    sentences
        The sentences frame.
    policy
        Name of the policy; `people-then-classifier` is the only one so far.

    Returns
    -------
    pandas.DataFrame
        The labels frame. Where analysts disagree the classifier's label stands with status `conflict`; a sentence that
        nobody labelled has no dimension and status `unlabelled`. No sentences give no rows.

    Raises
    ------
    InputError
        The policy is unknown.
    """
    if policy != POLICY:
        msg = f"policy {policy!r} is unknown, expected {POLICY!r}."
        raise InputError(msg)
    validate(annotations, ANNOTATIONS, source="annotations")
    validate(sentences, SENTENCES, source="sentences")
    current = _current(annotations, sentences)
    choices = {str(sentence_id): _choose(group) for sentence_id, group in current.groupby("sentence_id", sort=False)}
    by_id: dict[Any, dict[Any, Any]] = current.set_index("annotation_id")[_LABEL].to_dict("index")
    nothing: dict[str, Any] = {"dimensions": "", "strength": "none", "exclusion": "", "contradicts": False}
    rows = []
    for sentence_id in sentences["sentence_id"]:
        choice = choices.get(sentence_id, _Choice("", "unlabelled"))
        label = by_id.get(choice.annotation_id, nothing)
        rows.append(
            {
                "sentence_id": sentence_id,
                **label,
                "annotation_id": choice.annotation_id,
                "policy": policy,
                "status": choice.status,
            }
        )
    return build(LABELS, rows)


def _current(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Annotations that no later one replaces and that were made on the sentence's text as it is."""
    texts = pd.Series(sentences["text"].map(text_sha256).to_numpy(), index=sentences["sentence_id"])
    fresh = annotations["text_sha256"] == annotations["sentence_id"].map(texts)
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    return annotations[fresh & ~superseded]


def _choose(group: pd.DataFrame) -> _Choice:
    """The annotation that counts for one sentence: the last of its kind, where several of one kind agree."""
    of_kind = {str(kind): rows for kind, rows in group.groupby("kind")}
    if "adjudicator" in of_kind:
        return _Choice(str(of_kind["adjudicator"]["annotation_id"].iloc[-1]), "ok")
    analysts, classifier = of_kind.get("analyst"), of_kind.get("classifier")
    if analysts is not None and len(analysts[_LABEL].drop_duplicates()) == 1:
        return _Choice(str(analysts["annotation_id"].iloc[-1]), "ok")
    status = "ok" if analysts is None else "conflict"
    if classifier is None:
        return _Choice("", "unlabelled" if analysts is None else "conflict")
    return _Choice(str(classifier["annotation_id"].iloc[-1]), status)
