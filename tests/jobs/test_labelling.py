"""Doubtful sentences are queued for people; their decisions are kept, scored and never overwritten."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.errors import FrameError, InputError, RunError
from g7tag.report import deciding_lines, doubts_of, right_text
from g7tag.store import data_path, read_table

pytestmark = pytest.mark.slow

REPORT, DECISIONS = g7tag.example_path("invented-report.txt"), g7tag.example_path("invented-decisions.csv")
DOUBTFUL = "4 doubtful: 4 under 44% likely right"
AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_the_queue_has_the_doubtful_sentences_that_nobody_labelled(folder: Path) -> None:
    run = g7tag.open_run(folder)
    queue = run.label_queue()
    assert set(queue["sentence_id"]) == set(run.tags.loc[run.tags["needs_review"], "sentence_id"])
    weights = queue["decides"].map({"score": 0, "level": 1, "": 2})
    assert weights.is_monotonic_increasing
    for _, its in queue.groupby("decides"):
        assert its["p_right"].is_monotonic_increasing
    behind = run.sentences_behind()
    levels = set(behind.loc[behind["decides"] == "level", "sentence_id"])
    assert set(queue.loc[queue["decides"] == "level", "sentence_id"]) <= levels
    jobs.record_labels(folder, queue.head(1).assign(dimensions="", strength="none"), annotator="Ada")
    left = jobs.score_run(folder).label_queue()
    assert sorted(left["sentence_id"]) == sorted(queue["sentence_id"][1:])


def test_queue_sheet_and_desk_say_why_a_tag_is_doubtful_once_suggestions_are_shown(
    folder: Path, tmp_path: Path
) -> None:
    run = g7tag.open_run(folder)
    queue = run.label_queue()
    reasons = run.tags.set_index("sentence_id")["review_reason"]
    assert queue["review_reason"].tolist() == reasons[queue["sentence_id"]].tolist()
    assert (queue["review_reason"] != "").all()
    assert "review_reason" not in run.write_label_sheet(tmp_path / "blind.xlsx")
    sheet = run.write_label_sheet(tmp_path / "shown.xlsx", show_suggestions=True)
    doubts = doubts_of(run.tags)
    assert sheet["review_reason"].tolist() == doubts[sheet["sentence_id"]].tolist()
    view = jobs.desk_session(folder, annotator="Ada", show_suggestions=True).view()
    (said,) = view.said
    name = view.card.sentence_id
    share = run.tags.set_index("sentence_id").loc[name, "p_right"]
    assert said.note == f"{right_text(share)} likely right; doubtful: {doubts[name]}"


def test_a_doubtful_tag_whose_sentence_people_labelled_is_not_doubtful(folder: Path) -> None:
    run = g7tag.open_run(folder)
    assert f"24 sentences tagged ({DOUBTFUL})," in repr(run)
    doubtful = run.label_queue(select="doubtful")
    rows = doubtful.assign(dimensions="prevent", strength="strong", act="done")
    jobs.record_labels(folder, rows.head(1), annotator="Ada")
    assert f"24 sentences tagged ({DOUBTFUL}; 1 of them labelled by people)," in repr(jobs.score_run(folder))
    jobs.record_labels(folder, rows, annotator="Ada")
    decided = jobs.score_run(folder)
    assert f"24 sentences tagged ({DOUBTFUL}; all labelled by people)," in repr(decided)
    behind = decided.sentences_behind()
    assert set(doubtful["sentence_id"]) <= set(behind["sentence_id"])
    assert not behind["needs_review"].any()
    assert not [line for line in deciding_lines(behind) if "(doubtful)" in line]
    jobs.record_labels(folder, rows.assign(strength="weak"), annotator="Bo")  # the tagger's label counts again
    disputed = jobs.score_run(folder)
    assert f"24 sentences tagged ({DOUBTFUL})," in repr(disputed)
    assert disputed.sentences_behind()["needs_review"].any() == run.sentences_behind()["needs_review"].any()


def test_a_decision_counts_before_the_tag_and_changes_the_score(folder: Path) -> None:
    run = g7tag.open_run(folder)
    recorded = jobs.record_labels(folder, DECISIONS, annotator="Ada", at=AT).annotations
    decided = jobs.score_run(folder)
    assert len(recorded) == 13
    assert set(recorded["at"]) == {"2026-01-02T00:00:00.000+00:00"}
    assert decided.labels.set_index("sentence_id").loc["2024-19/CAN-06.1", "dimensions"] == "counter;dismantle"
    assert g7tag.label_changes(run.labels, decided.labels).to_dict("records")[-1] == {
        "sentence_id": "2024-19/CAN-07.2", "before": "none", "after": "strong prevent",
    }  # fmt: skip
    changes = g7tag.score_changes(run.scores, decided.scores)
    assert changes["member"].tolist() == ["Canada", "Canada"]
    assert changes[["before", "after"]].to_numpy().tolist() == [[0, 1], [0, 1]]
    assert len(g7tag.label_changes(run.labels, run.labels)) == len(g7tag.score_changes(run.scores, run.scores)) == 0


def test_the_command_line_scores_what_was_recorded_without_force(folder: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Ada", at=AT)
    result = CliRunner().invoke(app, ["score", str(folder)])
    assert result.exit_code == 0, result.output
    assert re.search(r" Canada +\+1 +\+1 ", result.stdout)
    again = CliRunner().invoke(app, ["run", str(REPORT), "-o", str(folder)])
    assert again.exit_code == 0, again.output
    assert re.search(r" Canada +\+1 +\+1 ", again.stdout)
    frames = {file.name: file.read_bytes() for file in folder.glob("*.parquet")}
    assert CliRunner().invoke(app, ["run", str(REPORT), "-o", str(folder)]).exit_code == 0
    assert {file.name: file.read_bytes() for file in folder.glob("*.parquet")} == frames


def test_an_adjudicator_counts_before_analysts_who_disagree(folder: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    jobs.record_labels(folder, row, annotator="Ada")
    jobs.record_labels(folder, row.assign(dimensions="prevent"), annotator="Bo")
    labels = jobs.score_run(folder).labels.set_index("sentence_id")
    assert labels.loc["2024-19/CAN-06.1", ["dimensions", "status"]].tolist() == ["", "conflict"]
    jobs.record_labels(folder, row.assign(dimensions="disrupt"), annotator="Cy", kind="adjudicator")
    labels = jobs.score_run(folder).labels.set_index("sentence_id")
    assert labels.loc["2024-19/CAN-06.1", ["dimensions", "status"]].tolist() == ["disrupt", "ok"]


def test_a_party_to_a_disagreement_cannot_settle_it_or_is_shown_everywhere_as_such(
    folder: Path, tmp_path: Path
) -> None:
    name, sheet = "2024-19/CAN-06.1", tmp_path / "sheet.csv"
    row = pd.DataFrame({"sentence_id": [name], "dimensions": ["dismantle"], "strength": ["strong"], "act": ["done"]})
    jobs.record_labels(folder, row, annotator="Ada", blind=True)
    jobs.record_labels(folder, row.assign(strength="weak"), annotator="Bo", blind=True)
    refused = r"annotator 'Ada': is a party to the disagreement on '2024-19/CAN-06\.1', so another person decides\."
    row.assign(note="I said so.").to_csv(sheet, index=False)
    words = ["label", str(folder), str(sheet), "--annotator", "Ada", "--adjudicator"]
    for call in (
        lambda: jobs.record_labels(folder, row, annotator="Ada", kind="adjudicator"),
        lambda: CliRunner().invoke(app, words, catch_exceptions=False),
        lambda: CliRunner().invoke(app, ["label", str(folder), *words[3:]], catch_exceptions=False),
        lambda: CliRunner().invoke(app, ["desk", str(folder), *words[3:], "--no-browser"], catch_exceptions=False),
    ):
        with pytest.raises(InputError, match=refused):
            call()
    proposed = called(str(folder), "--select", "disagreements", "--annotator", "Ada")[1]
    assert "--adjudicator" not in proposed
    assert called(str(folder), "--adjudicator", "--annotator", "Cy")[1].endswith(' --annotator "Cy" --adjudicator\n')
    forced = CliRunner().invoke(app, [*words, "--force"])
    line = f"The label of 1 sentence was decided by a party to the disagreement: {name} (Ada)."
    assert (forced.exit_code, line in forced.stderr) == (0, True)
    scored = CliRunner().invoke(app, ["score", str(folder)])
    assert line in scored.stderr
    assert "1 by Ada, a party to the disagreement" in scored.stdout
    assert line in CliRunner().invoke(app, ["agreement", str(folder)]).stdout
    page = " ".join((folder / "report.html").read_text(encoding="utf-8").split())
    assert "by Ada, a party to the disagreement (adjudicator)" in page
    assert "decided by a party to the disagreement)" in page  # in the history of the label
    assert line in page  # among the limits
    run = g7tag.open_run(folder)
    assert run.labels.set_index("sentence_id").loc[name, ["strength", "status"]].tolist() == ["strong", "ok"]
    run.write_report(csv=tmp_path / "tables")
    items = pd.read_csv(tmp_path / "tables/items-with-labels.csv")
    assert items.set_index("Sentence").loc[name, "Labelled by"] == "Ada, a party to the disagreement"
    found = run.agreement().by_party
    assert found.to_numpy().tolist() == [[name, "Ada"]]


def test_what_analysts_disagree_on_is_said_audited_queued_and_on_the_page(folder: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    jobs.record_labels(folder, row, annotator="Ada")
    jobs.record_labels(folder, row.assign(contradicts="yes"), annotator="Bo")
    said = "Ada: strong dismantle; Bo: strong dismantle, contradicts"
    result = CliRunner().invoke(app, ["score", str(folder)])
    assert result.exit_code == 0
    assert (
        "Analysts disagree on 1 sentence; the tagger's label counts until they agree or an adjudicator decides:\n"
        f"  2024-19/CAN-06.1: {said}\n"
    ) in result.stderr
    run = jobs.score_run(folder)
    (found,) = run.findings.query("check == 'analysts_disagree'").to_dict("records")
    assert (found["subject"], found["member"]) == ("2024-19/CAN-06.1", "Canada")
    assert found["message"].startswith(f"analysts disagree on its label ({said}). Until they agree or an adjudicator")
    queue = run.label_queue().set_index("sentence_id")
    assert queue.loc["2024-19/CAN-06.1", "analysts"] == said
    assert "analysts disagree on its label" in (folder / "report.html").read_text(encoding="utf-8")
    sheet = CliRunner().invoke(app, ["label", str(folder)])
    assert "Analysts disagree on 1 sentence (2024-19/CAN-06.1); the tagger's label counts until" in sheet.stderr
    assert said not in sheet.stderr  # who labels next must not see it
    jobs.record_labels(folder, row, annotator="Cy", kind="adjudicator")
    decided = jobs.score_run(folder)
    assert "analysts" not in decided.label_queue()
    assert "analysts_disagree" not in set(decided.findings["check"])
    assert "Analysts disagree" not in CliRunner().invoke(app, ["score", str(folder)]).stderr


def test_a_run_of_another_codebook_is_used_with_its_own(tmp_path: Path) -> None:
    book = g7tag.open_codebook(g7tag.example_path("harbours.toml"))
    model = g7tag.train_tagger(g7tag.corpus.read_corpus([g7tag.example_path("harbours-labelled.csv")], book), book)
    run = tmp_path / "run"
    g7tag.run_report([g7tag.example_path("harbours-report.txt")], output=run, codebook=book, model=model)
    assert g7tag.open_codebook(run / "codebook.toml").sha256 == book.sha256
    for command in ("score", "audit", "label"):
        result = CliRunner().invoke(app, [command, str(run)])
        assert result.exit_code == 0, (result.stderr, result.exception)
    other = CliRunner().invoke(app, ["score", str(run), "--codebook", str(data_path("codebooks/2024-apulia-19.toml"))])
    assert re.search(r"was read with a codebook that has the id .* Omit --codebook", str(other.exception))
    sentence = g7tag.open_run(run).sentences["sentence_id"].iloc[0]
    decided = pd.DataFrame({"sentence_id": [sentence], "dimensions": [book.dimension_keys[0]], "strength": ["strong"]})
    assert len(jobs.record_labels(run, decided, annotator="Ada").annotations) == 1
    (run / "codebook.toml").write_bytes(
        (run / "codebook.toml").read_bytes().replace(b"min_strong_items = ", b"min_strong_items = 1")
    )
    with pytest.raises(RunError, match=r"codebook\.toml: was changed after the reports were read"):
        jobs.score_run(run)


def test_force_replaces_frames_and_keeps_what_people_recorded(folder: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Ada", at=AT)
    run = g7tag.run_report([REPORT], output=folder, force=True)
    assert (run.annotations["kind"] == "analyst").sum() == 13


def test_a_wrong_decision_records_nothing(folder: Path) -> None:
    rows = read_table(DECISIONS)
    with pytest.raises(FrameError, match="nothing was recorded"):
        jobs.record_labels(folder, rows.assign(strength="mighty"), annotator="Ada")
    assert not list(folder.glob("labels/*.jsonl"))
    assert len(jobs.record_labels(folder, rows.head(0), annotator="Ada").annotations) == 0
    assert not list(folder.glob("labels/*.jsonl"))
    with pytest.raises(RunError, match="no such directory"):
        jobs.record_labels(folder.parent / "none", DECISIONS, annotator="Ada")


def test_the_sheet_comes_back_as_decisions_and_keeps_what_is_filled_in(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "doubtful.csv"
    sheet = run.write_label_sheet(file)
    assert read_table(file)["sentence_id"].tolist() == sheet["sentence_id"].tolist()
    assert len(jobs.record_labels(folder, file, annotator="Ada").annotations) == 0  # nothing is filled in
    cells = read_table(file)
    cells.loc[1, ["prevent", "strength", "act", "note"]] = ["x", "weak", "done", "=see page 3"]
    cells.to_csv(file, index=False)
    run.write_label_sheet(file)
    kept = read_table(file)
    assert kept.loc[1, ["strength", "note"]].tolist() == ["weak", "'=see page 3"]  # no spreadsheet runs it
    recorded = jobs.record_labels(folder, file, annotator="Ada").annotations
    assert recorded[["dimensions", "strength", "note"]].to_numpy().tolist() == [["prevent", "weak", "=see page 3"]]
    after = jobs.score_run(folder).write_label_sheet(file)
    assert len(after) == len(sheet)  # one fewer to decide, and the decided one at the end
    assert after["sentence_id"].iloc[-1] == cells["sentence_id"][1]


def test_a_file_that_is_no_sheet_is_refused_and_left(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"other\.csv: no column 'sentence_id', found 'a', 'b'\. Use a sheet that g7tag wrote"
    ):
        run.write_label_sheet(file)
    assert file.read_text(encoding="utf-8") == "a,b\n1,2\n"
    with pytest.raises(InputError, match=r"\.csv"):
        run.write_label_sheet(tmp_path / "sheet.txt")


def test_labels_that_are_not_scored_yet_are_mentioned(folder: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Ada")
    said = f"some recorded labels are not scored yet: run `g7tag score {folder}`, then audit again."
    assert said in jobs.audit_run(folder).notes
    assert said in CliRunner().invoke(app, ["score", str(folder), "--final"]).stderr
    jobs.score_run(folder)
    assert said not in jobs.audit_run(folder).notes


def test_the_same_decisions_are_recorded_once(folder: Path) -> None:
    assert len(jobs.record_labels(folder, DECISIONS, annotator="Ada").annotations) == 13
    assert len(jobs.record_labels(folder, DECISIONS, annotator="Ada").annotations) == 0
    assert len(jobs.record_labels(folder, DECISIONS, annotator="Bo").annotations) == 13


def test_a_sheet_of_another_text_is_refused_and_its_rows_wait_at_the_end(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "doubtful.csv"
    g7tag.open_run(folder).write_label_sheet(file)
    cells = read_table(file)
    cells.loc[cells["sentence_id"] == "2024-19/CAN-06.2", ["dismantle", "strength"]] = ["x", "strong"]
    cells.assign(mine="a remark").to_csv(file, index=False)
    changed = tmp_path / "changed.txt"
    text = REPORT.read_text(encoding="utf-8")
    changed.write_text(text.replace("On 9 July 2024", "On 1 July 2024, it rained.\n\nOn 9 July 2024"), encoding="utf-8")
    run = g7tag.run_report([changed], output=folder, force=True)  # every item of Canada has another number now
    with pytest.raises(
        FrameError,
        match=r"1 problem; nothing was recorded\.\n  doubtful\.csv, D4: the text of '2024-19/CAN-06\.2' differs",
    ):
        jobs.record_labels(folder, file, annotator="Ada")
    sheet = run.write_label_sheet(file)
    kept = sheet[sheet["dismantle"] == "x"]
    assert kept["text"].str.contains("its telephones are silent").tolist() == [True]
    assert set(sheet.loc[sheet["mine"] != "", "mine"]) == {"a remark"}
    assert not sheet.drop(index=kept.index)["text"].isin(kept["text"]).all()


def test_a_sheet_with_two_filled_rows_of_one_sentence_is_refused_and_left(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "doubtful.csv"
    cells = run.write_label_sheet(file).head(1).assign(strength="none")
    pd.concat([cells, cells.assign(note="again")]).to_csv(file, index=False)
    before = file.read_bytes()
    with pytest.raises(InputError, match=r"doubtful\.csv: several filled-in rows for '2024-19/.*'\. Keep one"):
        run.write_label_sheet(file)
    assert file.read_bytes() == before


def test_a_label_on_another_commitment_is_refused(folder: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-20/CAN-01.1"], "dimensions": [""], "strength": ["none"]})
    with pytest.raises(FrameError, match=r"'2024-20/CAN-01\.1' is not a sentence of this run's commitment"):
        jobs.record_labels(folder, row, annotator="Ada")


def test_a_run_scored_by_the_corpus_labels_is_scored_by_them_again(tmp_path: Path) -> None:
    run = g7tag.run_report(output=tmp_path / "run", policy="adjudicated")
    sentence = run.sentences["sentence_id"].iloc[0]
    row = pd.DataFrame({"sentence_id": [sentence], "dimensions": ["disrupt"], "strength": ["weak"]})
    jobs.record_labels(tmp_path / "run", row, annotator="Ada", kind="adjudicator")
    again = jobs.score_run(tmp_path / "run")
    assert set(again.labels["policy"]) == {"adjudicated"}
    assert again.labels["dimensions"].iloc[0] == "disrupt"


def test_a_sentence_whose_text_changed_since_a_person_labelled_it_is_doubtful_again(folder: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Ada")
    run = jobs.score_run(folder)
    assert run.label_queue().empty
    changed = replace(run, sentences=run.sentences.assign(text=run.sentences["text"] + " Also."))
    assert len(changed.label_queue()) == 4


def test_a_working_copy_leaves_the_run_as_it_is(folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    copy = g7tag.open_run(folder).copy()
    copy.record_labels(DECISIONS, annotator="Ada")
    assert len(copy.rescore().label_queue()) < len(copy.label_queue())
    assert {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    with pytest.raises(RunError, match="none: no such directory"):
        g7tag.open_run(folder / "none")
    with pytest.raises(InputError, match=r"run: already exists\. Give the name of a new directory"):
        g7tag.open_run(folder).copy(folder)
    with pytest.raises(InputError, match=r"the run is not saved, but this needs a run directory\. Pass `output=DIR`"):
        g7tag.run_report().copy()


def test_an_unknown_example_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"example 'x': not found\. Expected one of 'border-report\.txt', "):
        g7tag.example_path("x")


def called(*words: str, code: int = 0) -> tuple[str, str]:
    """What the command `label` printed on stdout and stderr."""
    result = CliRunner().invoke(app, ["label", *words])
    assert result.exit_code == code, result.output
    return result.stdout, result.stderr


def test_the_command_writes_the_sheet_and_takes_it_back(folder: Path) -> None:
    out, err = called(str(folder))
    assert out == f"{folder / 'queue.xlsx'}\n"
    assert err.startswith(f"4 sentences to label in {folder / 'queue.xlsx'}.\nNext: g7tag label {folder} ")
    sheet = folder / "queue.csv"
    assert called(str(folder), "--sheet", str(sheet))[0] == f"{sheet}\n"
    cells = read_table(sheet)
    decision = ["x", "x", "X", "strong", "done"]
    columns = ["prevent", "dismantle", "disrupt", "strength", "act"]
    cells.loc[cells["sentence_id"] == "2024-19/CAN-06.2", columns] = decision
    cells.to_csv(sheet, index=False)
    out, err = called(str(folder), str(sheet), "--annotator", " Ada ")
    assert "2024-19/CAN-06.2" in out
    assert re.search(r"Canada +scoring-table +0 +\+1", out)
    assert err == "1 new label by Ada. 1 sentence label and 2 scores changed. Still to label: 3 sentences.\n"
    out, err = called(str(folder), str(sheet), "--annotator", "Ada", "--json")
    assert json.loads(out) == {"labels": [], "scores": []}
    assert err.startswith("0 new labels by Ada. 0 sentence labels and 0 scores changed")
    called(str(folder), str(sheet), "--annotator", "Cy", "--adjudicator")
    assert set(g7tag.open_run(folder).labels["status"]) == {"ok"}


def test_the_command_refuses_a_sheet_of_nobody_and_one_that_is_wrong(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("sentence_id,dimensions,strength\nx,,none\n", encoding="utf-8")
    assert "required with a sheet. Give your name: --annotator NAME." in called(str(folder), str(sheet), code=2)[1]
    result = CliRunner().invoke(app, ["label", str(folder), str(sheet), "--annotator", "Ada"])
    assert isinstance(result.exception, FrameError)  # main prints it, with exit code 3
    assert not list(folder.glob("labels/*.jsonl"))


def test_a_label_given_again_after_another_analyst_labelled_is_not_independent(folder: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    jobs.record_labels(folder, row, annotator="Ada", blind=True)
    corrected = jobs.record_labels(folder, row.assign(note="typo"), annotator="Ada", blind=True).annotations
    assert corrected[["occasion", "blind"]].to_numpy().tolist() == [["label", True]]
    jobs.record_labels(folder, row.assign(strength="weak"), annotator="Bo", blind=True)
    agreed = jobs.record_labels(folder, row.assign(strength="weak"), annotator="Ada", blind=True).annotations
    assert agreed[["occasion", "blind"]].to_numpy().tolist() == [["change", False]]
    run = jobs.score_run(folder)
    assert set(run.labels["status"]) == {"ok"}  # they agree now
    parts = run.agreement().parts.set_index("part")
    assert parts.loc["strength", "percent"] == 0  # on their own they did not


def test_what_a_person_has_labelled_is_not_in_that_persons_queue(folder: Path) -> None:
    run = g7tag.open_run(folder)
    jobs.record_labels(
        folder, run.label_queue(select="all").head(3)[["sentence_id"]].assign(act="done"), annotator="Ada"
    )
    run = jobs.score_run(folder)
    everything = len(run.label_queue(select="all"))
    assert len(run.label_queue(select="all", annotator="Ada")) == everything - 3
    assert len(run.label_queue(select="all", annotator="Bo")) == everything


def test_labels_that_do_not_count_any_more_are_named(folder: Path, tmp_path: Path) -> None:
    jobs.record_labels(folder, DECISIONS, annotator="Ada")
    changed = tmp_path / "changed.txt"
    text = REPORT.read_text(encoding="utf-8")
    changed.write_text(text.replace("On 9 July 2024", "On 1 July 2024, it rained.\n\nOn 9 July 2024"), encoding="utf-8")
    g7tag.run_report([changed], output=folder, force=True)
    said = CliRunner().invoke(app, ["audit", str(folder)]).stderr
    assert "labels do not count: the sentence is gone, or its text differs (2024-19/CAN-" in said
