"""The run object: its frames, tables and plots, and the jobs on them."""

import re
import shutil
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from g7tag import jobs, report, scoring, tagger
from g7tag.audit import discrepancies, findings_of
from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError
from g7tag.jobs import audits, desk, exchange, labelling, pages, reviewing, sharing, steps
from g7tag.jobs.opening import RUN_FRAMES, open_codebook, read_run, temporary_directory
from g7tag.report.display import MOST, NOTHING, Shown, show_frame, show_lists, show_notes
from g7tag.store import Frames, RunDirectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from g7tag.tagger import Tagger


class _Frame:
    """A frame of a run as an attribute, read on first use."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, run: "Run | None", owner: type) -> pd.DataFrame:
        return self if run is None else run.read(self._name)[self._name]  # type: ignore[return-value]


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """One analysis of a report: its frames, its codebook and, if it was saved, its directory.

    Every frame is a plain pandas DataFrame. `run_report` and `open_run` return a run; printing it gives a summary. A
    run does not change: what changes its directory returns a new run, or what was added.

    Methods raise `InputError` for a name that the run does not have, such as a member's, and if they need a directory
    but the run is not saved; `RunError` if a file of the directory was changed since. `announce` is called with the
    name of each step when it starts, and with notes; `force` replaces what exists.

    Parameters
    ----------
    codebook, store, tagger
        The codebook, the directory (None: the run is not saved), and the tagger (None: that of g7tag for the codebook).
    known
        Frames by name. Others are read from the directory when they are first used.

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
    def at(cls, directory: Path | str, codebook: Codebook | Path | str | None = None, *, force: bool = False) -> "Run":
        """Return the run of a directory at any stage; frames are read on first use, and replaced by force if asked."""
        return cls(open_codebook(codebook, directory), RunDirectory(Path(directory), force=force))

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

    @cached_property
    def _receipts(self) -> list[scoring.Receipt]:
        """Receipts of the scores, made once; see `receipts_of`."""
        return scoring.make_receipts(self.read(*steps.RECEIPT_FRAMES), self.codebook)

    @property
    def frames(self) -> Frames:
        """All frames by name."""
        return self.read(*RUN_FRAMES)

    @property
    def plot(self) -> "RunPlots":
        """Plots of the run: `run.plot.scores()`, `thresholds`, `evidence`, `timeline`, `joint_actions`."""
        return RunPlots(self)

    def __repr__(self) -> str:
        here = [name for name in RUN_FRAMES if name in self.known or (self.store and self.store.has(name))]
        if len(here) < len(RUN_FRAMES):
            name = self.directory or "unsaved run"
            return f"{name} ({self.codebook.id}): has {', '.join(here) or 'no frame'} so far."
        own = report.own_frames(self.frames, self.codebook)
        lines = (
            f"{', '.join(self.documents['name'])} ({self.codebook.id})",
            report.counts_text(own),
            report.reconciliation_text(self.reconcile()),
            report.headline(own["findings"]),
            *([] if self.store is None else audits.unscored_notes(self.reopened())),
        )
        whole = (re.sub("`[^`]*`", lambda command: command[0].replace(" ", "\0"), line) for line in lines)
        wrapped = (fill(line, 96, break_long_words=False, break_on_hyphens=False) for line in whole)
        return "\n\n".join(wrapped).replace("\0", " ")  # commands are not wrapped, so that they can be copied

    def show(self, frame: pd.DataFrame | str | None = None, *, most: int | None = MOST) -> Shown:
        """Display a frame of the run, or some of its rows, as a readable table.

        `frame` is a frame or the name of one; None is the score table that `g7tag run` prints. At most `most` rows are
        displayed (None: all). Sentences and items have their text, date and sources; the words that support each
        dimension are marked. Ids unfold to the rows that they refer to.
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
            frame = self.read(frame)[frame]
        return jobs.show_rows(frame, self, most=most)

    def methods(self) -> Shown:
        """Display what to know before quoting a score: who labelled, and how scores follow from labels."""
        return show_notes(report.preface(self.frames, self.codebook))

    def explain(self, member: str | None = None) -> Shown:
        """Display why each score is what it is, and what would change it; `member` (name or code) shows one."""
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

        Columns: member, dimension, level (the member's, in the dimension), sentence_id, strength (the sentence's),
        text, decides ("score" or "level" if it changes when the item loses its label), needs_review (the tagger's label
        counts, and is doubtful), review_reason, and note, publisher, published, url and url_status of the first note.
        """
        return pages.sentences_behind(self.frames, self.codebook)

    def discrepancies(self) -> pd.DataFrame:
        """Return the findings in which scores or conclusions differ from the evidence."""
        return discrepancies(self.findings, self.codebook)

    def findings_of(self, member: str) -> pd.DataFrame:
        """Return the findings that concern a member, given by name or code."""
        return findings_of(self.findings, member, self.codebook, items=self.items)

    label_queue = labelling.label_queue
    agreement = labelling.agreement
    feedback = labelling.feedback
    certify = labelling.certify
    write_label_sheet = labelling.write_label_sheet
    record_labels = labelling.record_labels
    write_label_plan = sharing.write_label_plan
    merge_labels = sharing.merge_labels
    write_project = exchange.write_project
    read_project = exchange.read_project
    review_desk = desk.review_desk

    tag = steps.tag
    score = steps.score
    rescore = audits.rescore
    audit = audits.audit
    decide = audits.decide
    final_scores = audits.final_scores
    write_report = pages.write_report
    write_exhibits = pages.write_exhibits

    def copy(self, path: Path | str | None = None) -> "Run":
        """Return an audited copy of the saved run to experiment with; this run is not changed.

        The copy is in a new directory `path`, or in a temporary one that is deleted when Python ends.
        """
        copy = temporary_directory() / "run" if path is None else Path(path)
        if copy.exists():
            msg = f"{copy}: already exists. Give the name of a new directory."
            raise InputError(msg)
        self.reopened().read(*RUN_FRAMES)  # refused before anything is copied
        shutil.copytree(self.saved.path, copy)
        return audits.audit_run(replace(self, store=RunDirectory(copy), known={})).run

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
    path, codebook
        A directory that `run_report` or `g7tag run` wrote; as for `open_codebook`, None reads its own copy.
    model
        The tagger of the run or its file, so that `run.show` says why a tag was set. None uses the one that comes with
        g7tag, if the run was tagged with it.

    Raises
    ------
    RunError
        The directory holds no complete run, was made with another codebook, or one of its files was changed since.
    """
    run = Run.at(path, codebook)
    run.read(*RUN_FRAMES)
    return replace(run, tagger=tagger.load_tagger(model, run.codebook) if isinstance(model, Path | str) else model)


def show(frame: "pd.DataFrame | Codebook", run: Run | None = None, *, most: int | None = MOST) -> Shown:
    """Display a frame or a codebook as a readable table: HTML in a notebook, plain text in a terminal.

    With the run of the frame, as `run.show(frame)`. Text from a report is never interpreted as markup. At most `most`
    rows are displayed; None displays all.

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
