"""Label sentences: the label queue, who labels what, agreement, certificates, and scoring again."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import REVERSED, Codebook
from g7tag.errors import InputError
from g7tag.frames import FIXED, build, label_words, tags_model
from g7tag.jobs.opening import read_run
from g7tag.jobs.pages import sentences_behind
from g7tag.jobs.sharing import read_plan
from g7tag.labels import (
    AUDIT,
    Certificate,
    PeopleAgreement,
    assigned_items,
    certify,
    current_annotations,
    disputed_sentences,
    draw,
    own_disagreements,
    people_agreement,
    refuse_party,
    select_sentences,
    within,
)
from g7tag.store import PEOPLE, Frames, RunDirectory, read_labels

SUGGESTIONS = (
    "decides", "proposed_dimensions", "proposed_strength", "proposed_act", "proposed_exclusion",
    "proposed_contradicts", "p_right", "review_reason", "models",
)  # fmt: skip
"""Columns that say or follow from what machines say of a sentence."""
_WEIGHT = {"score": 0, "level": 1, "": 2}
AUDIT_SHARE = 0.1
"""Share of the sentences in the random audit sample, if no other is given."""
_SCORED = ("annotations", "labels", "flips", "evidence_matrix")


class Purpose(NamedTuple):
    """Which sentences a queue has."""

    select: Sequence[str] | str = ("doubtful",)
    member: str = ""
    dimension: str = ""
    annotator: str = ""
    audit_share: float = AUDIT_SHARE
    random_state: int = 0

    @property
    def reasons(self) -> tuple[str, ...]:
        """The words of `select`, also if only one is given."""
        return (self.select,) if isinstance(self.select, str) else tuple(self.select)


DOUBTFUL = Purpose()


def label_queue(frames: Frames, codebook: Codebook, purpose: Purpose = DOUBTFUL) -> pd.DataFrame:
    """Return the sentences that need a person; see `Run.label_queue`."""
    annotations, sentences, tags = frames["annotations"], frames["sentences"], frames["tags"]
    behind, disputed = sentences_behind(frames, codebook), disputed_sentences(annotations, sentences)
    states = frames["labels"].set_index("sentence_id")["status"].reindex(tags["sentence_id"]).to_numpy()
    reasons = tags["review_reason"].mask(states == "agreed", "")
    tags = tags.assign(review_reason=reasons.mask((states == "conflict") & (reasons == ""), "conflict"))
    select = purpose.reasons
    selected = select_sentences(
        tags.assign(needs_review=tags["review_reason"] != ""), flips=frames["flips"], sentences=sentences,
        annotations=annotations, select=select, deciding=set(behind["sentence_id"]), annotator=purpose.annotator,
        audit_share=purpose.audit_share if AUDIT in select else 0.0, random_state=purpose.random_state,
    )  # fmt: skip
    kept = within(tags, sentences, codebook, member=purpose.member, dimension=purpose.dimension)
    if purpose.annotator:
        by = (annotations["annotator"] == purpose.annotator) & annotations["kind"].isin(PEOPLE)
        done = set(current_annotations(annotations[by], sentences)["sentence_id"])
        kept -= done - (set(disputed["sentence_id"]) if "disagreements" in select else set())
    rows = selected[selected["sentence_id"].isin(kept)].merge(tags, on="sentence_id", validate="one_to_one")
    rows = rows.merge(sentences[["sentence_id", "item_id", "member", "text"]], on="sentence_id", validate="one_to_one")
    weight = behind["decides"].map(_WEIGHT).groupby(behind["sentence_id"]).min()
    by_models, by_analysts = (
        _model_labels(annotations),
        dict(zip(disputed["sentence_id"], disputed["said"], strict=True)),
    )
    order = rows["sentence_id"].map(weight).fillna(_WEIGHT[""]).astype("int64")
    rows = rows.assign(
        decides=order.map({place: word for word, place in _WEIGHT.items()}), order=order, least=rows["p_right"],
        contradicts=rows["act"].map(lambda act: "yes" if act == REVERSED else "").astype("str"),
        models=[by_models.get(each, "") for each in rows["sentence_id"]],
        analysts=[by_analysts.get(each, "") for each in rows["sentence_id"]],
    )  # fmt: skip
    if set(select) == {AUDIT}:  # the start of the sample is a random sample, too
        rows = rows.assign(order=[draw(each, purpose.random_state) for each in rows["sentence_id"]])
    elif "all" in select:
        rows = rows.assign(order=0, least=0)
    proposed = {name: f"proposed_{name}" for name in ("dimensions", "strength", "act", "exclusion", "contradicts")}
    columns = ["sentence_id", "member", "text", "why", "decides", *proposed.values(), "p_right", "review_reason"]
    columns += ["models"] if (annotations["kind"] == "llm").any() else []
    columns += ["analysts"] if len(disputed) else []
    ordered = rows.sort_values(["order", "least"], kind="stable", na_position="first").rename(columns=proposed)
    queue: pd.DataFrame = ordered[columns].reset_index(drop=True)
    return queue


def _model_labels(annotations: pd.DataFrame) -> dict[str, str]:
    """Return the proposals of models for each sentence, as text for a person to check."""
    superseded = annotations["annotation_id"].isin(annotations["supersedes"])
    rows = annotations[(annotations["kind"] == "llm") & ~superseded]
    words = label_words(rows) + " by " + rows["annotator"] + ": " + rows["note"]
    return {str(name): " | ".join(texts) for name, texts in words.groupby(rows["sentence_id"])}


def assigned(queue: pd.DataFrame, frames: Frames, directory: Path, annotator: str) -> pd.DataFrame:
    """Return the rows of a queue that the label plan of a run directory assigns to an annotator; all without a plan."""
    plan = read_plan(directory)
    if plan is None or not annotator:
        return queue
    items = dict(zip(frames["sentences"]["sentence_id"], frames["sentences"]["item_id"], strict=True))
    own = assigned_items(list(dict.fromkeys(items.values())), plan, annotator)
    return queue[queue["sentence_id"].map(items).isin(own)].reset_index(drop=True)


def to_adjudicate(queue: pd.DataFrame, frames: Frames, annotator: str) -> pd.DataFrame:
    """Return the rows of a queue that an annotator may adjudicate: the others are disagreements of this person."""
    own = own_disagreements(annotator, frames["annotations"], frames["sentences"])
    left = queue[~queue["sentence_id"].isin(own)].reset_index(drop=True)
    if left.empty:
        refuse_party(annotator, queue["sentence_id"].tolist())
    return left


def is_tagged(directory: Path | str) -> bool:
    """Return whether a run directory has tags, so that it can be scored."""
    return RunDirectory(Path(directory)).has("tags")


def is_scored(directory: Path | str) -> bool:
    """Return whether a run directory has scores."""
    return RunDirectory(Path(directory)).has("scores")


def frames_to_label(directory: Path | str, codebook: Codebook) -> Frames:
    """Return the frames of a run directory for labelling, with people's labels as they are now."""
    path = Path(directory)
    run_directory = RunDirectory(path)
    computed = [name for name in ("tags", *_SCORED) if run_directory.has(name)]
    frames = {name: build(FIXED[name], []) for name in _SCORED}
    frames |= read_run(run_directory, ["sentences", "items", "citations", *computed], codebook)
    if "tags" not in frames:
        own = labelled_sentences(path, codebook)
        unknown = own[["sentence_id"]].assign(
            needs_review=True, review_reason="not_tagged", status="ok", strength="none"
        )
        rows = unknown.reindex(columns=list(tags_model(codebook).columns))
        texts = [name for name in rows if name in {"dimensions", "act", "exclusion", "tagger"}]
        tags = rows.assign(**dict.fromkeys(texts, "")).to_dict("records")
        frames |= {"sentences": own, "tags": build(tags_model(codebook), tags)}
    labels = read_labels(path, codebook)
    others = frames["annotations"][~frames["annotations"]["annotation_id"].isin(labels["annotation_id"])]
    return frames | {"annotations": pd.concat([others, labels], ignore_index=True)}


