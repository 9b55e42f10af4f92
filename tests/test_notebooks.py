"""Every notebook is stored clean and runs from top to bottom with no network."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import g7tag

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
pytestmark = pytest.mark.filterwarnings("default")  # Jupyter's own parts warn


def run_notebook(path: Path, **parameters: object) -> nbformat.NotebookNode:
    """Run a notebook; `parameters` replace the assignments of its first code cell."""
    notebook = nbformat.read(path, as_version=4)
    for name, value in parameters.items():
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert first.source.startswith(f"{name} = ")
        first.source = f"{name} = {value!r}"
    guard = "import socket\nsocket.getaddrinfo = None  # any look-up of a host fails"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(guard))
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": NOTEBOOKS}})
    return client.execute()


def printed(notebook: nbformat.NotebookNode) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs if output.output_type == "stream")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_and_asks_a_question(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    kept = [place for place, cell in enumerate(notebook.cells) if cell.get("outputs") or cell.get("execution_count")]
    assert not kept, f"{path.name}: clear the outputs of cells {kept} before committing"
    title = notebook.cells[0].source.splitlines()[0]
    assert title.startswith(f"# {path.stem[:2]} ")
    assert title.endswith("?")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_runs_with_no_network_and_no_warning(path: Path) -> None:
    outputs = [output for cell in run_notebook(path).cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_reconcile_says_what_the_scores_frame_says() -> None:
    reconciled = g7tag.reconcile(g7tag.run_report().scores)
    assert g7tag.reconciled_words(reconciled) in printed(run_notebook(NOTEBOOKS / "04-reconcile.ipynb"))


@pytest.mark.chapter
def test_reconcile_opens_a_run_directory(chapter_path: Path, tmp_path: Path) -> None:
    g7tag.run_report([chapter_path], output=tmp_path / "run")
    words = printed(run_notebook(NOTEBOOKS / "04-reconcile.ipynb", RUN=str(tmp_path / "run")))
    assert "200 items, 422 sentences" in words
    assert "of 8 members" in words
