"""Start the command line. An interrupt during the imports ends it without a traceback."""

import os
import signal
import sys

_INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from g7tag.cli import main as run  # noqa: PLC0415 - slow imports come after the signal handler

    run()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the current folder, which may be a stranger's
    main()
