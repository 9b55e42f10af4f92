"""Tag partitions in this process, in several (joblib) or on several machines (Dask), with the same result."""

import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from joblib.externals.loky import ProcessPoolExecutor
from threadpoolctl import threadpool_limits

from g7tag.batch.rows import COLUMNS, Row
from g7tag.codebook import Codebook
from g7tag.errors import EndpointError, InputError, RunError
from g7tag.store import package_version, table_bytes
from g7tag.tagger import Tagger, load_tagger, tag_table
from g7tag.text import listed

STAMP = b"g7tag"  # key in the metadata of a part: the hash of its rows and of the settings
ALONE = 3  # partitions that one process tags before other processes have started
_CONNECTING = 20  # seconds to wait for a scheduler
_STARTING = 5  # seconds to wait until what was submitted is under way

_loaded: dict[tuple[object, ...], Tagger] = {}  # the last tagger used in this process

Item = TypeVar("Item")
Result = TypeVar("Result")
Submit = Callable[[Callable[[Any], Any], Any], Callable[[], Any]]  # (function, item) to what waits for the result
Engine = Iterator[tuple[Submit, int]]  # what runs functions, and how many at once


class Job(NamedTuple):
    """Settings of all parts: a tagger file, its codebook, whether to explain and be fast, the type, and the table."""

    model: Path
    codebook: Codebook
    explain: bool
    fast: bool
    kind: str
    source: str


class Task(NamedTuple):
    """A partition to tag, and the stamp of its part."""

    number: int
    rows: list[Row]
    stamp: str = ""


class Part(NamedTuple):
    """Tags of a partition: a Parquet file, lines of JSON, or lines of CSV without the header."""

    number: int
    content: bytes
    rows: int
    doubtful: int


def make_part(task: Task, job: Job) -> Part:
    """Return the tags of a partition."""
    tags = tag_rows(task.rows, job)
    if job.kind == ".parquet":
        table, buffer = pa.Table.from_pandas(tags, preserve_index=False), BytesIO()
        metadata = {**table.schema.metadata, STAMP: task.stamp}
        pq.write_table(table.replace_schema_metadata(metadata), buffer, compression="zstd")
        content = buffer.getvalue()
    else:
        content = table_bytes(tags, job.kind)
        content = content.partition(b"\n")[2] if job.kind == ".csv" else content
    return Part(task.number, content, len(tags), int(tags["needs_review"].sum()))


def tag_rows(rows: list[Row], job: Job) -> pd.DataFrame:
    """Return the tags of rows; no rows give an empty frame with all columns."""
    table = pd.DataFrame(rows, columns=Row._fields, dtype="object")[list(COLUMNS)]
    table = table if table["position"].notna().all() else table.drop(columns="position")
    with threadpool_limits(limits=1):
        tags = tag_table(table, tagger_of(job), job.codebook, source=job.source, explain=job.explain)
    return tags.astype({"text": "str"})


def tagger_of(job: Job) -> Tagger:
    """Return the tagger of a job; it is loaded again if its file has changed."""
    stat = job.model.stat() if job.model.exists() else None
    key = (str(job.model), stat and (stat.st_mtime_ns, stat.st_size), job.codebook.sha256, job.fast)
    if key not in _loaded:
        tagger = load_tagger(job.model, job.codebook, fast=job.fast)
        _loaded.clear()
        _loaded[key] = tagger
    return _loaded[key]


def each(
    function: Callable[[Item], Result], items: Iterable[Item], *, processes: int, scheduler: str = "", source: str
) -> Generator[Result]:
    """Yield the result of a function for each item, in order; a few items are done in this process."""
    rest = iter(items)
    first = [] if scheduler else list(islice(rest, ALONE + 1))
    todo = chain(first, rest)
    if not scheduler and (processes == 1 or len(first) <= ALONE):
        yield from map(function, todo)
        return
    with _safe_path(), _dask(scheduler, processes) if scheduler else _joblib(processes, source) as (submit, at_once):
        waiting = deque[Callable[[], Result]]()
        for item in todo:
            waiting.append(submit(function, item))
            if len(waiting) > 2 * at_once:  # enough to keep all busy, and a limit on memory
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()


