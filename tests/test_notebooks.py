"""Every notebook is stored without outputs, runs offline from top to bottom, and agrees with the command line."""

import ast
import json
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

import g7tag
from g7tag import jobs, report
from g7tag.cli import app

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
NAMES = [
    "01-evidence", "02-tagger", "03-new-report", "04-reconcile", "05-consistency", "06-new-commitment",
]  # fmt: skip
SECONDS = 60
GUARD = """
import socket
class Blocked(socket.socket):
    def connect(self, address):
        raise OSError(f"a notebook reaches out to {address}")
socket.socket, socket.getaddrinfo = Blocked, None
"""
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # Jupyter's own parts warn


def notebook_of(name: str) -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


@cache
def ran(name: str, **parameters: object) -> nbformat.NotebookNode:
    """A notebook that was run with sockets blocked; `parameters` take the place of assignments in its first cell."""
    notebook = notebook_of(name)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    for key, value in parameters.items():
        assert f"{key} = " in first.source
        first.source += f"\n{key} = {value!r}"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(GUARD))
    client = NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": NOTEBOOKS}})
    return client.execute()


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def printed(notebook: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in outputs(notebook) if output.output_type == "stream")


def shown(notebook: nbformat.NotebookNode) -> str:
    """All that is shown as HTML."""
    return "".join(output["data"].get("text/html", "") for output in outputs(notebook) if "data" in output)


def command(*words: str) -> object:
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def bundled(bundled_run: Path, tmp_path: Path) -> Path:
    """A run directory of the bundled evidence, of a test's own."""
    return Path(shutil.copytree(bundled_run, tmp_path / "bundled"))


def test_there_are_six_notebooks() -> None:
    assert [path.stem for path in PATHS] == NAMES


def test_all_notebooks_are_opened_with_the_same_kernel() -> None:
    first, *others = (notebook_of(name).metadata for name in NAMES)
    assert all(metadata == first for metadata in others)  # so that one opened in JupyterLab stands for all


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_without_outputs_and_asks_a_question(name: str) -> None:
    notebook = notebook_of(name)
    nbformat.validate(notebook)
    kept = [place for place, cell in enumerate(notebook.cells) if cell.get("outputs") or cell.get("execution_count")]
    assert not kept, f"{name}: clear the outputs of cells {kept} before committing"
    title, *intro = notebook.cells[0].source.splitlines()
    assert title.startswith(f"# {name[:2]} ")
    assert title.endswith("?")
    assert "seconds" in " ".join(intro)
    headings = [cell.source for cell in notebook.cells if cell.source.startswith("## ")]
    assert headings[-1].startswith("## The answer")
    assert notebook.metadata.kernelspec.name == "python3"  # so that JupyterLab asks for no kernel


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_of_a_notebook_hold_no_logic(name: str) -> None:
    code = [cell.source for cell in notebook_of(name).cells if cell.cell_type == "code"]
    logic = (ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.Try, ast.With)
    for source in code:
        assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, logic)], source
        assert len(source.splitlines()) <= 8, source
        assert not source.startswith(("!", "%")), source


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_with_no_network_and_no_warning(name: str) -> None:
    assert not [output for output in outputs(ran(name)) if output.get("name") == "stderr"]


def test_the_evidence_is_counted_as_the_command_line_counts_it(bundled: Path) -> None:
    counts = report.counts_text(g7tag.open_run(bundled).frames)
    assert counts in printed(ran("01-evidence"))
    result = CliRunner().invoke(app, ["run", "-o", str(bundled)])
    assert counts in result.stderr


def test_the_tagger_is_as_good_as_g7tag_evaluate_says() -> None:
    stored = json.loads((NOTEBOOKS.parent / "data/models/2024-apulia-19.evaluation.json").read_text(encoding="utf-8"))
    html = shown(ran("02-tagger"))
    for row in stored["taggers"]:
        if row["tagger"] == "g7tag":
            assert f"{row['macro_f1']:.2f} [{row['macro_f1_low']:.2f}, {row['macro_f1_high']:.2f}]" in html


def test_a_new_report_is_scored_as_the_command_line_scores_it_before_and_after_the_decisions(tmp_path: Path) -> None:
    report, decisions = map(g7tag.example_path, ("invented-report.txt", "invented-decisions.csv"))
    before = command("run", str(report), "-o", str(tmp_path / "run"))
    jobs.record_labels(tmp_path / "run", decisions, annotator="Example Reader")
    after = command("score", str(tmp_path / "run"))
    scores = [
        {row["member"]: row["suggested_score"] for row in values["scores"]}  # type: ignore[call-overload]
        for values in (before, after)
    ]
    assert scores == [{"Canada": 0, "Japan": 0}, {"Canada": 1, "Japan": 0}]  # published: +1 and 0
    words = printed(ran("03-new-report"))
    assert "12 items, 24 sentences tagged (4 doubtful: 4 under 44% likely right)" in words
    assert "for 1 of 2 members; differs: Canada." in words
    assert "for 2 of 2 members." in words
    assert "Still to decide: 0 sentences." in words


