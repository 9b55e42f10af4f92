"""Label sheets and labels: write a queue as a sheet for a spreadsheet program, and record what people filled in."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import FrameError, InputError
from g7tag.jobs.labelling import SUGGESTIONS, labelled_sentences
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.sharing import read_plan
from g7tag.labels import (
    DECIDED,
    UNSURE,
    Decisions,
    Occasion,
    PersonKind,
    Problem,
    assigned_items,
    columns_to_fill,
    current_annotations,
    own_disagreements,
    people_annotations,
    read_decisions,
    refuse_party,
    same_label_as,
    standing,
)
from g7tag.report import label_workbook, reason_words, right_text
from g7tag.store import (
    Frames,
    Sheet,
    add_labels,
    check_output,
    open_sheet,
    read_labels,
    table_bytes,
    text_sha256,
    write_atomic,
)
from g7tag.text import counted, listed

LABEL_SHEET = "queue.xlsx"
"""Name of the sheet in a run directory, if no annotator is named."""
MOST_PROBLEMS = 20
"""Problems that a message lists."""
_GIVEN = ("sentence_id", "member", "date", "item", "text", "source", "url", "why", *SUGGESTIONS, "analysts")


class Recorded(NamedTuple):
    """Annotations that were added, and the problems of the rows that were not used, one line each."""

    annotations: pd.DataFrame
    problems: list[str]


def write_label_sheet(
    frames: Frames,
    queue: pd.DataFrame,
    path: Path | str,
    codebook: Codebook,
    *,
    show_suggestions: bool = False,
    narrowed: bool = False,
) -> pd.DataFrame:
    """Write a label queue as a sheet to fill in (.xlsx or .csv), and return it; see `Run.write_label_sheet`."""
    file = Path(path)
    check_output(file, force=True, types=(".xlsx", ".csv"))
    shown = SUGGESTIONS if show_suggestions else ()
    sheet = _sheet(frames, queue, codebook, shown=("why", *shown) if narrowed else shown)
    if file.exists():
        sheet = _with_filled(sheet, file, frames["sentences"]["sentence_id"], codebook)
    is_workbook = file.suffix.lower() == ".xlsx"
    write_atomic(file, label_workbook(sheet, codebook) if is_workbook else table_bytes(sheet, ".csv"))
    return sheet


def _sheet(frames: Frames, queue: pd.DataFrame, codebook: Codebook, *, shown: Sequence[str]) -> pd.DataFrame:
    """Return the queue with the item and the source of each sentence, and empty cells to fill in, all text."""
    items = frames["items"].set_index("item_id")
    own = frames["sentences"].set_index("sentence_id")["item_id"].reindex(queue["sentence_id"])
    cited = sources(frames).reindex(own)
    limit = frames["tags"]["review_below"].max()
    known = queue.assign(
        p_right=[right_text(share) for share in queue["p_right"]],
        review_reason=[reason_words(reason, limit) for reason in queue["review_reason"]],
        date=items["date_text"].reindex(own).to_numpy(),
        item=items["text"].reindex(own).to_numpy(),
        source=("note " + cited["note"] + ": ").where(cited["note"] != "", "").add(cited["title"]).to_numpy(),
        url=cited["url"].to_numpy(),
        **dict.fromkeys(columns_to_fill(codebook), ""),
    )
    analysts = ["analysts"] if queue["why"].str.contains("disagreements").any() else []
    columns = ["sentence_id", "member", "item", "text", *shown, *analysts, *columns_to_fill(codebook)]
    columns += ["date", "source", "url"]
    return known.reindex(columns=[name for name in columns if name in known]).astype("str")


def sources(frames: Frames) -> pd.DataFrame:
    """Return the first source of each item, by item_id: note (its number as text), title, url and others."""
    items = frames["items"]
    first = pd.to_numeric(items["citations"].str.partition(";")[0]).astype("Int64")
    own = items[["item_id", "document_id"]].assign(note=first)
    cited = own.merge(frames["citations"], on=["document_id", "note"], how="left")
    titles = [
        ", ".join(part for part in parts if isinstance(part, str) and part)
        for parts in zip(cited["publisher"], cited["title"], strict=True)
    ]
    notes = ["" if pd.isna(note) else str(note) for note in cited["note"]]
    cited = cited.assign(note=notes, title=titles, url=cited["url"].fillna(""), publisher=cited["publisher"].fillna(""))
    return cited.set_index("item_id")[["note", "title", "publisher", "published", "url"]]


def _with_filled(sheet: pd.DataFrame, file: Path, ids: Collection[str], codebook: Codebook) -> pd.DataFrame:
    """Return a sheet with the filled-in cells of a file; at the end, its filled-in rows that the sheet lacks."""
    key, to_fill = ["sentence_id", "text"], columns_to_fill(codebook)
    written = open_sheet(file, key="sentence_id", ids=ids).rows
    missing = [name for name in ("text", *to_fill) if name not in written]
    if missing:
        msg = f"{file}: is not a label sheet: column {missing[0]!r} is missing. Name another file, or move this one."
        raise InputError(msg)
    own = [name for name in written if name in to_fill or name not in _GIVEN]
    filled = written[(written[own] != "").any(axis=1)]
    duplicates = filled.loc[filled.duplicated(key), "sentence_id"]
    if len(duplicates):
        msg = f"{file}: several filled-in rows for {listed(set(duplicates))}. Keep one row per sentence."
        raise InputError(msg)
    merged = sheet.drop(columns=to_fill).merge(filled[[*key, *own]], on=key, how="left")
    others = filled[~pd.MultiIndex.from_frame(filled[key]).isin(pd.MultiIndex.from_frame(sheet[key]))]
    columns = [*sheet.columns, *(name for name in own if name not in to_fill)]
    return pd.concat([merged, others], ignore_index=True).reindex(columns=columns).fillna("").astype("str")


def record_labels(
    directory: Path | str,
    labels: pd.DataFrame | Path | str,
    *,
    annotator: str,
    kind: PersonKind = "analyst",
    blind: bool = False,
    force: bool = False,
    codebook: Codebook | None = None,
    at: datetime | None = None,
) -> Recorded:
    """Save a person's labels in a run directory; see `Run.record_labels`."""
    book, path, name = open_codebook(codebook, directory), Path(directory), " ".join(annotator.split())
    sentences = labelled_sentences(path, book)
    plan = read_plan(path)
    if plan is not None and kind == "analyst":
        assigned_items([], plan, annotator.strip())  # refused if the plan does not have this name
    earlier = read_labels(path, book)
    problems: list[str] = []
    seen: set[str] = set()
    if isinstance(labels, pd.DataFrame):
        rows, found = read_decisions(labels.reset_index(drop=True), sentences, book)
        if found:
            raise _none_recorded([_of_frame(labels, each) for each in found], "labels")
    else:
        sheet = open_sheet(Path(labels), key="sentence_id", ids=sentences["sentence_id"])
        own = standing(earlier[(earlier["annotator"] == name) & (earlier["kind"] == kind)])
        rows, found = _not_outdated(_decisions_of(sheet, sentences, book), sentences, own, kind)
        problems = [f"{sheet.cell(int(each.row), each.column)}: {each.cause}" for each in found]
        if problems and rows.empty:
            raise _none_recorded(problems, str(labels))
        blind = _is_blind(sheet, kind)
        # reading a sheet prints what the tagger said of the rows that it records
        seen = set(earlier.loc[earlier["annotator"] == name, "sentence_id"])
    if kind == "adjudicator" and not force:
        refuse_party(annotator, own_disagreements(annotator, earlier, sentences) & set(rows["sentence_id"]))
    again = rows["sentence_id"].isin(_labelled_by_both(name, earlier, sentences) if kind == "analyst" else [])
    known = rows["sentence_id"].isin(seen)
    parts: list[tuple[pd.Series, bool, Occasion]] = [
        (~again & ~known, blind, "label"), (~again & known, False, "label"), (again, False, "change"),
    ]  # fmt: skip
    given: dict[str, Any] = {"annotator": annotator, "kind": kind, "at": at or datetime.now(UTC), "earlier": earlier}
    made = [
        people_annotations(rows[part], sentences, book, blind=part_blind, occasion=occasion, **given)
        for part, part_blind, occasion in parts
    ]
    added = pd.concat(made, ignore_index=True)
    if len(added):
        add_labels(path, added)
    return Recorded(added, problems)


