"""What people's labels of a random sample prove about the tagger, the models and the shares of strong action."""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import has_key
from g7tag.labels.annotations import UNSURE, differing, standing
from g7tag.labels.policies import party_decisions
from g7tag.labels.selection import draw
from g7tag.statistics import (
    alternative_annotator_test,
    corrected_share,
    error_bound,
    jaccard,
    prediction_powered_share,
    same_label,
    sample_needed,
)
from g7tag.store import text_sha256

NEXT = 20
"""Number of sentences to label next that are named."""
USABLE, DISPUTED, UNLABELLED = "usable", "disputed", "unlabelled"
"""What people's blind labels of a sentence give: a reference label, different labels, or no label."""
ENDS_DISPUTED = "the sample ends before a disputed sentence, so difficult sentences are missing: adjudicate them first"
_LABEL = ["dimensions", "strength", "exclusion"]
_KEY = ["sentence_id", "annotator"]


class Certificate(NamedTuple):
    """The sample, the errors of accepted labels, the corrected shares, and who can stand in for an annotator."""

    sample: pd.DataFrame
    errors: pd.DataFrame
    shares: pd.DataFrame
    alternatives: pd.DataFrame


def random_order(sentence_ids: Iterable[str], random_state: int = 0) -> list[str]:
    """Return sentences in the random order in which they are to be labelled."""
    return sorted(sentence_ids, key=lambda sentence_id: (draw(sentence_id, random_state), sentence_id))


def certify(
    tags: pd.DataFrame,
    sentences: pd.DataFrame,
    annotations: pd.DataFrame,
    codebook: Codebook,
    *,
    target: float = 0.05,
    epsilon: float = 0.15,
    random_state: int = 0,
) -> Certificate:
    """Return what the labels that people made without seeing a machine's prove about all sentences."""
    judged = sentences[["sentence_id", "member", "text"]].merge(
        tags[["sentence_id", *_LABEL, "act", "needs_review", "status", "tagger"]],
        on="sentence_id",
        validate="one_to_one",
    )
    judged = judged[judged["status"] != "empty"].set_index("sentence_id", drop=False)
    judged = judged.loc[random_order(judged["sentence_id"], random_state)]
    rows = standing(annotations)
    kept = rows[rows["text_sha256"] == rows["sentence_id"].map(judged["text"].map(text_sha256))]
    reference = _references(kept, judged.index)
    n = _length(reference["state"] == USABLE)
    n_labelled = _length(reference["state"] != UNLABELLED)
    by_party = set(party_decisions(annotations, sentences)["sentence_id"])
    sample = _sample(reference, by_party, n=n, n_labelled=n_labelled)
    return Certificate(
        sample.assign(review_below=tags["review_below"].max()),
        _errors(judged, reference, codebook, n=n, target=target),
        _shares(judged, reference, codebook, members=sentences["member"].unique(), n=n),
        _alternatives(judged.iloc[:n_labelled], kept, epsilon=epsilon),
    )


def _references(kept: pd.DataFrame, order: pd.Index) -> pd.DataFrame:
    """The reference label of each sentence with its `state`; `adjudicated` and `unsure` describe the label."""
    blind = kept[kept["blind"]]
    analysts, decided = (_unanimous(blind[blind["kind"] == kind]) for kind in ("analyst", "adjudicator"))
    known = pd.concat([decided, analysts[~analysts.index.isin(decided.index)]]).reindex(order)
    return pd.DataFrame(
        {name: known[name].fillna("").astype("str") for name in [*_LABEL, "act"]}
        | {
            "state": known["state"].fillna(UNLABELLED).astype("str"),
            "adjudicated": known["kind"] == "adjudicator",
            "unsure": known["confidence"] == UNSURE,
        },
        index=order,
    )


def _unanimous(rows: pd.DataFrame) -> pd.DataFrame:
    """The label of each sentence by people of a kind, with its state; the act is "" where they differ in it alone."""
    last = rows.drop_duplicates(_KEY, keep="last")
    one = last.drop_duplicates("sentence_id").set_index("sentence_id")
    return one.assign(
        act=one["act"].mask(one.index.isin(differing(last, ["act"])), ""),
        confidence=last.groupby("sentence_id")["confidence"].min(),
        state=np.where(one.index.isin(differing(last)), DISPUTED, USABLE),
    )


def _length(holds: pd.Series) -> int:
    """How many values are true before the first that is not."""
    return int(holds.to_numpy(dtype=bool).cumprod().sum())


def _sample(reference: pd.DataFrame, by_party: set[str], *, n: int, n_labelled: int) -> pd.DataFrame:
    sampled, state = reference.iloc[:n], reference["state"]
    row = {
        "n_sentences": len(reference), "n": n, "n_if_adjudicated": n_labelled,
        "n_unsure": int(sampled["unsure"].sum()), "n_adjudicated": int(sampled["adjudicated"].sum()),
        "next_ids": ";".join(state.index[state == UNLABELLED][:NEXT]),
        "disputed_ids": ";".join(state.index[state == DISPUTED]),
        "party_ids": ";".join(each for each in sampled.index[sampled["adjudicated"]] if each in by_party),
        "reason": ENDS_DISPUTED if n < n_labelled else "",
    }  # fmt: skip
    return pd.DataFrame([row])


