"""The command `g7tag evaluate`."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from g7tag.corpus import bundled_corpus
from g7tag.evaluation import find_peers
from g7tag.report import evaluation_tables
from g7tag.report.plots import learning_curve_image, plot_learning_curve

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
CURVE = pd.DataFrame(
    [
        ["one.csv", "one.csv", 10, 5, 8, 4, 0.25, 0.125, 0.5, 0.2, 0.3, ""],
        ["one.csv", "one.csv", 20, 1, 8, 4, 0.5, 0.25, 0.75, 0.5, 0.5, ""],
        ["two $5 and $6", "one.csv", 30, 0, 8, 4, *[float("nan")] * 5, "no sentence labelled"],
    ],
    columns=[
        "trained_on",
        "tested_on",
        "n_train",
        "n_draws",
        "n_tested",
        "n_items",
        "f1",
        "f1_low",
        "f1_high",
        "least",
        "greatest",
        "reason",
    ],
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = pd.read_csv(bundled_corpus()[0], dtype="str", keep_default_na=False)
    path = tmp_path_factory.mktemp("corpus") / "small.csv"
    table[table["member"].isin(["Germany", "United Kingdom", "United States"])].to_csv(path, index=False)
    return path


def evaluated(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [G7TAG, "evaluate", "--quiet", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_it_prints_a_row_for_each_label(small: Path) -> None:
    done = evaluated("--corpus", small)
    assert done.returncode == 0
    told = [
        f"Not compared with {name}. To compare, run: pip install {' '.join(its)}"
        for name, its in find_peers().missing.items()
    ]
    assert [line for line in done.stderr.splitlines() if line.startswith("Not compared")] == told
    assert " Precision " in done.stdout
    for heading in (
        "By label",
        "Compared with simpler",
        "assigned label, strength",
        "Calibration of",
        "people correct",
    ):
        assert heading in done.stdout
    assert ": member left out\n" in done.stdout
    for label in ("prevent", "disrupt", "macro", "weak", "border"):
        assert f" {label} " in done.stdout


def test_json_and_plot_come_from_one_run(small: Path, tmp_path: Path) -> None:
    done = evaluated("--corpus", small, "--learning-curve", "--plot", tmp_path / "c.svg", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    points = json.loads(done.stdout)["learning_curve"]
    assert {point["trained_on"] for point in points} == {"small.csv"}
    assert points[-1]["n_train"] > points[0]["n_train"]
    words = (tmp_path / "c.svg").read_text(encoding="utf-8")
    assert "trained on small.csv" in words
    assert f"{points[0]['n_tested']} sentences in {points[0]['n_items']} items" in words


def test_a_plot_is_refused_before_any_work(small: Path, tmp_path: Path) -> None:
    there = tmp_path / "c.png"
    there.write_bytes(b"mine")
    for code, words, arguments in [
        (2, "needs --learning-curve", ["--plot", tmp_path / "d.svg"]),
        (
            3,
            "cannot write a '.doc' file. Expected .svg, .png, .pdf",
            ["--learning-curve", "--plot", tmp_path / "d.doc"],
        ),
        (2, "Leave out one of the two options", ["--learning-curve", "--test-part"]),
        (3, "already exists", ["--learning-curve", "--plot", there]),
        (3, "No such file", ["--corpus", tmp_path / "none.csv"]),
    ]:
        done = evaluated(*arguments)
        assert done.returncode == code
        assert words in " ".join(done.stderr.replace("│", " ").split())
        assert "Traceback" not in done.stderr
    nowhere = evaluated("--learning-curve", "--plot", tmp_path / "none" / "c.svg")
    assert (nowhere.returncode, "does not exist" in nowhere.stderr) == (3, True)
    assert there.read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["c.png"]


def test_the_plot_draws_the_points_and_leaves_out_what_has_no_value() -> None:
    axes = plot_learning_curve(CURVE, tested_on="one.csv")
    drawn, empty = [container.lines[0] for container in axes.containers]
    assert len(empty.get_xydata()) == 0
    assert drawn.get_xydata().tolist() == [[10, 0.25], [20, 0.5]]
    assert axes.get_ylim() == (0, 1)
    assert axes.get_title(loc="left") == "Tested on one.csv\n8 sentences in 4 items"


def test_an_empty_curve_gives_empty_axes() -> None:
    assert not plot_learning_curve(CURVE.head(0), tested_on="one.csv").containers


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_same_curve_gives_the_same_image(suffix: str) -> None:
    assert learning_curve_image(CURVE, suffix) == learning_curve_image(CURVE, suffix)


def test_the_table_shows_two_decimals_a_dash_for_nan_and_says_why() -> None:
    (table,) = evaluation_tables("learning_curve", CURVE).values()
    assert table["f1"].tolist() == ["0.25\u00a0[0.12–0.50]", "0.50\u00a0[0.25–0.75]", "–"]
    assert table["reason"].tolist() == ["", "", "no sentence labelled"]
    (told,) = evaluation_tables("learning_curve", CURVE.head(2)).values()
    assert "reason" not in told


def test_the_reason_stands_beside_any_dash() -> None:
    rows = pd.DataFrame({"tagger": ["a", "b"], "macro_f1": [0.5, float("nan")], "reason": ["2 of 9", "no label"]})
    (table,) = evaluation_tables("taggers", rows).values()
    assert table["reason"].tolist() == ["", "no label"]


def test_each_scheme_has_a_table_of_its_own() -> None:
    two = pd.concat([CURVE.assign(scheme=scheme) for scheme in ("member left out", "file left out")])
    tables = evaluation_tables("labels", two)
    assert list(tables) == ["By label: member left out", "By label: file left out"]
    assert all("scheme" not in table and len(table) == len(CURVE) for table in tables.values())
