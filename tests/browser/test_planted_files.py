"""No command, desk or project notebook imports or reads what a stranger put into a run, a project or a folder."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from desk_page import served_desk
from lab import open_notebook, served
from nbclient import NotebookClient
from playwright.sync_api import expect

import g7tag

PLANTED = (
    # modules that g7tag, Jupyter, its kernel and their processes import
    "g7tag.py", "lazy_loader.py", "typer.py", "pandas.py", "numpy.py", "joblib.py", "distributed.py", "psutil.py",
    "anywidget.py", "jupyter.py", "jupyterlab.py", "jupyter_server.py", "ipykernel.py", "ipykernel_launcher.py",
    "IPython.py", "debugpy.py", "jedi.py", "json.py", "pkgutil.py", "inspect.py", "ast.py", "multiprocessing.py",
    "sitecustomize.py", "usercustomize.py",
    # settings of Jupyter and IPython that are programs
    "jupyter_config.py", "jupyter_server_config.py", "jupyter_lab_config.py", "jupyter_notebook_config.py",
    "ipython_config.py", "ipython_kernel_config.py", ".jupyter/jupyter_config.py", "profile_default/ipython_config.py",
    ".ipython/profile_default/ipython_config.py", ".ipython/profile_default/startup/00-first.py",
)  # fmt: skip
SCRIPTS = Path(sysconfig.get_path("scripts"))
G7TAG = str(SCRIPTS / "g7tag")
REPORT = str(g7tag.example_path("invented-report.txt"))
pytestmark = pytest.mark.slow


@pytest.fixture
def ran(tmp_path):
    """A file with the names of the planted files that ran; it does not exist if none did."""
    return tmp_path / "ran"


def plant(folder, ran, names=PLANTED):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"with open({str(ran)!r}, 'a') as file:\n    file.write({name!r} + '\\n')\n", encoding="utf-8")


def names_in(ran):
    return ran.read_text(encoding="utf-8").splitlines() if ran.exists() else []


def test_a_planted_file_runs_if_python_imports_from_the_current_folder(tmp_path, ran):
    plant(tmp_path, ran)
    subprocess.run([sys.executable, "-c", "import pandas"], cwd=tmp_path, check=True)
    assert names_in(ran) == ["pandas.py"]


COMMANDS = {
    "run": [G7TAG, "run", REPORT, "-o", "other"],
    "report": [G7TAG, "report", ".", "--docx", "brief.docx"],
    "python -P": [sys.executable, "-P", "-m", "g7tag", "doctor"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_imports_from_the_current_folder_which_is_a_run(folder, ran, name):
    plant(folder, ran)
    done = subprocess.run(COMMANDS[name], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, names_in(ran)) == (0, []), done.stderr


@pytest.mark.parametrize("scheduler", ["", "local"])
def test_no_process_that_tags_imports_from_the_current_folder(tmp_path, ran, scheduler):
    plant(tmp_path / "here", ran)
    script = tmp_path / "script.py"
    script.write_text(
        f"from g7tag.batch.work import each\nif __name__ == '__main__':\n"
        f"    print(list(each(abs, range(6), processes=2, scheduler={scheduler!r}, source='numbers')))\n"
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path / "here", capture_output=True, text=True, check=False)
    assert (done.stdout, names_in(ran)) == ("[0, 1, 2, 3, 4, 5]\n", []), done.stderr


@pytest.mark.browser
def test_the_desk_imports_from_no_folder(page, folder, ran):
    plant(folder, ran)
    with served_desk(".", "--annotator", "Ada", "--select", "all", cwd=folder) as (address, _):
        page.goto(address)
        page.get_by_role("button", name="Start").click()
        expect(page.locator(".keys-on")).to_be_visible()
        page.keyboard.press("b")
        page.keyboard.press("Enter")
        expect(page.locator(".status")).to_have_text("Saved: no dimension, background.")
    assert names_in(ran) == []


@pytest.mark.browser
def test_the_command_of_a_project_opens_its_notebook_and_imports_from_no_folder(page, tmp_path, ran, monkeypatch):
    team = tmp_path / "team"
    g7tag.init_project(team)
    for place in (team, team / "notebooks"):
        plant(place, ran)
    (line,) = re.findall(r"`([^`]* lab notebooks/run\.ipynb)`", (team / "README.md").read_text(encoding="utf-8"))
    monkeypatch.setenv("PATH", f"{SCRIPTS}:/usr/bin:/bin")
    with served(["sh", "-c", f"exec env {line}"], tmp_path, cwd=team) as address:
        open_notebook(page, f"{address}/run.ipynb")
        page.locator(".lm-MenuBar-item", has_text="Run").first.click()
        page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
        expect(page.locator(".jp-OutputArea-output").first).to_contain_text("put the report into", timeout=60_000)
    assert names_in(ran) == []


@pytest.mark.filterwarnings("default")  # Jupyter's own parts warn
def test_the_first_cell_of_a_project_keeps_files_beside_the_notebook_from_being_imported(tmp_path, ran):
    g7tag.init_project(tmp_path / "team")
    place = tmp_path / "team/notebooks"
    plant(place, ran, ("g7tag.py", "lazy_loader.py", "pandas.py", "numpy.py", "anywidget.py", "matplotlib.py"))
    notebook = nbformat.read(place / "run.ipynb", as_version=4)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": place}}).execute()
    assert names_in(ran) == []
