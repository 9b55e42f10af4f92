"""Everything works with an invented codebook, which a run directory remembers and takes a better version of."""

import json
import shutil
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from typer.testing import CliRunner

import g7tag
from g7tag import jobs
from g7tag.cli import app
from g7tag.codebook import Codebook
from g7tag.errors import G7TagError, RunError
from g7tag.jobs.opening import models_of
from g7tag.store import CODEBOOK_FILE, MANIFEST, RunDirectory
from g7tag.store.files import write_atomic

pytestmark = pytest.mark.slow

BOOK, LABELLED, REPORT = (g7tag.example_path(f"harbours{name}") for name in (".toml", "-labelled.csv", "-report.txt"))
MODEL = "--model gpt-5-mini --dry-run"
COMMANDS = {
    "score": "score RUN", "audit": "audit RUN", "label": "label RUN", "merge": "merge RUN RUN", "report": "report RUN",
    "exhibit": "exhibit RUN",
    "desk": "desk RUN --annotator Ada --no-browser", "tag": "tag RUN --model TAGGER",
    "ingest": f"ingest {REPORT} -o RUN", "run": f"run {REPORT} -o RUN --model TAGGER",
    "sheet": "label RUN SHEET.csv --annotator Ada", "agreement": "agreement RUN",
    "certify": "certify RUN", "corpus add": "corpus add RUN -o NEW.csv", "train": "train -o NEW.npz --with-labels RUN",
    "final": "score RUN --final", "review": f"review RUN {MODEL}",
    "trial": f"trial RUN {MODEL} --corpus DEV.csv", "compare": "compare RUN RUN",
}  # fmt: skip
READS = ("agreement", "certify", "corpus add", "train")
"""Commands that take a codebook to read labels, and leave that of the directory."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with an untagged run, labels of two people in it, the same run scored and audited, and a tagger."""
    folder = tmp_path_factory.mktemp("codebook")
    assert call(folder, f"ingest {REPORT} -o UNTAGGED --codebook {BOOK}").exit_code == 0
    sentences = jobs.labelled_sentences(g7tag.Run.at(folder / "UNTAGGED"))["sentence_id"]
    keys = [g7tag.open_codebook(BOOK).dimension_keys[place % 3] for place in sentences.index]
    strengths = ["strong" if place % 2 else "weak" for place in sentences.index]
    rows = pd.DataFrame({"sentence_id": sentences, "dimensions": keys, "strength": strengths, "act": "done"})
    for name in ("Ada", "Bo"):
        g7tag.Run.at(folder / "UNTAGGED").record_labels(rows.head(6), annotator=name, blind=True)
    assert call(folder, f"train -o TAGGER.npz --corpus {LABELLED} --codebook {BOOK}").exit_code == 0
    (folder / "TAGGER.npz").rename(folder / "TAGGER")
    (folder / "TAGGER.npz.json").rename(folder / "TAGGER.json")
    shutil.copytree(folder / "UNTAGGED", folder / "RUN")
    for words in ("label RUN --sheet SHEET.csv", *map(COMMANDS.get, ("tag", "score", "audit"))):
        assert call(folder, str(words)).exit_code == 0
    pd.read_csv(LABELLED).assign(part="dev").to_csv(folder / "DEV.csv", index=False)
    write(folder / "better.toml", version="2", min_strong_items=2)
    return folder


