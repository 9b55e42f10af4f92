"""What requests may cost: prices of models, sizes in tokens, and limits that are reserved before anything is sent."""

import asyncio
import math
import random
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import InputError
from g7tag.llm.answers import Response
from g7tag.store import data_path, read_table

BYTES_PER_TOKEN = 3
"""Below what English text has (four), so that an estimate is rather too high."""
MOST_THOUGHT = 200_000  # tokens: no model writes more
_OVERHEAD = 1000  # tokens that a server's own template may add
_FROM_ONE = {"concurrency", "tries"}
_MILLION = 1_000_000


_LONGEST = 8.0  # seconds between two tries, where the endpoint names none
TOO_MANY = 429


class Price(NamedTuple):
    """US dollars for a million tokens in and out."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the price of so many tokens, in US dollars.

        Examples
        --------
        >>> Price(0.5, 2.0).of(1_000_000, 100_000)
        0.7
        """
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / _MILLION


class Estimate(NamedTuple):
    """Tokens that a request is reckoned with before it is sent, and what they cost in US dollars."""

    tokens_in: int
    tokens_out: int
    cost: float


class Spent(NamedTuple):
    """Tokens and cost of an answer, and whether the endpoint's own count was used."""

    tokens_in: int
    tokens_out: int
    cost: float
    counted: bool


class Limits(NamedTuple):
    """How hard an endpoint is asked, and when to stop.

    `concurrency`: calls at once; `deadline`: seconds for a call; `tries`: calls for a request at most; `first_wait`:
    seconds before the second, doubled each time; `max_cost` in US dollars and `max_requests` in calls, for one run.
    """

    concurrency: int = 8
    deadline: float = 60.0
    tries: int = 4
    first_wait: float = 0.5
    max_cost: float | None = None
    max_requests: int | None = None


def require_limits(limits: Limits) -> None:
    """Refuse limits that limit nothing.

    Raises
    ------
    InputError
        One is no number in its range.
    """
    problems = {
        "concurrency": limits.concurrency < 1, "tries": limits.tries < 1,
        "deadline": not 0 < limits.deadline < math.inf,
        "first_wait": not 0 <= limits.first_wait < math.inf,
        "max_cost": limits.max_cost is not None and not 0 <= limits.max_cost < math.inf,
        "max_requests": limits.max_requests is not None and limits.max_requests < 0,
    }  # fmt: skip
    for name, broken in problems.items():
        if broken:
            msg = f"{name} {getattr(limits, name)}: is no limit. Expected a number from {int(name in _FROM_ONE)}."
            raise InputError(msg)


def prices_file() -> Path:
    """Return the path of the prices that come with g7tag, to copy and edit: model, input, output, source, checked."""
    return data_path("prompts/prices.csv")


def read_price(model: str, path: Path | None = None) -> Price | None:
    """Return a model's price from a table, None where the table has none.

    Parameters
    ----------
    model
        Its name, exactly.
    path
        A table with the columns model, input and output, in US dollars for a million tokens; None takes `prices_file`.

    Raises
    ------
    InputError
        The table cannot be read, lacks a column, or has a price that is no number from 0.
    """
    file = path or prices_file()
    table = read_table(file)
    missing = [name for name in ("model", "input", "output") if name not in table]
    if missing:
        msg = f"{file}: column {missing[0]!r} is missing. Expected model, input and output (USD for a million tokens)."
        raise InputError(msg)
    own = table[table["model"] == model]
    if own.empty:
        return None
    return parse_price(f"{own['input'].iloc[-1]},{own['output'].iloc[-1]}", where=f"{file}: {model}")


def parse_price(text: str, *, where: str = "price") -> Price:
    """Return a price from its two numbers with a comma between.

    Raises
    ------
    InputError
        These are not two numbers from 0.

    Examples
    --------
    >>> parse_price("0.25,2")
    Price(tokens_in=0.25, tokens_out=2.0)
    """
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        first = second = math.nan
    if not (0 <= first < math.inf and 0 <= second < math.inf):
        msg = f"{where}: found {text!r}, expected two numbers from 0: USD for a million tokens in and out, as 0.25,2."
        raise InputError(msg)
    return Price(first, second)


def estimate(n_bytes: int, most_tokens: int, price: Price) -> Estimate:
    """Return what a request of so many bytes, with answers of at most `most_tokens`, is reckoned with."""
    tokens_in = -(-n_bytes // BYTES_PER_TOKEN)
    return Estimate(tokens_in, most_tokens, price.of(tokens_in, most_tokens))


def spent(response: Response, reckoned: Estimate, price: Price) -> Spent:
    """Return what an answer cost: by the endpoint's count of tokens where that is possible, else by our estimate.

    A server may think for longer than the limit of an answer, and bills it; but no token is shorter than a byte, and
    no prompt has none.
    """
    most_in = reckoned.tokens_in * BYTES_PER_TOKEN + _OVERHEAD
    tokens_in, tokens_out = response.tokens_in, response.tokens_out
    if not tokens_in or tokens_out is None or tokens_in > most_in or tokens_out > MOST_THOUGHT:
        return Spent(*reckoned, counted=False)
    return Spent(tokens_in, tokens_out, price.of(tokens_in, tokens_out), counted=True)


class Budget:
    """What may still be sent. Every call is reserved before it is made, so no more than those under way overshoot.

    Parameters
    ----------
    max_cost
        US dollars; None is no limit.
    max_requests
        Calls, repeated ones included; None is no limit.
    """

    def __init__(self, *, max_cost: float | None = None, max_requests: int | None = None) -> None:
        self.max_cost, self.max_requests = max_cost, max_requests
        self.cost = self.reserved = 0.0
        self.requests = self.under_way = 0

    def reserve(self, reckoned: Estimate) -> bool:
        """Set aside what a call may cost, and say whether it may be made."""
        over = self.max_cost is not None and self.cost + self.reserved + reckoned.cost > self.max_cost
        if over or (self.max_requests is not None and self.requests >= self.max_requests):
            return False
        self.reserved += reckoned.cost
        self.requests += 1
        self.under_way += 1
        return True

    def may_fit(self, reckoned: Estimate) -> bool:
        """Return whether a call that cannot be made now could be once those under way have cost less than set aside."""
        in_reach = self.max_cost is None or self.cost + reckoned.cost <= self.max_cost
        left = self.max_requests is None or self.requests < self.max_requests
        return in_reach and left and self.under_way > 0

    def settle(self, reckoned: Estimate, cost: float) -> None:
        """Put what a call did cost in place of what was set aside."""
        self.under_way -= 1
        self.reserved = self.reserved - reckoned.cost if self.under_way else 0.0  # no rest of rounding
        self.cost += cost


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