def labelled_sentences(path: Path, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences of a run directory that people may label: those of the codebook's commitment."""
    sentences = read_run(RunDirectory(path), ["sentences"], codebook)["sentences"]
    return sentences[sentences["commitment_id"] == codebook.commitment.id].reset_index(drop=True)


def agreement_of(directory: Path | str, codebook: Codebook) -> PeopleAgreement:
    """Return how far people agree on the sentences of a run directory; see `Run.agreement`."""
    path = Path(directory)
    annotations = read_labels(path, codebook)
    sentences = labelled_sentences(path, codebook)
    if annotations.empty:
        msg = f"{path}: has no labels of people. Label sentences first: `g7tag label {path}`."
        raise InputError(msg)
    return people_agreement(annotations, sentences, codebook)


def certify_run(
    directory: Path | str, codebook: Codebook, *, target: float = 0.05, epsilon: float = 0.15, random_state: int = 0
) -> Certificate:
    """Return what people's blind labels of the random sample say about a scored run; see `g7tag.labels.certify`."""
    path = Path(directory)
    frames = read_run(RunDirectory(path), ["sentences", "tags", "annotations"], codebook)
    labels = read_labels(path, codebook)
    if labels.empty:
        msg = (
            f"{path}: has no labels of people. Label the random sample first: "
            f"`g7tag label {path} --select audit --annotator NAME`, or the same with `g7tag desk`."
        )
        raise InputError(msg)
    models = frames["annotations"].loc[frames["annotations"]["kind"] == "llm"]
    tagged = frames["sentences"]["sentence_id"].isin(frames["tags"]["sentence_id"])
    return certify(
        frames["tags"], frames["sentences"][tagged].reset_index(drop=True),
        pd.concat([models, labels], ignore_index=True), codebook,
        target=target, epsilon=epsilon, random_state=random_state,
    )  # fmt: skip
