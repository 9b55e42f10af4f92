"""Every command works on frames with missing values wherever their schemas allow them."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import scoring
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.errors import G7TagError
from g7tag.frames import FIXED, tags_model
from g7tag.jobs import RUN_FRAMES
from g7tag.report import plots
from g7tag.store import parquet_bytes

pytestmark = pytest.mark.slow

GIVEN = ("documents", "commitments", "members", "summary", "items", "citations", "tags")
"""Frames that scoring and audit read; the others are made from them."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the bundled evidence, with acts of several members."""
    path = tmp_path_factory.mktemp("missing") / "run"
    g7tag.run_report(output=path)
    return path


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


@pytest.mark.parametrize("name", GIVEN)
def test_a_frame_without_any_value_that_may_be_missing_is_used(folder: Path, codebook: Codebook, name: str) -> None:
    columns = nullable(name, codebook)
    assert columns
    without(folder, name, columns, 1.0, 0)
    use(folder)


@pytest.mark.parametrize("seed", range(2))
def test_frames_with_half_of_such_values_missing_are_used(
    whole: Path, tmp_path: Path, codebook: Codebook, seed: int
) -> None:
    run = shutil.copytree(whole, tmp_path / "run")
    for place, name in enumerate(GIVEN):
        without(run, name, nullable(name, codebook), 0.5, 10 * seed + place)
    use(run)


def test_every_frame_of_a_run_is_given_or_made_from_those_that_are() -> None:
    made: set[Any] = {"gaps", "conclusions", "claims", "sentences", "marks", "annotations", "labels"}
    made |= {"evidence_matrix", "scores", "thresholds", "flips", "findings", "joint_actions", "equal_evidence"}
    assert made | set(GIVEN) == set(RUN_FRAMES)
    assert issubclass(G7TagError, Exception)
