"""Doubtful sentences are queued for people; their decisions are kept, scored and never overwritten."""

import json
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from people import AT, NAME, command, files, label, record

import g7tag
from g7tag import jobs
from g7tag.errors import FrameError, InputError, RunError
from g7tag.labels import random_order
from g7tag.report import deciding_lines, doubtful_text, doubts_of, right_text
from g7tag.store import RunDirectory, read_table

REPORT, DECISIONS = g7tag.example_path("invented-report.txt"), g7tag.example_path("invented-decisions.csv")
UNSCORED = "some recorded labels are not scored yet: run `g7tag score {}`, then audit again."


def test_the_queue_of_each_purpose_and_its_order(invented_run):
    run = g7tag.open_run(invented_run)
    queue, behind = run.label_queue(), run.sentences_behind()
    assert set(queue["sentence_id"]) == set(run.tags.loc[run.tags["needs_review"], "sentence_id"])
    assert queue["decides"].map({"score": 0, "level": 1, "": 2}).is_monotonic_increasing
    assert all(its["p_right"].is_monotonic_increasing for _, its in queue.groupby("decides"))
    levels = set(behind.loc[behind["decides"] == "level", "sentence_id"])
    assert set(queue.loc[queue["decides"] == "level", "sentence_id"]) <= levels
    everything = run.label_queue(select="all")
    assert everything["sentence_id"].tolist() == run.tags["sentence_id"].tolist()
    flips = set(run.label_queue(select="flips")["sentence_id"])
    assert flips
    assert set(run.label_queue(select="deciding")["sentence_id"]) == flips | {*behind["sentence_id"]}
    assert set(run.label_queue(select="all", member="CAN")["member"]) == {"Canada"}
    assert 0 < len(run.label_queue(select="all", dimension="counter")) < len(everything)
    assert run.label_queue(select="disagreements").empty
    with pytest.raises(InputError, match=r"dimension 'x': not in the codebook\. Expected one of 'counter'"):
        run.label_queue(dimension="x")


def test_a_random_sample_is_in_random_order_and_grows_at_its_end(invented_run):
    run, every = g7tag.open_run(invented_run), g7tag.open_run(invented_run).tags["sentence_id"].tolist()
    half, whole, other = (
        run.label_queue(select="audit", audit_share=share, random_state=seed)["sentence_id"].tolist()
        for share, seed in ((0.5, 0), (1.0, 0), (1.0, 1))
    )
    assert whole[: len(half)] == half
    assert sorted(whole) == sorted(other) == sorted(every)
    assert every != whole != other


@pytest.mark.slow
def test_queue_sheet_and_desk_say_why_a_tag_is_doubtful_once_suggestions_are_shown(invented_run, tmp_path):
    run = g7tag.open_run(invented_run)
    queue, reasons = run.label_queue(), run.tags.set_index("sentence_id")["review_reason"]
    assert queue["review_reason"].tolist() == reasons[queue["sentence_id"]].tolist()
    assert "review_reason" not in run.write_label_sheet(tmp_path / "blind.xlsx")
    sheet = run.write_label_sheet(tmp_path / "shown.xlsx", show_suggestions=True)
    doubts = doubts_of(run.tags)
    assert sheet["review_reason"].tolist() == doubts[sheet["sentence_id"]].tolist()
    view = jobs.desk_session(g7tag.Run.at(invented_run), annotator="Ada", show_suggestions=True).view()
    share = run.tags.set_index("sentence_id").loc[view.card.sentence_id, "p_right"]
    assert view.said[0].note == f"{right_text(share)} likely right; doubtful: {doubts[view.card.sentence_id]}"


@pytest.mark.slow
def test_a_decision_counts_before_the_tag_and_changes_the_score(folder):
    run = g7tag.open_run(folder)
    recorded = record(folder, DECISIONS, at=AT).annotations
    assert len(recorded) == 13
    assert set(recorded["at"]) == {"2026-01-02T00:00:00.000+00:00"}
    decided = run.rescore()
    assert decided.labels.set_index("sentence_id").loc[NAME, "dimensions"] == "counter;dismantle"
    changed = g7tag.label_changes(run.labels, decided.labels).set_index("sentence_id")["after"]
    assert changed["2024-19/CAN-07.2"] == "strong prevent"
    changes = g7tag.score_changes(run.scores, decided.scores)
    assert changes[["member", "after"]].to_numpy().tolist() == [["Canada", 1]] * 2
    doubtful = set(run.tags.loc[run.tags["needs_review"], "sentence_id"])
    for each in (run, decided):  # also before it is scored
        assert set(each.label_queue()["sentence_id"]) == doubtful - set(recorded["sentence_id"])
    changed = decided.with_frames(sentences=run.sentences.assign(text=run.sentences["text"] + " Also."))
    assert set(changed.label_queue()["sentence_id"]) == doubtful  # labels are of a text
    everything, of_ada, of_bo = (run.label_queue(select="all", annotator=who) for who in ("", "Ada", "Bo"))
    assert set(everything["sentence_id"]) - set(of_ada["sentence_id"]) == set(recorded["sentence_id"])
    assert len(of_bo) == len(everything)


