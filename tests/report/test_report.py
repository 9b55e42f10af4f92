"""Tables, plot and page show the frames, and show hostile text as text."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from g7tag import steps
from g7tag.codebook import Codebook
from g7tag.report import ingested_table, plot_evidence, print_table, report_page, run_table

HOSTILE = "<img src=x onerror=alert(1)></td><script>alert(1)</script> $5 and $6 [/bold] \x1b[31m"


@pytest.fixture(scope="session")
def run() -> steps.Run:
    return steps.run_report()


def test_the_score_table_has_a_row_a_member_and_the_averages(run: steps.Run, codebook: Codebook) -> None:
    table = run_table(run._asdict(), codebook)
    assert table["Member"].tolist() == [*codebook.codes, "Average", "Compliance"]
    assert table["Published"].tolist() == ["0", "0", "0", "0", "0", "+1", "+1", "+1", "+0.38", "69%"]


def test_a_cell_of_the_table_is_the_matrix(run: steps.Run, codebook: Codebook) -> None:
    table = run_table(run._asdict(), codebook)
    first = run.evidence_matrix.iloc[0]
    assert table[first["dimension"]].iloc[0] == f"{first['level']} {first['n_strong']}+{first['n_weak']}"


def test_the_ingested_table_counts_every_item_and_sentence(run: steps.Run) -> None:
    table = ingested_table(run.members, run.items, run.sentences)
    assert table["items"].sum() == len(run.items)
    assert table["sentences"].sum() == len(run.sentences)
    assert len(ingested_table(run.members, run.items.head(0), run.sentences.head(0))) == len(run.members)


def test_the_plot_draws_one_patch_and_one_text_for_each_row(run: steps.Run, codebook: Codebook) -> None:
    axes = plot_evidence(run.evidence_matrix, codebook, title="costs $5 and $6")
    assert len(axes.patches) == len(axes.texts) == len(run.evidence_matrix)
    first = run.evidence_matrix.iloc[0]
    assert axes.texts[0].get_text() == f"{first['level']}\n{first['n_strong']} strong, {first['n_weak']} weak"
    assert [label.get_text() for label in axes.get_yticklabels()] == list(codebook.codes)
    axes.figure.canvas.draw()  # two dollar signs in a title would be read as mathematics
    plt.close(axes.figure)


def test_an_empty_matrix_gives_empty_axes(run: steps.Run, codebook: Codebook) -> None:
    axes = plot_evidence(run.evidence_matrix.head(0), codebook)
    assert not axes.patches
    plt.close(axes.figure)


def page(run: steps.Run, codebook: Codebook, **changes: object) -> str:
    tagged = pd.DataFrame(
        {"sentence_id": ["s1"], "text": [HOSTILE], "dimensions": [""], "strength": ["none"], "exclusion": [""]}
    ).assign(needs_review=True)
    parts = {"title": HOSTILE, "scores": run_table(run._asdict(), codebook), "rules": run.scores}
    return report_page(**(parts | {"findings": run.findings, "tagged": tagged, "codebook": codebook} | changes))  # type: ignore[arg-type]


def test_no_text_of_a_report_becomes_markup(run: steps.Run, codebook: Codebook) -> None:
    html = page(run, codebook)
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 3  # title, heading, cell
    assert "default-src 'none'" in html


def test_a_page_without_findings_says_so(run: steps.Run, codebook: Codebook) -> None:
    assert "<p>Nothing.</p>" in page(run, codebook, findings=run.findings.head(0))


def test_text_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(pd.DataFrame({"text": [HOSTILE]}))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[/bold]" in out
