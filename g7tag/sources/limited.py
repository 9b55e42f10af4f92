"""Run a program with limits, and end it with all that it started when the parent exits; `programs` runs this module."""

import os
import signal
import subprocess
import sys
import threading
from functools import partial

from g7tag.process import exit_with_parent, limit_process

CANNOT_START = 127
"""Exit code if the program cannot be started, as of a shell."""


def main() -> None:
    """Run the program in a folder, and exit with its code; a signal is 128 and its number, as in a shell."""
    folder, *sizes = sys.argv[1:5]
    memory, seconds, written = map(int, sizes)
    limit_process(memory=memory, seconds=seconds, written=written)
    try:
        process = subprocess.Popen(sys.argv[5:], cwd=folder, stdin=subprocess.DEVNULL)  # noqa: S603 - from `programs`
    except OSError as error:
        print(error.strerror)
        sys.exit(CANNOT_START)
    threading.Thread(target=exit_with_parent, args=(partial(_kill, process),), daemon=True).start()
    code = process.wait()
    sys.stdout.flush()
    os._exit(code if code >= 0 else 128 - code)  # the thread waits for the parent


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill the program, and on other systems than Windows all processes of the group, this one too."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
