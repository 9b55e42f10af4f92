"""Analyse whole reports: each chapter that has a codebook in a run directory of its own."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import Announce, CodebookError, G7TagError, InputError, SourceError
from g7tag.evidence import Evidence, extract_evidence, require_commitment
from g7tag.frames import CHAPTERS, build
from g7tag.jobs.drafting import draft_of, on_no_report
from g7tag.jobs.opening import has_tagger
from g7tag.jobs.reports import analyse, require_numbers, require_policy_for, require_year
from g7tag.jobs.run import Run
from g7tag.jobs.steps import ingest
from g7tag.labels import POLICY
from g7tag.report import draft_warning
from g7tag.sources import Documents, read_documents
from g7tag.store import MANIFEST, RunDirectory, write_atomic
from g7tag.tagger import default_model, load_tagger
from g7tag.text import counted, first_few, quoted

Row = dict[str, Any]
_PART = re.compile(r"commitment (\d+)")
"""Part of a report that a gap names: a chapter that cannot be used."""


class _Own(NamedTuple):
    """A codebook and its file."""

    file: Path
    book: Codebook


class _Settings(NamedTuple):
    """How every chapter is run, and where."""

    project: Path
    year: int | None
    keep_hidden: bool
    fast: bool
    policy: str
    force: bool

    @property
    def summit(self) -> str:
        """The year as text; "" if the title of the report gives it."""
        return "" if self.year is None else str(self.year)


class _Chapter(NamedTuple):
    """A chapter: its row of the result, its document, and its row of the commitments (None if it cannot be used)."""

    row: Row
    document: Documents
    evidence: Evidence
    commitment: Mapping[str, Any] | None = None


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
        "read", "no tagger" (its sentences are read, not tagged), "draft" (the codebook has open questions, so it is not
        used), "no codebook", "no chapter" (the codebook is on none), or "failed". No chapters give no rows.

    Raises
    ------
    InputError
        There is no codebook in the folder, or two are on one commitment or have one id; `output` is a run directory.
    SourceError
        None of the reports can be read.

    Examples
    --------
    >>> from g7tag.jobs import example_path, temporary_directory
    >>> folder = temporary_directory()
    >>> _ = (folder / "my.toml").write_bytes(example_path("harbours.toml").read_bytes())
    >>> found = run_chapters(example_path("harbours-report.txt"), folder, output=folder / "project")
    >>> found[["commitment_id", "codebook", "status"]].values.tolist()
    [['2030-03', '2030-harbours', 'no tagger']]
    """
    require_numbers(commitments)
    require_year(year)
    require_policy_for(policy, reports)
    project, given = Path(output), _Settings(Path(output), year, keep_hidden, fast, policy, force)
    if (project / MANIFEST).exists() or (project.exists() and not project.is_dir()):
        what = "run directory" if project.is_dir() else "file"
        msg = f"{project}: is a {what}. Expected a folder for several run directories. Choose another."
        raise InputError(msg)
    waiting, broken = _read_folder(Path(codebooks), draft=draft)
    paths = [reports] if isinstance(reports, Path | str) else reports
    if not paths:
        msg = "no report is given. Expected one or more files: PDF, Word (DOCX), HTML or text."
        raise InputError(msg)
    read = read_documents(map(Path, paths), keep_hidden=keep_hidden, announce=announce)
    announce("finding the chapters")
    chapters, unread = _find_chapters(read, waiting.values(), set(commitments), given)
    rows = []
    for chapter in chapters:
        own = waiting.pop(chapter.row["commitment_id"], None)
        rows.append(chapter.row | (_run(own, chapter, given, announce) if own else {}))
    if draft:  # last, so that an interrupted call finds the same codebooks when it is repeated
        rows = [row | _draft(each, row, Path(codebooks), year) for each, row in zip(chapters, rows, strict=True)]
    left = [own for own in waiting.values() if not commitments or own.book.commitment.number in set(commitments)]
    return build(CHAPTERS, [*rows, *(_without_chapter(own, chapters) for own in left), *broken, *unread])