@pytest.fixture
def folder(prepared, tmp_path, monkeypatch):
    """A copy of it, in which commands run."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return Path(shutil.copytree(prepared, tmp_path / "team"))


@pytest.fixture
def untagged(folder):
    """The same, but no sentence of its run has a tag."""
    shutil.rmtree(folder / "RUN")
    (folder / "UNTAGGED").rename(folder / "RUN")
    return folder


def write(path, **changes):
    """Write the harbours codebook with other values to a file."""
    book = Codebook.model_validate(g7tag.open_codebook(BOOK).model_dump() | changes)
    path.write_bytes(g7tag.codebook.codebook_toml(book))


def call(folder, words, codebook=""):
    """Run a command in a folder; words in capitals, and the codebook, are names in it."""
    named = [str(folder / word) if word.split(".")[0].isupper() else word for word in words.split()]
    return CliRunner().invoke(app, [*named, *(["--codebook", str(folder / codebook)] if codebook else [])])


def refusal(result):
    assert isinstance(result.exception, G7TagError), result.output
    assert result.exception.exit_code == 3
    return str(result.exception)


def kept(folder):
    """The version of the codebook that a run keeps, if copy and manifest agree."""
    return g7tag.open_codebook(directory=folder / "RUN").version


def labels(folder):
    return {file.name: file.read_bytes() for file in (folder / "RUN/labels").glob("*.jsonl")}


def test_a_table_and_a_report_are_tagged_and_scored_by_an_invented_codebook(folder):
    (folder / "TABLE.csv").write_text("text\nThe port signed an insurance.\nThey dredged the silt and paid for it.\n")
    tags = pd.read_csv(StringIO(call(folder, "tag TABLE.csv --model TAGGER", str(BOOK)).stdout), keep_default_na=False)
    assert list(tags)[:7] == ["sentence_id", "text", "p_dredge", "p_light", "p_insure", "p_strong", "p_excluded"]
    assert tags[["dimensions", "strength"]].to_numpy().tolist() == [["insure", "strong"], ["dredge", "strong"]]
    scored = call(folder, f"run {REPORT} -o FRESH --model TAGGER", str(BOOK))
    assert scored.stdout.startswith("Commitment 2030-03, Harbours: harbours-report.txt\n")
    rows = [line.split() for line in scored.stdout.splitlines()]
    # one strong item in each dimension: +1; weak items alone: nothing strong, though published as 0
    assert ["Arcadia", "+1", "+1", "98%", "agrees", "strong", "strong", "strong"] in rows
    assert ["Boreas", "0", "-1", ">99%", "differs", "weak", "weak", "none"] in rows
    assert call(folder, "score FRESH").stdout == scored.stdout


@pytest.mark.parametrize("name", ["review", "trial", "final"])
def test_a_command_uses_the_codebook_of_the_directory(folder, name):
    result = call(folder, COMMANDS[name])
    assert result.exit_code == 0, result.output
    assert "codebook.toml" not in result.stderr
    assert "version of g7tag" not in result.output
    assert kept(folder) == "1"


@pytest.mark.parametrize("name", ["score", "tag", "ingest", "run"])  # the others open a run as score does
def test_a_command_that_changes_a_run_replaces_its_codebook_and_says_so(folder, name):
    before = labels(folder)
    result = call(folder, COMMANDS[name], "better.toml")
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.stderr.splitlines() if "codebook.toml: " in line]
    assert "replaced 2030-harbours version 1 (sha256 " in line
    assert " by version 2 (sha256 " in line
    assert (kept(folder), labels(folder)) == ("2", before)
    if name in {"score", "run"}:
        assert ("  Arcadia, plain: " in result.stderr) == (name == "score")  # scores that changed are listed
        receipt = json.loads((folder / "RUN/receipts/2030-03-ARC.json").read_text(encoding="utf-8"))
        assert receipt["rules"]["min_strong_items"] == 2
    if name in {"run", "ingest"}:
        again = call(folder, COMMANDS[name])
        assert (again.exit_code, "codebook.toml" in again.stderr, kept(folder)) == (0, False, "2")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in {"final", "trial", "compare"}])
def test_a_codebook_with_other_labels_is_refused_by_each_command(folder, name):
    part = {"tag": "members", "review": "exclusions"}.get(name, "dimensions")
    added = {"name": "Cyra", "code": "CYR"}
    added = added if part == "members" else {"key": "paint", "label": "Paint", "definition": "Paints."}
    write(folder / "other.toml", **{part: [*g7tag.open_codebook(BOOK).model_dump()[part], added]})
    result = call(folder, COMMANDS[name], "other.toml")
    assert (f"has the {part} " if name != "run" else "TAGGER: was trained for codebook") in refusal(result)
    assert ": read with " not in result.stderr
    assert kept(folder) == "1"
    assert RunDirectory(folder / "RUN").has("findings")


@pytest.mark.parametrize("name", READS)
def test_a_command_that_only_reads_leaves_the_codebook_of_the_directory(folder, name):
    result = call(folder, COMMANDS[name], "better.toml")
    assert result.exit_code == 0, result.output
    assert "RUN: read with 2030-harbours version 2 (sha256 " in result.stderr
    assert "; the directory keeps version 1 (sha256 " in result.stderr
    assert kept(folder) == "1"


def test_a_model_is_not_asked_about_scores_of_another_version(folder):
    message = refusal(call(folder, COMMANDS["review"], "better.toml"))
    assert "has 2030-harbours version 1" in message
    assert f"`g7tag score {folder / 'RUN'} --codebook FILE`" in message


def test_labels_that_change_scores_of_a_draft_come_with_its_warning(folder):
    write(folder / "draft.toml", questions=["What is strong action?"])
    result = call(folder, COMMANDS["sheet"], "draft.toml")
    assert result.exit_code == 0, result.output
    assert "is a draft: these scores rest on 0 unchecked drafts and 1 open question. " in result.stderr
    assert "Change `version`, too: labels name it." in result.stderr


def test_labels_without_a_tagger_keep_up_with_the_codebook(untagged):
    before = labels(untagged)
    for name in ("desk", "label"):
        write(untagged / f"{name}.toml", version=name)
        result = call(untagged, COMMANDS[name], f"{name}.toml")
        assert result.exit_code == 0, result.output
        assert f"by version {name} (sha256 " in result.stderr
        assert (kept(untagged), labels(untagged)) == (name, before)


@pytest.mark.parametrize("name", ["tag", "score", "audit", "review", "compare"])
def test_sentences_without_a_tagger_get_one_that_needs_no_labels(untagged, name):
    result = call(untagged, COMMANDS[name].removesuffix(" --model TAGGER"))
    assert "g7tag has no tagger for codebook '2030-harbours'. Train one without labels (`g7tag tr" in refusal(result)


def test_ingest_and_train_say_what_comes_next(folder):
    run = folder / "FRESH"
    result = call(folder, f"ingest {REPORT} -o FRESH --codebook {BOOK}")
    assert result.stderr.splitlines()[-4:] == [
        "Next:",
        f"  g7tag train -o tagger.npz --codebook {run / 'codebook.toml'}    train a first tagger without labels",
        f"  g7tag tag {run} --model tagger.npz; g7tag score {run}    tag and score its sentences",
        f"  g7tag desk {run} --annotator NAME    label the doubtful sentences",
    ]
    run = folder / "RUN"
    trained = call(folder, COMMANDS["train"])
    assert f"Next: g7tag tag {run} --model {folder / 'NEW.npz'} --force, then g7tag score {run}\n" in trained.stderr
    known = call(folder, f"ingest {g7tag.example_path('invented-report.txt')} -o KNOWN")
    assert f"Next:\n  g7tag tag {folder / 'KNOWN'}; g7tag score {folder / 'KNOWN'}    tag and" in known.stderr


def test_a_trial_without_labels_of_its_codebook_asks_for_a_file(folder):
    message = refusal(call(folder, f"trial RUN {MODEL}"))
    assert "no labelled sentences for codebook '2030-harbours'. Name a labelled file with --corpus" in message


def test_a_replacement_that_was_interrupted_is_completed_by_the_same_command(folder):
    def interrupted(file, content):
        if file.name == CODEBOOK_FILE:
            raise KeyboardInterrupt
        write_atomic(file, content)

    better, run = g7tag.open_codebook(folder / "better.toml"), g7tag.open_run(folder / "RUN")
    with pytest.raises(KeyboardInterrupt), patch("g7tag.store.run.write_atomic", interrupted):
        jobs.replace_codebook(RunDirectory(folder / "RUN"), better)
    assert better.sha256 in (folder / "RUN" / MANIFEST).read_text(encoding="utf-8")
    with pytest.raises(RunError, match=r"codebook\.toml: was changed after .* name it with --codebook FILE"):
        kept(folder)
    assert call(folder, COMMANDS["score"], "better.toml").exit_code == 0
    with pytest.raises(RunError, match=r"has 2030-harbours version 2 .*not version 1"):
        run.rescore()  # a run that is open does not put an earlier codebook back
    assert kept(folder) == "2"


def test_a_lost_copy_is_written_again(folder):
    (folder / "RUN/codebook.toml").unlink()
    assert "there is no copy of that codebook. Name that codebook" in refusal(call(folder, COMMANDS["audit"]))
    result = call(folder, COMMANDS["score"], str(BOOK))
    assert "codebook.toml: written, 2030-harbours version 1 (sha256 " in result.stderr
    assert kept(folder) == "1"


def test_a_frame_that_does_not_fit_names_another_version_of_g7tag_only_if_there_is_one(folder):
    book = g7tag.open_codebook(BOOK)
    models = models_of(["tags"], book.model_copy(update={"dimensions": book.dimensions[:2]}))
    with pytest.raises(RunError, match=r"with another codebook, or by another build of g7tag\. Rerun"):
        RunDirectory(folder / "RUN").read(models)
    with (
        pytest.raises(RunError, match=r"was written by g7tag \S+, and this is g7tag 99\. Rerun"),
        patch("g7tag.store.run.package_version", lambda: "99"),
    ):
        RunDirectory(folder / "RUN").read(models)
