"""Analyse a new version of a report, with everything that people did for the version before it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag import labels as people
from g7tag import report, store, tagger
from g7tag.audit import ledger_rows
from g7tag.audit.versions import EDITED, GONE, SAME, explain_scores, match_versions, renamed
from g7tag.errors import Announce, InputError, ModelError
from g7tag.evidence import require_commitment
from g7tag.frames import ANNOTATIONS, VERSION_LABELS, build, has_key, label_words
from g7tag.jobs.audits import stale_notes, update_ledger
from g7tag.jobs.labelling import sheet_path
from g7tag.jobs.pages import write_page
from g7tag.jobs.reports import read_reports
from g7tag.jobs.run import Run, open_run
from g7tag.jobs.sharing import note_opened, read_cases, read_plan, who_opened_tabs, write_cases, write_plan
from g7tag.jobs.steps import find_findings, ingest
from g7tag.scoring import make_receipts
from g7tag.store import RunDirectory, ledger_path, read_ledger
from g7tag.text import counted

FOLDER = "update"
"""In the new run directory: what changed, as a page and as CSV files."""
CARRIED, TO_CONFIRM = "carried", "to confirm"
_WHY = "The sentence was edited: confirm this label, or change it. Delete the row to leave it open."


class Sheet(NamedTuple):
    """A person, whether as analyst or adjudicator, and the file with the labels to confirm."""

    annotator: str
    kind: str
    path: Path


class Updated(NamedTuple):
    """The run on the new version of a report, and what became of the run before it.

    Attributes
    ----------
    run
        The new run.
    items, sentences
        What is the same, edited, new or gone: the frames version_items and version_sentences.
    scores, steps
        The scores before and after, the items at which they move, and each changed item: version_scores, version_steps.
    labels
        What became of each label that people saved in the old run: version_labels.
    sheets
        A sheet for each person with labels to confirm.
    notes
        What a person should know, one line each.
    """

    run: Run
    items: pd.DataFrame
    sentences: pd.DataFrame
    scores: pd.DataFrame
    steps: pd.DataFrame
    labels: pd.DataFrame
    sheets: list[Sheet]
    notes: list[str]

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The frames above by name."""
        return {name: getattr(self, name) for name in ("items", "sentences", "scores", "steps", "labels")}


def update_run(
    run: Run | Path | str, reports: Sequence[Path | str] | Path | str, output: Path | str, *,
    model: "tagger.Tagger | Path | str | None" = None, force: bool = False, announce: Announce = lambda _: None,
) -> Updated:  # fmt: skip
    """Analyse a new version of a report as the old version was, and carry what people did to the new run.

    Labels of sentences with the same text are carried with their annotator, time, note, source check and whether they
    were blind. Labels of edited sentences do not count in the new run: each person gets a sheet to confirm or change
    them. Labels of sentences that are gone are listed. The label plan, settled cases, who is not blind, and the ledger
    are carried, too; a decision whose evidence changed is stale. The old run is not changed. After an interruption,
    repeat the call; labels that people saved in the new run stay.

    Parameters
    ----------
    run
        A saved, audited run, or its directory.
    reports
        The files of the new version.
    output, force
        Run directory to save to, and whether to replace frames of other inputs in it; not the directory of `run`.
    model
        The tagger of the old run, if it is not one that comes with g7tag.
    announce
        Called with the name of each step when it starts.

    Returns
    -------
    Updated
        The new run, what changed, and what became of each label.

    Raises
    ------
    InputError
        The tagger is another one than that of the old run, or the output is its directory.
    """
    old = run if isinstance(run, Run) else open_run(run)
    book, saved, path = old.codebook, old.saved, Path(output)
    if path.resolve() == saved.path.resolve():
        msg = f"{path}: is the directory of the old run, which is not changed. Name a new directory."
        raise InputError(msg)
    before = old.frames
    options: dict[str, Any] = {
        "commitments": saved.setting("ingest", "commitments", []), "year": saved.setting("ingest", "year", 0) or None,
        "keep_hidden": saved.setting("ingest", "keep_hidden", default=False),
    }  # fmt: skip
    new = Run(book, RunDirectory(path, force=force), tagger=_tagger_of(old, model))
    announce("reading the report")
    evidence = read_reports(reports, book, announce=announce, **options)
    require_commitment(evidence, book)
    new = ingest(new, evidence, **options).tag(announce=announce)
    items, sentences = match_versions(before, new.read("items", "sentences", "citations"), book)
    labels = _labels(old, sentences)
    _carry_labels(old, new, labels[labels["fate"] == CARRIED], items)
    new = find_findings(new.score(announce=announce), announce)
    scores, steps = explain_scores(before, new.frames, items, book)
    notes = [*_policy_notes(old, new), *_carry_ledger(old, new, pd.concat([items, sentences]))]
    announce("writing the pages")
    write_page(new)
    shown = build(VERSION_LABELS, labels.to_dict("records"))
    found = Updated(new, items, sentences, scores, steps, shown, _write_sheets(new, labels), notes)
    new.saved.write_file(f"{FOLDER}/changes.html", report.version_page(found.frames).encode("utf-8"))
    for name, frame in found.frames.items():
        new.saved.write_file(f"{FOLDER}/{name}.csv", store.table_bytes(frame, ".csv"))
    return found


