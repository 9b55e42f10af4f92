"""Analyse a new version of a report, with everything that people did for the version before it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag import labels as people
from g7tag import report, store, tagger
from g7tag.audit import ledger_rows
from g7tag.audit.versions import EDITED, GONE, SAME, Versions, explain_scores, match_versions, renamed
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, ModelError
from g7tag.evidence import require_commitment
from g7tag.frames import label_words
from g7tag.jobs.audits import stale_notes, update_ledger
from g7tag.jobs.pages import write_page
from g7tag.jobs.reports import read_reports
from g7tag.jobs.run import Run, open_run
from g7tag.jobs.sharing import CASES_FILE, PLAN_FILE, note_opened, who_opened_tabs
from g7tag.jobs.steps import find_findings, ingest, receipts_of
from g7tag.scoring import make_receipts
from g7tag.store import RunDirectory, ledger_path, read_ledger
from g7tag.text import counted

FOLDER = "update"
"""In the new run directory: what changed, as CSV files, and the labels that wait for a person."""
CARRIED, TO_CONFIRM = "carried", "to confirm"
_WHY = "The sentence was edited: confirm this label, or change it. Delete the row to leave it open."
_FATES = {SAME: CARRIED, EDITED: TO_CONFIRM}


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
    versions
        The frames changes, sentences, score_changes and steps; see `g7tag.audit.Versions`.
    labels
        Every label that people saved in the old run: annotation_id, sentence_id, new_id ("" if gone), annotator, kind,
        fate (carried, to confirm, gone), current (False if it was changed or withdrawn later), label (in words), note,
        at, old_text, new_text.
    sheets
        A sheet for each person with labels to confirm.
    notes
        What a person should know, one line each.
    """

    run: Run
    versions: Versions
    labels: pd.DataFrame
    sheets: list[Sheet]
    notes: list[str]

    @property
    def keep_hidden(self) -> bool:
        """Whether hidden text counts as evidence, as in the old run."""
        return self.run.saved.setting("ingest", "keep_hidden", default=False)


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
    frames, used = old.frames, _tagger_of(old, model)
    policy, notes = saved.setting("score", "policy", people.POLICY), []
    if policy != people.POLICY:
        notes = [f"policy {policy!r} counts labels that are not carried; the new run uses {people.POLICY!r}."]
    options: dict[str, Any] = {
        "commitments": saved.setting("ingest", "commitments", []), "year": saved.setting("ingest", "year", 0) or None,
        "keep_hidden": saved.setting("ingest", "keep_hidden", default=False),
    }  # fmt: skip
    new = Run(book, RunDirectory(path, force=force), tagger=used)
    announce("reading the report")
    evidence = read_reports(reports, book, announce=announce, **options)
    require_commitment(evidence, book)
    new = ingest(new, evidence, **options).tag(announce=announce)
    changes, sentences = match_versions(frames, new.read("items", "sentences", "citations"), book)
    every = store.read_labels(saved.path, book)
    rows, found = _labels(old, every, sentences)
    _carry_labels(saved.path, path, rows, book)
    new = find_findings(new.score(policy=people.POLICY, announce=announce), announce)
    versions = Versions(changes, sentences, *explain_scores(frames, new.frames, changes, book))
    notes += _carry_ledger(old, new, versions)
    announce("writing the page")
    write_page(new)
    for name, frame in {**versions._asdict(), "labels": found}.items():
        new.saved.write_file(f"{FOLDER}/{name}.csv", store.table_bytes(frame, ".csv"))
    return Updated(new, versions, found, _write_sheets(new, every, found), notes)


def _tagger_of(run: Run, model: "tagger.Tagger | Path | str | None") -> "tagger.Tagger":
    """Return the tagger that a run was tagged with."""
    found, used, book = run.saved.setting("tag", "model", ""), model or run.tagger, run.codebook
    if not isinstance(used, tagger.Tagger):
        path = used or tagger.default_model(book)
        used = tagger.load_tagger(path, book)
        if used.model_id != found:
            with suppress(ModelError):  # a tagger of few labels has no fast one
                used = tagger.load_tagger(path, book, fast=True)
    if used.model_id != found:
        msg = (
            f"tagger {used.model_id}: is not that of the run, which was tagged with {found}, so scores would change "
            "for another reason than the report. Name the file of that tagger with --model, or tag the run again first."
        )
        raise InputError(msg)
    return used


