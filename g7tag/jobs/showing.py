"""Display the frames of a run, an evaluation, or two runs side by side as readable tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from g7tag import report
from g7tag.audit import Comparison, compare_frames
from g7tag.codebook import Codebook, unchecked_drafts
from g7tag.errors import InputError
from g7tag.frames import LEDGER, build
from g7tag.jobs.audits import ledger_notes
from g7tag.jobs.run import Run, open_run
from g7tag.report.display import Shown, look_up, show_frame
from g7tag.scoring import final_scores
from g7tag.store import Frames, check_output, write_atomic
from g7tag.tagger import Tagger, describe_tags, explain_tags, load_tagger
from g7tag.tagger.persist import bundled_model
from g7tag.text import listed


def show_rows(rows: pd.DataFrame, run: Run, *, most: int | None) -> Shown:
    """Return rows of a run as a table, with the words that support each dimension marked; tags also say why."""
    why = None
    if set(run.tags.columns) <= set(rows.columns):
        tagger = _maker(run)
        if tagger:
            shown, sentences = rows if most is None else rows.head(most), run.sentences
            items = sentences.loc[sentences["sentence_id"].isin(shown["sentence_id"]), "item_id"]
            whole = sentences[sentences["item_id"].isin(items)]  # a sentence is explained with its whole item
            why = describe_tags(shown, explain_tags(whole, tagger))
    return show_frame(rows, look_up(run.frames, run.codebook), why=why, most=most)


def show_codebook(codebook: Codebook) -> Shown:
    """Return the dimensions, acts, strengths and exclusions of a codebook as one table."""
    tables = report.codebook_tables(codebook)
    parts = [
        tables[name].assign(Part=name) for name in ("Dimensions", "Acts", "Strength", "Exclusions") if name in tables
    ]
    shown = show_frame(pd.concat(parts)[["Part", "Key", "Label", "Definition"]], most=None)
    open_parts = len(unchecked_drafts(codebook)) + len(codebook.questions)
    draft = f" A draft, with {open_parts} drafts and questions to check." if open_parts else ""
    shown.caption = f"{codebook.id}, version {codebook.version}.{draft} Rules and settled cases: g7tag codebook show."
    return shown


def show_evaluation(
    evaluation: Mapping[str, pd.DataFrame], table: str = "summary", *, scheme: str | None = None,
    tested_on: str | None = None, of: str = "dimension",
) -> Shown:  # fmt: skip
    """Display the results of an evaluation.

    Parameters
    ----------
    evaluation
        The result of `g7tag.evaluation.evaluate_tagger` or `g7tag.evaluation.stored_evaluation`.
    table
        "summary" (results of g7tag), "taggers" (compared with simpler taggers), "labels", "acts", "confusion",
        "calibration" or "routing".
    scheme, tested_on
        What was left out of training ("member left out", "file left out" or "test part", followed by ", fast tagger"
        for the fast tagger), and the name of the labelled file. If omitted, a summary shows all, others the first.
    of
        For a confusion matrix: "dimension", "strength", "exclusion" or "act".

    Raises
    ------
    InputError
        The evaluation has no such table, or no results for this scheme and file.
    """
    known = [name for name in evaluation if name in report.EVALUATION_HEADINGS and "scheme" in evaluation[name]]
    known = [*["summary"] * ("taggers" in evaluation), *known]
    if table not in known:
        msg = f"table {table!r}: not in the evaluation, or not a table of it. Found {listed(known, most=9)}."
        raise InputError(msg)
    measured = evaluation["taggers" if table == "summary" else table]
    if scheme and "tagger" in measured:  # it has the tagger and the fast one side by side
        scheme = scheme.removesuffix(", fast tagger")
    if table != "summary" and len(measured):
        scheme, tested_on = scheme or measured["scheme"].iloc[0], tested_on or measured["tested_on"].iloc[0]
    wanted = {name: value for name, value in (("scheme", scheme), ("tested_on", tested_on)) if value}
    rows = measured[(measured[list(wanted)] == pd.Series(wanted)).all(axis=1)] if wanted else measured
    if rows.empty:
        found = measured[["scheme", "tested_on"]].drop_duplicates().agg(", ".join, axis=1)
        msg = f"{table}: no results for {' and '.join(wanted.values())!r}. Expected one of {listed(found)}."
        raise InputError(msg)
    if table == "summary":
        return show_frame(report.quality_table(rows), most=None)
    shown = report.evaluation_table(table, rows, scheme=str(scheme), tested_on=str(tested_on), of=of)
    return show_frame(shown, name=f"evaluation_{table}", most=None)


def _maker(run: Run) -> Tagger | None:
    """Return the tagger that made the tags of a run; None if it is neither the run's nor one that g7tag has."""
    made_by = set(run.tags["tagger"])
    if run.tagger and made_by <= {run.tagger.model_id}:
        return run.tagger
    known = _bundled_taggers(run.codebook.model_dump_json())
    return next((each for each in known if made_by <= {each.model_id}), None)


