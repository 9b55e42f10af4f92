"""What people's labels of a random sample prove about the tagger, the models and the shares of strong action."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, SENTENCES, has_key, tags_model, validate
from g7tag.labels.annotations import standing
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
_SETTLED = [*_LABEL, "contradicts"]  # analysts are unanimous if these are equal, as in the policies
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
    confidence: float = 0.95,
) -> Certificate:
    """Return what the labels that people made without seeing a machine's prove about all sentences."""
    validate(tags, tags_model(codebook), source="tags")
    validate(sentences, SENTENCES, source="sentences")
    validate(annotations, ANNOTATIONS, source="annotations")
    judged = sentences[["sentence_id", "member", "text"]].merge(
        tags[["sentence_id", *_LABEL, "act", "needs_review", "status", "tagger"]],
        on="sentence_id",
        validate="one_to_one",
    )
    judged = judged[judged["status"] != "empty"].set_index("sentence_id", drop=False)
    judged = judged.loc[random_order(judged["sentence_id"], random_state)]
    kept = _kept(annotations, judged)
    reference = _references(kept, judged.index)
    n = _length(reference["state"] == USABLE)
    n_labelled = _length(reference["state"] != UNLABELLED)
    return Certificate(
        _sample(
            reference, set(party_decisions(annotations, sentences)["sentence_id"]), n=n, n_labelled=n_labelled
        ).assign(review_below=tags["review_below"].max()),
        _errors(judged, reference, codebook, n=n, target=target, confidence=confidence),
        _shares(judged, reference, codebook, members=sentences["member"].unique(), n=n, confidence=confidence),
        _alternatives(judged.iloc[:n_labelled], kept, epsilon=epsilon),
    )


