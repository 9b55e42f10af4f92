"""A run directory remembers its codebook: each command uses it, and takes a better version of it."""

import json
import shutil
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.errors import G7TagError, RunError
from g7tag.jobs.opening import models_of
from g7tag.store import CODEBOOK_FILE, MANIFEST, RunDirectory, read_labels
from g7tag.store.files import write_atomic
from g7tag.tagger.persist import bundled_model

pytestmark = pytest.mark.slow

BOOK, LABELLED, REPORT = (g7tag.example_path(f"harbours{name}") for name in (".toml", "-labelled.csv", "-report.txt"))
MODEL = ("--model", "gpt-5-mini", "--dry-run")
WRITES = {
    "score": ("score", "RUN"), "audit": ("audit", "RUN"), "label": ("label", "RUN"), "merge": ("merge", "RUN", "RUN"),
    "desk": ("desk", "RUN", "--annotator", "Ada", "--no-browser"), "report": ("report", "RUN"),
    "tag": ("tag", "RUN", "--model", "TAGGER"), "ingest": ("ingest", str(REPORT), "-o", "RUN"),
    "run": ("run", str(REPORT), "-o", "RUN", "--model", "TAGGER"),
}  # fmt: skip
"""Commands that change a run directory, and so replace its codebook."""
READS = {
    "agreement": ("agreement", "RUN"), "certify": ("certify", "RUN"),
    "corpus add": ("corpus", "add", "RUN", "-o", "NEW.csv"),
    "train": ("train", "-o", "NEW.npz", "--with-labels", "RUN"),
}  # fmt: skip
"""Commands that only read its labels."""
OTHERS = {
    "review": ("review", "RUN", *MODEL), "trial": ("trial", "RUN", *MODEL, "--corpus", "DEV.csv"),
    "compare": ("compare", "RUN", "RUN"), "final": ("score", "RUN", "--final"),
    "sheet": ("label", "RUN", "SHEET.csv", "--annotator", "Ada"),
}  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an untagged run, labels of two people in it, the same run scored and audited, and a tagger."""
    folder = tmp_path_factory.mktemp("codebook")
    assert command(folder, "ingest", REPORT, "-o", "UNTAGGED", "--codebook", BOOK).exit_code == 0
    sentences = jobs.labelled_sentences(g7tag.Run.at(folder / "UNTAGGED"))["sentence_id"]
    keys = [g7tag.open_codebook(BOOK).dimension_keys[place % 3] for place in sentences.index]
    strengths = ["strong" if place % 2 else "weak" for place in sentences.index]
    rows = pd.DataFrame({"sentence_id": sentences, "dimensions": keys, "strength": strengths, "act": "done"})
    for name in ("Ada", "Bo"):
        g7tag.Run.at(folder / "UNTAGGED").record_labels(rows.head(6), annotator=name, blind=True)
    trained = command(folder, "train", "-o", "TAGGER.npz", "--corpus", LABELLED, "--codebook", BOOK)
    assert trained.exit_code == 0, trained.output
    (folder / "TAGGER.npz").rename(folder / "TAGGER")
    (folder / "TAGGER.npz.json").rename(folder / "TAGGER.json")
    shutil.copytree(folder / "UNTAGGED", folder / "RUN")
    assert command(folder, "label", "RUN", "--sheet", "SHEET.csv").exit_code == 0
    for words in (WRITES["tag"], WRITES["score"], WRITES["audit"]):
        assert command(folder, *words).exit_code == 0
    pd.read_csv(LABELLED).assign(part="dev").to_csv(folder / "DEV.csv", index=False)
    write(folder / "better.toml", version="2", min_strong_items=2)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which commands run."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return Path(shutil.copytree(prepared, tmp_path / "team"))


def write(path: Path, **changes: object) -> Codebook:
    """The harbours codebook with other values, as a file."""
    book = Codebook.model_validate(g7tag.open_codebook(BOOK).model_dump() | changes)
    path.write_bytes(g7tag.codebook.codebook_toml(book))
    return book


def command(folder: Path, *words: object) -> Result:
    """A command in a folder; words in capitals are names in it."""
    named = [str(folder / str(word)) if str(word).split(".")[0].isupper() else str(word) for word in words]
    return CliRunner().invoke(app, named)


def code(result: Result) -> int:
    """The exit code of a command, as `main` gives it."""
    return result.exception.exit_code if isinstance(result.exception, G7TagError) else result.exit_code


def kept(folder: Path) -> str:
    """The version of the codebook that a run keeps, if copy and manifest agree."""
    return g7tag.open_codebook(directory=folder / "RUN").version


def told(result: Result) -> str:
    assert code(result) in {0, 3}, result.output
    return result.stderr + str(result.exception or "")


@pytest.mark.parametrize("name", OTHERS)  # the others, below
def test_each_command_uses_the_codebook_of_the_directory(folder: Path, name: str) -> None:
    result = command(folder, *OTHERS[name])
    assert result.exit_code == 0, told(result)
    assert "codebook.toml" not in result.stderr
    assert "version of g7tag" not in result.output
    assert kept(folder) == "1"


@pytest.mark.parametrize("name", WRITES)
def test_a_command_that_changes_a_run_replaces_its_codebook_and_says_so(folder: Path, name: str) -> None:
    before = {file.name: file.read_bytes() for file in (folder / "RUN/labels").glob("*.jsonl")}
    result = command(folder, *WRITES[name], "--codebook", folder / "better.toml")
    assert result.exit_code == 0, told(result)
    lines = [line for line in result.stderr.splitlines() if "codebook.toml: " in line]
    assert len(lines) == 1
    assert "replaced 2030-harbours version 1 (sha256 " in lines[0]
    assert " by version 2 (sha256 " in lines[0]
    assert kept(folder) == "2"
    assert {file.name: file.read_bytes() for file in (folder / "RUN/labels").glob("*.jsonl")} == before
    if name not in {"tag", "ingest"}:  # these leave it without scores
        run = g7tag.open_run(folder / "RUN")
        receipt = json.loads((folder / "RUN/receipts/2030-03-ARC.json").read_text(encoding="utf-8"))
        assert receipt["rules"]["min_strong_items"] == run.codebook.min_strong_items == 2
    if name in {"score", "run", "ingest"}:  # the others open a run as score does
        again = command(folder, *WRITES[name])
        assert (again.exit_code, "codebook.toml" in again.stderr, kept(folder)) == (0, False, "2")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *((name, "dimensions") for name in ("score", "run", "ingest", "desk", *READS)),
        ("tag", "members"),
        ("review", "exclusions"),
    ],
)
def test_a_codebook_with_other_labels_is_refused_by_each_command(folder: Path, name: str, part: str) -> None:
    content = g7tag.open_codebook(BOOK).model_dump()
    added = {
        "dimensions": {"key": "paint", "label": "Paint", "definition": "Paints."},
        "members": {"name": "Cyra", "code": "CYR"},
    }
    added["exclusions"] = added["dimensions"]
    write(folder / "other.toml", **{part: [*content[part], added[part]]})
    result = command(folder, *(WRITES | READS | OTHERS)[name], "--codebook", folder / "other.toml")
    assert code(result) == 3
    words = f"has the {part} " if name != "run" else "TAGGER: was trained for codebook"
    assert words in told(result)
    assert ": read with " not in result.stderr
    assert kept(folder) == "1"
    assert RunDirectory(folder / "RUN").has("findings")


@pytest.mark.parametrize("name", READS)
def test_a_command_that_only_reads_leaves_the_codebook_of_the_directory(folder: Path, name: str) -> None:
    own = command(folder, *READS[name])
    assert (own.exit_code, "read with" in own.stderr, "version of g7tag" in own.output) == (0, False, False)
    for made in folder.glob("NEW.*"):
        made.unlink()
    result = command(folder, *READS[name], "--codebook", folder / "better.toml")
    assert result.exit_code == 0, told(result)
    assert "RUN: read with 2030-harbours version 2 (sha256 " in result.stderr
    assert "; the directory keeps version 1 (sha256 " in result.stderr
    assert kept(folder) == "1"


def test_a_model_is_not_asked_about_scores_of_another_version(folder: Path) -> None:
    result = command(folder, *OTHERS["review"], "--codebook", folder / "better.toml")
    assert "has 2030-harbours version 1" in told(result)
    assert "not version 2" in told(result)
    assert f"`g7tag score {folder / 'RUN'} --codebook FILE`" in told(result)


def test_scores_change_with_the_rules_and_the_command_lists_them(folder: Path) -> None:
    result = command(folder, "score", "RUN", "--codebook", folder / "better.toml")
    assert "  Arcadia, plain: " in result.stderr
    write(folder / "same.toml", version="2", min_strong_items=3)
    same = command(folder, "merge", "RUN", "RUN", "--codebook", folder / "same.toml")
    assert "Change `version`, too: labels name it." in same.stderr


def test_labels_that_change_scores_of_a_draft_come_with_its_warning(folder: Path) -> None:
    write(folder / "draft.toml", version="2", questions=["What is strong action?"])
    result = command(folder, *OTHERS["sheet"], "--codebook", folder / "draft.toml")
    assert result.exit_code == 0, told(result)
    assert "is a draft: these scores rest on 0 unchecked drafts and 1 open question. " in result.stderr


def test_labels_without_a_tagger_keep_up_with_the_codebook(folder: Path) -> None:
    shutil.rmtree(folder / "RUN")
    (folder / "UNTAGGED").rename(folder / "RUN")
    for name in ("desk", "label"):
        write(folder / f"{name}.toml", version=name)
        result = command(folder, *WRITES[name], "--codebook", folder / f"{name}.toml")
        assert result.exit_code == 0, told(result)
        assert f"by version {name} (sha256 " in result.stderr
        assert kept(folder) == name
    assert len(read_labels(folder / "RUN")) == 12


@pytest.mark.parametrize("name", ["tag", "score", "audit", "review", "compare"])
def test_sentences_without_a_tagger_get_one_that_needs_no_labels(folder: Path, name: str) -> None:
    shutil.rmtree(folder / "RUN")
    (folder / "UNTAGGED").rename(folder / "RUN")
    words = (WRITES | READS | OTHERS)[name]
    result = command(folder, *words[: words.index("--model")] if name == "tag" else words)
    assert code(result) == 3
    assert "g7tag has no tagger for codebook '2030-harbours'. Train one without labels (`g7tag train " in told(result)


def test_a_tagger_is_known_without_opening_it(codebook: Codebook) -> None:
    for book in (codebook, g7tag.open_codebook(BOOK)):
        assert jobs.has_tagger(book) == (bundled_model(book) is not None)


def test_ingest_and_train_say_what_comes_next(folder: Path) -> None:
    run = folder / "FRESH"
    result = command(folder, "ingest", REPORT, "-o", "FRESH", "--codebook", BOOK)
    assert result.stderr.splitlines()[-4:] == [
        "Next:",
        f"  g7tag train -o tagger.npz --codebook {run / 'codebook.toml'}    train a first tagger without labels",
        f"  g7tag tag {run} --model tagger.npz; g7tag score {run}    tag and score its sentences",
        f"  g7tag desk {run} --annotator NAME    label the doubtful sentences",
    ]
    run = folder / "RUN"
    trained = command(folder, *READS["train"])
    assert f"Next: g7tag tag {run} --model {folder / 'NEW.npz'} --force, then g7tag score {run}\n" in trained.stderr
    known = command(folder, "ingest", g7tag.example_path("invented-report.txt"), "-o", "KNOWN")
    assert f"Next:\n  g7tag tag {folder / 'KNOWN'}; g7tag score {folder / 'KNOWN'}    tag and" in known.stderr


def test_a_trial_without_labels_of_its_codebook_asks_for_a_file(folder: Path) -> None:
    result = command(folder, "trial", "RUN", *MODEL)
    assert "no labelled sentences for codebook '2030-harbours'. Name a labelled file with --corpus" in told(result)


def test_a_replacement_that_was_interrupted_is_completed_by_the_same_command(folder: Path) -> None:
    def interrupted(file: Path, content: bytes) -> None:
        if file.name == CODEBOOK_FILE:
            raise KeyboardInterrupt
        write_atomic(file, content)

    better = g7tag.open_codebook(folder / "better.toml")
    with pytest.raises(KeyboardInterrupt), patch("g7tag.store.run.write_atomic", interrupted):
        jobs.replace_codebook(RunDirectory(folder / "RUN"), better)
    assert better.sha256 in (folder / "RUN" / MANIFEST).read_text(encoding="utf-8")
    with pytest.raises(RunError, match=r"codebook\.toml: was changed after .* name it with --codebook FILE"):
        kept(folder)
    assert command(folder, "score", "RUN", "--codebook", folder / "better.toml").exit_code == 0
    assert kept(folder) == "2"


def test_a_lost_copy_is_written_again(folder: Path) -> None:
    (folder / "RUN/codebook.toml").unlink()
    assert "there is no copy of that codebook. Name that codebook" in told(command(folder, "score", "RUN"))
    result = command(folder, "score", "RUN", "--codebook", BOOK)
    assert "codebook.toml: written, 2030-harbours version 1 (sha256 " in result.stderr
    assert kept(folder) == "1"


def test_a_run_that_is_open_does_not_put_an_earlier_codebook_back(folder: Path) -> None:
    run = g7tag.open_run(folder / "RUN")
    assert command(folder, "score", "RUN", "--codebook", folder / "better.toml").exit_code == 0
    with pytest.raises(RunError, match=r"has 2030-harbours version 2 .*not version 1"):
        run.rescore()
    assert kept(folder) == "2"


def test_a_frame_that_does_not_fit_names_another_version_of_g7tag_only_if_there_is_one(folder: Path) -> None:
    book = g7tag.open_codebook(BOOK)
    other = write(folder / "x.toml", dimensions=[each.model_dump() for each in book.dimensions[:2]], readings=[
        {"name": "plain", "label": "Plain", "source": "s", "rules": [{"name": "a", "score": 0, "strong": [0, 2]}]}
    ])  # fmt: skip
    with pytest.raises(RunError, match=r"with another codebook, or by another build of g7tag\. Rerun"):
        RunDirectory(folder / "RUN").read(models_of(["tags"], other))
    with (
        pytest.raises(RunError, match=r"was written by g7tag \S+, and this is g7tag 99\. Rerun"),
        patch("g7tag.store.run.package_version", lambda: "99"),
    ):
        RunDirectory(folder / "RUN").read(models_of(["tags"], other))
