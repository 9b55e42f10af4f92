"""People's labels become labelled sentences: to check, to share and to train a tagger, for a new commitment, too."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from people import command, label

import g7tag
from g7tag import jobs
from g7tag.codebook import Codebook
from g7tag.corpus import read_corpus
from g7tag.errors import InputError
from g7tag.jobs.training import with_people
from g7tag.report import label_workbook, wanted_lines
from g7tag.store import RunDirectory, open_sheet, read_table
from g7tag.tagger.few_labels import ENOUGH, ENOUGH_OF_EACH, train_few_labels

HARBOURS, REPORT, LABELLED = (
    g7tag.example_path(f"harbours{name}") for name in (".toml", "-report.txt", "-labelled.csv")
)


@pytest.mark.slow
def test_settled_labels_become_a_labelled_file_that_every_command_reads(decided: Path, tmp_path: Path) -> None:
    differs = label(sentence_id="2024-19/CAN-02.1", dimensions="counter")
    same = label(sentence_id="2024-19/CAN-03.1", dimensions="prevent").drop(columns="act")
    jobs.record_labels(decided, differs, annotator="Bo")
    jobs.record_labels(decided, same, annotator="Bo")
    file = tmp_path / "labelled.csv"
    said = command("corpus", "add", decided, "-o", file).stderr
    assert f"{file}: 12 labelled sentences; 1 disputed sentence left out." in said
    table = read_table(file).set_index("sentence_id")
    assert "2024-19/CAN-02.1" not in table.index
    both = table.loc["2024-19/CAN-03.1"]
    assert both[["dimensions", "strength", "c1_dimensions", "c2_strength", "date", "member"]].tolist() == [
        "prevent", "strong", "prevent", "strong", "2024-10-21", "Canada",
    ]  # fmt: skip
    assert both["url"].startswith("https://")
    assert set(table["contradicts"]) == {"false"}
    assert command("corpus", "check", file).stderr.endswith("All checks passed.\n")
    assert len(jobs.record_labels(decided, file, annotator="Cy").annotations) == 12
    with pytest.raises(InputError, match=r"labelled\.csv: already exists"):
        jobs.write_people_corpus(decided, file)


@pytest.mark.slow
def test_a_tagger_learns_from_the_labels_of_people(decided_run: Path, tmp_path: Path) -> None:
    book, corpus = g7tag.open_codebook(), tmp_path / "few.csv"
    rows = pd.concat([read_table(path) for path in g7tag.corpus.bundled_corpus()])
    rows[rows["part"] == "train"].drop_duplicates("text").iloc[::10].to_csv(corpus, index=False)
    taggers = []
    for name, more in (("without", ()), ("with", ("--with-labels", decided_run))):
        file = tmp_path / f"{name}.skops"
        said = command("train", "-o", file, "--corpus", corpus, *more, "--quiet").stderr
        taggers.append(g7tag.load_tagger(file, book))
        assert f"trained on {taggers[-1].about['corpus_rows']} sentences" in said
    assert taggers[1].about["corpus_rows"] - taggers[0].about["corpus_rows"] == 13
    sentences = g7tag.open_run(decided_run).sentences.query("item_id == '2024-19/CAN-06'")
    without, learned = (g7tag.tag_sentences(sentences, each, book)["p_dismantle"].iloc[-1] for each in taggers)
    assert without < learned


@pytest.mark.slow
def test_sentences_reserved_for_the_test_are_not_trained_on(bundled_run: Path, folder: Path, tmp_path: Path) -> None:
    book, whole = g7tag.open_codebook(), shutil.copytree(bundled_run, tmp_path / "whole")
    ids = g7tag.open_run(whole).tags[["sentence_id"]]
    jobs.record_labels(whole, ids.assign(act="background"), annotator="Ada")
    parts = jobs.people_corpus(whole, book).rows.set_index("sentence_id")["part"]
    table = pd.concat([read_table(path) for path in g7tag.corpus.bundled_corpus()])
    reserved = table.loc[(table["part"] == "test") & table["sentence_id"].isin(parts.index), "sentence_id"]
    assert len(reserved) > 10
    assert set(parts[parts == "test"].index) == set(reserved)
    with pytest.raises(InputError, match=r"has no settled labels of people\. Label sentences first: `g7tag label "):
        jobs.people_corpus(folder, book)
    jobs.record_labels(folder, g7tag.open_run(folder).tags[["sentence_id"]].assign(act="done"), annotator="Ada")
    rows = jobs.people_corpus(folder, book).rows  # the ids of another report mean nothing
    assert (set(rows["part"]), len(rows)) == ({"train"}, 24)


@pytest.mark.slow
def test_two_directories_of_the_same_name_both_count_and_a_reserved_text_stays_reserved(
    folder: Path, tmp_path: Path
) -> None:
    sentences = g7tag.open_run(folder).sentences
    ids, texts = (sentences[name].tolist() for name in ("sentence_id", "text"))
    runs = [shutil.copytree(folder, tmp_path / name / "run") for name in ("a", "b")]
    for path, own in zip(runs, (ids[:10], ids[8:18]), strict=True):
        jobs.record_labels(path, pd.DataFrame({"sentence_id": own, "act": "background"}), annotator="Ada")
    known = pd.DataFrame({"sentence_id": ["t"], "text": texts[:1], "part": ["test"]})
    joined = with_people(known, runs, g7tag.open_codebook())
    assert joined["text"].is_unique
    assert len(joined) == 18
    assert joined.loc[joined["text"] == texts[0], "part"].tolist() == ["test"]


@pytest.mark.slow
def test_a_new_commitment_starts_with_people_before_there_is_a_tagger(tmp_path: Path) -> None:
    run, model, new = tmp_path / "run", tmp_path / "m.skops", tmp_path / "new"
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
    assert f"Next: g7tag train -o my.skops --with-labels {run}" in said
    command("train", "-o", model, "--with-labels", run, "--quiet")
    command("run", REPORT, "-o", new, "--codebook", HARBOURS, "--model", model, "--quiet")
    assert (g7tag.open_run(new).tags["dimensions"] != "").any()


@pytest.mark.slow
def test_a_run_remembers_what_its_tagger_wants_and_the_sheet_asks_for_it(
    harbours: Codebook, small_lenders: None, tmp_path: Path
) -> None:
    run, model = tmp_path / "run", tmp_path / "m.skops"
    tagger = train_few_labels(read_corpus([LABELLED], harbours), harbours)
    g7tag.run_report(REPORT, output=run, codebook=harbours, model=tagger)
    wanted = jobs.wanted_setting(RunDirectory(run))
    assert wanted == {"dredge": ENOUGH_OF_EACH - 12, "light": ENOUGH_OF_EACH - 12, "insure": ENOUGH_OF_EACH - 9}
    frames = jobs.frames_to_label(run, harbours)
    expected = jobs.label_queue(frames, harbours, wanted=wanted)["sentence_id"].tolist()
    assert expected != jobs.label_queue(frames, harbours)["sentence_id"].tolist()
    assert g7tag.open_run(run).label_queue()["sentence_id"].tolist() == expected
    command("label", run, "--sheet", run / "q.csv")
    assert pd.read_csv(run / "q.csv")["sentence_id"].tolist() == expected
    rows = pd.DataFrame({"sentence_id": expected[:3], "dimensions": ["light", "", "dredge;light"], "act": "done"})
    jobs.record_labels(run, rows.assign(strength=["weak", "none", "weak"]), annotator="Ada")
    lines = command("train", "-o", model, "--with-labels", run, "--quiet").stderr.splitlines()
    assert lines[0].endswith("trained on 3 sentences (run).")
    assert lines[1].startswith("Every tag needs review: ")
    assert lines[2] == (
        "Most useful: labelled sentences on Insure (40 more), Dredge (39 more) and Light (38 more). "
        "In all 197 more are wanted."
    )
    assert lines[3].startswith(f"Next: g7tag tag {run} --model {model}")
    command("tag", run, "--model", model, "--force", "--quiet")
    assert jobs.wanted_setting(RunDirectory(run)) == {"dredge": 39, "light": 38, "insure": 40}


def test_a_run_of_a_tagger_that_wants_nothing_remembers_nothing(invented_run: Path, tmp_path: Path) -> None:
    assert jobs.wanted_setting(RunDirectory(invented_run)) == {}
    assert jobs.wanted_setting(RunDirectory(tmp_path / "new")) == {}


def test_what_is_wanted_is_worded_for_each_case(harbours: Codebook) -> None:
    none = dict.fromkeys(harbours.dimension_keys, 0)
    assert wanted_lines({}, harbours) == wanted_lines({"wanted": none, "wanted_sentences": 0}, harbours) == []
    assert wanted_lines({"wanted": none, "wanted_sentences": 1}, harbours)[1] == "Label 1 more sentence."
    one = wanted_lines({"wanted": none | {"light": 4}, "wanted_sentences": 0}, harbours)
    assert one[1] == "Most useful: labelled sentences on Light (4 more)."
    equal = wanted_lines({"wanted": dict.fromkeys(none, 40), "wanted_sentences": ENOUGH}, harbours)
    assert equal[1] == (
        "Most useful: labelled sentences on Dredge (40 more), Light (40 more) and Insure (40 more). "
        "In all 200 more are wanted."
    )
