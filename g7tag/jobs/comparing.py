"""Compare two runs: open them, with their final scores, and show what differs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from g7tag import report
from g7tag.audit import Comparison, compare_frames
from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError, listed
from g7tag.frames import LEDGER, build
from g7tag.jobs.audits import decided_scores
from g7tag.jobs.opening import open_codebook, open_frames
from g7tag.jobs.run import Run
from g7tag.scoring import final_scores, make_receipts, score_row
from g7tag.store import Frames, RunDirectory

if TYPE_CHECKING:
    from g7tag.report.display import Shown

UNSAVED = "unsaved run"


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
    """Two runs side by side; printing it gives what `g7tag compare` prints.

    Parameters
    ----------
    names
        Names of the two runs: their directories, or "unsaved run".
    frames
        The frames of the comparison, by name as attributes: about, notes, counts, scores, levels, labels, findings,
        agreement, members, averages and only. Each has all rows; `differs` is "" where the runs are equal.
    """

    names: tuple[str, str]
    frames: Comparison

    def __repr__(self) -> str:
        return report.comparison_text(self.frames, names=self.names)

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

    def write_page(self, path: Path | str) -> Path:
        """Write the comparison as a page to read in a browser, and return its path.

        Raises
        ------
        InputError
            The folder is not writable.
        """
        return write_comparison(self, path)
