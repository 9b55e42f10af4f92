"""Doubtful sentences come to people, and what they decide is kept, scored and never overwritten."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.errors import FrameError, InputError, RunError
from g7tag.store import read_table

REPORT, DECISIONS = g7tag.example_path("invented-report.txt"), g7tag.example_path("invented-decisions.csv")
AT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    g7tag.run_report([REPORT], output=tmp_path / "run")
    return tmp_path / "run"


def test_the_queue_has_the_doubtful_sentences_that_nobody_labelled(folder: Path) -> None:
    run = g7tag.open_run(folder)
    queue = g7tag.review_queue(run)
    assert set(queue["sentence_id"]) == set(run.tags.loc[run.tags["needs_review"], "sentence_id"])
    weights = queue["decides"].map({"score": 0, "level": 1, "": 2})
    assert weights.is_monotonic_increasing
    for _, its in queue.groupby("decides"):
        assert its["p_right"].is_monotonic_increasing
    behind = g7tag.sentences_behind(run)
    levels = set(behind.loc[behind["decides"] == "level", "sentence_id"])
    assert set(queue.loc[queue["decides"] == "level", "sentence_id"]) <= levels
    g7tag.record_labels(folder, queue.head(1).assign(dimensions="", strength="none"), annotator="Ada")
    left = g7tag.review_queue(g7tag.score_run(folder))
    assert sorted(left["sentence_id"]) == sorted(queue["sentence_id"][1:])


def test_a_decision_counts_before_the_tag_and_changes_the_score(folder: Path) -> None:
    run = g7tag.open_run(folder)
    recorded = g7tag.record_labels(folder, DECISIONS, annotator="Ada", at=AT)
    decided = g7tag.score_run(folder)
    assert len(recorded) == 10
    assert set(recorded["at"]) == {"2026-01-02T00:00:00+00:00"}
    assert decided.labels.set_index("sentence_id").loc["2024-19/CAN-06.1", "dimensions"] == "counter;dismantle"
    assert g7tag.label_changes(run.labels, decided.labels).to_dict("records")[-1] == {
        "sentence_id": "2024-19/JPN-05.1", "before": "strong counter;disrupt", "after": "strong counter",
    }  # fmt: skip
    changes = g7tag.score_changes(run.scores, decided.scores)
    assert changes["member"].tolist() == ["Canada", "Canada"]
    assert changes[["before", "after"]].to_numpy().tolist() == [[0, 1], [0, 1]]
    assert len(g7tag.label_changes(run.labels, run.labels)) == len(g7tag.score_changes(run.scores, run.scores)) == 0


def test_the_command_line_scores_what_was_recorded_without_force(folder: Path) -> None:
    g7tag.record_labels(folder, DECISIONS, annotator="Ada", at=AT)
    result = CliRunner().invoke(app, ["score", str(folder)])
    assert result.exit_code == 0, result.output
    assert " Canada      +1         +1 " in result.stdout
    again = CliRunner().invoke(app, ["run", str(REPORT), "-o", str(folder)])
    assert again.exit_code == 0, again.output
    assert " Canada      +1         +1 " in again.stdout
    frames = {file.name: file.read_bytes() for file in folder.glob("*.parquet")}
    assert CliRunner().invoke(app, ["run", str(REPORT), "-o", str(folder)]).exit_code == 0
    assert {file.name: file.read_bytes() for file in folder.glob("*.parquet")} == frames


def test_an_adjudicator_counts_before_analysts_who_disagree(folder: Path) -> None:
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    g7tag.record_labels(folder, row, annotator="Ada")
    g7tag.record_labels(folder, row.assign(dimensions="prevent"), annotator="Bo")
    labels = g7tag.score_run(folder).labels.set_index("sentence_id")
    assert labels.loc["2024-19/CAN-06.1", ["dimensions", "status"]].tolist() == ["counter", "conflict"]
    g7tag.record_labels(folder, row.assign(dimensions="disrupt"), annotator="Cy", kind="adjudicator")
    labels = g7tag.score_run(folder).labels.set_index("sentence_id")
    assert labels.loc["2024-19/CAN-06.1", ["dimensions", "status"]].tolist() == ["disrupt", "ok"]


def test_force_replaces_frames_and_keeps_what_people_recorded(folder: Path) -> None:
    g7tag.record_labels(folder, DECISIONS, annotator="Ada", at=AT)
    run = g7tag.run_report([REPORT], output=folder, force=True)
    assert (run.annotations["kind"] == "analyst").sum() == 10


def test_a_wrong_decision_records_nothing(folder: Path) -> None:
    rows = read_table(DECISIONS)
    with pytest.raises(FrameError, match="nothing was recorded"):
        g7tag.record_labels(folder, rows.assign(strength="mighty"), annotator="Ada")
    assert not (folder / "reviews.sqlite").exists()
    assert len(g7tag.record_labels(folder, rows.head(0), annotator="Ada")) == 0
    assert not (folder / "reviews.sqlite").exists()
    with pytest.raises(RunError, match="no sentences frame"):
        g7tag.record_labels(folder.parent / "none", DECISIONS, annotator="Ada")


def test_the_sheet_comes_back_as_decisions_and_keeps_what_is_filled_in(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "doubtful.csv"
    sheet = g7tag.write_review_sheet(run, file)
    assert read_table(file)["sentence_id"].tolist() == sheet["sentence_id"].tolist()
    assert len(g7tag.record_labels(folder, file, annotator="Ada")) == 0  # nothing is filled in
    cells = read_table(file)
    cells.loc[1, ["dimensions", "strength", "note"]] = ["prevent", "weak", "=see page 3"]
    cells.to_csv(file, index=False)
    g7tag.write_review_sheet(run, file)
    kept = read_table(file)
    assert kept.loc[1, ["strength", "note"]].tolist() == ["weak", "'=see page 3"]  # no spreadsheet runs it
    recorded = g7tag.record_labels(folder, file, annotator="Ada")
    assert recorded[["dimensions", "strength", "note"]].to_numpy().tolist() == [["prevent", "weak", "=see page 3"]]
    after = g7tag.write_review_sheet(g7tag.score_run(folder), file)
    assert len(after) == len(sheet)  # one fewer to decide, and the decided one at the end
    assert after["sentence_id"].iloc[-1] == cells["sentence_id"][1]


def test_a_file_that_is_no_sheet_is_refused_and_left(folder: Path, tmp_path: Path) -> None:
    run, file = g7tag.open_run(folder), tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"other\.csv: is no review sheet: column 'sentence_id' is missing"):
        g7tag.write_review_sheet(run, file)
    assert file.read_text(encoding="utf-8") == "a,b\n1,2\n"
    with pytest.raises(InputError, match=r"\.csv"):
        g7tag.write_review_sheet(run, tmp_path / "sheet.txt")


def test_a_decision_on_a_score_is_final_and_one_that_cannot_be_is_refused(folder: Path) -> None:
    g7tag.audit_run(folder)
    ledger = folder / "ledger.csv"
    before = ledger.read_bytes()
    why = {"owner": "Ada", "note": "read it all"}
    with pytest.raises(InputError, match=r"ledger\.csv: no row 'score:x', found .*\. Audit the run"):
        g7tag.decide(folder, "score:x", **why)
    with pytest.raises(InputError, match=r"decision 2 of 'score:2024-19/CAN': expected -1, 0 or 1 in a row of a score"):
        g7tag.decide(folder, "score:2024-19/CAN", decision=2, **why)
    with pytest.raises(InputError, match="expected -1, 0 or 1 in a row of a score, and none elsewhere"):
        g7tag.decide(folder, "score_differs:2024-19/CAN", decision=1, **why)
    assert ledger.read_bytes() == before
    final = g7tag.decide(folder, "score:2024-19/CAN", decision=-1, **why).set_index("member")
    assert final.loc["Canada", ["final_score", "basis", "decided_by", "why"]].tolist() == [-1, "decided", *why.values()]
    g7tag.decide(folder, "score_differs:2024-19/CAN", dismissed=True, **why)
    rows = read_table(ledger).set_index("finding_id")
    assert rows.loc["score_differs:2024-19/CAN", "status"] == "dismissed"
    assert g7tag.audit_run(folder).ledger.rows["status"].value_counts()["decided"] == 1


def test_a_working_copy_leaves_the_run_as_it_is(folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    copy = g7tag.working_copy(folder)
    g7tag.record_labels(copy, DECISIONS, annotator="Ada")
    g7tag.score_run(copy)
    assert {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    with pytest.raises(RunError, match="is no directory"):
        g7tag.working_copy(folder / "none")


def test_an_unknown_example_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"example 'x': there is none, expected one of 'harbours-labelled\.csv', "):
        g7tag.example_path("x")
