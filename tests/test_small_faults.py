"""External faults: interrupts, killed processes, odd names, disks that cannot be written to."""

import io
import json
import shutil
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import g7tag
from g7tag.cli import app
from g7tag.cli.main import _accept_any_letter
from g7tag.cli.options import write_json
from g7tag.errors import InputError

pytestmark = pytest.mark.slow

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
SLOW_START = """
import sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "g7tag.cli":
            print("loading", flush=True)
            time.sleep(30)

sys.meta_path.insert(0, Slow())
from g7tag.__main__ import main
main()
"""


@POSIX
def test_an_interrupt_while_the_command_line_is_loaded_ends_it_without_a_traceback():
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_START], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=10)
    assert (process.returncode, stderr) == (130, "")


def test_the_name_of_a_file_neither_begins_a_line_nor_drives_the_terminal(tmp_path, command):
    name = "a\nError: \x1b[31mb.txt"
    found = "a?Error: ?[31mb.txt: cannot be read (No such file or directory). Expected a report file; check the path."
    assert command("ingest", name, "-o", "run", cwd=tmp_path) == (3, "", f"g7tag: {found}\n")
    shutil.copy(g7tag.example_path("invented-report.txt"), tmp_path / name)
    assert g7tag.read_reports([tmp_path / name]).documents["name"].tolist() == ["a?Error: ?[31mb.txt"]


def test_json_on_a_terminal_drives_nothing(capsys):
    value = {"text": "red \x9b31m \u202e é\n"}
    write_json(value)
    shown = capsys.readouterr().out
    assert json.loads(shown) == value
    assert "\\u009b" in shown
    assert not {"\x9b", "\u202e"} & set(shown)


def test_a_scored_run_is_scored_and_audited_again_where_nothing_can_be_written(folder, monkeypatch):
    g7tag.Run.at(folder).record_labels(g7tag.example_path("invented-decisions.csv"), annotator="Ada")
    g7tag.Run.at(folder).rescore()

    def refuse(path, content):
        msg = f"{path}: cannot write (Read-only file system, {len(content)} bytes)."
        raise InputError(msg)

    for module in ("run", "ledger"):
        monkeypatch.setattr(f"g7tag.store.{module}.write_atomic", refuse)
    for words in (["score", str(folder)], ["audit", str(folder)], ["score", str(folder), "--final"]):
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 0, (words, ended.exception)


@pytest.mark.parametrize(
    ("platform", "asked", "written"),
    [("linux", "", b"\\u2192 \xe9"), ("win32", "", "→ é".encode()), ("win32", "cp1252", b"\\u2192 \xe9")],
)  # fmt: skip
def test_a_letter_that_the_output_cannot_show_is_written(monkeypatch, platform, asked, written):
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding="cp1252")
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    if asked:
        monkeypatch.setenv("PYTHONIOENCODING", asked)
    _accept_any_letter(stream)
    stream.write("→ é")
    stream.flush()
    assert content.getvalue() == written
