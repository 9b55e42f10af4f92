"""The command line in a process of its own that spends no time on imports: it is forked from one that has them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from g7tag.__main__ import main

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(
    [
        "g7tag.cli", "g7tag.jobs.reports", "g7tag.jobs.reviewing", "g7tag.jobs.training", "g7tag.llm.client",
        "g7tag.report.page", "g7tag.report.codebooks", "g7tag.tagger.persist", "g7tag.tagger.explain",
        "onnxruntime", "pandera.strategies.pandas_strategies", "pandera.backends.pandas.register",
        "pandera.backends.pandas.builtin_checks", "tokenizers",
    ]
)  # fmt: skip


class Started:
    """A command under way, with what tests need of `subprocess.Popen`."""

    def __init__(self, words: Sequence[str], folder: str) -> None:
        self._files = [Path(folder) / name for name in ("out", "err")]
        self._process = _FORKED.Process(target=_run, args=(list(words), *map(str, self._files)))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """Exit code, -9 if it was killed; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float) -> int:
        """Return the exit code, waiting as many seconds for it."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return self._process.exitcode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for the end; what it printed on stdout and stderr."""
        self.wait(timeout)
        out, err = (file.read_text(encoding="utf-8") if file.exists() else "" for file in self._files)
        return out, err


@contextmanager
def starting(*words: object) -> Iterator[Started]:
    """A command under way, which is killed at the end of the block at the latest."""
    with tempfile.TemporaryDirectory() as folder:
        job = Started([str(word) for word in words], folder)
        try:
            yield job
        finally:
            job.kill()
            job.wait(60)


def finished(*words: object) -> "subprocess.CompletedProcess[str]":
    """A command that has ended by itself."""
    with starting(*words) as job:
        out, err = job.communicate(120)
        return subprocess.CompletedProcess(list(map(str, words)), job.wait(0), out, err)


def _run(words: list[str], out: str, err: str) -> None:
    for number, path in ((1, out), (2, err)):
        with open(path, "wb") as file:
            os.dup2(file.fileno(), number)
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    sys.argv = ["g7tag", *words]
    main()
