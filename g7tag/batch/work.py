"""Tag partitions in this process, in other processes (joblib) or on other machines (Dask), with the same result."""

import logging
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import psutil
from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from threadpoolctl import threadpool_limits

from g7tag.codebook import Codebook
from g7tag.errors import EndpointError, InputError, RunError
from g7tag.store import package_version
from g7tag.tagger import Tagger, load_tagger, tag_table
from g7tag.text import listed

LOCAL = "local"
"""Name of a scheduler that is started on this machine."""
ALONE = 3
"""Number of tasks that one process finishes before other processes have started."""
_ROUND = 8  # tasks per process that are submitted together
_LOOK = 0.5  # seconds between checks that the parent process is alive
_CONNECTING = 20  # seconds to wait for a scheduler
_loaded: dict[tuple[object, ...], Tagger] = {}  # the last tagger used in this process

Item = TypeVar("Item")
Result = TypeVar("Result")


class Job(NamedTuple):
    """Settings for tagging: a tagger file, its codebook, whether to add a column `why`, and whether to be fast."""

    model: Path
    codebook: Codebook
    explain: bool = False
    fast: bool = False


def tag_partition(sentences: pd.DataFrame, job: Job, *, source: str = "table") -> pd.DataFrame:
    """Return the tags of some rows of a table, which must contain all rows of their items."""
    with threadpool_limits(limits=1):
        tags = tag_table(sentences, _tagger_of(job), job.codebook, source=source, explain=job.explain)
    return tags.astype({"text": "str"})


def review_limit(job: Job) -> float:
    """Return the `review_limit` of the tagger."""
    return _tagger_of(job).review_limit


def _tagger_of(job: Job) -> Tagger:
    """Return the tagger of a job; it is loaded again if its file has changed."""
    stat = job.model.stat() if job.model.exists() else None
    key = (str(job.model), stat and (stat.st_mtime_ns, stat.st_size), job.codebook.sha256, job.fast)
    if key not in _loaded:
        tagger = load_tagger(job.model, job.codebook, fast=job.fast)
        _loaded.clear()
        _loaded[key] = tagger
    return _loaded[key]


def each_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, processes: int, source: str
) -> Generator[Result]:
    """Yield the result of a function for each item, in order; use several processes if there are many items."""
    rest = iter(items)
    first = list(islice(rest, ALONE + 1))
    todo = chain(first, rest)
    if processes == 1 or len(first) <= ALONE:
        yield from map(function, todo)
        return
    try:
        with (
            _safe_path(),
            parallel_config("loky", n_jobs=processes, initializer=_begin_process, initargs=(os.getpid(),)),
            Parallel(return_as="generator", batch_size=1, max_nbytes=None) as parallel,
        ):
            while ahead := list(islice(todo, _ROUND * processes)):
                with _closing(parallel(delayed(function)(item) for item in ahead)) as results:
                    for result in results:  # noqa: UP028 - `yield from` would close them itself
                        yield result
    except BrokenProcessPool as error:
        msg = (
            f"{source}: a tagging process was terminated, perhaps because memory ran out. Try --processes 1. "
            "If the output is a folder, run again to continue."
        )
        raise RunError(msg) from error
    finally:
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)  # otherwise they wait for more work


@contextmanager
def _closing(results: Generator[Result]) -> Iterator[Generator[Result]]:
    """Close results at the end, without joblib's warnings about unused results."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\d+ tasks (which were|have been)", UserWarning)
            results.close()


def _begin_process(parent: int) -> None:
    """Ignore interrupts, which the parent process handles, and exit when the parent exits."""

    def end_with_parent() -> None:
        while os.getppid() == parent and psutil.pid_exists(parent):  # Unix tells by the first, Windows by the second
            time.sleep(_LOOK)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def each_by_dask(
    function: Callable[[Item], Result], items: Iterable[Item], *, scheduler: str, processes: int
) -> Generator[Result]:
    """Yield the result of a function for each item, in order of completion, from the workers of a Dask scheduler."""
    try:
        from distributed import Client, KilledWorker, LocalCluster, as_completed  # noqa: PLC0415
    except ImportError as error:
        msg = "--scheduler: Dask is not installed. Run `pip install '.[cluster]'`, or leave out --scheduler."
        raise InputError(msg) from error
    with _safe_path(), ExitStack() as opened:
        address: Any = scheduler
        if scheduler == LOCAL:
            cluster: Any = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=processes, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
            )
            address = opened.enter_context(cluster)
        try:
            client: Any = opened.enter_context(Client(address, timeout=_CONNECTING))  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TypeError, ImportError) as error:
            msg = f"{scheduler}: no Dask scheduler answers ({error}). Expected tcp://HOST:PORT, or `local`."
            raise EndpointError(msg) from error
        try:
            client.wait_for_workers(1, timeout=_CONNECTING)
            found = set(client.run(package_version).values())
        except (OSError, ImportError, AttributeError) as error:
            started = f"Start one (`dask worker {scheduler}`) and run again."
            msg = f"{scheduler}: no worker with g7tag answers ({error}). {started}"
            raise EndpointError(msg) from error
        if found != {package_version()}:
            expected = f"Expected {package_version()}, the version used here."
            msg = f"{scheduler}: workers have g7tag {listed(found)}. {expected}"
            raise EndpointError(msg)
        futures = client.map(function, list(items), pure=False)
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield future.result()
        except (KilledWorker, CancelledError) as error:
            msg = f"{scheduler}: a worker or the scheduler was terminated ({error}). Run again to continue."
            raise RunError(msg) from error
        finally:
            client.cancel(futures)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Keep the Python processes that start meanwhile from importing files of the current folder."""
    before = os.environ.get("PYTHONSAFEPATH", "")  # "" is as if it were not set
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ["PYTHONSAFEPATH"] = before
