"""Run other programs on untrusted documents: with limits of memory and time, in a folder of their own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import SourceError
from g7tag.sources.limits import KEPT_VARIABLES

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


def run_program(
    command: Sequence[str],
    folder: Path,
    *,
    seconds: float,
    memory: int = MEMORY,
    environment: dict[str, str] | None = None,
    look: Callable[[], None] = lambda: None,
) -> Ended:
    """Run a program until it ends, in a process group that is killed when it takes too long or g7tag is stopped.

    Parameters
    ----------
    command
        The program and its arguments.
    folder
        Where it runs; also its home and its folder for temporary files.
    seconds
        Maximum time.
    memory
        Maximum memory in bytes of each of its processes, and the maximum size of its files is `MOST_WRITTEN` bytes (on
        Windows, neither is limited).
    environment
        Further environment variables.
    look
        Called several times a second while the program runs.

    Raises
    ------
    SourceError
        It takes too long, or cannot be started; the message does not name the document.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run_program([sys.executable, "-c", "print('done')"], Path(folder), seconds=60)
    Ended(code=0, last='done')
    """
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "TEMP": str(folder)}
    output = folder / "output.txt"
    name = Path(command[0]).name
    with output.open("wb") as written:
        try:
            process = subprocess.Popen(  # noqa: S603 - a program found on the path; the document is only its input
                [*_limited(memory), *command],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
                env=kept | own | _OFFLINE | (environment or {}), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            msg = f"{name} cannot be started ({error.strerror}). Install it again."
            raise SourceError(msg) from error
        end = time.monotonic() + seconds
        try:
            while process.poll() is None:
                if time.monotonic() > end:
                    msg = f"{name} takes more than {seconds:,.0f} s. Expected a smaller document; split it."
                    raise SourceError(msg)
                look()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK)
        finally:
            _kill(process)
    with output.open("rb") as written:
        written.seek(max(0, output.stat().st_size - _TAIL))
        lines = written.read().decode("utf-8", "replace").strip().splitlines()
    return Ended(process.returncode, lines[-1].strip()[:_LINE] if lines else "")


def version_of(command: Sequence[str], folder: Path) -> str:
    """Return the version that the program of a command states, or "" if it states none."""
    run_program([*command, "--version"], folder, seconds=60)
    with (folder / "output.txt").open("rb") as written:
        found = _VERSION.search(written.read(_TAIL).decode("utf-8", "replace"))
    return found[0] if found else ""


def _limited(memory: int) -> list[str]:
    """Return the start of a command that limits the program after it; empty on Windows."""
    if sys.platform == "win32":
        return []
    limits = (
        "import os, resource as r, sys; "
        f"r.setrlimit(r.RLIMIT_AS, ({memory},) * 2); r.setrlimit(r.RLIMIT_FSIZE, ({MOST_WRITTEN},) * 2); "
        "r.setrlimit(r.RLIMIT_CORE, (0, 0)); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-I", "-c", limits]


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program and the programs that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(OSError):  # the group has ended
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
