"""Scores and findings are decided at the desk: in the ledger at once, blind labels stay blind, nothing is lost."""

import shutil

import pytest
from filelock import FileLock
from people import command, label, record

import g7tag
from g7tag import jobs
from g7tag.store import LOCK, read_ledger

OLDER = "People have decided scores or findings since this page was written."


@pytest.fixture
def run(decided):
    """A run that is scored with Ada's labels and audited, but has no page yet that is older than its ledger."""
    assert OLDER not in (decided / "report.html").read_text(encoding="utf-8")
    return decided


def desk(run, annotator="Cy", **given):
    return jobs.desk_session(g7tag.Run.at(run), annotator=annotator, **given)


def show(session, tab):
    return session.tab({"tab": tab, "confirmed": True})


def rule(session, tab, does, *, at=0, **given):
    row = show(session, tab)["rows"][at]
    return session.tab(
        {"tab": tab, "row": row["row_id"], "version": row["version"], "does": does, "note": "Why."} | given
    )


def written(run, row_id):
    """What the ledger file says of a row."""
    cells = read_ledger(run / "ledger.csv").cells.set_index("finding_id")
    return cells.loc[row_id, ["status", "owner", "note", "decision"]].tolist()


def test_a_score_has_what_decides_it_and_its_decision_is_final_at_once(run):
    session = desk(run)
    row = show(session, "scores")["rows"][0]
    assert (row["title"], row["facts"][:2], row["status"]) == ("Canada", ["Published +1", "Suggested +1"], "open")
    assert row["facts"][2].endswith("likely") or row["facts"][2].endswith("too close to call")
    assert g7tag.open_run(run).scores["rule"].iloc[0] in row["text"].lower()
    answer = rule(session, "scores", "agree", note="  The table's reading; a comma, a =formula ")
    assert answer["rows"][0]["decision"] == "Final score +1 by Cy: The table's reading; a comma, a =formula"
    final = g7tag.Run.at(run).final_scores().iloc[0]
    assert final[["final_score", "basis", "decided_by"]].tolist() == [1, "decided", "Cy"]
    assert rule(session, "scores", "change", score="-1")["saved"]
    assert written(run, row["row_id"]) == ["decided", "Cy", "Why.", "-1"]
    assert rule(session, "scores", "reopen")["rows"][0]["decision"] == "Agrees, not decided"
    assert written(run, row["row_id"]) == ["open", "", "", ""]


@pytest.mark.slow
def test_findings_have_their_proof_and_are_decided_or_dismissed(run):
    session, findings = desk(run), g7tag.open_run(run).findings
    rows = show(session, "findings")["rows"]
    assert [row["row_id"] for row in rows] == findings["finding_id"].tolist()  # most severe first
    assert all(row["text"].endswith(message) for row, message in zip(rows, findings["message"], strict=True))
    proof = dict(next(row["proof"] for row in rows if any(name.endswith("CAN-06.1") for name, _ in row["proof"])))
    sentence = g7tag.open_run(run).sentences.set_index("sentence_id").loc["2024-19/CAN-06.1", "text"]
    assert proof["2024-19/CAN-06.1"].startswith(f"{sentence} [")
    assert rule(session, "findings", "decide")["rows"][0]["decision"] == "Decided by Cy: Why."
    assert rule(session, "findings", "dismiss", at=1)["rows"][1]["decision"] == "Dismissed by Cy: Why."
    assert [written(run, row["row_id"])[0] for row in rows[:3]] == ["decided", "dismissed", "open"]
    assert {each.row_id for each in session.tabs.read("findings") if each.status == "open"} == {
        row["row_id"] for row in rows[2:]
    }


@pytest.mark.slow
def test_the_page_says_that_it_is_older_until_the_desk_ends(run, monkeypatch):
    page, session = run / "report.html", desk(run)
    show(session, "scores")
    before = page.read_bytes()
    jobs.renew_page(g7tag.Run.at(run))
    assert page.read_bytes() == before
    for at in range(2):
        rule(session, "scores", "agree", at=at, note="Because.")
        assert page.read_text(encoding="utf-8").count(OLDER) == 1
    command("desk", run, "--annotator", "Cy", "--no-browser")
    now = page.read_text(encoding="utf-8")
    assert OLDER not in now
    assert "Because." in now
    monkeypatch.setattr("g7tag.jobs.desk.write_decision", lambda *_, **__: None)
    page.unlink()
    rule(session, "scores", "agree")
    assert not page.exists()  # no page is not an old page


