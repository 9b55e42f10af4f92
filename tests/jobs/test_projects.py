"""A project folder: its files, its commands as they are typed, its notebook, and what Git shares."""

import json
import re
import shlex
import shutil
import subprocess
from contextlib import chdir

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from people import command, files, record

import g7tag
from g7tag import jobs
from g7tag.errors import CodebookError, InputError
from g7tag.jobs.projects import project_steps
from g7tag.store import read_labels

BOOK, REPORT = g7tag.example_path("harbours.toml"), g7tag.example_path("harbours-report.txt")
FILES = [".gitattributes", ".gitignore", "README.md", "notebooks/run.ipynb"]


def commands(folder):
    """The numbered commands of the README."""
    return re.findall(r"```bash\n\s*(g7tag .*)\n", (folder / "README.md").read_text(encoding="utf-8"))


def typed(folder, line, *more):
    """A command as it is typed in a folder."""
    with chdir(folder):
        return command(*shlex.split(line)[1:], *more)


def label(run, name):
    """Labels of a person with every dimension and strength."""
    book = g7tag.open_codebook(directory=run)
    ids = jobs.labelled_sentences(g7tag.Run.at(run, book))["sentence_id"]
    keys = [book.dimension_keys[place % len(book.dimensions)] for place in ids.index]
    strengths = ["strong" if place % 2 else "weak" for place in ids.index]
    rows = pd.DataFrame({"sentence_id": ids, "dimensions": keys, "strength": strengths, "act": "done"})
    record(run, rows, name, blind=True)


def test_a_project_has_a_report_a_codebook_a_notebook_and_a_readme(tmp_path):
    made = g7tag.init_project(tmp_path / "team", report=REPORT, codebook=BOOK)
    found = files(tmp_path / "team")
    assert [str(path.relative_to(tmp_path / "team")) for path in made] == sorted(found)
    assert sorted(found) == sorted([*FILES, "codebook.toml", f"report/{REPORT.name}"])
    assert found["codebook.toml"] == BOOK.read_bytes()  # with its comments
    assert found[f"report/{REPORT.name}"] == REPORT.read_bytes()
    assert found["README.md"].startswith(b"# team\n")
    assert [path.name for path in tmp_path.iterdir()] == ["team"]
    own, bundled = (project_steps("r.pdf", g7tag.open_codebook(each)) for each in (BOOK, None))
    assert [step.command.split()[1] for step in own] == ["codebook", "train", "run", "desk", "merge", "train", "run"]
    assert [step.command.split()[1] for step in bundled] == ["codebook", "run", "desk", "merge", "audit", "score"]


def test_a_report_with_several_commitments_is_drafted_with_the_number_of_one(tmp_path):
    text = REPORT.read_text(encoding="utf-8")
    chapter = text[text.index("3. Oceans") : text.index("¹⁰ Silt")]
    report = tmp_path / "two.txt"
    report.write_text(text.replace(chapter, chapter + chapter.replace("3. Oceans", "4. Rivers")), encoding="utf-8")
    command("init", tmp_path / "a", "--report", report, "--commitment", 4)
    typed(tmp_path / "a", commands(tmp_path / "a")[0])
    assert g7tag.open_codebook(tmp_path / "a/codebook.toml").commitment.id == "2030-04"
    g7tag.init_project(tmp_path / "b", report=report)
    readme = (tmp_path / "b/README.md").read_text(encoding="utf-8")
    assert "If the report has several commitments, add `--commitment` and the number of yours." in readme
    made = command("init", tmp_path / "c", "--codebook", BOOK, "--commitment", 4, code=2)
    assert "already names its commitment" in " ".join(made.stderr.replace("│", " ").split())
    assert not (tmp_path / "c").exists()


UNTRUSTED = [
    "it's a report; rm -rf $HOME.txt", "-o.txt", "`touch x` $(touch y).txt", 'a "b" {c} %s.txt', "a\nb\u202e.txt",
]  # fmt: skip


