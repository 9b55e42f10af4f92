"""Tables in a terminal have plain names; what people paste stays raw."""

import re

import pandas as pd
import pytest
from rich.console import Console

import g7tag
from g7tag.cli.runs import print_scores
from g7tag.report import findings_tables, print_table, run_table, terminal


def test_findings_are_printed_with_the_plain_names_of_checks(capsys, codebook):
    exclusion = codebook.exclusions[0]
    findings = pd.DataFrame(
        {
            "check": ["depends_on_one_item", f"{exclusion.key}_evidence"],
            "severity": ["high", "high"],
            "subject": ["2024-19/CAN", "2024-19/CAN-01"],
            "message": ["one item decides", "is partly excluded"],
        }
    )
    (table,) = findings_tables(findings).values()
    print_table(table, frame="findings", labels=codebook.labels)
    printed = capsys.readouterr().out
    assert "Depends on one item" in printed
    assert f"Excluded evidence: {exclusion.label}" in printed
    assert "depends_on_one_item" not in printed
    assert [word for word in ("Check", "About", "Finding") if word not in printed] == []
    print_table(pd.DataFrame({"finding_id": ["cut_off:2030-03/ARC-04"], "Own": ["x_y"], "published_score": [1]}))
    printed = capsys.readouterr().out
    assert [word for word in ("cut_off:2030-03/ARC-04", "x_y", "+1", "Published score") if word not in printed] == []


def narrow(monkeypatch, width):
    """Print as on a terminal of this width."""
    monkeypatch.setattr(
        terminal, "_console", lambda file: Console(file=file, markup=False, highlight=False, width=width)
    )


def words_of(text):
    return sorted(re.findall(r"[^\s\u2500]+", text))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_score_table_loses_nothing_at_any_width(capsys, monkeypatch, invented_run, width):
    run, book = g7tag.open_run(invented_run), g7tag.open_codebook()
    narrow(monkeypatch, width)
    print_scores(run, as_json=False)
    lines = capsys.readouterr().out.split("Suggested (table): reading")[0].splitlines()[1:]
    assert max(map(len, lines)) <= width
    printed = " ".join(lines)
    for word in " ".join([*book.labels.values()][: len(book.dimensions)]).split():
        assert word in printed, word
    for name in run_table(run.frames, book)["Member"]:
        assert set(name.split()) <= set(words_of(printed))


def test_a_table_that_is_too_wide_becomes_two_that_start_alike(capsys, monkeypatch):
    names = ["Member", "Published", "Verdict", "Watch the harbours", "Dredge", "Insure"]
    table = pd.DataFrame({name: [f"{name[:4]}-a", f"{name[:4]}-b"] for name in names})
    narrow(monkeypatch, 40)
    print_table(table, apart="Watch the harbours")
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip(" \u2500")]
    assert lines == [
        ["Member", "Published", "Verdict"], ["Memb-a", "Publ-a", "Verd-a"], ["Memb-b", "Publ-b", "Verd-b"],
        ["Watch", "the"], ["Member", "harbours", "Dredge", "Insure"],
        ["Memb-a", "Watc-a", "Dred-a", "Insu-a"], ["Memb-b", "Watc-b", "Dred-b", "Insu-b"],
    ]  # fmt: skip


@pytest.mark.parametrize("width", [40, 80, terminal.WIDTH])
@pytest.mark.parametrize("n", [2, 20])
def test_every_word_of_a_table_of_any_size_is_printed(capsys, monkeypatch, n, width):
    cells = ["short", "several words that have to be wrapped somewhere", "word-of-14", ""]
    columns = {f"Dimension{place} with a long label": [f"{cell}{place}" for cell in cells] for place in range(n)}
    if width != terminal.WIDTH:  # the width of a table in a file
        narrow(monkeypatch, width)
    print_table(pd.DataFrame(columns))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= width
    expected = {word for name, own in columns.items() for word in " ".join([name, *own]).split()}
    assert [word for word in expected if word not in printed] == []
