"""Train and evaluate taggers, and check corpora, from files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.corpus.agreement import coders_agreement
from g7tag.corpus.checks import (
    Failure,
    check_corpus,
    coverage_failures,
    is_coded_twice,
    label_counts,
    leakage_failures,
    measure_leakage,
    with_all_columns,
)
from g7tag.corpus.reading import (
    OPTIONAL,
    REQUIRED,
    files_to_read,
    own_corpus,
    read_contrast,
    read_corpus,
    without_members,
)
from g7tag.errors import Announce
from g7tag.evaluation.curves import few_labels_curve, learning_curve
from g7tag.evaluation.evaluate import Evaluation, evaluate_tagger
from g7tag.jobs.labelled import with_people
from g7tag.sources import read_documents
from g7tag.store import read_table
from g7tag.tagger.few_labels import wording_sha256
from g7tag.tagger.fitting import about_corpus
from g7tag.tagger.model import Tagger
from g7tag.tagger.persist import bundled_model, check_model_name, load_tagger, save_tagger, wording_of_model
from g7tag.tagger.training import train_tagger, train_with_encoder


def train_file(
    output: Path,
    codebook: Codebook,
    corpus: Sequence[Path],
    without: Sequence[str],
    announce: Announce,
    *,
    force: bool,
    encoder: bool = False,
    with_labels: Sequence[Path] = (),
) -> Tagger:
    """Train a tagger on labelled files (default: those that come with g7tag) without some members, and save it."""
    check_model_name(output, force=force)
    announce("reading the corpus")
    needed = not with_labels and not codebook.borrows
    paths = files_to_read(corpus, codebook) if needed else list(corpus) or own_corpus(codebook)
    known = read_corpus(paths, codebook) if paths else pd.DataFrame(columns=[*REQUIRED, *OPTIONAL, "file"], dtype="str")
    known = with_people(known, with_labels, codebook) if with_labels else known
    labelled = without_members(known, without)
    labelled = labelled[labelled["part"] != "test"].reset_index(drop=True)
    announce(f"training on {len(labelled)} sentences")
    names = ", ".join(path.name for path in (*paths, *with_labels)) + "".join(f", without {name}" for name in without)
    if encoder:
        contrast = read_contrast(codebook, labelled)
        tagger = train_with_encoder(labelled, codebook, contrast, announce, corpus_name=names)
    else:
        tagger = train_tagger(labelled, codebook, corpus_name=names)
    save_tagger(tagger, output)
    return tagger


def evaluate_files(
    files: Sequence[Path], codebook: Codebook, announce: Announce, *, test_part: bool, encoder: bool = False
) -> tuple[dict[str, Any], Evaluation]:
    """Evaluate on labelled files (default: those that come with g7tag); return facts about the data and the results."""
    announce("reading the corpus")
    corpus = read_corpus(files_to_read(files, codebook), codebook)
    shipped = _shipped_tagger(codebook) if test_part and not files else None
    evaluation = evaluate_tagger(corpus, codebook, announce, test_part=test_part, encoder=encoder, shipped=shipped)
    return about_corpus(corpus, codebook), evaluation


def _shipped_tagger(codebook: Codebook) -> Tagger | None:
    """Return the bundled tagger for a codebook, if there is one with an encoder."""
    model = bundled_model(codebook)
    tagger = None if model is None else load_tagger(model, codebook)
    return None if tagger is None or tagger.encoder is None else tagger


def curve_of_files(files: Sequence[Path], codebook: Codebook, announce: Announce) -> pd.DataFrame:
    """Return the learning curve of labelled files (default: those that come with g7tag)."""
    announce("reading the corpus")
    corpus = read_corpus(files_to_read(files, codebook), codebook)
    return (few_labels_curve if codebook.borrows else learning_curve)(corpus, codebook, announce)


class Checked(NamedTuple):
    """Failures of corpus files; if there are none, weaknesses, and tables of counts and agreement by heading."""

    failures: list[Failure]
    weaknesses: list[Failure]
    tables: dict[str, pd.DataFrame]


def check_corpus_files(
    files: Sequence[Path], reports: Sequence[Path], codebook: Codebook, announce: Announce
) -> Checked:
    """Check corpus files (default: those that come with g7tag) against the rules and the texts of reports."""
    announce("checking the corpus")
    paths = files_to_read(files, codebook)
    texts = read_documents(reports).documents["text"]
    found = check_corpus(paths, codebook, reports=texts, complete=not files)
    failures, weak = ([one for one in found if one.weak == each] for each in (False, True))
    if failures:
        return Checked(failures, weak, {})
    announce("measuring the agreement of the coders")
    tables = {path.name: with_all_columns(read_table(path).fillna("").astype("str")) for path in paths}
    coded = [path for path in paths if is_coded_twice(tables[path.name])]
    corpus = pd.concat([table.assign(file=name) for name, table in tables.items()], ignore_index=True)
    measured = measure_leakage(corpus, codebook)
    shown = {
        f"Sentences by {by.replace('_', ' ')} and label": label_counts(described, codebook, by)
        for described in [corpus.assign(year=corpus["date"].str[:4])]
        for by in ("file", "part", "member", "year", "source_type")
    }
    for name, agreement in coders_agreement(coded, codebook).groupby("file", sort=False):
        shown[f"Agreement of the two coders' original labels, {name} (alpha with its 95 % interval over items)"] = (
            agreement.drop(columns="file").round({"percent": 1, "alpha": 3, "low": 3, "high": 3, "ac1": 3})
        )
    heading = "Prediction of the dimensions from member, month, publisher, source type and length alone (macro-F1)"
    return Checked(
        [],
        weak + leakage_failures(measured) + coverage_failures(corpus, codebook),
        shown | {heading: measured.round(3)},
    )


def wording_differs(model: Path, codebook: Codebook) -> bool:
    """Whether a tagger for few labels was trained with other definitions, examples or cues than the codebook's."""
    known = wording_of_model(model)
    return known not in {"", wording_sha256(codebook)}