def _read_folder(folder: Path, *, draft: bool) -> tuple[dict[str, _Own], list[Row]]:
    """Return the codebooks of a folder by their commitment, and rows for files that are no codebook."""
    files = sorted(folder.glob("[!.]*.toml"))
    if not files and (not draft or (folder.exists() and not folder.is_dir())):
        found = "has no codebook (.toml)" if folder.is_dir() else "is not a folder"
        msg = f"{folder}: {found}. Expected a folder of codebooks. Choose another, or draft codebooks with --draft."
        raise InputError(msg)
    own: dict[str, _Own] = {}
    ids: dict[str, Path] = {}
    broken = []
    for file in files:
        try:
            book = load_codebook(file)
        except CodebookError as error:
            broken.append(_row("failed", codebook=file.name, reason=error))
            continue
        same = {f"commitment {name}": each.file for name, each in own.items() if name == book.commitment.id}
        same |= {f"id {name}": other for name, other in ids.items() if name == book.id}
        for what, other in same.items():
            msg = f"{other} and {file}: both have the {what}. Expected one of them. Move the other away."
            raise InputError(msg)
        own[book.commitment.id], ids[book.id] = _Own(file, book), file
    return own, broken


def _row(status: str, *, reason: object = "", **given: Any) -> Row:
    """Return a row of the result; the reason is in one line."""
    empty: Row = dict.fromkeys(("commitment_id", "title", "codebook", "directory"), "")
    counts = {"n_items": None, "n_sentences": None}
    return empty | counts | {"status": status, "reason": " ".join(str(reason).split())} | given


def _find_chapters(
    read: Documents, books: Collection[_Own], numbers: set[int], given: _Settings
) -> tuple[list[_Chapter], list[Row]]:
    """Return the chapters of reports in their order, also those that cannot be used, and rows for unread reports."""
    no_book = on_no_report()
    members = [*no_book.members, *(each for own in books for each in own.book.members)]
    members = list({each.name: each for each in reversed(members)}.values())[::-1]
    any_book = no_book.model_copy(update={"members": members})
    gaps = read.gaps[read.gaps["part"] == "document"].to_dict("records")
    unread = [_row("failed", title=gap["name"], reason=gap["reason"]) for gap in gaps]
    chapters: dict[str, _Chapter] = {}
    for document in _each_document(read):
        name = document.documents["name"].iloc[0]
        try:
            evidence = extract_evidence(document, any_book, numbers=numbers, year=given.summit)
        except SourceError as error:
            unread.append(_row("failed", title=name, reason=str(error).removeprefix(f"{name}: ")))
            continue
        for chapter in _chapters_of(document, evidence):
            if chapters.setdefault(key := chapter.row["commitment_id"], chapter) is not chapter:
                again = f"commitment {key} was already read from another report or chapter. Give each commitment once."
                unread.append(_row("failed", title=name, reason=again))
    if not chapters:
        raise SourceError("\n".join(f"{row['title']}: {row['reason']}" for row in unread))
    return list(chapters.values()), unread


def _each_document(read: Documents) -> Iterator[Documents]:
    for place, row in enumerate(read.documents.to_dict("records")):
        gaps = read.gaps[read.gaps["name"] == row["name"]].reset_index(drop=True)
        own = read.documents.iloc[[place]].reset_index(drop=True)
        yield Documents(own, gaps, {row["document_id"]: read.blocks[row["document_id"]]})


def _chapters_of(document: Documents, evidence: Evidence) -> list[_Chapter]:
    """Return the chapters of a report, in order of their numbers; the reason says why one could not be read."""
    items, sentences = (frame["commitment_id"].value_counts() for frame in (evidence.items, evidence.sentences))
    found = []
    for each in evidence.commitments.to_dict("records"):
        name = each["commitment_id"]
        counts = {"n_items": items.get(name, 0), "n_sentences": sentences.get(name, 0)}
        row = _row("no codebook", commitment_id=name, title=each["title"], **counts)
        found.append(_Chapter(row, document, evidence, {str(key): value for key, value in each.items()}))
    year = found[0].row["commitment_id"].rpartition("-")[0]
    for gap in evidence.gaps[evidence.gaps["kind"] == "unread"].to_dict("records"):
        if number := _PART.fullmatch(gap["part"]):
            name = f"{year}-{int(number[1]):02d}"
            found.append(_Chapter(_row("no codebook", commitment_id=name, reason=gap["reason"]), document, evidence))
    return sorted(found, key=lambda chapter: int(chapter.row["commitment_id"].rpartition("-")[2]))


