"""Members over several commitments: as tables for a terminal, and as a page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from g7tag.frames import value_word
from g7tag.panel import DRAWS, PanelFrames
from g7tag.report.cells import one_line, render, snippet
from g7tag.report.charts import ranks_chart
from g7tag.report.comparison import MOST, Part
from g7tag.report.tables import percent
from g7tag.scoring import signed, suggested_chances
from g7tag.store import package_version
from g7tag.text import counted, enumerated

Row = Mapping[Any, Any]
_PAIR = ["published", "suggested"]
_MADE = {
    "commitment_id": "Commitment", "title": "Title", "min_strong_items": "Strong items needed", "readings": "Readings",
    "policy": "Policy", "codebook_version": "Codebook version", "tagger": "Tagger", "n_people": "Labels by people",
}  # fmt: skip


def panel_parts(frames: PanelFrames, *, notes: Sequence[str], most: int | None = MOST) -> list[Part]:
    """Return what a panel shows, as lines and tables of text; tables of pairs have at most `most` rows."""
    n_chapters, with_ambition = len(frames.consistency), bool(frames.consistency["ambition"].notna().any())
    acts = _act_rows(frames.shared_acts, texts=not most)
    cut = [f"The first {most} of {len(acts)}; the page (-o) and --json have all."] if most and len(acts) > most else []
    parts = [
        Part("Scores", [*notes, _scores_line(n_chapters)], _score_rows(frames.scores)),
        Part("Averages", [_AVERAGES], _average_rows(frames.averages)),
        Part("Ranks", [_ranks_line(with_ambition=with_ambition), *rank_lines(frames.ranks)], _rank_rows(frames.ranks)),
        Part("Consistency of the chapters", _differences(frames.consistency), _chapter_rows(frames.consistency)),
        Part("Acts in two chapters", [*_act_lines(frames.shared_acts), *cut], acts[:most]),
    ]
    return [part._replace(lines=[*map(one_line, part.lines)]) for part in parts]


def panel_page(frames: PanelFrames, *, notes: Sequence[str]) -> str:
    """Return a panel as an HTML page that needs no network."""
    parts = panel_parts(frames, notes=notes, most=None)
    figures: dict[str, Markup] = {"Ranks": ranks_chart(frames.ranks)}
    title = "Members over commitments"
    return render("tables.html", title=title, version=package_version(), parts=parts, figures=figures)


def _scores_line(n: int) -> str:
    words = "published / suggested, with the probability of the suggested score; d: decided by people"
    return f"{counted(n, 'commitment')}. Each cell is {words}."


_AVERAGES = (
    "Compliance is 50 for a mean score of 0, 100 for +1. In brackets the 95% interval over commitments, as if they "
    "were drawn at random; with few commitments it is too narrow. Suggested: the scores to expect from the "
    "probabilities."
)


def _ranks_line(*, with_ambition: bool) -> str:
    weights = (
        "under all weightings between equal weights and weights by ambition" if with_ambition else "with equal weights"
    )
    return (
        f"Published: the best and the worst rank {weights}, exactly. Suggested: where 95% of {DRAWS:,} draws of scores "
        "from their probabilities are. A member without a score for a commitment is averaged over the others."
    )


def rank_lines(ranks: pd.DataFrame) -> list[str]:
    """Return one line for each member with its rank by published scores, the best first."""
    known = ranks[(ranks["scores"] == "published") & ranks["best"].notna()].sort_values(
        ["best", "worst"], kind="stable"
    )
    return [f"{row['member']} is {_between(row)}." for row in known.to_dict("records")]


def _between(row: Row) -> str:
    if row["best"] == row["worst"]:
        return ordinal(row["best"])
    return f"between {ordinal(row['best'])} and {ordinal(row['worst'])}"


def ordinal(number: int) -> str:
    """Return an ordinal number: 1st, 2nd, 11th, 23rd."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in range(11, 14) else ends.get(number % 10, 'th')}"


