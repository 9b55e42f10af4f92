"""A separate process with limits of memory and time, for what strangers wrote: how to run it, and what it does."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any

import psutil

from g7tag.errors import InputError

MEMORY = 1_500_000_000
"""Maximum memory in bytes of a process that reads one file; a report of 700 pages needs a tenth of it."""
MOST_SECONDS = 3_600
"""Maximum processor time in seconds; `read_messages` stops a process earlier."""
PATIENCE = 30
"""A process may be silent for this many times the limit of processor time, because a busy machine is slow."""
LOOK = 0.25
"""Seconds between two checks of the processor time."""
MOST_WAITING = 100
"""Size of the message queue of a worker; the worker pauses while the queue is full."""
KEPT_VARIABLES = ("PATH", "PYTHONPATH", "SYSTEMROOT", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "LD_LIBRARY_PATH")
"""Environment variables that are passed to the process; none of them is an API key."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each numpy thread needs memory


class StoppedError(InputError):
    """A process reached a limit or crashed. The text says only that: who asked says what was read."""


def ask(module: str, arguments: list[str], content: bytes = b"", *, seconds: float, refused: type[InputError]) -> Any:
    """Return what a module that calls `answer` makes of the content; raise `refused` or `StoppedError`."""
    clock, stopped = Clock(), "the process that read it ended unexpectedly"
    asked, left = [str(len(content)), *arguments], lambda: seconds - clock.seconds
    for message in read_messages(module, asked, content, clock=clock, left=left, step=seconds):
        if "refused" in message:
            raise refused(message["refused"])
        if "answer" in message:
            return message["answer"]
        stopped = message.get("stopped", stopped)
    raise StoppedError(stopped)


def answer(make: Callable[[bytes, list[str]], Any]) -> None:
    """In the process: answer `ask` with what `make` returns for the content and the arguments."""
    limit_process()
    content = sys.stdin.buffer.read(int(sys.argv[1]))
    threading.Thread(target=exit_with_parent, daemon=True).start()
    try:
        send_message({"answer": make(content, sys.argv[2:])})
    except InputError as error:
        send_message({"refused": str(error)})
    except MemoryError:
        send_message({"stopped": _too_large()})


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


def read_messages(
    module: str, arguments: list[str], content: bytes, *, clock: Clock, left: Callable[[], float], step: float
) -> Iterator[dict[str, Any]]:
    """Yield the messages of a module; if it fails or is stopped, the last one has the key `stopped`."""
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
            with suppress(queue.Empty):
                messages.get(timeout=0.01)
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
            line = messages.get(timeout=LOOK)
        except queue.Empty:
            clock.look(watched)
            if clock.running - page_began > step or left() <= 0:
                yield {"stopped": f"takes more than {step:g} s of processor time"}
                return
            if clock.memory > MEMORY:  # where the process cannot limit it itself
                yield {"stopped": _too_large()}
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
                yield {"stopped": _ended(code, process.stderr)}
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


def _ended(code: int, stderr: IO[bytes] | None) -> str:
    """Return how a process ended: without memory, or its signal, the last line of its stderr, or its exit code."""
    said = (stderr.read() if stderr else b"").decode("utf-8", "replace").strip()
    if "memory allocation of" in said:  # Rust aborts
        return _too_large()
    last = said.splitlines()[-1][:200] if said else f"exit code {code}"
    return f"crashed the reading process ({f'signal {-code}' if code < 0 else last})"


def _too_large() -> str:
    return f"needs more than {MEMORY / 1e9:g} GB of memory"


def send_message(message: dict[str, Any]) -> None:
    """Write a message in one piece; the parent cannot parse a partial one."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def exit_with_parent() -> None:
    """Exit when the parent process has exited, which closes its end of the pipe."""
    while os.read(0, 1):
        pass
    os._exit(1)


def limit_process() -> None:
    """Limit memory and processor time, and allow no written files, where the system can."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: MOST_SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for kind, most in limits.items():
        with suppress(OSError, ValueError):  # refused
            resource.setrlimit(kind, (most, most))
