"""Cost of requests: prices of models, token estimates, and a budget that is reserved before sending."""

import math
from pathlib import Path
from typing import NamedTuple

from g7tag.errors import InputError
from g7tag.llm.answers import Response
from g7tag.store import data_path, read_table
from g7tag.text import listed

BYTES_PER_TOKEN = 3
"""English text has about four; three makes estimates rather too high."""
MOST_THOUGHT = 200_000  # tokens: the maximum of any model
_OVERHEAD = 1000  # tokens that a server's template may add


class Price(NamedTuple):
    """Price in US dollars per million input and output tokens."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the price of a number of tokens, in US dollars."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


class Cost(NamedTuple):
    """Tokens of a request and its answer, their cost in US dollars, and whether the endpoint counted them."""

    tokens_in: int
    tokens_out: int
    cost: float
    counted: bool = False


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

    def without(self, cost: float, calls: int) -> "Limits":
        """Return the limits with the rest of the budget."""
        most_cost = None if self.max_cost is None else max(self.max_cost - cost, 0.0)
        most_requests = None if self.max_requests is None else max(self.max_requests - calls, 0)
        return self._replace(max_cost=most_cost, max_requests=most_requests)


def require_limits(limits: Limits) -> None:
    """Check that limits are in their ranges."""
    for name, value in limits._asdict().items():
        least = 1 if name in {"concurrency", "tries"} else 0
        if value is not None and not (least <= value < math.inf and (value or name != "deadline")):
            msg = f"{name} {value}: invalid limit. Expected a number from {least}."
            raise InputError(msg)


def read_price(model: str, path: Path | str | None = None) -> Price:
    """Return a model's price from a table (default: the one that comes with g7tag)."""
    file = data_path("prompts/prices.csv") if path is None else Path(path)
    table = read_table(file)
    if missing := {"model", "input", "output"} - set(table):
        msg = f"{file}: missing columns: {listed(missing)}. Expected model, input and output (USD per million tokens)."
        raise InputError(msg)
    own = table[table["model"] == model]
    if own.empty:
        msg = (
            f"price of {model!r}: not found. Give it with --price IN,OUT (USD per million input and output tokens; 0,0 "
            "is free)."
        )
        raise InputError(msg)
    return parse_price(f"{own['input'].iloc[-1]},{own['output'].iloc[-1]}", where=f"{file}: {model}")


def parse_price(text: str, *, where: str = "price") -> Price:
    """Return a price from two numbers separated by a comma."""
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        first = second = math.nan
    if not (0 <= first < math.inf and 0 <= second < math.inf):
        msg = (
            f"{where}: found {text!r}, expected two numbers from 0, such as 0.25,2: USD per million tokens in and out."
        )
        raise InputError(msg)
    return Price(first, second)


def estimate(n_bytes: int, most_tokens: int, price: Price) -> Cost:
    """Return the estimated cost of a request of `n_bytes` bytes with an answer of at most `most_tokens` tokens."""
    tokens_in = -(-n_bytes // BYTES_PER_TOKEN)
    return Cost(tokens_in, most_tokens, price.of(tokens_in, most_tokens))


def cost_of(response: Response, estimated: Cost, price: Price) -> Cost:
    """Return the cost of an answer by the endpoint's count, or the estimate if that is missing or impossible."""
    most_in = estimated.tokens_in * BYTES_PER_TOKEN + _OVERHEAD
    tokens_in, tokens_out = response.tokens_in, response.tokens_out
    if not tokens_in or tokens_out is None or tokens_in > most_in or tokens_out > MOST_THOUGHT:
        return estimated
    return Cost(tokens_in, tokens_out, price.of(tokens_in, tokens_out), counted=True)


class Budget:
    """Budget of a run. Every call is reserved before it is made, so only calls in progress can exceed the budget."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.cost = self._reserved = 0.0
        self.requests = self.under_way = 0

    def reserve(self, estimated: Cost) -> bool:
        """Reserve the estimated cost of a call, and return whether the call may be made."""
        most_cost, most_requests = self._limits.max_cost, self._limits.max_requests
        over = most_cost is not None and self.cost + self._reserved + estimated.cost > most_cost
        if over or (most_requests is not None and self.requests >= most_requests):
            return False
        self._reserved += estimated.cost
        self.requests += 1
        self.under_way += 1
        return True

    def settle(self, estimated: Cost, cost: float) -> None:
        """Replace the reserved cost of a call by its actual cost."""
        self.under_way -= 1
        self._reserved = self._reserved - estimated.cost if self.under_way else 0.0  # discard rounding errors
        self.cost += cost