def _score_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return members by commitments: the published score, the suggested one of the first reading, what was decided."""
    first = scores.assign(chance=suggested_chances(scores)).drop_duplicates(["commitment_id", "member"])
    first = first.assign(cell=[_score_cell(row) for row in first.to_dict("records")])
    table = first.pivot(index="member", columns="commitment_id", values="cell")
    table = table.reindex(index=first["member"].drop_duplicates(), columns=first["commitment_id"].drop_duplicates())
    return table.fillna("–").rename_axis(index="Member", columns=None).reset_index().astype("str")


def _score_cell(row: Row) -> str:
    chance: str = "" if pd.isna(row["chance"]) else f" ({percent(row['chance'])})"
    decided = f", d {signed(row['final_score'])}" if row["basis"] == "decided" else ""
    return f"{signed(row['published_score'])} / {signed(row['suggested_score'])}{chance}{decided}"


def _average_rows(averages: pd.DataFrame) -> pd.DataFrame:
    """Return each member's compliance by published and by suggested scores."""
    rows = []
    for member, own in averages.groupby("member", sort=False):
        cells = {row["scores"]: _average_cell(row) for row in own.to_dict("records")}
        numbers = dict.fromkeys(str(n) for n in own["n"])
        reasons = own.loc[own["reason"] != ""].groupby("reason", sort=False)["scores"].agg(" and ".join)
        rows.append(
            {"Member": member, "Commitments": " / ".join(numbers)}
            | {value_word("scores", name, "panel_averages").name: cells[name] for name in _PAIR}
            | {"Note": "; ".join(f"{names}: {reason}" for reason, names in reasons.items())}
        )
    return pd.DataFrame(rows, dtype="str")


def _average_cell(row: Row) -> str:
    if pd.isna(row["percent"]):
        return "none"
    ends = "" if pd.isna(row["low"]) else f" [{row['low']:.0f}, {row['high']:.0f}]"
    return f"{row['percent']:.0f}%{ends}"


def _rank_rows(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return each member's ranks by published and by suggested scores."""
    cells = ranks.assign(
        cell=[
            row["reason"]
            if pd.isna(row["best"])
            else " to ".join(dict.fromkeys(map(ordinal, (row["best"], row["worst"]))))
            for row in ranks.to_dict("records")
        ]
    )
    table = cells.pivot(index="member", columns="scores", values="cell")
    table = table.reindex(index=ranks["member"].drop_duplicates(), columns=_PAIR)
    names = {name: value_word("scores", name, "panel_ranks").name for name in _PAIR}
    return table.rename(columns=names).rename_axis(index="Member", columns=None).reset_index().astype("str")


def _differences(consistency: pd.DataFrame) -> list[str]:
    """Return what differs between chapters, a line for each part."""
    lines = []
    for name in ("min_strong_items", "readings", "policy"):
        groups = consistency.groupby(name, sort=False)["commitment_id"].agg(list)
        if len(groups) > 1:
            named = "; ".join(
                f"{str(value).replace(';', ' and ')} in {enumerated(ids)}" for value, ids in groups.items()
            )
            lines.append(f"{_MADE[name]}: {named}.")
    return lines or ["All chapters have the same threshold, readings and policy."]


def _chapter_rows(consistency: pd.DataFrame) -> pd.DataFrame:
    """Return how each chapter was made, its share of strong sentences, and how many members match."""
    readings = consistency["readings"].str.replace(";", ", ")
    shown = consistency.assign(readings=readings)[list(_MADE)].rename(columns=_MADE).astype("str")
    strong = [
        percent(row["share_strong"])
        + ("" if pd.isna(row["low"]) else f" [{percent(row['low'])}, {percent(row['high'])}]")
        + f" of {row['n_labelled']}"
        for row in consistency.to_dict("records")
    ]
    matched = consistency["n_matched"].astype("str") + " of " + consistency["n_members"].astype("str")
    return pd.concat([shown, pd.DataFrame({"Strong": strong, "Members matched": matched}, shown.index)], axis=1)


def _act_lines(acts: pd.DataFrame) -> list[str]:
    """Return how many pairs were found, and how many are coded differently or count twice."""
    if acts.empty:
        return ["No member has items in two chapters that are dated at most one day apart and have words in common."]
    unlike, twice, sure = (~acts["alike"]).sum(), acts["counted_twice"].sum(), (acts["one_act"] == "yes").sum()
    return [
        f"{counted(len(acts), 'pair')} of items, at most one day apart, that perhaps describe one act ({sure} with "
        f"equal texts): {unlike} with different strength, {twice} that count in both chapters. Most of a long list "
        "are two acts, so read both items. Those with one source or most words in common come first."
    ]


def _act_rows(acts: pd.DataFrame, *, texts: bool) -> pd.DataFrame:
    """Return the pairs as text."""
    rows = [
        {
            "Items": f"{row['item_1']}, {row['item_2']}", "One act": value_word("one_act", row["one_act"]).name,
            "Same source": "yes" if row["same_source"] else "no", "Labels": f"{row['labels_1']} / {row['labels_2']}",
            "Coded alike": "yes" if row["alike"] else "no", "Counted twice": "yes" if row["counted_twice"] else "no",
            **({"First text": snippet(row["text_1"]), "Second text": snippet(row["text_2"])} if texts else {}),
        }
        for row in acts.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, dtype="str")
