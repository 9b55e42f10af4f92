"""Run other programs on untrusted documents: with limits of memory and time, in a folder of their own."""

import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from g7tag.errors import SourceError
from g7tag.process import KEPT_VARIABLES
from g7tag.sources import limited

MEMORY = 4_000_000_000
"""Maximum memory in bytes of one process of a program."""
MOST_WRITTEN = 2_000_000_000
"""Maximum size in bytes of a file that a program writes."""
_LOOK = 0.2  # seconds between two checks of a running program
_NOWHERE = "http://127.0.0.1:9"  # nothing answers at this address, so links in a document are not opened
_OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
_LINE = 200  # characters of a program's last line that a message shows
_TAIL = 4_096  # last bytes of what a program wrote
_VERSION = re.compile(r"\d+(?:\.\d+)+")


class Ended(NamedTuple):
    """How a program ended: its exit code, and the last line that it wrote on stderr or stdout."""

    code: int
    last: str


def new_folder(purpose: str) -> "tempfile.TemporaryDirectory[str]":
    """Return a temporary folder; a program that was killed may still write in it while it is deleted."""
    return tempfile.TemporaryDirectory(prefix=f"g7tag-{purpose}-", ignore_cleanup_errors=True)


def run_program(
    command: Sequence[str],
    folder: Path,
    *,
    seconds: float,
    name: str = "",
    memory: int = MEMORY,
    environment: dict[str, str] | None = None,
    look: Callable[[], None] = lambda: None,
) -> Ended:
    """Run a program until it ends, in a process group that is killed when it takes too long or g7tag exits."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "TEMP": str(folder)}
    output = folder / "output.txt"
    name = name or Path(command[0]).name
    with output.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - a program found on the path; the document is only its input
            [*_limited(folder, seconds, memory), *command],
            stdin=subprocess.PIPE, stdout=written, stderr=subprocess.STDOUT,
            env=kept | own | _OFFLINE | (environment or {}), start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + seconds
        try:
            while process.poll() is None:
                if time.monotonic() > end:
                    msg = f"{name} takes more than {seconds:,.0f} s. Expected a smaller document; split it."
                    raise SourceError(msg)
                if _largest(process) > memory:  # where the system does not limit it
                    msg = (
                        f"{name} needs more than {memory / 1e9:g} GB of memory. Expected a smaller document; split it."
                    )
                    raise SourceError(msg)
                look()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK)
        finally:
            _kill(process)
    with output.open("rb") as written:
        written.seek(max(0, output.stat().st_size - _TAIL))
        lines = written.read().decode("utf-8", "replace").strip().splitlines()
    last = lines[-1].strip()[:_LINE] if lines else ""
    if process.returncode == limited.CANNOT_START:
        msg = f"{name} cannot be started ({last}). Install it again."
        raise SourceError(msg)
    return Ended(process.returncode, last)


def version_of(command: Sequence[str], folder: Path) -> str:
    """Return the version that the program of a command states, or "" if it states none."""
    run_program([*command, "--version"], folder, seconds=60)
    with (folder / "output.txt").open("rb") as written:
        found = _VERSION.search(written.read(_TAIL).decode("utf-8", "replace"))
    return found[0] if found else ""


def _limited(folder: Path, seconds: float, memory: int) -> list[str]:
    """Return the start of a command that limits the program after it, and ends it when this process exits."""
    processors = os.cpu_count() or 1
    sizes = (memory, math.ceil(seconds) * processors, MOST_WRITTEN)
    return [sys.executable, "-P", "-m", limited.__name__, str(folder), *map(str, sizes)]


def _largest(process: "subprocess.Popen[bytes]") -> int:
    """Return the memory in bytes of the largest of the processes that a program has started."""
    sizes = [0]
    with suppress(psutil.Error):  # it has already exited
        for each in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                sizes.append(each.memory_info().rss)
    return max(sizes)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program and the programs that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(OSError):  # the group has ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()  # it was open until here, because its end ends the program