def _decisions_of(sheet: Sheet, sentences: pd.DataFrame, codebook: Codebook) -> Decisions:
    """Return the decisions in a filled-in sheet, if any of its rows is of this run."""
    try:
        decisions = read_decisions(sheet.rows, sentences, codebook, is_file=True)
    except InputError as error:
        msg = f"{sheet.path}: {error}"
        raise InputError(msg) from error
    wrong = {each.row for each in decisions.problems}
    foreign = {each.row for each in decisions.problems if each.column in {"sentence_id", "text"}}
    if decisions.rows.empty and len(foreign) > 1 and foreign == wrong:
        msg = (
            f"{sheet.path}: none of its {len(foreign)} filled-in rows is of this run; it was made from another report. "
            "Name the run directory that it was made from, or write a new sheet."
        )
        raise InputError(msg)
    return decisions


def _is_blind(sheet: Sheet, kind: PersonKind) -> bool:
    """Return whether a sheet shows no label of a machine nor, to analysts, of people."""
    if "text" not in sheet.rows:
        return False  # not a sheet of g7tag: nobody knows what it showed
    shown = {name for name in sheet.rows if (sheet.rows[name] != "").any()}
    return not shown & {*SUGGESTIONS, "why", *(["analysts"] if kind == "analyst" else [])}


