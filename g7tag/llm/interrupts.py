"""Interrupts of a job that asks a model: what is under way finishes and is kept, in a terminal and in Jupyter."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from g7tag.llm.asking import Work

T = TypeVar("T")
INTERRUPTED = 130


class Stopper:
    """Pass an interrupt on to the work in progress; if there is none yet, it is stopped when it begins."""

    def __init__(self) -> None:
        self._work: Work | None = None
        self.interrupted = False

    def holds(self, work: "Work") -> None:
        """Set the work in progress."""
        self._work = work
        if self.interrupted:
            work.stop("interrupted")

    def interrupt(self) -> None:
        """Send nothing more and wait for requests in progress; the second time, exit at once."""
        if self.interrupted:
            raise SystemExit(INTERRUPTED)
        self.interrupted = True
        if self._work is not None:
            self._work.interrupt()


async def await_shielded(coroutine: Coroutine[Any, Any, T], stopper: Stopper) -> T:
    """Await a coroutine; if cancelled, let requests in progress finish first."""
    task = asyncio.ensure_future(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopper.interrupt()
        await task
        raise


def run_interruptible(make: Callable[[Stopper], Coroutine[Any, Any, T]]) -> T:
    """Return the result of a coroutine; if an event loop is already running (Jupyter), use a separate thread.

    The first Ctrl-C (or SIGTERM) stops sending and waits for requests in progress; the second exits at once.
    """
    stopper = Stopper()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_with_signals(make, stopper))
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(asyncio.run(make(stopper)))
        except BaseException as error:  # raised again below, in the waiting thread
            result.set_exception(error)

    threading.Thread(target=run, name="g7tag review", daemon=True).start()
    while True:
        try:
            return result.result()
        except KeyboardInterrupt:
            if stopper.interrupted:
                raise
            stopper.interrupt()


async def _with_signals(make: Callable[[Stopper], Coroutine[Any, Any, T]], stopper: Stopper) -> T:
    """Await the result, handling interrupts meanwhile if this thread and system support it."""
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {}
    with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            loop.add_signal_handler(number, stopper.interrupt)
            before[number] = handler
    try:
        return await make(stopper)
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
