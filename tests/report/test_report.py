"""Tables and plots show the frames, and escape hostile text."""

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import g7tag
from g7tag import jobs, report
from g7tag.codebook import Codebook
from g7tag.report import (
    counts_text,
    deciding_lines,
    ingested_table,
    print_table,
    run_table,
)
from g7tag.report.plots import plot_evidence

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)></td><script>alert(1)</script> $5 and $6 [/bold] \x1b[31m"


@pytest.fixture(scope="session")
def run(bundled_run: Path) -> jobs.Run:
    return jobs.open_run(bundled_run)


def test_the_score_table_has_a_row_a_member_and_the_averages(run: jobs.Run, codebook: Codebook) -> None:
    table = run_table(run.frames, codebook)
    assert table["Member"].tolist() == [*codebook.codes, "Average", "Compliance"]
    assert table["Published"].tolist() == ["0", "0", "0", "0", "0", "+1", "+1", "+1", "+0.38", "69%"]


def test_averages_of_scores_that_nobody_has_are_none(run: jobs.Run, codebook: Codebook) -> None:
    table = run_table(
        run.frames | {"scores": run.scores.assign(suggested_score=pd.array([pd.NA] * 16, "Int64"))}, codebook
    )
    assert table[["Suggested (table)", "Suggested (guidelines)"]].tail(2).to_numpy().tolist() == [["none"] * 2] * 2


def test_a_cell_of_the_table_is_the_matrix(run: jobs.Run, codebook: Codebook) -> None:
    table = run_table(run.frames, codebook)
    first = run.evidence_matrix.iloc[0]
    counts = f"{first['n_strong']}\u00a0strong, {first['n_weak']}\u00a0weak"
    assert table[first["dimension"]].iloc[0] == f"{first['level']}: {counts}"


def test_the_ingested_table_counts_every_item_and_sentence(run: jobs.Run) -> None:
    table = ingested_table(run.members, run.items, run.sentences)
    assert table["items"].sum() == len(run.items)
    assert table["sentences"].sum() == len(run.sentences)
    assert len(ingested_table(run.members, run.items.head(0), run.sentences.head(0))) == len(run.members)


def test_the_plot_draws_one_patch_and_one_text_for_each_row(run: jobs.Run, codebook: Codebook) -> None:
    axes = plot_evidence(run.evidence_matrix, codebook, title="costs $5 and $6")
    assert len(axes.patches) == len(axes.texts) == len(run.evidence_matrix)
    first = run.evidence_matrix.iloc[0]
    assert axes.texts[0].get_text() == f"{first['level']}\n{first['n_strong']} strong, {first['n_weak']} weak"
    assert [label.get_text() for label in axes.get_yticklabels()] == list(codebook.codes)
    axes.figure.canvas.draw()  # two dollar signs in a title would be read as mathematics
    plt.close(axes.figure)


def test_an_empty_matrix_gives_empty_axes(run: jobs.Run, codebook: Codebook) -> None:
    axes = plot_evidence(run.evidence_matrix.head(0), codebook)
    assert not axes.patches
    plt.close(axes.figure)


def test_text_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"text": [HOSTILE]}))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[/bold]" in out


def test_each_member_whose_score_turns_on_one_item_is_named_with_the_doubts() -> None:
    behind = pd.DataFrame(
        {
            "member": ["Italy", "Italy", "Japan"],
            "sentence_id": ["x/ITA-01.1", "x/ITA-02.3", "x/JPN-01.1"],
            "decides": ["score", "score", "level"],
            "needs_review": [False, True, True],
        }
    )
    assert deciding_lines(behind) == [
        "Italy: any one of these items can change the suggested score: x/ITA-01, x/ITA-02 (doubtful)."
    ]


def test_the_counts_name_what_was_not_read_whole(run: jobs.Run) -> None:
    items = run.items.assign(status=["cut_off", "date_unread", *run.items["status"].iloc[2:]])
    words = counts_text(run.frames | {"items": items})
    assert words.startswith(f"{len(run.items)} items, {len(run.tags)} sentences tagged (")
    assert words.endswith("; 2024-19/CAN-01 cut off, 2024-19/CAN-02 date unread.")


def test_items_of_another_commitment_are_not_counted(run: jobs.Run) -> None:
    other = run.items.assign(commitment_id="2024-07", item_id=run.items["item_id"].str.replace("2024-19", "2024-07"))
    items = pd.concat([run.items, other.assign(status="cut_off")], ignore_index=True)
    assert str(replace(run, items=items)) == str(run)


def test_one_measurement_on_one_file_is_a_table_of_its_own(codebook: Codebook) -> None:
    stored = g7tag.evaluation.stored_evaluation(codebook)
    where = {"scheme": "member left out", "tested_on": "public-pages.csv"}
    labels = report.evaluation_table("labels", stored["labels"], **where)
    assert labels["label"].tolist()[:4] == codebook.dimension_keys
    assert list(labels.columns)[-1] == "f1"
    confusion = report.evaluation_table("confusion", stored["confusion"], of="strength", **where)
    assert confusion["truth"].tolist() == ["strong", "weak", "none"]
    assert report.evaluation_table("labels", stored["labels"], scheme="none", tested_on="none").empty
