"""The audit command and the decisions in its ledger: files, messages, exit codes. `test_golden` has what it prints."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from g7tag import jobs
from g7tag.report import first_findings
from g7tag.store import read_table

TITLE = "2024 G7 Apulia Summit Final Compliance Report\n\n19. Migration\n\nAssessment\n\n"


def decide(run, finding_id, **cells):
    ledger = read_table(run / "ledger.csv").fillna("").set_index("finding_id")
    for name, cell in cells.items():
        ledger.loc[finding_id, name] = cell
    ledger.reset_index().to_csv(run / "ledger.csv", index=False)


@pytest.fixture(scope="module")
def audited(invented_run, tmp_path_factory, command):
    path = Path(shutil.copytree(invented_run, tmp_path_factory.mktemp("audited") / "run"))
    assert command("audit", path)[0] == 0
    return path


@pytest.fixture
def run(audited, tmp_path):
    """An audited run directory of the invented report, to be changed."""
    return Path(shutil.copytree(audited, tmp_path / "run"))


@pytest.mark.slow
def test_an_audit_keeps_a_ledger_and_a_second_one_changes_no_byte(folder, command):
    code, out, err = command("audit", folder)
    before = {file.name: file.read_bytes() for file in folder.glob("*.*")}
    printed = json.loads(command("audit", folder, "--json", "--force")[1])
    assert {file.name: file.read_bytes() for file in folder.glob("*.*")} == before
    assert [row["finding_id"] for row in printed["findings"]] == jobs.Run.at(folder).findings["finding_id"].tolist()
    assert set(printed) == {
        "findings", "scores", "flips", "thresholds", "joint_actions", "equal_evidence", "ledger_notes",
    }  # fmt: skip
    ledger = pd.read_csv(folder / "ledger.csv")
    assert (code, re.match(r"\d+ findings \(\d high, ", out) is not None) == (0, True)
    assert f"Ledger: {len(ledger)} rows, {len(ledger)} open, 0 decided, 0 dismissed." in err
    assert ledger["finding_id"].head(1).tolist() == ["score:2024-19/CAN"]


@pytest.mark.slow
def test_the_most_severe_open_findings_come_first_and_options_print_the_rest(run, command):
    findings = jobs.Run.at(run).findings
    checks = list(dict.fromkeys(findings["check"]))
    lines = command("audit", run)[1].splitlines()
    assert len(lines) <= 15
    most_severe, *_ = shown = first_findings(findings)
    assert " ".join(shown) in " ".join(" ".join(lines).split())
    decide(run, findings["finding_id"].iloc[0], status="dismissed", owner="Di", note="looked into")
    first, *rest = command("audit", run)[1].splitlines()
    assert (first.endswith(", 1 decided or dismissed."), most_severe in " ".join(rest)) == (True, False)
    assert findings["message"].iloc[0] not in "\n".join([first, *rest])

    whole = command("audit", run, "--all")[1]
    member, check = (command("audit", run, *words)[1] for words in (["--member", "jpn"], ["--check", checks[-1]]))
    for text, own in ((member, findings["member"] == "Japan"), (check, findings["check"] == checks[-1])):
        assert sum(int(n) for n in re.findall(r"(?m)^(?:High|Medium|Low): (\d+)$", text)) == own.sum() > 0
    assert "\nJapan: suggested 0, published 0\n" in member
    assert "\nJapan: suggested 0" not in check
    assert "\nCanada: suggested 0" in whole
    proof = findings.loc[findings["check"] == checks[-1], "finding_id"]
    assert all(f"\n\n{name}\n" in check for name in proof)
    decide(run, findings["finding_id"].tolist(), status="dismissed", owner="Di", note="looked into")
    assert "\nNo finding is open.\n" in command("audit", run)[1]
    code, _, err = command("audit", run, "--check", checks[0][1:])
    assert code == 3
    assert f"nothing was found by a check of this name. Did you mean {checks[0]!r}" in err


@pytest.mark.slow
def test_fail_on_exits_with_4_if_a_finding_that_severe_is_not_dismissed(run, command):
    findings = pd.read_parquet(run / "findings.parquet")
    high = findings.loc[findings["severity"] == "high", "finding_id"]
    code, _, err = command("audit", run, "--fail-on", "high")
    assert (code, f"--fail-on high: {len(high)} high findings, not dismissed." in err) == (4, True)
    decide(run, high.tolist(), status="dismissed", owner="Ada", note="known")
    assert command("audit", run, "--fail-on", "high")[0] == 0
    assert command("audit", run, "--fail-on", "medium")[0] == 4


def test_what_was_decided_is_the_final_score(run, command):
    decide(run, "score:2024-19/CAN", status="decided", owner="Ada", note="border equipment", decision="1")
    code, out, _ = command("score", run, "--final", "--json")
    final = {row["member"]: row for row in json.loads(out)}
    assert (code, len(final)) == (0, 2)
    columns = ("suggested", "final_score", "basis", "decided_by", "why")
    assert {name: final["Canada"][name] for name in columns} == {
        "suggested": 0, "final_score": 1, "basis": "decided", "decided_by": "Ada", "why": "border equipment",
    }  # fmt: skip
    assert (final["Japan"]["final_score"], final["Japan"]["basis"]) == (None, "agreed")
    table = command("score", run, "--final")[1]
    assert "border equipment" in table
    assert re.search(r"Japan +0 +0 +none +Agrees, not decided +nobody", table)


def test_without_a_ledger_nobody_has_decided_a_final_score(folder, command):
    rows = json.loads(command("score", folder, "--final", "--json")[1])
    assert {row["final_score"] for row in rows} == {None}
    assert {row["basis"] for row in rows} <= {"agreed", "open"}
    assert not (folder / "ledger.csv").exists()


@pytest.mark.slow
def test_a_row_that_cannot_be_used_is_named_and_not_applied(run, command):
    decide(run, "score:2024-19/JPN", status="decided", decision="7", owner="Ada")
    _, out, err = command("score", run, "--final", "--json")
    assert "decision '7' is not a score" in err
    assert {row["member"]: row["basis"] for row in json.loads(out)}["Japan"] == "open"  # and not "agreed"
    code, _, err = command("audit", run)
    assert (code, "decision '7' is not a score" in err) == (0, True)


@pytest.mark.slow
def test_a_deleted_row_comes_back_and_a_ledger_that_cannot_be_read_is_left_alone(run, command):
    ledger = read_table(run / "ledger.csv")
    ledger.head(-1).to_csv(run / "ledger.csv", index=False)
    assert f"row {ledger['finding_id'].iloc[-1]} was deleted and is restored as open." in command("audit", run)[2]
    (run / "ledger.csv").write_text("id;status\na;open\n", encoding="utf-8")
    code, _, err = command("audit", run)
    assert (code, "no column 'finding_id', found 'id', 'status'" in err) == (3, True)
    assert (run / "ledger.csv").read_text(encoding="utf-8") == "id;status\na;open\n"


@pytest.mark.slow
def test_decisions_are_kept_when_a_run_is_scored_by_force_or_during_an_audit(run, command):
    decide(run, "score:2024-19/CAN", status="decided", owner="Ada", decision="0")
    before = (run / "ledger.csv").read_text(encoding="utf-8")
    assert command("score", run, "--force", "--quiet")[0] == 0
    assert (run / "ledger.csv").read_text(encoding="utf-8") == before

    def decide_meanwhile(step):
        if step == "comparing items with one another":
            decide(run, "score:2024-19/JPN", status="decided", owner="Bo", decision="1")

    jobs.audit_run(jobs.Run.at(run, force=True), announce=decide_meanwhile)
    ledger = read_table(run / "ledger.csv").set_index("finding_id")
    assert ledger.loc["score:2024-19/JPN", ["status", "owner", "decision"]].tolist() == ["decided", "Bo", "1"]


def test_a_receipt_of_the_run_holds_and_a_changed_one_does_not(run, command):
    receipt = run / "receipts" / "2024-19-CAN.json"
    for words in ((), (run,)):
        assert command("score", *words, "--verify", receipt) == (0, "", f"{receipt}: verified.\n")
    text = receipt.read_text(encoding="utf-8")
    changed, n = re.subn(r'"n_strong": \d+', '"n_strong": 9', text, count=1)
    assert n == 1
    receipt.write_text(changed, encoding="utf-8")
    code, out, err = command("score", run, "--verify", receipt)
    assert code == 4
    assert re.search(r"matrix\.\w+\.n_strong: the receipt says 9, recomputed gives \d", out)
    assert re.search(r": \d+ differences?\.$", err.strip())
    for name, message in (("gone.json", "No such file"), ("scores.parquet", "not a receipt")):
        code, _, err = command("score", "--verify", run / name)
        assert (code, message in err) == (3, True)


@pytest.mark.slow
def test_another_report_in_the_same_place_leaves_no_receipt_of_the_old_one(run, command):
    report = run.parent / "r.txt"
    report.write_text(f"{TITLE}Japan: 0\n\nOn 1 July 2024, they met.\n\nItaly: 0\n", encoding="utf-8")
    assert command("run", report, "-o", run, "--force", "--quiet", "--tagger", "fast")[0] == 0
    assert sorted(file.name for file in (run / "receipts").iterdir()) == ["2024-19-ITA.json", "2024-19-JPN.json"]
    code, out, err = command("audit", run, "--all")
    assert (code, "was deleted" in err) == (0, False)
    assert "2024-19/ITA: has no items" in out  # a report with hardly anything in it is audited
    assert "Smallest flip: none. No change of its items' labels changes the score." in out
    assert "no longer found. " in (run / "ledger.csv").read_text(encoding="utf-8")


def test_the_rules_of_a_codebook_are_checked_by_a_command_of_its_own(command):
    code, out, err = command("codebook", "check")
    assert (code, err) == (0, "2024-apulia-19, version 2.0.0: 4 problems in the scoring rules.\n")
    assert "smallest example: weak action in prevent and counter, none in dismantle and disrupt" in out
    assert command("codebook", "check", "--strict")[0] == 4
    problems = json.loads(command("codebook", "check", "--json")[1])
    assert [row["problem"] for row in problems] == ["gap", "overlap", "overlap", "readings disagree"]
