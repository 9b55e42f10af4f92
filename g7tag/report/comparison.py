"""Two runs side by side: as tables for a terminal, and as a page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import Comparison
from g7tag.frames import value_word
from g7tag.report.agreement import part_table
from g7tag.report.cells import one_line, render, snippet
from g7tag.report.tables import percent
from g7tag.report.terminal import table_text
from g7tag.scoring import signed
from g7tag.store import package_version
from g7tag.text import counted

Row = Mapping[Any, Any]
MOST = 20
"""Rows of a table of labels or findings in a terminal; the page and JSON have all."""
_LONGEST = 90  # characters of a text in a table
_ONLY = ("only first", "only second")


class Part(NamedTuple):
    """A part of the comparison: a heading, lines of text, and a table that may have no rows."""

    name: str
    lines: list[str]
    table: pd.DataFrame


def comparison_parts(
    found: Comparison, *, names: Sequence[str], notes: Sequence[str], labels: Mapping[str, str], most: int | None = MOST
) -> list[Part]:
    """Return what differs in two runs, as lines and tables of text; parts without any are left out."""
    about = found.about[found.about["differs"]].drop(columns="differs").set_axis(["What", "First", "Second"], axis=1)
    scores = found.scores[found.scores["why"] != ""].drop_duplicates("member")
    reasons = [f"{member}: {why}." for member, why in zip(scores["member"], scores["why"], strict=True)]
    agreement = part_table(found.agreement).rename(columns={"": "note"})
    agreement = agreement.assign(part=[labels.get(part, part) for part in agreement["part"]])
    rows = _label_rows(found.labels), _finding_rows(found.findings)
    first = [[f"The first {most} of {len(each)}; the page (-o) and --json have all."] for each in rows]
    first = [lines if most and len(each) > most else [] for lines, each in zip(first, rows, strict=True)]
    parts = [
        Part("Runs", [f"first: {names[0]}", f"second: {names[1]}", *notes], about),
        Part("Scores", ["a / b: the first and the second run, where they differ."], _score_rows(found.scores)),
        Part("Levels", reasons or ["No level differs."], _level_rows(found.levels).rename(columns=labels)),
        Part("Labels", [_labels_line(found.labels), *first[0]], rows[0][:most]),
        Part("Agreement of the labels", [], agreement),
        Part("Findings", [_findings_line(found.findings), *first[1]], rows[1][:most]),
    ]
    return [part._replace(lines=[*map(one_line, part.lines)]) for part in parts if part.lines or len(part.table)]


def comparison_text(found: Comparison, **words: Any) -> str:
    """Return what `comparison_parts` has as one text."""
    return parts_text(comparison_parts(found, **words))


def parts_text(parts: Sequence[Part]) -> str:
    """Return parts as one text."""
    texts = []
    for name, lines, table in parts:
        texts.append("\n".join([name, *lines, *([table_text(table).rstrip("\n")] if len(table) else [])]))
    return "\n\n".join(texts)


def comparison_page(found: Comparison, **words: Any) -> str:
    """Return the comparison of two runs as an HTML page that needs no network."""
    parts = comparison_parts(found, **words, most=None)
    return render("tables.html", title="Two runs side by side", version=package_version(), parts=parts, figures={})


def _both(row: Row, name: str, shown: Callable[[Any], str] = str) -> str:
    """Return a value of the first run as text and, where it differs, that of the second."""
    runs = ("first", "second") if row["differs"] not in _ONLY else (row["differs"].removeprefix("only "),)
    return " / ".join(dict.fromkeys(shown(row[f"{run}_{name}"]) for run in runs))


def _score_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of two runs as text; an undecided final score is its basis."""
    finals = {
        f"{run}_final": [
            (value_word("basis", basis).name.lower() or "none") if pd.isna(score) else signed(score)
            for score, basis in zip(scores[f"{run}_final"], scores[f"{run}_basis"], strict=True)
        ]
        for run in ("first", "second")
    }
    rows = [
        {
            "Member": row["member"], "Reading": row["reading"], "Published": _both(row, "published", signed),
            "Suggested": _both(row, "suggested", signed), "Final": _both(row, "final"),
            "Probability": _both(row, "chance", percent),
        }
        for row in scores.assign(**finals).to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, dtype="str")


def _level_rows(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the levels of two runs: members by dimensions."""
    cells = levels.assign(cell=[_both(row, "level") for row in levels.to_dict("records")])
    table = cells.pivot(index="member", columns="dimension", values="cell")
    table = table.reindex(index=levels["member"].drop_duplicates(), columns=levels["dimension"].drop_duplicates())
    return table.fillna("–").rename_axis(index="Member", columns=None).reset_index().astype("str")


def _labels_line(labels: pd.DataFrame) -> str:
    """Return how many labels differ and in which parts, and how many sentences only one run has."""
    n = labels["differs"].value_counts()
    alone = "".join(
        f"; {counted(n[only], 'sentence')} only in the {only.removeprefix('only ')} run" for only in _ONLY if only in n
    )
    both = labels.loc[~labels["differs"].isin(_ONLY), "differs"]
    parts = both[both != ""].str.split(";").explode().value_counts()
    named = f" ({', '.join(f'{part} in {count}' for part, count in parts.items())})" if len(parts) else ""
    return f"{(both != '').sum()} of {counted(len(both), 'matched sentence')} labelled differently{named}{alone}."


def _label_rows(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the labels that differ as text, with who gave them and the start of the sentence."""

    def signed_label(row: Row, run: str) -> str:
        by = row[f"{run}_by"]  # the id of the tagger is under how the runs were made
        who = "tagger" if by.startswith("tagger ") else by
        return f"{row[f'{run}_label']} ({who})" if who else str(row[f"{run}_label"])

    rows = [
        {
            "Sentence": row["sentence_id"].rpartition("/")[2], "First": signed_label(row, "first"),
            "Second": signed_label(row, "second"), "Differs": row["differs"].replace(";", ", "),
            "Text": snippet(row["text"], _LONGEST),
        }
        for row in labels[labels["differs"] != ""].to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, dtype="str")


def _findings_line(findings: pd.DataFrame) -> str:
    """Return how many findings only one run has, and how many changed."""
    words = {"": "in both runs", "only first": "only in the first", "only second": "only in the second"}
    n = findings["differs"].map(words).fillna("changed").value_counts()
    named = ", ".join(f"{n.get(text, 0)} {text}" for text in ("in both runs", "changed", *[*words.values()][1:]))
    return f"{counted(len(findings), 'finding')}: {named}."


def _finding_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings that differ, with both severities and messages."""
    rows = [
        {
            "Differs": row["differs"].replace(";", ", "),
            "Severity": _both(row, "severity"), "Check": value_word("check", row["check"]).name,
            "About": row["subject"].rpartition("/")[2],
            "Finding": _both(row, "message", lambda message: snippet(message, _LONGEST)),
        }
        for row in findings[findings["differs"] != ""].to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, dtype="str")
