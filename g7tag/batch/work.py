"""Tag partitions: here, in other processes by joblib, or on other machines by Dask, with the same result."""

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
from g7tag.errors import EndpointError, InputError, RunError, listed
from g7tag.store import package_version
from g7tag.tagger import Tagger, load_tagger, tag_table

LOCAL = "local"
"""The scheduler that is started on this machine."""
ALONE = 3
"""Pieces of work that one process does sooner than others have started."""
_ROUND = 8  # pieces of work for each process that are handed out together
_LOOK = 0.5  # seconds between two looks whether the process that started this one is there
_CONNECTING = 20  # seconds that a scheduler may take to answer
_loaded: dict[tuple[object, ...], Tagger] = {}  # the tagger that this process used last

Item = TypeVar("Item")
Result = TypeVar("Result")


class Job(NamedTuple):
    """What tables are tagged with: the path of a model and its codebook, and whether a column `why` is added."""

    model: Path
    codebook: Codebook
    explain: bool = False


def tag_partition(sentences: pd.DataFrame, job: Job, *, source: str = "table") -> pd.DataFrame:
    """Return the tags of some rows of a table, all rows of an item among them.

    They are computed on one thread, so that they do not depend on the number of processors.

    Parameters
    ----------
    sentences
        Columns as `tag_table` reads them.
    job
        What to tag with; the tagger is loaded once in each process.
    source
        Name of the table, for messages.
    """
    with threadpool_limits(limits=1):
        tags = tag_table(sentences, _tagger_of(job), job.codebook, source=source, explain=job.explain)
    return tags.astype({"text": "str"})


def each_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, processes: int, source: str
) -> Generator[Result]:
    """Yield what a function makes of each item, in order; in processes of their own where there is much to do.

    Parameters
    ----------
    function
        Can be pickled.
    items
        Read a few ahead.
    processes
        How many at most.
    source
        What is worked on, for messages.

    Raises
    ------
    RunError
        A process died.
    """
    rest = iter(items)
    first = list(islice(rest, ALONE + 1))
    if processes == 1 or len(first) <= ALONE:
        yield from map(function, chain(first, rest))
        return
    todo = chain(first, rest)
    try:
        with (
            parallel_config("loky", n_jobs=processes, initializer=_begin_process, initargs=(os.getpid(),)),
            Parallel(return_as="generator", batch_size=1, max_nbytes=None) as parallel,
        ):
            while ahead := list(islice(todo, _ROUND * processes)):
                with _closing(parallel(delayed(function)(item) for item in ahead)) as results:
                    for result in results:  # noqa: UP028 - `yield from` would close them itself
                        yield result
    except BrokenProcessPool as error:
        msg = (
            f"{source}: a process that tags was ended, perhaps since memory was short: try --processes 1. "
            "With a folder for output, running again continues."
        )
        raise RunError(msg) from error
    finally:
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)  # else they wait for more work


def each_by_dask(
    function: Callable[[Item], Result], items: Iterable[Item], *, scheduler: str, processes: int
) -> Generator[Result]:
    """Yield what a function makes of each item as it is done, by the workers of a Dask scheduler.

    Parameters
    ----------
    function
        Can be pickled; the workers have this version of g7tag.
    items
        All of them are handed over at once.
    scheduler
        Its address (``tcp://HOST:8786``), or `LOCAL`: one is started here, with its workers.
    processes
        Workers of a local scheduler.

    Raises
    ------
    InputError
        Dask is not installed.
    EndpointError
        No scheduler answers there.
    RunError
        A worker died, several times over the same item.
    """
    try:
        from distributed import Client, KilledWorker, LocalCluster, as_completed  # noqa: PLC0415
    except ImportError as error:
        msg = "a scheduler needs Dask: pip install 'g7tag[cluster]'. Or leave out --scheduler."
        raise InputError(msg) from error
    with ExitStack() as opened:
        address: Any = scheduler
        if scheduler == LOCAL:
            cluster: Any = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=processes, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
            )
            address = opened.enter_context(cluster)
        client = opened.enter_context(_connected(Client, address, scheduler))
        futures = client.map(function, list(items), pure=False)
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield future.result()
        except (KilledWorker, CancelledError) as error:
            msg = f"{scheduler}: a worker or the scheduler was ended ({error}). Running again continues."
            raise RunError(msg) from error
        finally:
            client.cancel(futures)


@contextmanager
def _connected(client_of: Callable[..., Any], address: object, named: str) -> Iterator[Any]:
    """A client of a scheduler that has workers with this version of g7tag."""
    try:
        opened = client_of(address, timeout=_CONNECTING)
    except (OSError, ValueError, TypeError, ImportError) as error:
        msg = f"{named}: no Dask scheduler answers there ({error}). Expected tcp://HOST:PORT, or `local`."
        raise EndpointError(msg) from error
    with opened as client:
        try:
            client.wait_for_workers(1, timeout=_CONNECTING)
            found = set(client.run(package_version).values())
        except (OSError, ImportError, AttributeError) as error:
            msg = f"{named}: no worker with g7tag answers ({error}). Start one (`dask worker {named}`) and run again."
            raise EndpointError(msg) from error
        if found != {package_version()}:
            msg = (
                f"{named}: workers have g7tag {listed(found)}, here is {package_version()}. Expected the same version."
            )
            raise EndpointError(msg)
        yield client


@contextmanager
def _closing(results: Generator[Result]) -> Iterator[Generator[Result]]:
    """Close results in the end, without joblib's words on those that nobody took."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\d+ tasks (which were|have been)", UserWarning)
            results.close()


def _tagger_of(job: Job) -> Tagger:
    """The tagger of a job; it is loaded again where its file has changed."""
    stat = job.model.stat() if job.model.exists() else None
    key = (str(job.model), stat and (stat.st_mtime_ns, stat.st_size), job.codebook.sha256)
    if key not in _loaded:
        tagger = load_tagger(job.model, job.codebook)
        _loaded.clear()
        _loaded[key] = tagger
    return _loaded[key]


def _begin_process(parent: int) -> None:
    """Leave an interrupt to the process that started this one, and end with it, also in the middle of its work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent and psutil.pid_exists(parent):  # the first tells it on Unix, the second on Windows
        time.sleep(_LOOK)
    os._exit(1)
