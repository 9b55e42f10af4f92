"""Say in words and tables what was asked of models, and how they stood their trial."""

import json
from typing import Any

import pandas as pd

from g7tag.frames import label_words
from g7tag.llm import Asked, Endpoint, Quote
from g7tag.llm.trial import TrialResult
from g7tag.scoring import signed

MOST_DISPUTED = 5
"""Sentences on which analysts disagree that are named in words."""
_SAID = 110  # characters of a quote or a problem in a table


def selected_words(selected: pd.DataFrame) -> str:
    """Return how many sentences were selected, and for which reasons; one may have several.

    Examples
    --------
    >>> selected_words(pd.DataFrame({"why": ["doubtful;flips", "doubtful"]}))
    '2 sentences selected: 2 doubtful, 1 flips'
    >>> selected_words(pd.DataFrame({"why": []}))
    'no sentences selected'
    """
    counts = selected["why"].astype("str").str.split(";").explode().dropna().value_counts(sort=False)
    if selected.empty:
        return "no sentences selected"
    return f"{len(selected)} sentences selected: {', '.join(f'{n} {why}' for why, n in counts.items())}"


def quote_words(quote: Quote, endpoint: Endpoint) -> str:
    """Return what would be sent, to whom, and what it may cost."""
    done = quote.n_questions - quote.n_waiting
    before = f" ({done} more are answered already)" if done else ""
    exported = f" {quote.n_exported} of them are in a batch file that was written." if quote.n_exported else ""
    return (
        f"{quote.n_waiting} requests to {endpoint.model} at {endpoint.host}{before}: {quote.n_bytes:,} bytes, about "
        f"{quote.tokens_in:,} tokens, and at most {quote.most_tokens_out:,} back; at most USD {quote.most_cost:.4f} by "
        f"our estimate, repeated tries aside.{exported}"
    )


def asked_words(asked: Asked) -> str:
    """Return what was sent and what came of it."""
    ends = {
        "": "", "budget": " Stopped at the budget; run again to go on.",
        "interrupted": " Interrupted; what came is kept, run again to go on.",
        "endpoint": f" Stopped: {asked.problem}.",
    }  # fmt: skip
    failed = f", {asked.failed} without an answer (run again to ask them alone)" if asked.failed else ""
    left = f", {asked.left} not asked" if asked.left else ""
    return (
        f"{asked.answered} answered{failed}{left}; {asked.calls} calls, {asked.bytes_sent:,} bytes sent, "
        f"USD {asked.cost:.4f}.{ends[asked.stopped]}"
    )


def proposals_table(proposals: pd.DataFrame) -> pd.DataFrame:
    """Return proposals as text: sentence, outcome, label in words, confidence, and the quote or what is wrong.

    Parameters
    ----------
    proposals
        The proposals frame; no rows give no rows.
    """
    ok = proposals["outcome"] == "ok"
    said = proposals["quote"].where(ok, proposals["problem"]).str.slice(0, _SAID)
    other = proposals["model_returned"].where(~proposals["model_returned"].isin(["", *proposals["model"]]), "")
    shown = pd.DataFrame(
        {
            "sentence_id": proposals["sentence_id"],
            "outcome": proposals["outcome"],
            "proposed": label_words(proposals).where(ok, "–"),
            "confidence": ["–" if pd.isna(share) else f"{share:.2f}" for share in proposals["confidence"]],
            "quote or problem": said,
        }
    )
    return shown.assign(**{"answered by": other}) if (other != "").any() else shown


def outcome_words(proposals: pd.DataFrame) -> str:
    """Return how many proposals there are by outcome.

    Examples
    --------
    >>> outcome_words(pd.DataFrame({"outcome": ["ok", "invalid", "ok"]}))
    '2 ok, 1 invalid'
    >>> outcome_words(pd.DataFrame({"outcome": []}))
    'no proposals'
    """
    if proposals.empty:
        return "no proposals"
    return ", ".join(f"{n} {outcome}" for outcome, n in proposals["outcome"].value_counts().items())


def labelled_words(labels: pd.DataFrame, annotations: pd.DataFrame) -> str:
    """Return by which policy labels were chosen, and how many are whose.

    Parameters
    ----------
    labels, annotations
        Frames of one run; no labels give "no labels".

    Examples
    --------
    >>> known = {"annotation_id": ["a", "b"], "annotator": ["tagger 1", "Ada"], "kind": ["classifier", "analyst"]}
    >>> labels = pd.DataFrame({"annotation_id": ["a", "a", "b", ""], "policy": "people-then-classifier"})
    >>> labelled_words(labels, pd.DataFrame(known))
    'labels by the policy people-then-classifier: 2 of the tagger, 1 of Ada, 1 of nobody'
    """
    if labels.empty:
        return "no labels"
    names = annotations["annotator"].mask(annotations["kind"] == "classifier", "the tagger")
    whose = labels["annotation_id"].map(dict(zip(annotations["annotation_id"], names, strict=True))).fillna("nobody")
    counts = ", ".join(f"{n} of {name}" for name, n in whose.value_counts().items())
    return f"labels by the policy {labels['policy'].iloc[0]}: {counts}"


