"""Agreement between people who labelled the same sentences, and of each person with their own earlier labels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import STRENGTHS, has_key
from g7tag.labels.annotations import fresh, text_hashes
from g7tag.labels.policies import party_decisions
from g7tag.statistics import alpha_interval, krippendorff_alpha, mean_interval, percent_agreement

WHOLE = "whole label"
"""Row of the tables: dimensions, strength, act, exclusion and contradicts are all equal. Unknown if the act is."""
_ORDER = tuple(reversed(STRENGTHS))  # none, weak, strong


class PeopleAgreement(NamedTuple):
    """How far people agree: by part of the label, where pairs differ, with themselves, and how lenient each one is."""

    parts: pd.DataFrame
    pairs: pd.DataFrame
    repeats: pd.DataFrame
    annotators: pd.DataFrame
    by_party: pd.DataFrame


def people_agreement(annotations: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> PeopleAgreement:
    """Return how far analysts agree on the sentences that they labelled independently."""
    own = independent_labels(annotations, sentences)
    keys = {"dimensions": codebook.dimension_keys, "exclusions": codebook.exclusion_keys}
    items = sentences.set_index("sentence_id")["item_id"]
    again = _last_of(annotations, sentences, "repeat")
    return PeopleAgreement(
        agreement_by_part(own, items, **keys),
        _pairs(_codes(own, **keys)),
        _repeats(_codes(own, **keys), _codes(again, **keys)),
        _leniency(own, items),
        party_decisions(annotations, sentences)[["sentence_id", "annotator"]].reset_index(drop=True),
    )


def agreement_by_part(
    labels: pd.DataFrame, items: pd.Series, *, dimensions: Sequence[str], exclusions: Sequence[str]
) -> pd.DataFrame:
    """Return how far labels of the same sentences agree, by part of the label."""
    rows = []
    codes = _codes(labels, dimensions=dimensions, exclusions=exclusions)
    for part in codes["part"].cat.categories if len(labels) else []:
        table = codes[codes["part"] == part].pivot(index="sentence_id", columns="annotator", values="code")
        table = table[table.notna().sum(axis=1) >= 2].astype("object")
        values, order = table.to_numpy(), _ORDER if part == "strength" else None
        alpha = krippendorff_alpha(values, order=order)
        ends = alpha_interval(values, items.reindex(table.index).to_numpy(), order=order)
        rows.append(
            {
                "part": part, "n": len(table), "n_annotators": int(table.notna().any().sum()),
                "percent": 100 * percent_agreement(values).value, "alpha": alpha.value, "low": ends.low,
                "high": ends.high, "reason": alpha.reason or ends.reason,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["part", "n", "n_annotators", "percent", "alpha", "low", "high", "reason"])


def independent_labels(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return each analyst's own label of each sentence, before any change after seeing other labels."""
    return _last_of(annotations, sentences, "label")


def _last_of(annotations: pd.DataFrame, sentences: pd.DataFrame, occasion: str) -> pd.DataFrame:
    """Return the last label that each analyst gave to each sentence on an occasion, without labels of other texts."""
    rows = fresh(annotations, text_hashes(sentences))
    rows = rows[(rows["kind"] == "analyst") & (rows["occasion"] == occasion)]
    return rows.drop_duplicates(["sentence_id", "annotator"], keep="last").reset_index(drop=True)


def _codes(labels: pd.DataFrame, *, dimensions: Sequence[str], exclusions: Sequence[str]) -> pd.DataFrame:
    """Return the code of each label in each part, one row each, without those that are not known."""
    known = labels["act"] != ""
    contradicts = labels["contradicts"].map({True: "yes", False: "no"}).astype("str")
    whole = labels["dimensions"] + " / " + labels["strength"] + " / " + labels["act"] + " / " + labels["exclusion"]
    parts = {
        **{key: has_key(labels["dimensions"], key).map({True: "yes", False: "no"}) for key in dimensions},
        "strength": labels["strength"],
        "act": labels["act"].where(known),
        **{key: (labels["exclusion"] == key).map({True: "yes", False: "no"}) for key in exclusions},
        "contradicts": contradicts,
        WHOLE: (whole + " / " + contradicts).where(known),
    }
    who = labels[["sentence_id", "annotator"]]
    rows = pd.concat([who.assign(part=part, code=code.astype("object")) for part, code in parts.items()])
    return rows.assign(part=pd.Categorical(rows["part"], list(parts))).dropna(subset="code")


def _pairs(codes: pd.DataFrame) -> pd.DataFrame:
    """How often two people gave each combination of codes."""
    both = codes.merge(codes, on=["part", "sentence_id"], suffixes=("", "_2")).query("annotator < annotator_2")
    names = ["part", "annotator", "annotator_2", "code", "code_2"]
    n = both.groupby(names, observed=True).size().reset_index(name="n").astype({"part": "str"})
    return n.set_axis(["part", "first", "second", "first_label", "second_label", "n"], axis=1)


def _repeats(before: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Compare each repeat with the same person's own label before."""
    both = before.merge(again, on=["annotator", "part", "sentence_id"], suffixes=("", "_again"))
    equal = both.assign(percent=100.0 * (both["code"] == both["code_again"])).groupby(
        ["annotator", "part"], observed=True
    )
    return equal["percent"].agg(n="size", percent="mean").reset_index().astype({"part": "str"})


def _leniency(labels: pd.DataFrame, items: pd.Series) -> pd.DataFrame:
    """Compare the strength of each person's labels with that of the others on the same sentences."""
    columns = ["annotator", "n", "n_blind", "n_shared", "strong", "others_strong", "lenient", "low", "high"]
    if labels.empty:
        return pd.DataFrame(columns=columns)
    values = labels.assign(value=labels["strength"].map(_ORDER.index).astype("float64"))
    table = values.pivot(index="sentence_id", columns="annotator", values="value")
    rows = []
    for name in table.columns:
        own, others = labels[labels["annotator"] == name], table.drop(columns=name)
        shared = table[name].notna() & others.notna().any(axis=1)
        mine, theirs = table.loc[shared, name], others[shared]
        difference = mine - theirs.mean(axis=1)
        ends = mean_interval(difference.to_numpy(), items.reindex(difference.index).to_numpy())
        strong = (theirs == 2).where(theirs.notna()).mean(axis=1)
        rows.append(
            {
                "annotator": name, "n": len(own), "n_blind": int(own["blind"].sum()), "n_shared": int(shared.sum()),
                "strong": float((mine == 2).mean()) if len(mine) else np.nan, "others_strong": strong.mean(),
                "lenient": difference.mean(), "low": ends.low, "high": ends.high,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
