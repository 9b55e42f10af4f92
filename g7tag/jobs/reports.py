"""Read reports, and run all steps on them."""

from collections.abc import Collection, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from g7tag import corpus, tagger
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.evidence import Evidence, extract_evidence, require_commitment
from g7tag.jobs.audits import findings_before, update_ledger
from g7tag.jobs.opening import open_codebook
from g7tag.jobs.pages import write_page
from g7tag.jobs.run import Run
from g7tag.jobs.steps import find_findings, ingest, score, tag
from g7tag.labels import ADJUDICATED, POLICY, require_policy
from g7tag.sources import read_documents
from g7tag.store import RunDirectory, ledger_path

FIRST_YEAR, LAST_YEAR = 1975, 2999
"""Valid years of a summit; the first was in 1975."""


def read_reports(
    reports: Sequence[Path | str] | Path | str = (), codebook: Codebook | Path | str | None = None, *,
    commitments: Collection[int] = (), year: int | None = None, keep_hidden: bool = False,
    announce: Announce = lambda _: None,
) -> Evidence:  # fmt: skip
    """Read reports into the evidence frames; `gaps` lists what could not be read or used, and why.

    Parameters
    ----------
    reports
        One or more PDF, Word (DOCX), HTML or text files. If omitted, the evidence that comes with g7tag.
    codebook
        Defines the members; as for `open_codebook`.
    commitments
        Numbers of the commitments to keep (default: all). A single one is also that of a commitment without a heading.
    year
        Year of the summit; None reads it from the title of each report. If it is unknown, the evidence is not scored.
    keep_hidden
        Treat hidden text (white, tiny, covered) as evidence. The column hidden of documents lists it.
    announce
        Called with the name of each step when it starts.

    Raises
    ------
    SourceError
        None of the reports can be read, or none contains a section on a member.
    """
    require_settings(reports, commitments=commitments, year=year)
    book = open_codebook(codebook)
    paths = [reports] if isinstance(reports, Path | str) else reports
    if not paths:
        return corpus.bundled_evidence(book)
    read = read_documents(map(Path, paths), keep_hidden=keep_hidden, announce=announce)
    announce("reading the evidence")
    return extract_evidence(read, book, numbers=set(commitments), year="" if year is None else str(year))


def require_settings(reports: object, *, commitments: Collection[int], year: int | None, policy: str = POLICY) -> None:
    """Raise an error if settings cannot be used with these reports."""
    is_list = isinstance(commitments, Collection) and not isinstance(commitments, str)
    if not (is_list and all(isinstance(number, Integral) for number in commitments)):
        msg = f"commitments {commitments!r}: expected a list of numbers, such as [19]. Name each by its number."
        raise InputError(msg)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        msg = f"year {year}: expected the year of a summit, from {FIRST_YEAR} to {LAST_YEAR}."
        raise InputError(msg)
    require_policy(policy)
    if reports and policy == ADJUDICATED:
        msg = f"policy {policy!r}: there are adjudicated labels for the bundled evidence only. Choose another policy."
        raise InputError(msg)


def run_report(  # noqa: PLR0913 - all settings are keyword arguments
    reports: "Sequence[Path | str] | Path | str" = (), *, output: Path | str | None = None,
    codebook: Codebook | Path | str | None = None, model: "tagger.Tagger | Path | str | None" = None,
    fast: bool = False, policy: str = POLICY, commitments: Collection[int] = (), year: int | None = None,
    keep_hidden: bool = False, force: bool = False, announce: Announce = lambda _: None,
) -> Run:  # fmt: skip
    """Analyse reports: evidence, tags, labels, scores and findings.

    Parameters
    ----------
    reports, commitments, year, keep_hidden, announce
        As for `read_reports`.
    output, force
        Run directory to save to; None saves nothing. A directory with the same inputs and settings is continued; force
        replaces frames of others.
    codebook
        As for `open_codebook`; None takes the copy in the run directory, if there is one.
    model, fast
        A tagger, or a model file (.npz); None is the one that comes with g7tag for the codebook. Its fast tagger reads
        words and cues alone.
    policy
        Whose labels count. "adjudicated" uses the labels of the corpus, for the bundled evidence only.

    Raises
    ------
    G7TagError
        An input cannot be used.

    Examples
    --------
    >>> run = run_report()
    >>> run.scores.loc[run.scores["member"] == "Japan", ["reading", "suggested_score"]].values.tolist()
    [['scoring-table', 0], ['interpretive-guidelines', 0]]
    """
    require_settings(reports, commitments=commitments, year=year, policy=policy)
    book = open_codebook(codebook, output)
    store = None if output is None else RunDirectory(Path(output), force=force)
    if not isinstance(model, tagger.Tagger):
        model = tagger.load_tagger(model or tagger.default_model(book), book, fast=fast)
    elif fast and model.about["reader"] != "words":
        if model.fast is None:
            msg = f"tagger {model.model_id}: has no fast one with it. Load one with `load_tagger`, or omit fast=True."
            raise InputError(msg)
        model = model.fast
    announce("reading the report" if reports else "reading the bundled evidence")
    read: dict[str, Any] = {"commitments": commitments, "year": year, "keep_hidden": keep_hidden}
    evidence = read_reports(reports, book, **read, announce=announce)
    require_commitment(evidence, book)
    return analyse(Run(book, store, tagger=model), evidence, policy=policy, announce=announce, **read)


def analyse(run: Run, evidence: Evidence, *, policy: str, announce: Announce, **read: Any) -> Run:
    """Return a run with all steps on the evidence of reports, which were read with these settings."""
    before = [] if run.store is None else findings_before(run)
    run = ingest(run, evidence, **read)
    run = find_findings(score(tag(run, announce=announce), policy=policy, announce=announce), announce)
    if run.store is not None:
        announce("writing the page")
        if ledger_path(run.store.path).exists():
            update_ledger(run, before)
        write_page(run)
    return run
