"""The package as a whole: a fast import, a correct list of public names, and a new codebook that works."""

import ast
import inspect
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag.codebook import Codebook

Command = Callable[..., tuple[int, str, str]]
PACKAGE = Path(g7tag.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def loaded_by(code: str) -> set[str]:
    """Names of the packages that a fresh interpreter has loaded after some code."""
    report = f"{code}\nimport json, sys\nprint(json.dumps(sorted(name.partition('.')[0] for name in sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=300)
    return set(json.loads(done.stdout))


def test_a_name_is_loaded_when_it_is_first_used() -> None:
    assert loaded_by("import g7tag") & {"pandas", "numpy", "sklearn", "pandera", "pydantic", "matplotlib"} == set()
    assert loaded_by("import g7tag\ng7tag.Codebook") & {"pydantic", "sklearn"} == {"pydantic"}
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = g7tag.no_such_name


@pytest.mark.slow
def test_a_command_that_tags_nothing_waits_for_nothing_that_learns(folder: Path) -> None:
    report = str(g7tag.example_path("invented-report.txt"))
    commands = [["ingest", report, "-o", "new"], ["score", "run"], ["label", "run"]]
    code = f"""
import sys
from g7tag.cli import app
printed, sys.stdout = sys.stdout, sys.stderr
for words in {commands}:
    sys.argv = ["g7tag", *words, "--quiet"]
    app(standalone_mode=False)
sys.stdout = printed
"""
    with chdir(folder.parent):
        loaded = loaded_by(code)
    assert "pandas" in loaded
    assert loaded & {"sklearn", "onnxruntime", "matplotlib"} == set()


def test_the_public_list_is_sorted_short_and_documented() -> None:
    assert list(g7tag.__all__) == sorted(set(g7tag.__all__))
    assert len(g7tag.__all__) <= 45
    assert set(g7tag.__all__) <= set(dir(g7tag))
    assert set(g7tag.__all__) >= {
        "G7TagError", "load_tagger", "open_run", "read_reports", "reconcile", "run_report",
        "score_members", "tag_file", "tag_sentences", "train_tagger",
    }  # fmt: skip
    assert [name for name in g7tag.__all__ if not inspect.getdoc(getattr(g7tag, name))] == []


def test_every_module_and_public_function_and_class_is_documented() -> None:
    bare = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = [
            each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name[0] != "_"
        ]
        bare += [(path.name, getattr(each, "name", "")) for each in (tree, *public) if not ast.get_docstring(each)]
    assert bare == []


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory, command: Command) -> Callable[..., tuple[str, str]]:
    """Run a command in a folder with an invented codebook, a report, and a model trained on a few sentences."""
    folder = tmp_path_factory.mktemp("harbours")
    table = "text\nThe port signed an insurance.\nThey dredged the silt and paid for it.\n"
    (folder / "table.csv").write_text(table, encoding="utf-8")
    for name, example in {"book.toml": ".toml", "labelled.csv": "-labelled.csv", "report.txt": "-report.txt"}.items():
        shutil.copy(g7tag.example_path(f"harbours{example}"), folder / name)

    def run(*words: str) -> tuple[str, str]:
        code, out, err = command(*words, "--codebook", "book.toml", cwd=folder)
        assert code == 0, err
        return out, err

    out, err = run("train", "-o", "m.npz", "--corpus", "labelled.csv")
    assert out == ""
    trained = r"m\.npz: tagger 2030-harbours-\w{12}, trained on 37 sentences \(labelled\.csv\)\.\n"
    assert re.match(trained, err)
    assert err.splitlines()[-1].startswith("Next: g7tag run ")
    return run


def test_a_table_is_tagged_by_an_invented_codebook(harbours: Callable[..., tuple[str, str]]) -> None:
    out, _ = harbours("tag", "table.csv", "--model", "m.npz")
    tags = pd.read_csv(StringIO(out), keep_default_na=False)
    shares = ["p_dredge", "p_light", "p_insure", "p_strong", "p_excluded"]
    assert list(tags.columns)[:7] == ["sentence_id", "text", *shares]
    assert tags[["dimensions", "strength"]].to_numpy().tolist() == [["insure", "strong"], ["dredge", "strong"]]


@pytest.mark.slow
def test_a_report_is_scored_by_an_invented_codebook(harbours: Callable[..., tuple[str, str]]) -> None:
    out, err = harbours("run", "report.txt", "--model", "m.npz", "-o", "run")
    assert out.startswith("Commitment 2030-03, Harbours: report.txt\n")
    rows = [line.split() for line in out.splitlines() if line.split()[:1] in (["Member"], ["Arcadia"], ["Boreas"])]
    assert rows[0] == [
        "Member", "Published", "Suggested", "(plain)", "Probability", "Verdict", "Dredge", "Light", "Insure",
    ]  # fmt: skip
    # Arcadia has one strong item in each dimension: strong in all three; Boreas two weak items: nothing strong
    assert [row[:3] + row[4:5] for row in rows[1:3]] == [
        ["Arcadia", "+1", "+1", "agrees"], ["Boreas", "0", "-1", "differs"],
    ]  # fmt: skip
    assert err.startswith("6 items, 8 sentences tagged (")
    assert harbours("score", "run")[0] == out


def test_no_dimension_of_the_bundled_codebook_is_named_in_code(codebook: Codebook) -> None:
    keys = {*codebook.dimension_keys, *codebook.exclusion_keys}
    named = {
        (path.name, node.value)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in keys
    }
    assert named == set()
