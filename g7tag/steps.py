"""The parts chained into whole jobs: reading, tagging, training, scoring, and a run from report to page."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.audit import audit_evidence
from g7tag.codebook import Codebook, load_codebook
from g7tag.errors import InputError, RunError
from g7tag.evidence import Evidence, extract_evidence, require_commitment
from g7tag.frames import FIXED, tags_model
from g7tag.report import run_page
from g7tag.review import classifier_annotations
from g7tag.scoring import ADJUDICATED, POLICY, Scored, add_sources, carrying_sentences, choose_labels, score_members
from g7tag.sources import read_documents
from g7tag.store import PAGES, Frames, Models, RunDirectory, Settings, data_path
from g7tag.tagging import (
    Announce,
    Tagger,
    bundled_annotations,
    bundled_evidence,
    default_model,
    load_tagger,
    tag_sentences,
)

DEFAULT_CODEBOOK = "codebooks/2024-apulia-19.toml"


class Run(NamedTuple):
    """All frames of a run, as `g7tag.frames` describes them."""

    documents: pd.DataFrame
    commitments: pd.DataFrame
    members: pd.DataFrame
    conclusions: pd.DataFrame
    items: pd.DataFrame
    sentences: pd.DataFrame
    citations: pd.DataFrame
    tags: pd.DataFrame
    annotations: pd.DataFrame
    labels: pd.DataFrame
    evidence_matrix: pd.DataFrame
    scores: pd.DataFrame
    findings: pd.DataFrame


def open_codebook(path: Path | str | None = None) -> Codebook:
    """Return the codebook of a file; None takes the one that comes with g7tag (2024 Apulia commitment 19)."""
    return load_codebook(codebook_file(path))


def codebook_file(path: Path | str | None = None) -> Path:
    """Return the path of a codebook, by default of the one that comes with g7tag."""
    return data_path(DEFAULT_CODEBOOK) if path is None else Path(path)


def read_reports(reports: Sequence[Path | str] = (), codebook: Codebook | None = None) -> Evidence:
    """Read reports into the evidence frames; no reports give the bundled evidence.

    Parameters
    ----------
    reports, codebook
        Text files, and the codebook that names the members (None: the bundled one).

    Raises
    ------
    SourceError
        A report cannot be read or holds no member's section.
    """
    book = codebook or open_codebook()
    return extract_evidence(read_documents(map(Path, reports)), book) if reports else bundled_evidence(book)


def run_report(
    reports: Sequence[Path | str] = (),
    *,
    output: Path | str | None = None,
    codebook: Codebook | None = None,
    model: Path | str | None = None,
    policy: str = POLICY,
    force: bool = False,
    announce: Announce = lambda _: None,
) -> Run:
    """Take reports all the way: evidence, tags, labels, scores, findings, and a page.

    Parameters
    ----------
    reports
        Text files; none take the bundled evidence.
    output
        Run directory; None writes nothing. One of the same inputs and settings is continued.
    codebook
        None takes the one that comes with g7tag.
    model
        A .skops file; None takes the model that comes with g7tag for the codebook.
    policy
        Whose labels count; "adjudicated" takes the corpus's own, on the bundled evidence alone.
    force, announce
        Replace the frames of other inputs or settings; called with the name of each step as it begins.

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
    book = codebook or open_codebook()
    directory = RunDirectory(Path(output), force=force) if output is not None else None
    tagger = load_tagger(Path(model) if model is not None else default_model(book), book)
    announce("reading the report" if reports else "reading the bundled evidence")
    evidence = read_reports(reports, book)
    require_commitment(evidence, book)
    if reports and policy == ADJUDICATED:
        msg = (
            f"policy {policy!r}: nobody has adjudicated labels of {reports[0]}. Use it with the bundled evidence alone."
        )
        raise InputError(msg)
    frames = ingest(evidence, directory, book)
    frames |= tag(frames, directory, book, tagger, announce)
    frames |= score(frames, directory, book, announce, policy=policy)
    frames |= audit(frames, directory, book, announce, tagger.about["corpus_items"].get(book.commitment.id, 0))
    run = Run(**frames)
    if directory is not None:
        announce("writing the page")
        directory.write_file(PAGES[0], run_page(frames, sentences_behind(run, book), book).encode("utf-8"))
    return run


def open_run(path: Path | str, codebook: Codebook | None = None) -> Run:
    """Return the frames of a run directory that `run_report` or `g7tag run` wrote.

    Raises
    ------
    RunError
        It holds no whole run, was run with another codebook, or one of its files was changed since.
    """
    book = codebook or open_codebook()
    return Run(**read_run(RunDirectory(Path(path)), Run._fields, book))


