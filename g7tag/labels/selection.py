"""Select the sentences that a model is asked about or people label, and who labels what."""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Annotated, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import has_key
from g7tag.labels.policies import current_annotations, disputed_sentences
from g7tag.store import PEOPLE
from g7tag.text import listed

AUDIT = "audit"
REASONS = ("doubtful", "flips", "deciding", "disagreements", "all", AUDIT)
"""Doubtful tags; sentences of items in the most likely smallest flip; these and those that scores and levels are based
on; sentences on which analysts disagree; all sentences; only randomly drawn sentences."""
_EMPTY = "empty"  # status of a tag
_NEARLY = 0.25
REPEATS = 0.05
"""Share of a person's own sentences that come back."""
_BETWEEN = 20  # sentences that are labelled before one comes back


def select_sentences(
    tags: pd.DataFrame,
    *,
    flips: pd.DataFrame,
    sentences: pd.DataFrame,
    annotations: pd.DataFrame,
    select: Sequence[str],
    deciding: Collection[str] = (),
    annotator: str = "",
    audit_share: float = 0.0,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the selected sentences, in the order of the tags."""
    unknown = set(select) - set(REASONS)
    if unknown:
        msg = f"select {listed(unknown)}: expected some of {listed(REASONS, most=len(REASONS))}."
        raise InputError(msg)
    if not 0 <= audit_share <= 1:
        msg = f"audit share {audit_share}: expected a number from 0 to 1."
        raise InputError(msg)
    rows = tags.loc[tags["status"] != _EMPTY, ["sentence_id", "needs_review"]].merge(
        sentences[["sentence_id", "item_id", "text"]], on="sentence_id", validate="one_to_one"
    )
    ids = rows["sentence_id"]
    disputed = disputed_sentences(annotations, sentences)["sentence_id"]
    by_people = current_annotations(annotations, sentences)
    by_people = by_people[by_people["kind"].isin(PEOPLE)]
    own = set(by_people.loc[by_people["annotator"] == annotator, "sentence_id"])
    settled = ids.isin(own if annotator else set(by_people["sentence_id"]) - set(disputed))
    turning = {item for joined in flips["item_ids"] for item in joined.split(";")}
    drawn = ids.map(lambda sentence_id: draw(sentence_id, random_state) < audit_share)
    asked = {
        "all": pd.Series(True, index=rows.index),
        "doubtful": rows["needs_review"] & ~settled,
        "flips": rows["item_id"].isin(turning) & ~settled,
        "deciding": (ids.isin(set(deciding)) | rows["item_id"].isin(turning)) & ~settled,
        "disagreements": ids.isin(disputed),
    }
    chosen = {name: so & (name in select) for name, so in asked.items()}
    sure = pd.concat(chosen, axis=1).any(axis=1)
    why = pd.concat(chosen | {AUDIT: drawn.astype("bool")}, axis=1)
    words = [";".join(name for name, so in zip(why.columns, row, strict=True) if so) for row in why.to_numpy()]
    shares = sure.map({True: 1.0, False: audit_share}).astype("float64")
    found = rows[["sentence_id"]].assign(why=words, probability=shares)
    return found[found["why"] != ""].reset_index(drop=True)


def within(
    tags: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook, *, member: str = "", dimension: str = ""
) -> set[str]:
    """Return the ids of the tagged sentences of a member (name or code) and a dimension; "" means any."""
    if dimension and dimension not in codebook.dimension_keys:
        msg = f"dimension {dimension!r}: not in the codebook. Expected one of {listed(codebook.dimension_keys)}."
        raise InputError(msg)
    kept = pd.Series(True, index=tags.index)
    if member:
        kept &= tags["sentence_id"].isin(
            sentences.loc[sentences["member"] == codebook.member_named(member), "sentence_id"]
        )
    if dimension:
        kept &= has_key(tags["dimensions"], dimension) | (tags[f"p_{dimension}"] >= _NEARLY)
    return set(tags.loc[kept, "sentence_id"])


def draw(sentence_id: str, random_state: int) -> float:
    """Return a number in [0, 1) that depends only on the sentence and the seed, not on other sentences."""
    digest = sha256(f"{random_state} {sentence_id}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56


class LabelPlan(BaseModel):
    """Who labels which items; the same plan gives the same items on every machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    annotators: Annotated[list[str], Field(min_length=1)]
    coders: Annotated[int, Field(ge=1)] = 1
    shared: Annotated[float, Field(ge=0, le=1)] = 0.1
    random_state: int = 0
    old_ids: dict[str, str] = {}
    """Ids that items had when the plan was made, by their ids now, where a new version of the report has others."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.annotators)) < len(self.annotators):
            msg = f"annotators: a name appears twice, found {', '.join(self.annotators)}"
            raise ValueError(msg)
        if self.coders > len(self.annotators):
            msg = f"coders: {self.coders} for each item, but there are {len(self.annotators)} annotators"
            raise ValueError(msg)
        return self


def make_plan(annotators: Sequence[str], *, coders: int = 1, shared: float = 0.1, random_state: int = 0) -> LabelPlan:
    """Return a plan."""
    try:
        return LabelPlan(annotators=list(annotators), coders=coders, shared=shared, random_state=random_state)
    except ValidationError as error:
        msg = f"label plan: {plan_problem(error)}."
        raise InputError(msg) from error


def plan_problem(error: ValidationError) -> str:
    """Return what is wrong in a plan, in words."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    cause = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {cause}" if place else cause


def assigned_items(item_ids: Sequence[str], plan: LabelPlan, annotator: str) -> set[str]:
    """Return the items that an annotator labels."""
    if annotator not in plan.annotators:
        msg = f"annotator {annotator!r}: not in the label plan. Expected one of {listed(plan.annotators, most=20)}."
        raise InputError(msg)

    def rank(item: str, name: str) -> str:
        return sha256(f"{plan.random_state} {item} {name}".encode()).hexdigest()

    drawn = {item: plan.old_ids.get(item, item) for item in item_ids}
    return {
        item
        for item, old in drawn.items()
        if draw(f"shared {old}", plan.random_state) < plan.shared
        or annotator in sorted(plan.annotators, key=lambda name: rank(old, name))[: plan.coders]
    }


def to_come_back(
    sentence_ids: Iterable[str], labels: pd.DataFrame, annotator: str, *, share: float = REPEATS
) -> set[str]:
    """Return which sentences come back to a person: drawn to be shown again, and not shown again yet."""
    own = labels[labels["annotator"] == annotator]
    again = set(own.loc[own["occasion"].isin(["repeat", "withdrawn"]), "sentence_id"])
    return {each for each in sentence_ids if each not in again and draw(f"{annotator} {each}", 0) < share}


def repeats_among(
    queue: Sequence[str], labels: pd.DataFrame, annotator: str, *, share: float = REPEATS
) -> list[tuple[str, bool]]:
    """Return a queue in which some sentences come back, each with whether it is a repeat."""
    own = labels[labels["annotator"] == annotator]
    before = own.loc[own["occasion"] == "label"].drop_duplicates("sentence_id")["sentence_id"].tolist()
    timeline = [*before, *queue]
    drawn = to_come_back(timeline, labels, annotator, share=share)
    waiting = [each for each in before if each in drawn]
    order: list[tuple[str, bool]] = []
    for place, each in enumerate(queue, start=len(before)):
        order.append((each, False))
        if waiting and place - timeline.index(waiting[0]) >= _BETWEEN:
            order.append((waiting.pop(0), True))
        if each in drawn:
            waiting.append(each)
    return order
