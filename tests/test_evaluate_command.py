"""The command `g7tag evaluate`, its tables and its plot."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag.corpus import bundled_corpus
from g7tag.evaluation import find_peers
from g7tag.report import evaluation_tables
from g7tag.report.plots import learning_curve_image, plot_learning_curve

Command = Callable[..., tuple[int, str, str]]
NAN = float("nan")
CURVE = pd.DataFrame(
    {
        "trained_on": ["one.csv", "one.csv", "two $5 and $6"], "tested_on": "one.csv", "n_train": [10, 20, 30],
        "n_draws": [5, 1, 0], "n_tested": 8, "n_items": 4, "f1": [0.25, 0.5, NAN], "f1_low": [0.125, 0.25, NAN],
        "f1_high": [0.5, 0.75, NAN], "least": [0.2, 0.5, NAN], "greatest": [0.3, 0.5, NAN],
        "reason": ["", "", "no sentence labelled"],
    }
)  # fmt: skip


@pytest.mark.slow
def test_it_prints_a_row_for_each_label(command: Command) -> None:
    book, labelled = g7tag.example_path("harbours.toml"), g7tag.example_path("harbours-labelled.csv")
    code, out, err = command("evaluate", "--quiet", "--corpus", labelled, "--codebook", book)
    assert code == 0
    assert [line for line in err.splitlines() if line.startswith("Not compared")] == [
        f"Not compared with {name}. To compare, run: pip install {' '.join(its)}"
        for name, its in find_peers().missing.items()
    ]
    for words in (
        "By label: member left out\n", " Precision ", "Compared with simpler", "assigned label, strength",
        "Calibration of", "people correct", " dredge ", " macro ", " weak ",
    ):  # fmt: skip
        assert words in out


@pytest.mark.slow
def test_json_and_plot_come_from_one_run(tmp_path: Path, command: Command) -> None:
    table = pd.read_csv(bundled_corpus()[0], dtype="str", keep_default_na=False)
    table[table["member"].isin(["Germany", "United Kingdom"])].to_csv(tmp_path / "small.csv", index=False)
    words = ("evaluate", "--corpus", "small.csv", "--learning-curve", "--plot", "c.svg", "--json", "--quiet")
    code, out, err = command(*words, cwd=tmp_path)
    assert (code, err) == (0, "")
    points = json.loads(out)["learning_curve"]
    assert {point["trained_on"] for point in points} == {"small.csv"}
    assert points[-1]["n_train"] > points[0]["n_train"]
    drawn = (tmp_path / "c.svg").read_text(encoding="utf-8")
    assert "trained on small.csv" in drawn
    assert f"{points[0]['n_tested']} sentences in {points[0]['n_items']} items" in drawn


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--learning-curve", "--plot", "d.doc"], "cannot write a '.doc' file. Expected .svg, .png, .pdf"),
        (["--learning-curve", "--plot", "c.png"], "already exists"),
        (["--learning-curve", "--plot", "none/c.svg"], "does not exist"),
        (["--corpus", "none.csv"], "No such file"),
    ],
)
def test_it_is_refused_before_any_work(tmp_path: Path, command: Command, words: list[str], message: str) -> None:
    (tmp_path / "c.png").write_bytes(b"mine")
    code, out, err = command("evaluate", *words, cwd=tmp_path)
    assert (code, out, message in err) == (3, "", True)
    assert (tmp_path / "c.png").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["c.png"]


def test_the_plot_draws_the_points_and_leaves_out_what_has_no_value() -> None:
    axes = plot_learning_curve(CURVE, tested_on="one.csv")
    drawn, empty = [container.lines[0] for container in axes.containers]
    assert len(empty.get_xydata()) == 0
    assert drawn.get_xydata().tolist() == [[10, 0.25], [20, 0.5]]
    assert axes.get_ylim() == (0, 1)
    assert axes.get_title(loc="left") == "Tested on one.csv\n8 sentences in 4 items"
    assert not plot_learning_curve(CURVE.head(0), tested_on="one.csv").containers


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_same_curve_gives_the_same_image(suffix: str) -> None:
    assert learning_curve_image(CURVE, suffix) == learning_curve_image(CURVE, suffix)


def test_tables_show_two_decimals_a_dash_for_nan_with_the_reason_and_a_scheme_each() -> None:
    (table,) = evaluation_tables("learning_curve", CURVE).values()
    assert table["f1"].tolist() == ["0.25\u00a0[0.12–0.50]", "0.50\u00a0[0.25–0.75]", "–"]
    assert table["reason"].tolist() == ["", "", "no sentence labelled"]
    assert "reason" not in next(iter(evaluation_tables("learning_curve", CURVE.head(2)).values()))
    rows = pd.DataFrame({"tagger": ["a", "b"], "macro_f1": [0.5, NAN], "reason": ["2 of 9", "no label"]})
    (table,) = evaluation_tables("taggers", rows).values()
    assert table["reason"].tolist() == ["", "no label"]
    two = pd.concat([CURVE.assign(scheme=scheme) for scheme in ("member left out", "file left out")])
    tables = evaluation_tables("labels", two)
    assert list(tables) == ["By label: member left out", "By label: file left out"]
    assert all("scheme" not in table and len(table) == len(CURVE) for table in tables.values())
