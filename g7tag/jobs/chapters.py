"""Analyse whole reports: each chapter that has a codebook in a run directory of its own."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import Announce, CodebookError, G7TagError, InputError, SourceError
from g7tag.evidence import Evidence, extract_evidence, require_commitment
from g7tag.frames import CHAPTERS, build
from g7tag.jobs.drafting import draft_of, on_no_report
from g7tag.jobs.reports import analyse, require_numbers, require_policy_for, require_year
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
_PART = re.compile(r"commitment (\d+)")
"""Part of a report that a gap names: a chapter that cannot be used."""


class _Own(NamedTuple):
    """A codebook and its file."""

    file: Path
    book: Codebook


class _Chapter(NamedTuple):
    """A chapter: its row of the result, and its report as it was read and as every codebook finds it."""

    row: Row
    document: Documents
    evidence: Evidence


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
        n_sentences (missing if not read). First the chapters in their order, then what is not a chapter. The status is
        "read", "no_tagger" (its sentences are read, not tagged), "draft" (the codebook has open questions, so it is not
        used), "no_codebook", "no_chapter" (the codebook is on none), or "failed".

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
    require_numbers(commitments)
    require_year(year)
    require_policy_for(policy, reports)
    folder, project = Path(codebooks), Path(output)
    if (project / MANIFEST).exists() or (project.exists() and not project.is_dir()):
        what = "run directory" if project.is_dir() else "file"
        msg = f"{project}: is a {what}. Expected a folder for several run directories. Choose another."
        raise InputError(msg)
    waiting, broken = _read_folder(folder, draft=draft)
    paths = [reports] if isinstance(reports, Path | str) else reports
    if not paths:
        msg = "no report is given. Expected one or more files: PDF, Word (DOCX), HTML or text."
        raise InputError(msg)
    read = read_documents(map(Path, paths), keep_hidden=keep_hidden, announce=announce)
    announce("finding the chapters")
    chapters, others = _find_chapters(read, waiting.values(), set(commitments), year)
    rows = []
    for chapter in chapters:
        own, row = waiting.pop(chapter.row["commitment_id"], None), chapter.row
        rows.append(row if own is None else row | _run(
            own, chapter, project / own.book.id, year=year, keep_hidden=keep_hidden, policy=policy, fast=fast,
            force=force, announce=announce,
        ))  # fmt: skip
    if draft:  # last, so that an interrupted call finds the same codebooks when it is repeated
        rows = [row | _draft(each, row, folder, year) for each, row in zip(chapters, rows, strict=True)]
    known = f"no report has a chapter on it; found {first_few([chapter.row['commitment_id'] for chapter in chapters])}."
    gaps = pd.concat([chapter.evidence.gaps for chapter in chapters])
    known += "".join(f" {why}" for why in gaps.loc[gaps["part"] == "title", "reason"].unique())
    for file, book in waiting.values():
        if not commitments or book.commitment.number in set(commitments):
            about = {"commitment_id": book.commitment.id, "title": book.commitment.title, "codebook": book.id}
            rows.append(_row("no_chapter", f"{file}: {known}", **about))
    return build(CHAPTERS, [*rows, *broken, *others])


def _row(status: str, reason: object = "", **given: Any) -> Row:
    """Return a row of the result; the reason is in one line."""
    row = {"status": status, "reason": " ".join(str(reason).split()), "n_items": None, "n_sentences": None}
    return dict.fromkeys(("commitment_id", "title", "codebook", "directory"), "") | row | given


def _read_folder(folder: Path, *, draft: bool) -> tuple[dict[str, _Own], list[Row]]:
    """Return the codebooks of a folder by their commitment, and rows for files that are no codebook."""
    files = sorted(folder.glob("[!.]*.toml"))
    if not files and (not draft or (folder.exists() and not folder.is_dir())):
        found = "has no codebook (.toml)" if folder.is_dir() else "is not a folder"
        msg = f"{folder}: {found}. Expected a folder of codebooks. Choose another, or draft codebooks with --draft."
        raise InputError(msg)
    books: dict[str, _Own] = {}
    taken: dict[str, Path] = {}
    broken = []
    for file in files:
        try:
            book = load_codebook(file)
        except CodebookError as error:
            broken.append(_row("failed", error, codebook=file.name))
            continue
        for key in (f"commitment {book.commitment.id}", f"id {book.id}"):
            if taken.setdefault(key, file) != file:
                msg = f"{taken[key]} and {file}: both have the {key}. Expected one of them. Move the other away."
                raise InputError(msg)
        books[book.commitment.id] = _Own(file, book)
    return books, broken


def _find_chapters(
    read: Documents, books: Iterable[_Own], numbers: set[int], year: int | None
) -> tuple[list[_Chapter], list[Row]]:
    """Return the chapters of reports in their order, also those that cannot be used, and rows for what was not read."""
    any_book = on_no_report()
    members = {each.name: each for book in [any_book, *(own.book for own in books)] for each in book.members}
    any_book = any_book.model_copy(update={"members": list(members.values())})
    unread = read.gaps[read.gaps["part"] == "document"]
    others = [_row("failed", gap["reason"], title=gap["name"]) for gap in unread.to_dict("records")]
    chapters: dict[str, _Chapter] = {}
    for place, name in enumerate(read.documents["name"]):
        one = read.documents.iloc[[place]].reset_index(drop=True)
        document = Documents(one, read.gaps[read.gaps["name"] == name].reset_index(drop=True), read.blocks)
        try:
            found = _chapters_of(document, extract_evidence(document, any_book, numbers=numbers, year=str(year or "")))
        except SourceError as error:
            others.append(_row("failed", str(error).removeprefix(f"{name}: "), title=name))
            continue
        for chapter in found:
            if chapters.setdefault(key := chapter.row["commitment_id"], chapter) is not chapter:
                again = f"commitment {key} was already read from another report or chapter. Give each commitment once."
                others.append(_row("failed", again, title=name))
    if not chapters:
        raise SourceError("\n".join(f"{row['title']}: {row['reason']}" for row in others))
    return list(chapters.values()), others


def _chapters_of(document: Documents, evidence: Evidence) -> list[_Chapter]:
    """Return the chapters of a report, in order of their numbers; the reason says why one could not be read."""
    counts = {"n_items": evidence.items, "n_sentences": evidence.sentences}
    rows = [
        _row("no_codebook", commitment_id=name, title=title)
        | {column: int((frame["commitment_id"] == name).sum()) for column, frame in counts.items()}
        for name, title in evidence.commitments[["commitment_id", "title"]].itertuples(index=False, name=None)
    ]
    year = rows[0]["commitment_id"].rpartition("-")[0]
    for gap in evidence.gaps[evidence.gaps["kind"] == "unread"].to_dict("records"):
        if number := _PART.fullmatch(gap["part"]):
            rows.append(_row("no_codebook", gap["reason"], commitment_id=f"{year}-{int(number[1]):02d}"))
    rows.sort(key=lambda row: int(row["commitment_id"].rpartition("-")[2]))
    return [_Chapter(row, document, evidence) for row in rows]


def _run(
    own: _Own, chapter: _Chapter, directory: Path, *, year: int | None, keep_hidden: bool, policy: str, fast: bool,
    force: bool, announce: Announce,
) -> Row:  # fmt: skip
    """Run a chapter, and return what changes in its row of the result."""
    file, book = own
    row: Row = {"codebook": book.id, "title": chapter.row["title"] or book.commitment.title, "reason": ""}
    if book.questions:
        return row | _open_questions(file)
    numbers, beside = {book.commitment.number}, file.with_suffix(".npz")
    read: dict[str, Any] = {"commitments": numbers, "year": year, "keep_hidden": keep_hidden}
    try:
        announce(f"{book.id}: reading the evidence")
        evidence = extract_evidence(chapter.document, book, numbers=numbers, year=str(year or ""))
        require_commitment(evidence, book)
        model = beside if beside.is_file() else bundled_model(book)
        run = Run(book, RunDirectory(directory, force=force))
        row |= {"directory": str(directory), "n_items": len(evidence.items), "n_sentences": len(evidence.sentences)}
        if model is not None:
            run = replace(run, tagger=load_tagger(model, book, fast=fast))
            analyse(run, evidence, policy=policy, announce=lambda step: announce(f"{book.id}: {step}"), **read)
        elif not ingest(run, evidence, **read).saved.has("tags"):
            train = f"`g7tag train -o {quoted(beside)} --codebook {quoted(file)}`"
            return row | {"status": "no_tagger", "reason": f"Train one ({train}), then repeat the command."}
    except G7TagError as error:
        return row | {"status": "failed", "reason": chapter.row["reason"] or " ".join(str(error).split())}
    return row | {"status": "read", "reason": draft_warning(book, file)}


def _open_questions(file: Path) -> Row:
    """Return what the row of a chapter says if its codebook has open questions."""
    why = f"{file}: has open questions. Answer and delete them; `g7tag codebook check {quoted(file)}` lists them."
    return {"status": "draft", "reason": why}


def _draft(chapter: _Chapter, row: Row, folder: Path, year: int | None) -> Row:
    """Draft a codebook for a chapter without one, and return what changes in its row of the result."""
    evidence, name = chapter.evidence, str(chapter.document.documents["name"].iloc[0])
    rows = evidence.commitments[evidence.commitments["commitment_id"] == row["commitment_id"]]
    if row["status"] != "no_codebook" or rows.empty:
        return {}
    try:
        draft = draft_of(evidence, rows, name=name, year=year)
        file = folder / f"{draft.id}.toml"
        if file.exists():
            return {"reason": f"{file}: exists, and is not replaced. Correct it, or move it away."}
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, draft.text.encode("utf-8"))
    except G7TagError as error:
        return {"reason": str(error)}
    if draft.codebook is None:
        why = f"{file}: no scoring rule could be read. Write the readings in it; it has an example in comments."
        return {"codebook": draft.id, "status": "failed", "reason": why}
    return {"codebook": draft.id} | _open_questions(file)
