"""Choose the annotation of each sentence that scoring uses, by a named policy; how likely its label is."""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import NO_DIMENSION, Codebook
from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, LABELS, SENTENCES, build, label_words, require_columns, validate
from g7tag.labels.annotations import COUNTED, differing, fresh, parties, plain_name, standing, text_hashes
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
_KINDS = ("adjudicator", "analyst", "llm", "classifier")  # the first that labelled a sentence counts
POLICIES = (POLICY, ADJUDICATED, *COUNTING_MODELS)
TrialChances: TypeAlias = Mapping[str, Mapping[str, Sequence[float]]]
"""Results of trials of models, by annotator and label; see `label_chances`."""
_PARTY = ", a party to the disagreement"
_WORST_CHECK_FIRST = ["no", "not_found", "partly", "yes"]


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
    ids = sentences["sentence_id"]
    last = current.drop_duplicates(["sentence_id", "kind"], keep="last")
    chosen = last.pivot(index="sentence_id", columns="kind", values="annotation_id")
    chosen = chosen.reindex(ids, columns=_KINDS).astype("str")
    split = _disputed(current, "adjudicator")
    disputed = ids.isin(_disputed(current)).to_numpy() & chosen["adjudicator"].isna() | ids.isin(split).to_numpy()
    order = [kind for kind in _KINDS if kind != "llm" or policy == LLM_REVIEWED]
    first = reduce(pd.Series.fillna, (chosen[kind] for kind in order))
    name = first.mask(disputed, chosen["classifier"]).fillna("")
    status = pd.Series("ok", index=name.index).mask(name == "", "unlabelled").mask(disputed, "conflict")
    if policy == AGREEMENT:
        by_classifier = (status == "ok") & (name == chosen["classifier"])
        status = status.mask(by_classifier, _second_opinions(current).reindex(name.index).fillna("ok"))
    nothing = pd.DataFrame([{"dimensions": "", "strength": "none", "exclusion": "", "contradicts": False}], index=[""])
    given = pd.concat([nothing, current.set_index("annotation_id")[COUNTED]]).loc[name]
    rows = given.assign(sentence_id=name.index, annotation_id=name.to_numpy(), policy=policy, status=status.to_numpy())
    return build(LABELS, rows.to_dict("records"))


def _second_opinions(current: pd.DataFrame) -> pd.Series:
    """Return, for sentences with proposals, `conflict` if one differs from the classifier's label, else `agreed`."""
    models = current[current["kind"] == "llm"].drop_duplicates(["sentence_id", "annotator"], keep="last")
    tagged = current[current["kind"] == "classifier"].drop_duplicates("sentence_id", keep="last")
    own = tagged.set_index("sentence_id")[COUNTED].reindex(models["sentence_id"])
    differs = (models[COUNTED].to_numpy() != own.to_numpy()).any(axis=1)
    return pd.Series(differs, models["sentence_id"]).groupby(level=0).any().map({True: "conflict", False: "agreed"})


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
    current = fresh(annotations, texts)
    current = current[~current["annotation_id"].isin(standing(annotations)["supersedes"])]
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


def source_checks(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return what people found on the sources of the sentences that they checked, in the order of the sentences.

    The last check of each person counts; where people differ, the worst one counts: no, not found, partly, yes.
    `annotator` found this; `archived_url` is the last one that anybody gave; `differ` is whether people differ.
    """
    rows = current_annotations(annotations, sentences)
    rows = rows[rows["kind"].isin(PEOPLE)].sort_values("at", kind="stable")
    archived = rows[rows["archived_url"] != ""].groupby("sentence_id")["archived_url"].last()
    last = rows[rows["source_check"] != ""].drop_duplicates(["sentence_id", "annotator"], keep="last")
    last = last.sort_values("source_check", key=lambda found: found.map(_WORST_CHECK_FIRST.index), kind="stable")
    counting = last.groupby("sentence_id")["source_check"].agg(["first", "nunique"])
    who = last[last["source_check"] == last["sentence_id"].map(counting["first"])].groupby("sentence_id")["annotator"]
    ids = [each for each in sentences["sentence_id"] if each in counting.index]
    return pd.DataFrame(
        {
            "sentence_id": ids, "source_check": counting["first"].reindex(ids).to_numpy(),
            "annotator": who.agg(lambda names: enumerated(sorted(names))).reindex(ids).to_numpy(),
            "archived_url": archived.reindex(ids).fillna("").to_numpy(),
            "differ": counting["nunique"].reindex(ids).gt(1).to_numpy(),
        }
    )  # fmt: skip


def _by_person(annotations: pd.DataFrame) -> pd.Series:
    """Whether an annotation was made at a time; those of the bundled corpus, which is not a person, were not."""
    return (annotations["kind"] == "analyst") | (annotations["at"] != "")


def _disputed(current: pd.DataFrame, kind: str = "analyst") -> set[str]:
    """Sentences with different labels by people of a kind; the bundled corpus is not a person."""
    return differing(current[(current["kind"] == kind) & _by_person(current)])


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


def label_chances(
    labels: pd.DataFrame,
    *,
    tags: pd.DataFrame,
    annotations: pd.DataFrame,
    codebook: Codebook,
    trials: TrialChances | None = None,
) -> pd.DataFrame:
    """Return the probabilities of each dimension and of strong action for each row of the labels frame."""
    about = annotations.set_index("annotation_id")[["kind", "annotator"]].reindex(labels["annotation_id"])
    kind = about["kind"].reset_index(drop=True)
    results = [(trials or {}).get(str(name), {}) for name in about["annotator"]]
    shares = tags.set_index("sentence_id").reindex(labels["sentence_id"])
    guessed = (kind == "classifier").to_numpy() & (shares["status"] == "ok").to_numpy()
    acts = shares[[f"p_{act}" for act in NO_DIMENSION]].sum(axis=1)
    most = 1 - acts.clip(lower=shares["p_excluded"]).to_numpy(dtype=float)  # neither kind has a dimension
    columns = {"sentence_id": labels["sentence_id"].to_numpy()}
    given = labels["dimensions"].str.split(";")
    for key in codebook.dimension_keys:
        certain = _by_trial(key, np.asarray([key in keys for keys in given]), results)
        columns[key] = np.where(guessed, np.fmin(shares[f"p_{key}"].to_numpy(dtype=float), most), certain)
    strong = _by_trial("strength", (labels["strength"] == "strong").to_numpy(), results)
    strong = np.where(labels["strength"] == "none", 0.0, strong)
    columns["strong"] = np.where(guessed, shares["p_strong"].to_numpy(dtype=float), strong)
    return pd.DataFrame(columns)


def _by_trial(
    label: str, given: npt.NDArray[np.bool_], results: Sequence[Mapping[str, Sequence[float]]]
) -> npt.NDArray[np.float64]:
    """Probability that each row has a label: from the trial for tested models, otherwise certain."""
    certain = (1.0, 0.0)
    pairs = [trial.get(label, certain) for trial in results]
    return np.asarray([pair[0] if has else pair[1] for has, pair in zip(given, pairs, strict=True)], dtype=np.float64)
