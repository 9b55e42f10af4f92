"""Read a document in a separate process with limits of memory and time."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, NamedTuple

import psutil

from g7tag.errors import SourceError
from g7tag.sources.process import MEMORY

OPENING = 20.0
"""Maximum processor time in seconds before the first page of a document, and for each page."""
SPARE = 20.0
"""Maximum processor time in seconds for a document, in addition to `EACH_PAGE` for each page."""
EACH_PAGE = 0.5
"""Seconds that each page adds to `SPARE`; a usual page takes a tenth, a page with overlapping text may take more."""
PATIENCE = 30
"""A process may be silent for this many times the limit of processor time, because a busy machine is slow."""
_LOOK = 0.25  # seconds between two checks of the processor time
MAX_PAGES = 5_000
"""Default limit of the pages of a PDF; the longest report has about 900."""
MOST_CHARACTERS = 10_000_000
"""Limit of the characters of one document; a report of 700 pages has three million."""
MOST_RESTARTS = 10
"""Number of pages that may crash the worker process; after the last one, no page is read."""
MOST_WAITING = 100
"""Size of the message queue of a worker; the worker pauses while the queue is full."""
WORKER = "g7tag.sources.worker"
"""The module that reads one document."""
KEPT_VARIABLES = ("PATH", "PYTHONPATH", "SYSTEMROOT", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "LD_LIBRARY_PATH")
"""Environment variables that are passed to the process; none of them is an API key."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each numpy thread needs memory


class Reading(NamedTuple):
    """What was read of a document: its blocks, or its pages in order; unread pages have a `problem`.

    `doubts` are sentences about what may have been read incorrectly.
    """

    blocks: list[Any]
    pages: list[dict[str, Any]]
    doubts: Sequence[str] = ()


def limits_note() -> str:
    """Return a note about limits that are not available on this system, or "" if all are."""
    system = {"win32": "Windows", "darwin": "macOS"}.get(sys.platform)
    if system is None:
        return ""
    return f"On {system}, the memory of a document is only measured, every {_LOOK:g} s or so: read only trusted files."


class Clock:
    """Processor time used by the successive processes that read one document, and the memory of the last, in bytes."""

    def __init__(self) -> None:
        self.ended = 0.0
        self.running = 0.0
        self.memory = 0

    @property
    def seconds(self) -> float:
        """Processor time of all processes, in seconds."""
        return self.ended + self.running

    def look(self, process: psutil.Process) -> None:
        """Update the time and memory of the running process."""
        with suppress(psutil.Error):  # it has already exited
            seen = [(each.cpu_times(), each.memory_info().rss) for each in _with_children(process)]
            self.running = sum(times.user + times.system for times, _ in seen)
            self.memory = sum(memory for _, memory in seen)

    def end(self) -> None:
        """Add the time of a process that has exited."""
        self.ended, self.running = self.seconds, 0.0


def _with_children(process: psutil.Process) -> list[psutil.Process]:
    """Return a process; on Windows with its children, as python.exe of a virtual environment starts another one."""
    return [process, *process.children()] if sys.platform == "win32" else [process]


def read_limited(
    content: bytes, kind: str, *, max_pages: int, progress: Callable[[int, int], None] = lambda *_: None
) -> Reading:
    """Read a document in a separate process.

    A page that takes too long or crashes the process is skipped; a new process continues after it.

    Raises
    ------
    SourceError
        If the document is refused or nothing of it can be read; the message does not name the document.
    """
    clock = Clock()
    pages: list[dict[str, Any]] = []
    count, characters, stopped = 0, 0, ""

    def left() -> float:
        return SPARE + EACH_PAGE * count - clock.seconds

    for _ in range(MOST_RESTARTS + 1):
        stopped = "crashed the reading process"
        arguments = [kind, str(max_pages), str(len(pages)), str(len(content))]
        for message in read_messages(WORKER, arguments, content, clock=clock, left=left, step=OPENING):
            if "blocks" in message:
                return Reading(message["blocks"], [], message.get("doubts", ()))
            count, stopped = message.get("pages", count), message.get("stopped", stopped)
            if "page" in message:
                pages.append(message)
                progress(len(pages), count)
                characters += _characters(message)
            _refuse(message, characters)
        if count == len(pages) > 0:
            return Reading([], pages)
        if not count:
            msg = f"{stopped}. Expected a readable report; get the file again, or print it to a new PDF."
            raise SourceError(msg)
        if left() <= 0:
            stopped = f"not reached within {SPARE + EACH_PAGE * count:.0f} s of processor time"
            break
        pages.append({"page": len(pages), "problem": stopped})
        progress(len(pages), count)
    else:
        stopped = f"not read because {MOST_RESTARTS + 1} earlier pages could not be read (the last: {stopped})"
    rest = range(len(pages), count)
    return Reading([], pages + [{"page": number, "problem": stopped} for number in rest])


