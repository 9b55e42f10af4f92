"""A run as one object: its summary, its frames, its decisions, and what it refuses."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.errors import InputError
from g7tag.jobs import RUN_FRAMES, Run
from g7tag.store import data_path

BOOK_09 = data_path("codebooks/2024-apulia-09.toml")
REPORT = g7tag.example_path("invented-report.txt")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run() -> Run:
    return g7tag.run_report(REPORT)


def test_a_run_prints_a_summary_of_four_lines(run: Run) -> None:
    name, counts, scores, finding = str(run).splitlines()
    assert name == "invented-report.txt (2024-apulia-19)"
    assert counts.startswith("12 items, 24 sentences tagged (4 doubtful: 4 under 44% likely right)")
    assert scores == "Suggested and published scores agree for 1 of 2 members; differs: Canada."
    assert "findings (" in finding


def test_one_path_and_a_list_of_paths_are_the_same(run: Run) -> None:
    again = g7tag.run_report([str(REPORT)])
    for name in RUN_FRAMES:
        pd.testing.assert_frame_equal(again.frames[name], run.frames[name])


def test_frames_are_attributes_and_can_be_shown_by_name(run: Run) -> None:
    assert list(run.frames) == list(RUN_FRAMES)
    assert run.frames["scores"] is run.scores
    assert "Suggested (table)" in repr(run.show())
    assert repr(run.show("scores")) == repr(run.show(run.scores))
    assert "Canada" in repr(run.what_was_read())
    assert "Missing for " in repr(run.explain())
    assert "Dimensions: prevent" in repr(run.methods())
    assert "prevent" in repr(g7tag.show(run.codebook))


def test_plots_take_the_first_reading_by_default(run: Run) -> None:
    for plot in (run.plot.scores, run.plot.thresholds, run.plot.evidence, run.plot.timeline, run.plot.joint_actions):
        assert plot().figure is not None


def test_what_needs_a_directory_says_so(run: Run) -> None:
    for call in (run.rescore, run.audit, run.final_scores, run.write_label_sheet, run.copy):
        with pytest.raises(InputError, match=r"the run is not saved.*Pass `output=DIR` to `run_report`"):
            call()


@pytest.mark.parametrize("row", ["score:Canada", "score:CAN", "score:2024-19/CAN"])
def test_a_score_is_decided_by_the_name_the_code_or_the_id_of_the_member(folder: Path, row: str) -> None:
    saved = g7tag.open_run(folder)
    saved.audit()
    final = saved.decide(row, decision=1, owner="Ada", note="read again").set_index("member")
    assert final.loc["Canada", ["final_score", "decided_by"]].tolist() == [1, "Ada"]
    assert saved.final_scores().set_index("member").loc["Canada", "why"] == "read again"


def test_rescoring_names_decisions_that_became_stale(folder: Path) -> None:
    saved = g7tag.open_run(folder)
    saved.audit()
    saved.decide("score:Canada", decision=1, owner="Ada", note="read again")
    saved.record_labels(g7tag.example_path("invented-decisions.csv"), annotator="Ada")
    lines: list[str] = []
    assert saved.rescore(announce=lines.append).scores["suggested_score"].iloc[0] == 1
    assert "score:2024-19/CAN: the decision is stale because its evidence changed. Decide again." in lines


@pytest.mark.parametrize(
    ("dimensions", "strength"), [("Dismantle, counter", "Strong"), ("counter ;dismantle", "strong")]
)
def test_labels_may_be_typed_with_commas_and_capitals(folder: Path, dimensions: str, strength: str) -> None:
    row = {"sentence_id": ["2024-19/CAN-06.1"], "dimensions": [dimensions], "strength": [strength]}
    added = g7tag.open_run(folder).record_labels(pd.DataFrame(row), annotator="Ada").annotations
    assert added["dimensions"].tolist() == ["counter;dismantle"]


def test_a_label_that_cannot_be_used_is_shown_as_it_was_found(folder: Path) -> None:
    rows = {
        "sentence_id": ["2024-19/CAN-06.1", "CAN-06.1"],
        "dimensions": ["prevnt", ""],
        "strength": ["strong", "none"],
    }
    with pytest.raises(InputError) as error:
        g7tag.open_run(folder).record_labels(pd.DataFrame(rows), annotator="Ada")
    assert str(error.value).splitlines() == [
        "labels: 2 problems; nothing was recorded.",
        "  row 0, column 'dimensions': 'prevnt' is not one of prevent, counter, dismantle, disrupt. Did you mean "
        "'prevent'?",
        "  row 1, column 'sentence_id': 'CAN-06.1' is not a sentence of this run's commitment. Expected an id such as "
        "2024-19/DEU-16.2.",
    ]


def test_a_label_that_two_analysts_gave_is_signed_by_both(folder: Path) -> None:
    saved = g7tag.open_run(folder)
    row = pd.DataFrame({"sentence_id": ["2024-19/CAN-06.1"], "dimensions": ["dismantle"], "strength": ["strong"]})
    for name in ("Ben", "Anna"):
        saved.record_labels(row, annotator=name)
    assert "1 by Anna and Ben" in CliRunner().invoke(app, ["score", str(folder)]).stdout


def test_an_unknown_policy_is_refused_before_anything_is_replaced(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = CliRunner().invoke(app, ["score", str(folder), "--policy", "majority", "--force"])
    assert str(result.exception).startswith("policy 'majority' is unknown, expected one of ")
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_dismissed_finding_does_not_fail_an_audit(folder: Path) -> None:
    saved = g7tag.open_run(folder)
    findings = saved.audit()
    severe = findings.loc[findings["severity"] == "high", "finding_id"]
    assert len(severe)
    assert CliRunner().invoke(app, ["audit", str(folder), "--fail-on", "high"]).exit_code == 4
    for finding_id in severe:
        saved.decide(finding_id, owner="Ada", note="checked", dismissed=True)
    assert CliRunner().invoke(app, ["audit", str(folder), "--fail-on", "high"]).exit_code == 0


def test_nobody_decided_what_only_agrees(folder: Path) -> None:
    saved = g7tag.open_run(folder)
    saved.audit()
    printed = CliRunner().invoke(app, ["score", str(folder), "--final"]).stdout
    assert printed.count("nobody") == 2


def test_a_decision_without_an_owner_leaves_the_score_open(folder: Path) -> None:
    saved = g7tag.open_run(folder)
    saved.audit()
    ledger = pd.read_csv(folder / "ledger.csv", dtype="str", keep_default_na=False)
    row = ledger["finding_id"] == "score:2024-19/JPN"  # suggested and published score agree
    ledger.loc[row, ["status", "decision", "owner"]] = ["decided", "1", ""]
    ledger.to_csv(folder / "ledger.csv", index=False)
    final = saved.final_scores().set_index("member").loc["Japan"]
    assert final["basis"] == "open"
    assert pd.isna(final["final_score"])


def test_a_run_of_an_earlier_g7tag_keeps_its_decisions_under_the_new_names(folder: Path) -> None:
    saved = g7tag.open_run(folder)
    findings = saved.audit()
    current, former = "depends_on_one_item", "turns_on_one"
    subject = findings.loc[findings["check"] == current, "subject"].iloc[0]
    saved.decide(f"{current}:{subject}", owner="Ada", note="checked", dismissed=True)
    ledger = (folder / "ledger.csv").read_text(encoding="utf-8")
    (folder / "ledger.csv").write_text(ledger.replace(f"{current}:", f"{former}:"), encoding="utf-8")
    for _ in range(2):
        saved.audit()
        rows = pd.read_csv(folder / "ledger.csv", dtype="str", keep_default_na=False)
        assert len(rows) == ledger.count("\n") - 1 or rows["finding_id"].is_unique
        assert rows.set_index("finding_id").loc[f"{current}:{subject}", ["status", "owner"]].tolist() == [
            "dismissed",
            "Ada",
        ]
    assert saved.decide(f"{former}:{subject}", owner="Bo", note="again", dismissed=True) is not None


def test_words_are_marked_and_explained_for_a_tagger_of_ones_own(tmp_path: Path) -> None:
    book = g7tag.open_codebook(g7tag.example_path("harbours.toml"))
    corpus = g7tag.corpus.read_corpus([g7tag.example_path("harbours-labelled.csv")], book)
    tagger = g7tag.train_tagger(corpus, book)
    made = g7tag.run_report(
        g7tag.example_path("harbours-report.txt"), codebook=book, model=tagger, output=tmp_path / "r"
    )
    for run in (made, g7tag.open_run(tmp_path / "r", model=tagger), made.copy(), made.rescore()):
        shown = run.show("tags")._repr_html_()
        assert "<mark" in shown
        assert "Why this tag" in shown


def test_an_unknown_reading_is_refused(run: Run) -> None:
    with pytest.raises(InputError, match=r"reading 'nope': not in the codebook\. Expected one of scoring-table"):
        run.plot.scores("nope")


def test_a_damaged_run_is_refused_before_it_is_copied(folder: Path, tmp_path: Path) -> None:
    saved = g7tag.open_run(folder)
    (folder / "items.parquet").write_bytes(b"damaged")
    with pytest.raises(g7tag.G7TagError):
        saved.copy(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("codebook", ["2024-apulia-09", BOOK_09, str(BOOK_09)], ids=["id", "path", "text"])
def test_a_codebook_may_be_given_by_its_id_or_its_file(codebook: str | Path) -> None:
    assert g7tag.open_codebook(codebook).id == "2024-apulia-09"
    food = g7tag.example_path("food-report.txt")
    assert g7tag.read_reports(food, codebook).commitments["codebook"].tolist() == ["2024-apulia-09"]


def test_an_unknown_codebook_lists_the_known_ones_closest_first() -> None:
    with pytest.raises(InputError, match=r"2024-apulia-8: cannot read .*: 2024-apulia-18, 2024-apulia-\d+, 2024-apul"):
        g7tag.run_report(codebook="2024-apulia-8")


WRONG = {
    "codebook": (lambda _: g7tag.run_report(codebook=5), "run_report: codebook is 5 of type int. Expected Codebook, P"),
    "year": (lambda _: g7tag.run_report(year="2024"), "year is '2024' of type str. Expected int or None"),
    "commitments": (lambda _: g7tag.run_report(commitments="19"), "commitments is '19' of type str. Expected Collecti"),
    "reports": (lambda _: g7tag.run_report([5]), "reports is a value of type list. Expected Sequence of Path or str"),
    "tagger": (lambda run: g7tag.tag_sentences(run.sentences, "m.skops", run.codebook), "Expected Tagger"),
    "frame": (g7tag.reconcile, "reconcile: scores is a value of type Run. Expected DataFrame"),
    "frames": (lambda run: g7tag.audit_evidence([run.items], run.codebook), "Expected Mapping of str and DataFrame"),
    "columns": (lambda run: g7tag.score_changes(run.items, run.scores), "score_changes: column 'reading' is missing"),
    "plot": (lambda run: g7tag.plot_agreement(run.scores), "plot_agreement: column 'label' is missing, found"),
    "method": (lambda run: run.explain(5), "Run.explain: member is 5 of type int. Expected str or None"),
    "later": (lambda run: run.plan_review("gpt"), "Run.plan_review: endpoint is 'gpt' of type str. Expected Endpoint"),
    "choice": (lambda run: run.record_labels("a.csv", annotator="Ada", kind="boss"), "Expected 'analyst' or 'adjudi"),
    "purpose": (lambda run: run.label_queue(member=["Japan"]), "Purpose: member is a value of type list. Expected str"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_an_argument_of_a_wrong_type_is_refused(run: Run, call: Callable[[Run], object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        call(run)


@pytest.mark.parametrize("name", [name for name in g7tag.__all__ if inspect.isfunction(getattr(g7tag, name))])
def test_every_public_function_refuses_wrong_types(name: str) -> None:
    function = getattr(g7tag, name)
    needed = [each.name for each in inspect.signature(function).parameters.values() if each.default is each.empty]
    if needed and needed != ["purpose"]:
        with pytest.raises(InputError, match=rf"{name}: {needed[0]} is a value of type object\. Expected "):
            function(**dict.fromkeys(needed, object()))


def test_numbers_of_frames_are_numbers(run: Run) -> None:
    year, shown = pd.Series([2024, 1])
    assert len(g7tag.read_reports(REPORT, year=year, keep_hidden=run.findings["check"].eq("").any()).items)
    assert "The first 1 of" in repr(run.show("items", most=shown))


@pytest.mark.parametrize("member", ["Canada", "canada", "CAN", "can"])
def test_a_member_is_known_by_name_or_code_in_capitals_or_not(run: Run, member: str) -> None:
    assert repr(run.explain(member)) == repr(run.explain("Canada"))
    pd.testing.assert_frame_equal(run.findings_of(member), run.findings_of("Canada"))
    assert set(run.label_queue(select="all", member=member)["member"]) == {"Canada"}


def test_an_unknown_member_is_refused_with_the_known_ones(run: Run) -> None:
    for call in (run.explain, run.findings_of, lambda member: run.label_queue(member=member)):
        with pytest.raises(InputError, match=r"member 'Narnia': not in the codebook\. Expected one of 'Canada', 'Euro"):
            call("Narnia")
