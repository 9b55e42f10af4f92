"""Training on the command line: without labels, with them, and for a codebook that is named by its id."""

import shutil

import pandas as pd
import pytest

import g7tag
from g7tag.report import training_lines
from g7tag.store import data_path

NEAR = "2024-apulia-18"
BOOK, REPORT, LABELLED = (g7tag.example_path(f"harbours{name}") for name in (".toml", "-report.txt", "-labelled.csv"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def older(here):
    """A codebook file of an earlier g7tag, which says what it borrows."""
    (here / "my.toml").write_text(f'borrows = ["2024-apulia-19"]\n{BOOK.read_text(encoding="utf-8")}', encoding="utf-8")
    return "my.toml"


@pytest.mark.slow
def test_a_tagger_of_any_codebook_needs_no_labels(older, here, command):
    code, out, err = command("train", "-o", "m.npz", "--codebook", older, "--quiet")
    assert (code, out) == (0, "")
    model = g7tag.load_tagger(here / "m.npz", g7tag.open_codebook(older)).model_id
    assert err.splitlines() == [
        f"m.npz: tagger {model}, trained on 0 sentences.",
        f"Next: g7tag run REPORT --model m.npz --codebook {older} -o run",
    ]
    code, out, _ = command("run", REPORT, "--model", "m.npz", "--codebook", older, "-o", "run", "--quiet")
    assert (code, "Arcadia" in out) == (0, True)
    assert (g7tag.open_run(here / "run").tags["tagger"] == model).all()


@pytest.mark.slow
def test_a_tagger_with_labels_is_compared_with_none_and_with_the_one_it_replaces(here, command):
    words = ("train", "-o", "m.npz", "--codebook", BOOK, "--corpus", LABELLED, "--quiet")
    code, out, err = command(*words)
    assert (code, out) == (0, "")
    first, heading, *others = err.splitlines()
    assert first.endswith("trained on 37 sentences (harbours-labelled.csv).")
    assert heading == "On 37 sentences left out of training:"
    assert [name for name in ("without labels", "with labels", "replaced") if name in err] == [
        "without labels", "with labels",
    ]  # fmt: skip
    assert others[-1].startswith("Next: g7tag run REPORT ")
    assert command(*words)[0] == 3  # it exists
    again = command(*words, "--force")[2]
    assert [name for name in ("without labels", "with labels", "replaced tagger  ") if name in again] == [
        "without labels", "with labels", "replaced tagger  ",
    ]  # fmt: skip
    assert "The replaced tagger may have learned from these sentences." in again.splitlines()


def test_what_got_worse_and_the_first_suspect_labels_are_named():
    quality = pd.DataFrame(
        [("without labels", 0.5, 0.8, 0.6, 0.4, 9), ("with labels", 0.7, 0.75, 0.604, 0.3, 9)],
        columns=["tagger", "macro_f1", "act", "strength", "all", "n"],
    )
    suspects = pd.DataFrame({"sentence_id": [f"s{n}" for n in range(12)], "text": "", "label": "light"})
    suspects = suspects.assign(given=[False, *[True] * 11], probability=0.0123)
    lines = training_lines(quality, suspects)
    assert [line.split() for line in lines if line.startswith((" without", " with "))] == [
        ["without", "labels", "0.50", "80%", "60%", "40%"], ["with", "labels", "0.70", "75%", "60%", "30%"],
    ]  # fmt: skip
    assert "Warning: worse with labels: act right and all right. Check the labels, or label more." in lines
    listed = [line.split() for line in lines if " light " in line]
    assert listed[:2] == [["s0", "light", "no", "1.2%"], ["s1", "light", "yes", "1.2%"]]
    assert (len(listed), lines[-1]) == (10, "and 2 more")
    assert not any("Warning" in line or "uspect" in line for line in training_lines(quality.iloc[[0, 0]], suspects[:0]))
    assert training_lines(quality[:0], suspects[:0]) == []


@pytest.mark.slow
def test_a_bundled_codebook_is_trained_by_its_id(here, command):
    code, _, err = command("train", "-o", "x.npz", "--codebook", NEAR, "--quiet")
    first, *others = err.splitlines()
    assert (code, first.startswith(f"x.npz: tagger {NEAR}-")) == (0, True)
    assert others[-1] == f"Next: g7tag run REPORT --model x.npz --codebook {NEAR} -o run"


@pytest.mark.slow
def test_every_command_takes_the_id_of_a_bundled_codebook(here, command):
    given = ("--codebook", NEAR)
    file = data_path(f"codebooks/{NEAR}.toml").read_text(encoding="utf-8")
    assert command("codebook", "show", "--toml", *given)[1].rstrip() == file.rstrip()
    assert "All checks passed." in command("corpus", "check", "--quiet", *given)[2]
    (here / "report.txt").write_text("Japan: 0\n\nOn 1 July 2024, a visa office was opened.\n", encoding="utf-8")
    words = ("report.txt", "-o", "run", *given, "--commitment", 18, "--year", 2024, "--quiet")
    assert command("run", *words)[0] == 0
    run = g7tag.open_run(here / "run")
    assert run.codebook.id == g7tag.open_codebook(NEAR).id == NEAR
    assert run.tags["tagger"].str.startswith(f"{NEAR}-").all()


def test_a_file_named_like_an_id_is_the_codebook_but_no_folder_and_no_other_name(here, command):
    def shown(name):
        return command("codebook", "show", "--codebook", name)

    (here / NEAR).mkdir()
    assert shown(NEAR)[1].startswith(f"{NEAR}, version ")
    (here / NEAR).rmdir()
    shutil.copy(BOOK, here / NEAR)
    assert shown(NEAR)[1].startswith("2030-harbours, version 1")
    for name in ("2024-apulia-99", "../2024-apulia-18", "2024-apulia-18.toml", "codebooks"):
        code, _, err = shown(name)
        assert (code, err.startswith(f"g7tag: {name}: ")) == (3, True)
