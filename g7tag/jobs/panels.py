"""Open scored runs of several commitments as one panel: members by commitments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g7tag import report
from g7tag.errors import Announce, InputError
from g7tag.jobs.audits import ledger_notes
from g7tag.jobs.projects import runs_in
from g7tag.jobs.run import Run
from g7tag.panel import Chapter, PanelFrames, panel_frames, read_ambition
from g7tag.report.display import MOST, Shown, show_frame
from g7tag.store import RunDirectory, check_output, write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NEEDED = ("members", "items", "sentences", "citations", "tags", "annotations", "labels", "scores")


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """Members over the commitments of several runs; printing it gives what `g7tag panel` prints.

    `frames` has scores, standings (averages and ranks), consistency and shared_acts; `names` are the directories of the
    runs, `notes` runs that were left out and problems of ledgers.
    """

    frames: PanelFrames
    names: tuple[str, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return report.parts_text(report.panel_parts(self.frames, notes=self.notes))

    def show(self, frame: str = "standings", *, most: int | None = MOST) -> Shown:
        """Display a frame of the panel, by its name, as a readable table of at most `most` rows."""
        if frame not in PanelFrames._fields:
            msg = f"frame {frame!r}: not in the panel. Expected one of {', '.join(PanelFrames._fields)}."
            raise InputError(msg)
        return show_frame(getattr(self.frames, frame), most=most)

    def plot_ranks(self, **kwargs: Any) -> "Axes":
        """Plot the best and the worst rank of each member; takes `ax` to draw into existing Axes, and `title`."""
        return report.plots.plot_ranks(self.frames.standings, **kwargs)

    def describe_ranks(self) -> str:
        """Return a line for each member with its rank by published scores, such as "Canada is between 2nd and 5th."."""
        return "\n".join(report.rank_lines(self.frames.standings))

    def write_page(self, path: Path | str, *, force: bool = False) -> Path:
        """Write the panel as a page (.html) to read in a browser, and return its path; `force` replaces it."""
        file = Path(path)
        check_output(file, force=force, types=(".html",))
        write_atomic(file, report.panel_page(self.frames, notes=self.notes).encode("utf-8"))
        return file


def open_panel(
    folders: Sequence[Path | str] | Path | str,
    *,
    ambition: Mapping[str, float | str] | Path | str | None = None,
    reading: str | None = None,
    announce: Announce = lambda _: None,
) -> Panel:
    """Return members over the commitments of several runs: scores, averages, ranks, consistency and shared acts.

    Nothing is changed. A member is known by its code.

    Parameters
    ----------
    folders
        Run directories, or folders of run directories. Each run has another commitment. Runs that are not scored are
        left out, and named in `notes`.
    ambition
        A positive number for each commitment, or a table (.csv, .xlsx, ...) with the columns commitment_id and
        ambition. None: all weights are equal. Weights are `(1 - t) * equal + t * ambition` for every t from 0 to 1; a
        member without a score for a commitment is averaged over the others, with the same kinds of weights.
    reading
        Name of the reading whose suggested scores are averaged and ranked. None: the first one of each codebook.
    announce
        Called with the name of each run when it is read.

    Raises
    ------
    InputError
        There is no scored run, two runs have the same commitment, a commitment has no ambition, or a codebook does not
        have the reading.

    Examples
    --------
    >>> from g7tag.jobs import example_path, run_report, temporary_directory
    >>> run = run_report(example_path("invented-report.txt"), output=temporary_directory() / "run", fast=True)
    >>> print(open_panel(run.directory).describe_ranks())
    Canada is 1st.
    Japan is 2nd.
    """
    paths, notes = _scored_runs([folders] if isinstance(folders, Path | str) else folders)
    chapters: list[Chapter] = []
    for path in paths:
        announce(f"reading {path}")
        run = Run.at(path)
        frames = report.own_frames(run.read(*_NEEDED), run.codebook)
        chapters.append(Chapter(str(path), run.codebook, frames, run.final_scores()))
        notes += [f"{path}: {note}" for note in ledger_notes(run)]
    chapters.sort(key=lambda chapter: chapter.codebook.commitment.id)
    for one, other in pairwise(chapters):
        if one.codebook.commitment.id == (commitment := other.codebook.commitment.id):
            msg = (
                f"{one.name} and {other.name}: both are on commitment {commitment}. Expected one run for each "
                "commitment. Name only one; `g7tag compare` shows two runs on one commitment side by side."
            )
            raise InputError(msg)
    announce("comparing members and chapters")
    weights = read_ambition(ambition, [chapter.codebook.commitment.id for chapter in chapters])
    found = panel_frames(chapters, weights, reading=reading)
    return Panel(found, tuple(chapter.name for chapter in chapters), tuple(notes))


def _scored_runs(folders: Sequence[Path | str]) -> tuple[list[Path], list[str]]:
    """Return the scored run directories of folders, each once, and a note on each of the others."""
    found: dict[Path, Path] = {}
    notes = []
    for folder in map(Path, folders):
        runs = {run: RunDirectory(run).has("scores") for run in (folder / name for name in runs_in(folder))}
        for run, is_scored in runs.items():
            if is_scored:
                found.setdefault(run.resolve(), run)
            else:
                notes.append(f"{run}: left out, because it is not scored. Next: g7tag run, or g7tag score {run}.")
        if not any(runs.values()):
            what = "no scored run directory" if folder.exists() else "no such folder"
            msg = (
                f"{folder}: {what}. Expected a run directory, or a folder of some. Make one: `g7tag run REPORT -o DIR`."
            )
            raise InputError(msg)
    if not found:
        msg = "no folder was given. Expected at least one run directory. Make one: `g7tag run REPORT -o DIR`."
        raise InputError(msg)
    return list(found.values()), notes
