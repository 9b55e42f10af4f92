"""Have a document read by a process of its own, within limits of memory and time that no document can lift."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any, NamedTuple

import psutil

from g7tag.errors import SourceError

OPENING = 20.0
"""Seconds of processor time that a document may take before its first page, and that any page may take."""
SPARE = 20.0
"""Seconds of processor time that a whole document may take besides those for its pages."""
EACH_PAGE = 0.5
"""Seconds that each page adds to that; a usual one takes a tenth, one whose text stands on other text may take more."""
PATIENCE = 30
"""How many times as long a process may say nothing: a busy machine is slow, and one that waits takes no such time."""
_LOOK = 0.25  # seconds after which it is seen how much time a process has taken
MOST_PAGES = 5_000
"""Of a PDF, unless told otherwise; the longest report has some 900."""
MOST_CHARACTERS = 10_000_000
"""Characters of one document; a report of 700 pages has three million."""
MOST_RESTARTS = 10
"""Pages that may end the process that reads them; behind the last, none is read."""
MOST_WAITING = 100
"""Messages of a worker that wait to be taken; it stops until some are."""
WORKER = "g7tag.sources.worker"
"""The module that reads one document."""
KEPT_VARIABLES = ("PATH", "PYTHONPATH", "SYSTEMROOT", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "LD_LIBRARY_PATH")
"""Variables of the environment that the process gets: no key is among them."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each thread of numpy's takes memory


class Reading(NamedTuple):
    """What was told of a document: its blocks, or its pages in order, of which those not read have a `problem`."""

    blocks: list[Any]
    pages: list[dict[str, Any]]


def limits_note() -> str:
    """Return what cannot be limited on this system, "" where everything is."""
    if sys.platform == "win32":
        return "On Windows the time that a document takes is limited, its memory is not: read only what you trust."
    return ""


class Clock:
    """Processor time that the processes which read one document have taken, one after the other."""

    def __init__(self) -> None:
        self.ended = 0.0
        self.running = 0.0

    @property
    def seconds(self) -> float:
        """Of all of them."""
        return self.ended + self.running

    def look(self, process: psutil.Process) -> None:
        """See how much the one that runs has taken by now."""
        with suppress(psutil.Error):  # it has ended meanwhile
            times = process.cpu_times()
            self.running = times.user + times.system

    def end(self) -> None:
        """Add up what one took that has ended."""
        self.ended, self.running = self.seconds, 0.0


def read_limited(
    content: bytes, kind: str, *, most_pages: int, progress: Callable[[int, int], None] = lambda *_: None
) -> Reading:
    """Return what a process of its own read of a document.

    A page that takes too long, or ends the process, is passed over: another process goes on behind it.

    Raises
    ------
    SourceError
        The document was refused, or nothing of it could be read; the message does not name it.
    """
    clock = Clock()
    pages: list[dict[str, Any]] = []
    count, characters, stopped = 0, 0, ""

    def left() -> float:
        return SPARE + EACH_PAGE * count - clock.seconds

    for _ in range(MOST_RESTARTS + 1):
        stopped = "ended the process that read it"
        arguments = [kind, str(most_pages), str(len(pages)), str(len(content))]
        for told in messages_of(WORKER, arguments, content, clock=clock, left=left, step=OPENING):
            if "blocks" in told:
                return Reading(told["blocks"], [])
            count, stopped = told.get("pages", count), told.get("stopped", stopped)
            if "page" in told:
                pages.append(told)
                progress(len(pages), count)
                characters += _characters(told)
            _refuse(told, characters)
        if count == len(pages) > 0:
            return Reading([], pages)
        if not count:
            msg = f"{stopped}. Expected a report; get the file again, or print it to a new PDF."
            raise SourceError(msg)
        if left() <= 0:
            stopped = f"not reached within {SPARE + EACH_PAGE * count:.0f} s of processor time"
            break
        pages.append({"page": len(pages), "problem": stopped})
        progress(len(pages), count)
    else:
        stopped = f"not read, since {MOST_RESTARTS + 1} pages before it could not be (the last: {stopped})"
    rest = range(len(pages), count)
    return Reading([], pages + [{"page": number, "problem": stopped} for number in rest])


