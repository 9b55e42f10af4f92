"""Choose, by a named policy, the one annotation of each sentence that scoring uses."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.errors import InputError, listed
from g7tag.frames import ANNOTATIONS, LABELS, SENTENCES, build, label_words, validate
from g7tag.store import text_sha256

POLICY = "people-then-classifier"
"""An adjudicator's label, else the analysts' where they are of one mind, else the classifier's."""
ADJUDICATED = "adjudicated"
"""An adjudicator's label, else none."""
AGREEMENT = "agreement"
"""As the first; where a model proposed another label than the classifier's, that stays and the sentence waits."""
LLM_REVIEWED = "llm-reviewed"
"""As the first, with a model's proposal before the classifier's label."""
COUNTING_MODELS = (AGREEMENT, LLM_REVIEWED)
"""Policies that count what models propose, if they passed a trial."""
POLICIES = (POLICY, ADJUDICATED, *COUNTING_MODELS)
_LABEL = ["dimensions", "strength", "exclusion", "contradicts"]


def choose_labels(
    annotations: pd.DataFrame, sentences: pd.DataFrame, *, policy: str = POLICY, trusted: Collection[str] = ()
) -> pd.DataFrame:
    """Return the labels frame: one row a sentence, in the order of the sentences.

    Parameters
    ----------
    annotations
        The annotations frame. Superseded rows do not count, nor stale ones (made on another text of the sentence).
    sentences
        The sentences frame.
    policy
        Name of the policy, one of `POLICIES`.
    trusted
        Models, by the annotator's name, whose rows a policy of `COUNTING_MODELS` counts; of several the last word.

    Returns
    -------
    pandas.DataFrame
        The labels frame. Where analysts disagree, or a model with the classifier under `agreement`, the classifier's
        label stands with status `conflict`; where these two agree it is `agreed`. A sentence that nobody labelled has
        no dimension and status `unlabelled`. No sentences give no rows.

    Raises
    ------
    InputError
        The policy is unknown.
    """
    if policy not in POLICIES:
        msg = f"policy {policy!r} is unknown, expected one of {listed(POLICIES)}."
        raise InputError(msg)
    validate(annotations, ANNOTATIONS, source="annotations")
    validate(sentences, SENTENCES, source="sentences")
    current = _current(annotations, sentences)
    if policy == ADJUDICATED:
        current = current[current["kind"] == "adjudicator"]
    counted = set(trusted) if policy in COUNTING_MODELS else set()
    current = current[(current["kind"] != "llm") | current["annotator"].isin(counted)]
    last = {kind: rows.drop_duplicates("sentence_id", keep="last") for kind, rows in current.groupby("kind")}
    chosen = {kind: dict(zip(rows["sentence_id"], rows["annotation_id"], strict=True)) for kind, rows in last.items()}
    disputed = _disputed(current)
    labels_of = current.set_index("annotation_id")[_LABEL].to_dict("index")
    own_words = current[current["kind"] == "llm"].drop_duplicates(["sentence_id", "annotator"], keep="last")
    proposed = own_words.groupby("sentence_id")["annotation_id"].agg(list).to_dict()
    before = ("llm", "classifier") if policy == LLM_REVIEWED else ("classifier",)
    nothing: dict[str, Any] = {"dimensions": "", "strength": "none", "exclusion": "", "contradicts": False}
    rows = []
    for sentence_id in sentences["sentence_id"]:
        name, status = _choose(sentence_id, chosen, before, disputed=sentence_id in disputed)
        if policy == AGREEMENT and status == "ok" and name == chosen.get("classifier", {}).get(sentence_id):
            status = _second_opinion(name, proposed.get(sentence_id, []), labels_of)
        label: dict[Any, Any] = labels_of.get(name, nothing)
        rows.append({"sentence_id": sentence_id, **label, "annotation_id": name, "policy": policy, "status": status})
    return build(LABELS, rows)


def disputed_sentences(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences to which analysts gave different labels and that no adjudicator has decided.

    Labels differ where any of dimensions, strength, exclusion and contradicts does.

    Parameters
    ----------
    annotations, sentences
        Frames of one run. Superseded and stale annotations do not count.

    Returns
    -------
    pandas.DataFrame
        sentence_id, and said: each analyst with the label in words, separated by "; ". In the order of the sentences;
        no rows where nobody disagrees.
    """
    current = _current(annotations, sentences)
    decided = set(current.loc[current["kind"] == "adjudicator", "sentence_id"])
    own = current[(current["kind"] == "analyst") & current["sentence_id"].isin(_disputed(current) - decided)]
    words = own["annotator"] + ": " + label_words(own)
    said = words.groupby(own["sentence_id"]).agg("; ".join)
    ids = [sentence_id for sentence_id in sentences["sentence_id"] if sentence_id in said.index]
    return pd.DataFrame({"sentence_id": ids, "said": said.reindex(ids).to_numpy()}, dtype="str")


def _current(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Annotations that no later one replaces and that were made on the sentence's text as it is."""
    texts = pd.Series(sentences["text"].map(text_sha256).to_numpy(), index=sentences["sentence_id"])
    fresh = annotations["text_sha256"] == annotations["sentence_id"].map(texts)
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    return annotations[fresh & ~superseded]


def _disputed(current: pd.DataFrame) -> set[str]:
    """Sentences to which analysts gave different labels."""
    given = current.loc[current["kind"] == "analyst", ["sentence_id", *_LABEL]].drop_duplicates()
    return set(given.loc[given["sentence_id"].duplicated(), "sentence_id"])


def _choose(
    sentence_id: str, chosen: Mapping[Any, dict[str, str]], before: Sequence[str], *, disputed: bool
) -> tuple[str, str]:
    """The annotation that counts for one sentence, "" where none does, and the status of the label."""
    by = {kind: ids[sentence_id] for kind, ids in chosen.items() if sentence_id in ids}
    if "adjudicator" in by:
        return by["adjudicator"], "ok"
    if "analyst" in by and not disputed:
        return by["analyst"], "ok"
    if disputed:
        return by.get("classifier", ""), "conflict"
    name = next((by[kind] for kind in before if kind in by), "")
    return name, "ok" if name else "unlabelled"


def _second_opinion(name: str, proposed: Sequence[str], labels_of: Mapping[Any, Mapping[Any, Any]]) -> str:
    """The status of a classifier's label beside models' proposals: one that differs contests it."""
    if not proposed:
        return "ok"
    return "agreed" if all(labels_of[one] == labels_of[name] for one in proposed) else "conflict"


def label_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences whose label is another.

    Parameters
    ----------
    before, after
        Labels frames; sentences that only one of them has are left out.

    Returns
    -------
    pandas.DataFrame
        sentence_id, and before and after in words, in the order of `after`; no rows where no label changed.

    Examples
    --------
    >>> frame = pd.DataFrame({"sentence_id": ["s"], "strength": ["weak"], "exclusion": [""], "contradicts": [False]})
    >>> label_changes(frame.assign(dimensions="prevent"), frame.assign(dimensions="counter"))
      sentence_id        before         after
    0           s  weak prevent  weak counter
    """
    words = [frame[["sentence_id"]].assign(words=label_words(frame)) for frame in (before, after)]
    both = words[1].merge(words[0], on="sentence_id", suffixes=("", "_before"))
    changed = both[both["words"] != both["words_before"]].rename(columns={"words": "after", "words_before": "before"})
    return changed[["sentence_id", "before", "after"]].reset_index(drop=True)
