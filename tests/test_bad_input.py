"""Bad input on the command line: exit code 3, one message on stderr, no traceback, and no leftover files."""

import json
import re
import shutil
import signal
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pytest

from g7tag.cli import main
from g7tag.store import data_path

pytestmark = pytest.mark.slow

G7TAG = Path(sys.executable).with_name("g7tag")
BOOK = data_path("codebooks/2024-apulia-19.toml")
MODEL = data_path("models/2024-apulia-19.skops")
REPORT = """2024 G7 Apulia Summit Final Compliance Report

19. Migration: Smuggling

Assessment

Canada	0

Canada: 0

On 1 July 2024, police arrested nine smugglers.¹⁰

¹⁰ Nine arrested, Paper (Ottawa) 1 July 2024. Access Date: 2 July 2024. https://a.example/1
"""


def g7tag(*words: object, cwd: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command line, in this process."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    handler = signal.getsignal(signal.SIGINT)
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), patch("sys.argv", ["g7tag", *map(str, words)]):
        with pytest.raises(SystemExit, match=r"^\d$") as ended:
            main()
        out.flush(), err.flush()
    signal.signal(signal.SIGINT, handler)
    return ended.value.code, out.buffer.getvalue().decode("utf-8"), err.buffer.getvalue().decode("utf-8")