def _kept(annotations: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Annotations on the current text of a sentence that their annotator did not withdraw later."""
    rows = standing(annotations)
    return rows[rows["text_sha256"] == rows["sentence_id"].map(judged["text"].map(text_sha256))]


def _references(kept: pd.DataFrame, order: pd.Index) -> pd.DataFrame:
    """The reference label of each sentence with its `state`; `adjudicated` and `unsure` describe the label."""
    analysts = kept[(kept["kind"] == "analyst") & kept["blind"]].drop_duplicates(_KEY, keep="last")
    different = analysts[["sentence_id", *_SETTLED]].drop_duplicates()
    disputed = set(different.loc[different["sentence_id"].duplicated(), "sentence_id"])
    by_sentence = analysts.groupby("sentence_id")
    agreed = analysts.drop_duplicates("sentence_id").set_index("sentence_id")
    agreed = agreed.assign(
        act=by_sentence["act"].agg(lambda acts: acts.iloc[0] if (acts == acts.iloc[0]).all() else ""),
        confidence=by_sentence["confidence"].min(),
        state=pd.Series(
            [DISPUTED if sentence_id in disputed else USABLE for sentence_id in agreed.index],
            index=agreed.index, dtype="str",
        ),
    )  # fmt: skip
    judges = kept[(kept["kind"] == "adjudicator") & kept["blind"]].drop_duplicates(_KEY, keep="last")
    ruled = judges[["sentence_id", *_SETTLED]].drop_duplicates()
    split = set(ruled.loc[ruled["sentence_id"].duplicated(), "sentence_id"])
    decided = judges.drop_duplicates("sentence_id", keep="last").set_index("sentence_id")
    states = [DISPUTED if sentence_id in split else USABLE for sentence_id in decided.index]
    decided = decided.assign(state=pd.Series(states, index=decided.index, dtype="str"))
    open_ones = agreed[~agreed.index.isin(decided.index)]
    known = pd.concat([decided, open_ones]).reindex(order)
    return pd.DataFrame(
        {name: known[name].fillna("").astype("str") for name in [*_LABEL, "act"]}
        | {
            "state": known["state"].fillna(UNLABELLED).astype("str"),
            "adjudicated": known["kind"] == "adjudicator",
            "unsure": known["confidence"] == 0.5,
        },
        index=order,
    )


def _length(holds: pd.Series) -> int:
    """How many values are true before the first that is not."""
    return int(holds.to_numpy(dtype=bool).cumprod().sum())


def _sample(reference: pd.DataFrame, by_party: set[str], *, n: int, n_labelled: int) -> pd.DataFrame:
    sampled, state = reference.iloc[:n], reference["state"]
    row = {
        "n_sentences": len(reference),
        "n": n,
        "n_if_adjudicated": n_labelled,
        "n_unsure": int(sampled["unsure"].sum()),
        "n_adjudicated": int(sampled["adjudicated"].sum()),
        "next_ids": ";".join(state.index[state == UNLABELLED][:NEXT]),
        "disputed_ids": ";".join(state.index[state == DISPUTED]),
        "party_ids": ";".join(each for each in sampled.index[sampled["adjudicated"]] if each in by_party),
        "reason": ENDS_DISPUTED if n < n_labelled else "",
    }
    return pd.DataFrame([row])


def _errors(
    judged: pd.DataFrame, reference: pd.DataFrame, codebook: Codebook, *, n: int, target: float, confidence: float
) -> pd.DataFrame:
    """One row for each part of the label: the errors of accepted tags in the sample and what they say about all."""
    accepted = (~judged["needs_review"] & (judged["status"] == "ok")).to_numpy(dtype=bool)
    in_sample = accepted & (np.arange(len(judged)) < n)
    tagged, true = judged[in_sample], reference[in_sample]
    differs = {
        "dimensions": _keys(tagged) != _keys(true),
        **{name: tagged[name] != true[name] for name in ("strength", "act", "exclusion")},
    }
    wrong = {"label": differs["dimensions"] | differs["strength"] | differs["exclusion"]}
    wrong |= {
        key: has_key(tagged["dimensions"], key) != has_key(true["dimensions"], key) for key in codebook.dimension_keys
    }
    wrong |= {name: differs[name] for name in ("strength", "act", "exclusion")}
    no_act = _missing_acts(tagged, true)
    rows = []
    for what, is_wrong in wrong.items():
        row: dict[str, Any] = {"what": what, "population": int(accepted.sum()), "n": len(tagged)}
        if what == "act" and no_act:
            rows.append(row | {"reason": no_act})
            continue
        counts: dict[str, Any] = {
            "wrong": int(is_wrong.sum()), "n": len(tagged), "population": int(accepted.sum()), "confidence": confidence,
        }  # fmt: skip
        bound = error_bound(**counts)
        needed = sample_needed(target, **counts)
        rows.append(
            row
            | {name: getattr(bound, name) for name in ("wrong", "share", "low", "high", "at_most")}
            | {"more_needed": _further(accepted[n:], needed.more), "reason": bound.reason or needed.reason}
        )
    whole, real = ["population", "n", "wrong", "more_needed"], ["share", "low", "high", "at_most"]
    columns = ["what", "population", "n", "wrong", *real, "more_needed", "reason"]
    found = pd.DataFrame(rows).reindex(columns=columns)
    return found.astype(
        dict.fromkeys(whole, "Int64") | dict.fromkeys(real, "float64") | {"what": "str", "reason": "str"}
    )


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
    judged: pd.DataFrame, reference: pd.DataFrame, codebook: Codebook, *, members: Iterable[str], n: int,
    confidence: float,
) -> pd.DataFrame:  # fmt: skip
    """One row for each dimension of all sentences and of each member: shares of sentences strong in it."""
    sampled = np.arange(len(judged)) < n
    parts = {"": np.ones(len(judged), dtype=bool)}
    parts |= {member: (judged["member"] == member).to_numpy() for member in members}
    rows = []
    for member, inside in parts.items():
        for key in codebook.dimension_keys:
            flags = [_strong_in(labels, key)[inside] for labels in (judged, reference)]
            found = corrected_share(flags[0], sampled[inside], flags[1], confidence=confidence)
            check = prediction_powered_share(flags[0], sampled[inside], flags[1], confidence=confidence)
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
            found = alternative_annotator_test(
                {sentence_id: label[part] for sentence_id, label in labels.items()},
                {
                    who: {sentence_id: label[part] for sentence_id, label in said.items()}
                    for who, said in people.items()
                },
                epsilon=epsilon,
                alignment=alignment,
            )
            rows.append(
                {
                    "machine": name, "kind": kind, "on": on, "annotators": ";".join(people), "n_items": found.n_items,
                    "winning_rate": found.winning_rate, "advantage": found.advantage, "passed": found.passed,
                    "reason": found.reason,
                }
            )  # fmt: skip
    columns = ["machine", "kind", "on", "annotators", "n_items", "winning_rate", "advantage", "passed", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"passed": "boolean"})


def _by_annotator(labels: pd.DataFrame) -> Mapping[str, dict[str, tuple[Any, ...]]]:
    """The label of each sentence (its dimensions as a set, strength and exclusion), by annotator in order of name."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for row in labels.sort_values("annotator", kind="stable")[["sentence_id", "annotator", *_LABEL]].itertuples():
        dimensions = frozenset(str(row.dimensions).split(";")) - {""}
        found.setdefault(str(row.annotator), {})[str(row.sentence_id)] = (dimensions, row.strength, row.exclusion)
    return found
