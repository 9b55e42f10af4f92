"""The README is correct: its commands, their output, and a wheel that contains its data."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import g7tag
from g7tag.cli.main import GROUPS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def command_of(end):
    (found,) = [block.strip() for block in blocks("bash") if block.rstrip().endswith(end)]
    return found


@pytest.mark.slow
def test_the_first_command_ends_in_the_run_whose_output_is_shown(bundled_run, tmp_path, command):
    assert command_of("/bin/g7tag run").startswith("python3 -m venv .venv && ")
    code, out, _ = command("score", shutil.copytree(bundled_run, tmp_path / "run"), "--quiet")  # prints what run prints
    *shown, rest = [line.rstrip() for line in blocks("text")[0].strip().splitlines()]
    assert (code, rest) == (0, "…")  # the tables that follow are left out
    assert shown == [line.rstrip() for line in out.strip().splitlines()][: len(shown)]


def test_ci_runs_the_readmes_test_command():
    command = command_of("-m pytest -n auto")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_command_and_notebook_is_named_in_the_readme():
    assert [name for names in GROUPS.values() for name in names if f"g7tag {name}" not in README] == []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        title = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"][0]
        question = title.strip().removeprefix(f"# {path.stem[:2]} ")
        assert f"| `{path.stem}` | {question} |" in README


@pytest.mark.slow
def test_the_python_of_the_readme_runs(capsys):
    code = blocks("python")[0].replace('"report.txt"', repr(str(g7tag.example_path("invented-report.txt"))))
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own page
    assert "Canada" in capsys.readouterr().out


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_runs_from_another_folder_with_its_own_data(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = (
        "import sys; sys.path.insert(0, 'installed'); import g7tag, g7tag.store as store; "
        "assert 'installed' in str(store.data_path('models')), store.data_path('models'); "
        "print(len(g7tag.run_report(fast=True).scores))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "16", done.stderr  # eight members, two readings


@pytest.mark.slow
def test_the_wheel_carries_types_licence_and_every_data_file(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    folders = ("codebooks", "corpus", "examples", "models", "prompts", "published")
    data = [path for folder in folders for path in (ROOT / "data" / folder).rglob("*") if path.is_file()]
    assert {f"g7tag/data/{path.relative_to(ROOT / 'data')}" for path in data} <= names
    assert {"g7tag/py.typed", "g7tag/__init__.pyi"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