def _refuse(message: Mapping[str, Any], characters: int) -> None:
    """Raise SourceError if the process refused the document or if it has too many characters."""
    if "refused" in message:
        raise SourceError(message["refused"])
    if characters > MOST_CHARACTERS:
        msg = f"has more than {MOST_CHARACTERS:,} characters. Expected a smaller report; split it."
        raise SourceError(msg)


def _characters(page: Mapping[str, Any]) -> int:
    """Count the characters of a page."""
    return sum(len(line[-1]) for line in page.get("lines", ())) + sum(len(text) for text, _ in page.get("aside", ()))


def read_messages(
    module: str, arguments: list[str], content: bytes, *, clock: Clock, left: Callable[[], float], step: float
) -> Iterator[dict[str, Any]]:
    """Yield the messages of a process; if it fails or is stopped, the last message has the key `stopped`.

    Parameters
    ----------
    module
        Module to run with these arguments and with this content on stdin.
    clock
        Counts the processor time.
    left
        Returns the seconds of processor time left for all processes of the document.
    step
        Maximum processor time in seconds before the first message and between two messages.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module; the document is passed on stdin
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | _ONE_THREAD,
    )  # fmt: skip
    messages: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
    threads = [
        threading.Thread(target=_feed, args=(process.stdin, content), daemon=True),
        threading.Thread(target=_pass_on, args=(process.stdout, messages), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _until_stopped(process, messages, clock, left, step)
    finally:
        clock.end()
        with suppress(psutil.Error):  # it has already exited
            for each in _with_children(psutil.Process(process.pid)):
                each.kill()
        process.wait()
        while any(thread.is_alive() for thread in threads):  # until both pipes are closed
            _clear(messages)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):  # unread data
                pipe.close()  # type: ignore[union-attr]


def _until_stopped(
    process: subprocess.Popen[bytes], messages: queue.Queue[bytes], clock: Clock, left: Callable[[], float], step: float
) -> Iterator[dict[str, Any]]:
    watched = psutil.Process(process.pid)
    heard, page_began = time.monotonic(), 0.0
    while True:
        try:
            line = messages.get(timeout=_LOOK)
        except queue.Empty:
            clock.look(watched)
            if clock.running - page_began > step or left() <= 0:
                yield {"stopped": f"takes more than {step:g} s of processor time"}
                return
            if clock.memory > MEMORY:  # where the process cannot limit it itself
                yield {"stopped": f"needs more than {MEMORY / 1e9:g} GB of memory"}
                return
            if time.monotonic() - heard > PATIENCE * step:
                yield {"stopped": f"does not respond for {PATIENCE * step:g} s"}
                return
            continue
        clock.look(watched)
        heard, page_began = time.monotonic(), clock.running
        if not line.endswith(b"\n"):  # the end, perhaps inside a message
            code = process.wait()
            if code:
                yield {"stopped": f"crashed the reading process ({_ended(code, process.stderr)})"}
            return
        yield json.loads(line)
        if left() <= 0:
            return


def _feed(stdin: IO[bytes], content: bytes) -> None:
    """Send the document; the pipe stays open so that the process notices when this one exits."""
    with suppress(OSError):  # the process has exited before it read everything
        stdin.write(content)
        stdin.flush()


def _pass_on(stdout: IO[bytes], messages: queue.Queue[bytes]) -> None:
    for line in stdout:
        messages.put(line)
    messages.put(b"")


def _clear(messages: queue.Queue[bytes]) -> None:
    with suppress(queue.Empty):
        messages.get(timeout=0.01)


def _ended(code: int, stderr: IO[bytes] | None) -> str:
    """Return how a process ended: its signal, the last line of its stderr, or its exit code."""
    if code < 0:
        return f"signal {-code}"
    lines = (stderr.read() if stderr else b"").decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else f"exit code {code}"
