"""Train and evaluate taggers, check corpora, and turn people's labels of a run into labelled sentences."""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag import store
from g7tag.codebook import Codebook
from g7tag.corpus import coders_agreement, files_to_read, own_corpus, read_corpus, without_members
from g7tag.corpus.reading import COLUMNS, OPTIONAL, REQUIRED, weaknesses
from g7tag.errors import Announce, InputError, ModelError
from g7tag.evaluation.evaluate import evaluate_tagger, learning_curve
from g7tag.evaluation.measures import RATES, compared, item_counts
from g7tag.frames import SENTENCES
from g7tag.jobs.labelling import sources
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.jobs.run import Run
from g7tag.jobs.steps import labelled_sentences
from g7tag.labels import choose_labels, current_annotations, independent_labels
from g7tag.llm import counted_models, read_reviews
from g7tag.tagger.model import Tagger, decide
from g7tag.tagger.persist import bundled_model, check_model_name, load_tagger, save_tagger
from g7tag.tagger.training import Trained, about_corpus, is_right, train_with_report

MEASURED = ("macro_f1", "act", "strength", "all")
"""Measures of tags: macro-F1 of the dimensions, and the shares with the right act, strength, and whole label."""


class Training(NamedTuple):
    """A tagger that was trained and saved, how good tags are without and with the labels, and suspect labels."""

    tagger: Tagger
    quality: pd.DataFrame
    suspects: pd.DataFrame


def train_file(
    output: Path, codebook: Codebook, corpus: Sequence[Path], without: Sequence[str], announce: Announce, *,
    force: bool, with_labels: Sequence[Path] = (), with_proposals: Sequence[Path] = (),
) -> Training:  # fmt: skip
    """Train a tagger on labelled files (default: those that come with g7tag, if any) without some members; save it."""
    check_model_name(output, force=force)
    old: Tagger | None = None  # the one that is replaced, if there is one for this codebook
    with suppress(ModelError):
        old = load_tagger(output, codebook)
    announce("reading the corpus")
    paths = list(corpus) or own_corpus(codebook)
    known = read_corpus(paths, codebook) if paths else pd.DataFrame(columns=[*REQUIRED, *OPTIONAL, "file"], dtype="str")
    known = with_people(known, with_labels, codebook) if with_labels else known
    known = _with_proposals(known, with_proposals, codebook, first=len(with_labels) + 1) if with_proposals else known
    labelled = without_members(known, without)
    labelled = labelled[labelled["part"] != "test"].reset_index(drop=True)
    names = [path.name for path in (*paths, *with_labels)] + [f"proposals in {path.name}" for path in with_proposals]
    context = [
        _named(labelled_sentences(Run.at(path, codebook))[["sentence_id", "item_id", "position", "text"]], place)
        for place, path in enumerate((*with_labels, *with_proposals), 1)
    ]  # whole items: those that are labelled are read in them
    trained = train_with_report(
        labelled, codebook, context=pd.concat(context) if context else None,
        corpus_name=", ".join(names + [f"without {name}" for name in without]), announce=announce,
    )  # fmt: skip
    save_tagger(trained.tagger, output)
    return Training(trained.tagger, _quality(trained, old, codebook), trained.suspects)


def _quality(trained: Trained, old: Tagger | None, codebook: Codebook) -> pd.DataFrame:
    """Return a row for each tagger, on the sentences left out in training; none without these."""
    rows = trained.left_out
    tags = {"without labels": trained.before, "with labels": trained.after}
    if old is not None and len(rows):
        tags["replaced tagger"] = decide(old.odds(rows), codebook, old.threshold).tags.set_index(rows.index)
    each = [{"tagger": name} | _shares_right(rows, its, codebook) for name, its in tags.items()]
    return pd.DataFrame(each if len(rows) else [], columns=["tagger", *MEASURED, "n"])


