"""How long to wait between calls: each by itself after a failure, all together where an endpoint is asked too much."""

import asyncio
import random

_LONGEST = 8.0  # seconds between two tries, where the endpoint names none
TOO_MANY = 429


class Pace:
    """The waits of calls that share an endpoint; a stop ends each of them.

    Parameters
    ----------
    stop
        Set when nothing more is to be sent.
    first_wait
        Seconds before a second try, doubled each time, with a part of chance.
    """

    def __init__(self, stop: asyncio.Event, first_wait: float) -> None:
        self._stop, self._first_wait = stop, first_wait
        self._dice = random.Random(0)  # noqa: S311 (spreads waits, guards nothing)
        self._resume_at = 0.0

    async def wait(self, attempt: int, *, status: int | None, asked: float | None) -> None:
        """Wait after a failed try (from 0); where the endpoint says that it is asked too much, so do all others.

        Parameters
        ----------
        attempt
            Which try it was, from 0.
        status
            Of HTTP, None where there was none.
        asked
            Seconds that the endpoint asks for.
        """
        backoff = min(_LONGEST, self._first_wait * 2**attempt) * self._dice.uniform(0.5, 1.0)
        seconds = max(asked or 0.0, backoff)
        if status == TOO_MANY or asked is not None:
            self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + seconds)
        else:
            await self._sleep(seconds)

    async def pause_over(self) -> None:
        """Wait until the pause of all is over."""
        loop = asyncio.get_running_loop()  # its clock never jumps
        while (left := self._resume_at - loop.time()) > 0 and not self._stop.is_set():
            await self._sleep(left)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), timeout=seconds)
        except TimeoutError:
            return
