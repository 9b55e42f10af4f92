"""The run object: its frames, tables and plots, and the jobs on them."""

import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import pandas as pd

from g7tag import audit, jobs, report, scoring, tagger
from g7tag.arguments import checked
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError, RunError
from g7tag.jobs import reviewing
from g7tag.jobs.opening import RUN_FRAMES, open_codebook, read_run
from g7tag.labels import PeopleAgreement, people_agreement
from g7tag.report.display import NOTHING, Shown, show_frame, show_lists, show_notes
from g7tag.store import Frames, RunDirectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from g7tag.jobs import Recorded
    from g7tag.tagger import Tagger

MOST_ROWS = 50
"""Rows that are displayed by default."""


class _Frame:
    """A frame of a run as an attribute, read on first use."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, run: None, owner: type) -> "_Frame": ...
    @overload
    def __get__(self, run: "Run", owner: type) -> pd.DataFrame: ...
    def __get__(self, run: "Run | None", owner: type) -> "_Frame | pd.DataFrame":
        return self if run is None else run.read(self._name)[self._name]


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """One analysis of a report: its frames, its codebook and, if it was saved, its directory.

    Every frame is a plain pandas DataFrame. `g7tag.open_run` and `g7tag.run_report` return a run; printing it gives a
    summary of a few lines. A run does not change: what changes its directory returns a new run, or what was added.

    Parameters
    ----------
    codebook
        The codebook of the run.
    store
        Directory of the run; None if it is not saved.
    known
        Frames by name. Others are read from the directory when they are first used.
    tagger
        The tagger of the run; None if it is the one that comes with g7tag for the codebook.

    Attributes
    ----------
    documents, gaps, commitments, members, summary, conclusions, claims, items, sentences, citations
        Content of the reports, and the parts that could not be read (gaps).
    tags, marks, annotations, labels
        Tags of the tagger, the words that carry them, labels by annotator, and the labels that count.
    evidence_matrix, scores, thresholds, flips
        Levels by member and dimension, suggested scores, scores at other thresholds, smallest flips.
    findings, joint_actions, equal_evidence
        Results of the audit.
    """

    codebook: Codebook
    store: RunDirectory | None = None
    known: Frames = field(default_factory=dict)
    tagger: "Tagger | None" = None

    (
        documents, gaps, commitments, members, summary, conclusions, claims, items, sentences, citations, tags, marks,
        annotations, labels, evidence_matrix, scores, thresholds, flips, findings, joint_actions, equal_evidence,
    ) = (_Frame() for _ in RUN_FRAMES)  # fmt: skip

    @classmethod
    def at(
        cls,
        directory: Path | str,
        codebook: Codebook | Path | str | None = None,
        *,
        tagger: "Tagger | None" = None,
        force: bool = False,
    ) -> "Run":
        """Return the run of a directory at any stage, without reading its frames; its steps may be forced."""
        book = open_codebook(codebook, directory)
        return cls(book, RunDirectory(Path(directory), force=force), tagger=tagger)

    @property
    def directory(self) -> Path | None:
        """Directory of the run; None if it is not saved."""
        return None if self.store is None else self.store.path

    @property
    def saved(self) -> RunDirectory:
        """The directory of the run with its manifest; an error if the run is not saved."""
        if self.store is None:
            msg = "the run is not saved, but this needs a run directory. Pass `output=DIR` to `run_report`."
            raise InputError(msg)
        return self.store

    def reopened(self, *, force: bool = False) -> "Run":
        """Return the run as its directory is now."""
        return replace(self, store=RunDirectory(self.saved.path, force=force), known={})

    def with_frames(self, **frames: pd.DataFrame) -> "Run":
        """Return the run with frames added or replaced; its directory does not change."""
        return replace(self, known=self.known | frames)

    def read(self, *names: str) -> Frames:
        """Return frames by name; those that are not known are read from the directory, and kept."""
        missing = [name for name in names if name not in self.known]
        if missing and self.store is None:
            msg = f"the run has no {missing[0]} frame. Make it with `run_report`."
            raise RunError(msg)
        if missing:
            self.known.update(read_run(self.saved, missing, self.codebook))
        return {name: self.known[name] for name in names}

    @property
    def frames(self) -> Frames:
        """All frames by name."""
        return self.read(*RUN_FRAMES)

    @property
    def plot(self) -> "RunPlots":
        """Plots of the run: `run.plot.scores()`, `thresholds`, `evidence`, `timeline`, `joint_actions`."""
        return RunPlots(self)

    def __repr__(self) -> str:
        own = report.own_frames(self.frames, self.codebook)
        lines = (
            f"{', '.join(self.documents['name'])} ({self.codebook.id})",
            report.counts_text(own),
            report.reconciliation_text(self.reconcile()),
            report.headline(own["findings"]),
            *([] if self.store is None else jobs.unscored_notes(self.reopened().saved)),
        )
        return "\n".join(lines)

    def show(self, frame: pd.DataFrame | str | None = None, *, most: int | None = MOST_ROWS) -> Shown:
        """Display a frame of the run, or some of its rows, as a readable table.

        Sentences and items are shown with their text, date and sources; the words that support each dimension are
        marked. Ids unfold to the rows that they refer to.

        Parameters
        ----------
        frame
            A frame, or the name of one. If omitted, the score table that `g7tag run` prints.
        most
            Number of rows to display; None displays all.

        Returns
        -------
        Shown
            A table: HTML in a notebook, text in a terminal. If there are no rows, only the headings.

        Raises
        ------
        InputError
            The run has no frame of this name.
        """
        if frame is None:
            levels, _ = report.narrow_tables(report.run_table(self.frames, self.codebook), self.codebook)
            n_averages = int((~levels["Member"].isin(list(self.codebook.codes))).sum())
            shown = show_frame(levels, NOTHING._replace(labels=self.codebook.labels), most=None, n_last=n_averages)
            shown.caption = report.legend(self.codebook)
            return shown
        if isinstance(frame, str):
            if frame not in RUN_FRAMES:
                msg = f"frame {frame!r}: not found in the run. Expected one of {', '.join(RUN_FRAMES)}."
                raise InputError(msg)
            frame = self.frames[frame]
        return jobs.show_rows(frame, self.frames, self.codebook, tagger=self.tagger, most=most)

    def methods(self) -> Shown:
        """Display what to know before quoting a score: who labelled, and how scores follow from labels."""
        return show_notes(report.preface(self.frames, self.codebook))

    def explain(self, member: str | None = None) -> Shown:
        """Display why each member's score is what it is, what it lacks for a higher one, and what would change it.

        Parameters
        ----------
        member
            Name or code of one member; None shows all.

        Raises
        ------
        InputError
            The run has no such member.
        """
        reasons = report.member_reasons(self.frames, self.codebook)
        if member is not None:
            start = f"{self.codebook.member_named(member)}: "
            reasons = {head: lines for head, lines in reasons.items() if head.startswith(start)}
            if not reasons:
                msg = f"member {member!r}: not found in the run. It has no score."
                raise InputError(msg)
        return show_lists(reasons, caption="Click a member to see the reasons, and what would change its score.")

    def what_was_read(self) -> Shown:
        """Display the members, items and sentences that were read, with notes on everything that was not read."""
        shown = show_frame(report.ingested_table(self.members, self.items, self.sentences), most=None)
        notes = report.reading_lines(self.documents, self.gaps)
        shown.caption = " ".join(notes or ["The whole report was read, and none of its text is hidden."])
        return shown

    def reconcile(self) -> pd.DataFrame:
        """Return the suggested scores next to the published ones; see `g7tag.reconcile`."""
        return scoring.reconcile(self.scores)

    def sentences_behind(self) -> pd.DataFrame:
        """Return the sentences that carry each member's level in each dimension, with their sources.

        Returns
        -------
        pandas.DataFrame
            member, dimension, level (the member's, in the dimension), sentence_id, strength (the sentence's), text,
            decides ("score" or "level" if the score or the level changes when the item loses its label), needs_review
            (the tagger's label counts, and is doubtful), review_reason, and note, publisher, published, url and
            url_status of the item's first note.
        """
        return jobs.sentences_behind(self.frames, self.codebook)

    def discrepancies(self) -> pd.DataFrame:
        """Return the findings in which scores or conclusions differ from the evidence."""
        return audit.discrepancies(self.findings, self.codebook)

    def findings_of(self, member: str) -> pd.DataFrame:
        """Return the findings that concern a member, given by name or code.

        Raises
        ------
        InputError
            The codebook has no such member.
        """
        return audit.findings_of(self.findings, member, self.codebook, items=self.items)

    def label_queue(self, **purpose: Any) -> pd.DataFrame:
        """Return the sentences that need a person.

        Parameters
        ----------
        select
            Any of "doubtful" (default: doubtful and disputed ones that nobody has labelled), "flips" (sentences that
            decide a score), "deciding" (these, and those that scores are based on), "disagreements", "all", or
            "audit" (a random sample).
        member, dimension
            Only sentences of a member (name or code), or of a dimension.
        annotator
            Skip the sentences that this person has labelled, instead of those of all people. If there is a label plan,
            only this person's items.
        audit_share, random_state
            Share of the sentences in the random sample (default: 0.1), and its seed.

        Returns
        -------
        pandas.DataFrame
            sentence_id, member, text, why (it is selected), decides ("score" or "level" if the score or the level
            changes when the item loses its label), proposed_dimensions, proposed_strength, proposed_act,
            proposed_exclusion, proposed_contradicts (the tagger's), p_right, review_reason and, if there are any,
            models and analysts (the labels of each). Sentences that decide a score come first, then those that decide a
            level; within each group, the least certain come first. A random sample is in random order.

        Raises
        ------
        InputError
            A name is unknown, or a share is not in [0, 1].
        """
        chosen = jobs.Purpose(**purpose)
        queue = jobs.label_queue(self.frames, self.codebook, chosen)
        return queue if self.directory is None else jobs.assigned(queue, self.frames, self.directory, chosen.annotator)

    def write_label_sheet(
        self, path: Path | str | None = None, *, show_suggestions: bool = False, **purpose: Any
    ) -> pd.DataFrame:
        """Write the label queue as a sheet to fill in with a spreadsheet program, and return it.

        Parameters
        ----------
        path
            Must end in .xlsx or .csv. If omitted, `queue.xlsx` in the run directory. What is already filled in there is
            kept.
        show_suggestions
            Add the labels of the tagger and of models. They influence people, so they are left out by default.
        purpose
            As for `label_queue`.

        Raises
        ------
        InputError
            The file has another ending, is not a label sheet, or cannot be written.
        """
        sheet = self.saved.path / jobs.LABEL_SHEET if path is None else path
        queue = self.label_queue(**purpose)
        return jobs.write_label_sheet(
            self.frames, queue, sheet, self.codebook,
            show_suggestions=show_suggestions, narrowed=bool(purpose.get("dimension")),
        )  # fmt: skip

    def record_labels(
        self,
        labels: pd.DataFrame | Path | str,
        *,
        annotator: str,
        kind: Literal["analyst", "adjudicator"] = "analyst",
        blind: bool = False,
        force: bool = False,
        at: datetime | None = None,
    ) -> "Recorded":
        """Save a person's labels in the run directory; earlier labels are superseded, never overwritten.

        Call `rescore` to apply them.

        Parameters
        ----------
        labels
            A frame, or a file (.xlsx, .ods or .csv): sentence_id, a column for each dimension (ticked) or one column
            dimensions, strength and, optionally, act, exclusion, contradicts, unsure, note, and text, which must then
            be the sentence's. A file without the one column dimensions is a sheet that `write_label_sheet` wrote: it
            must have all its columns to fill in, and an act in each row. Rows in which nothing is filled in are
            skipped.
        annotator
            Name of the person; use the same name every time.
        kind
            An adjudicator's label takes precedence over those of analysts.
        blind
            True if the person had seen no label of a machine or another person. For a sheet, this follows from its
            columns.
        force
            Also let an adjudicator decide disagreements that this person is a party to; they are shown as such.
        at
            Time of the decision; None is now.

        Returns
        -------
        Recorded
            The annotations that were added, and the problems of the rows of a sheet that were not used.

        Raises
        ------
        InputError
            The run is not saved, an adjudicator is a party to a disagreement, or a label in a frame is invalid: then no
            label is saved, and the message lists all invalid ones. For a sheet, only if no row can be used.
        """
        return jobs.record_labels(
            self.saved.path, labels,
            annotator=annotator, kind=kind, blind=blind, force=force, codebook=self.codebook, at=at,
        )  # fmt: skip

    def agreement(self) -> PeopleAgreement:
        """Return how far people agree on the sentences that two or more of them labelled.

        Returns
        -------
        PeopleAgreement
            Frames: parts, pairs, repeats and annotators.
        """
        return people_agreement(self.annotations, self.sentences, self.codebook)

    def rescore(self, *, announce: Announce = lambda _: None) -> "Run":
        """Score and audit the run directory with its current labels, and return the new run.

        Raises
        ------
        InputError
            The run is not saved.
        RunError
            A file of the directory was changed since the run.
        """
        return replace(score_run(self.saved.path, self.codebook, announce=announce), tagger=self.tagger)

    def audit(self, *, announce: Announce = lambda _: None) -> pd.DataFrame:
        """Audit the run directory, update its ledger and its page, and return the findings, most severe first.

        Raises
        ------
        InputError
            The run is not saved, or its ledger cannot be read.
        RunError
            A file of the directory was changed since the run.
        """
        checked = jobs.audit_run(self.saved.path, self.codebook, announce=announce)
        for note in checked.notes + jobs.stale_notes(checked.stale):
            announce(note)
        return checked.frames["findings"]

    def decide(
        self, finding_id: str, *, owner: str, note: str, decision: int | None = None, dismissed: bool = False
    ) -> pd.DataFrame:
        """Write one decision into the ledger, and return the final scores.

        Parameters
        ----------
        finding_id
            Row of the ledger: the id of a finding, or "score:" and a member or its code ("score:Germany").
        owner, note
            Who decides, and why.
        decision
            The final score, -1, 0 or 1, in a row of a score; None in others.
        dismissed
            True if the finding is not a problem.

        Raises
        ------
        InputError
            The run is not saved, or the ledger has no such row; the file is not changed.
        """
        return jobs.decide(
            self.saved.path, finding_id,
            owner=owner, note=note, decision=decision, dismissed=dismissed, codebook=self.codebook,
        )  # fmt: skip

    def final_scores(self) -> pd.DataFrame:
        """Return the final scores, with the decisions of the ledger, who decided, and why.

        Raises
        ------
        InputError
            The run is not saved, or its ledger cannot be read.
        """
        return jobs.decided_scores(self.reopened().saved, self.codebook)[0]

    def write_report(
        self,
        *,
        page: Path | str | None = None,
        xlsx: Path | str | None = None,
        csv: Path | str | None = None,
        docx: Path | str | None = None,
        force: bool = False,
    ) -> list[Path]:
        """Write the run for readers, and return the paths of the files.

        Parameters
        ----------
        page
            Page to read in a browser and to print (.html). A saved run also has one in its directory.
        xlsx
            Workbook (.xlsx) with a sheet for each table: scores, evidence, items with labels, findings, ledger,
            agreement, and one that explains every column.
        csv
            Folder for the same tables as CSV files.
        docx
            Brief (.docx) of one page for each member, for an editor to change.
        force
            Replace files that exist.

        Raises
        ------
        InputError
            A file has another ending, already exists, or cannot be written, or the ledger cannot be read.
        """
        given = {"page": page, "xlsx": xlsx, "csv": csv, "docx": docx}
        targets = jobs.Targets(**{name: Path(path) for name, path in given.items() if path is not None})
        return jobs.write_targets(
            self.frames, self.store and self.reopened().store, self.codebook, targets, force=force
        )

    def copy(self, path: Path | str | None = None) -> "Run":
        """Return an audited copy of the saved run to experiment with; this run is not changed.

        Parameters
        ----------
        path
            New run directory. If omitted, a temporary one that is deleted when Python ends.

        Raises
        ------
        InputError
            The run is not saved, or the new directory already exists.
        """
        saved = self.saved.path
        copy = jobs.temporary_directory() / "run" if path is None else Path(path)
        if copy.exists():
            msg = f"{copy}: already exists. Give the name of a new directory."
            raise InputError(msg)
        open_run(saved, self.codebook)  # refused before anything is copied
        shutil.copytree(saved, copy)
        jobs.audit_run(copy, self.codebook)
        return open_run(copy, self.codebook, model=self.tagger)

    plan_review = reviewing.plan_review
    review = reviewing.review
    areview = reviewing.areview
    take_verdicts = reviewing.take_verdicts


class RunPlots:
    """Plots of a run; each method returns Matplotlib Axes and is readable without color.

    Every method takes `ax` to draw into existing Axes, and `title`.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def scores(self, reading: str | None = None, **kwargs: Any) -> "Axes":
        """Plot the probability of each score by member, under one reading (default: the codebook's first)."""
        return report.plots.plot_scores(self._run.scores, reading=self._reading(reading), **kwargs)

    def thresholds(self, reading: str | None = None, **kwargs: Any) -> "Axes":
        """Plot the suggested scores at each number of strong items that makes a level strong."""
        own = self._run.codebook.min_strong_items
        return report.plots.plot_thresholds(self._run.thresholds, reading=self._reading(reading), own=own, **kwargs)

    def evidence(self, **kwargs: Any) -> "Axes":
        """Plot the level of each member in each dimension, with the numbers of strong and weak items."""
        return report.plots.plot_evidence(self._run.evidence_matrix, self._run.codebook, **kwargs)

    def timeline(self, **kwargs: Any) -> "Axes":
        """Plot the actions of each member by date and dimension."""
        run = self._run
        levels = scoring.item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=run.codebook)
        return report.plots.plot_timeline(levels, run.codebook, **kwargs)

    def joint_actions(self, **kwargs: Any) -> "Axes":
        """Plot the joint acts, and whether they are labelled consistently."""
        return report.plots.plot_joint_actions(self._run.joint_actions, self._run.codebook, **kwargs)

    def _reading(self, reading: str | None) -> str:
        known = [each.name for each in self._run.codebook.readings]
        if reading is not None and reading not in known:
            msg = f"reading {reading!r}: not in the codebook. Expected one of {', '.join(known)}."
            raise InputError(msg)
        return reading or known[0]


def open_run(
    path: Path | str, codebook: Codebook | Path | str | None = None, *, model: "Tagger | Path | str | None" = None
) -> Run:
    """Return the run saved in a directory.

    Parameters
    ----------
    path
        A directory that `run_report` or `g7tag run` wrote.
    codebook
        A codebook, its file, or the id of one that comes with g7tag; None reads the copy in the directory.
    model
        The tagger of the run or its file, so that `run.show` says why a tag was set. None uses the one that comes with
        g7tag, if the run was tagged with it.

    Raises
    ------
    RunError
        The directory holds no complete run, was made with another codebook, or one of its files was changed since.
    """
    book = open_codebook(codebook, path)
    own = tagger.load_tagger(Path(model), book) if isinstance(model, Path | str) else model
    run = Run(book, RunDirectory(Path(path)), tagger=own)
    run.read(*RUN_FRAMES)
    return run


def score_run(directory: Path | str, codebook: Codebook | None = None, *, announce: Announce = lambda _: None) -> Run:
    """Score and audit a run directory with its current labels."""
    book = open_codebook(codebook, directory)
    return Run(book, RunDirectory(Path(directory)), jobs.rescore(directory, book, announce=announce))


def show(frame: "pd.DataFrame | Codebook", run: Run | None = None, *, most: int | None = MOST_ROWS) -> Shown:
    """Display a frame or a codebook as a readable table: HTML in a notebook, plain text in a terminal.

    Text from a report is never interpreted as markup.

    Parameters
    ----------
    frame
        Any frame, or a codebook.
    run
        The run of the frame; then the same as `run.show(frame)`.
    most
        Number of rows to display; None displays all.

    Returns
    -------
    Shown
        If there are no rows, only the headings.

    Examples
    --------
    >>> show(pd.DataFrame({"member": ["Japan"], "score": [0]}))
     Member Score
     ─────────────
     Japan  0
    <BLANKLINE>
    1 row.
    """
    if isinstance(frame, Codebook):
        return jobs.show_codebook(frame)
    return show_frame(frame, most=most) if run is None else run.show(frame, most=most)