def _tagger_of(run: Run, model: "tagger.Tagger | Path | str | None") -> "tagger.Tagger":
    """Return the tagger that a run was tagged with."""
    found, book = run.saved.setting("tag", "model", ""), run.codebook
    given = model or run.tagger or tagger.default_model(book)
    used = given if isinstance(given, tagger.Tagger) else tagger.load_tagger(given, book)
    if used.model_id != found and not isinstance(given, tagger.Tagger):
        with suppress(ModelError):  # a tagger of few labels has no fast one
            used = tagger.load_tagger(given, book, fast=True)
    if used.model_id != found:
        msg = (
            f"tagger {used.model_id}: is not that of the run, which was tagged with {found}, so scores would change "
            "for another reason than the report. Name the file of that tagger with --model, or tag the run again first."
        )
        raise InputError(msg)
    return used


def _labels(old: Run, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return all labels of people in the old run, with the columns of version_labels."""
    every = store.read_labels(old.saved.path, old.codebook)
    current = people.current_annotations(every, old.sentences)["annotation_id"]
    texts = ["old_id", "new_id", "status", "old_text", "new_text"]
    found = every.merge(sentences[texts], left_on="sentence_id", right_on="old_id", how="left")
    return found.assign(
        label=label_words(found), current=found["annotation_id"].isin(current),
        fate=found["status"].map({SAME: CARRIED, EDITED: TO_CONFIRM}).fillna(GONE),
    ).fillna(dict.fromkeys(texts, ""))  # fmt: skip


def _carry_labels(old: Run, new: Run, labels: pd.DataFrame, items: pd.DataFrame) -> None:
    """Add labels, the plan, settled cases and who is not blind to the new run; what is there stays."""
    rows: dict[str, dict[Any, Any]] = {}
    names: dict[str, str] = {}
    for label in labels.to_dict("records"):
        row = {name: label[name] for name in ANNOTATIONS.columns}
        row |= {"sentence_id": label["new_id"], "supersedes": names.get(row["supersedes"], row["supersedes"])}
        if row["text_sha256"] == store.text_sha256(label["old_text"]):
            row["text_sha256"] = store.text_sha256(label["new_text"])  # other spaces or line ends
        names[label["annotation_id"]] = row["annotation_id"] = store.label_id(row)
        rows[row["annotation_id"]] = row
    source, target = old.saved.path, new.saved.path
    plan, cases = read_plan(source), read_cases(source)
    with store.labels_locked(target):
        store.write_label_rows(target, (rows | store.label_rows(target, new.codebook, may_lack=True)).values())
        note_opened(target, who_opened_tabs(source))
        if plan and not read_plan(target):
            ids = {new: plan.old_ids.get(one, one) for one, new in zip(items["old_id"], items["new_id"], strict=True)}
            ids = {name: first for name, first in ids.items() if name and first and name != first}
            write_plan(target, plan.model_copy(update={"old_ids": ids}) if ids else plan)
        if cases and not read_cases(target):
            write_cases(target, cases)


def _policy_notes(old: Run, new: Run) -> list[str]:
    """Return a note if the new run was scored with another policy: labels of models are not carried."""
    was, now = (run.saved.setting("score", "policy", people.POLICY) for run in (old, new))
    note = (
        f"The old run was scored with policy {was!r}, which counts labels that are not carried, the new one with "
        f"{now!r}. So unchanged items may move scores. To count models again, use g7tag review, then g7tag score."
    )
    return [note] if was != now else []


def _carry_ledger(old: Run, new: Run, ids: pd.DataFrame) -> list[str]:
    """Carry what people wrote in the ledger to that of the new run, if it has none; return notes on it."""
    path = ledger_path(new.saved.path)
    if not path.exists():
        cells = read_ledger(ledger_path(old.saved.path)).cells
        made = ["finding_id", "severity", "member", "message", "evidence_sha256"]
        cells = cells[(cells.drop(columns=made).replace("open", "") != "").any(axis=1)]
        if cells.empty:
            return []
        frames, name = renamed(old.frames, new.frames, dict(zip(ids["old_id"], ids["new_id"], strict=True)))
        known = [ledger_rows(run, make_receipts(run, old.codebook)) for run in (old.frames, frames)]
        evidence = dict(zip(*(rows["evidence_sha256"] for rows in known), strict=True))
        store.write_ledger(path, cells.assign(
            finding_id=cells["finding_id"].map(name), message=cells["message"].map(name),
            evidence_sha256=cells["evidence_sha256"].map(lambda sha256: evidence.get(sha256, sha256)),
        ))  # fmt: skip
    ledger, stale, notes = update_ledger(new, [])
    n_settled = int((ledger.rows["status"] != "open").sum())
    return [f"{counted(n_settled, 'decision')} in {path}, {len(stale)} of them stale.", *stale_notes(stale), *notes]


def _write_sheets(new: Run, labels: pd.DataFrame) -> list[Sheet]:
    """Write a sheet with the labels that each person has to confirm; one that exists stays as it is."""
    waiting = labels[(labels["fate"] == TO_CONFIRM) & labels["current"]]
    about = new.sentences[["sentence_id", "item_id", "member"]].merge(
        new.items[["item_id", "date_text", "text"]].rename(columns={"date_text": "date", "text": "item"}), on="item_id"
    )
    rows = waiting.drop(columns="sentence_id").merge(about, left_on="new_id", right_on="sentence_id")
    rows = rows.assign(
        text=rows["new_text"], why=_WHY, unsure=rows["confidence"] == people.UNSURE,
        **{key: has_key(rows["dimensions"], key).map({True: "x", False: ""}) for key in new.codebook.dimension_keys},
    ).replace({True: "yes", False: ""})  # fmt: skip
    columns = ["sentence_id", "member", "item", "text", "old_text", "why", *people.columns_to_fill(new.codebook)]
    files = []
    for (annotator, kind), own in rows.groupby(["annotator", "kind"]):
        role = " (adjudicator)" if kind == "adjudicator" else ""
        file = sheet_path(new, f"{annotator}{role}", first="to-confirm")
        if not file.exists():
            sheet = own[[*columns, "date", *people.CHECKED]].astype("str")
            store.write_atomic(file, report.label_workbook(sheet, new.codebook))
        files.append(Sheet(str(annotator), str(kind), file))
    return files
