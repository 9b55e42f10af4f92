"""Run requests to their end from code that does not wait: what is under way when it is interrupted is kept."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from g7tag.review.asking.work import Work

T = TypeVar("T")
INTERRUPTED = 130


class Stopper:
    """Hands an interrupt to the work that is under way; nothing happens where there is none yet."""

    def __init__(self) -> None:
        self._work: Work | None = None
        self.told = False

    def holds(self, work: Work) -> None:
        """Take note of the work under way."""
        self._work = work
        if self.told:
            work.stop("interrupted")

    def interrupt(self) -> None:
        """Send nothing more and wait for what is under way; the second time end at once."""
        if self.told:
            raise SystemExit(INTERRUPTED)
        self.told = True
        if self._work is not None:
            self._work.interrupt()


async def patiently(made: Coroutine[Any, Any, T], stopper: Stopper) -> T:
    """Await, and where that is cancelled let what is under way come to its end first."""
    task = asyncio.ensure_future(made)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopper.interrupt()
        await task
        raise


def wait_for(made: Callable[[Stopper], Coroutine[Any, Any, T]]) -> T:
    """Return what a coroutine gives, also where a loop runs already (Jupyter): then in a thread of its own.

    The first Ctrl-C (or SIGTERM) stops sending and waits for what is under way, the second ends at once.
    """
    stopper = Stopper()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_with_signals(made, stopper))
    found: list[T] = []
    failed: list[BaseException] = []
    done = threading.Event()  # a join that is interrupted takes its thread for ended

    def run() -> None:
        try:
            found.append(asyncio.run(made(stopper)))
        except BaseException as error:  # raised again below, in the thread that waits
            failed.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="g7tag review", daemon=True).start()
    while not done.is_set():
        try:
            done.wait()
        except KeyboardInterrupt:
            if stopper.told:
                raise
            stopper.interrupt()
    if failed:
        raise failed[0]
    return found[0]


async def _with_signals(made: Callable[[Stopper], Coroutine[Any, Any, T]], stopper: Stopper) -> T:
    with _handled(asyncio.get_running_loop(), stopper):
        return await made(stopper)


@contextmanager
def _handled(loop: asyncio.AbstractEventLoop, stopper: Stopper) -> Iterator[None]:
    """Take interrupts while the loop runs, where this thread and system can."""
    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            loop.add_signal_handler(number, stopper.interrupt)
            before[number] = handler
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
