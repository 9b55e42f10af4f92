"""Agreement between people as text and tables."""

import pandas as pd

from g7tag.labels import PeopleAgreement
from g7tag.report.models import party_lines
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
    by_part = part_table(found.parts)
    people = found.annotators[found.annotators["n_shared"] > 0]
    by_person = pd.DataFrame(
        {
            "annotator": people["annotator"],
            "shared": people["n_shared"].astype("str"),
            "strong": [share_text(value) for value in people["strong"]],
            "others strong": [share_text(value) for value in people["others_strong"]],
            "more lenient by": [f"{value:+.2f}" for value in people["lenient"]],
            "95 %": _intervals(people),
        }
    )
    repeats = found.repeats[found.repeats["n"] > 0]
    with_self = pd.DataFrame(
        {
            "annotator": repeats["annotator"],
            "part": repeats["part"],
            "shown twice": repeats["n"].astype("str"),
            "same label": [share_text(value / 100) for value in repeats["percent"]],
        }
    )
    return [table.astype("str") for table in (by_part, by_person, with_self) if len(table)]


def part_table(parts: pd.DataFrame) -> pd.DataFrame:
    """Return the agreement by part of the label as text, without parts of which no sentence has two labels."""
    rows = parts[parts["n"] > 0]
    table = {
        "part": rows["part"], "sentences": rows["n"].astype("str"),
        "agree": [share_text(value / 100) for value in rows["percent"]], "alpha": _numbers(rows["alpha"]),
        "95 %": _intervals(rows), "": rows["reason"],
    }  # fmt: skip
    return pd.DataFrame(table).astype("str")


def agreement_rows(found: PeopleAgreement) -> list[dict[str, str]]:
    """Return the table by part as rows of text, for the review desk; none if no sentence was labelled twice."""
    tables = agreement_tables(found)
    if not tables or "part" not in tables[0]:
        return []
    rows = tables[0].rename(columns={"": "reason"}).to_dict("records")
    return [{str(name): str(cell) for name, cell in row.items()} for row in rows]


def share_text(share: float) -> str:
    """Return a counted share as a rounded percentage; 100% only if it is 1, and 0% only if it is 0."""
    if pd.isna(share):
        return "–"
    return f"{share:.0%}" if share in {0, 1} else percent(share)


def _numbers(values: pd.Series) -> list[str]:
    return ["–" if pd.isna(value) else f"{value:.2f}" for value in values]


def _intervals(rows: pd.DataFrame) -> list[str]:
    pairs = zip(_numbers(rows["low"]), _numbers(rows["high"]), strict=True)
    return ["–" if "–" in pair else f"{pair[0]} to {pair[1]}" for pair in pairs]
