"""Record people's labels: from a frame, or from a sheet that they filled in."""

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
    current_annotations,
    own_disagreements,
    people_annotations,
    read_decisions,
    refuse_party,
    same_label_as,
    standing,
)
from g7tag.store import Sheet, add_labels, open_sheet, read_labels, text_sha256
from g7tag.text import counted

MOST_PROBLEMS = 20
"""Problems that a message lists."""


class Recorded(NamedTuple):
    """Annotations that were added, and the problems of the rows that were not used, one line each."""

    annotations: pd.DataFrame
    problems: list[str]


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
    book = open_codebook(codebook, directory)
    path = Path(directory)
    sentences = labelled_sentences(path, book)
    _require_planned(path, annotator, kind)
    earlier = read_labels(path, book)
    problems: list[str] = []
    if isinstance(labels, pd.DataFrame):
        decisions = _of_table(labels, sentences, book)
        seen = pd.Series(False, index=decisions.rows.index)
    else:
        sheet = _read_file(Path(labels), sentences, book)
        decisions, problems = _not_outdated(sheet, sentences, earlier, annotator, kind)
        if problems and decisions.rows.empty:
            raise _none_recorded(problems, str(labels))
        blind = not sheet.shows_machines and (kind == "adjudicator" or not sheet.shows_people)
        # reading a sheet prints what the tagger said of the rows that it records
        done = set(earlier.loc[earlier["annotator"] == " ".join(annotator.split()), "sentence_id"])
        seen = decisions.rows["sentence_id"].isin(done)
    again = _labelled_before(decisions.rows, sentences, earlier, annotator) & (kind == "analyst")
    parts: list[tuple[pd.DataFrame, bool, Occasion]] = [
        (decisions.rows[~again & ~seen], blind, "label"), (decisions.rows[~again & seen], False, "label"),
        (decisions.rows[again], False, "change"),
    ]  # fmt: skip
    if kind == "adjudicator" and not force:
        refuse_party(annotator, own_disagreements(annotator, earlier, sentences) & set(decisions.rows["sentence_id"]))
    given: dict[str, Any] = {"annotator": annotator, "kind": kind, "at": at or datetime.now(UTC), "earlier": earlier}
    made = [
        people_annotations(rows, sentences, book, blind=part_blind, occasion=occasion, **given)
        for rows, part_blind, occasion in parts
    ]
    added = pd.concat(made, ignore_index=True)
    if len(added):
        add_labels(path, added)
    return Recorded(added, problems)


def _of_table(labels: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> Decisions:
    """Return the decisions of a frame; with any problem, nothing is recorded."""
    decisions = read_decisions(labels.reset_index(drop=True), sentences, codebook)
    if decisions.problems:
        raise _none_recorded([_of_frame(labels, each) for each in decisions.problems], "labels")
    return decisions


def _require_planned(path: Path, annotator: str, kind: PersonKind) -> None:
    plan = read_plan(path)
    if plan is not None and kind == "analyst":
        assigned_items([], plan, annotator.strip())


class _Filled(NamedTuple):
    """A filled-in sheet: its decisions, the cells of the sheet, and whether it shows labels of machines or people."""

    decisions: Decisions
    sheet: Sheet
    shows_machines: bool
    shows_people: bool


def _read_file(path: Path, sentences: pd.DataFrame, codebook: Codebook) -> _Filled:
    sheet = open_sheet(path, key="sentence_id", ids=sentences["sentence_id"])
    try:
        decisions = read_decisions(sheet.rows, sentences, codebook, is_file=True)
    except InputError as error:
        msg = f"{path}: {error}"
        raise InputError(msg) from error
    foreign = {each.row for each in decisions.problems if each.column in {"sentence_id", "text"}}
    if decisions.rows.empty and len(foreign) > 1 and len(foreign) == len({each.row for each in decisions.problems}):
        msg = (
            f"{path}: none of its {len(foreign)} filled-in rows is of this run; it was made from another report. "
            "Name the run directory that it was made from, or write a new sheet."
        )
        raise InputError(msg)
    shown = {name for name in sheet.rows if (sheet.rows[name] != "").any()}
    unknown = "text" not in sheet.rows  # not a sheet of g7tag: nobody knows what it showed
    return _Filled(decisions, sheet, unknown or bool(shown & {*SUGGESTIONS, "why"}), unknown or "analysts" in shown)


def _not_outdated(
    filled: _Filled, sentences: pd.DataFrame, earlier: pd.DataFrame, annotator: str, kind: PersonKind
) -> tuple[Decisions, list[str]]:
    """Return the decisions without those that the annotator has changed since, and the problems of a sheet in words."""
    own = standing(earlier[(earlier["annotator"] == " ".join(annotator.split())) & (earlier["kind"] == kind)])
    superseded = own[own["annotation_id"].isin(own["supersedes"])]
    before = {name: rows.to_dict("records") for name, rows in superseded.groupby("sentence_id")}
    last = {row["sentence_id"]: row for row in own.to_dict("records")}
    texts = dict(zip(sentences["sentence_id"], sentences["text"].map(text_sha256), strict=True))
    problems = list(filled.decisions.problems)
    for place, row in zip(filled.decisions.rows.index, filled.decisions.rows.to_dict("records"), strict=True):
        name = row["sentence_id"]
        said = {key: row[key] for key in DECIDED if key != "unsure"} | {
            "text_sha256": texts[name], "kind": kind, "confidence": UNSURE if row["unsure"] else None,
        }  # fmt: skip
        if name in last and not same_label_as(last[name], said):
            known = [each for each in before.get(name, []) if same_label_as(each, said)]
            if known:
                day = str(last[name]["at"])[:10]
                cause = f"{name!r} was recorded like this and changed on {day}. To record it again, change its note."
                problems.append(Problem(place, "sentence_id", cause))
    outdated = {each.row for each in problems}
    rows = filled.decisions.rows[~filled.decisions.rows.index.isin(outdated)]
    words = [f"{filled.sheet.cell(int(each.row), each.column)}: {each.cause}" for each in problems]
    return Decisions(rows, problems), words


def _of_frame(labels: pd.DataFrame, problem: Problem) -> str:
    column = f", column {problem.column!r}" if problem.column else ""
    return f"row {list(labels.index)[int(problem.row)]!r}{column}: {problem.cause}"


def _none_recorded(problems: list[str], source: str) -> FrameError:
    shown = "\n".join(f"  {line}" for line in problems[:MOST_PROBLEMS])
    more = f"\n  and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
    return FrameError(f"{source}: {counted(len(problems), 'problem')}; nothing was recorded.\n{shown}{more}")


def _labelled_before(
    decisions: pd.DataFrame, sentences: pd.DataFrame, earlier: pd.DataFrame, annotator: str
) -> pd.Series:
    """Return which decisions are on a sentence that the annotator and another analyst have labelled."""
    current = current_annotations(earlier[earlier["kind"] == "analyst"], sentences)
    is_own = current["annotator"] == " ".join(annotator.split())
    both = set(current.loc[is_own, "sentence_id"]) & set(current.loc[~is_own, "sentence_id"])
    return decisions["sentence_id"].isin(both).astype("bool")