def _run(own: _Own, chapter: _Chapter, given: _Settings, announce: Announce) -> Row:
    """Run a chapter, and return what its row of the result says."""
    book, file, directory = own.book, own.file, given.project / own.book.id
    row: Row = {"codebook": book.id, "title": chapter.row["title"] or book.commitment.title, "reason": ""}
    if book.questions:
        return row | _unanswered(file, book.questions)
    numbers, beside = {book.commitment.number}, file.with_suffix(".npz")
    read: dict[str, Any] = {"commitments": numbers, "year": given.year, "keep_hidden": given.keep_hidden}
    try:
        announce(f"{book.id}: reading the evidence")
        evidence = extract_evidence(chapter.document, book, numbers=numbers, year=given.summit)
        require_commitment(evidence, book)
        row |= {"n_items": len(evidence.items), "n_sentences": len(evidence.sentences)}
        model = beside if beside.is_file() else default_model(book) if has_tagger(book) else None
        run = Run(book, RunDirectory(directory, force=given.force))
        row["directory"] = str(directory)
        if model is not None:
            run = replace(run, tagger=load_tagger(model, book, fast=given.fast))
            analyse(run, evidence, policy=given.policy, announce=lambda step: announce(f"{book.id}: {step}"), **read)
        elif not ingest(run, evidence, **read).saved.has("tags"):
            train = f"`g7tag train -o {quoted(beside)} --codebook {quoted(file)}`"
            return row | {"status": "no tagger", "reason": f"Train one ({train}), then repeat the command."}
    except G7TagError as error:
        return row | {"status": "failed", "reason": " ".join(str(error).split())}
    return row | {"status": "read", "reason": draft_warning(book, file)}


def _unanswered(file: Path, questions: Sequence[str]) -> Row:
    """Return what the row of a chapter says whose codebook has open questions."""
    why = f"{file}: has {counted(len(questions), 'open question')}. Answer and delete them; `g7tag codebook check "
    return {"status": "draft", "reason": f"{why}{quoted(file)}` lists them."}


def _draft(chapter: _Chapter, row: Row, folder: Path, year: int | None) -> Row:
    """Draft a codebook for a chapter without one, and return what changes in its row."""
    if row["status"] != "no codebook" or chapter.commitment is None:
        return {}
    try:
        if pd.isna(chapter.commitment["number"]):
            msg = "No codebook was drafted: no heading gives the number. Give it, such as --commitment 3."
            raise InputError(msg)
        name = str(chapter.document.documents["name"].iloc[0])
        draft = draft_of(chapter.evidence, chapter.commitment, name=name, year=year)
        file = folder / f"{draft.id}.toml"
        if file.exists():
            return {"reason": f"{file}: exists, and is not replaced. Correct it, or move it away."}
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, draft.text.encode("utf-8"))
    except G7TagError as error:
        return {"reason": str(error)}
    except OSError as error:
        msg = f"{folder}: cannot create the folder ({error.strerror}). Choose a writable place."
        raise InputError(msg) from error
    if draft.codebook is None:
        why = f"{file}: no scoring rule could be read. Write the readings in it; it has an example in comments."
        return {"codebook": draft.id, "status": "failed", "reason": why}
    return {"codebook": draft.id, **_unanswered(file, draft.questions)}


def _without_chapter(own: _Own, chapters: Sequence[_Chapter]) -> Row:
    """Return the row of a codebook that no chapter is on."""
    book, found = own.book, [chapter.row["commitment_id"] for chapter in chapters]
    titles = {reason for each in chapters for reason in each.evidence.gaps.query("part == 'title'")["reason"]}
    why = " ".join([f"{own.file}: no report has a chapter on it; found {first_few(found)}.", *sorted(titles)])
    about = {"commitment_id": book.commitment.id, "title": book.commitment.title, "codebook": book.id}
    return _row("no chapter", reason=why, **about)