def _labels(old: Run, every: pd.DataFrame, sentences: pd.DataFrame) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Return the label rows of the new run with the same text, and the frame labels of `Updated`."""
    known = store.label_rows(old.saved.path, old.codebook)
    current = set(people.current_annotations(every, old.sentences)["annotation_id"])
    now = sentences[sentences["old_id"] != ""].set_index("old_id").to_dict("index")
    nothing = {"new_id": "", "status": GONE, "old_text": "", "new_text": ""}
    rows, found, names = [], [], dict[str, str]()
    for row in every.assign(label=label_words(every)).to_dict("records"):
        name, at = row["annotation_id"], now.get(row["sentence_id"], nothing)
        if at["status"] == SAME:
            earlier = names.get(row["supersedes"], row["supersedes"])
            moved = known[name] | {"sentence_id": at["new_id"], "supersedes": earlier}
            if row["text_sha256"] == store.text_sha256(at["old_text"]):
                moved["text_sha256"] = store.text_sha256(at["new_text"])  # other spaces or line ends
            names[name] = moved["annotation_id"] = store.label_id(moved)
            rows.append(moved)
        texts = {each: at[each] for each in ("new_id", "old_text", "new_text")}
        found.append(row | texts | {"fate": _FATES.get(at["status"], GONE), "current": name in current})
    columns = ["annotation_id", "sentence_id", "new_id", "annotator", "kind", "fate", "current", "label", "note", "at",
               "old_text", "new_text"]  # fmt: skip
    return rows, pd.DataFrame(found, columns=columns).astype({"current": "bool"})


def _carry_labels(old: Path, new: Path, rows: Sequence[dict[str, Any]], codebook: Codebook) -> None:
    """Add labels, the plan, settled cases and who is not blind to a run directory; what is there stays."""
    plan, cases = ((store.inside(old, name), store.inside(new, name)) for name in (PLAN_FILE, CASES_FILE))
    if not rows and not who_opened_tabs(old) and not any(file.is_file() for file, _ in (plan, cases)):
        return
    with store.labels_locked(new):
        own = store.label_rows(new, codebook, may_lack=True)
        if any(row["annotation_id"] not in own for row in rows):
            store.write_label_rows(new, (own | {row["annotation_id"]: row for row in rows}).values())
        note_opened(new, who_opened_tabs(old))
        for source, target in (plan, cases):
            if source.is_file() and not target.is_file():
                store.write_atomic(target, source.read_bytes())


def _carry_ledger(old: Run, new: Run, versions: Versions) -> list[str]:
    """Carry what people wrote in the ledger to that of the new run, if it has none; return notes on it."""
    known, path = read_ledger(ledger_path(old.saved.path)).cells, ledger_path(new.saved.path)
    if not path.exists():
        own = [name for name in known if name not in {"finding_id", "severity", "member", "message", "evidence_sha256"}]
        cells = known[(known[own].replace("open", "") != "").any(axis=1)]
        if cells.empty:
            return []
        frames, name = renamed(old.frames, new.frames, versions.changes, versions.sentences)
        was = ledger_rows(old.frames, receipts_of(old))
        now = ledger_rows(frames, make_receipts(frames, old.codebook))
        ids = dict(zip(was["finding_id"], now["finding_id"], strict=True))
        pairs = zip(was["finding_id"], was["evidence_sha256"], strict=True)
        evidence = dict(zip(pairs, now["evidence_sha256"], strict=True))
        keys = list(zip(cells["finding_id"], cells["evidence_sha256"], strict=True))
        cells = cells.assign(
            finding_id=[ids.get(row_id, name(row_id)) for row_id, _ in keys],
            message=cells["message"].map(name),
            evidence_sha256=[evidence.get(key, key[1]) for key in keys],
        )
        store.write_ledger(path, cells)
    ledger, stale, notes = update_ledger(new, [])
    n_settled = int((ledger.rows["status"] != "open").sum())
    return [f"{counted(n_settled, 'decision')} in {path}, {len(stale)} of them stale.", *stale_notes(stale), *notes]


def _write_sheets(new: Run, every: pd.DataFrame, found: pd.DataFrame) -> list[Sheet]:
    """Write a sheet with the labels that each person has to confirm; one that exists stays as it is."""
    parts = ["dimensions", "strength", "act", "exclusion", "contradicts", "confidence", *people.CHECKED]
    given = every[["annotation_id", *parts]]
    waiting = found[(found["fate"] == TO_CONFIRM) & found["current"]].merge(given, on="annotation_id")
    item_of = new.sentences.set_index("sentence_id")["item_id"].reindex(waiting["new_id"])
    items = new.items.set_index("item_id").reindex(item_of)
    keys = waiting["dimensions"].str.split(";")
    sheet = waiting.assign(
        sentence_id=waiting["new_id"], text=waiting["new_text"], why=_WHY,
        **{name: items[name].to_numpy() for name in ("member", "date_text")}, item=items["text"].to_numpy(),
        **{key: ["x" if key in own else "" for own in keys] for key in new.codebook.dimension_keys},
        contradicts=waiting["contradicts"].map({True: "yes", False: ""}),
        unsure=(waiting["confidence"] == people.UNSURE).map({True: "yes", False: ""}),
    ).rename(columns={"date_text": "date"})  # fmt: skip
    columns = ["sentence_id", "member", "item", "text", "old_text", "why", *people.columns_to_fill(new.codebook)]
    columns += ["date", *people.CHECKED]
    files = []
    for (annotator, kind), rows in sheet.groupby(["annotator", "kind"]):
        words = [TO_CONFIRM.replace(" ", "-"), *str(annotator).split(), *["(adjudicator)"] * (kind == "adjudicator")]
        file = new.saved.inside(f"{FOLDER}/{' '.join(words).replace('/', '_')}.xlsx")
        if not file.exists():
            content = report.label_workbook(rows[columns].astype("str"), new.codebook)
            new.saved.write_file(f"{FOLDER}/{file.name}", content)
        files.append(Sheet(str(annotator), str(kind), file))
    return files
