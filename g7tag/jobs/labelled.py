"""Turn people's labels of a run into labelled sentences, from which a tagger can be trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.corpus.reading import COLUMNS, own_corpus
from g7tag.errors import InputError
from g7tag.frames import SENTENCES
from g7tag.jobs.labelling import labelled_sentences
from g7tag.jobs.opening import open_codebook, read_run, train_without_labels
from g7tag.jobs.sheets import sources
from g7tag.labels import choose_labels, independent_labels
from g7tag.store import PEOPLE, RunDirectory, check_output, read_labels, read_table, table_bytes, write_atomic


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
    acts = by_people.set_index("annotation_id")[["act", "note", "codebook_version"]]
    frames = read_run(RunDirectory(path), ["items", "citations"], codebook)
    items, cited = frames["items"].set_index("item_id"), sources(frames)
    rows = settled.drop(columns=["policy", "status"]).merge(sentences[list(SENTENCES.columns)], on="sentence_id")
    rows = rows.join(acts, on="annotation_id")
    item_ids, reserved = rows["item_id"], _test_sentences(codebook)
    days = items["date"].reindex(item_ids).dt.strftime("%Y-%m-%d").fillna("")
    rows = rows.assign(
        date=days.to_numpy(),
        position=rows["position"].astype("str"),
        publisher=cited["publisher"].reindex(item_ids).fillna("").to_numpy(),
        published=cited["published"].reindex(item_ids).dt.strftime("%Y-%m-%d").fillna("").to_numpy(),
        url=cited["url"].reindex(item_ids).fillna("").to_numpy(),
        source_type="",
        retrieved="",
        cluster=item_ids,
        part=["test" if key in reserved else "train" for key in zip(rows["sentence_id"], days, strict=True)],
        contradicts=rows["contradicts"].map({True: "true", False: "false"}),
        rules_version=rows["codebook_version"],
    )
    coders = _coders(independent_labels(by_people, sentences))
    rows = rows.merge(coders, on="sentence_id", how="left").reindex(columns=list(COLUMNS)).fillna("").astype("str")
    return Labelled(rows, int((chosen["status"] == "conflict").sum()))


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
    """Return the labels of the first two analysts of each sentence as columns c1_… and c2_…."""
    ordered = labels.sort_values(["sentence_id", "annotator"])
    place = ordered.groupby("sentence_id").cumcount()
    coded = ordered[["sentence_id"]].drop_duplicates()
    for coder in (0, 1):
        own = ordered[place == coder].set_index("sentence_id")[["dimensions", "strength", "act", "exclusion"]]
        coded = coded.merge(own.add_prefix(f"c{coder + 1}_"), left_on="sentence_id", right_index=True, how="left")
    return coded


def _test_sentences(codebook: Codebook) -> set[tuple[str, str]]:
    """Return id and date of the sentences of the codebook's commitment in the part test of the bundled corpus."""
    found: set[tuple[str, str]] = set()
    for path in own_corpus(codebook):
        table = read_table(path)
        own = table[table["sentence_id"].str.startswith(f"{codebook.commitment.id}/") & (table["part"] == "test")]
        found |= set(zip(own["sentence_id"], own["date"], strict=True))
    return found
