"""People's labels become labelled sentences: to check, to share and to train a tagger, for a new commitment, too."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import InputError
from g7tag.jobs.labelled import with_people
from g7tag.report import label_workbook
from g7tag.store import open_sheet, read_table

pytestmark = pytest.mark.slow

DECISIONS = g7tag.example_path("invented-decisions.csv")


def called(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, (result.output, result.exception)
    return result.stderr


def test_settled_labels_become_a_labelled_file_that_every_command_reads(folder: Path, tmp_path: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Bo")
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-02.1"], "dimensions": ["counter"], "strength": ["strong"]})
    jobs.record_labels(folder, row.assign(act="done"), annotator="Ada")  # differs from Bo
    same = pd.DataFrame({"sentence_id": ["2024-19/CAN-03.1"], "dimensions": ["prevent"], "strength": ["strong"]})
    jobs.record_labels(folder, same, annotator="Ada")
    file = tmp_path / "labelled.csv"
    said = called("corpus", "add", folder, "-o", file)
    assert f"{file}: 12 labelled sentences; 1 disputed sentence left out." in said
    table = read_table(file).set_index("sentence_id")
    assert "2024-19/CAN-02.1" not in table.index
    both = table.loc["2024-19/CAN-03.1"]
    assert both[["dimensions", "strength", "c1_dimensions", "c2_strength", "date", "member"]].tolist() == [
        "prevent", "strong", "prevent", "strong", "2024-10-21", "Canada",
    ]  # fmt: skip
    assert both["url"].startswith("https://")
    assert set(table["contradicts"]) == {"false"}
    assert called("corpus", "check", file).endswith("All checks passed.\n")
    again = tmp_path / "again"
    g7tag.open_run(folder).copy(again)
    assert "12 new labels by Cy" in called("label", again, file, "--annotator", "Cy")
    with pytest.raises(InputError, match=r"labelled\.csv: already exists"):
        jobs.write_people_corpus(folder, file)


def test_a_tagger_learns_from_the_labels_of_people(folder: Path, tmp_path: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Bo")
    said = called("train", "-o", tmp_path / "m.skops", "--with-labels", folder, "--quiet")
    with_people = g7tag.load_tagger(tmp_path / "m.skops", g7tag.open_codebook())
    called("train", "-o", tmp_path / "n.skops", "--quiet")
    without = g7tag.load_tagger(tmp_path / "n.skops", g7tag.open_codebook())
    assert with_people.about["corpus_rows"] - without.about["corpus_rows"] == 13
    assert f"trained on {with_people.about['corpus_rows']} sentences" in said
    sentences = g7tag.open_run(folder).sentences.query("item_id == '2024-19/CAN-06'")
    tags = [g7tag.tag_sentences(sentences, each, g7tag.open_codebook()) for each in (without, with_people)]
    assert tags[0]["p_dismantle"].iloc[-1] < tags[1]["p_dismantle"].iloc[-1]


def test_sentences_reserved_for_the_test_are_not_trained_on(folder: Path, tmp_path: Path) -> None:
    book, whole = g7tag.open_codebook(), tmp_path / "whole"
    run = g7tag.run_report(output=whole, fast=True)
    jobs.record_labels(whole, run.tags[["sentence_id"]].assign(act="background"), annotator="Ada")
    parts = jobs.people_corpus(whole, book).rows.set_index("sentence_id")["part"]
    table = pd.concat([read_table(path) for path in g7tag.corpus.bundled_corpus()])
    reserved = table.loc[(table["part"] == "test") & table["sentence_id"].isin(parts.index), "sentence_id"]
    assert len(reserved) > 10
    assert set(parts[parts == "test"].index) == set(reserved)
    other = jobs.record_labels(folder, g7tag.open_run(folder).tags[["sentence_id"]].assign(act="done"), annotator="Ada")
    rows = jobs.people_corpus(folder, book).rows  # the ids of another report mean nothing
    assert set(rows["part"]) == {"train"}
    assert len(rows) == len(other.annotations)


def test_two_directories_of_the_same_name_both_count_and_a_reserved_text_stays_reserved(
    folder: Path, tmp_path: Path
) -> None:
    book = g7tag.open_codebook()
    ids = g7tag.open_run(folder).tags["sentence_id"].tolist()
    runs = [tmp_path / name / "run" for name in ("a", "b")]
    for path, own in zip(runs, (ids[:10], ids[8:18]), strict=True):
        g7tag.open_run(folder).copy(path)
        jobs.record_labels(path, pd.DataFrame({"sentence_id": own, "act": "background"}), annotator="Ada")
    texts = g7tag.open_run(folder).sentences.set_index("sentence_id")["text"]
    known = pd.DataFrame({"sentence_id": ["t"], "text": [texts[ids[0]]], "part": ["test"]})
    joined = with_people(known, runs, book)
    assert joined["text"].is_unique
    assert len(joined) == 18
    assert joined.loc[joined["text"] == texts[ids[0]], "part"].tolist() == ["test"]


def test_nothing_labelled_is_said(folder: Path) -> None:
    with pytest.raises(InputError, match=r"has no settled labels of people\. Label sentences first: `g7tag label "):
        jobs.people_corpus(folder, g7tag.open_codebook())


def test_a_new_commitment_starts_with_people_before_there_is_a_tagger(tmp_path: Path) -> None:
    run, book = tmp_path / "run", g7tag.example_path("harbours.toml")
    called("ingest", g7tag.example_path("harbours-report.txt"), "-o", run, "--codebook", book, "--quiet")
    said = called("label", run)
    queue = run / "queue.xlsx"
    assert f"sentences to label in {queue}." in said
    sheet = open_sheet(queue, key="sentence_id").rows
    codebook = g7tag.open_codebook(directory=run)
    filled = sheet.assign(act="background")
    for place, row in enumerate(filled.index[:-2]):  # a few of each dimension and strength
        key = codebook.dimension_keys[place % len(codebook.dimension_keys)]
        filled.loc[row, [key, "strength", "act"]] = ["x", ("strong", "weak")[place % 2], "done"]
    queue.write_bytes(label_workbook(filled, codebook))
    said = called("label", run, queue, "--annotator", "Ada")
    assert f"{len(sheet)} new labels by Ada. Still to label: 0 sentences." in said
    assert f"Next: g7tag train -o my.skops --with-labels {run}" in said
    called("train", "-o", tmp_path / "m.skops", "--with-labels", run, "--quiet")
    called(
        "run",
        g7tag.example_path("harbours-report.txt"),
        "-o",
        tmp_path / "new",
        "--codebook",
        book,
        "--model",
        tmp_path / "m.skops",
        "--quiet",
    )
    tags = g7tag.open_run(tmp_path / "new").tags
    assert (tags["dimensions"] != "").any()
