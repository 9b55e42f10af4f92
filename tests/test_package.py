"""The package as a whole: a fast import, a correct list of public names, and no codebook in the code."""

import ast
import inspect
import json
import os
import subprocess
import sys
from contextlib import chdir
from functools import cache
from pathlib import Path

import pytest

import g7tag

PACKAGE = Path(g7tag.__file__).parent


@cache
def trees():
    """The code of each module."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def loaded_by(code):
    """Names of the packages that a fresh interpreter has loaded after some code."""
    report = f"{code}\nimport json, sys\nprint(json.dumps(sorted(name.partition('.')[0] for name in sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=300)
    return set(json.loads(done.stdout))


def test_a_name_is_loaded_when_it_is_first_used():
    assert (
        loaded_by("import g7tag")
        & {"pandas", "numpy", "scipy", "sklearn", "pandera", "pydantic", "matplotlib", "onnxruntime"}
        == set()
    )
    assert loaded_by("import g7tag\ng7tag.Codebook") & {"pydantic", "sklearn"} == {"pydantic"}
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = g7tag.no_such_name


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["audit", "--help"], ["status", "--help"]], ids=" ".join
)
def test_help_loads_nothing_that_computes(words):
    code = f"""
import sys
from g7tag.__main__ import main
printed, sys.stdout, sys.argv = sys.stdout, sys.stderr, ["g7tag", *{words}]
try:
    main()
except SystemExit as end:
    assert not end.code
sys.stdout = printed
"""
    loaded = loaded_by(code)
    assert "typer" in loaded
    assert loaded & {"pandas", "pandera", "scipy", "sklearn", "matplotlib", "onnxruntime"} == set()


def cpu_seconds(*words):
    """CPU time of a fresh interpreter, the least of three: steadier than the clock on a busy machine."""
    taken = []
    for _ in range(3):
        before = sum(os.times()[2:4])
        subprocess.run([sys.executable, *words], capture_output=True, check=True, timeout=300)
        taken.append(sum(os.times()[2:4]) - before)
    return min(taken)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count the time of children")
def test_help_takes_less_than_a_third_of_the_imports_of_an_analysis():
    imports = cpu_seconds("-c", "import pandas, pyarrow, sklearn.linear_model")
    assert cpu_seconds("-m", "g7tag", "--help") < 0.3 * imports


@pytest.mark.slow
def test_a_command_that_tags_nothing_waits_for_nothing_that_learns(folder):
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


def test_the_public_list_is_sorted_short_and_documented():
    assert list(g7tag.__all__) == sorted(set(g7tag.__all__))
    assert len(g7tag.__all__) <= 45
    assert set(g7tag.__all__) <= set(dir(g7tag))
    assert set(g7tag.__all__) >= {
        "G7TagError", "load_tagger", "open_run", "read_reports", "reconcile", "run_report",
        "score_members", "tag_file", "tag_sentences", "train_tagger",
    }  # fmt: skip
    assert [name for name in g7tag.__all__ if not inspect.getdoc(getattr(g7tag, name))] == []


def test_every_module_and_public_function_and_class_is_documented():
    bare = []
    for path, tree in trees().items():
        public = [
            each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name[0] != "_"
        ]
        bare += [(path.name, getattr(each, "name", "")) for each in (tree, *public) if not ast.get_docstring(each)]
    assert bare == []


def test_no_dimension_of_the_bundled_codebook_is_named_in_code(codebook):
    keys = {*codebook.dimension_keys, *codebook.exclusion_keys}
    named = {
        (path.name, node.value)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in keys
    }
    assert named == set()
