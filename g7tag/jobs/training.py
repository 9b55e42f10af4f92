"""Train and evaluate taggers, check corpora, and turn people's labels of a run into labelled sentences."""

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
    COLUMNS,
    OPTIONAL,
    REQUIRED,
    files_to_read,
    own_corpus,
    read_contrast,
    read_corpus,
    without_members,
)
from g7tag.errors import Announce, InputError
from g7tag.evaluation.curves import few_labels_curve, learning_curve
from g7tag.evaluation.evaluate import Evaluation, evaluate_tagger
from g7tag.frames import SENTENCES
from g7tag.jobs.labelling import labelled_sentences
from g7tag.jobs.opening import open_codebook, read_run, train_without_labels
from g7tag.jobs.sheets import sources
from g7tag.labels import choose_labels, independent_labels
from g7tag.sources import read_documents
from g7tag.store import PEOPLE, RunDirectory, check_output, read_labels, read_table, table_bytes, write_atomic
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
    model = bundled_model(codebook) if test_part and not files else None
    shipped = None if model is None else load_tagger(model, codebook)
    shipped = None if shipped is None or shipped.encoder is None else shipped
    evaluation = evaluate_tagger(corpus, codebook, announce, test_part=test_part, encoder=encoder, shipped=shipped)
    return about_corpus(corpus, codebook), evaluation


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
    return wording_of_model(model) not in {"", wording_sha256(codebook)}


class Labelled(NamedTuple):
    """Labelled sentences, and the number of sentences that are left out because people disagree."""

    rows: pd.DataFrame
    n_disputed: int


def people_corpus(directory: Path | str, codebook: Codebook) -> Labelled:
    """Return the sentences of a run directory whose label people agree on or adjudicated, as a corpus."""
    path = Path(directory)
    labels = read_labels(path, codebook)
    sentences = labelled_sentences(path, codebook)
    by_people = labels[labels["kind"].isin(PEOPLE)]
    chosen = choose_labels(by_people, sentences)
    settled = chosen[(chosen["annotation_id"] != "") & (chosen["status"] == "ok")]
    if settled.empty:
        msg = f"{path}: has no settled labels of people. Label sentences first: `g7tag label {path}`."
        if codebook.borrows:
            msg += f" Or train a first tagger without labels: {train_without_labels(path)}."
        raise InputError(msg)
    frames, reserved = read_run(RunDirectory(path), ["items", "citations"], codebook), _test_sentences(codebook)
    cited = sources(frames)[["publisher", "published", "url"]]
    acts = by_people.set_index("annotation_id")[["act", "note", "codebook_version"]]
    rows = settled.drop(columns=["policy", "status"]).merge(sentences[list(SENTENCES.columns)], on="sentence_id")
    rows = rows.join(acts, on="annotation_id").join(frames["items"].set_index("item_id")["date"], on="item_id")
    rows = rows.join(cited, on="item_id").join(_coders(independent_labels(by_people, sentences)), on="sentence_id")
    days = rows["date"].dt.strftime("%Y-%m-%d").fillna("")
    rows = rows.assign(
        date=days, published=rows["published"].dt.strftime("%Y-%m-%d"), position=rows["position"].astype("str"),
        part=["test" if key in reserved else "train" for key in zip(rows["sentence_id"], days, strict=True)],
        contradicts=rows["contradicts"].map({True: "true", False: "false"}),
        cluster=rows["item_id"], rules_version=rows["codebook_version"],
    )  # fmt: skip
    corpus = rows.reindex(columns=list(COLUMNS), fill_value="").fillna("").astype("str")
    return Labelled(corpus, int((chosen["status"] == "conflict").sum()))


def write_people_corpus(
    directory: Path | str, output: Path, codebook: Codebook | None = None, *, force: bool = False
) -> Labelled:
    """Write the labelled sentences of a run directory to a file (.csv, .parquet or .jsonl), and return them."""
    check_output(output, force=force)
    labelled = people_corpus(directory, open_codebook(codebook, directory))
    write_atomic(output, table_bytes(labelled.rows, output.suffix.lower()))
    return labelled


def with_people(corpus: pd.DataFrame, directories: Sequence[Path], codebook: Codebook) -> pd.DataFrame:
    """Return a corpus with the labelled sentences of run directories."""
    added = []
    for place, directory in enumerate(directories, start=1):
        rows = people_corpus(directory, codebook).rows
        named = {name: f"people-{place}/" + rows[name] for name in ("sentence_id", "item_id", "cluster")}
        added.append(rows.assign(**named, file=str(directory)))
    people = pd.concat(added, ignore_index=True).drop_duplicates("text", keep="last")
    reserved = corpus["part"] == "test"
    people = people[~people["text"].isin(corpus.loc[reserved, "text"])]
    kept = corpus[reserved | ~corpus["text"].isin(people["text"])]
    return pd.concat([kept, people.reindex(columns=corpus.columns, fill_value="")], ignore_index=True)


def _coders(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the labels of the first two analysts of each sentence as columns c1_… and c2_…, by sentence_id."""
    ordered = labels.sort_values(["sentence_id", "annotator"])
    coder = ordered.groupby("sentence_id").cumcount() + 1
    two = ordered.assign(coder=coder)[coder <= 2]
    wide = two.pivot(index="sentence_id", columns="coder", values=["dimensions", "strength", "act", "exclusion"])
    wide.columns = wide.columns.map(lambda pair: f"c{pair[1]}_{pair[0]}")
    return wide


def _test_sentences(codebook: Codebook) -> set[tuple[str, str]]:
    """Return id and date of the sentences of the codebook's commitment in the part test of the bundled corpus."""
    found: set[tuple[str, str]] = set()
    for path in own_corpus(codebook):
        table = read_table(path)
        own = table[table["sentence_id"].str.startswith(f"{codebook.commitment.id}/") & (table["part"] == "test")]
        found |= set(zip(own["sentence_id"], own["date"], strict=True))
    return found
