"""Open scored runs of several commitments as one panel: members by commitments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from g7tag import report
from g7tag.errors import Announce, InputError
from g7tag.frames import PANEL, require_columns
from g7tag.jobs.audits import ledger_notes
from g7tag.jobs.run import Run
from g7tag.panel import Ambition, Chapter, PanelFrames, ambition_of, panel_frames
from g7tag.report.display import MOST, Shown, show_frame
from g7tag.store import MANIFEST, RunDirectory, check_output, read_table, write_atomic
from g7tag.text import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NEEDED = ("members", "items", "sentences", "citations", "tags", "annotations", "labels", "scores")


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """Members over the commitments of several runs; printing it gives what `g7tag panel` prints.

    Attributes
    ----------
    scores
        One row for each commitment, member and reading: year, published, suggested and final score, probabilities.
    averages
        Each member's mean published score, and mean expected score by the probabilities under the first reading of each
        codebook: n commitments, mean from -1 to 1, percent from 0 to 100 with its 95% interval, NaN with a reason.
    ranks
        Each member's best and worst rank, from 1. Of published scores they are exact, under all weightings of the
        commitments between equal weights and weights by ambition; of suggested scores they are a 95% range over draws.
    consistency
        How each chapter was read, labelled and scored, and in what it differs from most.
    shared_acts
        Pairs of items of one member, in two chapters, that perhaps describe one act.
    names, notes
        Directories of the runs; runs that were left out, and problems of ledgers.
    """

    scores: pd.DataFrame
    averages: pd.DataFrame
    ranks: pd.DataFrame
    consistency: pd.DataFrame
    shared_acts: pd.DataFrame
    names: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def frames(self) -> PanelFrames:
        """The frames above, together."""
        return PanelFrames(*(getattr(self, name) for name in PanelFrames._fields))

    @property
    def plot(self) -> "PanelPlots":
        """Plots of the panel: `panel.plot.ranks()`."""
        return PanelPlots(self)

    def __repr__(self) -> str:
        return report.parts_text(report.panel_parts(self.frames, notes=self.notes))

    def show(self, frame: pd.DataFrame | str = "ranks", *, most: int | None = MOST) -> Shown:
        """Display a frame of the panel (or the name of one) as a readable table of at most `most` rows."""
        if isinstance(frame, str):
            if frame not in PanelFrames._fields:
                msg = f"frame {frame!r}: not in the panel. Expected one of {', '.join(PanelFrames._fields)}."
                raise InputError(msg)
            name = frame if frame in PANEL else f"panel_{frame}"
            return show_frame(getattr(self, frame), name=name, most=most)
        return show_frame(frame, most=most)

    def describe_ranks(self) -> str:
        """Return a line for each member with its rank by published scores, such as "Canada is between 2nd and 5th."."""
        return "\n".join(report.rank_lines(self.ranks))

    def write_page(self, path: Path | str, *, force: bool = False) -> Path:
        """Write the panel as a page (.html) to read in a browser, and return its path; `force` replaces it."""
        file = Path(path)
        check_output(file, force=force, types=(".html",))
        write_atomic(file, report.panel_page(self.frames, notes=self.notes).encode("utf-8"))
        return file


class PanelPlots:
    """Plots of a panel; each method returns Matplotlib Axes and is readable without color."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def ranks(self, **kwargs: Any) -> "Axes":
        """Plot the best and the worst rank of each member; takes `ax` to draw into existing Axes, and `title`."""
        return report.plots.plot_ranks(self._panel.ranks, **kwargs)