@pytest.mark.parametrize("name", UNTRUSTED)
def test_the_name_of_a_report_is_quoted(tmp_path, name):
    (tmp_path / name).write_bytes(REPORT.read_bytes())
    g7tag.init_project(tmp_path / "team", report=tmp_path / name, codebook=BOOK)
    (copy,) = (tmp_path / "team/report").iterdir()
    assert copy.name.isprintable()
    lines = commands(tmp_path / "team")
    assert len(lines) == 7
    assert shlex.split(lines[2])[2] == shlex.split(lines[6])[2] == f"report/{copy.name}"
    words = lines[2].removeprefix("g7tag run ").removesuffix(" -o run --codebook codebook.toml --model tagger.npz")
    done = subprocess.run(["sh", "-c", f"printf %s {words}"], capture_output=True, check=True)
    assert done.stdout.decode() == f"report/{copy.name}"
    assert "g7tag train" in "\n".join(g7tag.next_steps(tmp_path / "team"))


REFUSED = {
    "not empty": ({}, "team", r"team: is not empty; it has 'mine\.txt'\. Choose a new folder\. Nothing was written\."),
    "a file": ({}, "file.txt", r"file\.txt: is a file or a link\. Expected a new folder"),
    "no parent": ({}, "a/b", r"a/b: there is no folder .*a\. Make it first"),
    "no report": ({"report": "none.pdf"}, "new", r"none\.pdf: cannot read the report \(No such file"),
    "an image": ({"report": "scan.png"}, "new", r"scan\.png: is an image \(PNG\)\. Expected a report as PDF"),
    "no codebook": ({"codebook": "none.toml"}, "new", r"none\.toml: cannot read the codebook"),
    "a report as codebook": ({"codebook": "file.txt"}, "new", r"file\.txt: not a TOML file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(tmp_path, case):
    (tmp_path / "team").mkdir()
    (tmp_path / "team/mine.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file.txt").write_text("no codebook", encoding="utf-8")
    (tmp_path / "scan.png").write_bytes(b"\x89PNG\r\n")
    given, name, message = REFUSED[case]
    before = files(tmp_path)
    with pytest.raises(InputError, match=message) as raised:
        g7tag.init_project(tmp_path / name, **{key: tmp_path / value for key, value in given.items()})
    assert raised.value.exit_code == CodebookError.exit_code == 3
    assert files(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_an_empty_repository_is_filled_and_the_project_says_how_to_get_a_report_and_a_codebook(tmp_path):
    (tmp_path / "team/.git").mkdir(parents=True)
    (tmp_path / "team/.git/HEAD").write_text("ref: refs/heads/main", encoding="utf-8")
    with chdir(tmp_path / "team"):
        command("init", ".")
    assert sorted(files(tmp_path / "team")) == sorted([".git/HEAD", *FILES, "report/put-the-report-here.md"])
    readme = (tmp_path / "team/README.md").read_text(encoding="utf-8")
    assert readme.startswith("# team\n")
    assert "First put the report into `report/`, and write its name for `REPORT.pdf` below." in readme
    assert commands(tmp_path / "team")[:3] == [
        "g7tag codebook new report/REPORT.pdf -o codebook.toml",
        "g7tag train -o tagger.npz --codebook codebook.toml",
        "g7tag run report/REPORT.pdf -o run --codebook codebook.toml --model tagger.npz",
    ]
    assert "| `run/` | the run, made by command 3 |" in readme


def suggested(folder):
    """The commands that a folder without a run suggests; the first line is a heading, the last one names the help."""
    return [line.split("    ")[0].strip() for line in g7tag.next_steps(folder)][1:-1]


def test_a_project_suggests_only_the_next_command_of_its_readme(tmp_path):
    team = tmp_path / "team"
    g7tag.init_project(team)
    assert suggested(team) == ["put the report into `report/`"]
    shutil.copy(REPORT, team / "report")
    assert suggested(team) == [f"g7tag codebook new report/{REPORT.name} -o codebook.toml"]
    typed(team, suggested(team)[0])  # has drafts and open questions
    assert suggested(team) == ["g7tag codebook check codebook.toml"]
    (team / "codebook.toml").write_text("id = 1", encoding="utf-8")
    assert suggested(team) == ["g7tag codebook check codebook.toml"]
    shutil.copy(BOOK, team / "codebook.toml")
    assert suggested(team) == ["g7tag train -o tagger.npz --codebook codebook.toml"]
    (team / "tagger.npz").touch()
    assert suggested(team) == [f"g7tag run report/{REPORT.name} -o run --codebook codebook.toml --model tagger.npz"]


def test_a_folder_with_reports_suggests_a_draft_and_a_run(tmp_path):
    shutil.copy(REPORT, tmp_path)
    assert suggested(tmp_path) == [
        f"g7tag codebook new {REPORT.name} -o codebook.toml",
        f"g7tag run {REPORT.name} -o run", "g7tag run -o run", "g7tag doctor",
    ]  # fmt: skip
    shutil.copy(BOOK, tmp_path / "codebook.toml")
    assert suggested(tmp_path) == ["g7tag train -o tagger.npz --codebook codebook.toml"]


def executed(folder):
    """The outputs of the notebook of a project, run from top to bottom; it must be stored without outputs."""
    notebook = nbformat.read(folder / "notebooks/run.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert notebook.metadata.kernelspec.name == "python3"
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": folder / "notebooks"}}).execute()
    return json.dumps([cell.get("outputs", []) for cell in notebook.cells], ensure_ascii=False)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # Jupyter's own parts warn
def test_a_team_of_two_goes_from_the_report_to_scores_with_the_commands_of_the_readme(tmp_path):
    ada, bo = tmp_path / "ada", tmp_path / "bo"
    g7tag.init_project(ada, report=REPORT, codebook=BOOK)
    shutil.copytree(ada, bo)
    check, first, tags, desk, merge, train, run = commands(ada)
    assert first in executed(ada)
    for folder, name in ((ada, "Ada"), (bo, "Bo")):
        typed(folder, check)
        typed(folder, first)
        assert suggested(folder) == [tags]
        assert "8 sentences tagged" in typed(folder, tags).stderr
        typed(folder, desk.replace("YOUR NAME", name), "--no-browser")
        label(folder / "run", name)
    shutil.copy(bo / "run/labels/Bo.jsonl", ada / "COLLEAGUE.jsonl")
    assert "Bo: 8 new labels" in typed(ada, merge).stderr
    typed(ada, "g7tag agreement run")
    typed(ada, train)
    assert "Arcadia" in typed(ada, run).stdout
    scored = executed(ada)
    assert "Arcadia" in scored
    assert "Traceback" not in scored
    assert len(read_labels(ada / "run")) == 16


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="Git is missing")
def test_git_shares_what_people_made(tmp_path):
    team = tmp_path / "team"
    g7tag.init_project(team, report=REPORT, codebook=BOOK)
    ingest = f"g7tag ingest report/{REPORT.name} -o run --codebook codebook.toml"
    typed(team, ingest)
    label(team / "run", "Ada")
    typed(team, commands(team)[3].replace("YOUR NAME", "Ada"), "--no-browser")
    typed(team, 'g7tag label run --assign "Ada" --assign "Bo" --coders 2')
    (team / "run/ledger.csv").write_text("finding_id\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", "."], cwd=team, check=True)
    subprocess.run(["git", "add", "-A"], cwd=team, check=True)
    listed = subprocess.run(["git", "ls-files"], cwd=team, check=True, capture_output=True, text=True).stdout.split()
    assert set(listed) == {
        *FILES, "codebook.toml", f"report/{REPORT.name}",
        "run/labels/Ada.jsonl", "run/labels/plan.toml", "run/ledger.csv",
    }  # fmt: skip
    attribute = subprocess.run(
        ["git", "check-attr", "merge", "run/labels/Ada.jsonl"], cwd=team, check=True, capture_output=True, text=True
    )
    assert attribute.stdout.strip().endswith("merge: union")
