"""Every example in the help of a command works as typed in a fresh clone, in the order of the help."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag.cli.main import GROUPS

ROOT = Path(__file__).parents[1]
GROUPED = {"codebook": ("new", "show", "check", "diff"), "corpus": ("check", "add")}
COMMANDS = [f"{name} {sub}".strip() for names in GROUPS.values() for name in names for sub in GROUPED.get(name, ("",))]
PRINTED = {
    "corpus check": (
        "Agreement of the two coders' original labels, apulia-2024.csv",
        "Agreement of the two coders' original labels, earlier-actions.csv", "\nAll checks passed.\n",
    ),
    "train": ("my.npz: tagger 2030-harbours-",),
}  # fmt: skip


@pytest.fixture(scope="module")
def examples(command):
    """The first example in the help of each command, its lines joined."""
    found = {}
    for name in COMMANDS:
        code, text, err = command(*name.split(), "--help")
        assert (code, err, text.startswith("Usage: ")) == (0, "", True)
        before, _, after = text.partition("Example: ")
        assert "Options:" not in before, name
        found[name] = " ".join(after.split("\n\n")[0].replace("\\\n", " ").split())
    return found


def test_the_help_of_every_command_has_an_example_and_the_list_has_every_command(examples, command):
    assert [name for name, example in examples.items() if not example.startswith(f"g7tag {name}")] == []
    listed = re.findall(r"^  (\w+) ", command("--help")[1].partition("Start a project:")[2], flags=re.MULTILINE)
    assert sorted(listed) == sorted({name.split()[0] for name in COMMANDS})


def label_by_two_people(work):
    """Labels by Ada in the run, and by Bo on another machine."""
    other = work.parent / "from-bo/run"
    shutil.copytree(work / "run", other, dirs_exist_ok=True)
    ids = g7tag.open_run(work / "run").tags["sentence_id"].tolist()
    for run, name in ((work / "run", "Ada"), (other, "Bo")):
        rows = pd.DataFrame({"sentence_id": ids, "act": "background"})
        g7tag.Run.at(run).record_labels(rows, annotator=name, blind=True)


@pytest.mark.slow
def test_every_example_works_in_a_fresh_clone(tmp_path, examples, command, monkeypatch):
    work = tmp_path / "clone"
    work.mkdir()
    (work / "data").symlink_to(ROOT / "data")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, example in examples.items():
        if name == "compare":
            shutil.copytree(work / "run", work.parent / "from-bo/run")
        if name == "merge":
            label_by_two_people(work)
        words = shlex.split(example)[1:] + (["--no-browser"] if name == "desk" else [])
        code, out, err = command(*words, cwd=work)
        assert code == 0, f"{example}: {err}"
        assert [words for words in PRINTED.get(name, ()) if words not in out + err] == []


@pytest.mark.slow
def test_g7tag_alone_says_what_to_do_next(tmp_path, command):
    def printed():
        return command(cwd=tmp_path)[1]

    assert "There is no run directory in this folder yet" in printed()
    shutil.copy(g7tag.example_path("invented-report.txt"), tmp_path / "my report.txt")
    assert "g7tag run 'my report.txt' -o run" in printed()
    assert command("run", "my report.txt", "-o", "run", "--tagger", "fast", cwd=tmp_path)[0] == 0
    lines = printed()
    assert [step for step in ("run/report.html", "g7tag audit run", "g7tag label run") if step not in lines] == []
    assert "--final" not in lines
    assert command("audit", "run", cwd=tmp_path)[0] == 0
    assert "g7tag score run --final" in printed()


def test_doctor_reports_a_broken_part(monkeypatch, command):
    assert command("doctor")[0] == 0
    monkeypatch.setattr("g7tag.jobs.projects.data_path", lambda name: ROOT / "nowhere" / name)
    code, out, _ = command("doctor", "--json")
    assert (code, "Reinstall g7tag" in out) == (4, True)
