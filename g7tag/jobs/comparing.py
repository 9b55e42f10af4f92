"""Compare two runs: open them, with their final scores, and show what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from g7tag import report
from g7tag.audit import Comparison, compare_frames
from g7tag.errors import InputError
from g7tag.frames import LEDGER, build
from g7tag.jobs.audits import ledger_notes
from g7tag.jobs.run import Run, open_run
from g7tag.scoring import final_scores
from g7tag.store import check_output, write_atomic
from g7tag.text import listed

if TYPE_CHECKING:
    from g7tag.report.display import Shown
    from g7tag.store import Frames

PAGE_TYPES = (".html",)
UNSAVED = "unsaved run"


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
    """Two runs side by side; printing it gives what `g7tag compare` prints.

    Parameters
    ----------
    names
        Names of the two runs: their directories, or "unsaved run".
    frames
        The frames of the comparison: about, notes, counts, scores, levels, labels, findings,
        agreement, members, averages and only. Each has all rows; `differs` is "" where the runs are equal.
    labels
        Labels of the codebooks by key.
    """

    names: tuple[str, str]
    frames: Comparison
    labels: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return report.comparison_text(self.frames, names=self.names, labels=self.labels)

    def _repr_html_(self) -> str:
        return self.show()._repr_html_()

    def show(self, name: str = "scores", *, most: int | None = 50) -> "Shown":
        """Display the rows of one frame that differ.

        Parameters
        ----------
        name
            Name of a frame of the comparison.
        most
            Number of rows to display; None displays all.

        Raises
        ------
        InputError
            The comparison has no such frame.
        """
        if name not in self.frames._fields:
            msg = f"frame {name!r}: not in the comparison. Expected one of {listed(self.frames._fields, most=20)}."
            raise InputError(msg)
        return report.show_differences(name, getattr(self.frames, name), most=most)

    def write_page(self, path: Path | str, *, force: bool = False) -> Path:
        """Write the comparison as a page to read in a browser, and return its path.

        Parameters
        ----------
        path
            File to write; must end in .html.
        force
            Replace the file if it exists.

        Raises
        ------
        InputError
            The file has another ending or already exists, or the folder is not writable.
        """
        file = Path(path)
        check_output(file, force=force, types=PAGE_TYPES)
        write_atomic(file, report.comparison_page(self.frames, names=self.names, labels=self.labels).encode("utf-8"))
        return file


def compare_runs(first: "Run | Path | str", second: "Run | Path | str") -> ComparedRuns:
    """Return two runs side by side: scores, levels, labels and findings that differ, and why.

    The runs may have different labels, codebooks, versions of a report, or commitments. Neither is changed.

    Parameters
    ----------
    first, second
        Runs, or their directories. Each directory is read with its own codebook and the decisions of its ledger.

    Raises
    ------
    RunError
        A directory contains no complete run, or one of its files was changed since.
    InputError
        A ledger cannot be read.

    Examples
    --------
    >>> from g7tag.jobs import run_report
    >>> run = run_report(fast=True)
    >>> compare_runs(run, run).frames.counts["differ"].tolist()
    [0, 0, 0, 0]
    """
    sides = [_side(run if isinstance(run, Run) else open_run(run)) for run in (first, second)]
    (one, one_frames, one_problems), (other, other_frames, other_problems) = sides
    found = compare_frames(one_frames, other_frames, codebooks=(one.codebook, other.codebook))
    problems = [f"First run: {line}" for line in one_problems] + [f"Second run: {line}" for line in other_problems]
    notes = pd.concat([found.notes, pd.DataFrame({"note": problems}, dtype="str")], ignore_index=True)
    names = (str(one.directory or UNSAVED), str(other.directory or UNSAVED))
    return ComparedRuns(names, found._replace(notes=notes), {**other.codebook.labels, **one.codebook.labels})


def _side(run: Run) -> tuple[Run, "Frames", list[str]]:
    """Return a run, its frames with the final scores, and the problems of its ledger."""
    if run.directory is None:  # nobody has decided its scores
        final = final_scores(run.scores, run.members, build(LEDGER, []), evidence={})
        return run, {**run.frames, "final": final}, []
    return run, {**run.frames, "final": run.final_scores()}, ledger_notes(run.reopened())
