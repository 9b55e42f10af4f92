"""A run as one object: its summary, its frames, its decisions, and what it refuses."""

import re
from dataclasses import FrozenInstanceError, replace
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest
from people import command, files

import g7tag
from g7tag import jobs, tagger
from g7tag.corpus import bundled_collections
from g7tag.errors import InputError, RunError, SourceError
from g7tag.jobs import RUN_FRAMES, Run
from g7tag.jobs.pages import about_of, decisions_of
from g7tag.jobs.steps import items_seen, seen_is_known
from g7tag.report import doubtful_text
from g7tag.store import data_path, locked, read_ledger, read_table, write_ledger
from g7tag.store.run import read_manifest, write_manifest

MODEL = data_path("models/2024-apulia-19.npz")
REPORT = g7tag.example_path("invented-report.txt")
WHY = {"owner": "Ada", "note": "read it all"}
CANADA = "score:2024-19/CAN"


@pytest.fixture(scope="module")
def run(invented_run):
    return g7tag.open_run(invented_run)


def test_a_run_prints_a_summary_of_four_paragraphs(run):
    name, *paragraphs = str(run).split("\n\n")
    assert all(len(line) <= 96 for line in str(run).splitlines())
    counts, scores, finding = (" ".join(each.split()) for each in paragraphs)
    assert name == "invented-report.txt (2024-apulia-19)"
    assert counts.startswith(f"12 items, 24 sentences tagged ({doubtful_text(run.tags)})")
    assert scores.startswith("Suggested and published scores agree for ")
    assert "findings (" in finding


def test_frames_are_attributes_and_can_be_shown_by_name(run):
    assert list(run.frames) == list(RUN_FRAMES)
    assert run.frames["scores"] is run.scores
    assert "Suggested (table)" in repr(run.show())
    assert repr(run.show("scores")) == repr(run.show(run.scores))
    assert "Canada" in repr(run.what_was_read())
    assert "Missing for " in repr(run.explain())
    assert "Dimensions: prevent" in repr(run.methods())
    assert "prevent" in repr(g7tag.show(run.codebook))
    with pytest.raises(InputError, match=r"frame 'x': not found in the run\. Expected one of documents, "):
        run.show("x")


@pytest.mark.slow
def test_plots_take_the_first_reading_by_default(run):
    for plot in (run.plot.scores, run.plot.thresholds, run.plot.evidence, run.plot.timeline, run.plot.joint_actions):
        assert plot().figure is not None
    with pytest.raises(InputError, match=r"reading 'nope': not in the codebook\. Expected one of scoring-table"):
        run.plot.scores("nope")


def test_a_directory_is_opened_at_any_stage_and_each_frame_read_on_first_use(folder, tmp_path):
    command("ingest", REPORT, "-o", tmp_path / "new")
    read = Run.at(tmp_path / "new")
    assert read.known == {}
    assert read.items.equals(Run.at(folder).items)
    assert list(read.known) == ["items"]
    assert repr(read) == f"{tmp_path / 'new'} (2024-apulia-19): has {', '.join(RUN_FRAMES[:10])} so far."
    with pytest.raises(RunError, match=r"no tags frame; it has documents, .*citations\. Run `g7tag tag"):
        _ = read.tags
    with pytest.raises(FrozenInstanceError):
        read.tagger = None
    scored = read.tag(g7tag.load_tagger(MODEL, read.codebook, fast=True)).score()
    assert scored.scores.equals(Run.at(folder).scores)
    assert scored.final_scores()["final_score"].isna().all()
    assert jobs.ledger_notes(scored) == []
    with pytest.raises(RunError, match=r"no findings frame"):
        _ = scored.findings
    without = replace(scored, store=None)
    with pytest.raises(RunError, match=r"the run has no findings frame\. Make it with `run_report`"):
        _ = without.findings


