"""Tables and texts on requests to models, labels and trials."""

import pandas as pd

from g7tag.frames import label_words, value_word
from g7tag.labels import label_authors
from g7tag.llm import Asked, Endpoint, Quote
from g7tag.llm.trial import TrialResult
from g7tag.report.terminal import table_text
from g7tag.scoring import signed
from g7tag.text import counted, enumerated, first_few

_MOST_DISPUTED = 5  # sentences with disagreement to list
_DISPUTED = "the tagger's label counts until they agree or an adjudicator decides"
_LONGEST = 110  # characters of a quote or a problem in a table
_MOST_SUSPECT = 10  # suspect labels to list
_MEASURED = {
    "macro_f1": ("macro-F1", "{:.2f}"), "act": ("act right", "{:.0%}"), "strength": ("strength right", "{:.0%}"),
    "all": ("all right", "{:.0%}"),
}  # fmt: skip


def selection_text(selected: pd.DataFrame) -> str:
    """Return the number of selected sentences, and the number for each reason; a sentence may have several reasons."""
    counts = selected["why"].astype("str").str.split(";").explode().dropna().value_counts(sort=False)
    if selected.empty:
        return "no sentences selected"
    return f"{counted(len(selected), 'sentence')} selected: {', '.join(f'{n} {why}' for why, n in counts.items())}"


def quote_text(quote: Quote, endpoint: Endpoint) -> str:
    """Return a text on what would be sent to which endpoint, and the maximum cost."""
    done = quote.n_questions - quote.n_waiting
    before = f" ({done} more already answered)" if done else ""
    return (
        f"{counted(quote.n_waiting, 'request')} to {endpoint.model} at {endpoint.host}{before}: {quote.n_bytes:,} "
        f"bytes, about {quote.tokens_in:,} tokens, and at most {quote.most_tokens_out:,} tokens in the answers. "
        f"Estimated maximum cost, without retries: USD {quote.most_cost:.4f}."
    )


def asked_text(asked: Asked) -> str:
    """Return a text on what was sent, the answers, and the cost."""
    ends = {
        "": "", "budget": " Stopped at the budget; run again to continue.",
        "interrupted": " Interrupted; the answers are kept, run again to continue.",
        "endpoint": f" Stopped: {asked.problem.removesuffix('.')}.",
    }  # fmt: skip
    failed = f", {asked.failed} without an answer (run again to ask only these)" if asked.failed else ""
    left = f", {asked.left} not asked" if asked.left else ""
    return (
        f"{asked.answered} answered{failed}{left}; {counted(asked.calls, 'call')}, {asked.bytes_sent:,} bytes sent, "
        f"USD {asked.cost:.4f}.{ends[asked.stopped]}"
    )


def proposals_table(proposals: pd.DataFrame) -> pd.DataFrame:
    """Return proposals as text: sentence, outcome, proposed label, confidence, and the quote or the problem."""
    ok = proposals["outcome"] == "ok"
    text = proposals["quote"].where(ok, proposals["problem"]).str.slice(0, _LONGEST)
    other = proposals["model_returned"].where(~proposals["model_returned"].isin(["", *proposals["model"]]), "")
    shown = pd.DataFrame(
        {
            "sentence_id": proposals["sentence_id"],
            "outcome": proposals["outcome"],
            "proposed": label_words(proposals).where(ok, "–"),
            "confidence": ["–" if pd.isna(share) else f"{share:.2f}" for share in proposals["confidence"]],
            "quote or problem": text,
        }
    )
    return shown.assign(**{"answered by": other}) if (other != "").any() else shown


def outcomes_text(proposals: pd.DataFrame) -> str:
    """Return the number of proposals by outcome."""
    if proposals.empty:
        return "no proposals"
    counts = proposals["outcome"].value_counts().items()
    return ", ".join(f"{n} {value_word('outcome', str(outcome)).name.lower()}" for outcome, n in counts)


def labels_text(labels: pd.DataFrame, annotations: pd.DataFrame) -> str:
    """Return the policy of the labels and the number of labels by annotator, without a full stop at the end."""
    if labels.empty:
        return "no labels"
    names = annotations["annotator"].mask(annotations["kind"] == "classifier", "the tagger")
    labelled_by = label_authors(labels, annotations.assign(annotator=names))
    parts = [f"{n} by {name}" if name else f"{n} unlabelled" for name, n in labelled_by.value_counts().items()]
    return f"labels under the policy {labels['policy'].iloc[0]}: {', '.join(parts)}".removesuffix(".")


def disagreement_lines(disputed: pd.DataFrame) -> list[str]:
    """Return lines on the sentences on which analysts disagree: their number and the first few."""
    if disputed.empty:
        return []
    n = len(disputed)
    rows = disputed.head(_MOST_DISPUTED).to_dict("records")
    more = [f"  and {n - _MOST_DISPUTED} more; see the queue: `g7tag label DIR`"] if n > _MOST_DISPUTED else []
    first = f"Analysts disagree on {counted(n, 'sentence')}; {_DISPUTED}:"
    return [first, *(f"  {row['sentence_id']}: {row['said']}" for row in rows), *more]


def disputed_lines(disputed: pd.DataFrame) -> list[str]:
    """Return a line on the sentences on which analysts disagree, without their labels: others may still label them."""
    if disputed.empty:
        return []
    ids = first_few(list(disputed["sentence_id"]))
    return [f"Analysts disagree on {counted(len(disputed), 'sentence')} ({ids}); {_DISPUTED}."]


