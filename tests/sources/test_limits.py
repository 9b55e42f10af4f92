"""Limits of the processes that read documents: memory, time, size, environment, crashes, and what they leave behind."""

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from code_reader import read_code
from raw_pdf import text_at, write_pages
from reading import read_here
from word_package import GOOD

from g7tag import process
from g7tag.errors import SourceError
from g7tag.sources import limits, read_documents
from g7tag.sources.limits import PDF

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
SLOW = pytest.mark.slow
CRASHED = "crashed the reading process"
SHOWN_TO_NOBODY = "sk-or-v1-nobody-may-see-this"


@pytest.fixture
def read(monkeypatch):
    """Return a function that reads code in place of a PDF, and returns the texts or problems of its pages."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    monkeypatch.setitem(limits.READERS, PDF, read_code)

    def read(code, pages=3, **options):
        found = limits.read_limited(code.encode(), PDF, max_pages=pages, **options).pages
        return [page.get("text") or page["problem"] for page in found]

    return read


@pytest.mark.parametrize("content", [
    write_pages(text_at("Canada: 0"), text_at("Japan: 0")), GOOD, b"<!DOCTYPE html><p>Japan: 0</p>",
], ids=["PDF", "Word", "web page"])  # fmt: skip
def test_a_document_is_read_in_its_process_as_in_this_one(tmp_path, content):
    (tmp_path / "report").write_bytes(content)
    found, same = read_documents([tmp_path / "report"]), read_here(content)
    assert found.documents.equals(same.documents)
    assert found.gaps.equals(same.gaps)


def test_a_key_in_the_environment_is_not_seen_by_the_process(read, monkeypatch):
    for name in ("OPENROUTER_API_KEY", "G7TAG_KEY", "AWS_SECRET_ACCESS_KEY", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, SHOWN_TO_NOBODY)
    (shown,) = read("text = str(dict(os.environ))", pages=1)
    assert "PATH" in shown
    assert SHOWN_TO_NOBODY not in shown


@POSIX
def test_the_process_cannot_write_a_file(read, tmp_path):
    path = tmp_path / "written"
    (said,) = read(f"if page: os.write(os.open({str(path)!r}, os.O_CREAT | os.O_WRONLY), b'x')", pages=1)
    assert "File too large" in said
    assert path.read_text() == ""


@pytest.mark.parametrize(("code", "why"), [
    ("1 / 0", "crashed the reading process (ZeroDivisionError: division by zero)"),
    ("text = 'x' * 3_000", "has more than 0.002 MB of text"),
    pytest.param("bytearray(3_000_000_000)", "needs more than 1.5 GB of memory", marks=POSIX),
    pytest.param("os.kill(os.getpid(), signal.SIGSEGV)", "crashed the reading process (signal 11)", marks=POSIX),
    pytest.param("os.abort()", f"{CRASHED}, probably because it needs more than 1.5 GB of memory", marks=POSIX),
    pytest.param("sys.stdout.write('[1'); sys.stdout.flush(); os._exit(4)", f"{CRASHED} (exit code 4)", marks=SLOW),
    pytest.param("exec('while True: pass')", "takes more than 2 s of processor time", marks=SLOW),
], ids=["exception", "size", "memory", "crash", "abort", "half a message", "time"])  # fmt: skip
def test_a_page_that_stops_the_process_is_named_and_the_pages_behind_it_are_read(read, monkeypatch, code, why):
    monkeypatch.setattr(limits, "SECONDS", 2.0)
    monkeypatch.setattr(process, "SIZE", 2_000)
    first, second, third = read(f"if page == 2: {code}")
    assert (first, third) == ("Page 1.", "Page 3.")
    assert second.startswith(why)


@pytest.mark.parametrize(("code", "why"), [
    pytest.param("bytearray(3_000_000_000)", r"needs more than 1\.5 GB of memory", marks=POSIX),
    ("os._exit(3)", r"crashed the reading process \(exit code 3\)"),
    pytest.param("while True: pass", r"takes more than 1 s of processor time, beyond 0\.5 s for each page", marks=SLOW),
], ids=["memory", "exit", "time"])  # fmt: skip
def test_a_document_that_stops_the_process_before_its_first_page_is_refused(read, monkeypatch, code, why):
    monkeypatch.setattr(limits, "SECONDS", 1.0)
    with pytest.raises(SourceError, match=rf"^{why}\. Expected a readable report; get the file again, or print"):
        read(code)


@SLOW
def test_after_some_pages_that_stop_the_process_no_page_is_read(read):
    exits = f"{CRASHED} (exit code 3)"
    rest = f"not read because 3 earlier pages could not be read (the last: {exits})"
    assert read("if page > 1: os._exit(3)", pages=6) == ["Page 1.", exits, exits, exits, rest, rest]
    assert read("if page > 1: os._exit(3)", pages=2) == ["Page 1.", exits]


@SLOW
def test_pages_that_take_long_on_average_are_read_as_far_as_the_time_allows(read, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 2.0)
    monkeypatch.setattr(limits, "EACH_PAGE", 0.1)
    monkeypatch.setattr(limits, "MOST_STOPS", 1)
    pages = read("until = time.process_time() + 0.6\nwhile time.process_time() < until: pass", pages=60)
    stopped = next(place for place, page in enumerate(pages) if page != f"Page {place + 1}.")
    assert 1 < stopped < 10
    assert pages[stopped].startswith("takes more than 2 s of processor time, beyond 0.1 s for each page")
    assert all(page.startswith("not read because") for page in pages[stopped + 1 :])


@SLOW
def test_a_page_for_which_the_process_only_waits_is_named(read, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 2.0)
    monkeypatch.setattr(process, "PATIENCE", 2)
    assert read("if page == 2: time.sleep(60)") == ["Page 1.", "does not respond for 4 s", "Page 3."]


@SLOW
def test_a_page_that_takes_long_on_a_busy_machine_is_read(read, monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 0.8)  # processor time, which a waiting process does not use
    assert read("if page: time.sleep(1)") == ["Page 1.", "Page 2.", "Page 3."]


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


@SLOW
def test_memory_that_the_process_does_not_limit_is_measured(read, monkeypatch):
    monkeypatch.setattr(process, "MEMORY", 250_000_000)  # of this process alone
    code = "if page == 2: kept = b'x' * 300_000_000; time.sleep(60)"
    assert read(code) == ["Page 1.", "needs more than 0.25 GB of memory", "Page 3."]


@pytest.mark.nightly
@POSIX
def test_the_time_of_a_process_that_another_starts_is_measured_on_windows(read, tmp_path, monkeypatch):
    launcher = tmp_path / "python.exe"  # that of a virtual environment on Windows starts another python.exe
    launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')
    launcher.chmod(0o755)
    for module in (limits, process):
        monkeypatch.setattr(module, "sys", SimpleNamespace(executable=str(launcher), platform="win32"))
    monkeypatch.setattr(limits, "SECONDS", 1.0)
    first, second, third = read("while page == 2: pass")
    assert (first, second[:21], third) == ("Page 1.", "takes more than 1 s o", "Page 3.")
    assert limits.limits_note().startswith("On Windows, the memory of a document is only measured")


@SLOW
def test_what_a_process_says_on_the_side_does_not_stop_it(read):
    assert read("sys.stderr.write('x' * 1_000_000)") == ["Page 1.", "Page 2.", "Page 3."]


@SLOW
def test_nothing_is_left_running_even_after_an_interrupt(read):
    began, threads, running = time.monotonic(), threading.active_count(), psutil.Process().children()

    def interrupt(*_):
        raise KeyboardInterrupt

    read("if page > 1: os._exit(3)")
    with pytest.raises(KeyboardInterrupt):
        read("if page > 1: time.sleep(60)", progress=interrupt)
    assert (threading.active_count(), psutil.Process().children()) == (threads, running)
    assert time.monotonic() - began < 30


@SLOW
@POSIX
def test_the_process_ends_when_the_one_that_waits_for_it_is_killed(read, tmp_path):
    os.mkfifo(tmp_path / "alive")  # it ends when the process that opened it has exited
    code = f"alive = open({str(tmp_path / 'alive')!r}, 'wb', 0); alive.write(b'!'); time.sleep(60)"
    started = f"from g7tag.process import *; list(run_limited(read_code, {code.encode()!r}, 1, 0, seconds=9))"
    parent = subprocess.Popen([sys.executable, "-c", f"from code_reader import *; {started}"])
    with (tmp_path / "alive").open("rb", buffering=0) as alive:
        assert alive.read(1) == b"!"
        parent.kill()
        parent.wait()
        assert select.select([alive], [], [], 5)[0]
        assert alive.read(1) == b""


@pytest.mark.parametrize("name", [
    "-rf.pdf", "sub/../x.pdf", "two\nlines.pdf", f"{'long' * 61}.pdf", "\u202efdp.txt", "; rm x.pdf", "$(x).pdf",
    "\udcff.pdf",
], ids=["option", "folder above", "newline", "long", "turned", "command", "variable", "no UTF-8"])  # fmt: skip
def test_a_file_is_read_whatever_its_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path(name).write_text("Canada: 0")
    row = read_documents([Path(name)]).documents.iloc[0]
    assert row["text"] == "Canada: 0"
    assert row["name"] == Path(name).name.replace("\udcff", "?").replace("\n", "?")