@pytest.mark.slow
def test_a_fast_tagger_is_used_or_missing_but_never_replaced(codebook):
    fast, whole = (g7tag.load_tagger(MODEL, codebook, fast=fast) for fast in (True, False))
    assert g7tag.run_report(REPORT, model=fast, fast=True).tagger is fast
    with pytest.raises(InputError, match=rf"tagger {whole.model_id}: has no fast one with it\."):
        g7tag.run_report(REPORT, model=whole, fast=True)
    assert g7tag.run_report(REPORT, model=replace(whole, fast=fast), fast=True).tagger is fast  # as trained


def test_what_needs_a_directory_says_so(run):
    unsaved = replace(run, store=None)
    for call in (unsaved.rescore, unsaved.audit, unsaved.final_scores, unsaved.write_label_sheet, unsaved.copy):
        with pytest.raises(InputError, match=r"the run is not saved.*Pass `output=DIR` to `run_report`"):
            call()


@pytest.mark.slow
def test_a_score_is_decided_by_name_or_code_of_the_member_and_again_when_the_evidence_changed(folder):
    saved = g7tag.open_run(folder)
    for row, decision in (("score:can", 0), (CANADA, 1), ("score:Canada", -1)):
        final = saved.decide(row, decision=decision, **WHY).set_index("member").loc["Canada"]
        assert final[["final_score", "basis", "decided_by", "why"]].tolist() == [decision, "decided", *WHY.values()]
    saved.record_labels(g7tag.example_path("invented-decisions.csv"), annotator="Ada")
    lines = []
    assert saved.rescore(announce=lines.append).scores["suggested_score"].iloc[0] == 1
    assert f"{CANADA}: the decision is stale because its evidence changed. Decide again." in lines
    assert saved.final_scores().set_index("member").loc["Canada", "basis"] == "stale"
    again = saved.decide(CANADA, decision=1, owner="Bo", note="now").set_index("member")
    assert again.loc["Canada", ["final_score", "basis", "decided_by"]].tolist() == [1, "decided", "Bo"]