def _refuse(told: Mapping[str, Any], characters: int) -> None:
    """Refuse a document that its process refused, or that has too many characters."""
    if "refused" in told:
        raise SourceError(told["refused"])
    if characters > MOST_CHARACTERS:
        msg = f"has more than {MOST_CHARACTERS:,} characters. Expected a report; split it."
        raise SourceError(msg)


def _characters(told: Mapping[str, Any]) -> int:
    """The number of characters of a page."""
    return sum(len(line[-1]) for line in told.get("lines", ())) + sum(len(text) for text, _ in told.get("aside", ()))


def messages_of(
    module: str, arguments: list[str], content: bytes, *, clock: Clock, left: Callable[[], float], step: float
) -> Iterator[dict[str, Any]]:
    """Return what a process tells, one message after the other; one that ends otherwise than well has `stopped` last.

    Parameters
    ----------
    module
        What runs there, with these arguments and this content on its stdin.
    clock
        Counts the processor time that it takes.
    left
        How many seconds of it are left for all processes of the document.
    step
        How many seconds of it the process may take before its first message, and between two.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module, the document goes in by stdin
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | _ONE_THREAD,
    )  # fmt: skip
    told: queue.Queue[bytes] = queue.Queue(MOST_WAITING)
    threads = [
        threading.Thread(target=_feed, args=(process.stdin, content), daemon=True),
        threading.Thread(target=_pass_on, args=(process.stdout, told), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _until_stopped(process, told, clock, left, step)
    finally:
        clock.end()
        process.kill()
        process.wait()
        while any(thread.is_alive() for thread in threads):  # until the pipes are at their ends
            _clear(told)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):  # what was not taken any more
                pipe.close()  # type: ignore[union-attr]


def _until_stopped(
    process: subprocess.Popen[bytes], told: queue.Queue[bytes], clock: Clock, left: Callable[[], float], step: float
) -> Iterator[dict[str, Any]]:
    watched = psutil.Process(process.pid)
    heard, page_began = time.monotonic(), 0.0
    while True:
        try:
            line = told.get(timeout=_LOOK)
        except queue.Empty:
            clock.look(watched)
            if clock.running - page_began > step or left() <= 0:
                yield {"stopped": f"takes more than {step:g} s of processor time"}
                return
            if time.monotonic() - heard > PATIENCE * step:
                yield {"stopped": f"says nothing for {PATIENCE * step:g} s"}
                return
            continue
        clock.look(watched)
        heard, page_began = time.monotonic(), clock.running
        if not line.endswith(b"\n"):  # the end, if within a message
            code = process.wait()
            if code:
                yield {"stopped": f"ended the process that read it ({_ended(code, process.stderr)})"}
            return
        yield json.loads(line)
        if left() <= 0:
            return


def _feed(stdin: IO[bytes], content: bytes) -> None:
    """Hand over a document; the pipe stays open, so that the process hears when nobody waits for it any more."""
    with suppress(OSError):  # the process has ended before it read all
        stdin.write(content)
        stdin.flush()


def _pass_on(stdout: IO[bytes], told: queue.Queue[bytes]) -> None:
    for line in stdout:
        told.put(line)
    told.put(b"")


def _clear(told: queue.Queue[bytes]) -> None:
    with suppress(queue.Empty):
        told.get(timeout=0.01)


def _ended(code: int, stderr: IO[bytes] | None) -> str:
    """How a process ended: the signal that ended it, or the last line of what it said."""
    if code < 0:
        return f"signal {-code}"
    said = (stderr.read() if stderr else b"").decode("utf-8", "replace").strip().splitlines()
    return said[-1][:200] if said else f"exit code {code}"
