"""Analyse whole reports: each chapter that has a codebook in a run directory of its own."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import Announce, CodebookError, G7TagError, InputError
from g7tag.evidence import Evidence, extract_evidence, require_commitment
from g7tag.frames import CHAPTERS, build
from g7tag.jobs.drafting import draft_of, on_no_report
from g7tag.jobs.reports import analyse, require_settings
from g7tag.jobs.run import Run
from g7tag.jobs.steps import ingest
from g7tag.labels import POLICY
from g7tag.report import draft_warning
from g7tag.sources import Documents, read_documents
from g7tag.store import MANIFEST, RunDirectory, write_atomic
from g7tag.tagger import load_tagger
from g7tag.tagger.persist import bundled_model
from g7tag.text import first_few, quoted

Row = dict[str, Any]


def run_chapters(  # noqa: PLR0913 - all settings are keyword arguments
    reports: Sequence[Path | str] | Path | str, codebooks: Path | str, *, output: Path | str, fast: bool = False,
    policy: str = POLICY, commitments: Collection[int] = (), year: int | None = None, keep_hidden: bool = False,
    draft: bool = False, force: bool = False, announce: Announce = lambda _: None,
) -> pd.DataFrame:  # fmt: skip
    """Analyse each chapter of whole reports for which a folder has a codebook.

    Reports are read once. A chapter that fails does not stop the others. The same call continues what was interrupted.

    Parameters
    ----------
    reports, commitments, year, keep_hidden, policy, fast, force, announce
        As for `run_report`.
    codebooks
        Folder of codebooks (.toml). The tagger of `my.toml` is `my.npz` beside it, or the one that comes with g7tag.
    output
        Project folder: the run directory of a chapter is in it, under the id of the codebook.
    draft
        Also draft a codebook for each chapter that has none, into the folder; no file is replaced.

    Returns
    -------
    pandas.DataFrame
        commitment_id, title, codebook (its id, or a file that is no codebook), directory, status, reason, n_items and
        n_sentences (missing if it is no chapter). First the chapters in their order, then codebooks and reports that
        cannot be used. The status is "read", "no_tagger" (its sentences are read, not tagged), "draft" (the codebook
        has open questions, so it is not used), "no_codebook", "no_chapter" (the codebook is on none), or "failed".

    Raises
    ------
    InputError
        There is no codebook in the folder, or two are on one commitment or have one id; `output` is a run directory.
    SourceError
        None of the reports can be read, or none has a chapter.

    Examples
    --------
    >>> from g7tag.jobs import example_path, temporary_directory
    >>> folder = temporary_directory()
    >>> _ = (folder / "my.toml").write_bytes(example_path("harbours.toml").read_bytes())
    >>> found = run_chapters(example_path("harbours-report.txt"), folder, output=folder / "project")
    >>> found[["commitment_id", "codebook", "status"]].values.tolist()
    [['2030-03', '2030-harbours', 'no_tagger']]
    """
    require_settings(reports, commitments=commitments, year=year, policy=policy)
    folder, project, numbers = Path(codebooks), Path(output), set(commitments)
    if (project / MANIFEST).exists() or project.is_file():
        what = "file" if project.is_file() else "run directory"
        msg = f"{project}: is a {what}. Expected a folder for several run directories. Choose another."
        raise InputError(msg)
    books, broken = _read_folder(folder, draft=draft)
    waiting = {
        book.commitment.id: file for file, book in books.items() if not numbers or book.commitment.number in numbers
    }
    paths = [reports] if isinstance(reports, Path | str) else reports
    if not paths:
        msg = "no report is given. Expected one or more files: PDF, Word (DOCX), HTML or text."
        raise InputError(msg)
    read = read_documents(map(Path, paths), keep_hidden=keep_hidden, announce=announce)
    announce("finding the chapters")
    evidence = _find_chapters(read, books.values(), numbers, str(year or ""))
    rows = _chapters_of(evidence)
    for row, document_id in zip(rows, evidence.commitments["document_id"], strict=True):
        if file := waiting.pop(row["commitment_id"], None):
            row.update(_run(
                file, books[file], _only(read, document_id), project, year=year, keep_hidden=keep_hidden,
                policy=policy, fast=fast, force=force, announce=announce,
            ))  # fmt: skip
        elif draft:
            row.update(_draft(evidence, row["commitment_id"], folder, year))
    found = first_few([row["commitment_id"] for row in rows])
    why = "".join(f" {each}" for each in evidence.gaps.loc[evidence.gaps["part"] == "title", "reason"].unique())
    for name, file in waiting.items():
        about = {"commitment_id": name, "title": books[file].commitment.title, "codebook": books[file].id}
        rows.append(_row("no_chapter", f"{file}: no report has a chapter on it; found {found}.{why}", **about))
    return build(CHAPTERS, [*rows, *broken, *_unread(evidence.gaps)])


def _row(status: str, reason: str = "", **given: Any) -> Row:
    """Return a row of the result."""
    row = {"status": status, "reason": reason, "n_items": None, "n_sentences": None}
    return dict.fromkeys(("commitment_id", "title", "codebook", "directory"), "") | row | given


def _read_folder(folder: Path, *, draft: bool) -> tuple[dict[Path, Codebook], list[Row]]:
    """Return the codebooks of a folder by their files, and rows for files that are no codebook."""
    files = sorted(folder.glob("[!.]*.toml"))
    if not files and (folder.is_file() or not draft):
        msg = f"{folder}: no codebook (.toml) in it. Expected a folder of codebooks. Draft them with --draft."
        raise InputError(msg)
    books: dict[Path, Codebook] = {}
    taken: dict[str, Path] = {}
    broken = []
    for file in files:
        try:
            book = load_codebook(file)
        except CodebookError as error:
            broken.append(_row("failed", _line(error), codebook=file.name))
            continue
        for key in (f"commitment {book.commitment.id}", f"id {book.id}"):
            if taken.setdefault(key, file) != file:
                msg = f"{taken[key]} and {file}: both have the {key}. Expected one of them. Move the other away."
                raise InputError(msg)
        books[file] = book
    return books, broken


def _find_chapters(read: Documents, books: Iterable[Codebook], numbers: Collection[int], year: str) -> Evidence:
    """Return the evidence of all chapters, with the members of all codebooks."""
    any_book = on_no_report()
    members = {each.name: each for book in (any_book, *books) for each in book.members}
    book = any_book.model_copy(update={"members": list(members.values())})
    return extract_evidence(read, book, numbers=numbers, year=year)


def _chapters_of(evidence: Evidence) -> list[Row]:
    """Return a row for each chapter of the reports."""
    counts = {"n_items": evidence.items, "n_sentences": evidence.sentences}
    return [
        _row("no_codebook", commitment_id=name, title=title)
        | {column: int((frame["commitment_id"] == name).sum()) for column, frame in counts.items()}
        for name, title in evidence.commitments[["commitment_id", "title"]].itertuples(index=False, name=None)
    ]


def _unread(gaps: pd.DataFrame) -> list[Row]:
    """Return a row for each report that was not read, or of which chapters cannot be used."""
    unread = gaps[(gaps["kind"] == "unread") & gaps["part"].str.fullmatch(r"document|commitment \d+")]
    reasons = unread.groupby("name", sort=False)["reason"].agg(" ".join)
    return [_row("failed", why, title=name) for name, why in reasons.items()]


def _only(read: Documents, document_id: str) -> Documents:
    """Return one of several documents, as if it were read alone."""
    own = read.documents[read.documents["document_id"] == document_id]
    gaps = read.gaps[read.gaps["name"].isin(own["name"])]
    return Documents(own.reset_index(drop=True), gaps.reset_index(drop=True), read.blocks)


def _run(
    file: Path, book: Codebook, document: Documents, project: Path, *, policy: str, fast: bool, force: bool,
    announce: Announce, **read: Any,
) -> Row:  # fmt: skip
    """Run a chapter that is read with these settings, and return what changes in its row of the result."""
    if book.questions:
        return _of_draft(file, book.id)
    row: Row = {"codebook": book.id, "status": "read", "reason": draft_warning(book, file)}
    numbers, beside = {book.commitment.number}, file.with_suffix(".npz")
    try:
        announce(f"{book.id}: reading the evidence")
        evidence = extract_evidence(document, book, numbers=numbers, year=str(read["year"] or ""))
        require_commitment(evidence, book)
        model = beside if beside.is_file() else bundled_model(book)
        run = Run(book, RunDirectory(project / book.id, force=force))
        row["directory"] = str(project / book.id)
        if model is not None:
            run = replace(run, tagger=load_tagger(model, book, fast=fast))
            said: dict[str, Any] = {"policy": policy, "announce": lambda step: announce(f"{book.id}: {step}")}
            analyse(run, evidence, commitments=numbers, **said, **read)
        elif not ingest(run, evidence, commitments=numbers, **read).saved.has("tags"):
            train = f"`g7tag train -o {quoted(beside)} --codebook {quoted(file)}`"
            row |= {"status": "no_tagger", "reason": f"Train one ({train}), then repeat the command."}
    except G7TagError as error:
        row |= {"status": "failed", "reason": _line(error)}
    return row


def _of_draft(file: Path, name: str) -> Row:
    """Return what changes in the row of a chapter whose codebook has open questions."""
    reason = f"Answer and delete the questions in {file}, then repeat the command."
    return {"codebook": name, "status": "draft", "reason": reason}


def _draft(evidence: Evidence, commitment_id: str, folder: Path, year: int | None) -> Row:
    """Draft a codebook for a chapter without one, and return what changes in its row of the result."""
    commitments = evidence.commitments[evidence.commitments["commitment_id"] == commitment_id]
    try:
        draft = draft_of(evidence, commitments, year=year)
        file = folder / f"{draft.id}.toml"
        if file.exists():
            return {"reason": f"{file}: exists, and is not replaced. Correct it, or move it away."}
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, draft.text.encode("utf-8"))
    except G7TagError as error:
        return {"reason": _line(error)}
    if draft.codebook is None:
        why = f"{file}: no scoring rule could be read. Write the readings in it; it has an example in comments."
        return {"codebook": draft.id, "status": "failed", "reason": why}
    return _of_draft(file, draft.id)


def _line(error: G7TagError) -> str:
    return " ".join(str(error).split())
