"""Members over several commitments: as tables for a terminal, and as a page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from g7tag.frames import value_word
from g7tag.panel import DRAWS, PanelFrames
from g7tag.report.cells import one_line, render, snippet
from g7tag.report.charts import ranks_chart
from g7tag.report.comparison import MOST, Part
from g7tag.report.display import show_frame
from g7tag.report.tables import percent
from g7tag.scoring import signed, suggested_chances
from g7tag.store import package_version
from g7tag.text import counted, enumerated

Row = Mapping[Any, Any]
_SCORES = (
    "Each cell is published / suggested, with the probability of the suggested score; d: decided by people. Suggested "
    "scores, averages and ranks follow the reading"
)
_AVERAGES = (
    "Compliance is 50% for a mean score of 0, 100% for +1. In brackets the 95% interval over resamples of the "
    "commitments, as if they were drawn at random; with few commitments it is too narrow. Suggested: the scores to "
    "expect from the probabilities, with an interval that also draws each score from them."
)
_RANKS = (
    f"Suggested: where 95% of {DRAWS:,} draws of the scores are. Each score is drawn by itself, but errors of a tagger "
    "may go the same way in many chapters: this range is too narrow. A member without a score for a commitment is "
    "averaged over the others."
)
_WITH_AMBITION = "under all weightings between equal weights and weights by ambition"
_CONSISTENCY = "Compare scores only if the chapters have the same threshold, readings, rules and policy."
_NO_ACT = "No member has items in two chapters that are dated at most one day apart and have words in common."
_MADE = [
    "commitment_id", "title", "min_strong_items", "readings", "policy", "codebook_version", "tagger", "n_people",
    "share_strong", "n_matched", "ambition", "differs",
]  # fmt: skip
_ACTS = ["item_1", "item_2", "one_act", "same_source", "labels_1", "labels_2", "alike", "counted_twice"]


def panel_parts(frames: PanelFrames, *, notes: Sequence[str], most: int | None = MOST) -> list[Part]:
    """Return what a panel shows, as lines and tables of text; with `most`, pairs are cut and have no texts."""
    readings, made = frames.scores.loc[frames.scores["averaged"], "reading"].unique(), frames.consistency
    weights = _WITH_AMBITION if made["ambition"].notna().any() else "with equal weights"
    differ = "Some differ, see the last column." if (made["differs"] != "").any() else "They have."
    n, acts = len(frames.shared_acts), frames.shared_acts.head(most or len(frames.shared_acts))
    cut = [f"The first {most} of {n}; the page (-o) and --json have all."] if most and n > most else []
    texts = {name: acts[name].map(snippet) for name in ("text_1", "text_2")}
    parts = [
        Part("Scores", [*notes, f"{_SCORES} {enumerated(list(readings))}."], _score_rows(frames)),
        Part(
            "Averages and ranks",
            [_AVERAGES, f"Rank, published: the best and the worst one {weights}, exactly. {_RANKS}"],
            _standing_rows(frames.standings),
        ),
        Part("Consistency of the chapters", [f"{_CONSISTENCY} {differ}"], _chapter_rows(made)),
        Part(
            "Acts in two chapters",
            [_acts_line(frames.shared_acts), *cut],
            show_frame(acts.assign(**texts)[_ACTS + ([] if most else [*texts])], most=None, name="shared_acts").texts,
        ),
    ]
    return [part._replace(lines=[*map(one_line, part.lines)]) for part in parts]


def panel_page(frames: PanelFrames, *, notes: Sequence[str]) -> str:
    """Return a panel as an HTML page that needs no network."""
    return render(
        "tables.html", title="Members over commitments", version=package_version(),
        parts=panel_parts(frames, notes=notes, most=None),
        figures={"Averages and ranks": ranks_chart(frames.standings)},
    )  # fmt: skip


def rank_lines(standings: pd.DataFrame) -> list[str]:
    """Return one line for each member with its rank by published scores, the best first."""
    known = standings[(standings["scores"] == "published") & standings["best"].notna()]
    known = known.sort_values(["best", "worst"], kind="stable")
    return [f"{row['member']} is {_rank(row, 'between {} and {}')}." for row in known.to_dict("records")]


def _rank(row: Row, between: str = "{} to {}") -> str:
    if pd.isna(row["best"]):
        return "none"
    best, worst = ordinal(row["best"]), ordinal(row["worst"])
    return best if best == worst else between.format(best, worst)


def ordinal(number: int) -> str:
    """Return an ordinal number: 1st, 2nd, 11th, 23rd."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in range(11, 14) else ends.get(number % 10, 'th')}"


def _score_rows(frames: PanelFrames) -> pd.DataFrame:
    """Return members by commitments: the published score, the suggested one that is averaged, what was decided."""
    scores = frames.scores.assign(chance=suggested_chances(frames.scores))[frames.scores["averaged"]]
    scores = scores.assign(cell=[_score_cell(row) for row in scores.to_dict("records")])
    table = scores.pivot(index="member", columns="commitment_id", values="cell")
    table = table.reindex(frames.standings["member"].unique()).fillna("–")
    return table.rename_axis(index="Member", columns=None).reset_index().astype("str")


def _score_cell(row: Row) -> str:
    chance: str = "" if pd.isna(row["chance"]) else f" ({percent(row['chance'])})"
    decided = f", d {signed(row['final_score'])}" if row["basis"] == "decided" else ""
    return f"{signed(row['published_score'])} / {signed(row['suggested_score'])}{chance}{decided}"


def _standing_rows(standings: pd.DataFrame) -> pd.DataFrame:
    """Return the compliance and the rank of each member by published and by suggested scores."""
    rows = [
        {
            "Member": row["member"], "Scores": value_word("scores", row["scores"], "panel_standings").name,
            "Commitments": row["n"], "Compliance": _with_ends(row, "percent"), "Rank": _rank(row),
            "No interval": row["reason"],
        }
        for row in standings.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, dtype="str")


def _with_ends(row: Row, name: str, times: int = 1) -> str:
    """Return a percentage with its interval, if it has one."""
    if pd.isna(row[name]):
        return "none"
    ends = "" if pd.isna(row["low"]) else f" [{times * row['low']:.0f}, {times * row['high']:.0f}]"
    return f"{times * row[name]:.0f}%{ends}"


def _chapter_rows(made: pd.DataFrame) -> pd.DataFrame:
    """Return how each chapter was made, its share of strong sentences, and how many members match."""
    shown = made.assign(
        readings=made["readings"].str.replace(";", ", "),
        share_strong=[
            f"{_with_ends(row, 'share_strong', 100)} of {row['n_labelled']}" for row in made.to_dict("records")
        ],
        n_matched=made["n_matched"].astype("str") + " of " + made["n_members"].astype("str"),
    )[_MADE].dropna(axis="columns", how="all")
    return show_frame(shown, most=None, name="panel_consistency").texts


def _acts_line(acts: pd.DataFrame) -> str:
    """Return how many pairs were found, and how many are coded differently or count twice."""
    if acts.empty:
        return _NO_ACT
    unlike, twice, sure = (~acts["alike"]).sum(), acts["counted_twice"].sum(), (acts["one_act"] == "yes").sum()
    return (
        f"{counted(len(acts), 'pair')} of items, at most one day apart, that perhaps describe one act ({sure} with "
        f"equal texts): {unlike} with different strength, {twice} that count in both chapters. Most of a long list "
        "are two acts, so read both items. Those with one source or most words in common come first."
    )