def read_run(directory: RunDirectory, names: Sequence[str], codebook: Codebook) -> Frames:
    """Return frames of a run directory, if they were made with this codebook."""
    frames = directory.read(_models(names, codebook))
    found = str(directory.settings("ingest").get("codebook"))
    if found != codebook.sha256:
        msg = (
            f"{directory.path}: was read with a codebook of sha256 {found[:12]}, not with {codebook.id!r} "
            f"({codebook.sha256[:12]}). Name the one it was read with: --codebook FILE."
        )
        raise RunError(msg)
    return frames


def sentences_behind(run: Run, codebook: Codebook | None = None) -> pd.DataFrame:
    """Return the sentences that carry each member's level in each dimension, with the source behind each.

    Parameters
    ----------
    run
        A run; see `run_report` and `open_run`.
    codebook
        The run's; None takes the one that comes with g7tag.

    Returns
    -------
    pandas.DataFrame
        What `g7tag.carrying_sentences` gives, with needs_review of the tag and, of the item's first note, note (NA if
        it has none), publisher, published, url and url_status.
    """
    book = codebook or open_codebook()
    carrying = carrying_sentences(
        run.labels, sentences=run.sentences, items=run.items, evidence_matrix=run.evidence_matrix, codebook=book
    )
    return add_sources(carrying, sentences=run.sentences, items=run.items, tags=run.tags, citations=run.citations)


def ingest(evidence: Evidence, directory: RunDirectory | None, codebook: Codebook) -> Frames:
    """Keep the evidence frames of reports."""
    documents = evidence.documents
    inputs = [f"{name} {sha}" for name, sha in zip(documents["name"], documents["sha256"], strict=True)]
    settings = {"inputs": inputs, "codebook": codebook.sha256}
    return _step(directory, "ingest", settings, _models(Evidence._fields, codebook), evidence._asdict)


def tag(
    frames: Frames, directory: RunDirectory | None, codebook: Codebook, tagger: Tagger, announce: Announce
) -> Frames:
    """Sentences of the codebook's commitment to tags."""
    announce("tagging sentences")
    own = frames["sentences"]["commitment_id"] == codebook.commitment.id
    sentences = frames["sentences"][own].reset_index(drop=True)
    settings = {"model": tagger.model_id, "thresholds": tagger.thresholds, "review_below": tagger.review_below}
    models = _models(["tags"], codebook)
    return _step(directory, "tag", settings, models, lambda: {"tags": tag_sentences(sentences, tagger, codebook)})


def score(
    frames: Frames, directory: RunDirectory | None, codebook: Codebook, announce: Announce, *, policy: str = POLICY
) -> Frames:
    """Tags to annotations, labels, the evidence matrix and scores."""
    announce("scoring members")
    tagged = frames["sentences"]["sentence_id"].isin(frames["tags"]["sentence_id"])
    sentences = frames["sentences"][tagged].reset_index(drop=True)

    def annotate() -> Frames:
        proposed = classifier_annotations(frames["tags"], sentences, codebook)
        adjudicated = [bundled_annotations(codebook)] if policy == ADJUDICATED else []
        return {"annotations": pd.concat([proposed, *adjudicated], ignore_index=True)}

    def compute() -> Frames:
        labels = choose_labels(annotations["annotations"], sentences, policy=policy)
        scored = score_members(
            labels, sentences=sentences, items=frames["items"], members=frames["members"], codebook=codebook
        )
        return {"labels": labels, **scored._asdict()}

    annotators = ["classifier", "corpus"] if policy == ADJUDICATED else ["classifier"]
    models = _models(["annotations"], codebook)
    annotations = _step(directory, "review", {"annotators": annotators}, models, annotate)
    settings = {"policy": policy, "min_strong_items": codebook.min_strong_items}
    return annotations | _step(directory, "score", settings, _models(["labels", *Scored._fields], codebook), compute)


def audit(frames: Frames, directory: RunDirectory | None, codebook: Codebook, announce: Announce, seen: int) -> Frames:
    """Everything so far to findings; `seen` is the number of items of the commitment that the tagger was trained on."""
    announce("checking the report against itself")
    known = {name: frames[name] for name in ("commitments", "members", "items", "scores")}
    return _step(
        directory, "audit", {"seen": seen}, _models(["findings"], codebook),
        lambda: {"findings": audit_evidence(**known, codebook=codebook, seen=seen)},
    )  # fmt: skip


def _models(names: Sequence[str], codebook: Codebook) -> Models:
    return {name: tags_model(codebook) if name == "tags" else FIXED[name] for name in names}


def _step(
    directory: RunDirectory | None, name: str, settings: Settings, models: Models, compute: Callable[[], Frames]
) -> Frames:
    """Run one step, through the directory where there is one."""
    return compute() if directory is None else directory.step(name, settings, models, compute)
