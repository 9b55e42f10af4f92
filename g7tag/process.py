"""Run a reader on what strangers wrote, in a process of its own with limits of memory, processor time and size."""

import json
import os
import pkgutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import psutil

from g7tag import errors

MEMORY = 1_500_000_000
"""Maximum memory in bytes; a report of 700 pages needs a tenth of it."""
SIZE = 100_000_000
"""Maximum bytes of all messages; those of a report of 700 pages have a tenth of it."""
PATIENCE = 30
"""A process may be silent for this many times the limit of processor time, because a busy machine is slow."""
LOOK = 0.25
"""Seconds between two checks of time and memory."""
KEPT_VARIABLES = ("PATH", "PYTHONPATH", "SYSTEMROOT", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "LD_LIBRARY_PATH")
"""Environment variables that are passed to the process; none of them is an API key."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each numpy thread needs memory
_START = "from g7tag.process import send_messages; send_messages()"
_MOST_SECONDS = 3_600  # of processor time: the system's limit, if this process can no longer stop the other


class StoppedError(errors.InputError):
    """A process exceeded a limit or crashed. The text says only that: the caller says what was read."""


def run_limited(
    reader: Callable[..., Iterable[Any]], content: bytes, *arguments: Any, seconds: float, each: float = 0.0
) -> Iterator[Any]:
    """Yield the messages of a reader: a function of a module that runs in a process of its own.

    It is called with the content and the arguments, and yields values that JSON can hold. An InputError that it raises
    is raised here; StoppedError is raised if it exceeds a limit or crashes. A message may take `seconds` of processor
    time; messages that take more than `each` on average use them up together.
    """
    words = [f"{reader.__module__}:{reader.__name__}", str(len(content)), json.dumps(arguments)]
    process = subprocess.Popen(  # noqa: S603 - our own module; the content is passed on stdin
        [sys.executable, "-P", "-c", _START, *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | _ONE_THREAD,
    )  # fmt: skip
    watch = _Watch(process, content, seconds, each)
    try:
        watch.start()
        yield from _messages(process, watch)
    finally:
        watch.ended.set()
        process.kill()
        process.wait()
        watch.join()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # content that the process did not read
                pipe.close()  # type: ignore[union-attr]


def _messages(process: subprocess.Popen[bytes], watch: "_Watch") -> Iterator[Any]:
    room = SIZE
    while (line := process.stdout.readline(room)).endswith(b"\n"):  # type: ignore[union-attr]
        watch.heard += 1
        room -= len(line)
        kind, value = json.loads(line)
        if kind == "message":
            yield value
        else:
            raise StoppedError(value) if kind == "stopped" else getattr(errors, kind)(value)
    if len(line) == room:
        msg = f"has more than {SIZE / 1e6:g} MB of text"
        raise StoppedError(msg)
    if (code := process.wait()) or watch.stopped:
        raise StoppedError(watch.stopped or _ended(code))


class _Watch(threading.Thread):
    """Sends the content, and stops a process that takes too long or, where the system has no limit, too much memory."""

    def __init__(self, process: subprocess.Popen[bytes], content: bytes, seconds: float, each: float) -> None:
        super().__init__(daemon=True)
        self._process, self._content, self._seconds, self._each = process, content, seconds, each
        self.heard = 0
        """Number of messages."""
        self.stopped = ""
        """The limit that the process exceeded."""
        self.ended = threading.Event()

    def run(self) -> None:
        with suppress(OSError, psutil.Error):  # the process has exited
            watched = psutil.Process(self._process.pid)
            self._process.stdin.write(self._content)  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]  # open, so that the process sees if this one exits
            self._look(watched)

    def _look(self, watched: psutil.Process) -> None:
        left, used, heard, silent = self._seconds, 0.0, 0, 0.0
        while not self.stopped and not self.ended.wait(LOOK):
            # on Windows, python.exe of a virtual environment starts another one
            processes = [watched, *watched.children()] if sys.platform == "win32" else [watched]
            now = sum(sum(each.cpu_times()[:2]) for each in processes)
            new = self.heard - heard
            left = min(left + self._each * new - (now - used), self._seconds)
            silent = 0.0 if new else silent + LOOK
            used, heard = now, heard + new
            if left <= 0:
                beyond = f", beyond {self._each:g} s for each page" if self._each else ""
                self.stopped = f"takes more than {self._seconds:g} s of processor time{beyond}"
            elif sum(each.memory_info().rss for each in processes) > MEMORY:
                self.stopped = _too_large()
            elif silent > PATIENCE * self._seconds:
                self.stopped = f"does not respond for {PATIENCE * self._seconds:g} s"
        for each in processes if self.stopped else ():
            each.kill()


def _ended(code: int) -> str:
    """Return how a process ended that did not say why."""
    if code == -signal.SIGABRT:  # Rust and PDFium end a process that gets no memory
        return f"crashed the reading process, probably because it {_too_large()}"
    return f"crashed the reading process ({f'signal {-code}' if code < 0 else f'exit code {code}'})"


def _too_large() -> str:
    return f"needs more than {MEMORY / 1e9:g} GB of memory"


def send_messages() -> None:
    """In the process: send what the reader yields, each value in one piece, or why the reader stops."""
    name, size, arguments = sys.argv[1:]
    limit_process()
    content = sys.stdin.buffer.read(int(size))
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    try:
        for value in pkgutil.resolve_name(name)(content, *json.loads(arguments)):
            _send("message", value)
    except errors.InputError as error:
        _send(type(error).__name__, str(error))
    except MemoryError:
        _send("stopped", _too_large())
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        _send("stopped", f"crashed the reading process ({why})")
    os._exit(0)  # libraries that clean up could crash


def _send(kind: str, value: Any) -> None:
    sys.stdout.buffer.write(json.dumps([kind, value]).encode() + b"\n")
    sys.stdout.buffer.flush()


def _exit_with_parent() -> None:
    """Exit when the parent process has exited, which closes its end of the pipe."""
    while os.read(0, 1):
        pass
    os._exit(1)


def limit_process() -> None:
    """Limit memory and processor time, and allow no written files, where the system can."""
    with suppress(ImportError):  # on Windows
        import resource  # noqa: PLC0415

        most = {"AS": MEMORY, "CPU": _MOST_SECONDS, "CORE": 0, "FSIZE": 0}
        for name, limit in most.items():
            with suppress(OSError, ValueError):  # macOS limits no memory
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