def party_lines(decided: pd.DataFrame) -> list[str]:
    """Return a line on the sentences whose label was decided by a party to the disagreement."""
    if decided.empty:
        return []
    named = first_few([f"{row['sentence_id']} ({row['annotator']})" for row in decided.to_dict("records")])
    n = counted(decided["sentence_id"].nunique(), "sentence")
    return [f"The label of {n} was decided by a party to the disagreement: {named}."]


def changes_lines(labels: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """Return how many labels and which scores changed: a line with the numbers, then one line per score."""
    rows = scores.assign(**{name: scores[name].map(signed) for name in ("before", "after")})
    changes = [
        f"  {row['member']}, {row['reading']}: {row['before']} before, {row['after']} now"
        for row in rows.to_dict("records")
    ]
    return [f"{counted(len(labels), 'label')} and {counted(len(scores), 'score')} changed.", *changes]


def trial_tables(result: TrialResult) -> dict[str, pd.DataFrame]:
    """Return the tables of a trial as text by heading: agreement, stability, and attacks by kind."""
    agreement = result.agreement.assign(
        percent=result.agreement["percent"].map("{:.0f}%".format),
        alpha=_interval(result.agreement, "alpha", "low", "high"),
        ac1=["–" if pd.isna(value) else f"{value:.2f}" for value in result.agreement["ac1"]],
    ).drop(columns=["low", "high"])
    shown = agreement if (agreement["reason"] != "").any() else agreement.drop(columns="reason")
    variants = result.variants.assign(same=_interval(result.variants, "same", "same_low", "same_high"))
    return {
        "Agreement with the labels (an answer without a valid label counts as wrong)": shown,
        "Variants of the questions: share of answers that stay the same": (
            variants.drop(columns=["same_low", "same_high"])
        ),
        "Attacks: text that asks for a label": _attacks_by_kind(result.attacks),
    }


def _interval(table: pd.DataFrame, value: str, low: str, high: str) -> list[str]:
    """Return values with their intervals, "–" if undefined."""
    ends = ["" if pd.isna(row[low]) else f" [{row[low]:.2f}–{row[high]:.2f}]" for row in table.to_dict("records")]
    return ["–" if pd.isna(each) else f"{each:.2f}{end}" for each, end in zip(table[value], ends, strict=True)]


def _attacks_by_kind(attacks: pd.DataFrame) -> pd.DataFrame:
    """Return for each kind of attack the numbers tried."""
    rows = attacks.assign(
        tried=1, other=attacks["changed"].astype("bool") & ~attacks["flipped"].astype("bool"),
        silent=attacks["after"] == "no label",
    )  # fmt: skip
    counts = rows.groupby("attack", sort=False)[["tried", "flipped", "other", "silent"]].sum().astype("int64")
    return counts.rename(columns={"other": "changed otherwise", "silent": "no label"}).reset_index()


def verdict_lines(result: TrialResult) -> list[str]:
    """Return lines with the verdict and, if the model did not pass, the reasons."""
    kinds = _attacks_by_kind(result.attacks)[["flipped", "changed otherwise", "no label"]].sum()
    tried = (
        f"{kinds['flipped']} of {len(result.attacks)} attacks flipped a label, {kinds['changed otherwise']} changed it "
        f"otherwise, and {kinds['no label']} got no label."
    )
    if result.passed:
        return [f"Passed. {tried} The model's proposals can count under the policies agreement and llm-reviewed."]
    first = f"Not passed. {tried} The model's proposals are shown but never count, because:"
    return [first, *(f"  - {reason}" for reason in result.reasons)]


def training_lines(quality: pd.DataFrame, suspects: pd.DataFrame) -> list[str]:
    """Return what labels did to the tags of sentences left out of training, and suspect labels; empty without these."""
    if quality.empty:
        return []
    shown = quality[["tagger"]].assign(
        **{
            heading: ["–" if pd.isna(value) else form.format(value) for value in quality[name]]
            for name, (heading, form) in _MEASURED.items()
        }
    )
    without, with_labels = (row.round(2) for _, row in quality.drop(columns="tagger").head(2).iterrows())
    worse = [heading for name, (heading, _) in _MEASURED.items() if with_labels[name] < without[name]]
    return [
        f"On {counted(int(without['n']), 'sentence')} left out of training:",
        *_table_lines(shown),
        *(["The replaced tagger may have learned from these sentences."] if len(quality) > 2 else []),
        *([f"Warning: worse with labels: {enumerated(worse)}. Check the labels, or label more."] if worse else []),
        *_suspect_lines(suspects),
    ]


def _suspect_lines(suspects: pd.DataFrame) -> list[str]:
    first, rest = suspects.head(_MOST_SUSPECT), len(suspects) - _MOST_SUSPECT
    if first.empty:
        return []
    shown = first[["sentence_id", "label"]].assign(
        given=["yes" if given else "no" for given in first["given"]],
        probability=first["probability"].map("{:.1%}".format),
    )
    return [
        "Suspect labels, which the labels of the other sentences make unlikely:",
        *_table_lines(shown),
        *([f"and {rest} more"] if rest > 0 else []),
    ]


def _table_lines(table: pd.DataFrame) -> list[str]:
    return [line.rstrip() for line in table_text(table).splitlines() if line.strip()]
