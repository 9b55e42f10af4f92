"""Agreement between people who labelled the same sentences, and of each person with their own earlier labels."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import STRENGTHS, has_key
from g7tag.labels.annotations import standing
from g7tag.labels.policies import party_decisions
from g7tag.statistics import Agreement, bootstrap_interval, krippendorff_alpha, percent_agreement
from g7tag.store import text_sha256

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
    return PeopleAgreement(
        agreement_by_part(own, items, **keys),
        _pairs(own, _parts(own, **keys)),
        _repeats(annotations, sentences, **keys),
        _leniency(own, items),
        party_decisions(annotations, sentences)[["sentence_id", "annotator"]].reset_index(drop=True),
    )


def agreement_by_part(
    labels: pd.DataFrame, items: pd.Series, *, dimensions: Sequence[str], exclusions: Sequence[str]
) -> pd.DataFrame:
    """Return how far labels of the same sentences agree, by part of the label."""
    coded = _parts(labels, dimensions=dimensions, exclusions=exclusions)
    rows = [_part_row(part, coded[part], labels, items) for part in coded if len(labels)]
    columns = ["part", "n", "n_annotators", "percent", "alpha", "low", "high", "reason"]
    return pd.DataFrame(rows, columns=columns)


def independent_labels(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return each analyst's own label of each sentence, before any change after seeing other labels."""
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    rows = standing(annotations)
    fresh = rows["text_sha256"] == rows["sentence_id"].map(texts)
    first = rows[fresh & (rows["kind"] == "analyst") & (rows["occasion"] == "label")]
    return first.drop_duplicates(["sentence_id", "annotator"], keep="last").reset_index(drop=True)


def _parts(labels: pd.DataFrame, *, dimensions: Sequence[str], exclusions: Sequence[str]) -> dict[str, pd.Series]:
    """Return the code of each label in each part; NaN where it is not known."""
    named = ["dimensions", "strength", "act", "exclusion"]
    whole = labels[named].agg(" / ".join, axis=1) if len(labels) else labels["strength"]
    whole += labels["contradicts"].map({True: " / contradicts", False: ""})
    return {
        **{key: has_key(labels["dimensions"], key).map({True: "yes", False: "no"}) for key in dimensions},
        "strength": labels["strength"],
        "act": labels["act"].where(labels["act"] != ""),
        **{key: (labels["exclusion"] == key).map({True: "yes", False: "no"}) for key in exclusions},
        "contradicts": labels["contradicts"].map({True: "yes", False: "no"}),
        WHOLE: whole.where(labels["act"] != ""),
    }


def _table(codes: pd.Series, labels: pd.DataFrame) -> pd.DataFrame:
    """Return one row per sentence and one column per annotator; NaN where an annotator gave no code."""
    return pd.DataFrame(
        {"sentence_id": labels["sentence_id"], "annotator": labels["annotator"], "code": codes.astype("object")}
    ).pivot(index="sentence_id", columns="annotator", values="code")


def _part_row(part: str, codes: pd.Series, labels: pd.DataFrame, items: pd.Series) -> dict[str, object]:
    table = _table(codes, labels)
    both = table[table.notna().sum(axis=1) >= 2]
    alpha = krippendorff_alpha
    if part == "strength":
        alpha = partial(krippendorff_alpha, level="ordinal", order=_ORDER)
    values = both.astype("object").where(both.notna(), None).to_numpy()
    found: Agreement = alpha(values)
    interval = bootstrap_interval(alpha, values, items.reindex(both.index).to_numpy())
    n_annotators = int(both.notna().any().sum())
    return {
        "part": part, "n": len(both), "n_annotators": n_annotators, "percent": 100 * percent_agreement(values).value,
        "alpha": found.value, "low": interval.low, "high": interval.high, "reason": found.reason or interval.reason,
    }  # fmt: skip


def _pairs(labels: pd.DataFrame, coded: Mapping[str, pd.Series]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for part, codes in coded.items():
        table = _table(codes, labels)
        for first, second in combinations(table.columns, 2):
            both = table[[first, second]].dropna()
            counts = both.groupby([first, second]).size()
            named = {"part": part, "first": first, "second": second}
            rows += [
                named | {"first_label": pair[0], "second_label": pair[1], "n": int(n)}
                for pair, n in zip(counts.index.tolist(), counts, strict=True)
            ]
    return pd.DataFrame(rows, columns=["part", "first", "second", "first_label", "second_label", "n"])


def _repeats(annotations: pd.DataFrame, sentences: pd.DataFrame, **keys: Sequence[str]) -> pd.DataFrame:
    """Compare each repeat with the same person's own label before."""
    rows = standing(annotations)
    again = rows[rows["occasion"] == "repeat"].drop_duplicates(["sentence_id", "annotator"], keep="last")
    before = independent_labels(annotations, sentences)
    key = ["sentence_id", "annotator", "text_sha256"]
    pairs = again[key].merge(before[key], on=key)
    both = [pairs.merge(side, on=key, how="left", validate="one_to_one") for side in (before, again)]
    first, second = (_parts(side, **keys) for side in both)
    compared = []
    for name, places in pairs.groupby("annotator").groups.items():
        for part in first:
            one, two = first[part].loc[places], second[part].loc[places]
            known = one.notna() & two.notna()
            same = (one[known] == two[known]).mean() if known.any() else np.nan
            compared.append({"annotator": name, "part": part, "n": int(known.sum()), "percent": 100 * float(same)})
    return pd.DataFrame(compared, columns=["annotator", "part", "n", "percent"])


def _leniency(labels: pd.DataFrame, items: pd.Series) -> pd.DataFrame:
    values = labels.assign(value=labels["strength"].map(_ORDER.index).astype("float64"))
    table = values.pivot(index="sentence_id", columns="annotator", values="value") if len(values) else pd.DataFrame()
    rows = []
    for name in table.columns:
        own = labels[labels["annotator"] == name]
        others = table.drop(columns=name)
        shared = table[name].notna() & others.notna().any(axis=1)
        mine, theirs = table.loc[shared, name], others[shared]
        difference = mine - theirs.mean(axis=1)
        low, high = _interval(difference, items.reindex(difference.index).tolist())
        strong = float((mine == 2).mean()) if len(mine) else np.nan
        others_strong = float((theirs == 2).where(theirs.notna()).mean(axis=1).mean()) if len(mine) else np.nan
        rows.append(
            {
                "annotator": name, "n": len(own), "n_blind": int(own["blind"].sum()), "n_shared": int(shared.sum()),
                "strong": strong, "others_strong": others_strong,
                "lenient": difference.mean(), "low": low, "high": high,
            }
        )  # fmt: skip
    columns = ["annotator", "n", "n_blind", "n_shared", "strong", "others_strong", "lenient", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _interval(differences: pd.Series, items: Sequence[str]) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean over resamples of items; NaN below two items."""

    def mean(codes: Any) -> Agreement:
        return Agreement(float(np.mean(codes.astype("float64"))), len(codes), "")

    found = bootstrap_interval(mean, [[value] for value in differences], items)
    return found.low, found.high
