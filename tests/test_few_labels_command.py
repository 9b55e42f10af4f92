"""Codebooks that borrow, on the command line: trained without labels, and named by the id of a bundled one."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.codebook import Codebook, codebook_toml
from g7tag.errors import G7TagError, InputError, ModelError
from g7tag.store import data_path
from g7tag.tagger import load_tagger
from g7tag.tagger.likeness import MODEL

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


def command(*words: object, code: int = 0) -> tuple[str, str]:
    """What a command that ends with a code printed on stdout and stderr."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, (result.output, result.exception)
    return result.stdout, result.stderr


def refused(*words: object) -> G7TagError:
    """The error of a command; `main` prints it."""
    error = CliRunner().invoke(app, [str(word) for word in words]).exception
    assert isinstance(error, G7TagError), error
    return error


def test_a_codebook_that_borrows_needs_no_labels(own: str, here: Path, harbours: Codebook) -> None:
    out, err = command("train", "-o", "m.skops", "--codebook", own, "--quiet")
    assert out == ""
    model = load_tagger(here / "m.skops", harbours).model_id
    assert err.splitlines() == [
        f"m.skops: tagger {model}, trained on 0 sentences.",
        "Every tag needs review: the tagger has few labels and knows acts and strength from other commitments.",
        "Most useful: labelled sentences on Dredge (40 more), Light (40 more) and Insure (40 more). "
        "In all 200 more are wanted.",
        "Next: g7tag run REPORT --model m.skops --codebook my.toml -o run",
    ]
    out, err = command("run", REPORT, "--model", "m.skops", "--codebook", own, "-o", "run", "--quiet")
    assert "Arcadia" in out
    assert g7tag.open_run(here / "run").tags["needs_review"].all()


def test_labels_make_it_want_less(own: str) -> None:
    _, err = command("train", "-o", "m.skops", "--codebook", own, "--corpus", LABELLED, "--quiet")
    lines = err.splitlines()
    assert lines[0].endswith("trained on 37 sentences (harbours-labelled.csv).")
    assert lines[2] == (
        "Most useful: labelled sentences on Insure (31 more), Dredge (28 more) and Light (28 more). "
        "In all 163 more are wanted."
    )


def test_a_codebook_that_does_not_borrow_needs_labels(here: Path) -> None:
    error = refused("train", "-o", "m.skops", "--codebook", BOOK, "--quiet")
    assert isinstance(error, InputError)
    assert str(error) == (
        "codebook '2030-harbours': no labelled sentences come with g7tag for it. Name a file: --corpus FILE, or label "
        "some (g7tag desk) and use --with-labels RUN."
    )
    assert not (here / "m.skops").exists()


def test_a_codebook_that_borrows_from_nothing_known_is_refused(here: Path, harbours: Codebook) -> None:
    other = harbours.model_copy(update={"borrows": ["2030-elsewhere"]})
    (here / "other.toml").write_bytes(codebook_toml(other))
    error = refused("train", "-o", "m.skops", "--codebook", "other.toml", "--quiet")
    assert isinstance(error, ModelError)
    assert "codebook '2030-elsewhere': does not come with g7tag, so nothing can be borrowed" in str(error)
    assert not (here / "m.skops").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2024-apulia-09", NEAR])
def test_a_bundled_codebook_is_trained_by_its_id(name: str, here: Path) -> None:
    _, err = command("train", "-o", "x.skops", "--codebook", name, "--quiet")
    first, *others = err.splitlines()
    assert first.startswith(f"x.skops: tagger {name}-")
    assert others[-1] == f"Next: g7tag run REPORT --model x.skops --codebook {name} -o run"


def test_every_command_takes_the_id_of_a_bundled_codebook(here: Path) -> None:
    assert command("codebook", "show", "--codebook", NEAR)[0].startswith(f"{NEAR}, version ")
    file = data_path(f"codebooks/{NEAR}.toml").read_text(encoding="utf-8")
    assert command("codebook", "show", "--toml", "--codebook", NEAR)[0].rstrip() == file.rstrip()
    assert "All checks passed." in command("corpus", "check", "--quiet", "--codebook", NEAR)[1]
    (here / "report.txt").write_text("Japan: 0\n\nOn 1 July 2024, a visa office was opened.\n", encoding="utf-8")
    command("run", "report.txt", "-o", "run", "--codebook", NEAR, "--commitment", 18, "--year", 2024, "--quiet")
    run = g7tag.open_run(here / "run")
    assert run.codebook.id == NEAR
    assert run.tags["tagger"].str.startswith(f"{NEAR}-").all()
    assert g7tag.open_codebook(NEAR).id == NEAR


def test_a_file_named_like_an_id_is_the_codebook(here: Path) -> None:
    shutil.copy(BOOK, here / NEAR)
    assert command("codebook", "show", "--codebook", NEAR)[0].startswith("2030-harbours, version 1")
    assert jobs.codebook_file(NEAR) == Path(NEAR)


def test_a_folder_named_like_an_id_is_not(here: Path) -> None:
    (here / NEAR).mkdir()
    assert command("codebook", "show", "--codebook", NEAR)[0].startswith(f"{NEAR}, version ")


@pytest.mark.parametrize("name", ["2024-apulia-99", "../2024-apulia-18", "2024-apulia-18.toml", "codebooks"])
def test_another_name_is_a_file_that_is_missing(name: str, here: Path) -> None:
    assert f"{name}: " in str(refused("codebook", "show", "--codebook", name))


def test_the_curve_of_a_codebook_that_borrows_starts_without_labels(
    here: Path, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("g7tag.evaluation.curves.SIZES", (0, 8))
    monkeypatch.setattr("g7tag.evaluation.curves.FEW_DRAWS", 1)
    table = g7tag.corpus.read_corpus([LABELLED], g7tag.open_codebook(BOOK))
    table.assign(part=["dev" if place % 3 else "train" for place in table.index]).to_csv(here / "c.csv", index=False)
    out, _ = command(
        "evaluate", "--learning-curve", "--plot", "curve.svg", "--corpus", "c.csv", "--codebook", own, "--quiet"
    )
    quality, calibration = out.split("Calibration of the probabilities")
    assert "Strength" in quality
    assert calibration.lower().count("bound") == 4  # of dimensions, acts, p_right, and in the heading: none is cut off
    assert sum(line.strip().startswith("g7tag") for line in calibration.splitlines()) == 2
    assert (here / "curve.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.slow
def test_the_model_of_sentence_vectors_is_in_the_package() -> None:
    assert data_path(MODEL).stat().st_size > 20_000_000