def refusal(*words: object, cwd: Path) -> str:
    """The one message by which the command line refuses an input; nothing else may be printed or left behind."""
    before = contents(cwd)
    code, out, err = g7tag(*words, cwd=cwd)
    assert (code, out) == (3, ""), err
    assert re.findall(r"^g7tag: |Traceback|Warning", err, flags=re.MULTILINE) == ["g7tag: "]
    assert err.startswith("g7tag: ")
    assert err.endswith((".\n", "?\n"))
    assert contents(cwd) == before
    return err


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() if file.is_file() else b"" for file in sorted(folder.rglob("*"))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files, one of each kind of bad input."""
    files = {
        "good.txt": REPORT.encode(),
        "empty.txt": b"",
        "blank.txt": b" \n\n",
        "scan.pdf": b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n",
        "nul.txt": b"Canada: 0\n\x00\n",
        "poem.txt": b"2024 G7 Apulia Summit\n\nRoses are red.\n",
        "stranger.txt": REPORT.replace("Canada: 0", "Narnia: 0").encode(),
        "twice.txt": (REPORT + "\nCanada: 0\n\nOn 2 July 2024, they met.\n").encode(),
        "key.toml": BOOK.read_bytes().replace(b"min_strong_items", b'colour = "red"\nmin_strong_items', 1),
        "rule.toml": BOOK.read_bytes().replace(b"strong = [4, 4]", b'strong = [1, 1]\ndimensions = ["prune"]', 1),
        "words.toml": b"no toml at all",
        "words.csv": b"words\nThey met.\n",
        "twice.csv": b"text,text\nOne.,Two.\n",
        "items.csv": b"item_id,text,item_id\na,One.,b\n",
        "quote.csv": b'text\nOne.\n"Two.\nThree.\n',
        "long.csv": b"item_id,text\n" + b"a,One.\n" * 5_001,
        "empty.csv": b"",
        "bytes.csv": "text\nOne.\n".encode("utf-16"),
        "bytes.parquet": b"PAR1 no table PAR1",
        "cut.jsonl": b'{"text":\n"One."}\n',
        "words.jsonl": b'{"words": "One."}\n',
        "empty.jsonl": b"",
        "labels.csv": b"text,dimensions,strength\nOne.,prune,strong\n",
        "note.txt": b"mine",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.docx").write_bytes(b"mine")
    return tmp_path


REPORTS = {
    "missing": ("gone.txt", r"gone\.txt: cannot be read \(No such file.*\)\. Expected a report file; check the path"),
    "directory": ("folder", r"folder: is a directory\. Expected a report file; list the files in it"),
    "empty": ("empty.txt", r"empty\.txt: the file is empty\. Expected the text of a compliance report"),
    "blank": ("blank.txt", r"blank\.txt: the file is empty\. Expected the text of a compliance report"),
    "cut off": (
        "scan.pdf",
        r"scan\.pdf: is truncated: its end \(%%EOF\) is missing",
    ),
    "control characters": ("nul.txt", r"nul\.txt: is not a text file \(control character '\\x00'\)\. Expected the"),
    "no member": ("poem.txt", r"poem\.txt: no member's section found\. Expected headings such as 'Canada: 0', 'France"),
    "unknown member": ("stranger.txt", r"stranger\.txt: sections headed 'Narnia'\. Expected members of .*: Canada, Fr"),
    "member twice": ("twice.txt", r"twice\.txt: commitment 19 has two sections headed 'Canada'\. Expected one per"),
}


@pytest.mark.parametrize("command", ["run", "ingest"])
@pytest.mark.parametrize(("name", "message"), REPORTS.values(), ids=REPORTS)
def test_a_report_that_cannot_be_used_is_refused(folder: Path, command: str, name: str, message: str) -> None:
    assert re.search(message, refusal(command, name, "-o", "new/run", cwd=folder))


@pytest.mark.parametrize("command", ["run", "ingest"])
def test_good_reports_are_read_beside_bad_ones_which_are_listed(folder: Path, command: str) -> None:
    code, out, err = g7tag(command, "scan.pdf", "good.txt", "poem.txt", "-o", "new", "--quiet", cwd=folder)
    assert code == 4
    assert "Canada" in out
    assert re.findall(r"^\S+: not read: \w+ \w+", err, flags=re.MULTILINE) == [
        "scan.pdf: not read: is truncated",
        "poem.txt: not read: no member",
    ]


def test_where_all_reports_are_bad_each_is_named(folder: Path) -> None:
    message = refusal("ingest", "scan.pdf", "poem.txt", "empty.txt", "-o", "new", cwd=folder)
    assert re.findall(r"^(?:g7tag: )? *(\S+)", message, flags=re.MULTILINE) == [
        "none",
        "scan.pdf:",
        "empty.txt:",
        "poem.txt:",
    ]  # the files, then what they hold


def test_a_report_of_other_commitments_alone_has_nothing_to_score_and_is_refused(folder: Path) -> None:
    front = '18. Migration: Border Management\n\n"We will manage borders."\n\nAssessment\n\n'
    (folder / "other.txt").write_text(REPORT.replace("Canada: 0", f"{front}Canada: 0"), encoding="utf-8")
    message = refusal("run", "other.txt", "-o", "run", cwd=folder)
    assert "other.txt" in message
    assert "2024-19" in message


CODEBOOKS = {
    "missing": ("gone.toml", r"gone\.toml: cannot read the codebook \(No such file.*\)\. Expected a TOML file; check"),
    "directory": ("folder", r"folder: cannot read the codebook \(Is a directory\)\. Expected a TOML file; check the"),
    "no TOML": ("words.toml", r"words\.toml: not a TOML file \(.*\)\. Expected a codebook such as"),
    "unknown key": ("key.toml", r"key\.toml: not a valid codebook\n  colour: unknown key.*\nFix these places and run"),
    "unknown dimension": ("rule.toml", r"rule\.toml: .*\n.*rule 'strong .*': unknown dimension 'prune', the"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "message"), CODEBOOKS.values(), ids=CODEBOOKS)
def test_a_codebook_that_cannot_be_used_is_refused(folder: Path, name: str, message: str) -> None:
    assert re.search(message, refusal("run", "good.txt", "--codebook", name, "-o", "run", cwd=folder))


TABLES = {
    "missing": ("gone.csv", r"gone\.csv: cannot read the table \(No such file.*\)\. Check the path"),
    "no text column": ("words.csv", r"words\.csv: column 'text' is missing, found 'words'\. Name the column of sent"),
    "text twice": ("twice.csv", r"twice\.csv: column 'text' appears twice\. Use this name only for"),
    "items twice": ("items.csv", r"items\.csv: column 'item_id' appears twice\. Keep one column with that name"),
    "open quote": ("quote.csv", r"quote\.csv: not a readable \.csv table \(EOF inside string starting at row 2\)"),
    "long item": ("long.csv", r"long\.csv: row 5001: item 'a' has over 5,000 rows\. Expected the sentences of one p"),
    "empty": ("empty.csv", r"empty\.csv: not a readable \.csv table \(No columns.*\)\. Save it again"),
    "binary parquet": ("bytes.parquet", r"bytes\.parquet: not a readable \.parquet table"),
    "no line is JSON": ("cut.jsonl", r"cut\.jsonl: not a readable \.jsonl table \(row 1: not valid JSON .*\)\. Save"),
    "no text in JSON": ("words.jsonl", r"words\.jsonl: column 'text' is missing, found 'words'\. Name the"),
    "empty jsonl": ("empty.jsonl", r"empty\.jsonl: column 'text' is missing, found nothing\. Name the column of sent"),
    "another type": ("note.txt", r"note\.txt: cannot read a table from a '\.txt' file\. Expected \.csv, \.parquet, \."),
    "not a run": ("folder", r"folder: no sentences frame; it is not a run directory\. Run `g7tag run REPORT -o fold"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "message"), TABLES.values(), ids=TABLES)
def test_a_table_that_cannot_be_tagged_is_refused(folder: Path, name: str, message: str) -> None:
    output = [] if name == "folder" else ["-o", "tags.csv"]
    assert re.search(message, refusal("tag", name, *output, cwd=folder))


def test_tags_are_not_written_over_a_file_unless_forced(folder: Path) -> None:
    (folder / "good.csv").write_text("text\nThey met.\n")
    assert "words.csv: already exists. Choose another" in refusal("tag", "good.csv", "-o", "words.csv", cwd=folder)
    assert g7tag("tag", "good.csv", "-o", "words.csv", "--force", cwd=folder)[0] == 0


ROWS = {
    "cells": (b"text\nOne.\nTwo, three.\n", ".csv", "row 2: the row has 2 cells, the header has 1"),
    "bytes": (b"text\nOne.\n\xff\xfe\x00\n", ".csv", "row 2: not valid UTF-8"),
    "id": (b"sentence_id,text\na,One.\na,Two.\n", ".csv", "row 2: sentence_id 'a' appears in an earlier row"),
    "item": (b"item_id,text\nx,1\ny,2\nx,3\n", ".csv", "row 3: rows of item 'x' are not consecutive"),
    "position": (b"position,text\n1,One.\n,Two.\n", ".csv", "row 2: position '' is not a number"),
    "cut": (b'{"text": "One."}\n{"text":', ".jsonl", "row 2: not valid JSON (Expecting value at character 9)"),
    "no text": (b'{"text": "One."}\n{"texts": 1}\n', ".jsonl", "row 2: `text` is missing"),
    "no object": (b'{"text": "One."}\n7\n', ".jsonl", "row 2: not a JSON object"),
}


@pytest.mark.parametrize(("content", "suffix", "reason"), ROWS.values(), ids=ROWS)
def test_a_row_that_cannot_be_tagged_is_named_and_the_others_are_tagged(
    tmp_path: Path, content: bytes, suffix: str, reason: str
) -> None:
    (tmp_path / f"rows{suffix}").write_bytes(content)
    code, out, err = g7tag("tag", f"rows{suffix}", cwd=tmp_path)
    assert code == 4
    tagged = len(out.splitlines()) - 1
    assert err.splitlines()[:2] == [f"{tagged + 1} rows: {tagged} tagged, 1 rejected. The first:", f"  {reason}."]


def test_tags_are_not_written_to_a_folder_that_is_not_there(folder: Path) -> None:
    (folder / "good.csv").write_text("text\nThey met.\n")
    assert "gone/tags.csv: the folder gone does not exist" in refusal(
        "tag", "good.csv", "-o", "gone/tags.csv", cwd=folder
    )


def test_a_corpus_with_a_dimension_of_no_codebook_is_refused(folder: Path) -> None:
    message = refusal("train", "-o", "m.skops", "--corpus", "labels.csv", cwd=folder)
    assert "labels.csv: not a valid corpus of codebook '2024-apulia-19'\n  row 1: dimension is not one of " in message


def test_leaving_out_a_member_that_the_corpus_lacks_is_refused(folder: Path) -> None:
    message = refusal("train", "-o", "m.skops", "--exclude-member", "Narnia", cwd=folder)
    assert "corpus: no sentences of 'Narnia'. Members are Canada, " in message


def test_a_model_must_be_named_skops(folder: Path) -> None:
    assert "m.pkl: a model file must end in .skops" in refusal("train", "-o", "m.pkl", cwd=folder)


@pytest.fixture
def model(folder: Path) -> Path:
    """A copy of the bundled model with its manifest."""
    for suffix in ("", ".json"):
        shutil.copy(f"{MODEL}{suffix}", folder / f"m.skops{suffix}")
    return folder / "m.skops"


def test_a_model_with_one_byte_flipped_is_refused(folder: Path, model: Path) -> None:
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    message = refusal("run", "good.txt", "--model", "m.skops", "-o", "run", cwd=folder)
    assert "m.skops: was changed since it was trained (its sha256 differs from m.skops.json). Train" in message


@pytest.mark.parametrize("suffix", ["", ".json"], ids=["model", "manifest"])
def test_a_model_without_one_of_its_files_is_refused(folder: Path, model: Path, suffix: str) -> None:
    Path(f"{model}{suffix}").unlink()
    message = refusal("run", "good.txt", "--model", "m.skops", "-o", "run", cwd=folder)
    assert f"m.skops{suffix}: no such file. Expected a model file M.skops with M.skops.json next to it" in message


def test_a_model_of_another_codebook_is_refused(folder: Path, model: Path) -> None:
    manifest = json.loads(Path(f"{model}.json").read_text())
    manifest["about"]["codebook"] = "2030-trees"
    Path(f"{model}.json").write_text(json.dumps(manifest))
    message = refusal("run", "good.txt", "--model", "m.skops", "-o", "run", cwd=folder)
    assert "was trained for codebook '2030-trees'" in message
    assert "Expected '2024-apulia-19'" in message


OUTPUTS = {"file": ("note.txt", "note.txt: is a file"), "strangers": ("thesis", "thesis: has 'chapter.docx' and no")}


@pytest.mark.parametrize(("name", "message"), OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "forced"])
def test_a_directory_that_is_no_run_is_refused(folder: Path, name: str, message: str, force: list[str]) -> None:
    assert message in refusal("run", "good.txt", "-o", name, *force, cwd=folder)


def test_a_run_directory_of_other_inputs_is_refused_and_stays_as_it_was(folder: Path) -> None:
    assert g7tag("ingest", "good.txt", "-o", "run", cwd=folder)[0] == 0
    (folder / "good.txt").write_text(REPORT.replace("nine", "ten"), encoding="utf-8")
    message = refusal("run", "good.txt", "-o", "run", cwd=folder)
    assert "run: step 'ingest' was run with a different setting 'inputs': found" in message
    assert "Choose another directory, or replace its frames with --force." in message


@pytest.mark.parametrize("words", [["run", "gone.txt", "-o", "run"], ["tag", "empty.csv"]], ids=["run", "tag"])
def test_the_installed_command_refuses_in_the_same_way(folder: Path, words: list[str]) -> None:
    done = subprocess.run([str(G7TAG), *words], capture_output=True, text=True, cwd=folder, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == g7tag(*words, cwd=folder)[2]
    assert not (folder / "run").exists()
