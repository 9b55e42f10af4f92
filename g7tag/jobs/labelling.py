"""Label sentences: which of them need a person, how far people agree, and what their labels prove."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from g7tag import labels
from g7tag.codebook import REVERSED
from g7tag.errors import InputError
from g7tag.frames import FIXED, build, label_words, tags_model
from g7tag.jobs.pages import sentences_behind
from g7tag.jobs.sharing import read_plan
from g7tag.labels import AUDIT
from g7tag.llm import read_reviews
from g7tag.store import PEOPLE, REVIEWS_FILE, inside, read_labels
from g7tag.text import listed

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

SUGGESTIONS = (
    "decides", "proposed_dimensions", "proposed_strength", "proposed_act", "proposed_exclusion",
    "proposed_contradicts", "p_right", "review_reason", "models",
)  # fmt: skip
"""Columns that say or follow from what machines say of a sentence."""
_PROPOSED = ("dimensions", "strength", "act", "exclusion", "contradicts")
_PLACES = {"score": 0, "level": 1, "": 2}
_UNTAGGED = dict.fromkeys(("dimensions", "act", "exclusion", "tagger"), "") | {
    "strength": "none", "status": "ok", "needs_review": True, "review_reason": "not_tagged",
}  # fmt: skip
_SCORED = ("annotations", "labels", "flips", "evidence_matrix")


def label_queue(
    run: "Run",
    *,
    select: Sequence[str] | str | None = None,
    member: str = "",
    dimension: str = "",
    annotator: str = "",
    adjudicator: bool = False,
    force: bool = False,
    audit_share: float = 0.1,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the sentences that need a person, with people's labels as they are now.

    Parameters
    ----------
    select
        Any of "doubtful" (default: doubtful and disputed ones that nobody has labelled), "flips" (sentences that
        decide a score), "deciding" (these, and those that scores are based on), "disagreements" (default for an
        adjudicator), "all", or "audit" (a random sample).
    member, dimension
        Only sentences of a member (name or code), or of a dimension.
    annotator
        Skip the sentences that this person has labelled, instead of those of all people. If there is a label plan,
        only this person's items.
    adjudicator
        Of any item, but not the disagreements to which the annotator is a party, unless with `force`.
    audit_share, random_state
        Share of the sentences in the random sample, in [0, 1], and its seed.

    Returns
    -------
    pandas.DataFrame
        sentence_id, member, text, why (it is selected), decides ("score" or "level" if it changes when the item loses
        its label), proposed_dimensions, proposed_strength, proposed_act, proposed_exclusion, proposed_contradicts (the
        tagger's), p_right, review_reason and, if there are any, models and analysts (the labels of each). Sentences
        that decide a score come first, then those that decide a level, the least certain first; a random sample is in
        random order.
    """
    chosen = (select,) if isinstance(select, str) else select or ("disagreements" if adjudicator else "doubtful",)
    run = to_label(run)
    annotations, sentences, tags = run.annotations, run.sentences, _open_tags(run)
    behind = sentences_behind(run.read("sentences", "items", "citations", "tags", *_SCORED), run.codebook)
    disputed = labels.disputed_sentences(annotations, sentences)
    selected = labels.select_sentences(
        tags, flips=run.flips, sentences=sentences, annotations=annotations, select=chosen,
        deciding=set(behind["sentence_id"]), annotator=annotator,
        audit_share=audit_share if AUDIT in chosen else 0.0, random_state=random_state,
    )  # fmt: skip
    kept = labels.within(tags, sentences, run.codebook, member=member, dimension=dimension)
    if annotator:
        by_person = annotations[(annotations["annotator"] == annotator) & annotations["kind"].isin(PEOPLE)]
        done = set(labels.current_annotations(by_person, sentences)["sentence_id"])
        kept -= done - set(disputed["sentence_id"] if "disagreements" in chosen else ())
    if annotator and not adjudicator:
        kept &= _planned(run, annotator)
    rows = selected[selected["sentence_id"].isin(kept)]
    if adjudicator and not force:
        own = rows["sentence_id"].isin(labels.own_disagreements(annotator, annotations, sentences))
        if own.all():
            labels.refuse_party(annotator, rows["sentence_id"].tolist())
        rows = rows[~own]
    rows = rows.merge(tags, on="sentence_id", validate="one_to_one")
    rows = rows.merge(sentences[["sentence_id", "member", "text"]], on="sentence_id", validate="one_to_one")
    first = behind["decides"].map(_PLACES).groupby(behind["sentence_id"]).min()
    place = rows["sentence_id"].map(first).fillna(_PLACES[""]).astype("int64")
    by_models = _model_labels(annotations)
    by_analysts = dict(zip(disputed["sentence_id"], disputed["said"], strict=True))
    rows = rows.assign(
        place=place, decides=place.map(dict(zip(_PLACES.values(), _PLACES, strict=True))),
        contradicts=rows["act"].map(lambda act: "yes" if act == REVERSED else ""),
        models=[by_models.get(each, "") for each in rows["sentence_id"]],
        analysts=[by_analysts.get(each, "") for each in rows["sentence_id"]],
    )  # fmt: skip
    if set(chosen) == {AUDIT}:  # the start of the sample is a random sample, too
        rows = rows.assign(place=[labels.draw(each, random_state) for each in rows["sentence_id"]])
    if "all" not in chosen:
        rows = rows.sort_values(["place", "p_right"], kind="stable", na_position="first")
    columns = ["sentence_id", "member", "text", "why", "decides", *_PROPOSED, "p_right", "review_reason"]
    columns += ["models"] if (annotations["kind"] == "llm").any() else []
    columns += ["analysts"] if len(disputed) else []
    texts = dict.fromkeys([each for each in columns if each != "p_right"], "str")
    queue = rows[columns].astype(texts).rename(columns={name: f"proposed_{name}" for name in _PROPOSED})
    return queue.reset_index(drop=True)


