"""Frames as tables and lines of text, for terminals and pages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from g7tag.codebook import Codebook, unchecked_drafts
from g7tag.labels import label_kinds
from g7tag.report.doubts import doubtful_text
from g7tag.scoring import CLEAR, signed
from g7tag.store import PEOPLE
from g7tag.text import counted, enumerated, first_few

if TYPE_CHECKING:
    from g7tag.batch import TaggedFile


def score_table(
    reconciled: pd.DataFrame, averages: pd.DataFrame, evidence_matrix: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Return the score table of a run: one row per member, then the average score and the compliance percentage."""
    cells = evidence_matrix.assign(cell=[_level_cell(row) for row in evidence_matrix.to_dict("records")])
    headings = reading_headings(codebook)
    levels = cells.pivot(index="member", columns="dimension", values="cell").reset_index()
    table = reconciled.merge(levels, on="member", how="left")
    shown = pd.DataFrame({"Member": table["member"], "Published": table["published_score"].map(signed)})
    for reading in codebook.readings:
        shown[headings[reading.name]] = table[reading.name].map(signed)
    shown["Probability"] = table["chance"].map(percent)
    shown["Verdict"] = table["verdict"]
    for dimension in codebook.dimensions:
        shown[dimension.key] = table[dimension.key]
    columns = {"published": "Published"} | headings
    means = averages.assign(column=averages["scores"].map(columns)).set_index("column")
    last = [
        {"Member": "Average", **means["mean"].map("{:+.2f}".format, na_action="ignore")},
        {"Member": "Compliance", **means["percent"].map("{:.0f}%".format, na_action="ignore")},
    ]
    return pd.concat([shown, pd.DataFrame(last, dtype="object").fillna("none")], ignore_index=True).fillna("")


