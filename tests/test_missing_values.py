"""Every command works on frames with missing values wherever their schemas allow them."""

import hashlib
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import scoring
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.frames import FIXED, tags_model
from g7tag.report import plots
from g7tag.store import parquet_bytes

pytestmark = pytest.mark.slow

GIVEN = ("documents", "commitments", "members", "summary", "items", "citations", "tags")
"""Frames that scoring and audit read; the others are made from them."""


def nullable(name: str, codebook: Codebook) -> list[str]:
    model = tags_model(codebook) if name == "tags" else FIXED[name]
    return [str(column) for column, told in model.columns.items() if told.nullable]


def without(run: Path, name: str, columns: list[str], share: float, seed: int) -> None:
    """Take a share of the values out of columns of a frame, and let the manifest say so."""
    dice = np.random.default_rng(seed)
    frame = pd.read_parquet(run / f"{name}.parquet")
    for column in columns:
        frame[column] = frame[column].mask(dice.random(len(frame)) < share)
    content = parquet_bytes(frame)
    (run / f"{name}.parquet").write_bytes(content)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    for step in manifest["steps"].values():
        if name in step["frames"]:
            step["frames"][name]["sha256"] = hashlib.sha256(content).hexdigest()
    manifest.pop("sha256", None)  # as an older g7tag wrote it
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def commands(run: Path) -> dict[str, list[str]]:
    price = ["--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--price", "1,1", "--dry-run"]
    exports = [f"--xlsx={run}.xlsx", f"--csv={run}-tables", f"--docx={run}.docx"]
    return {
        "score": ["score", str(run), "--force"],
        "audit": ["audit", str(run), "--force"],
        "label": ["label", str(run)],
        "final": ["score", str(run), "--final"],
        "json": ["score", str(run), "--json"],
        "report": ["report", str(run), *exports, "--force"],
        "verify": ["score", str(run), "--verify", str(run / "receipts" / "2024-19-JPN.json")],
        "review": ["review", str(run), "--select", "all", *price],
    }


def use(run: Path) -> None:
    """Run each command; none may end in anything but a result or a message."""
    for name, words in commands(run).items():
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 0, (name, ended.stderr, ended.exception)
    read = g7tag.open_run(run)
    for frame in read.frames.values():
        assert g7tag.show(frame, read)._repr_html_()
    assert read.explain()._repr_html_()
    book = g7tag.open_codebook(run / "codebook.toml")
    for reading in (reading.name for reading in book.readings):
        plots.plot_scores(read.scores, reading=reading)
        plots.plot_thresholds(read.thresholds, reading=reading)
    plots.plot_joint_actions(read.joint_actions, book)
    plots.plot_evidence(read.evidence_matrix, book)
    levels = scoring.item_levels(read.labels, sentences=read.sentences, items=read.items, codebook=book)
    plots.plot_timeline(levels, book)
    plt.close("all")


CASES: dict[str, tuple[tuple[str, ...], float]] = {
    "nothing known of the report": (("documents", "commitments", "members", "summary"), 1.0),
    "nothing known of the evidence": (("items", "citations", "tags"), 1.0),
    "half of everything": (GIVEN, 0.5),
}


@pytest.mark.parametrize("case", CASES)
def test_frames_in_which_values_that_may_be_missing_are_missing_are_used(
    folder: Path, codebook: Codebook, case: str
) -> None:
    names, share = CASES[case]
    for place, name in enumerate(names):
        columns = nullable(name, codebook)
        assert columns
        without(folder, name, columns, share, place)
    use(folder)