def open_panel(
    folders: Sequence[Path | str] | Path | str,
    *,
    ambition: Mapping[str, float | str] | Path | str | None = None,
    announce: Announce = lambda _: None,
) -> Panel:
    """Return members over the commitments of several runs: scores, averages, ranks, consistency and shared acts.

    Nothing is changed. A member is known by its code.

    Parameters
    ----------
    folders
        Run directories, or folders with run directories in them (one or two levels down). Each run has another
        commitment. Runs in a folder that are not scored are left out, and named in `notes`.
    ambition
        A positive number for each commitment, or a table (.csv, .xlsx, ...) with the columns commitment_id and
        ambition. None: all weights are equal. Weights are `(1 - t) * equal + t * ambition` for every t from 0 to 1; a
        member without a score for a commitment is averaged over the others, with the same kinds of weights.
    announce
        Called with the name of each run when it is read.

    Raises
    ------
    InputError
        There is no run, two runs have the same commitment, or a commitment has no ambition.

    Examples
    --------
    >>> from g7tag.jobs import example_path, run_report, temporary_directory
    >>> run = run_report(example_path("invented-report.txt"), output=temporary_directory() / "run", fast=True)
    >>> panel = open_panel(run.directory)
    >>> panel.ranks.loc[panel.ranks["scores"] == "published", ["member", "best", "worst"]].values.tolist()
    [['Canada', 1, 1], ['Japan', 2, 2]]
    """
    paths, notes = _runs_in([folders] if isinstance(folders, Path | str) else folders)
    chapters: list[Chapter] = []
    for path in paths:
        announce(f"reading {path}")
        run = Run.at(path)
        frames = run.read(*_NEEDED)
        chapters.append(Chapter(str(path), run.codebook, frames, run.final_scores()))
        notes += [f"{path}: {note}" for note in ledger_notes(run)]
    chapters.sort(key=lambda chapter: chapter.codebook.commitment.id)
    for first, second in pairwise(chapters):
        commitment = second.codebook.commitment.id
        if first.codebook.commitment.id == commitment:
            msg = (
                f"{first.name} and {second.name}: both are on commitment {commitment}. Expected one run for each "
                "commitment. Name only one; `g7tag compare` shows two runs on one commitment side by side."
            )
            raise InputError(msg)
    announce("comparing members and chapters")
    weights = _ambition(ambition, [chapter.codebook.commitment.id for chapter in chapters])
    return Panel(*panel_frames(chapters, weights), tuple(chapter.name for chapter in chapters), tuple(notes))


def _runs_in(folders: Sequence[Path | str]) -> tuple[list[Path], list[str]]:
    """Return the run directories, those of a folder if they are scored, and notes on those that are not."""
    found: dict[Path, Path] = {}
    notes = []
    for folder in map(Path, folders):
        if (folder / MANIFEST).is_file():
            found.setdefault(folder.resolve(), folder)
            continue
        runs = sorted(file.parent for levels in ("*", "*/*") for file in folder.glob(f"{levels}/{MANIFEST}"))
        scored = [run for run in runs if RunDirectory(run).has("scores")]
        notes += [
            f"{run}: left out, because it is not scored. Next: g7tag run, or g7tag score {run}."
            for run in runs
            if run not in scored
        ]
        if not scored:
            what = f"{counted(len(runs), 'run directory')} without scores" if runs else "no run directory"
            what = what if folder.exists() else "no such folder"
            msg = (
                f"{folder}: {what}. Expected a run directory, or a folder of some. Make one: `g7tag run REPORT -o DIR`."
            )
            raise InputError(msg)
        for run in scored:
            found.setdefault(run.resolve(), run)
    if not found:
        msg = "no folder was given. Expected at least one run directory. Make one: `g7tag run REPORT -o DIR`."
        raise InputError(msg)
    return list(found.values()), notes


def _ambition(given: Mapping[str, float | str] | Path | str | None, commitments: Sequence[str]) -> Ambition:
    """Return the ambition of each commitment; empty if nothing is given."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return ambition_of(given.items(), commitments, source="ambition")
    table = read_table(Path(given))
    require_columns(table, ("commitment_id", "ambition"), source=str(given))
    pairs = table[["commitment_id", "ambition"]].itertuples(index=False, name=None)
    return ambition_of(pairs, commitments, source=str(given))
