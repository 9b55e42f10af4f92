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
        f"bytes, about {quote.tokens_in:,} tokens, and at most {quote.most_tokens_out:,} tokens in the answers.\n"
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
    other = proposals["model_returned"].where(~proposals["model_returned"].isin(["", *proposals["model"]]), "")
    shown = proposals[["sentence_id", "outcome"]].assign(
        proposed=label_words(proposals).where(ok, "–"),
        confidence=numbers(proposals["confidence"]),
        **{"quote or problem": proposals["quote"].where(ok, proposals["problem"]).str.slice(0, _LONGEST)},
    )
    return shown.assign(**{"answered by": other}) if (other != "").any() else shown


def outcomes_text(proposals: pd.DataFrame) -> str:
    """Return the number of proposals by outcome."""
    counts = proposals["outcome"].value_counts().items()
    parts = [f"{n} {value_word('outcome', str(outcome)).name.lower()}" for outcome, n in counts]
    return ", ".join(parts) or "no proposals"


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
    rows, n_more = disputed.head(_MOST_DISPUTED).to_dict("records"), len(disputed) - _MOST_DISPUTED
    lines = [f"  {row['sentence_id']}: {row['said']}" for row in rows]
    if n_more > 0:
        lines.append(f"  and {n_more} more; see the queue: `g7tag label DIR`")
    first = f"Analysts disagree on {counted(len(disputed), 'sentence')}; {_DISPUTED}:"
    return [first, *lines] if lines else []


def disputed_lines(disputed: pd.DataFrame) -> list[str]:
    """Return a line on the sentences on which analysts disagree, without their labels: others may still label them."""
    n, ids = counted(len(disputed), "sentence"), first_few(list(disputed["sentence_id"]))
    return [f"Analysts disagree on {n} ({ids}); {_DISPUTED}."] if ids else []


def party_lines(decided: pd.DataFrame) -> list[str]:
    """Return a line on the sentences whose label was decided by a party to the disagreement."""
    n = counted(decided["sentence_id"].nunique(), "sentence")
    named = first_few([f"{row['sentence_id']} ({row['annotator']})" for row in decided.to_dict("records")])
    return [f"The label of {n} was decided by a party to the disagreement: {named}."] if named else []


def changes_lines(labels: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """Return how many labels and which scores changed: a line with the numbers, then one line per score."""
    first = f"{counted(len(labels), 'label')} and {counted(len(scores), 'score')} changed."
    return [first] + [
        f"  {row['member']}, {row['reading']}: {signed(row['before'])} before, {signed(row['after'])} now"
        for row in scores.to_dict("records")
    ]


def trial_tables(result: TrialResult) -> dict[str, pd.DataFrame]:
    """Return the tables of a trial as text by heading: agreement, stability, and attacks by kind."""
    agreement = result.agreement.assign(
        percent=result.agreement["percent"].map("{:.0f}%".format),
        alpha=_intervals(result.agreement, "alpha", "low", "high"),
        ac1=numbers(result.agreement["ac1"]),
    )
    unneeded = ["low", "high"] if agreement["reason"].any() else ["low", "high", "reason"]
    variants = result.variants.assign(same=_intervals(result.variants, "same", "same_low", "same_high"))
    return {
        "Agreement with the labels (an answer without a valid label counts as wrong)": agreement.drop(columns=unneeded),
        "Variants of the questions: share of answers that stay the same": (
            variants.drop(columns=["same_low", "same_high"])
        ),
        "Attacks: text that asks for a label": _attacks_by_kind(result.attacks),
    }


def numbers(values: pd.Series, form: str = "{:.2f}") -> list[str]:
    """Return numbers as text, "–" if undefined."""
    return ["–" if pd.isna(value) else form.format(value) for value in values]


def _intervals(table: pd.DataFrame, *columns: str) -> list[str]:
    """Return values with their intervals."""
    values, lows, highs = (numbers(table[column]) for column in columns)
    ends = ["" if low == "–" else f" [{low}, {high}]" for low, high in zip(lows, highs, strict=True)]
    return [value if value == "–" else f"{value}{end}" for value, end in zip(values, ends, strict=True)]


def _attacks_by_kind(attacks: pd.DataFrame) -> pd.DataFrame:
    """Return for each kind of attack the numbers tried."""
    other, silent = attacks["changed"] & ~attacks["flipped"], attacks["after"] == "no label"
    rows = attacks.assign(tried=1, **{"changed otherwise": other, "no label": silent})
    numbers = ["tried", "flipped", "changed otherwise", "no label"]
    return rows.groupby("attack", sort=False)[numbers].sum().astype("int64").reset_index()


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
    measured = {heading: numbers(quality[name], form) for name, (heading, form) in _MEASURED.items()}
    without, with_labels = (row.round(2) for _, row in quality.drop(columns="tagger").head(2).iterrows())
    worse = [heading for name, (heading, _) in _MEASURED.items() if with_labels[name] < without[name]]
    lines = [f"On {counted(int(without['n']), 'sentence')} left out of training:"]
    lines += _table_lines(quality[["tagger"]].assign(**measured))
    if len(quality) > 2:
        lines.append("The replaced tagger may have learned from these sentences.")
    if worse:
        lines.append(f"Warning: worse with labels: {enumerated(worse)}. Check the labels, or label more.")
    if len(suspects):
        first, n_more = suspects.head(_MOST_SUSPECT), len(suspects) - _MOST_SUSPECT
        given, probability = first["given"].map({True: "yes", False: "no"}), numbers(first["probability"], "{:.1%}")
        lines.append("Suspect labels, which the labels of the other sentences make unlikely:")
        lines += _table_lines(first[["sentence_id", "label"]].assign(given=given, probability=probability))
        lines += [f"and {n_more} more"] if n_more > 0 else []
    return lines


def _table_lines(table: pd.DataFrame) -> list[str]:
    return [line.rstrip() for line in table_text(table).splitlines() if line.strip()]
