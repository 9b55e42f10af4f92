"""Agreement between people, and what their labels of a random sample say about the tagger, as text and tables."""

import pandas as pd

from g7tag.labels import Certificate, Feedback, PeopleAgreement
from g7tag.report.cells import paragraphs
from g7tag.report.models import numbers, party_lines
from g7tag.report.tables import percent
from g7tag.text import counted

BARS = (0.667, 0.8)
"""Minimum alpha for tentative conclusions, and for reliable data (Krippendorff 2004)."""


def agreement_lines(found: PeopleAgreement) -> list[str]:
    """Return lines that say who labelled, and how many sentences two or more people labelled."""
    people = found.annotators
    if people.empty:
        return ["Nobody has labelled a sentence yet."]
    who = ", ".join(f"{row['annotator']} ({row['n']}, {row['n_blind']} blind)" for row in people.to_dict("records"))
    shared = int(found.parts["n"].max())
    if not shared:
        first = f"Labelled by {who}. No sentence was labelled by two people, so agreement is unknown."
    else:
        first = f"Labelled by {who}; {counted(shared, 'sentence')} by two or more."
    return [first, *party_lines(found.by_party)]


def agreement_tables(found: PeopleAgreement) -> list[pd.DataFrame]:
    """Return the tables of an agreement as text: by part, by person, and repeats; tables without rows are left out."""
    people, repeats = found.annotators[found.annotators["n_shared"] > 0], found.repeats
    by_person = {
        "annotator": people["annotator"], "shared": people["n_shared"], "strong": people["strong"].map(share_text),
        "others strong": people["others_strong"].map(share_text),
        "more lenient by": people["lenient"].map("{:+.2f}".format), "95 %": _intervals(people),
    }  # fmt: skip
    with_self = {
        "annotator": repeats["annotator"], "part": repeats["part"], "shown twice": repeats["n"],
        "same label": (repeats["percent"] / 100).map(share_text),
    }  # fmt: skip
    return _with_rows(part_table(found.parts), pd.DataFrame(by_person), pd.DataFrame(with_self))


def part_table(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the agreement by part of the label as text, without parts of which no sentence has two labels."""
    rows = parts[parts["n"] > 0]
    table = {
        "part": rows["part"], "sentences": rows["n"], "agree": (rows["percent"] / 100).map(share_text),
        "alpha": numbers(rows["alpha"], "{:.2f}"), "95 %": _intervals(rows), "": rows["reason"],
    }  # fmt: skip
    return pd.DataFrame(table).astype("str")


def agreement_rows(found: PeopleAgreement) -> list[dict[str, str]]:
    """Return the table by part as rows of text, for the review desk; none if no sentence was labelled twice."""
    return part_table(found.parts).rename(columns={"": "reason"}).to_dict("records")  # type: ignore[return-value]


def feedback_tables(found: Feedback) -> list[pd.DataFrame]:
    """Return the confusions that return, and the labels that were overruled, as text; no table without rows."""
    said = {"own": "you", "settled": "settled"}
    confusions = found.confusions.rename(columns={**said, "n": "times"}).replace({"you": "", "settled": ""}, "nothing")
    overruled = found.overruled.rename(columns={"sentence_id": "sentence", "text": "says", **said})
    return _with_rows(confusions, overruled[["sentence", "says", "you", "settled", "reason"]])


def feedback_rows(found: Feedback) -> list[list[dict[str, str]]]:
    """Return the tables of feedback as rows of text, for the review desk."""
    return [table.to_dict("records") for table in feedback_tables(found)]  # type: ignore[misc]


def share_text(share: float) -> str:
    """Return a counted share as a rounded percentage; 100% only if it is 1, and 0% only if it is 0."""
    if pd.isna(share):
        return "–"
    return f"{share:.0%}" if share in {0, 1} else percent(share)


def certificate_lines(found: Certificate, *, target: float) -> list[str]:
    """Return what the sample proves in sentences: its size, the bound on errors, and what to label next."""
    sample, whole = found.sample.iloc[0], found.errors.iloc[0]
    n, needed = int(sample["n"]), 0 if pd.isna(whole["more_needed"]) else int(whole["more_needed"])
    refused = found.shares.loc[found.shares["share"].isna(), "reason"]
    ids = {name: list(filter(None, sample[f"{name}_ids"].split(";"))) for name in ("party", "disputed", "next")}
    return paragraphs(
        "certificate.txt", sample=sample, whole=whole, n=n, needed=max(needed, 0), target=f"{target:.0%}", **ids,
        then=sample["n_if_adjudicated"], is_unknown=pd.isna(whole["at_most"]), refused=refused.tolist(),
        n_shares=len(found.shares), why=next(iter(refused.value_counts().index), ""),
        share=min(1.0, (n + needed) / int(sample["n_sentences"]) + 0.005),
    )  # fmt: skip


def certificate_tables(found: Certificate) -> list[pd.DataFrame]:
    """Return the tables as text: errors, corrected shares that could be computed, and comparisons with people."""
    errors, shares, machines = found.errors, found.shares[found.shares["share"].notna()], found.alternatives
    of_errors = {
        "without doubt": errors["what"].replace({"label": "any part"}), "checked": errors["n"],
        "wrong": numbers(errors["wrong"], "{:.0f}"), "share": numbers(errors["share"], "{:.1%}"),
        "95%": _intervals(errors, "{:.1%}"), "at most": numbers(errors["at_most"], "{:.1%}"), "": errors["reason"],
    }  # fmt: skip
    of_shares = {
        "strong in": shares["dimension"], "member": shares["member"].replace("", "all"),
        "tagged": numbers(shares["raw"], "{:.1%}"), "corrected": numbers(shares["share"], "{:.1%}"),
        "95%": _intervals(shares, "{:.1%}"),
    }  # fmt: skip
    of_machines = {
        "as good as a person": machines["machine"], "sentences": machines["n_items"],
        "winning rate": numbers(machines["winning_rate"], "{:.2f}"),
        "advantage": numbers(machines["advantage"], "{:.2f}"),
        "passed": machines["passed"].map({True: "yes", False: "no"}).fillna("–"), "": machines["reason"],
    }  # fmt: skip
    return _with_rows(*map(pd.DataFrame, (of_errors, of_shares, of_machines)))


def _with_rows(*tables: pd.DataFrame) -> list[pd.DataFrame]:
    return [table.astype("str") for table in tables if len(table)]


def _intervals(rows: pd.DataFrame, form: str = "{:.2f}") -> list[str]:
    ends = zip(rows["low"], rows["high"], strict=True)
    return [
        "–" if pd.isna(low) or pd.isna(high) else f"{form.format(low)} to {form.format(high)}" for low, high in ends
    ]
