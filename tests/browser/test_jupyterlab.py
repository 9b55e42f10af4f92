"""JupyterLab opens a notebook without a dialog and runs all of it without a warning."""

import json
import shutil
from pathlib import Path

import pytest
from lab import jupyterlab, open_notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ("01-evidence.ipynb", "03-new-report.ipynb")  # plots; a review. All six run in test_notebooks
SECONDS = 150  # each takes less than 30 alone; other tests run beside it
ALL_RAN = """n => {
  const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(each => each.textContent);
  return prompts.length === n && prompts.every(text => /\\[\\d+\\]/.test(text));
}"""
pytestmark = [pytest.mark.nightly, pytest.mark.browser]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on copies of the notebooks, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    tracker = home / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text(json.dumps({"windowingMode": "none"}))  # cells out of sight are looked at, too
    with jupyterlab(home / "notebooks", home) as address:
        yield address


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_opens_without_a_question_and_runs_whole(page, lab, name):
    open_notebook(page, f"{lab}/{name}")
    assert page.locator(".jp-Dialog").count() == 0
    cells = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))["cells"]
    page.locator(".lm-MenuBar-item", has_text="Run").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    n_code = sum(cell["cell_type"] == "code" for cell in cells)
    page.wait_for_function(ALL_RAN, arg=n_code, timeout=SECONDS * 1000)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".g7tag-shown table").count() >= 3
    assert page.locator(".jp-RenderedImage img").count() >= (0 if name.startswith("03") else 1)
