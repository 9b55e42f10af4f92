"""The board of a project: each number is what the run itself says, and what blocks a chapter is what comes next."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from people import AT, command, record

import g7tag
from g7tag import Run, jobs
from g7tag.errors import InputError
from g7tag.frames import BOARD, validate


def board(folder: Path) -> pd.DataFrame:
    """The board of a folder, by directory."""
    return validate(g7tag.project_status(folder), BOARD).set_index("directory")


def row_of(run: Path) -> pd.Series:
    return board(run).loc[str(run)]


def test_a_run_nobody_labelled_says_what_the_run_says(folder: Path) -> None:
    run, row = g7tag.open_run(folder), row_of(folder)
    queue = run.label_queue()
    assert (row["n_doubtful"], row["n_labelled"], row["n_items"]) == (len(queue), 0, len(run.items))
    assert row["blocked_by"] == f"{len(queue)} doubtful sentences"
    assert (row["commitment_id"], row["title"]) == ("2024-19", run.codebook.commitment.title)
    basis = run.final_scores()["basis"]
    assert (row["n_scores"], row["n_decided"]) == (len(basis), int((basis == "agreed").sum()))
    assert row["n_high"] == (run.findings["severity"] == "high").sum() > 0
    assert (row["labelled_by"], row["planned"], row["n_conflicts"], row["n_adjudicated"]) == ("", "", 0, 0)


@pytest.mark.slow
def test_what_blocks_a_chapter_follows_the_work(folder: Path) -> None:
    run = g7tag.open_run(folder)
    run.write_label_plan(["Ada", "Bo"], shared=1.0)
    queue = run.label_queue()[["sentence_id"]]
    rows = queue.assign(act="background")
    record(folder, rows.head(1), "Ada", blind=True, at=AT)
    row = row_of(folder)
    assert (row["n_labelled"], row["labelled_by"], row["planned"]) == (1, "Ada", "Ada;Bo")
    assert row["blocked_by"] == f"{len(queue) - 1} doubtful sentences"
    record(folder, rows, "Ada", blind=True, at=AT)
    key = run.codebook.dimension_keys[0]
    record(folder, rows.head(3).assign(act="done", dimensions=key, strength="strong"), "Bo", blind=True, at=AT)
    row = row_of(folder)
    assert (row["n_conflicts"], row["blocked_by"], row["labelled_by"]) == (3, "3 conflicts", "Ada;Bo")
    record(folder, rows.head(3), "Cem", kind="adjudicator", at=AT)
    row = row_of(folder)
    assert (row["n_conflicts"], row["n_adjudicated"], row["blocked_by"]) == (0, 3, "labels not scored")
    scored = Run.at(folder).rescore()
    undecided = scored.final_scores().query("basis == 'open'")["member"].tolist()
    row = row_of(folder)
    assert row["n_scores"] - row["n_decided"] == len(undecided)
    for member in undecided:
        Run.at(folder).decide(f"score:{member}", decision=0, owner="Dov", note="read")
    high = scored.findings.query("severity == 'high'")["finding_id"].tolist()
    row = row_of(folder)
    assert (row["n_decided"], row["n_high"]) == (row["n_scores"], len(high))
    assert row["blocked_by"] == f"{len(high)} high findings open"
    ledger = pd.read_csv(folder / "ledger.csv", dtype="str", keep_default_na=False)
    ledger.loc[ledger["finding_id"].isin(high[1:]), ["status", "owner", "note"]] = ["dismissed", "Dov", "no"]
    ledger.to_csv(folder / "ledger.csv", index=False)
    assert row_of(folder)["blocked_by"] == "1 high finding open"
    Run.at(folder).decide(high[0], owner="Dov", note="no", dismissed=True)
    assert (row_of(folder)["blocked_by"], row_of(folder)["n_high"]) == ("", 0)


@pytest.mark.slow
def test_an_early_run_and_a_damaged_one_are_rows_and_other_folders_are_skipped(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "project"
    for name in ("a", "b", "c"):
        shutil.copytree(folder, place / name)
    (place / "notes").mkdir()
    (place / "b/manifest.json").write_text("{}", encoding="utf-8")
    (place / "c/tags.parquet").write_bytes(b"")
    report, book = map(g7tag.example_path, ("harbours-report.txt", "harbours.toml"))
    command("ingest", report, "--codebook", book, "-o", place / "d")
    found = board(place)
    assert [Path(name).name for name in found.index] == ["a", "b", "c", "d"]
    blocked = found["blocked_by"].tolist()
    assert (blocked[1].startswith("cannot be read: "), "manifest.json: cannot be read" in blocked[1]) == (True, True)
    assert (blocked[2].startswith("cannot be read: "), "tags.parquet: was changed" in blocked[2]) == (True, True)
    early = found.iloc[3]
    assert (early["blocked_by"], early["n_doubtful"]) == ("not tagged", len(Run.at(place / "d").sentences))
    assert found.loc[:, "n_scores":"n_high"].isna().all(axis=1).tolist() == [False, True, True, True]
    result = command("status", place, code=4)
    assert [name for name in ("2024-19", "2030-03", "not tagged", "cannot be") if name not in result.output] == []
    assert [row["blocked_by"] for row in json.loads(command("status", place, "--json", code=4).stdout)] == blocked


def test_a_folder_without_runs_is_empty_and_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    assert (board(tmp_path).empty, "has no run directory yet" in command("status", tmp_path).output) == (True, True)
    with pytest.raises(InputError, match=r"none: is not a folder\. Expected a project folder"):
        jobs.project_status(tmp_path / "none")
