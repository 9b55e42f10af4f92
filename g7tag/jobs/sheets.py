"""Label sheets and labels: write a queue as a sheet for a spreadsheet program, and record what people filled in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from g7tag import report
from g7tag.errors import FrameError, InputError
from g7tag.jobs.labelling import SUGGESTIONS, labelled_sentences, to_label
from g7tag.jobs.sharing import read_plan, who_opened_tabs
from g7tag.labels import (
    CHECKED,
    DECIDED,
    UNSURE,
    PersonKind,
    Problem,
    assigned_items,
    columns_to_fill,
    current_annotations,
    own_disagreements,
    people_annotations,
    read_decisions,
    refuse_party,
    require_annotator,
    standing,
    with_checks,
)
from g7tag.store import add_labels, check_output, open_sheet, read_labels, table_bytes, text_sha256, write_atomic
from g7tag.text import counted, listed

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

_MOST_PROBLEMS = 20
_GIVEN = ("sentence_id", "member", "date", "item", "text", "source", "url", "why", *SUGGESTIONS, "analysts")


class Recorded(NamedTuple):
    """Annotations that were added, and the problems of the rows that were not used, one line each."""

    annotations: pd.DataFrame
    problems: list[str]


def write_label_sheet(
    run: "Run", path: Path | str | None = None, *, show_suggestions: bool = False, **purpose: Any
) -> pd.DataFrame:
    """Write the label queue as a sheet to fill in with a spreadsheet program, and return it.

    Parameters
    ----------
    path
        A .xlsx or .csv file. If omitted, `queue NAME.xlsx` in the run directory, or `queue.xlsx` without an annotator.
        What is already filled in there is kept.
    show_suggestions
        Add the labels of the tagger and of models. They influence people, so they are left out by default.
    purpose
        As for `label_queue`.
    """
    file = sheet_path(run, purpose.get("annotator", "")) if path is None else Path(path)
    check_output(file, force=True, types=(".xlsx", ".csv"))
    run = to_label(run)
    queue, to_fill = run.label_queue(**purpose), columns_to_fill(run.codebook)
    items = run.items.set_index("item_id")
    own = run.sentences.set_index("sentence_id")["item_id"].reindex(queue["sentence_id"])
    cited, limit = sources(run.read("items", "citations")).reindex(own), run.tags["review_below"].max()
    known = queue.assign(
        p_right=[report.right_text(share) for share in queue["p_right"]],
        review_reason=[report.reason_words(reason, limit) for reason in queue["review_reason"]],
        date=items["date_text"].reindex(own).to_numpy(),
        item=items["text"].reindex(own).to_numpy(),
        source=("note " + cited["note"] + ": ").where(cited["note"] != "", "").add(cited["title"]).to_numpy(),
        url=cited["url"].to_numpy(),
        **dict.fromkeys([*to_fill, *CHECKED], ""),
    )
    shown = ["why"] if purpose.get("dimension") else []  # the dimension is the tagger's: it was seen
    shown += SUGGESTIONS if show_suggestions else ()
    shown += ["analysts"] if queue["why"].str.contains("disagreements").any() else []
    columns = ["sentence_id", "member", "item", "text", *shown, *to_fill, "date", "source", "url", *CHECKED]
    sheet = known[[name for name in columns if name in known]].astype("str")
    if file.exists():
        sheet = _with_filled(sheet, file, run)
    is_workbook = file.suffix.lower() == ".xlsx"
    write_atomic(file, report.label_workbook(sheet, run.codebook) if is_workbook else table_bytes(sheet, ".csv"))
    return sheet


def sheet_path(run: "Run", annotator: str) -> Path:
    """Return where the sheet of an annotator is, if no other place is named."""
    return run.saved.path / f"{' '.join(['queue', *annotator.split()]).replace('/', '_')}.xlsx"


def sources(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the first source of each item, by item_id: note (its number as text), title, url and others."""
    items = frames["items"]
    first = pd.to_numeric(items["citations"].str.partition(";")[0]).astype("Int64")
    own = items[["item_id", "document_id"]].assign(note=first)
    cited = own.merge(frames["citations"], on=["document_id", "note"], how="left")
    cited = cited.fillna({"publisher": "", "title": "", "url": ""})
    titles = (cited["publisher"] + ", " + cited["title"]).str.strip(", ")
    cited = cited.assign(note=cited["note"].astype("str").fillna(""), title=titles)
    return cited.set_index("item_id")[["note", "title", "publisher", "published", "url"]]


