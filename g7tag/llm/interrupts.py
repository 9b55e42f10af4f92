"""Interrupts of a job that asks a model: what is under way finishes and is kept, in a terminal and in Jupyter."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Literal, TypeVar

T = TypeVar("T")
_TICK = 0.1  # seconds between two looks at whether to stop


class Stopper:
    """Why nothing more is sent ("" while it continues); may be set from any thread."""

    def __init__(self) -> None:
        self.why: Literal["", "budget", "interrupted", "endpoint"] = ""
        self.problem = ""

    def stop(self, why: Literal["budget", "interrupted", "endpoint"], problem: str = "") -> None:
        """Send nothing more; requests in progress are completed and stored. The first reason counts."""
        if not self.why:
            self.why, self.problem = why, problem

    async def sleep_until(self, at: float) -> None:
        """Sleep until a time of the loop, or until asking stops."""
        while not self.why and (left := at - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, _TICK))


async def await_shielded(coroutine: Coroutine[Any, Any, T], stopper: Stopper) -> T:
    """Await a coroutine; if cancelled, let requests in progress finish first."""
    task = asyncio.ensure_future(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopper.stop("interrupted")
        await task
        raise


def run_interruptible(make: Callable[[Stopper], Coroutine[Any, Any, T]]) -> T:
    """Return the result of a coroutine, which runs in a thread of its own: Jupyter's has a loop already.

    The first Ctrl-C (or SIGTERM) stops sending and waits for requests in progress; a second one ends the waiting.
    """
    stopper, result = Stopper(), Future[T]()

    def run() -> None:
        try:
            result.set_result(asyncio.run(make(stopper)))
        except BaseException as error:  # raised again below, in the waiting thread
            result.set_exception(error)

    def wait() -> None:
        while thread.is_alive():
            thread.join(_TICK)  # on Windows no signal is heard while a thread waits without an end

    thread = threading.Thread(target=run, name="g7tag review", daemon=True)
    thread.start()
    try:
        wait()
    except (KeyboardInterrupt, SystemExit):  # the second: `g7tag` exits on SIGTERM
        stopper.stop("interrupted")
        wait()
    return result.result()