def test_recorded_answers_are_replayed_as_the_command_line_takes_them_in(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    g7tag.run_report([g7tag.example_path("invented-report.txt")], output=folder)
    plan = jobs.plan_review(folder, g7tag.llm.open_endpoint("gpt-5-mini", needs_key=False))
    endpoint = plan.endpoint
    words = printed(ran("03-new-report"))
    assert report.quote_text(plan.quote, endpoint) in words
    recorded = [g7tag.example_path(f"recorded-{name}.jsonl") for name in ("answers", "requests")]
    jobs.import_batch(folder, recorded[:1], requests=recorded[1])
    taken = command("review", str(folder), "--import-batch", str(recorded[0]))
    outcomes = Counter(row["outcome"] for row in taken)  # type: ignore[attr-defined,index]
    assert outcomes == {"invalid": 7, "truncated": 4}
    assert "7 invalid, 4 cut off" in words
    assert "the answer was cut off at the token limit" in shown(ran("03-new-report"))


def test_reconcile_says_what_the_command_line_says(bundled: Path) -> None:
    notebook = ran("04-reconcile")
    values = command("run", "-o", str(bundled))
    by_member = {row["member"]: row for row in values["scores"]}  # type: ignore[call-overload]
    agreeing = sum(row["agrees"] for row in by_member.values())
    assert f"Suggested and published scores agree for {agreeing} of {len(by_member)} members" in printed(notebook)
    reasons = g7tag.open_run(bundled).explain()._repr_html_()
    assert reasons in shown(notebook)
    assert ">Example Reader</td>" in shown(notebook)  # decided in the copy


def test_consistency_says_what_the_audit_says(bundled: Path) -> None:
    findings = command("audit", str(bundled))["findings"]  # type: ignore[call-overload,index]
    words = printed(ran("05-consistency"))
    assert f"{len(findings)} findings (" in words
    assert f"Most severe: {findings[0]['subject']}: {findings[0]['message']}" in words
    assert f"{len(command('codebook', 'check'))} problems in the scoring rules." in words  # type: ignore[arg-type]


def test_a_new_commitment_is_drafted_trained_and_scored_as_on_the_command_line(tmp_path: Path) -> None:
    words = printed(ran("06-new-commitment"))
    report, model, fifty = str(g7tag.example_path("food-report.txt")), str(tmp_path / "m.skops"), tmp_path / "fifty.csv"
    drafted = CliRunner().invoke(app, ["codebook", "new", report, "-o", str(tmp_path / "my.toml")])
    assert drafted.exit_code == 0, drafted.output
    questions = g7tag.open_codebook(tmp_path / "my.toml").questions
    assert [question for question in questions if question not in words] == []
    assert len(questions) == 2
    (labelled,) = g7tag.corpus.bundled_corpus("2024-apulia-09")
    corpus = pd.read_csv(labelled, dtype="str", keep_default_na=False)
    corpus[corpus["part"] == "train"].head(50).to_csv(fifty, index=False)
    known = ("--codebook", "2024-apulia-09")
    trained = CliRunner().invoke(app, ["train", "-o", model, "--corpus", str(fifty), *known])
    assert trained.exit_code == 0, trained.output
    wanted = [line for line in trained.stderr.splitlines() if line.startswith("Most useful: ")]
    assert [line in words for line in wanted] == [True]
    scores = command("run", report, *known, "--model", model)["scores"]  # type: ignore[call-overload,index]
    agreeing = sum(row["agrees"] for row in scores)
    assert words.splitlines()[-2:] == [
        f"Suggested and published scores agree for {agreeing} of 4 members.", "Still to label: 86 sentences.",
    ]  # fmt: skip


def test_reconcile_opens_the_run_that_the_notebook_before_it_keeps(tmp_path: Path) -> None:
    kept = ran("03-new-report", DIRECTORY=str(tmp_path / "run"))
    again = ran("03-new-report", DIRECTORY=str(tmp_path / "run"), ANNOTATOR="Example Reader")
    for notebook in (kept, again):  # by the tags alone one member agrees, however often it is run
        assert "for 1 of 2 members; differs: Canada." in printed(notebook)
    assert ["13 new labels." in printed(each) for each in (kept, again)] == [True, False]
    assert "for 2 of 2 members." in printed(ran("04-reconcile", RUN=str(tmp_path / "run")))


def test_notebooks_open_a_run_directory_and_leave_it_as_it_is(folder: Path) -> None:
    run = g7tag.open_run(folder)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    for name in ("01-evidence", "04-reconcile", "05-consistency"):
        notebook = ran(name, RUN=str(folder))
        assert not [output for output in outputs(notebook) if output.get("name") == "stderr"]
        if name != "05-consistency":
            assert "12 items, 24 sentences" in printed(notebook)
    assert report.headline(run.findings) in printed(ran("05-consistency", RUN=str(folder)))
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
