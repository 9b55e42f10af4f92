"""Bad input on the command line: exit code 3, one message on stderr, no traceback, and no leftover files."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from g7tag.store import data_path

G7TAG = Path(sys.executable).with_name("g7tag")
BOOK = data_path("codebooks/2024-apulia-19.toml")
MODEL = data_path("models/2024-apulia-19.npz")
REPORT = """2024 G7 Apulia Summit Final Compliance Report

19. Migration: Smuggling

Assessment

Canada	0

Canada: 0

On 1 July 2024, police arrested nine smugglers.¹⁰

¹⁰ Nine arrested, Paper (Ottawa) 1 July 2024. Access Date: 2 July 2024. https://a.example/1
"""


@pytest.fixture
def refusal(folder, command):
    """The one message by which the command line refuses an input; nothing else may be printed or left behind."""

    def refused(*words):
        before = contents(folder)
        code, out, err = command(*words, cwd=folder)
        assert (code, out) == (3, ""), err
        assert re.findall(r"^g7tag: |Traceback|Warning", err, flags=re.MULTILINE) == ["g7tag: "]
        assert err.endswith((".\n", "?\n"))
        assert contents(folder) == before
        return err

    return refused


def contents(folder):
    return {str(file): file.read_bytes() if file.is_file() else b"" for file in sorted(folder.rglob("*"))}


@pytest.fixture
def folder(tmp_path):
    """A folder of files, one of each kind of bad input."""
    files = {
        "good.txt": REPORT.encode(),
        "empty.txt": b"",
        "scan.pdf": b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n",
        "nul.txt": b"Canada: 0\n\x00\n",
        "poem.txt": b"2024 G7 Apulia Summit\n\nRoses are red.\n",
        "stranger.txt": REPORT.replace("Canada: 0", "Narnia: 0").encode(),
        "twice.txt": (REPORT + "\nCanada: 0\n\nOn 2 July 2024, they met.\n").encode(),
        "key.toml": BOOK.read_bytes().replace(b"min_strong_items", b'colour = "red"\nmin_strong_items', 1),
        "words.toml": b"no toml at all",
        "words.csv": b"words\nThey met.\n",
        "labels.csv": b"text,dimensions,strength\nOne.,prune,strong\n",
        "note.txt": b"mine",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in ("folder", "empty", "thesis"):
        (tmp_path / name).mkdir()
    (tmp_path / "thesis" / "chapter.docx").write_bytes(b"mine")
    return tmp_path


RUN, TAG, TRAIN = "run {} -o new/run", "tag {} -o tags.csv", "train -o {}"
REFUSED = {
    "no report": (RUN, "gone.txt", r"cannot be read \(No such file.*\)\. Expected a report file; check the path"),
    "directory": (RUN, "folder", r"is a directory\. Expected a report file; list the files in it"),
    "empty": (RUN, "empty.txt", r"the file is empty\. Expected the text of a compliance report"),
    "cut off": (RUN, "scan.pdf", r"is truncated: its end \(%%EOF\) is missing"),
    "control characters": (RUN, "nul.txt", r"is not a text file \(control character '\\x00'\)\. Expected the"),
    "no member": (RUN, "poem.txt", r"no member's section found\. Expected headings such as 'Canada: 0', 'France"),
    "unknown member": (RUN, "stranger.txt", r"sections headed 'Narnia'\. Expected members of .*: Canada, Fr"),
    "member twice": (RUN, "twice.txt", r"commitment 19 has two sections headed 'Canada'\. Expected one per"),
    "no codebook": (f"{RUN} --codebook gone.toml", "good.txt", r"gone\.toml: cannot read the codebook \(No such file"),
    "no TOML": (f"{RUN} --codebook words.toml", "good.txt", r"words\.toml: not a TOML file \(.*\)\. Expected a code"),
    "unknown key": (f"{RUN} --codebook key.toml", "good.txt", r"not a valid codebook\n  colour: unknown key.*\nFix t"),
    "no table": (TAG, "gone.csv", r"cannot read the table \(No such file.*\)\. Check the path"),
    "no text column": (TAG, "words.csv", r"column 'text' is missing, found 'words'\. Name the column of sent"),
    "another type": (TAG, "note.txt", r"cannot read a table from a '\.txt' file\. Expected \.csv, \.parquet, \."),
    "no tables": ("tag {} -o tags", "empty", r"contains no \.parquet file\. Expected tables with a column `text`, o"),
    "not a run": ("tag {}", "folder", r"no sentences frame; it is not a run directory\. Run `g7tag run REPORT -o fold"),
    "label": (f"{TRAIN} --corpus labels.csv", "m.npz", r"not a valid corpus of .*\n  row 1: dimension is not one of "),
    "nobody's": (f"{TRAIN} --exclude-member Narnia", "m.npz", "no sentences of 'Narnia'. Members are Canada, "),
    "model's name": (TRAIN, "m.pkl", "m.pkl: a model file must end in .npz"),
    "output is a file": ("run good.txt -o {}", "note.txt", r"note\.txt: is a file"),
    "output of others": ("run good.txt -o {} --force", "thesis", r"thesis: has 'chapter\.docx' and no"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_input_that_cannot_be_used_is_refused(refusal, case):
    words, name, message = REFUSED[case]
    said = refusal(*words.format(name).split())
    assert re.search(message, said)
    assert name in said or words != RUN


@pytest.mark.slow
def test_good_reports_are_read_beside_bad_ones_which_are_listed(folder, command):
    words = ("run", "scan.pdf", "good.txt", "poem.txt", "-o", "new", "--quiet", "--tagger", "fast")
    code, out, err = command(*words, cwd=folder)
    assert code == 4
    assert "Canada" in out
    assert re.findall(r"^\S+: not read: \w+ \w+", err, flags=re.MULTILINE) == [
        "scan.pdf: not read: is truncated",
        "poem.txt: not read: no member",
    ]


def test_where_all_reports_are_bad_each_is_named(refusal):
    message = refusal("ingest", "scan.pdf", "poem.txt", "empty.txt", "-o", "new")
    named = ["none", "scan.pdf:", "empty.txt:", "poem.txt:"]  # the files, then what they hold
    assert re.findall(r"^(?:g7tag: )? *(\S+)", message, flags=re.MULTILINE) == named


def test_a_report_of_other_commitments_alone_has_nothing_to_score_and_is_refused(folder, refusal):
    front = '18. Migration: Border Management\n\n"We will manage borders."\n\nAssessment\n\n'
    (folder / "other.txt").write_text(REPORT.replace("Canada: 0", f"{front}Canada: 0"), encoding="utf-8")
    message = refusal("run", "other.txt", "-o", "run")
    assert "other.txt" in message
    assert "2024-19" in message


def test_a_model_that_was_changed_is_incomplete_or_of_another_codebook_is_refused(folder, refusal):
    model, about = (Path(shutil.copy(f"{MODEL}{suffix}", folder / f"m.npz{suffix}")) for suffix in ("", ".json"))
    content, manifest = model.read_bytes(), json.loads(about.read_text())

    def message():
        return refusal("run", "good.txt", "--model", "m.npz", "-o", "run")

    model.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    assert "m.npz: was changed since it was trained (its sha256 differs from m.npz.json). Train" in message()
    model.write_bytes(content)
    about.write_text(json.dumps(manifest | {"about": manifest["about"] | {"codebook": "2030-trees"}}))
    assert re.search(r"was trained for codebook '2030-trees'.*Expected '2024-apulia-19'", message())
    for file in (about, model):
        file.unlink()
        assert f"{file.name}: no such file. Expected a model file M.npz with M.npz.json next to it" in message()


@pytest.mark.slow
def test_a_run_directory_of_other_inputs_is_refused_and_stays_as_it_was(folder, refusal, command):
    assert command("ingest", "good.txt", "-o", "run", cwd=folder)[0] == 0
    (folder / "good.txt").write_text(REPORT.replace("nine", "ten"), encoding="utf-8")
    message = refusal("run", "good.txt", "-o", "run")
    assert "run: step 'ingest' was run with a different setting 'inputs': found" in message
    assert "Choose another directory, or replace its frames with --force." in message
