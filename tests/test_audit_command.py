"""The audit command: its output, the files it keeps, and its exit codes."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from g7tag import jobs
from g7tag.cli import app

pytestmark = pytest.mark.slow


def g7tag(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


TITLE = "2024 G7 Apulia Summit Final Compliance Report\n\n19. Migration\n\nAssessment\n\n"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("audit") / "run"
    assert g7tag("run", "-o", output, "--quiet").exit_code == 0
    return output


@pytest.fixture
def run(scored: Path, tmp_path: Path) -> Path:
    """A run directory of the bundled evidence, to be changed."""
    return Path(shutil.copytree(scored, tmp_path / "run"))


def decide(run: Path, finding_id: str, **cells: str) -> None:
    ledger = pd.read_csv(run / "ledger.csv", dtype="str", keep_default_na=False).set_index("finding_id")
    for name, cell in cells.items():
        ledger.loc[finding_id, name] = cell
    ledger.reset_index().to_csv(run / "ledger.csv", index=False)


def test_the_first_line_is_the_one_that_matters_first(run: Path) -> None:
    result = g7tag("audit", run)
    first = result.stdout.splitlines()[0]
    assert result.exit_code == 0
    assert " findings (2 high, " in first
    assert (
        "2024-19/EUU: relabelling a single item can change the score of +1. 2 items can do so; the most likely is "
        "EUU-30" in first
    )


def test_every_member_has_its_reasons(run: Path) -> None:
    out = g7tag("audit", run).stdout
    blocks = {block.partition(":")[0]: block for block in out.split("\n\n")[2:10]}
    assert next(iter(blocks)) == "Canada"
    assert len(blocks) == 8
    for block in blocks.values():
        for word in (
            "suggested",
            "published",
            "Levels:",
            "Rule:",
            "Probability of each score",
            "Smallest flip",
            "strong action",
        ):
            assert word in block
    assert "Levels: strong in prevent (2 strong items, 1 weak item; strong: CAN-03, CAN-04)" in blocks["Canada"]
    assert (
        "for 1 item can change the score, if it is one of these: EUU-12, EUU-30. Most likely (probability "
        in blocks["European Union"]
    )
    assert (
        "other labels for EUU-30. Then the member would be weak in prevent, and its score would be 0."
        in blocks["European Union"]
    )


def test_findings_stand_by_severity(run: Path) -> None:
    out = g7tag("audit", run).stdout
    places = [out.index(f"\n{severity}: ") for severity in ("High", "Medium", "Low")]
    assert places == sorted(places)


def test_the_ledger_is_made_and_told_of_on_stderr(run: Path) -> None:
    result = g7tag("audit", run)
    ledger = pd.read_csv(run / "ledger.csv")
    assert f"Ledger: {len(ledger)} rows, {len(ledger)} open, 0 decided, 0 dismissed." in result.stderr
    assert ledger["finding_id"].head(1).tolist() == ["score:2024-19/CAN"]


@pytest.mark.parametrize("severity", ["high", "low"])
def test_fail_on_exits_with_4_where_there_is_such_a_finding(run: Path, severity: str) -> None:
    result = g7tag("audit", run, "--fail-on", severity)
    assert result.exit_code == 4
    assert f"--fail-on {severity}: " in result.stderr


def test_fail_on_passes_where_no_finding_is_as_grave(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(f"{TITLE}Japan: -1\n\nOn 1 July 2024, they met.\n", encoding="utf-8")
    assert g7tag("run", tmp_path / "r.txt", "-o", tmp_path / "run", "--quiet").exit_code == 0
    assert g7tag("audit", tmp_path / "run", "--fail-on", "high").exit_code == 0
    assert g7tag("audit", tmp_path / "run", "--fail-on", "medium").exit_code == 4


def test_json_is_json_alone_with_the_findings_of_the_frame(run: Path) -> None:
    result = g7tag("audit", run, "--json")
    printed = json.loads(result.stdout)
    findings = pd.read_parquet(run / "findings.parquet")
    assert [row["finding_id"] for row in printed["findings"]] == findings["finding_id"].tolist()
    assert set(printed) == {
        "findings",
        "scores",
        "flips",
        "thresholds",
        "joint_actions",
        "equal_evidence",
        "ledger_notes",
    }


def test_a_second_audit_changes_no_byte(run: Path) -> None:
    g7tag("audit", run)
    before = {file.name: file.read_bytes() for file in run.glob("*.*")}
    assert g7tag("audit", run).exit_code == 0
    assert {file.name: file.read_bytes() for file in run.glob("*.*")} == before


def test_what_was_decided_is_the_final_score(run: Path) -> None:
    g7tag("audit", run)
    decide(run, "score:2024-19/EUU", status="decided", owner="Ada", note="border equipment", decision="0")
    result = g7tag("score", run, "--final", "--json")
    final = {row["member"]: row for row in json.loads(result.stdout)}
    assert (result.exit_code, len(final)) == (0, 8)
    columns = ("suggested", "final_score", "basis", "decided_by", "why")
    assert {name: final["European Union"][name] for name in columns} == {
        "suggested": 1, "final_score": 0, "basis": "decided", "decided_by": "Ada", "why": "border equipment",
    }  # fmt: skip
    assert (final["Canada"]["final_score"], final["Canada"]["basis"]) == (None, "agreed")
    table = g7tag("score", run, "--final").stdout
    assert "border equipment" in table
    assert re.search(r"Canada +0 +0 +none +Agrees, not decided +nobody", table)


def test_without_a_ledger_nobody_has_decided_a_final_score(run: Path) -> None:
    result = g7tag("score", run, "--final", "--json")
    assert {(row["basis"], row["final_score"]) for row in json.loads(result.stdout)} == {("agreed", None)}
    assert not (run / "ledger.csv").exists()


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"status": "done", "decision": "0"}, "status 'done' is unknown"),
        ({"status": "decided", "decision": "7"}, "decision '7' is not a score"),
    ],
    ids=["status", "decision"],
)
def test_a_row_that_cannot_be_used_is_named_and_not_applied(run: Path, cells: dict[str, str], problem: str) -> None:
    g7tag("audit", run)
    decide(run, "score:2024-19/EUU", **cells)
    result = g7tag("score", run, "--final", "--json")
    assert problem in result.stderr
    assert {row["member"]: row["basis"] for row in json.loads(result.stdout)}["European Union"] == "open"
    again = g7tag("audit", run)
    assert (again.exit_code, problem in again.stderr) == (0, True)


def test_a_deleted_row_is_named(run: Path) -> None:
    g7tag("audit", run)
    ledger = pd.read_csv(run / "ledger.csv", dtype="str", keep_default_na=False)
    ledger[ledger["finding_id"] != "depends_on_threshold:2024-19"].to_csv(run / "ledger.csv", index=False)
    assert "row depends_on_threshold:2024-19 was deleted and is restored as open." in g7tag("audit", run).stderr


def test_a_ledger_that_cannot_be_read_leaves_the_file_alone(run: Path) -> None:
    (run / "ledger.csv").write_text("id;status\na;open\n", encoding="utf-8")
    result = g7tag("audit", run)
    assert result.exception is not None
    assert "column 'finding_id' is missing" in str(result.exception)
    assert (run / "ledger.csv").read_text(encoding="utf-8") == "id;status\na;open\n"


def test_force_keeps_the_ledger(run: Path) -> None:
    g7tag("audit", run)
    decide(run, "score:2024-19/EUU", status="decided", owner="Ada", decision="0")
    before = (run / "ledger.csv").read_text(encoding="utf-8")
    assert g7tag("score", run, "--force", "--quiet").exit_code == 0
    assert (run / "ledger.csv").read_text(encoding="utf-8") == before


def test_a_directory_that_was_not_scored_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(f"{TITLE}Japan: 0\n\nOn 1 July 2024, they met.\n", encoding="utf-8")
    assert g7tag("ingest", tmp_path / "r.txt", "-o", tmp_path / "run").exit_code == 0
    result = g7tag("audit", tmp_path / "run")
    assert "` first." in str(result.exception)
    assert not (tmp_path / "run" / "ledger.csv").exists()


def test_a_receipt_of_the_run_holds_and_a_changed_one_does_not(run: Path) -> None:
    receipt = run / "receipts" / "2024-19-CAN.json"
    for words in ((), (run,)):
        assert g7tag("score", *words, "--verify", receipt).exit_code == 0
    receipt.write_text(
        receipt.read_text(encoding="utf-8").replace('"n_strong": 2', '"n_strong": 9', 1), encoding="utf-8"
    )
    result = g7tag("score", run, "--verify", receipt)
    assert result.exit_code == 4
    assert "matrix.prevent.n_strong: the receipt says 9, recomputed gives 2" in result.stdout


@pytest.mark.parametrize(("name", "message"), [("gone.json", "No such file"), ("scores.parquet", "not a receipt")])
def test_what_is_no_receipt_is_refused(run: Path, name: str, message: str) -> None:
    assert message in str(g7tag("score", "--verify", run / name).exception)


def test_the_rubric_is_checked_by_a_command_of_its_own(tmp_path: Path) -> None:
    result = g7tag("codebook", "check")
    assert (result.exit_code, result.stderr) == (0, "2024-apulia-19, version 2.0.0: 4 problems in the scoring rules.\n")
    assert "smallest example: weak action in prevent and counter, none in dismantle and disrupt" in result.stdout
    assert g7tag("codebook", "check", "--strict").exit_code == 4
    problems: list[dict[str, Any]] = json.loads(g7tag("codebook", "check", "--json").stdout)
    assert [row["problem"] for row in problems] == ["gap", "overlap", "overlap", "readings disagree"]


def test_what_is_decided_while_an_audit_runs_is_kept(run: Path) -> None:
    g7tag("audit", run)

    def decide_meanwhile(step: str) -> None:
        if step == "comparing items with one another":
            decide(run, "score:2024-19/EUU", status="decided", owner="Ada", decision="0")

    jobs.audit_run(run, force=True, announce=decide_meanwhile)
    ledger = pd.read_csv(run / "ledger.csv", dtype="str", keep_default_na=False).set_index("finding_id")
    assert ledger.loc["score:2024-19/EUU", ["status", "owner", "decision"]].tolist() == ["decided", "Ada", "0"]


def test_a_forced_audit_writes_the_page_anew(run: Path) -> None:
    before = (run / "report.html").read_bytes()
    assert g7tag("audit", run, "--force").exit_code == 0
    assert (run / "report.html").read_bytes() == before


def test_another_report_in_the_place_leaves_no_receipt_of_the_old_and_no_row_is_called_deleted(run: Path) -> None:
    g7tag("audit", run)
    report = run.parent / "r.txt"
    report.write_text(f"{TITLE}Japan: 0\n\nOn 1 July 2024, they met.\n\nItaly: 0\n", encoding="utf-8")
    assert g7tag("run", report, "-o", run, "--force", "--quiet").exit_code == 0
    assert sorted(file.name for file in (run / "receipts").iterdir()) == ["2024-19-ITA.json", "2024-19-JPN.json"]
    result = g7tag("audit", run)
    assert (result.exit_code, "was deleted" in result.stderr) == (0, False)
    assert "no longer found. " in (run / "ledger.csv").read_text(encoding="utf-8")


def test_a_report_with_hardly_anything_in_it_is_audited(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(f"{TITLE}Canada: 0\n\nJapan: 0\n\nOn 1 July 2024, they met.\n", encoding="utf-8")
    assert g7tag("run", tmp_path / "r.txt", "-o", tmp_path / "run", "--quiet").exit_code == 0
    result = g7tag("audit", tmp_path / "run")
    assert result.exit_code == 0
    assert "Most severe: 2024-19/CAN: has no items" in result.stdout
    assert "Smallest flip: none. No change of its items' labels changes the score." in result.stdout