def narrow_tables(table: pd.DataFrame, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a score table as two that fit a terminal."""
    keys = list(codebook.dimension_keys)
    parts = {key: [cell.partition(": ") for cell in table[key].astype("str")] for key in keys}
    levels = table.assign(**{key: [level for level, _, _ in cells] for key, cells in parts.items()})
    items = table[["Member"]].assign(**{key: [n or "no item" for _, _, n in cells] for key, cells in parts.items()})
    return levels, items[table[keys[0]] != ""]


def _level_cell(row: Mapping[Any, Any]) -> str:
    """Return the level and the numbers of strong and weak items of a cell of the evidence matrix."""
    if not row["n_strong"] + row["n_weak"]:
        return str(row["level"])
    return f"{row['level']}: {row['n_strong']}\u00a0strong, {row['n_weak']}\u00a0weak"


def reading_headings(codebook: Codebook, *, before: str = "Suggested") -> dict[str, str]:
    """Return the heading of each reading, by its name: "Suggested (table)" for the label "Table"."""
    labels = {reading.name: reading.label for reading in codebook.readings}
    lower = {name: f"{label[:1].lower()}{label[1:]}" for name, label in labels.items() if not label[1:2].isupper()}
    shown = labels | lower
    shown = shown if len(set(shown.values())) == len(shown) else labels
    return {name: f"{before} ({label})" for name, label in shown.items()}


def percent(share: float) -> str:
    """Return a share as a rounded percentage, never 0% or 100%; "none" if it is NaN."""
    if pd.isna(share):
        return "none"
    return ">99%" if share > 0.995 else "<1%" if share < 0.005 else f"{share:.0%}"


def heading(documents: pd.DataFrame, codebook: Codebook) -> str:
    """Return the heading of the tables and the page of a run."""
    return f"Commitment {codebook.commitment.id}, {codebook.commitment.title}: {', '.join(documents['name'])}"


def legend(codebook: Codebook) -> str:
    """Return an explanation of the columns of the score table."""
    readings = "; ".join(f"{heading}: reading {name}" for name, heading in reading_headings(codebook).items())
    least = codebook.min_strong_items
    enough = f"{counted(least, 'strong item')} {'makes' if least == 1 else 'make'} it strong"
    return (
        f"{readings}. Probability: how likely the suggested score is if the labels are as uncertain as the tagger "
        f"says (the lowest of the readings); below {CLEAR:.0%} it is too close to call. Dimensions: the level of the "
        f"member; {enough}. People decide the final scores."
    )


def reconciliation_text(reconciled: pd.DataFrame) -> str:
    """Return one sentence that compares the suggested scores with the published ones."""
    agreeing = int((reconciled["verdict"] == "agrees").sum())
    others = reconciled[reconciled["verdict"] != "agrees"].groupby("verdict", sort=True)["member"].agg(", ".join)
    rest = "".join(f"; {verdict}: {members}" for verdict, members in others.items())
    return f"Suggested and published scores agree for {agreeing} of {counted(len(reconciled), 'member')}{rest}."


def counts_text(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return one line with the counts of a run and the ids of all rows whose status is not ok."""
    keys = {"documents": "document_id", "items": "item_id", "tags": "sentence_id"}
    others = [words for name, key in keys.items() for words in _statuses(frames[name], key)]
    tagged = f"{counted(len(frames['tags']), 'sentence')} tagged ({_doubtful_text(frames)})"
    counts = f"{counted(len(frames['items']), 'item')}, {tagged}, {counted(len(frames['findings']), 'finding')}"
    return f"{counts}; {', '.join(others)}." if others else f"{counts}."


def others_text(commitments: pd.DataFrame, codebook: Codebook) -> str:
    """Return which commitments of the reports the codebook is not on; "" if it is on all of them."""
    others = [each for each in commitments["commitment_id"] if each != codebook.commitment.id]
    if not others:
        return ""
    return (
        f"The codebook {codebook.id} is on commitment {codebook.commitment.id}. "
        f"Nothing is labelled, tagged or scored for {enumerated(others)}."
    )


def _doubtful_text(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return how many tags are doubtful, and how many of these do not count because people labelled the sentence."""
    doubtful = frames["tags"].loc[frames["tags"]["needs_review"], "sentence_id"]
    n_labelled = int(doubtful.map(label_kinds(frames["labels"], frames["annotations"])).isin(PEOPLE).sum())
    those = "all" if n_labelled == len(doubtful) else f"{n_labelled} of them"
    return doubtful_text(frames["tags"]) + (f"; {those} labelled by people" if n_labelled else "")


def tagged_lines(done: "TaggedFile") -> list[str]:
    """Return lines on a tagged file: its rows, the rejected rows with reasons, and the number of doubtful sentences."""
    parts = "1 part was" if done.kept == 1 else f"{done.kept} parts were"
    kept = f" ({parts} finished before)" if done.kept else ""
    counts = f"{counted(done.rows, 'row')}: {done.tagged} tagged{kept}, {done.rejected} rejected"
    named = [f"row {reject.row}: {reject.reason}." for reject in done.first]
    doubt = (
        "from too few labels" if done.limit >= 1 else f"under {done.limit:.0%} likely right, or another review_reason"
    )
    closing = f"{counted(done.tagged, 'sentence')} tagged, {done.doubtful} of them doubtful ({doubt})."
    if not done.rejected:
        return [f"{counts}.", closing]
    if done.rejects is None:
        return [f"{counts}. The first:", *(f"  {line}" for line in named), closing]
    return [f"{counts}; see {done.rejects}. The first is {named[0]}", closing]


def deciding_lines(behind: pd.DataFrame) -> list[str]:
    """Return, for each member whose suggested score depends on one item, the items that could change it."""
    deciding = behind[behind["decides"] == "score"]
    deciding = deciding.assign(item=[each.rpartition(".")[0] for each in deciding["sentence_id"]])
    lines = []
    for member, rows in deciding.groupby("member", sort=False):
        doubts = rows.groupby("item", sort=False)["needs_review"].any()
        items = pd.Series([f"{item} (doubtful)" if doubt else str(item) for item, doubt in doubts.items()])
        lines.append(
            f"{member}: any one of these items can change the suggested score: {first_few(list(items), most=6)}."
        )
    return lines


def ingested_table(members: pd.DataFrame, items: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return for each member its published score and its numbers of items, incomplete items and sentences."""
    keys = ["commitment_id", "member"]
    groups = items.assign(incomplete=items["status"] != "ok").groupby(keys, sort=False)
    counts = groups.agg(items=("item_id", "size"), incomplete=("incomplete", "sum"))
    n_sentences = sentences.groupby(keys, sort=False).size().rename("sentences")
    table = members[[*keys, "published_score"]].join(counts, on=keys).join(n_sentences, on=keys)
    numbers = ["items", "incomplete", "sentences"]
    return table.assign(**{name: table[name].fillna(0).astype("int64") for name in numbers})


def codebook_tables(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return the parts of a codebook as tables by heading, without empty parts."""
    categories = {
        "Dimensions": codebook.dimensions, "Acts": codebook.acts, "Strength": codebook.strengths,
        "Exclusions": codebook.exclusions,
    }  # fmt: skip
    tables = {
        name: pd.DataFrame([{"Key": part.key, "Label": part.label, "Definition": part.definition} for part in parts])
        for name, parts in categories.items()
    }
    for reading in codebook.readings:
        rules = [{"Score": signed(rule.score), "Rule": rule.name} for rule in reading.rules]
        tables[f"Rules of the reading {reading.name}. {reading.source}"] = pd.DataFrame(rules)
    drafts = unchecked_drafts(codebook)
    tables["Unchecked drafts"] = pd.DataFrame([{"Part": part, "Taken from": text} for part, text in drafts])
    tables["Open questions"] = pd.DataFrame([{"Question": question} for question in codebook.questions])
    tables["Settled cases"] = pd.DataFrame([{"Case": note.case, "Decision": note.decision} for note in codebook.notes])
    return {name: part for name, part in tables.items() if len(part)}


def _statuses(frame: pd.DataFrame, key: str) -> list[str]:
    """Return the ids of the rows of each status other than ok, for example "2024-19/GBR-05 cut off"."""
    others = frame[frame["status"] != "ok"]
    return [
        f"{first_few(list(rows[key]), most=3)} {str(status).replace('_', ' ')}"
        for status, rows in others.groupby("status", sort=False)
    ]
