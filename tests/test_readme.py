"""The README is correct: its commands, their output, and a wheel that contains its data."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import typer

from g7tag.cli import app

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
G7TAG = Path(sys.executable).with_name("g7tag")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def command_of(end: str) -> str:
    (found,) = [block.strip() for block in blocks("bash") if block.rstrip().endswith(end)]
    return found


def test_the_first_command_ends_in_the_run_whose_output_is_shown() -> None:
    assert command_of("/bin/g7tag run").startswith("python3 -m venv .venv && ")
    done = subprocess.run([G7TAG, "run", "--quiet"], capture_output=True, text=True, check=True)
    *shown, rest = [line.rstrip() for line in blocks("text")[0].strip().splitlines()]
    assert rest == "…"  # the tables that follow are left out
    assert shown == [line.rstrip() for line in done.stdout.strip().splitlines()][: len(shown)]


def test_ci_runs_the_readmes_test_command() -> None:
    command = command_of("-m pytest -n auto")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_command_is_named_in_the_readme() -> None:
    group = typer.main.get_command(app)
    for name in group.commands:  # type: ignore[attr-defined]
        assert f"g7tag {name}" in README


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    code = blocks("python")[0].replace('"report.txt"', "")  # the bundled evidence in place of a report
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Canada" in done.stdout


def test_the_notebooks_are_listed_with_their_questions() -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        title = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"][0]
        question = title.strip().removeprefix(f"# {path.stem[:2]} ")
        assert f"| `{path.stem}` | {question} |" in README


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_runs_from_another_folder_with_its_own_data(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = (
        "import sys; sys.path.insert(0, 'installed'); import g7tag, g7tag.store as store; "
        "assert 'installed' in str(store.data_path('models')), store.data_path('models'); "
        "print(len(g7tag.run_report().scores))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "16", done.stderr  # eight members, two readings


def test_the_wheel_carries_types_licence_and_every_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    folders = ("codebooks", "corpus", "examples", "models", "prompts", "published")
    data = [path for folder in folders for path in (ROOT / "data" / folder).rglob("*") if path.is_file()]
    assert {f"g7tag/data/{path.relative_to(ROOT / 'data')}" for path in data} <= names
    assert {"g7tag/py.typed", "g7tag/__init__.pyi"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
