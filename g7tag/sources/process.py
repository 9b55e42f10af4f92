"""What a process that handles one document does on its side: limit itself, tell what it finds, end when it is left."""

import json
import os
import sys
from typing import Any

MEMORY = 1_500_000_000
"""Bytes that one document may take; a report of 700 pages takes a tenth."""
MOST_SECONDS = 3_600
"""Of processor time; `limits` stops a document before."""


def tell(told: dict[str, Any]) -> None:
    """Write a message as a whole: half of one could not be read."""
    message = json.dumps(told).encode() + b"\n"
    sys.stdout.buffer.write(message)
    sys.stdout.buffer.flush()


def end_when_left() -> None:
    """End this process when the one that waits for it has ended: its end of the pipe is closed then."""
    while os.read(0, 1):
        pass
    os._exit(1)


def limit_process() -> None:
    """Limit memory and processor time, and forbid writing files; Windows has no such limits."""
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
        resource.setrlimit(kind, (most, most))