def to_label(run: "Run") -> "Run":
    """Return a run with the labels of people and models as they are now, and empty frames for those it lacks."""
    if run.store is None:
        return run
    here = {name for name in ("tags", *_SCORED) if name in run.known or run.store.has(name)}
    run.read("sentences", "items", "citations", *here)  # they are kept by this run
    frames = {name: build(FIXED[name], []) for name in _SCORED if name not in here}
    if "tags" not in here:
        ids = labelled_sentences(run)["sentence_id"]
        frames["tags"] = build(tags_model(run.codebook), [_UNTAGGED | {"sentence_id": each} for each in ids])
    run = run.with_frames(**frames)
    path, known = run.saved.path, run.annotations
    now = [read_reviews(inside(path, REVIEWS_FILE)), read_labels(path, run.codebook)]
    others = known[~known["annotation_id"].isin({each for frame in now for each in frame["annotation_id"]})]
    return run.with_frames(annotations=pd.concat([others, *now], ignore_index=True))


def labelled_sentences(run: "Run") -> pd.DataFrame:
    """Return the sentences that people may label: those of the codebook's commitment."""
    own = run.sentences["commitment_id"] == run.codebook.commitment.id
    return run.sentences[own].reset_index(drop=True)


def _open_tags(run: "Run") -> pd.DataFrame:
    """Return the tags with what leaves them open: a reason for a review, or different labels."""
    states = run.labels.set_index("sentence_id")["status"].reindex(run.tags["sentence_id"]).to_numpy()
    reasons = run.tags["review_reason"].mask(states == "agreed", "")
    reasons = reasons.mask((states == "conflict") & (reasons == ""), "conflict")
    return run.tags.assign(review_reason=reasons, needs_review=reasons != "")


def _planned(run: "Run", annotator: str) -> set[str]:
    """Return the sentences of the items that the label plan gives an annotator; all without a plan."""
    plan = None if run.store is None else read_plan(run.store.path)
    items, ids = run.sentences["item_id"], run.sentences["sentence_id"]
    if plan is None:
        return set(ids)
    return set(ids[items.isin(labels.assigned_items(items.unique().tolist(), plan, annotator))])


def _model_labels(annotations: pd.DataFrame) -> dict[str, str]:
    """Return the proposals of models for each sentence, as text for a person to check."""
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    rows = annotations[(annotations["kind"] == "llm") & ~superseded]
    words = label_words(rows) + " by " + rows["annotator"] + ": " + rows["note"]
    return {str(name): " | ".join(texts) for name, texts in words.groupby(rows["sentence_id"])}


def agreement(run: "Run") -> labels.PeopleAgreement:
    """Return how far people agree on the sentences that two or more of them labelled.

    Frames: parts, pairs, repeats, annotators and by_party (decisions by a party to the disagreement).
    """
    annotations = run.annotations if run.store is None else read_labels(run.saved.path, run.codebook)
    return labels.people_agreement(annotations, run.sentences, run.codebook)


def feedback(run: "Run", annotator: str) -> labels.Feedback:
    """Return where an adjudicator decided otherwise than an analyst, and which confusions return.

    Only the analyst's own labels are compared. A sentence that the desk shows again comes after the analyst has
    labelled it again. Frames: overruled (sentence_id, member, text, own, settled, reason) and confusions (part, own,
    settled, n).
    """
    annotations = run.annotations if run.store is None else read_labels(run.saved.path, run.codebook)
    analysts = annotations.loc[annotations["kind"] == "analyst", "annotator"]
    if annotator not in set(analysts):
        msg = f"annotator {annotator!r}: has no label in this run. Expected one of {listed(set(analysts), most=20)}."
        raise InputError(msg)
    return labels.feedback(annotator, annotations, run.sentences)


def certify(run: "Run", *, target: float = 0.05, epsilon: float = 0.15, random_state: int = 0) -> labels.Certificate:
    """Return what people's labels of the random sample prove about the tagger.

    Only labels that were made without seeing those of machines or other people count.

    Parameters
    ----------
    target, epsilon
        Greatest acceptable share of wrong labels, and how much worse than a person a machine may be, in [0, 1].
    random_state
        Seed of the sample, as in `label_queue`.

    Returns
    -------
    Certificate
        Frames: sample, errors, shares (corrected shares of strong action) and alternatives.
    """
    path, tags, sentences = run.saved.path, run.tags, labelled_sentences(run)
    by_people = read_labels(path, run.codebook)
    if by_people.empty:
        msg = (
            f"{path}: has no labels of people. Label the random sample first: "
            f"`g7tag label {path} --select audit --annotator NAME`, or the same with `g7tag desk`."
        )
        raise InputError(msg)
    by_models = run.annotations[run.annotations["kind"] == "llm"]
    return labels.certify(
        tags, sentences, pd.concat([by_models, by_people], ignore_index=True), run.codebook,
        target=target, epsilon=epsilon, random_state=random_state,
    )  # fmt: skip