REFUSED = {
    **{
        f"score {given!r}": (CANADA, {"decision": given}, rf"decision {given!r} of '{CANADA}': expected -1, 0 or 1 in")
        for given in (2, True, 1.0, "1")
    },
    "finding": ("score_differs:2024-19/CAN", {"decision": 1}, "1 in a row of a score, and None in other rows"),
    "nobody": (CANADA, {"decision": 1, "owner": " "}, r"owner ' ': the name is empty\. Give the name"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_decision_that_cannot_be_is_refused_and_nothing_is_written(folder, case):
    finding_id, given, match = REFUSED[case]
    before = files(folder)
    with pytest.raises(InputError, match=match):
        g7tag.Run.at(folder).decide(finding_id, **(WHY | given))
    assert files(folder) == before


@pytest.mark.slow
def test_an_id_that_stands_twice_and_another_codebook_are_refused(decided, codebook):
    other = codebook.model_copy(update={"version": "0"})
    with pytest.raises(RunError, match=r"version 2\.0\.0 .*, not version 0 .* Replace it and score again"):
        g7tag.Run.at(decided, other).decide(CANADA, **WHY)
    with pytest.raises(RunError, match="not version 0"):
        g7tag.open_run(decided, other)
    rows = read_table(decided / "ledger.csv")
    with pytest.raises(InputError, match=r"member 'x': not in the codebook"):
        jobs.Run.at(decided).decide("score:x", **WHY)
    found = r"no row with id 'x'\. Expected one row of .*\. Audit the run, and name one row\."
    with pytest.raises(InputError, match=found):
        jobs.Run.at(decided).decide("x", **WHY)
    assert read_table(decided / "ledger.csv").equals(rows)
    pd.concat([rows, rows.head(1)]).to_csv(decided / "ledger.csv", index=False)
    with pytest.raises(InputError, match=f"2 rows with id '{rows['finding_id'][0]}'"):
        g7tag.Run.at(decided).decide(rows["finding_id"][0], **WHY)


@pytest.mark.slow
def test_a_ledger_is_written_by_one_process_at_a_time_and_may_be_a_workbook(decided):
    run = g7tag.open_run(decided)
    for write in (lambda: run.decide(CANADA, decision=0, **WHY), lambda: jobs.audit_run(g7tag.Run.at(decided))):
        with locked(decided), pytest.raises(RunError, match=r"another g7tag is writing there\. Wait until it has fin"):
            write()
    run.decide("score:Canada", decision=1, **WHY)
    cells = read_ledger(decided / "ledger.csv").cells
    (decided / "ledger.csv").unlink()
    write_ledger(decided / "ledger.xlsx", cells)
    assert run.final_scores().set_index("member").loc["Canada", "final_score"] == 1
    run.decide("score:Canada", decision=0, **WHY)
    jobs.audit_run(g7tag.Run.at(decided))
    assert not (decided / "ledger.csv").exists()
    assert run.final_scores().set_index("member").loc["Canada", "final_score"] == 0


def test_what_g7tag_does_not_have_is_named_with_what_it_has(codebook):
    food = g7tag.example_path("food-report.txt")
    assert g7tag.read_reports(food, "2024-apulia-09").commitments["codebook"].tolist() == ["2024-apulia-09"]
    with pytest.raises(InputError, match=r"2024-apulia-8: cannot read .*: 2024-apulia-09, 2024-apulia-18, 2024-apul"):
        g7tag.run_report(codebook="2024-apulia-8")
    with pytest.raises(InputError, match=r"example 'x': not found\. Expected one of 'border-report\.txt', "):
        g7tag.example_path("x")
    with pytest.raises(SourceError, match=r"codebook '2030-trees': g7tag has no bundled evidence for it\. Give a rep"):
        g7tag.read_reports(codebook=codebook.model_copy(update={"id": "2030-trees"}))


@pytest.mark.parametrize("given", ["19", 19, ["19"], [1.5]], ids=repr)
def test_commitments_that_are_no_list_of_numbers_are_refused(given):
    with pytest.raises(InputError, match=rf"commitments {re.escape(repr(given))}: expected a list of numbers, such as"):
        g7tag.read_reports(REPORT, commitments=given)


def test_a_table_that_an_evaluation_lacks_or_that_is_a_curve_is_refused_with_what_there_is():
    rows = pd.DataFrame({"scheme": ["test part"], "tested_on": ["a.csv"]})
    evaluation = {"acts": rows, "learning_curve": rows[["tested_on"]]}
    for table in ("learning_curve", "summary", "x"):
        with pytest.raises(InputError, match=rf"table '{table}': not in the evaluation, .* Found 'acts'\."):
            g7tag.show_evaluation(evaluation, table)


def test_a_member_is_known_by_name_or_code_in_capitals_or_not(run):
    for member in ("canada", "CAN", "can"):
        assert repr(run.explain(member)) == repr(run.explain("Canada"))
        pd.testing.assert_frame_equal(run.findings_of(member), run.findings_of("Canada"))
    for call in (run.explain, run.findings_of, lambda member: run.label_queue(member=member)):
        with pytest.raises(InputError, match=r"member 'Narnia': not in the codebook\. Expected one of 'Canada', 'Euro"):
            call("Narnia")


@pytest.mark.parametrize(
    ("items", "n", "known"),
    [
        ({"2024-19": 160, "earlier": 404, "pages": 1984}, 160, True),
        ({"2030-03": 5}, 0, True),
        ({"ARC-01": 1, "ARC-02": 1}, 0, False),  # ids of items without a commitment
        ({"2024-19": 2, "ARC-01": 1}, 2, False),
    ],
)
def test_ids_without_a_commitment_make_the_number_of_items_seen_in_training_unknown(items, n, known, codebook):
    assert {"earlier", "pages"} <= bundled_collections()
    trained = cast("tagger.Tagger", SimpleNamespace(about={"corpus_items": items}))
    assert (items_seen(trained, codebook), seen_is_known(trained)) == (n, known)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"seen": 0}, 0), ({"seen": 0, "seen_unknown": True}, None), ({"seen": 3, "seen_unknown": True}, 3)],
)
def test_the_page_says_whether_it_is_known(folder, settings, expected):
    steps = read_manifest(folder / "manifest.json")
    steps["tag"]["settings"] |= settings
    write_manifest(folder / "manifest.json", steps)
    run = Run.at(folder)
    assert about_of(run, decisions_of(run)).seen_items == expected
