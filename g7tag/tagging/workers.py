"""Tag batches in several processes, and hand the results back in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pandas as pd
from threadpoolctl import threadpool_limits

from g7tag.codebook import Codebook
from g7tag.errors import G7TagError, RunError
from g7tag.store import Batch, Shard, file_sha256, package_version, part_bytes
from g7tag.tagging.model import Tagger
from g7tag.tagging.persist import load_tagger
from g7tag.tagging.predict import tag_table


class Task(NamedTuple):
    """What every batch of a file is tagged with, and the type of file that its tags are for."""

    model: Path
    codebook: Codebook
    kind: str
    source: str
    explain: bool


def task_settings(task: Task) -> dict[str, Any]:
    """Return all that the tags of a file depend on, by the words of a message."""
    return {
        "input": file_sha256(Path(task.source)),
        "model": file_sha256(task.model),
        "model manifest": file_sha256(task.model.with_name(f"{task.model.name}.json")),
        "codebook": task.codebook.sha256,
        "version of g7tag": package_version(),
        "format": task.kind,
        "choice of --explain": task.explain,
    }


def tag_batch(sentences: pd.DataFrame, tagger: Tagger, task: Task) -> Shard:
    """Return the tags of a batch, on one thread, so that results depend on no number of processors."""
    with threadpool_limits(limits=1):
        tags = tag_table(sentences, tagger, task.codebook, source=task.source, explain=task.explain)
        tags = tags.astype({"text": "str"})
    return Shard(part_bytes(tags, task.kind), len(tags), int(tags["needs_review"].sum()))


class Workers:
    """Processes that tag batches; each loads the model itself, and none outlives this one or the `with` block.

    Parameters
    ----------
    processes
        How many at most; they are started by the first batches, and no more than there are batches. Of 1 none is
        started: this process tags.
    task, tagger
        What to tag with, and the tagger for this process.
    """

    def __init__(self, processes: int, task: Task, tagger: Tagger) -> None:
        self._most, self._task, self._tagger = processes, task, tagger
        self._started: list[tuple[SpawnProcess, Connection]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, connection in self._started:
            process.terminate()
            connection.close()
        for process, _ in self._started:
            process.join()

    def tag(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Shard]]:
        """Yield each batch with its tags, in order; one for each process is under way, and one more is read ahead.

        Raises
        ------
        RunError
            A process died.
        """
        if self._most == 1:
            yield from ((batch, tag_batch(batch.sentences, self._tagger, self._task)) for batch in batches)
            return
        first = list(islice(batches, self._most))
        with _interrupt_later():
            self._started = [self._start() for _ in first]
        under_way = deque(zip(first, self._started, strict=True))
        for batch, worker in under_way:
            self._send(worker, batch)
        ahead = next(batches, None)
        while under_way:
            batch, worker = under_way.popleft()
            shard = self._receive(worker, batch)
            if ahead is not None:
                self._send(worker, ahead)
                under_way.append((ahead, worker))
            yield batch, shard
            ahead = next(batches, None) if ahead is not None else None

    def _start(self) -> tuple[SpawnProcess, Connection]:
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_work, args=(theirs, self._task), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def _send(self, worker: tuple[SpawnProcess, Connection], batch: Batch) -> None:
        try:
            worker[1].send(batch.sentences)
        except OSError as error:
            raise self._died(worker, batch) from error

    def _receive(self, worker: tuple[SpawnProcess, Connection], batch: Batch) -> Shard:
        try:
            answer: Shard | G7TagError = worker[1].recv()
        except (EOFError, OSError) as error:
            raise self._died(worker, batch) from error
        if isinstance(answer, G7TagError):
            raise answer
        return answer

    def _died(self, worker: tuple[SpawnProcess, Connection], batch: Batch) -> RunError:
        worker[0].join(timeout=5)
        code = worker[0].exitcode
        cause = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        msg = (
            f"{self._task.source}: the process at work on batch {batch.number + 1} (to row {batch.rows:,}) {cause}. "
            "Memory may have been short: try --processes 1. With -o, running again continues."
        )
        return RunError(msg)


def _work(connection: Connection, task: Task) -> None:
    """Tag what comes until nothing comes any more. An interrupt is for the parent to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the parent has gone
        sentences = connection.recv()
        try:
            tagger = load_tagger(task.model, task.codebook)
            while True:
                connection.send(tag_batch(sentences, tagger, task))
                sentences = connection.recv()
        except G7TagError as error:
            connection.send(error)


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, also in the middle of a batch."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _interrupt_later() -> Iterator[None]:
    """Hold back Ctrl-C while processes start: they inherit that, and would else end with a traceback."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # starting it would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