@pytest.mark.slow
def test_the_command_line_scores_what_was_recorded_without_force(folder):
    record(folder, DECISIONS, "Ada")
    said = UNSCORED.format(folder)
    assert said in " ".join(repr(g7tag.open_run(folder)).split())
    assert said in jobs.audit_run(g7tag.Run.at(folder)).notes
    assert said in command("score", folder, "--final").stderr
    assert re.search(r" Canada +\+1 +\+1 ", command("score", folder).stdout)
    assert said not in jobs.audit_run(g7tag.Run.at(folder)).notes
    frames = {file.name: file.read_bytes() for file in folder.glob("*.parquet")}
    assert re.search(r" Canada +\+1 +\+1 ", command("run", REPORT, "-o", folder, "--tagger", "fast").stdout)
    assert {file.name: file.read_bytes() for file in folder.glob("*.parquet")} == frames
    forced = g7tag.run_report([REPORT], output=folder, fast=True, force=True)  # keeps what people recorded
    assert (forced.annotations["kind"] == "analyst").sum() == 13


@pytest.mark.slow
def test_a_doubtful_tag_whose_sentence_people_labelled_is_not_doubtful(folder):
    run = g7tag.open_run(folder)
    doubtful = run.label_queue(select="doubtful")
    said = f"24 sentences tagged ({doubtful_text(run.tags)}"
    rows = doubtful.assign(dimensions="prevent", strength="strong", act="done")
    record(folder, rows.head(1), "Ada")
    scored = g7tag.Run.at(folder).rescore()
    assert f"{said}; 1 of them labelled by people)," in " ".join(repr(scored).split())
    assert sorted(scored.label_queue()["sentence_id"]) == sorted(doubtful["sentence_id"][1:])
    record(folder, rows, "Ada")
    decided = g7tag.Run.at(folder).rescore()
    assert f"{said}; all labelled by people)," in " ".join(repr(decided).split())
    behind = decided.sentences_behind()
    assert set(doubtful["sentence_id"]) <= set(behind["sentence_id"])
    assert not behind["needs_review"].any()
    assert not [line for line in deciding_lines(behind) if "(doubtful)" in line]
    record(folder, rows.assign(strength="weak"), "Bo")  # the tagger's label counts again
    assert f"{said})," in repr(g7tag.Run.at(folder).rescore())


@pytest.mark.slow
def test_what_analysts_disagree_on_is_named_everywhere_until_an_adjudicator_decides(folder):
    record(folder, label(), "Ada", blind=True)
    record(folder, label(contradicts="yes"), "Bo")
    said = "Ada: strong dismantle; Bo: strong dismantle, contradicts"
    assert (
        "Analysts disagree on 1 sentence; the tagger's label counts until they agree or an adjudicator decides:\n"
        f"  {NAME}: {said}\n"
    ) in command("score", folder).stderr
    run = g7tag.Run.at(folder).rescore()
    assert run.labels.set_index("sentence_id").loc[NAME, ["dimensions", "status"]].tolist() == ["", "conflict"]
    (found,) = run.findings.query("check == 'analysts_disagree'").to_dict("records")
    assert (found["subject"], found["member"]) == (NAME, "Canada")
    assert found["message"].startswith(f"analysts disagree on its label ({said}). Until they agree or an adjudicator")
    assert run.label_queue().set_index("sentence_id").loc[NAME, "analysts"] == said
    assert "analysts disagree on its label" in (folder / "report.html").read_text(encoding="utf-8")
    sheet = command("label", folder).stderr
    assert f"Analysts disagree on 1 sentence ({NAME}); the tagger's label counts until" in sheet
    assert said not in sheet  # who labels next must not see it
    record(folder, label(dimensions="disrupt"), "Cy", kind="adjudicator")
    decided = g7tag.Run.at(folder).rescore()
    assert decided.labels.set_index("sentence_id").loc[NAME, ["dimensions", "status"]].tolist() == ["disrupt", "ok"]
    assert "analysts" not in decided.label_queue()
    record(folder, label(sentence_id="2024-19/CAN-07.1"), "Bo")
    record(folder, label(sentence_id="2024-19/CAN-07.1"), "Ada")
    assert "1 by Ada and Bo" in command("score", folder).stdout
    assert "analysts_disagree" not in set(decided.findings["check"])


