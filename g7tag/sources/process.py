"""Functions of a worker process: limit its resources, send messages, and exit when its parent has exited."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

MEMORY = 1_500_000_000
"""Maximum memory in bytes for one document; a report of 700 pages needs a tenth of it."""
MOST_SECONDS = 3_600
"""Maximum processor time in seconds; `limits` stops a document earlier."""


def send_message(message: dict[str, Any]) -> None:
    """Write a message in one piece; the parent cannot parse a partial one."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def exit_with_parent(before: Callable[[], None] = lambda: None) -> None:
    """Exit when the parent process has exited, which closes its end of the pipe; call `before` first."""
    while os.read(0, 1):
        pass
    before()
    os._exit(1)


def limit_process(*, memory: int = MEMORY, seconds: int = MOST_SECONDS, written: int = 0) -> None:
    """Limit memory, processor time and the size of files, as far as the system can: Windows cannot.

    macOS refuses a limit of memory below what a process has mapped at its start; `limits` and `programs` measure the
    memory instead.

    Parameters
    ----------
    memory
        Maximum memory in bytes of this process, and of each that it starts.
    seconds
        Maximum processor time in seconds, the same.
    written
        Maximum size in bytes of a file that they write; with 0, they cannot write files.
    """
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: written,
    }
    for kind, most in limits.items():
        with suppress(OSError, ValueError):  # refused
            resource.setrlimit(kind, (most, most))