def _errors(
    judged: pd.DataFrame, reference: pd.DataFrame, codebook: Codebook, *, n: int, target: float
) -> pd.DataFrame:
    """One row for each part of the label: the errors of accepted tags in the sample and what they say about all."""
    accepted = (~judged["needs_review"] & (judged["status"] == "ok")).to_numpy(dtype=bool)
    in_sample = accepted & (np.arange(len(judged)) < n)
    tagged, true = judged[in_sample], reference[in_sample]
    differs = {name: tagged[name] != true[name] for name in ("strength", "act", "exclusion")}
    wrong = {
        "label": (_keys(tagged) != _keys(true)) | differs["strength"] | differs["exclusion"],
        **{
            key: has_key(tagged["dimensions"], key) != has_key(true["dimensions"], key)
            for key in codebook.dimension_keys
        },
        **differs,
    }
    no_act = _missing_acts(tagged, true)
    size = {"population": int(accepted.sum()), "n": len(tagged)}
    rows: list[dict[str, Any]] = []
    for what, is_wrong in wrong.items():
        if what == "act" and no_act:
            rows.append({"what": what, **size, "reason": no_act})
            continue
        bound = error_bound(int(is_wrong.sum()), **size)
        needed = sample_needed(target, wrong=bound.wrong, **size)
        shares = {name: getattr(bound, name) for name in ("wrong", "share", "low", "high", "at_most")}
        more = _further(accepted[n:], needed.more)
        rows.append({"what": what, **size, **shares, "more_needed": more, "reason": bound.reason or needed.reason})
    types = {
        "what": "str", "population": "Int64", "n": "Int64", "wrong": "Int64", "share": "float64", "low": "float64",
        "high": "float64", "at_most": "float64", "more_needed": "Int64", "reason": "str",
    }  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=list(types)).astype(types)


def _keys(labels: pd.DataFrame) -> pd.Series:
    """The dimensions of each row, independent of their order."""
    return labels["dimensions"].map(lambda joined: ";".join(sorted(joined.split(";"))))


def _missing_acts(tagged: pd.DataFrame, true: pd.DataFrame) -> str:
    """Why errors in the act cannot be counted, "" if they can."""
    if (tagged["act"] == "").any():
        return "the tagger gives no act"
    missing = int((true["act"] == "").sum())
    return f"people gave no act, or different acts, for {missing} of {len(true)}" if missing else ""


def _further(accepted: np.ndarray[Any, np.dtype[np.bool_]], more: int | None) -> int | None:
    """How many further sentences of the random order have as many accepted tags."""
    if more is None or more == 0:
        return more
    return int(np.searchsorted(accepted.cumsum(), more)) + 1


def _shares(
    judged: pd.DataFrame, reference: pd.DataFrame, codebook: Codebook, *, members: Iterable[str], n: int
) -> pd.DataFrame:
    """One row for each dimension of all sentences and of each member: shares of sentences strong in it."""
    sampled = np.arange(len(judged)) < n
    parts = {"": np.ones(len(judged), dtype=bool)}
    parts |= {member: (judged["member"] == member).to_numpy() for member in members}
    rows = []
    for member, inside in parts.items():
        for key in codebook.dimension_keys:
            flags = [_strong_in(labels, key)[inside] for labels in (judged, reference)]
            found = corrected_share(flags[0], sampled[inside], flags[1])
            check = prediction_powered_share(flags[0], sampled[inside], flags[1])
            rows.append(
                {
                    "member": member, "dimension": key, "n_sentences": int(inside.sum()), "n": found.n,
                    "raw": found.raw, "n_differ": found.n_differ, "share": found.share, "low": found.low,
                    "high": found.high, "reason": found.reason, "ppi_low": check.low, "ppi_high": check.high,
                    "ppi_reason": check.reason,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _strong_in(labels: pd.DataFrame, key: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return (has_key(labels["dimensions"], key) & (labels["strength"] == "strong")).to_numpy(dtype=bool)


def _alternatives(labelled: pd.DataFrame, kept: pd.DataFrame, *, epsilon: float) -> pd.DataFrame:
    """Two rows for the tagger and each model: the alternative annotator test on the label and on the dimensions."""
    own = kept[kept["sentence_id"].isin(labelled.index)]
    first = own[(own["kind"] == "analyst") & own["blind"] & (own["occasion"] == "label")]
    people = _by_annotator(first.drop_duplicates(_KEY, keep="last"))
    tagged = labelled[labelled["status"] == "ok"].assign(annotator=labelled["tagger"])
    models = own[own["kind"] == "llm"].drop_duplicates(_KEY, keep="last")
    machines = [("classifier", name, labels) for name, labels in _by_annotator(tagged).items()]
    machines += [("llm", name, labels) for name, labels in _by_annotator(models).items()]
    rows = []
    for kind, name, labels in machines:
        for on, part, alignment in (("label", slice(None), same_label), ("dimensions", 0, jaccard)):
            given: dict[Hashable, Any] = {each: label[part] for each, label in labels.items()}
            others = {who: {each: label[part] for each, label in said.items()} for who, said in people.items()}
            found = alternative_annotator_test(given, others, epsilon=epsilon, alignment=alignment)
            rows.append(
                {
                    "machine": name, "kind": kind, "on": on, "annotators": ";".join(people), "n_items": found.n_items,
                    "winning_rate": found.winning_rate, "advantage": found.advantage, "passed": found.passed,
                    "reason": found.reason,
                }
            )  # fmt: skip
    columns = ["machine", "kind", "on", "annotators", "n_items", "winning_rate", "advantage", "passed", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"passed": "boolean"})


def _by_annotator(labels: pd.DataFrame) -> dict[str, dict[Hashable, tuple[Any, ...]]]:
    """The label of each sentence (its dimensions as a set, strength and exclusion), by annotator in order of name."""
    found: dict[str, dict[Hashable, tuple[Any, ...]]] = {}
    for row in labels.sort_values("annotator", kind="stable")[["sentence_id", "annotator", *_LABEL]].itertuples():
        dimensions = frozenset(str(row.dimensions).split(";")) - {""}
        found.setdefault(str(row.annotator), {})[str(row.sentence_id)] = (dimensions, row.strength, row.exclusion)
    return found
