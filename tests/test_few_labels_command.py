"""Codebooks that borrow, on the command line: trained without labels, and named by the id of a bundled one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import g7tag
from g7tag.codebook import Codebook, codebook_toml
from g7tag.store import data_path
from g7tag.tagger import load_tagger

Command = Callable[..., tuple[int, str, str]]
NEAR = "2024-apulia-18"
BOOK, REPORT, LABELLED = (g7tag.example_path(f"harbours{name}") for name in (".toml", "-report.txt", "-labelled.csv"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_lenders: None) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own(here: Path, harbours: Codebook) -> str:
    """A codebook file that borrows."""
    (here / "my.toml").write_bytes(codebook_toml(harbours))
    return "my.toml"


@pytest.mark.slow
def test_a_codebook_that_borrows_needs_no_labels_but_wants_them(
    own: str, here: Path, harbours: Codebook, command: Command
) -> None:
    code, out, err = command("train", "-o", "m.skops", "--codebook", own, "--quiet")
    assert (code, out) == (0, "")
    model = load_tagger(here / "m.skops", harbours).model_id
    assert err.splitlines() == [
        f"m.skops: tagger {model}, trained on 0 sentences.",
        "Every tag needs review: the tagger has few labels and knows acts and strength from other commitments.",
        "Most useful: labelled sentences on Dredge (40 more), Light (40 more) and Insure (40 more). "
        "In all 200 more are wanted.",
        "Next: g7tag run REPORT --model m.skops --codebook my.toml -o run",
    ]
    code, out, _ = command("run", REPORT, "--model", "m.skops", "--codebook", own, "-o", "run", "--quiet")
    assert (code, "Arcadia" in out) == (0, True)
    assert g7tag.open_run(here / "run").tags["needs_review"].all()
    code, _, err = command("train", "-o", "l.skops", "--codebook", own, "--corpus", LABELLED, "--quiet")
    lines = err.splitlines()
    assert lines[0].endswith("trained on 37 sentences (harbours-labelled.csv).")
    assert lines[2] == (
        "Most useful: labelled sentences on Insure (31 more), Dredge (28 more) and Light (28 more). "
        "In all 163 more are wanted."
    )


def test_a_codebook_that_borrows_from_nothing_known_needs_labels(
    here: Path, harbours: Codebook, command: Command
) -> None:
    none = (
        "codebook '2030-harbours': no labelled sentences come with g7tag for it. Name a file: --corpus FILE, or label"
    )
    code, _, err = command("train", "-o", "m.skops", "--codebook", BOOK, "--quiet")
    assert (code, err) == (3, f"g7tag: {none} some (g7tag desk) and use --with-labels RUN.\n")
    other = harbours.model_copy(update={"borrows": ["2030-elsewhere"]})
    (here / "other.toml").write_bytes(codebook_toml(other))
    code, _, err = command("train", "-o", "m.skops", "--codebook", "other.toml", "--quiet")
    unknown = "codebook '2030-elsewhere': does not come with g7tag, so nothing can be borrowed"
    assert (code, unknown in err) == (3, True)
    assert not (here / "m.skops").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2024-apulia-09", NEAR])
def test_a_bundled_codebook_is_trained_by_its_id(name: str, here: Path, command: Command) -> None:
    code, _, err = command("train", "-o", "x.skops", "--codebook", name, "--quiet")
    first, *others = err.splitlines()
    assert (code, first.startswith(f"x.skops: tagger {name}-")) == (0, True)
    assert others[-1] == f"Next: g7tag run REPORT --model x.skops --codebook {name} -o run"


@pytest.mark.slow
def test_every_command_takes_the_id_of_a_bundled_codebook(here: Path, command: Command) -> None:
    given = ("--codebook", NEAR)
    file = data_path(f"codebooks/{NEAR}.toml").read_text(encoding="utf-8")
    assert command("codebook", "show", "--toml", *given)[1].rstrip() == file.rstrip()
    assert "All checks passed." in command("corpus", "check", "--quiet", *given)[2]
    (here / "report.txt").write_text("Japan: 0\n\nOn 1 July 2024, a visa office was opened.\n", encoding="utf-8")
    words = ("report.txt", "-o", "run", *given, "--commitment", 18, "--year", 2024, "--quiet", "--tagger", "fast")
    assert command("run", *words)[0] == 0
    run = g7tag.open_run(here / "run")
    assert run.codebook.id == g7tag.open_codebook(NEAR).id == NEAR
    assert run.tags["tagger"].str.startswith(f"{NEAR}-").all()


def test_a_file_named_like_an_id_is_the_codebook_but_no_folder_and_no_other_name(here: Path, command: Command) -> None:
    def shown(name: str) -> tuple[int, str, str]:
        return command("codebook", "show", "--codebook", name)

    (here / NEAR).mkdir()
    assert shown(NEAR)[1].startswith(f"{NEAR}, version ")
    (here / NEAR).rmdir()
    shutil.copy(BOOK, here / NEAR)
    assert shown(NEAR)[1].startswith("2030-harbours, version 1")
    for name in ("2024-apulia-99", "../2024-apulia-18", "2024-apulia-18.toml", "codebooks"):
        code, _, err = shown(name)
        assert (code, err.startswith(f"g7tag: {name}: ")) == (3, True)


@pytest.mark.slow
def test_the_curve_of_a_codebook_that_borrows_starts_without_labels(
    here: Path, own: str, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    monkeypatch.setattr("g7tag.evaluation.curves.SIZES", (0, 8))
    monkeypatch.setattr("g7tag.evaluation.curves.FEW_DRAWS", 1)
    table = g7tag.corpus.read_corpus([LABELLED], g7tag.open_codebook(BOOK))
    table.assign(part=["dev" if place % 3 else "train" for place in table.index]).to_csv(here / "c.csv", index=False)
    words = ("--learning-curve", "--plot", "curve.svg", "--corpus", "c.csv", "--codebook", own, "--quiet")
    quality, calibration = command("evaluate", *words)[1].split("Calibration of the probabilities")
    assert "Strength" in quality
    assert calibration.lower().count("bound") == 4  # of dimensions, acts, p_right, and in the heading: none is cut off
    assert sum(line.strip().startswith("g7tag") for line in calibration.splitlines()) == 2
    assert (here / "curve.svg").read_text(encoding="utf-8").startswith("<?xml")
