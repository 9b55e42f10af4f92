"""Who labels what: a plan that assigns items to annotators, and the sentences that come back to the same person."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7tag.errors import InputError
from g7tag.labels.selection import draw
from g7tag.text import listed

REPEATS = 0.05
"""Share of a person's own sentences that come back."""


class LabelPlan(BaseModel):
    """Who labels which items; the same plan gives the same items on every machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    annotators: Annotated[list[str], Field(min_length=1)]
    coders: Annotated[int, Field(ge=1)] = 1
    shared: Annotated[float, Field(ge=0, le=1)] = 0.1
    random_state: int = 0

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
    return {item for item in item_ids if annotator in _coders(item, plan)}


def repeats_among(
    queue: Sequence[str], labels: pd.DataFrame, annotator: str, *, share: float = REPEATS
) -> list[tuple[str, bool]]:
    """Return a queue in which some sentences come back, each with whether it is a repeat."""
    own = labels[labels["annotator"] == annotator]
    again = set(own.loc[own["occasion"].isin(["repeat", "withdrawn"]), "sentence_id"])
    before = own.loc[own["occasion"] == "label"].drop_duplicates("sentence_id")["sentence_id"].tolist()
    everything = [each for each in [*before, *queue] if each not in again]
    drawn = {each for each in everything if draw(f"{annotator} {each}", 0) < share}
    waiting = [each for each in before if each in drawn]
    order: list[tuple[str, bool]] = []
    for place, each in enumerate(queue, start=len(before)):
        order.append((each, False))
        if waiting and place - _place(waiting[0], before, queue) >= _BETWEEN:
            order.append((waiting.pop(0), True))
        if each in drawn:
            waiting.append(each)
    return order


_BETWEEN = 20  # sentences that are labelled before one comes back


def _place(sentence_id: str, before: Sequence[str], queue: Sequence[str]) -> int:
    """Return when a sentence was or will be labelled, as a number of sentences."""
    return before.index(sentence_id) if sentence_id in before else len(before) + queue.index(sentence_id)


def _coders(item_id: str, plan: LabelPlan) -> list[str]:
    if draw(f"shared {item_id}", plan.random_state) < plan.shared:
        return plan.annotators
    ranked = sorted(
        plan.annotators, key=lambda name: sha256(f"{plan.random_state} {item_id} {name}".encode()).hexdigest()
    )
    return ranked[: plan.coders]