@lru_cache(maxsize=2)
def _bundled_taggers(codebook: str) -> list[Tagger]:
    """Return the taggers that come with g7tag for a codebook (as JSON), the fast one too; cached: loading is slow."""
    book = Codebook.model_validate_json(codebook)
    path = bundled_model(book)
    return [load_tagger(path, book, fast=fast) for fast in (False, True)] if path else []


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
    """Two runs side by side; printing it gives what `g7tag compare` prints.

    `frames` has all rows of about, scores, levels, labels, findings and agreement; `differs` is "" where the runs are
    equal. `names` are the directories of the runs (or "unsaved run"), `notes` the problems of their ledgers.
    """

    frames: Comparison
    names: tuple[str, str]
    notes: tuple[str, ...]
    codebook: Codebook

    def __repr__(self) -> str:
        return report.comparison_text(self.frames, names=self.names, notes=self.notes, labels=self.codebook.labels)

    def write_page(self, path: Path | str, *, force: bool = False) -> Path:
        """Write the comparison as a page (.html) to read in a browser, and return its path; `force` replaces it."""
        file = Path(path)
        check_output(file, force=force, types=(".html",))
        page = report.comparison_page(self.frames, names=self.names, notes=self.notes, labels=self.codebook.labels)
        write_atomic(file, page.encode("utf-8"))
        return file


def compare_runs(first: Run | Path | str, second: Run | Path | str) -> ComparedRuns:
    """Return two runs side by side: scores, levels, labels and findings that differ, and why.

    Each is a run, or a directory that is read with its own codebook and the decisions of its ledger. They may have
    different labels, taggers or versions of the report. Other commitments or codebooks are an `InputError`.

    Examples
    --------
    >>> from g7tag.jobs import run_report
    >>> run = run_report(fast=True)
    >>> set(compare_runs(run, run).frames.scores["differs"])
    {''}
    """
    runs = [run if isinstance(run, Run) else open_run(run) for run in (first, second)]
    names = [str(run.directory or "unsaved run") for run in runs]
    books = [run.codebook for run in runs]
    for what, (one, other) in {
        "commitment": [book.commitment.id for book in books],
        "codebook": [f"{book.id}, version {book.version}, {book.sha256[:12]}" for book in books],
    }.items():
        if one != other:
            found = f"the {what} of the first run is {one}, that of the second {other}. Expected one {what}"
            advice = "`g7tag run REPORT --codebook FILE` makes a run with a codebook"
            msg = f"{names[0]} and {names[1]}: cannot be compared; {found}. {advice}."
            raise InputError(msg)
    (first_frames, problems), (second_frames, others) = map(_with_final, runs)
    notes = [f"First run: {line}" for line in problems] + [f"Second run: {line}" for line in others]
    frames = compare_frames(first_frames, second_frames, books[0])
    return ComparedRuns(frames, (names[0], names[1]), tuple(notes), books[0])


def _with_final(run: Run) -> tuple[Frames, list[str]]:
    """Return the frames of a run with the final scores, and the problems of its ledger."""
    if run.directory is None:  # nobody has decided its scores
        final = final_scores(run.scores, run.members, build(LEDGER, []), evidence={})
        return {**run.frames, "final": final}, []
    return {**run.frames, "final": run.final_scores()}, ledger_notes(run.reopened())
