"""What people's labels of a random sample say about the tagger, as text and tables."""

import pandas as pd

from g7tag.labels import Certificate
from g7tag.text import counted, first_few

_NAMES = {"label": "any part", "strength": "strength", "act": "act", "exclusion": "exclusion"}


def certificate_lines(found: Certificate, *, target: float) -> list[str]:
    """Return what the sample proves in sentences: its size, the bound on errors, and what to label next."""
    sample, whole = found.sample.iloc[0], found.errors.iloc[0]
    lines = [
        f"Random sample: the first {counted(int(sample['n']), 'sentence')} of {sample['n_sentences']} in random order "
        "have a blind label by people."
    ]
    if sample["party_ids"]:
        n_party = len(sample["party_ids"].split(";"))
        lines.append(
            f"Note: {n_party} of these labels {'was' if n_party == 1 else 'were'} decided by a party to the "
            f"disagreement ({first_few(sample['party_ids'].split(';'))})."
        )
    if sample["reason"]:
        then = counted(int(sample["n_if_adjudicated"]), "sentence")
        lines.append(
            f"Note: {sample['reason']} ({first_few(sample['disputed_ids'].split(';'))}). Then the sample has {then}."
        )
    if pd.isna(whole["at_most"]):
        lines.append(f"Errors of the tagger: unknown ({whole['reason']}).")
    else:
        lines.append(
            f"Labels without doubt (at least {sample['review_below']:.0%} likely right, and no other reason for a "
            f"review): at most {whole['at_most']:.1%} are wrong in any part (95% confidence); {whole['wrong']} of "
            f"{whole['n']} were."
        )
    refused = found.shares.loc[found.shares["share"].isna(), "reason"]
    if len(refused):
        why = refused.value_counts().index[0]
        lines.append(f"Corrected shares: {len(refused)} of {len(found.shares)} are refused (such as: {why}).")
    if sample["reason"]:
        return lines
    if whole["more_needed"] is not pd.NA and whole["more_needed"] > 0:
        more = counted(int(whole["more_needed"]), "more sentence")
        share = min(1.0, (int(sample["n"]) + int(whole["more_needed"])) / int(sample["n_sentences"]) + 0.005)
        lines.append(
            f"To show at most {target:.0%}, label {more} if errors continue at this rate "
            f"(--select audit --audit-share {share:.2f})."
        )
    elif whole["reason"]:
        lines.append(f"At most {target:.0%} cannot be shown: {whole['reason']}.")
    if sample["next_ids"]:
        lines.append(f"Next in random order: {first_few(sample['next_ids'].split(';'))}.")
    return lines


def certificate_tables(found: Certificate) -> list[pd.DataFrame]:
    """Return the tables as text: errors, corrected shares that could be computed, and comparisons with people."""
    errors = pd.DataFrame(
        {
            "without doubt": [_NAMES.get(what, what) for what in found.errors["what"]],
            "checked": found.errors["n"].astype("str"),
            "wrong": _numbers(found.errors["wrong"], "{:.0f}"),
            "share": _numbers(found.errors["share"], "{:.1%}"),
            "95%": _intervals(found.errors, "low", "high"),
            "at most": _numbers(found.errors["at_most"], "{:.1%}"),
            "": found.errors["reason"],
        }
    )
    known = found.shares[found.shares["share"].notna()]
    shares = pd.DataFrame(
        {
            "strong in": known["dimension"],
            "member": known["member"].where(known["member"] != "", "all"),
            "tagged": _numbers(known["raw"], "{:.1%}"),
            "corrected": _numbers(known["share"], "{:.1%}"),
            "95%": _intervals(known, "low", "high"),
            "95% (ppi)": _intervals(known, "ppi_low", "ppi_high"),
        }
    )
    rows = found.alternatives
    passed = rows["passed"].map({True: "yes", False: "no"}).fillna("–")
    machines = pd.DataFrame(
        {
            "as good as a person": rows["machine"],
            "on": rows["on"],
            "sentences": rows["n_items"].astype("str"),
            "winning rate": _numbers(rows["winning_rate"], "{:.2f}"),
            "advantage": _numbers(rows["advantage"], "{:.2f}"),
            "passed": passed,
            "": rows["reason"],
        }
    )
    return [table.astype("str") for table in (errors, shares, machines) if len(table)]


def _numbers(values: pd.Series, form: str) -> list[str]:
    return ["–" if pd.isna(value) else form.format(value) for value in values]


def _intervals(rows: pd.DataFrame, low: str, high: str) -> list[str]:
    pairs = zip(_numbers(rows[low], "{:.1%}"), _numbers(rows[high], "{:.1%}"), strict=True)
    return ["–" if "–" in pair else f"{pair[0]} to {pair[1]}" for pair in pairs]
