"""Every notebook is stored without outputs, runs offline from top to bottom, and agrees with the command line."""

import ast
import json
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import g7tag
from g7tag import report

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
NAMES = [
    "01-evidence", "02-tagger", "03-new-report", "04-reconcile", "05-consistency", "06-new-commitment", "07-panel",
]  # fmt: skip
SECONDS = 300  # of one cell on a busy machine
GUARD = """
import socket
class Blocked(socket.socket):
    def connect(self, address):
        raise OSError(f"a notebook reaches out to {address}")
socket.socket, socket.getaddrinfo = Blocked, None
"""
pytestmark = pytest.mark.filterwarnings("default")  # Jupyter's own parts warn


def notebook_of(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


@cache
def ran(name, **parameters):
    """A notebook that was run with sockets blocked; `parameters` take the place of assignments in its first cell."""
    notebook = notebook_of(name)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    for key, value in parameters.items():
        assert f"{key} = " in first.source
        first.source += f"\n{key} = {value!r}"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(GUARD))
    done = NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    assert not [each for cell in done.cells for each in cell.get("outputs", []) if each.get("name") == "stderr"]
    return done


def words(notebook):
    """All that is printed, with single spaces, and all that is shown as HTML."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    parts = [" ".join(each.get("text", "").split()) or each.get("data", {}).get("text/html", "") for each in outputs]
    return "\n".join(parts)


@pytest.fixture
def values(command):
    """Return what a command prints as JSON."""

    def run(*words):
        code, out, err = command(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def bundled(bundled_run, tmp_path):
    """A run directory of the bundled evidence, of a test's own."""
    return Path(shutil.copytree(bundled_run, tmp_path / "bundled"))


def test_the_notebooks_are_stored_without_outputs_ask_a_question_and_hold_no_logic():
    assert [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))] == NAMES
    logic = (ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.Try, ast.With)
    first = notebook_of(NAMES[0]).metadata
    assert first.kernelspec.name == "python3"  # so that JupyterLab asks for no kernel
    for name in NAMES:
        notebook = notebook_of(name)
        nbformat.validate(notebook)
        assert notebook.metadata == first  # so that one opened in JupyterLab stands for all
        kept = [at for at, cell in enumerate(notebook.cells) if cell.get("outputs") or cell.get("execution_count")]
        assert not kept, f"{name}: clear the outputs of cells {kept} before committing"
        title, *intro = notebook.cells[0].source.splitlines()
        assert title.startswith(f"# {name[:2]} ")
        assert title.endswith("?")
        assert "seconds" in " ".join(intro)
        headings = [cell.source for cell in notebook.cells if cell.source.startswith("## ")]
        assert headings[-1].startswith("## The answer")
        for source in (cell.source for cell in notebook.cells if cell.cell_type == "code"):
            assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, logic)], source
            assert len(source.splitlines()) <= 8, source
            assert not source.startswith(("!", "%")), source


@pytest.mark.slow
def test_the_evidence_is_counted_as_the_command_line_counts_it(bundled, command):
    counts = report.counts_text(g7tag.open_run(bundled).frames)
    assert counts in words(ran("01-evidence"))
    assert counts in command("run", "-o", bundled)[2]


@pytest.mark.slow
def test_the_tagger_is_as_good_as_g7tag_evaluate_says():
    stored = json.loads((NOTEBOOKS.parent / "data/models/2024-apulia-19.evaluation.json").read_text(encoding="utf-8"))
    for row in stored["taggers"]:
        if row["tagger"] == "g7tag":
            interval = f"{row['macro_f1']:.2f} [{row['macro_f1_low']:.2f}, {row['macro_f1_high']:.2f}]"
            assert interval in words(ran("02-tagger"))


@pytest.mark.slow
def test_a_new_report_is_scored_as_published_before_and_after_the_decisions():
    printed = words(ran("03-new-report"))
    for line in ("12 items, 24 sentences tagged (", "under 50% likely right", "for 2 of 2 members.", "gpt-5-mini"):
        assert line in printed
    assert re.search(r"Still to decide: \d+ sentences?\.", printed)


@pytest.mark.slow
def test_reconcile_says_what_the_command_line_says(bundled, values):
    shown, scores = words(ran("04-reconcile", RUN=str(bundled))), values("score", bundled)["scores"]
    agreeing = sum({row["member"]: row["agrees"] for row in scores}.values())
    assert f"Suggested and published scores agree for {agreeing} of 8 members" in shown
    assert g7tag.open_run(bundled).explain()._repr_html_() in shown
    assert ">Example Reader</td>" in shown  # decided in the copy


@pytest.mark.slow
def test_consistency_says_what_the_audit_says(bundled, values):
    findings, printed = values("audit", bundled)["findings"], words(ran("05-consistency", RUN=str(bundled)))
    assert f"{len(findings)} findings (" in printed
    assert f"Most severe: {findings[0]['subject']}: {findings[0]['message']}" in printed
    assert f"{len(values('codebook', 'check'))} problems in the scoring rules." in printed


@pytest.mark.slow
def test_a_new_commitment_is_drafted_trained_and_scored(tmp_path, command):
    printed = words(ran("06-new-commitment"))
    assert re.search(r"agree for \d of 4 members.* Still to label: \d+ sentences\.", printed)
    assert command("codebook", "new", g7tag.example_path("food-report.txt"), "-o", "my.toml", cwd=tmp_path)[0] == 0
    questions = g7tag.open_codebook(tmp_path / "my.toml").questions
    assert (len(questions), [question for question in questions if question not in printed]) == (3, [])


@pytest.mark.slow
def test_members_are_ranked_as_g7tag_panel_ranks_them(bundled_run, panel_runs):
    runs = (str(bundled_run), str(panel_runs / "food"), str(panel_runs / "border"))
    printed = words(ran("07-panel", FOLDERS=runs))
    assert "European Union is between 1st and 3rd." in printed
    assert re.search(r"Canada is (4th|between)", printed)
    for line in ("Best rank", "Compliance in percent", "Counted twice", "Strong items needed"):
        assert line in printed


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "line"), [
    ("04-reconcile", "agree for 8 of 8 members"), ("05-consistency", " findings ("), ("07-panel", "Canada is "),
])  # fmt: skip
def test_a_notebook_makes_its_own_run_unless_it_is_given_one(name, line):
    assert line in words(ran(name))


@pytest.mark.nightly
def test_a_run_that_a_notebook_keeps_is_opened_by_the_others_which_leave_it_as_it_is(tmp_path):
    folder = tmp_path / "run"
    kept = ran("03-new-report", DIRECTORY=str(folder))
    again = ran("03-new-report", DIRECTORY=str(folder), ANNOTATOR="Example Reader")
    assert ["13 new labels." in words(each) for each in (kept, again)] == [True, False]
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    for name, line in (
        ("01-evidence", "12 items, 24 sen"),
        ("04-reconcile", "2 of 2 memb"),
        ("05-consistency", " find"),
    ):
        assert line in words(ran(name, RUN=str(folder)))
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