def _shares_right(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> dict[str, float]:
    """Macro-F1 is the mean over dimensions with an example."""
    truth, found, items = compared(rows, tags, codebook)
    f1 = RATES["f1"](item_counts(truth, found, items).sum(axis=0))[truth.any().to_numpy()]
    known = rows["act"] != ""
    right = [
        (tags["act"] == rows["act"])[known], tags["strength"] == rows["strength"], pd.Series(is_right(tags, rows))
    ]  # fmt: skip
    shares = [float(f1.mean()) if len(f1) else float("nan"), *(float(each.mean()) for each in right)]
    return dict(zip(MEASURED, shares, strict=True)) | {"n": len(rows)}


def evaluate_files(
    files: Sequence[Path], codebook: Codebook, announce: Announce, *, curve: bool, wrong: float, test_part: bool
) -> dict[str, Any]:
    """Return the learning curve of labelled files (default: those that come with g7tag), or facts and results."""
    corpus = _read_files(files, codebook, announce)
    if curve:
        return {"learning_curve": learning_curve(corpus, codebook, announce, wrong=wrong)}
    path = bundled_model(codebook) if test_part and not files else None
    model = None if path is None else replace(load_tagger(path, codebook), fast=load_tagger(path, codebook, fast=True))
    evaluation = evaluate_tagger(corpus, codebook, announce, test_part=test_part, shipped=model)
    return {"about": about_corpus(corpus, codebook), **evaluation}


def check_corpus(files: Sequence[Path], codebook: Codebook, announce: Announce) -> tuple[list[str], pd.DataFrame]:
    """Return the weaknesses of labelled files, one line each, and the agreement of their coders."""
    corpus = _read_files(files, codebook, announce)
    announce("checking the corpus")
    weak = weaknesses(corpus)
    announce("measuring the agreement of the coders")
    return weak, coders_agreement(corpus, codebook)


def _read_files(files: Sequence[Path], codebook: Codebook, announce: Announce) -> pd.DataFrame:
    announce("reading the corpus")
    return read_corpus(files_to_read(files, codebook), codebook)


class Labelled(NamedTuple):
    """Labelled sentences, and the number of sentences that are left out because people disagree."""

    rows: pd.DataFrame
    n_disputed: int


def people_corpus(directory: Path | str, codebook: Codebook) -> Labelled:
    """Return the sentences of a run directory whose label people agree on or adjudicated, as a corpus."""
    path = Path(directory)
    labels = store.read_labels(path, codebook)
    sentences = labelled_sentences(Run.at(path, codebook))
    by_people = labels[labels["kind"].isin(store.PEOPLE)]
    chosen = choose_labels(by_people, sentences)
    settled = chosen[(chosen["annotation_id"] != "") & (chosen["status"] == "ok")]
    if settled.empty:
        msg = f"{path}: has no settled labels of people. Label sentences first: `g7tag label {path}`."
        raise InputError(msg)
    frames, reserved = read_run(store.RunDirectory(path), ["items", "citations"], codebook), _test_sentences(codebook)
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
    store.check_output(output, force=force)
    labelled = people_corpus(directory, open_codebook(codebook, directory))
    store.write_atomic(output, store.table_bytes(labelled.rows, output.suffix.lower()))
    return labelled


def with_people(corpus: pd.DataFrame, directories: Sequence[Path], codebook: Codebook) -> pd.DataFrame:
    """Return a corpus with the labelled sentences of run directories."""
    added = [
        _named(people_corpus(directory, codebook).rows, place).assign(file=str(directory))
        for place, directory in enumerate(directories, start=1)
    ]
    people = pd.concat(added, ignore_index=True).drop_duplicates("text", keep="last")
    reserved = corpus["part"] == "test"
    people = people[~people["text"].isin(corpus.loc[reserved, "text"])]
    kept = corpus[reserved | ~corpus["text"].isin(people["text"])]
    return pd.concat([kept, people.reindex(columns=corpus.columns, fill_value="")], ignore_index=True)


def _named(rows: pd.DataFrame, place: int) -> pd.DataFrame:
    """Return rows of a run with ids that no other run has."""
    ids = [name for name in ("sentence_id", "item_id", "cluster") if name in rows]
    return rows.assign(**{name: f"people-{place}/" + rows[name] for name in ids})


def _with_proposals(
    corpus: pd.DataFrame, directories: Sequence[Path], codebook: Codebook, *, first: int
) -> pd.DataFrame:
    """Return a corpus with the proposals of language models that passed a trial, on sentences without another label."""
    added = [proposals_corpus(path, codebook).assign(file=f"proposals in {path}") for path in directories]
    rows = pd.concat([_named(each, place) for place, each in enumerate(added, first)]).drop_duplicates("text")
    both = pd.concat([corpus, rows[~rows["text"].isin(corpus["text"])]], ignore_index=True)
    return both.reindex(columns=list(dict.fromkeys([*corpus.columns, "weight"]))).fillna("")


def proposals_corpus(directory: Path, codebook: Codebook) -> pd.DataFrame:
    """Return what trusted language models propose for the sentences of a run, as a corpus.

    The column `weight` is the probability that a proposal is right, by the model's trial: the mean over the labels.
    """
    file = store.inside(directory, store.REVIEWS_FILE)
    proposed, sentences = read_reviews(file), labelled_sentences(Run.at(directory, codebook))
    chances = counted_models(proposed, file, codebook)
    rows = current_annotations(proposed[proposed["annotator"].isin(chances)], sentences)
    own = sentences[["sentence_id", "item_id", "member", "position", "text"]]
    rows = rows.drop_duplicates("sentence_id").merge(own, on="sentence_id")
    weights = [_chance_right(row, chances[row["annotator"]]) for row in rows.to_dict("records")]
    rows = rows.assign(
        position=rows["position"].astype("str"), part="train", cluster=rows["item_id"],
        weight=[f"{each:.3f}" for each in weights],
    )  # fmt: skip
    return rows.reindex(columns=[*COLUMNS, "weight"], fill_value="").fillna("").astype("str")


def _chance_right(row: Mapping[Hashable, Any], chances: Mapping[str, Sequence[float]]) -> float:
    said = set(row["dimensions"].split(";"))
    each = [found if key in said else 1 - missed for key, (found, missed) in chances.items() if key != "strength"]
    if row["strength"] != "none":
        strong, weak = chances["strength"]
        each.append(strong if row["strength"] == "strong" else 1 - weak)
    return sum(each) / len(each)


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
        table = store.read_table(path)
        own = table[table["sentence_id"].str.startswith(f"{codebook.commitment.id}/") & (table["part"] == "test")]
        found |= set(zip(own["sentence_id"], own["date"], strict=True))
    return found
