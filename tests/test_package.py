"""The package as a whole: a fast import, a correct list of public names, and a new codebook that works."""

import ast
import inspect
import json
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pandas as pd
import pytest
from harbours import HARBOUR_REPORT, HARBOURS, LABELLED
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.codebook import Codebook

pytestmark = pytest.mark.slow

PACKAGE = Path(g7tag.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def loaded_by(code: str) -> set[str]:
    """Names of the packages that a fresh interpreter has loaded after some code."""
    report = f"{code}\nimport json, sys\nprint(json.dumps(sorted(name.partition('.')[0] for name in sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_none_of_the_heavy_ones() -> None:
    assert loaded_by("import g7tag") & {"pandas", "numpy", "sklearn", "pandera", "pydantic", "matplotlib"} == set()


def test_a_name_is_loaded_when_it_is_first_used() -> None:
    assert "pydantic" in loaded_by("import g7tag\ng7tag.Codebook")
    assert "sklearn" not in loaded_by("import g7tag\ng7tag.Codebook")


@pytest.mark.parametrize(
    "command",
    [["ingest", g7tag.example_path("invented-report.txt"), "-o", "new"], ["score", "run"], ["label", "run"]],
    ids=["ingest", "score", "label"],
)
def test_a_command_that_tags_nothing_waits_for_nothing_that_learns(command: list[object], folder: Path) -> None:
    words = ["g7tag", *map(str, command), "--quiet"]
    code = f"import sys\nfrom g7tag.cli import app\nsys.argv, sys.stdout = {words}, sys.stderr"
    with chdir(folder.parent):
        loaded = loaded_by(f"{code}\napp(standalone_mode=False)\nsys.stdout = sys.__stdout__")
    assert "pandas" in loaded
    assert loaded & {"sklearn", "skops", "matplotlib"} == set()


def test_the_public_list_is_sorted_and_has_no_name_twice() -> None:
    assert list(g7tag.__all__) == sorted(set(g7tag.__all__))


def test_the_public_list_names_the_main_job() -> None:
    assert set(g7tag.__all__) >= {
        "G7TagError", "audit_evidence", "load_tagger", "open_run", "read_reports", "reconcile", "run_report",
        "score_members", "tag_file", "tag_sentences", "train_tagger",
    }  # fmt: skip


def test_every_public_name_resolves_to_something_documented() -> None:
    assert [name for name in g7tag.__all__ if not inspect.getdoc(getattr(g7tag, name))] == []
    assert set(g7tag.__all__) <= set(dir(g7tag))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = g7tag.no_such_name


def test_every_module_and_public_function_and_class_is_documented() -> None:
    bare = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = [
            each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name[0] != "_"
        ]
        bare += [(path.name, getattr(each, "name", "")) for each in (tree, *public) if not ast.get_docstring(each)]
    assert bare == []


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an invented codebook, a dozen labelled sentences, a report, and a model trained on them."""
    folder = tmp_path_factory.mktemp("harbours")
    for name, text in {"book.toml": HARBOURS, "labelled.csv": LABELLED, "report.txt": HARBOUR_REPORT}.items():
        (folder / name).write_text(text, encoding="utf-8")
    out, err = command(folder, "train", "-o", "m.skops", "--corpus", "labelled.csv")
    assert out == ""
    assert re.fullmatch(
        r"m\.skops: tagger 2030-harbours-\w{12}, trained on 12 sentences \(labelled\.csv\)\.\nNext: g7tag run .*\n", err
    )
    return folder


def command(folder: Path, *words: str) -> tuple[str, str]:
    """What a command printed on stdout and stderr, run in a folder with the codebook that is there."""
    with chdir(folder):
        result = CliRunner().invoke(app, [*words, "--codebook", "book.toml"])
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_a_table_is_tagged_by_an_invented_codebook(harbours: Path) -> None:
    (harbours / "table.csv").write_text("text\nThe port signed an insurance.\nThey dredged and paid.\n")
    command(harbours, "tag", "table.csv", "--model", "m.skops", "-o", "tags.csv")
    tags = pd.read_csv(harbours / "tags.csv", keep_default_na=False)
    shares = ["p_dredge", "p_light", "p_insure", "p_strong", "p_excluded"]
    assert list(tags.columns)[:7] == ["sentence_id", "text", *shares]
    assert tags[["dimensions", "strength"]].to_numpy().tolist() == [["insure", "strong"], ["dredge", "strong"]]


def test_a_report_is_scored_by_an_invented_codebook(harbours: Path) -> None:
    out, err = command(harbours, "run", "report.txt", "--model", "m.skops", "-o", "run")
    assert out.startswith("Commitment 2030-03, Harbours: report.txt\n")
    rows = [line.split() for line in out.splitlines() if line.split()[:1] in (["Member"], ["Arcadia"], ["Boreas"])]
    assert rows[0] == [
        "Member", "Published", "Suggested", "(plain)", "Probability", "Verdict", "dredge", "light", "insure",
    ]  # fmt: skip
    assert rows[1][:3] + rows[1][4:5] == [
        "Arcadia",
        "+1",
        "+1",
        "agrees",
    ]  # one strong item in each: strong in all three
    assert rows[2][:3] + rows[2][4:5] == ["Boreas", "-1", "-1", "agrees"]  # one weak item: nothing strong
    assert err.startswith("4 items, 4 sentences tagged (")
    assert command(harbours, "score", "run")[0] == out


def test_no_dimension_of_the_bundled_codebook_is_named_in_code(codebook: Codebook) -> None:
    keys = {*codebook.dimension_keys, *codebook.exclusion_keys}
    named = {
        (path.name, node.value)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in keys
    }
    assert named == set()
