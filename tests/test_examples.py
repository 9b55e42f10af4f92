"""Every example in the help of a command works as typed in a fresh clone, in the order of the help."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.cli.main import GROUPS

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow
GROUPED = {"codebook": ("new", "show", "check"), "corpus": ("check", "add")}
COMMANDS = [
    " ".join(words)
    for names in GROUPS.values()
    for name in names
    for words in ([(name, sub) for sub in GROUPED[name]] if name in GROUPED else [(name,)])
]


def example(command: str) -> str:
    """The first example in the help of a command, its lines joined."""
    text = CliRunner().invoke(app, [*command.split(), "--help"]).stdout
    found = re.search(r"Example: (g7tag .*?)\n\n", text, flags=re.DOTALL)
    assert found, f"{command}: no example"
    return " ".join(found[1].replace("\\\n", " ").split())


def test_the_help_of_every_command_begins_with_an_example() -> None:
    for command in COMMANDS:
        before = CliRunner().invoke(app, [*command.split(), "--help"]).stdout.partition("Example: ")[0]
        assert "Options:" not in before, command
        assert example(command).startswith(f"g7tag {command}")


def label_by_two_people(work: Path) -> None:
    """Labels by Ada in the run, and by Bo on another machine."""
    other = work.parent / "from-bo/run"
    shutil.copytree(work / "run", other, dirs_exist_ok=True)
    ids = g7tag.open_run(work / "run").tags["sentence_id"].tolist()
    for run, name in ((work / "run", "Ada"), (other, "Bo")):
        jobs.record_labels(run, pd.DataFrame({"sentence_id": ids, "act": "background"}), annotator=name, blind=True)


def test_every_example_works_in_a_fresh_clone(tmp_path: Path) -> None:
    work = tmp_path / "clone"
    work.mkdir()
    (work / "data").symlink_to(ROOT / "data")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
    for command in COMMANDS:
        if command == "compare":
            shutil.copytree(work / "run", work.parent / "from-bo/run")
        if command == "merge":
            label_by_two_people(work)
        words = shlex.split(example(command)) + (["--no-browser"] if command == "desk" else [])
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=work, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def test_g7tag_alone_says_what_to_do_next(tmp_path: Path) -> None:
    def printed() -> str:
        done = subprocess.run([sys.executable, "-m", "g7tag"], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    assert "There is no run directory in this folder yet" in printed()
    report = ROOT / "data/examples/invented-report.txt"
    (tmp_path / "my report.txt").write_bytes(report.read_bytes())
    assert "g7tag run 'my report.txt' -o run" in printed()
    subprocess.run(
        [sys.executable, "-m", "g7tag", "run", "my report.txt", "-o", "run"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    lines = printed()
    for step in ("run/report.html", "g7tag audit run", "g7tag label run"):
        assert step in lines
    assert "--final" not in lines
    subprocess.run([sys.executable, "-m", "g7tag", "audit", "run"], cwd=tmp_path, capture_output=True, check=True)
    assert "g7tag score run --final" in printed()


def test_doctor_reports_a_broken_part(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    monkeypatch.setattr("g7tag.jobs.doctor.data_path", lambda name: ROOT / "nowhere" / name)
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 4
    assert "Reinstall g7tag" in done.stdout
