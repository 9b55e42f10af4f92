"""People's labels become labelled sentences: to check, to share and to train a tagger, for a new commitment, too."""

import shutil

import numpy as np
import pandas as pd
import pytest
from people import command, label, record

import g7tag
from g7tag import jobs
from g7tag.errors import InputError
from g7tag.frames import has_key
from g7tag.jobs.training import with_people
from g7tag.report import label_workbook
from g7tag.store import open_sheet, read_labels, read_table

HARBOURS, REPORT = (g7tag.example_path(f"harbours{name}") for name in (".toml", "-report.txt"))


@pytest.mark.slow
def test_settled_labels_become_a_labelled_file_that_every_command_reads(decided, tmp_path):
    differs = label(sentence_id="2024-19/CAN-02.1", dimensions="counter")
    same = label(sentence_id="2024-19/CAN-03.1", dimensions="prevent").drop(columns="act")
    contrary = label(sentence_id="2024-19/JPN-03.1", contradicts="yes")
    for each in (differs, same, contrary):
        record(decided, each, "Bo")
    file = tmp_path / "labelled.csv"
    said = command("corpus", "add", decided, "-o", file).stderr
    assert f"{file}: 13 labelled sentences; 1 disputed sentence left out." in said
    table = read_table(file).set_index("sentence_id")
    assert "2024-19/CAN-02.1" not in table.index
    both = table.loc["2024-19/CAN-03.1"]
    assert both[["dimensions", "strength", "c1_dimensions", "c2_strength", "date", "member"]].tolist() == [
        "prevent", "strong", "prevent", "strong", "2024-10-21", "Canada",
    ]  # fmt: skip
    assert both["url"].startswith("https://")
    assert table.index[table["contradicts"] != "false"].tolist() == ["2024-19/JPN-03.1"]
    assert command("corpus", "check", file).stderr.endswith("All checks passed.\n")
    assert len(record(decided, file, "Cy").annotations) == 13
    with pytest.raises(InputError, match=r"labelled\.csv: already exists"):
        jobs.write_people_corpus(decided, file)


def agreeing(tags, labels, book):
    """The mean probability that tags give to the dimensions that labels have, and to the absence of the others."""
    shares = tags.set_index("sentence_id").loc[labels["sentence_id"], [f"p_{key}" for key in book.dimension_keys]]
    is_so = np.column_stack([has_key(labels["dimensions"], key) for key in book.dimension_keys])
    return float(np.where(is_so, shares, 1 - shares).mean())


@pytest.mark.slow
def test_a_tagger_learns_from_the_labels_of_people(decided_run, tmp_path):
    book, corpus = g7tag.open_codebook(), tmp_path / "few.csv"
    rows = pd.concat([read_table(path) for path in g7tag.corpus.bundled_corpus()])
    rows[rows["part"] == "train"].drop_duplicates("text").iloc[::20].to_csv(corpus, index=False)
    words = ("train", "-o", tmp_path / "m.npz", "--corpus", corpus, "--with-labels", decided_run, "--quiet")
    said = command(*words).stderr
    without = g7tag.train_tagger(g7tag.corpus.read_corpus([corpus], book), book)
    learned = g7tag.load_tagger(tmp_path / "m.npz", book)
    assert learned.about["corpus_rows"] - without.about["corpus_rows"] == 13
    assert f"trained on {learned.about['corpus_rows']} sentences" in said
    sentences, labels = g7tag.open_run(decided_run).sentences, read_labels(decided_run)
    right = [agreeing(g7tag.tag_sentences(sentences, each, book), labels, book) for each in (without, learned)]
    assert right[0] < right[1]


@pytest.mark.slow
def test_sentences_reserved_for_the_test_are_not_trained_on(bundled_run, folder, tmp_path):
    book, whole = g7tag.open_codebook(), shutil.copytree(bundled_run, tmp_path / "whole")
    ids = g7tag.open_run(whole).tags[["sentence_id"]]
    record(whole, ids.assign(act="background"), "Ada")
    parts = jobs.people_corpus(whole, book).rows.set_index("sentence_id")["part"]
    table = pd.concat([read_table(path) for path in g7tag.corpus.bundled_corpus()])
    reserved = table.loc[(table["part"] == "test") & table["sentence_id"].isin(parts.index), "sentence_id"]
    assert len(reserved) > 10
    assert set(parts[parts == "test"].index) == set(reserved)
    with pytest.raises(InputError, match=r"has no settled labels of people\. Label sentences first: `g7tag label "):
        jobs.people_corpus(folder, book)
    record(folder, g7tag.open_run(folder).tags[["sentence_id"]].assign(act="done"), "Ada")
    rows = jobs.people_corpus(folder, book).rows  # the ids of another report mean nothing
    assert (set(rows["part"]), len(rows)) == ({"train"}, 24)


@pytest.mark.slow
def test_two_directories_of_the_same_name_both_count_and_a_reserved_text_stays_reserved(folder, tmp_path):
    sentences = g7tag.open_run(folder).sentences
    ids, texts = (sentences[name].tolist() for name in ("sentence_id", "text"))
    runs = [shutil.copytree(folder, tmp_path / name / "run") for name in ("a", "b")]
    for path, own in zip(runs, (ids[:10], ids[8:18]), strict=True):
        record(path, pd.DataFrame({"sentence_id": own, "act": "background"}), "Ada")
    known = pd.DataFrame({"sentence_id": ["t"], "text": texts[:1], "part": ["test"]})
    joined = with_people(known, runs, g7tag.open_codebook())
    assert joined["text"].is_unique
    assert len(joined) == 18
    assert joined.loc[joined["text"] == texts[0], "part"].tolist() == ["test"]


@pytest.mark.slow
def test_a_new_commitment_starts_with_people_before_there_is_a_tagger(tmp_path):
    run, model, new = tmp_path / "run", tmp_path / "m.npz", tmp_path / "new"
    command("ingest", REPORT, "-o", run, "--codebook", HARBOURS, "--quiet")
    queue = run / "queue.xlsx"
    assert f"sentences to label in {queue}." in command("label", run).stderr
    codebook = g7tag.open_codebook(directory=run)
    filled = open_sheet(queue, key="sentence_id").rows.assign(act="background")
    for place, row in enumerate(filled.index[:-2]):  # a few of each dimension and strength
        key = codebook.dimension_keys[place % len(codebook.dimension_keys)]
        filled.loc[row, [key, "strength", "act"]] = ["x", ("strong", "weak")[place % 2], "done"]
    queue.write_bytes(label_workbook(filled, codebook))
    said = command("label", run, queue, "--annotator", "Ada").stderr
    assert f"{len(filled)} new labels by Ada. Still to label: 0 sentences." in said
    assert f"Next: g7tag train -o my.npz --with-labels {run}" in said
    command("train", "-o", model, "--with-labels", run, "--quiet")
    command("run", REPORT, "-o", new, "--codebook", HARBOURS, "--model", model, "--quiet")
    made = g7tag.open_run(new, model=model)
    assert (made.tags["dimensions"] != "").any()
    assert "Why this tag" in made.show("tags")._repr_html_()
