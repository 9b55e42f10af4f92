"""Compare two runs: open them, with their final scores, and show what differs."""

from dataclasses import dataclass
from pathlib import Path

from g7tag import report
from g7tag.audit import Comparison, compare_frames
from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import LEDGER, build
from g7tag.jobs.audits import ledger_notes
from g7tag.jobs.run import Run, open_run
from g7tag.scoring import final_scores
from g7tag.store import Frames, check_output, write_atomic


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
    """Two runs side by side; printing it gives what `g7tag compare` prints.

    Parameters
    ----------
    frames
        about, scores, levels, labels, findings and agreement with all rows; `differs` is "" where the runs are equal.
    names, notes, codebook
        Directories of the runs (or "unsaved run"), problems of their ledgers, and the codebook of both.
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


def compare_runs(first: "Run | Path | str", second: "Run | Path | str") -> ComparedRuns:
    """Return two runs side by side: scores, levels, labels and findings that differ, and why.

    Each is a run, or a directory that is read with its own codebook and the decisions of its ledger. They are on one
    commitment with one codebook; they may have different labels, taggers or versions of the report.

    Raises
    ------
    RunError
        A directory contains no complete run, or one of its files was changed since.
    InputError
        The runs have different commitments or codebooks, or a ledger cannot be read.

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
    for what, of in (
        ("commitment", [book.commitment.id for book in books]),
        ("codebook", [f"{book.id}, version {book.version}, {book.sha256[:12]}" for book in books]),
    ):
        if of[0] != of[1]:
            msg = (
                f"{names[0]} and {names[1]}: cannot be compared; the {what} of the first run is {of[0]}, that of the "
                f"second {of[1]}. Expected one {what}. `g7tag run REPORT --codebook FILE` makes a run with a codebook."
            )
            raise InputError(msg)
    (one, one_problems), (other, other_problems) = map(_with_final, runs)
    notes = [f"First run: {line}" for line in one_problems] + [f"Second run: {line}" for line in other_problems]
    return ComparedRuns(compare_frames(one, other, books[0]), (names[0], names[1]), tuple(notes), books[0])


def _with_final(run: Run) -> tuple[Frames, list[str]]:
    """Return the frames of a run with the final scores, and the problems of its ledger."""
    if run.directory is None:  # nobody has decided its scores
        final = final_scores(run.scores, run.members, build(LEDGER, []), evidence={})
        return {**run.frames, "final": final}, []
    return {**run.frames, "final": run.final_scores()}, ledger_notes(run.reopened())
