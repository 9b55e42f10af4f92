"""Limits of the processes that read documents: memory, time, environment, crashes, and what they leave behind."""

import os
import select
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from g7tag import process
from g7tag.errors import SourceError
from g7tag.sources import limits, read_documents
from g7tag.sources.kinds import PDF

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
SHOWN_TO_NOBODY = "sk-or-v1-nobody-may-see-this"
_MODULE = """
import os, signal, sys, time
from g7tag.sources import worker

def page(number, text):
    line = [72, 100, 700, 12, 72, 100, text]
    return {{"page": number, "lines": [line], "aside": [], "picture": False, "problem": ""}}

def read(content, max_pages, first):
{opening}
    yield {{"pages": {pages}}}
    for number in range(first, {pages}):
{body}
        yield page(number, f"Page {{number + 1}}.")

worker._READERS["application/pdf"] = read
worker.main()
"""


def stand_in(folder, monkeypatch, body="pass", *, pages=3, opening="pass"):
    """Read documents with a process that runs `body` before it gives each page (its `number` from 0)."""
    module = _MODULE.format(
        body=textwrap.indent(textwrap.dedent(body), " " * 8), opening=textwrap.indent(opening, " " * 4), pages=pages
    )
    (folder / "stand_in_worker.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    monkeypatch.setattr(limits, "WORKER", "stand_in_worker")


def read(pages=5_000):
    """Return the texts or problems of the pages that a stand-in returns for an empty document."""
    found = limits.read_limited(b"%PDF-1.7", PDF, max_pages=pages).pages
    return [page["lines"][0][-1] if "lines" in page else page["problem"] for page in found]


def read_file(folder):
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    return read_documents([path])


def test_a_key_in_the_environment_is_not_seen_by_the_process(tmp_path, monkeypatch):
    for name in ("OPENROUTER_API_KEY", "G7TAG_KEY", "AWS_SECRET_ACCESS_KEY", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, SHOWN_TO_NOBODY)
    stand_in(tmp_path, monkeypatch, "yield page(number, str(dict(os.environ))); continue", pages=1)
    (shown,) = read()
    assert "PATH" in shown
    assert SHOWN_TO_NOBODY not in shown


@POSIX
def test_the_process_cannot_write_a_file(tmp_path, monkeypatch):
    body = f"""
    try:
        os.write(os.open({str(tmp_path / "written")!r}, os.O_CREAT | os.O_WRONLY), b"x")
    except OSError as error:
        yield page(number, str(error))
        continue
    """
    stand_in(tmp_path, monkeypatch, body, pages=1)
    assert read() == ["[Errno 27] File too large"]
    assert (tmp_path / "written").read_text() == ""


@pytest.mark.slow
@POSIX
def test_the_process_ends_when_the_one_that_waits_for_it_is_killed(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "alive")  # it ends when the process that opened it has exited
    body = f"alive = open({str(tmp_path / 'alive')!r}, 'wb', 0); alive.write(b'!'); time.sleep(60)"
    stand_in(tmp_path, monkeypatch, body)
    code = """
from g7tag.sources import limits
limits.WORKER = "stand_in_worker"
limits.read_limited(b"x", "application/pdf", max_pages=9)
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    with (tmp_path / "alive").open("rb", buffering=0) as alive:
        assert alive.read(1) == b"!"
        parent.kill()
        parent.wait()
        assert select.select([alive], [], [], 5)[0]
        assert alive.read(1) == b""


@POSIX
def test_a_page_that_needs_too_much_memory_is_passed_over(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "if number == 1: bytearray(3_000_000_000)")
    assert read() == ["Page 1.", "needs more than 1.5 GB of memory", "Page 3."]


@POSIX
def test_a_document_that_needs_too_much_memory_to_open_is_refused(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, opening="bytearray(3_000_000_000)")
    with pytest.raises(
        SourceError, match=r"a\.pdf: needs more than 1\.5 GB of memory\. Expected a readable report; get the file"
    ):
        read_file(tmp_path)


def test_a_process_that_cannot_limit_its_memory_still_limits_its_time(monkeypatch):
    resource = pytest.importorskip("resource")
    limited = []

    def setrlimit(kind, ends):
        if kind == resource.RLIMIT_AS:  # as macOS does
            msg = "current limit exceeds maximum limit"
            raise ValueError(msg)
        limited.append(kind)

    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    process.limit_process()
    assert limited == [resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE]


@pytest.mark.slow
def test_memory_that_the_process_does_not_limit_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "MEMORY", 250_000_000)  # of the parent alone
    stand_in(tmp_path, monkeypatch, "if number == 1: kept = b'x' * 300_000_000; time.sleep(60)")
    assert read() == ["Page 1.", "needs more than 0.25 GB of memory", "Page 3."]


@pytest.mark.nightly
@POSIX
def test_the_time_of_a_process_that_another_starts_is_measured_on_windows(tmp_path, monkeypatch):
    launcher = tmp_path / "python.exe"  # that of a virtual environment on Windows starts another python.exe
    launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')
    launcher.chmod(0o755)
    for module in (limits, process):
        monkeypatch.setattr(module, "sys", SimpleNamespace(executable=str(launcher), platform="win32"))
    monkeypatch.setattr(limits, "OPENING", 1.0)
    stand_in(tmp_path, monkeypatch, "while number == 1: pass")
    assert read() == ["Page 1.", "takes more than 1 s of processor time", "Page 3."]
    assert limits.limits_note().startswith("On Windows, the memory of a document is only measured")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("if number == 1: 1 / 0", r"ZeroDivisionError: division by zero"),
        ("if number == 1: sys.stdout.write('{\"page\": 1, '); sys.stdout.flush(); os._exit(4)", r"exit code 4"),
        pytest.param("if number == 1: os.kill(os.getpid(), signal.SIGSEGV)", r"signal 11", marks=POSIX),
    ],
    ids=["exception", "half a message", "crash"],
)
def test_a_page_that_ends_the_process_is_passed_over(tmp_path, monkeypatch, body, why):
    stand_in(tmp_path, monkeypatch, body)
    assert read() == ["Page 1.", f"crashed the reading process ({why})", "Page 3."]


@pytest.mark.slow
def test_a_page_that_hangs_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "OPENING", 1.5)
    stand_in(tmp_path, monkeypatch, "while number == 1: pass")
    assert read() == ["Page 1.", "takes more than 1.5 s of processor time", "Page 3."]


def test_pages_that_cannot_be_read_are_gaps_of_a_document_that_is_partial(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "if number == 1: os._exit(3)")
    read = read_file(tmp_path)
    assert read.documents["status"].tolist() == ["partial"]
    assert read.documents["pages"].tolist() == [3]
    assert read.gaps[["name", "part", "kind"]].to_numpy().tolist() == [["a.pdf", "page 2", "unread"]]


@pytest.mark.slow
def test_a_document_whose_pages_all_end_the_process_is_given_up_after_some(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_RESTARTS", 2)
    stand_in(tmp_path, monkeypatch, "if number > 0: os._exit(3)", pages=6)
    ended = "crashed the reading process (exit code 3)"
    rest = f"not read because 3 earlier pages could not be read (the last: {ended})"
    assert read() == ["Page 1.", ended, ended, ended, rest, rest]


@pytest.mark.slow
def test_a_document_that_takes_too_long_as_a_whole_is_read_as_far_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SPARE", 2.4)
    monkeypatch.setattr(limits, "EACH_PAGE", 0.0)
    stand_in(
        tmp_path, monkeypatch, "until = time.process_time() + 0.9\nwhile time.process_time() < until: pass", pages=60
    )
    pages = read()
    assert pages[0] == "Page 1."
    assert pages[3:] == ["not reached within 2 s of processor time"] * 57


@pytest.mark.slow
def test_a_page_that_takes_long_on_a_busy_machine_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "OPENING", 0.8)  # processor time, which a waiting process does not use
    monkeypatch.setattr(limits, "SPARE", 3.0)
    monkeypatch.setattr(limits, "EACH_PAGE", 0.0)
    stand_in(tmp_path, monkeypatch, "time.sleep(1)")
    assert read() == ["Page 1.", "Page 2.", "Page 3."]


@pytest.mark.slow
def test_a_page_for_which_the_process_only_waits_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "OPENING", 2.0)
    monkeypatch.setattr(process, "PATIENCE", 1)
    stand_in(tmp_path, monkeypatch, "if number == 1: time.sleep(60)")
    assert read() == ["Page 1.", "does not respond for 2 s", "Page 3."]


@pytest.mark.slow
def test_a_document_of_which_nothing_is_read_is_refused(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "os._exit(3)")
    expected = r"none of its pages \(3\) can be read \(crashed the reading process \(exit code 3\)"
    with pytest.raises(SourceError, match=expected):
        read_file(tmp_path)


@pytest.mark.slow
def test_a_document_that_hangs_before_its_first_page_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "OPENING", 0.7)
    stand_in(tmp_path, monkeypatch, opening="while True: pass")
    with pytest.raises(
        SourceError, match=r"a\.pdf: takes more than 0\.7 s of processor time\. Expected a readable repo"
    ):
        read_file(tmp_path)


def test_a_document_with_too_many_characters_is_refused_before_all_of_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CHARACTERS", 1_000)
    stand_in(tmp_path, monkeypatch, "yield page(number, 'x' * 400); continue", pages=10**9)
    with pytest.raises(
        SourceError, match=r"a\.pdf: has more than 1,000 characters\. Expected a smaller report; split it"
    ):
        read_file(tmp_path)


@pytest.mark.slow
def test_what_a_process_says_on_the_side_does_not_stop_it(tmp_path, monkeypatch):
    stand_in(
        tmp_path, monkeypatch, "import logging; [logging.getLogger('pypdf').warning('x' * 99) for _ in range(9999)]"
    )
    assert read() == ["Page 1.", "Page 2.", "Page 3."]


def test_nothing_is_left_running(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "os._exit(3)")
    before, running = threading.active_count(), psutil.Process().children()
    read()
    assert threading.active_count() == before
    assert psutil.Process().children() == running


@pytest.mark.slow
def test_an_interrupt_ends_the_process(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "time.sleep(60 * number)")
    began, before = time.monotonic(), threading.active_count()

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        limits.read_limited(b"%PDF-1.7", PDF, max_pages=9, progress=interrupt)
    assert time.monotonic() - began < 5
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "name",
    [
        "-rf.pdf", "sub/../x.pdf", "two\nlines.pdf", f"{'long' * 61}.pdf", "\u202efdp.txt", "; rm x.pdf", "$(x).pdf",
        "\udcff.pdf",
    ],
    ids=["option", "folder above", "newline", "long", "turned", "command", "variable", "no UTF-8"],
)  # fmt: skip
def test_a_file_is_read_whatever_its_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path(name).write_text("Canada: 0")
    row = read_documents([Path(name)]).documents.iloc[0]
    assert row["text"] == "Canada: 0"
    assert row["name"] == Path(name).name.replace("\udcff", "?").replace("\n", "?")
