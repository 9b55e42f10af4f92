"""Who labels what: a plan that assigns items to annotators, and the sentences that come back to the same person."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7tag.errors import InputError, listed
from g7tag.labels.selection import draw

REPEATS = 0.05
"""Share of a person's own sentences that come back."""


class LabelPlan(BaseModel):
    """Who labels which items; the same plan gives the same items on every machine.

    Each item goes to `coders` of the annotators, or to all of them if it is in the shared part. Adding an annotator
    moves as few items as possible.
    """

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
    """Return a plan.

    Parameters
    ----------
    annotators
        Names of the people.
    coders
        Number of people who label each item.
    shared
        Share of the items, in [0, 1], that everybody labels.
    random_state
        Seed; a different seed assigns items differently.

    Raises
    ------
    InputError
        A name appears twice, or a number is out of its range.

    Examples
    --------
    >>> make_plan(["Ada", "Bo"], coders=3)
    Traceback (most recent call last):
    g7tag.errors.InputError: label plan: coders: 3 for each item, but there are 2 annotators.
    """
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
    """Return the items that an annotator labels.

    Raises
    ------
    InputError
        The annotator is not in the plan.

    Examples
    --------
    >>> plan = make_plan(["Ada", "Bo"], shared=0.1)
    >>> items = ["2024-19/JPN-01", "2024-19/JPN-02", "2024-19/JPN-03"]
    >>> [sorted(assigned_items(items, plan, name)) for name in plan.annotators]
    [['2024-19/JPN-01', '2024-19/JPN-02'], ['2024-19/JPN-03']]
    """
    if annotator not in plan.annotators:
        msg = f"annotator {annotator!r}: not in the label plan. Expected one of {listed(plan.annotators, most=20)}."
        raise InputError(msg)
    return {item for item in item_ids if annotator in _coders(item, plan)}


def repeated_sentences(annotations: pd.DataFrame, annotator: str, *, share: float = REPEATS) -> list[str]:
    """Return the sentences that come back to an annotator, in the order in which they were labelled.

    Each sentence is drawn with probability `share`, reproducibly. It comes back once, after the annotator has labelled
    twenty others.

    Parameters
    ----------
    annotations
        Labels of people, in the order of their times.
    annotator
        Name of the person.
    share
        In [0, 1].
    """
    own = annotations[annotations["annotator"] == annotator]
    done = set(own.loc[own["occasion"].isin(["repeat", "withdrawn"]), "sentence_id"])
    first = own.loc[own["occasion"] == "label"].drop_duplicates("sentence_id")["sentence_id"].tolist()
    old_enough = first[: max(len(first) - _BETWEEN, 0)]
    return [each for each in old_enough if each not in done and draw(f"{annotator} {each}", 0) < share]


_BETWEEN = 20  # sentences that are labelled before one comes back


def _coders(item_id: str, plan: LabelPlan) -> list[str]:
    if draw(f"shared {item_id}", plan.random_state) < plan.shared:
        return plan.annotators
    ranked = sorted(
        plan.annotators, key=lambda name: sha256(f"{plan.random_state} {item_id} {name}".encode()).hexdigest()
    )
    return ranked[: plan.coders]