@pytest.mark.slow
def test_a_party_to_a_disagreement_cannot_settle_it_or_is_shown_everywhere_as_such(folder, tmp_path):
    sheet, ada = tmp_path / "sheet.csv", ["--annotator", "Ada", "--adjudicator"]
    record(folder, label(), "Ada", blind=True)
    record(folder, label(strength="weak"), "Bo", blind=True)
    refused = rf"annotator 'Ada': is a party to the disagreement on '{NAME}', so another person decides\."
    label(note="I said so.").to_csv(sheet, index=False)
    with pytest.raises(InputError, match=refused):
        record(folder, label(), "Ada", kind="adjudicator")
    for words in (["label", folder, sheet, *ada], ["label", folder, *ada], ["desk", folder, *ada, "--no-browser"]):
        assert re.match(refused, str(command(*words, code=3).exception))
    assert "--adjudicator" not in command("label", folder, "--select", "disagreements", "--annotator", "Ada").stderr
    written = command("label", folder, "--adjudicator", "--annotator", "Cy").stderr
    assert written.endswith(' --annotator "Cy" --adjudicator\n')
    line = f"The label of 1 sentence was decided by a party to the disagreement: {NAME} (Ada)."
    assert line in command("label", folder, sheet, *ada, "--force").stderr
    scored = command("score", folder)
    assert line in scored.stderr
    assert "1 by Ada, a party to the disagreement" in scored.stdout
    assert line in command("agreement", folder).stdout
    page = " ".join((folder / "report.html").read_text(encoding="utf-8").split())
    assert "by Ada, a party to the disagreement (adjudicator)" in page
    assert "decided by a party to the disagreement)" in page  # in the history of the label
    assert line in page  # among the limits
    run = g7tag.open_run(folder)
    assert run.labels.set_index("sentence_id").loc[NAME, ["strength", "status"]].tolist() == ["strong", "ok"]
    run.write_report(csv=tmp_path / "tables")
    items = pd.read_csv(tmp_path / "tables/items-with-labels.csv")
    assert items.set_index("Sentence").loc[NAME, "Labelled by"] == "Ada, a party to the disagreement"
    assert run.agreement().by_party.to_numpy().tolist() == [[NAME, "Ada"]]


def test_a_wrong_decision_is_named_and_records_nothing_and_the_same_one_is_recorded_once(folder):
    rows = label(dimensions="prevnt", act="")
    rows.loc[1] = {"sentence_id": "CAN-06.1", "dimensions": "", "strength": "none", "act": ""}
    with pytest.raises(FrameError) as error:
        record(folder, pd.concat([rows, label(sentence_id="2024-19/CAN-01.1")]), "Ada")
    assert str(error.value).splitlines() == [
        "labels: 2 problems; nothing was recorded.",
        "  row 0, column 'dimensions': 'prevnt' is not one of prevent, counter, dismantle, disrupt. Did you mean "
        "'prevent'?",
        "  row 1, column 'sentence_id': 'CAN-06.1' is not a sentence of this run's commitment. Expected an id such as "
        "2024-19/DEU-16.2.",
    ]
    assert record(folder, read_table(DECISIONS).head(0), "Ada").annotations.empty
    assert not list(folder.glob("labels/*.jsonl"))
    with pytest.raises(RunError, match="no such directory"):
        record(folder.parent / "none", DECISIONS, "Ada")
    counts = [len(record(folder, DECISIONS, who).annotations) for who in ("Ada", "Ada", "Bo")]
    assert counts == [13, 0, 13]


@pytest.mark.slow
def test_a_label_given_again_after_another_analyst_labelled_is_not_independent(folder):
    def given(who, **change):
        made = record(folder, label(**change), who, blind=True).annotations
        return made[["occasion", "blind"]].to_numpy().tolist()

    assert given("Ada") == given("Ada", note="typo") == given("Bo", strength="weak") == [["label", True]]
    assert given("Ada", strength="weak") == [["change", False]]
    assert g7tag.Run.at(folder).label_queue(select="disagreements").empty  # they agree now
    parts = g7tag.Run.at(folder).agreement().parts.set_index("part")
    assert parts.loc["strength", "percent"] == 0  # on their own they did not


