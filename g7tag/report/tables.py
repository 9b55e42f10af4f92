"""Frames as tables of words, for terminals and pages."""

from typing import TYPE_CHECKING

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.scoring import CLEAR, signed

if TYPE_CHECKING:
    from g7tag.batch import TaggedFile


def score_table(
    reconciled: pd.DataFrame, averages: pd.DataFrame, evidence_matrix: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the table of a run: a row a member, the average score and the compliance percentage.

    Parameters
    ----------
    reconciled, averages
        What `g7tag.scoring` makes of the scores.
    evidence_matrix
        The evidence matrix frame.
    codebook
        Its readings and dimensions head the columns.

    Returns
    -------
    pandas.DataFrame
        All text. Under a reading stands the score suggested by it, under Chance its probability; a dimension's cell is
        its level with the numbers of strong and of weak items.
    """
    counts = evidence_matrix["n_strong"].astype("str") + "+" + evidence_matrix["n_weak"].astype("str")
    cells = evidence_matrix.assign(cell=evidence_matrix["level"] + " " + counts)
    levels = cells.pivot(index="member", columns="dimension", values="cell").reset_index()
    table = reconciled.merge(levels, on="member", how="left")
    shown = pd.DataFrame({"Member": table["member"], "Published": table["published_score"].map(signed)})
    for reading in codebook.readings:
        shown[reading.label] = table[reading.name].map(signed)
    shown["Chance"] = table["chance"].map(percent)
    shown["Verdict"] = table["verdict"]
    for dimension in codebook.dimensions:
        shown[dimension.key] = table[dimension.key]
    columns = {"published": "Published"} | {reading.name: reading.label for reading in codebook.readings}
    means = averages.assign(column=averages["scores"].map(columns)).set_index("column")
    last = [
        {"Member": "Average", **means["mean"].map("{:+.2f}".format, na_action="ignore")},
        {"Member": "Compliance", **means["percent"].map("{:.0f}%".format, na_action="ignore")},
    ]
    return pd.concat([shown, pd.DataFrame(last, dtype="object").fillna("none")], ignore_index=True).fillna("")


def percent(share: float) -> str:
    """Return a share as a percentage that claims no certainty, "none" where there is none.

    Examples
    --------
    >>> percent(0.934), percent(0.9999), percent(0.0001), percent(float("nan"))
    ('93%', '>99%', '<1%', 'none')
    """
    if pd.isna(share):
        return "none"
    return ">99%" if share > 0.995 else "<1%" if share < 0.005 else f"{share:.0%}"


def heading(documents: pd.DataFrame, codebook: Codebook) -> str:
    """Return what the tables and the page of a run are headed with."""
    return f"Commitment {codebook.commitment.id}, {codebook.commitment.title}: {', '.join(documents['name'])}"


def legend(codebook: Codebook) -> str:
    """Return what the columns of the score table mean."""
    readings = ", ".join(f"{reading.label} ({reading.name})" for reading in codebook.readings)
    return (
        f"Suggested by reading of the guidelines: {readings}. Chance: how likely the suggested score is by the tags' "
        f"probabilities; below {CLEAR:.0%} it is too close to call. A cell is the level, the number of strong items + "
        f"the number of weak items; {codebook.min_strong_items} strong items make a level strong. People decide."
    )


def reconciled_words(reconciled: pd.DataFrame) -> str:
    """Return in one sentence how the suggested scores meet the published ones.

    Examples
    --------
    >>> verdicts = ["agrees", "differs", "agrees"]
    >>> reconciled_words(pd.DataFrame({"member": ["Italy", "Japan", "Canada"], "verdict": verdicts}))
    'The suggested scores agree with the published ones for 2 of 3 members; differs: Japan.'
    """
    agreeing = int((reconciled["verdict"] == "agrees").sum())
    others = reconciled[reconciled["verdict"] != "agrees"].groupby("verdict", sort=True)["member"].agg(", ".join)
    rest = "".join(f"; {verdict}: {members}" for verdict, members in others.items())
    return f"The suggested scores agree with the published ones for {agreeing} of {len(reconciled)} members{rest}."


def counted_words(documents: pd.DataFrame, items: pd.DataFrame, tags: pd.DataFrame, findings: pd.DataFrame) -> str:
    """Return in one line what a run found, and everything in it whose status is not ok."""
    n_doubtful = int(tags["needs_review"].sum())
    frames = ((documents, "document_id"), (items, "item_id"), (tags, "sentence_id"))
    unread = [words for frame, key in frames for words in _statuses(frame, key)]
    counts = f"{len(items)} items, {len(tags)} sentences tagged ({n_doubtful} doubtful), {len(findings)} findings"
    return f"{counts}; {', '.join(unread)}." if unread else f"{counts}."


def tagged_words(done: "TaggedFile") -> list[str]:
    """Return what to say of a file that was tagged: its rows, what was rejected and why, and what is doubtful.

    Rejects that are in no file are named one by one, the first of them.
    """
    parts = "1 part was" if done.kept == 1 else f"{done.kept} parts were"
    kept = f" ({parts} finished before)" if done.kept else ""
    counts = f"{done.rows} rows: {done.tagged} tagged{kept}, {done.rejected} rejected"
    named = [f"row {reject.row}: {reject.reason}." for reject in done.first]
    closing = f"{done.tagged} sentences tagged, {done.doubtful} of them doubtful."
    if not done.rejected:
        return [f"{counts}.", closing]
    if done.rejects is None:
        return [f"{counts}. The first:", *(f"  {line}" for line in named), closing]
    return [f"{counts}; see {done.rejects}. The first is {named[0]}", closing]


def turning_words(behind: pd.DataFrame) -> list[str]:
    """Return, for each member whose suggested score turns on one item, which items they are.

    Parameters
    ----------
    behind
        The sentences that carry the levels, with `decides` and `needs_review`.
    """
    deciding = behind[behind["decides"] == "score"]
    deciding = deciding.assign(item=[each.rpartition(".")[0] for each in deciding["sentence_id"]])
    lines = []
    for member, its in deciding.groupby("member", sort=False):
        doubts = its.groupby("item", sort=False)["needs_review"].any()
        items = pd.Series([f"{item} (doubtful)" if doubt else str(item) for item, doubt in doubts.items()])
        lines.append(f"{member}: the suggested score turns on any one of {_shortened(items, most=6)}.")
    return lines


def ingested_table(members: pd.DataFrame, items: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return what was read of each member: its published score, items, those cut off or undated, and sentences."""
    keys = ["commitment_id", "member"]
    counted = items.assign(incomplete=items["status"] != "ok").groupby(keys, sort=False)
    counts = counted.agg(items=("item_id", "size"), incomplete=("incomplete", "sum"))
    n_sentences = sentences.groupby(keys, sort=False).size().rename("sentences")
    table = members[[*keys, "published_score"]].join(counts, on=keys).join(n_sentences, on=keys)
    numbers = ["items", "incomplete", "sentences"]
    return table.assign(**{name: table[name].fillna(0).astype("int64") for name in numbers})


def codebook_tables(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return the parts of a codebook as tables, by heading; parts that it lacks are left out."""
    categories = {"Dimensions": codebook.dimensions, "Strength": codebook.strengths, "Exclusions": codebook.exclusions}
    tables = {
        name: pd.DataFrame([{"Key": part.key, "Label": part.label, "Definition": part.definition} for part in parts])
        for name, parts in categories.items()
    }
    for reading in codebook.readings:
        rules = [{"Score": signed(rule.score), "Rule": rule.name} for rule in reading.rules]
        tables[f"Rules of the reading {reading.name}. {reading.source}"] = pd.DataFrame(rules)
    tables["Settled cases"] = pd.DataFrame([{"Case": note.case, "Decision": note.decision} for note in codebook.notes])
    return {name: part for name, part in tables.items() if len(part)}


def _statuses(frame: pd.DataFrame, key: str) -> list[str]:
    """The rows of each status other than ok: "2024-19/GBR-05 cut off"."""
    others = frame[frame["status"] != "ok"]
    return [
        f"{_shortened(its[key])} {str(status).replace('_', ' ')}"
        for status, its in others.groupby("status", sort=False)
    ]


def _shortened(ids: pd.Series, most: int = 3) -> str:
    shown = ", ".join(ids.head(most))
    return shown if len(ids) <= most else f"{shown} and {len(ids) - most} more"
