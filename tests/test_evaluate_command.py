"""The command `g7tag evaluate`, its tables and its plot."""

import json

import pandas as pd
import pytest

import g7tag
from g7tag.report import evaluation_tables
from g7tag.report.plots import learning_curve_image, plot_learning_curve

BOOK, LABELLED = g7tag.example_path("harbours.toml"), g7tag.example_path("harbours-labelled.csv")
NAN = float("nan")
CURVE = pd.DataFrame(
    {
        "tagger": ["g7tag", "g7tag", "costs $5 and $6"], "tested_on": "one.csv", "n_train": [10, 20, 30], "n_tested": 8,
        "n_items": 4, "f1": [0.25, 0.5, NAN], "f1_low": [0.125, 0.25, NAN], "f1_high": [0.5, 0.75, NAN],
        "reason": ["", "", "nothing to measure"],
    }
)  # fmt: skip


@pytest.mark.slow
def test_it_prints_a_table_for_each_measure(command):
    code, out, err = command("evaluate", "--quiet", "--corpus", LABELLED, "--codebook", BOOK)
    assert (code, err) == (0, "")
    for words in (
        "By label: member left out\n", " Precision ", "Compared with simpler", "assigned label, strength",
        "Calibration of", "people correct", " dredge ", " macro ", " weak ", " Label right ", " All right ",
    ):  # fmt: skip
        assert words in out


@pytest.mark.slow
def test_json_and_plot_come_from_one_run(tmp_path, command):
    table = pd.read_csv(LABELLED, dtype="str", keep_default_na=False)
    table = table.assign(part=["train", "dev", "dev"] * 12 + ["dev"])
    table.to_csv(tmp_path / "small.csv", index=False)
    words = ("--learning-curve", "--wrong", "0.5", "--plot", "c.svg", "--json", "--quiet", "--codebook", BOOK)
    code, out, err = command("evaluate", "--corpus", "small.csv", *words, cwd=tmp_path)
    assert (code, err) == (0, "")
    points = pd.DataFrame(json.loads(out)["learning_curve"])
    assert points[["tested_on", "wrong", "n_tested"]].drop_duplicates().to_numpy().tolist() == [["small.csv", 0.5, 25]]
    assert sorted(set(points["n_train"])) == [0, 12]
    assert "small.csv: 25 sentences in 25 items" in (tmp_path / "c.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("--learning-curve --plot d.doc", 3, "cannot write a '.doc' file. Expected .svg, .png, .pdf"),
        ("--learning-curve --plot c.png", 3, "already exists"),
        ("--learning-curve --plot none/c.svg", 3, "does not exist"),
        ("--corpus none.csv", 3, "No such file"),
        ("--plot d.svg", 2, "Add --learning-curve"),
        ("--wrong 0.1", 2, "belongs to the learning curve"),
        ("--learning-curve --wrong 2", 2, "--wrong"),
        ("--learning-curve --test-part", 2, "does not belong to the learning curve"),
    ],
)
def test_it_is_refused_before_any_work(tmp_path, command, words, code, message):
    (tmp_path / "c.png").write_bytes(b"mine")
    found, out, err = command("evaluate", *words.split(), cwd=tmp_path)
    assert (found, out, message in " ".join(err.split())) == (code, "", True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("c.png", b"mine")]


@pytest.mark.slow
def test_the_plot_draws_the_points_and_leaves_out_what_has_no_value():
    axes = plot_learning_curve(CURVE)
    (drawn,) = [container.lines[0] for container in axes.containers]
    assert drawn.get_xydata().tolist() == [[10, 0.25], [20, 0.5]]
    assert axes.get_title(loc="left").startswith("Tested on one.csv: 8 sentences in 4 items")
    for suffix in (".svg", ".png", ".pdf"):
        assert learning_curve_image(CURVE, suffix) == learning_curve_image(CURVE, suffix)


def test_tables_show_two_decimals_a_dash_for_nan_with_the_reason_and_a_scheme_each():
    (table,) = evaluation_tables("learning_curve", CURVE).values()
    assert table["f1"].tolist() == ["0.25\u00a0[0.12, 0.50]", "0.50\u00a0[0.25, 0.75]", "–"]
    assert table["reason"].tolist() == ["", "", "nothing to measure"]
    assert "reason" not in next(iter(evaluation_tables("learning_curve", CURVE.head(2)).values()))
    two = pd.concat([CURVE.assign(scheme=scheme) for scheme in ("member left out", "file left out")])
    tables = evaluation_tables("labels", two)
    assert list(tables) == ["By label: member left out", "By label: file left out"]
    assert all("scheme" not in table and len(table) == len(CURVE) for table in tables.values())