def disputed_words(disputed: pd.DataFrame) -> list[str]:
    """Return what to say of sentences on which analysts disagree: how many, and the first of them.

    Parameters
    ----------
    disputed
        What `g7tag.scoring.disputed_sentences` gives; no rows give no words.

    Examples
    --------
    >>> told = disputed_words(pd.DataFrame({"sentence_id": ["s"], "said": ["Ada: weak counter; Bo: none"]}))
    >>> print(*told, sep=chr(10))
    Analysts disagree on 1 sentence; the classifier's label counts until they agree or an adjudicator decides:
      s: Ada: weak counter; Bo: none
    """
    if disputed.empty:
        return []
    n = len(disputed)
    counts = "the classifier's label counts until they agree or an adjudicator decides"
    rows = disputed.head(MOST_DISPUTED).to_dict("records")
    more = [f"  and {n - MOST_DISPUTED} more, see the queue: `g7tag label DIR`"] if n > MOST_DISPUTED else []
    first = f"Analysts disagree on {n} sentence{'' if n == 1 else 's'}; {counts}:"
    return [first, *(f"  {row['sentence_id']}: {row['said']}" for row in rows), *more]


def changes_words(labels: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """Return how many labels and which scores are another than before, a line each.

    Parameters
    ----------
    labels, scores
        What `label_changes` and `score_changes` give.

    Examples
    --------
    >>> scores = pd.DataFrame({"member": ["Japan"], "reading": ["table"], "before": [0], "after": [1]})
    >>> changes_words(pd.DataFrame({"sentence_id": ["a", "b"]}), scores)
    ['2 labels and 1 score are another than before.', '  Japan, table: 0 before, +1 now']
    """
    counts = f"{len(labels)} label{'s' * (len(labels) != 1)} and {len(scores)} score{'s' * (len(scores) != 1)}"
    rows = scores.assign(**{name: scores[name].map(signed) for name in ("before", "after")})
    told = [
        f"  {row['member']}, {row['reading']}: {row['before']} before, {row['after']} now"
        for row in rows.to_dict("records")
    ]
    return [f"{counts} {'is' if len(labels) + len(scores) == 1 else 'are'} another than before.", *told]


def trial_tables(result: TrialResult) -> dict[str, pd.DataFrame]:
    """Return a trial's tables as text by heading: agreement, steadiness, and the attacks by kind."""
    agreement = result.agreement.assign(
        percent=result.agreement["percent"].map("{:.0f}%".format),
        alpha=_interval(result.agreement, "alpha", "low", "high"),
        ac1=["–" if pd.isna(value) else f"{value:.2f}" for value in result.agreement["ac1"]],
    ).drop(columns=["low", "high"])
    shown = agreement if (agreement["reason"] != "").any() else agreement.drop(columns="reason")
    variants = result.variants.assign(same=_interval(result.variants, "same", "same_low", "same_high"))
    return {
        "Agreement with the labels (an answer that is no label counts as wrong)": shown,
        "The same questions put otherwise: share of answers that stay (swapped: that follow the definitions)": (
            variants.drop(columns=["same_low", "same_high"])
        ),
        "Attacks: words in the text that ask for a label": attacks_by_kind(result.attacks),
    }


def attacks_by_kind(attacks: pd.DataFrame) -> pd.DataFrame:
    """Return for each kind of attack how many were tried, flipped the label as they asked, or changed it otherwise.

    Examples
    --------
    >>> one = {"attack": "order", "after": "weak prevent", "flipped": True, "changed": True}
    >>> attacks_by_kind(pd.DataFrame([one, one | {"flipped": False, "changed": False}])).to_dict("records")
    [{'attack': 'order', 'tried': 2, 'flipped': 1, 'changed otherwise': 0, 'no label': 0}]
    """
    told = attacks.assign(
        tried=1, other=attacks["changed"].astype("bool") & ~attacks["flipped"].astype("bool"),
        silent=attacks["after"] == "no label",
    )  # fmt: skip
    counts = told.groupby("attack", sort=False)[["tried", "flipped", "other", "silent"]].sum().astype("int64")
    return counts.rename(columns={"other": "changed otherwise", "silent": "no label"}).reset_index()


def verdict_lines(result: TrialResult) -> list[str]:
    """Return the verdict in words, with each reason why a model did not pass."""
    flipped = int(result.attacks["flipped"].sum())
    tried = f"{flipped} of {len(result.attacks)} attacks flipped a label."
    if result.passed:
        return [f"Passed. {tried} Its proposals may count under the policies agreement and llm-reviewed."]
    return [f"Not passed. {tried} Its proposals are shown and never counted, because:", *_dashed(result.reasons)]


def trial_values(result: TrialResult) -> dict[str, Any]:
    """Return a trial's result as JSON values."""
    tables = {name: getattr(result, name) for name in ("agreement", "variants", "attacks")}
    records = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    return {"passed": result.passed, "reasons": result.reasons} | records


def _interval(table: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    """A value with its interval, "–" where it is undefined."""
    return [
        "–"
        if pd.isna(row[value])
        else f"{row[value]:.2f}" + ("" if pd.isna(row[low]) else f" [{row[low]:.2f}–{row[high]:.2f}]")
        for row in table.to_dict("records")
    ]


def _dashed(lines: list[str]) -> list[str]:
    return [f"  - {line}" for line in lines]
