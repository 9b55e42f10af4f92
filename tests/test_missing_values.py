"""Every command works on frames with missing values wherever their schemas allow them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import scoring
from g7tag.cli import app
from g7tag.frames import FIXED, tags_model
from g7tag.report import plots

pytestmark = pytest.mark.slow

GIVEN = ("documents", "commitments", "members", "summary", "items", "citations", "tags")
"""Frames that scoring and audit read; the others are made from them."""


def nullable(name, codebook):
    model = tags_model(codebook) if name == "tags" else FIXED[name]
    return [str(column) for column, told in model.columns.items() if told.nullable]


COMMANDS = (
    "score RUN --force", "audit RUN --force", "label RUN", "score RUN --final", "score RUN --json",
    "report RUN --xlsx=RUN.xlsx --csv=RUN-tables --docx=RUN.docx --force",
    "score RUN --verify RUN/receipts/2024-19-JPN.json",
    "review RUN --select all --model m --base-url http://127.0.0.1:9/v1 --price 1,1 --dry-run",
)  # fmt: skip


def use(run):
    """Run each command; none may end in anything but a result or a message."""
    for words in COMMANDS:
        ended = CliRunner().invoke(app, [word.replace("RUN", str(run)) for word in words.split()])
        assert ended.exit_code == 0, (words, ended.stderr, ended.exception)
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


@pytest.mark.parametrize("share", [1.0, pytest.param(0.5, marks=pytest.mark.nightly)])
def test_frames_in_which_values_that_may_be_missing_are_missing_are_used(folder, codebook, replace_frame, share):
    for place, name in enumerate(GIVEN):
        columns, dice = nullable(name, codebook), np.random.default_rng(place)
        assert columns
        frame = pd.read_parquet(folder / f"{name}.parquet")
        for column in columns:
            frame[column] = frame[column].mask(dice.random(len(frame)) < share)
        replace_frame(folder, name, frame)
    use(folder)