def _not_outdated(
    decisions: Decisions, sentences: pd.DataFrame, own: pd.DataFrame, kind: PersonKind
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the decisions without those that their annotator has changed since, and the problems of all rows."""
    superseded = own[own["annotation_id"].isin(own["supersedes"])]
    before = {name: rows.to_dict("records") for name, rows in superseded.groupby("sentence_id")}
    last = {row["sentence_id"]: row for row in own.to_dict("records")}
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    outdated = []
    for place, row in zip(decisions.rows.index, decisions.rows.to_dict("records"), strict=True):
        name = row["sentence_id"]
        said = {key: row[key] for key in DECIDED if key != "unsure"} | {
            "text_sha256": texts[name], "kind": kind, "confidence": UNSURE if row["unsure"] else None,
        }  # fmt: skip
        changed = name in last and not same_label_as(last[name], said)
        if changed and any(same_label_as(each, said) for each in before.get(name, [])):
            day = str(last[name]["at"])[:10]
            cause = f"{name!r} was recorded like this and changed on {day}. To record it again, change its note."
            outdated.append(Problem(place, "sentence_id", cause))
    return decisions.rows.drop(index=[each.row for each in outdated]), [*decisions.problems, *outdated]


def _of_frame(labels: pd.DataFrame, problem: Problem) -> str:
    column = f", column {problem.column!r}" if problem.column else ""
    return f"row {list(labels.index)[int(problem.row)]!r}{column}: {problem.cause}"


def _none_recorded(problems: list[str], source: str) -> FrameError:
    shown = "\n".join(f"  {line}" for line in problems[:MOST_PROBLEMS])
    more = f"\n  and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
    return FrameError(f"{source}: {counted(len(problems), 'problem')}; nothing was recorded.\n{shown}{more}")


def _labelled_by_both(annotator: str, earlier: pd.DataFrame, sentences: pd.DataFrame) -> set[str]:
    """Return the sentences that an analyst and another analyst have labelled."""
    current = current_annotations(earlier[earlier["kind"] == "analyst"], sentences)
    is_own = current["annotator"] == annotator
    return set(current.loc[is_own, "sentence_id"]) & set(current.loc[~is_own, "sentence_id"])