def _with_filled(sheet: pd.DataFrame, file: Path, run: "Run") -> pd.DataFrame:
    """Return a sheet with the filled-in cells of a file; at the end, its filled-in rows that the sheet lacks."""
    key, to_fill = ["sentence_id", "text"], [*columns_to_fill(run.codebook), *CHECKED]
    written = open_sheet(file, key="sentence_id", ids=run.sentences["sentence_id"]).rows
    missing = [name for name in ("text", *to_fill) if name not in {*written, *CHECKED}]
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
    run: "Run",
    labels: pd.DataFrame | Path | str,
    *,
    annotator: str,
    kind: PersonKind = "analyst",
    blind: bool = False,
    force: bool = False,
    at: datetime | None = None,
) -> Recorded:
    """Save a person's labels in the run directory; earlier labels are superseded, never overwritten.

    Call `rescore` to apply them.

    Parameters
    ----------
    labels
        A frame, or a file (.xlsx, .ods or .csv): sentence_id, a column for each dimension (ticked) or one column
        dimensions, strength and, optionally, act, exclusion, contradicts, unsure, note, and text, which must then be
        the sentence's. A file without the one column dimensions is a sheet that `write_label_sheet` wrote: it must have
        all its columns to fill in, and an act in each row. Rows in which nothing is filled in are skipped.
    annotator, kind
        Name of the person, the same every time. An adjudicator's label takes precedence over those of analysts.
    blind
        True if the person had seen no label of a machine or another person; for a sheet, its columns say so.
    force
        Also let an adjudicator decide disagreements that this person is a party to; they are shown as such.
    at
        Time of the decision; None is now.

    Raises
    ------
    InputError
        An adjudicator is a party to a disagreement, or a label in a frame is invalid: then no label is saved, and the
        message lists the invalid ones. For a sheet, only if no row can be used.
    """
    path, sentences = run.saved.path, labelled_sentences(run)
    earlier, plan = read_labels(path, run.codebook), read_plan(path)
    name = require_annotator(annotator, earlier)
    if plan is not None and kind == "analyst":
        assigned_items([], plan, name)  # refused if the plan does not have this name
    own = earlier[earlier["annotator"] == name]
    before, seen = standing(own[own["kind"] == kind]), set[str]()
    if isinstance(labels, pd.DataFrame):
        rows, found = read_decisions(labels.reset_index(drop=True), sentences, run.codebook)
        rows = with_checks(rows, before, sentences)
        problems = [f"row {row}{f', column {column!r}' if column else ''}: {cause}" for row, column, cause in found]
    else:
        sheet = open_sheet(Path(labels), key="sentence_id", ids=sentences["sentence_id"])
        try:
            rows, found = read_decisions(sheet.rows, sentences, run.codebook, is_file=True)
        except InputError as error:
            msg = f"{labels}: {error}"
            raise InputError(msg) from error
        rows = with_checks(rows, before, sentences)
        outdated = _outdated(rows, sentences, before)
        rows = rows.drop(index=[each.row for each in outdated])
        problems = [f"{sheet.cell(int(row), column)}: {cause}" for row, column, cause in [*found, *outdated]]
        shown = {column for column in sheet.rows if (sheet.rows[column] != "").any()}
        blind = "text" in sheet.rows and not shown & {*SUGGESTIONS, "why", *(["analysts"] if kind == "analyst" else [])}
        seen = set(own["sentence_id"])  # what the tagger said is printed when a sheet is read
    blind = blind and name not in who_opened_tabs(path)
    if problems and (rows.empty or isinstance(labels, pd.DataFrame)):
        source = "labels" if isinstance(labels, pd.DataFrame) else labels
        first = f"{source}: {counted(len(problems), 'problem')}; nothing was recorded."
        raise FrameError("\n".join([first, *problem_lines(problems)]))
    if kind == "adjudicator" and not force:
        refuse_party(annotator, own_disagreements(name, earlier, sentences) & set(rows["sentence_id"]))
    again = rows["sentence_id"].isin(_labelled_by_others_too(name, earlier, sentences) if kind == "analyst" else [])
    unseen = ~again & ~rows["sentence_id"].isin(seen) & blind
    moment = at or datetime.now(UTC)
    made = [
        people_annotations(
            part, sentences, run.codebook, annotator=name, kind=kind, at=moment, earlier=earlier,
            blind=bool(is_blind), occasion="change" if is_change else "label",
        )
        for (is_blind, is_change), part in rows.groupby([unseen, again], sort=False)
    ]  # fmt: skip
    added = pd.concat([earlier.head(0), *made], ignore_index=True)
    if len(added):
        add_labels(path, added)
    return Recorded(added, problems)


def problem_lines(problems: list[str]) -> list[str]:
    """Return the first problems as lines, and how many more there are."""
    more = len(problems) - _MOST_PROBLEMS
    return [f"  {line}" for line in problems[:_MOST_PROBLEMS]] + ([f"  and {more} more"] if more > 0 else [])


def _outdated(rows: pd.DataFrame, sentences: pd.DataFrame, own: pd.DataFrame) -> list[Problem]:
    """Return a problem for each row of a sheet that says what its annotator said before, and has changed since."""
    texts = sentences.set_index("sentence_id")["text"].map(text_sha256)
    fresh = own[own["text_sha256"] == own["sentence_id"].map(texts)].assign(unsure=own["confidence"] == UNSURE)
    parts, before = ["sentence_id", *DECIDED], fresh["annotation_id"].isin(fresh["supersedes"])
    said, last = (set(fresh.loc[which, parts].itertuples(index=False, name=None)) for which in (before, ~before))
    days = dict(zip(fresh["sentence_id"], fresh["at"].str[:10], strict=True))
    cause = "{!r} was recorded like this and changed on {}. To record it again, change its note."
    return [
        Problem(place, "sentence_id", cause.format(row[0], days[row[0]]))
        for place, *row in rows[parts].itertuples(name=None)
        if tuple(row) in said - last
    ]


def _labelled_by_others_too(annotator: str, earlier: pd.DataFrame, sentences: pd.DataFrame) -> set[str]:
    """Return the sentences that an analyst and another analyst have labelled."""
    current = current_annotations(earlier[earlier["kind"] == "analyst"], sentences)
    is_own = current["annotator"] == annotator
    return set(current.loc[is_own, "sentence_id"]) & set(current.loc[~is_own, "sentence_id"])
