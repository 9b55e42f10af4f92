"""What people's labels of a random sample prove about the tagger, the models and the shares of strong action."""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import has_key
from g7tag.labels.annotations import differing, fresh
from g7tag.labels.policies import party_decisions
from g7tag.labels.selection import draw
from g7tag.statistics import alternative_annotator_test, corrected_share, error_bound
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
    kept = fresh(annotations, judged["text"].map(text_sha256))
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
    """The reference label of each sentence, with its `state` and whether an adjudicator gave it."""
    blind = kept[kept["blind"]]
    analysts, decided = (_unanimous(blind[blind["kind"] == kind]) for kind in ("analyst", "adjudicator"))
    known = pd.concat([decided, analysts[~analysts.index.isin(decided.index)]]).reindex(order)
    return pd.DataFrame(
        {name: known[name].fillna("").astype("str") for name in [*_LABEL, "act"]}
        | {
            "state": known["state"].fillna(UNLABELLED).astype("str"),
            "adjudicated": known["kind"] == "adjudicator",
        },
        index=order,
    )


def _unanimous(rows: pd.DataFrame) -> pd.DataFrame:
    """The label of each sentence by people of a kind, with its state; the act is "" where they differ in it alone."""
    last = rows.drop_duplicates(_KEY, keep="last")
    one = last.drop_duplicates("sentence_id").set_index("sentence_id")
    return one.assign(
        act=one["act"].mask(one.index.isin(differing(last, ["act"])), ""),
        state=np.where(one.index.isin(differing(last)), DISPUTED, USABLE),
    )


def _length(holds: pd.Series) -> int:
    """How many values are true before the first that is not."""
    return int(holds.to_numpy(dtype=bool).cumprod().sum())


def _sample(reference: pd.DataFrame, by_party: set[str], *, n: int, n_labelled: int) -> pd.DataFrame:
    sampled, state = reference.iloc[:n], reference["state"]
    row = {
        "n_sentences": len(reference), "n": n, "n_if_adjudicated": n_labelled,
        "n_adjudicated": int(sampled["adjudicated"].sum()),
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
    no_act, unknown = "", int((true["act"] == "").sum())
    if unknown:
        no_act = f"people gave no act, or different acts, for {unknown} of {len(true)}"
    if (tagged["act"] == "").any():
        no_act = "the tagger gives no act"
    size = {"population": int(accepted.sum()), "n": len(tagged)}
    rows: list[dict[str, Any]] = []
    for what, is_wrong in wrong.items():
        if what == "act" and no_act:
            rows.append({"what": what, **size, "reason": no_act})
            continue
        wrong_here = int(is_wrong.sum())
        bound = error_bound(wrong_here, **size, target=target)
        if bound.more_needed:  # of all further sentences, not only of those with an accepted tag
            more = int(np.searchsorted(accepted[n:].cumsum(), bound.more_needed)) + 1
            bound = bound._replace(more_needed=more)
        rows.append({"what": what, **size, "wrong": wrong_here, **bound._asdict()})
    types = {
        "what": "str", "population": "Int64", "n": "Int64", "wrong": "Int64", "share": "float64", "low": "float64",
        "high": "float64", "at_most": "float64", "more_needed": "Int64", "reason": "str",
    }  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=list(types)).astype(types)


def _keys(labels: pd.DataFrame) -> pd.Series:
    """The dimensions of each row, independent of their order."""
    return labels["dimensions"].map(lambda joined: ";".join(sorted(joined.split(";"))))


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
            said, true = (
                (has_key(labels["dimensions"], key) & (labels["strength"] == "strong")).to_numpy(dtype=bool)[inside]
                for labels in (judged, reference)
            )
            found = corrected_share(said, sampled[inside], true)
            rows.append({"member": member, "dimension": key, "n_sentences": int(inside.sum()), **found._asdict()})
    columns = ["member", "dimension", "n_sentences", "n", "raw", "n_differ", "share", "low", "high", "reason"]
    return pd.DataFrame(rows)[columns]


def _alternatives(labelled: pd.DataFrame, kept: pd.DataFrame, *, epsilon: float) -> pd.DataFrame:
    """One row for the tagger and each model: the alternative annotator test."""
    own = kept[kept["sentence_id"].isin(labelled.index)]
    first = own[(own["kind"] == "analyst") & own["blind"] & (own["occasion"] == "label")]
    people = _by_annotator(first.drop_duplicates(_KEY, keep="last"))
    tagged = labelled[labelled["status"] == "ok"].assign(annotator=labelled["tagger"])
    models = own[own["kind"] == "llm"].drop_duplicates(_KEY, keep="last")
    machines = [("classifier", name, labels) for name, labels in _by_annotator(tagged).items()]
    machines += [("llm", name, labels) for name, labels in _by_annotator(models).items()]
    rows = []
    for kind, name, labels in machines:
        found = alternative_annotator_test(labels, people, epsilon=epsilon)
        rows.append({"machine": name, "kind": kind, "annotators": ";".join(people), **found._asdict()})
    columns = ["machine", "kind", "annotators", "n_items", "winning_rate", "advantage", "passed", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"passed": "boolean"})


def _by_annotator(labels: pd.DataFrame) -> dict[str, dict[Hashable, str]]:
    """The label of each sentence without its act, by annotator in order of name."""
    said = (_keys(labels) + "/" + labels["strength"] + "/" + labels["exclusion"]).astype("str")
    rows = labels[["sentence_id", "annotator"]].assign(label=said)
    return {
        str(name): dict(zip(own["sentence_id"], own["label"], strict=True)) for name, own in rows.groupby("annotator")
    }