@pytest.mark.slow
def test_labels_of_sentences_that_are_gone_are_kept_and_named(decided, folder, tmp_path):
    changed = tmp_path / "changed.txt"
    text = REPORT.read_text(encoding="utf-8")
    changed.write_text(text.replace("On 9 July 2024", "On 1 July 2024, it rained.\n\nOn 9 July 2024"), encoding="utf-8")
    g7tag.run_report([changed], output=folder, force=True)
    said = "labels do not count: the sentence is gone, or its text differs (2024-19/CAN-"
    assert said in command("merge", folder, decided, code=4).stderr
    assert said in command("audit", folder).stderr
    assert len(g7tag.Run.at(folder).merge_labels([decided]).added) == 0  # all are kept


@pytest.mark.slow
def test_a_working_copy_leaves_the_run_as_it_is(folder):
    before = files(folder)
    copy = g7tag.open_run(folder).copy()
    copy.record_labels(DECISIONS, annotator="Ada")
    assert len(g7tag.label_changes(copy.labels, copy.rescore().labels)) > 5
    assert files(folder) == before
    with pytest.raises(InputError, match=r"run: already exists\. Give the name of a new directory"):
        g7tag.open_run(folder).copy(folder)
    (folder / "items.parquet").write_bytes(b"damaged")
    with pytest.raises(RunError):
        replace(copy, store=RunDirectory(folder)).copy(folder.parent / "new")
    assert not (folder.parent / "new").exists()


@pytest.mark.slow
def test_the_command_writes_the_sheet_and_takes_it_back(folder):
    done, n = command("label", folder), int(g7tag.open_run(folder).tags["needs_review"].sum())
    assert done.stdout == f"{folder / 'queue.xlsx'}\n"
    assert done.stderr.startswith(f"{n} sentences to label in {folder / 'queue.xlsx'}.\nNext: g7tag label {folder} ")
    sheet = folder / "queue.csv"
    assert command("label", folder, "--sheet", sheet).stdout == f"{sheet}\n"
    cells = read_table(sheet)
    columns = ["prevent", "dismantle", "disrupt", "strength", "act"]
    cells.loc[cells["sentence_id"] == "2024-19/CAN-06.2", columns] = ["x", "x", "X", "strong", "done"]
    cells.to_csv(sheet, index=False)
    assert "required with a sheet. Give your name: --annotator NAME." in command("label", folder, sheet, code=2).stderr
    done = command("label", folder, sheet, "--annotator", " Ada ")
    assert "2024-19/CAN-06.2" in done.stdout
    assert re.search(r"Canada +scoring-table +0 +\+1", done.stdout)
    said = f"1 sentence label and 2 scores changed. Still to label: {n - 1} sentences.\n"
    assert done.stderr == f"1 new label by Ada. {said}"
    done = command("label", folder, sheet, "--annotator", "Ada", "--json")
    assert json.loads(done.stdout) == {"labels": [], "scores": []}
    assert done.stderr.startswith("0 new labels by Ada. 0 sentence labels and 0 scores changed")


@pytest.mark.slow
def test_the_sample_bounds_the_errors_and_a_run_scored_by_the_labels_of_the_corpus_stays_so(bundled_run, tmp_path):
    path = shutil.copytree(bundled_run, tmp_path / "run")
    with pytest.raises(InputError, match=r"has no labels of people\. Label the random sample first: `g7tag label "):
        g7tag.Run.at(path).certify()
    tags, parts = g7tag.open_run(path).tags.set_index("sentence_id"), ["dimensions", "strength", "exclusion", "act"]
    given = tags.loc[random_order(tags.index)[:100]]
    sure = given.index[~given["needs_review"] & (given["dimensions"] != "")]
    rows = given[parts].reset_index()  # as the tagger labels them, except for two
    rows.loc[rows["sentence_id"].isin(sure[:2]), parts] = ["", "none", "", "background"]
    record(path, rows, "Ada", blind=True)
    found = g7tag.Run.at(path).certify()
    whole = found.errors.iloc[0]
    assert (found.sample["n"].tolist(), whole["wrong"]) == ([100], 2)
    assert 0 < whole["share"] < whole["at_most"] < 0.15
    out = command("certify", path).stdout
    assert "Random sample: the first 100 sentences of 422 in random order have a blind label by people." in out
    assert f"at most {whole['at_most']:.1%} are wrong in any part (95% confidence); 2 of {whole['n']} were." in out
    assert f"To show at most 5%, label {whole['more_needed']} more sentences" in out
    assert set(json.loads(command("certify", path, "--json").stdout)) == set(found._fields)
    command("score", path, "--policy", "adjudicated", "--force")
    first = tags.index[0]
    record(path, label(sentence_id=first, dimensions="disrupt", strength="weak"), "Bo", kind="adjudicator")
    again = g7tag.Run.at(path).rescore().labels.set_index("sentence_id")
    assert (set(again["policy"]), again.loc[first, "dimensions"]) == ({"adjudicated"}, "disrupt")