@contextmanager
def _joblib(processes: int, source: str) -> Engine:
    """Run functions in processes. Parts are passed in files: a process that dies while it sends one hangs the job."""
    with TemporaryDirectory(prefix="g7tag-", ignore_cleanup_errors=True) as folder:
        executor = ProcessPoolExecutor(processes, initializer=_begin_process, initargs=(os.getpid(),))
        sent = deque[Future[tuple[Any, Path | None]]](maxlen=2 * processes + 1)

        def submit(function: Callable[[Any], Any], item: Any) -> Callable[[], Any]:
            sent.append(executor.submit(_write_result, function, item, folder))
            return partial(_result_of, sent[-1])

        try:
            yield submit, processes
        except BrokenProcessPool as error:
            msg = (
                f"{source}: a tagging process was terminated, perhaps because memory ran out. Try --processes 1. "
                "If the output is a folder, run again to continue."
            )
            raise RunError(msg) from error
        finally:
            until = time.monotonic() + _STARTING
            while time.monotonic() < until and not all(each.running() or each.done() for each in sent):
                time.sleep(0.01)  # else the executor's thread may fail
            executor.shutdown(wait=True, kill_workers=True)


def _write_result(function: Callable[[Item], Any], item: Item, folder: str) -> tuple[Any, Path | None]:
    """Return the result for an item; the content of a part is in a file of the folder."""
    result = function(item)
    if not isinstance(result, Part):
        return result, None
    with NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(result.content)
    return result._replace(content=b""), Path(file.name)


def _result_of(done: Future[tuple[Any, Path | None]]) -> Any:
    result, file = done.result()
    if file is not None:
        result = result._replace(content=file.read_bytes())
        file.unlink()
    return result


def _begin_process(parent: int) -> None:
    """Ignore interrupts, which the parent process handles, and exit when the parent exits."""

    def end_with_parent() -> None:
        while os.getppid() == parent and psutil.pid_exists(parent):  # Unix tells by the first, Windows by the second
            time.sleep(0.5)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


@contextmanager
def _dask(scheduler: str, processes: int) -> Engine:
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415
    except ImportError as error:
        msg = "--scheduler: Dask is not installed. Run `pip install '.[cluster]'`, or leave out --scheduler."
        raise InputError(msg) from error
    own = {"n_workers": processes, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.CRITICAL}
    where: dict[str, Any] = own if scheduler == "local" else {"address": scheduler}
    with ExitStack() as opened:
        try:
            client: Any = opened.enter_context(Client(timeout=_CONNECTING, **where))  # type: ignore[no-untyped-call]
            client.wait_for_workers(1, timeout=_CONNECTING)
            found = set(client.run(package_version).values())
        except (OSError, ValueError, TypeError, ImportError, AttributeError) as error:
            msg = (
                f"{scheduler}: no Dask scheduler with a worker that has g7tag answers ({error}). "
                f"Expected tcp://HOST:PORT, or `local`. Start a worker with `dask worker {scheduler}`."
            )
            raise EndpointError(msg) from error
        if found != {package_version()}:
            msg = f"{scheduler}: workers have g7tag {listed(found)}. Expected {package_version()}, as here."
            raise EndpointError(msg)
        try:
            executor = client.get_executor(pure=False)
            yield lambda function, item: executor.submit(function, item).result, sum(client.nthreads().values())
        except (KilledWorker, CancelledError, OSError) as error:
            msg = f"{scheduler}: a worker or the scheduler was terminated ({error}). Run again to continue."
            raise RunError(msg) from error


@contextmanager
def _safe_path() -> Iterator[None]:
    """Keep the Python processes that start meanwhile from importing files of the current folder."""
    before = os.environ.get("PYTHONSAFEPATH", "")  # "" is as if it were not set
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ["PYTHONSAFEPATH"] = before
