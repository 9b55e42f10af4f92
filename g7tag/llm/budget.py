"""Cost of requests: prices of models, token estimates, and a budget that is reserved before sending."""

import asyncio
import math
import random
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import InputError
from g7tag.llm.answers import Response
from g7tag.store import data_path, read_table

BYTES_PER_TOKEN = 3
"""English text has about four; three makes estimates rather too high."""
MOST_THOUGHT = 200_000  # tokens: the maximum of any model
_OVERHEAD = 1000  # tokens that a server's template may add
_FROM_ONE = {"concurrency", "tries"}
_LONGEST = 8.0  # maximum seconds between two tries, unless the endpoint asks for more
TOO_MANY = 429


class Price(NamedTuple):
    """Price in US dollars per million input and output tokens."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the price of a number of tokens, in US dollars.

        Examples
        --------
        >>> Price(0.5, 2.0).of(1_000_000, 100_000)
        0.7
        """
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


class Estimate(NamedTuple):
    """Estimated tokens of a request before it is sent, and their cost in US dollars."""

    tokens_in: int
    tokens_out: int
    cost: float


class Spent(NamedTuple):
    """Tokens and cost of an answer, and whether they are based on the endpoint's count."""

    tokens_in: int
    tokens_out: int
    cost: float
    counted: bool


class Limits(NamedTuple):
    """Limits of a run.

    `concurrency`: simultaneous calls; `deadline`: seconds per call; `tries`: maximum calls per request; `first_wait`:
    seconds before the second try, doubled each time; `max_cost` in US dollars and `max_requests` in calls, per run.
    """

    concurrency: int = 8
    deadline: float = 60.0
    tries: int = 4
    first_wait: float = 0.5
    max_cost: float | None = None
    max_requests: int | None = None


def require_limits(limits: Limits) -> None:
    """Check that limits are in their ranges."""
    problems = {
        "concurrency": limits.concurrency < 1, "tries": limits.tries < 1,
        "deadline": not 0 < limits.deadline < math.inf, "first_wait": not 0 <= limits.first_wait < math.inf,
        "max_cost": limits.max_cost is not None and not 0 <= limits.max_cost < math.inf,
        "max_requests": limits.max_requests is not None and limits.max_requests < 0,
    }  # fmt: skip
    for name, broken in problems.items():
        if broken:
            msg = f"{name} {getattr(limits, name)}: invalid limit. Expected a number from {int(name in _FROM_ONE)}."
            raise InputError(msg)


def read_price(model: str, path: Path | None = None) -> Price | None:
    """Return a model's price from a table (default: the bundled one), or None if it is not listed."""
    file = path or data_path("prompts/prices.csv")
    table = read_table(file)
    missing = [name for name in ("model", "input", "output") if name not in table]
    if missing:
        msg = f"{file}: column {missing[0]!r} is missing. Expected model, input and output (USD per million tokens)."
        raise InputError(msg)
    own = table[table["model"] == model]
    if own.empty:
        return None
    return parse_price(f"{own['input'].iloc[-1]},{own['output'].iloc[-1]}", where=f"{file}: {model}")


def parse_price(text: str, *, where: str = "price") -> Price:
    """Return a price from two numbers separated by a comma."""
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        first = second = math.nan
    if not (0 <= first < math.inf and 0 <= second < math.inf):
        expected = "two numbers from 0, such as 0.25,2: USD per million tokens in and out"
        msg = f"{where}: found {text!r}, expected {expected}."
        raise InputError(msg)
    return Price(first, second)


def estimate(n_bytes: int, most_tokens: int, price: Price) -> Estimate:
    """Return the estimate for a request of `n_bytes` bytes with an answer of at most `most_tokens` tokens."""
    tokens_in = -(-n_bytes // BYTES_PER_TOKEN)
    return Estimate(tokens_in, most_tokens, price.of(tokens_in, most_tokens))


def spent(response: Response, estimated: Estimate, price: Price) -> Spent:
    """Return the cost of an answer."""
    most_in = estimated.tokens_in * BYTES_PER_TOKEN + _OVERHEAD
    tokens_in, tokens_out = response.tokens_in, response.tokens_out
    if not tokens_in or tokens_out is None or tokens_in > most_in or tokens_out > MOST_THOUGHT:
        return Spent(*estimated, counted=False)
    return Spent(tokens_in, tokens_out, price.of(tokens_in, tokens_out), counted=True)


class Budget:
    """Budget of a run. Every call is reserved before it is made, so only calls in progress can exceed the budget."""

    def __init__(self, *, max_cost: float | None = None, max_requests: int | None = None) -> None:
        self.max_cost, self.max_requests = max_cost, max_requests
        self.cost = self.reserved = 0.0
        self.requests = self.under_way = 0

    def reserve(self, estimated: Estimate) -> bool:
        """Reserve the estimated cost of a call, and return whether the call may be made."""
        over = self.max_cost is not None and self.cost + self.reserved + estimated.cost > self.max_cost
        if over or (self.max_requests is not None and self.requests >= self.max_requests):
            return False
        self.reserved += estimated.cost
        self.requests += 1
        self.under_way += 1
        return True

    def may_fit(self, estimated: Estimate) -> bool:
        """Return whether a rejected call may fit later, if calls in progress cost less than reserved."""
        in_reach = self.max_cost is None or self.cost + estimated.cost <= self.max_cost
        left = self.max_requests is None or self.requests < self.max_requests
        return in_reach and left and self.under_way > 0

    def settle(self, estimated: Estimate, cost: float) -> None:
        """Replace the reserved cost of a call by its actual cost."""
        self.under_way -= 1
        self.reserved = self.reserved - estimated.cost if self.under_way else 0.0  # discard rounding errors
        self.cost += cost


class Pace:
    """Waiting times of the calls to an endpoint; a stop ends them."""

    def __init__(self, stop: asyncio.Event, first_wait: float) -> None:
        self._stop, self._first_wait = stop, first_wait
        self._random = random.Random(0)  # noqa: S311 (spreads waits, not for security)
        self._resume_at = 0.0

    async def wait(self, attempt: int, *, status: int | None, asked: float | None) -> None:
        """Wait after a failed try; after a rate limit, all other calls wait, too."""
        backoff = min(_LONGEST, self._first_wait * 2**attempt) * self._random.uniform(0.5, 1.0)
        seconds = max(asked or 0.0, backoff)
        if status == TOO_MANY or asked is not None:
            self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + seconds)
        else:
            await self._sleep(seconds)

    async def pause_over(self) -> None:
        """Wait until the common pause is over."""
        loop = asyncio.get_running_loop()  # a monotonic clock
        while (left := self._resume_at - loop.time()) > 0 and not self._stop.is_set():
            await self._sleep(left)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), timeout=seconds)