@pytest.mark.slow
def test_who_has_opened_the_tabs_labels_no_more_blind(run):
    session = desk(run, select="all")
    assert "asks" in session.tab({"tab": "scores"})
    assert not (run / "not-blind.txt").exists()
    show(session, "scores")
    session.choose("act", "background")
    session.decide()
    for name in ("Cy", "Di"):  # also after a restart, and for each person
        session = desk(run, name, select="all")
        session.choose("act", "background")
        session.decide()
        assert session.view().blind == (name == "Di")
    labels = jobs.to_label(g7tag.Run.at(run)).annotations.query("annotator in ('Cy', 'Di')")
    assert labels["blind"].tolist() == [False, False, True]
    show(session, "findings")
    assert (run / "not-blind.txt").read_text(encoding="utf-8") == "Cy\nDi\n"
    other = g7tag.Run.at(run).sentences["sentence_id"].iloc[-1]  # also in a frame or a sheet
    for name in ("Cy", "Ed"):
        added = record(run, label(sentence_id=other), name, blind=True).annotations
        assert added["blind"].tolist() == [name == "Ed"]


@pytest.mark.slow
def test_a_decision_on_evidence_that_changed_is_named_and_made_again(run):
    session = desk(run)
    rule(session, "scores", "agree")
    before = show(session, "scores")["rows"][0]
    record(run, label(dimensions="", strength="none", act="background"), "Ada")
    g7tag.Run.at(run).rescore()
    late = {"tab": "scores", "row": before["row_id"], "version": before["version"], "does": "change", "score": "-1"}
    answer = session.tab(late | {"note": "Not seen."})  # of a page that was not read again
    row = answer["rows"][0]
    assert (answer["saved"], row["status"]) == (False, "stale")
    assert row["decision"] == "Decision outdated: decided by Cy: Why."
    assert written(run, row["row_id"]) == ["decided", "Cy", "Why.", "1"]
    assert rule(session, "scores", "agree")["rows"][0]["status"] == "decided"


@pytest.mark.slow
def test_what_others_write_into_the_ledger_meanwhile_is_kept_and_shown_or_named(run):
    session, ledger = desk(run), run / "ledger.csv"
    rule(session, "findings", "dismiss")
    rows = show(session, "findings")["rows"]
    lines = [
        line.replace(",open,,", ",dismissed,Bo,By hand") if line.startswith(rows[1]["row_id"])
        else line.replace(",open,", ",perhaps,") if line.startswith(rows[2]["row_id"]) else line
        for line in ledger.read_text(encoding="utf-8").splitlines()
    ]  # fmt: skip
    ledger.write_text("\n".join(lines), encoding="utf-8")
    given = {"tab": "findings", "row": rows[1]["row_id"], "version": rows[1]["version"], "does": "decide", "note": "x"}
    answer = session.tab(given)
    assert answer["message"] == "Not saved: the row was changed meanwhile. Read it again, then decide."
    assert answer["rows"][1]["decision"] == "Dismissed by Bo: By hand"
    assert answer["rows"][2]["status"] == "unusable"
    assert "status 'perhaps' is unknown" in answer["rows"][2]["decision"]
    assert rule(session, "findings", "decide", at=2)["saved"]  # mends the row
    assert [written(run, row["row_id"])[:2] for row in rows[:3]] == [
        ["dismissed", "Cy"], ["dismissed", "Bo"], ["decided", "Cy"],
    ]  # fmt: skip
    good = ledger.read_bytes()
    with FileLock(run / LOCK):
        assert "another g7tag is writing there" in rule(session, "findings", "reopen")["message"]
    assert ledger.read_bytes() == good
    shutil.copy(ledger, run / "ledger.xlsx")
    answer = show(session, "scores")
    assert (answer["rows"], "both exist" in answer["message"]) == ([], True)
    (run / "ledger.xlsx").unlink()
    ledger.write_bytes(good.replace(b"finding_id", b"id"))
    assert "no column 'finding_id'" in show(session, "findings")["message"]
    ledger.unlink()
    assert rule(session, "scores", "agree")["saved"]  # the file is made again


@pytest.mark.slow
def test_a_run_without_scores_has_no_tabs_and_one_without_findings_says_what_to_do(run, tmp_path):
    record(run, label(strength="weak"), "Ada")
    command("score", run)
    assert "g7tag audit" in show(desk(run), "scores")["message"]
    command("ingest", g7tag.example_path("invented-report.txt"), "-o", tmp_path / "read")
    session = desk(tmp_path / "read")
    assert (session.tabs, session.tab({"tab": "scores"}), session.setup()["has_tabs"]) == (None, {}, False)
