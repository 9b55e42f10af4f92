"""Ask a model: a few requests at a time, within a budget, and each answer stored as it arrives, also if interrupted."""

import asyncio
import math
import random
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from g7tag.errors import Announce, EndpointError, InputError, RunError
from g7tag.llm.answers import Response, judge, read_response
from g7tag.llm.endpoint import Endpoint
from g7tag.llm.prompt import Prompt
from g7tag.llm.request import (
    BYTES_PER_TOKEN,
    FORMS,
    Cost,
    Form,
    Price,
    Request,
    known_form,
    log_requests,
    requests_of,
    unanswered,
)
from g7tag.store import RequestLog
from g7tag.text import counted

if TYPE_CHECKING:
    from g7tag.llm.client import Call, Client

MOST_WAIT = 120.0
"""Maximum seconds to wait; if an endpoint asks for more, the run stops."""
MOST_FAILED = 5
"""Number of failed requests in a row after which the run stops."""
_PROBES = 2  # different requests that may be refused in every form before the run stops
_LONGEST = 8.0  # maximum seconds between two tries, unless the endpoint asks for more
_TOO_MANY = 429
MOST_THOUGHT = 200_000  # tokens: the maximum of any model
_OVERHEAD = 1000  # tokens that a server's template may add
_TICK = 0.1  # seconds between two looks at whether to stop
T = TypeVar("T")


class Quote(NamedTuple):
    """Cost of asking: number of questions, number without an answer, and their bytes, tokens and US dollars."""

    n_questions: int
    n_waiting: int
    n_bytes: int
    tokens_in: int
    most_tokens_out: int
    most_cost: float


class Asked(NamedTuple):
    """Result of a run: counts of requests, calls, cost in US dollars, bytes sent, and why it stopped early."""

    answered: int
    failed: int
    left: int
    calls: int
    cost: float
    bytes_sent: int
    stopped: Literal["", "budget", "interrupted", "endpoint"]
    problem: str


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


def quote_price(
    prompts: Sequence[Prompt], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return the maximum cost of asking, not counting retries; nothing is sent or written.

    `path` is that of a directory's `reviews.sqlite`, which may already contain answers. With `own_answers`, prompts
    that only another endpoint has answered are asked as well.
    """
    requests = requests_of(prompts, endpoint)
    waiting = unanswered(requests, path, endpoint.origin if own_answers else None)
    costs = [one.estimated(price) for one in waiting]
    return Quote(
        len({one.key for one in requests}),  # equal sentences in the same item count once
        len(waiting), sum(one.n_bytes() for one in waiting), sum(one.tokens_in for one in costs),
        sum(one.tokens_out for one in costs), sum(one.cost for one in costs),
    )  # fmt: skip


async def ask(
    prompts: Sequence[Prompt],
    endpoint: Endpoint,
    *,
    log: RequestLog,
    price: Price,
    limits: Limits,
    announce: Announce,
    stopper: Stopper,
    own_answers: bool = False,
) -> Asked:
    """Send all prompts that have no answer yet to an endpoint; with `own_answers`, one of another endpoint is none.

    If cancelled, requests in progress finish first.
    """
    from g7tag.llm.client import connected  # noqa: PLC0415 (openai takes half a second to import)

    require_limits(limits)
    requests = requests_of(prompts, endpoint)
    log_requests(log, requests)  # fails before any cost if it cannot be written
    waiting = unanswered(requests, log.path, endpoint.origin if own_answers else None)

    async def work_off() -> _Work:
        async with connected(endpoint, deadline=limits.deadline, concurrency=limits.concurrency) as client:
            work = _Work(client, endpoint, log, price, limits, announce, stopper, len(waiting))
            form = known_form(log.path, endpoint)
            if waiting and form is None:
                form = await work.find_form(sorted(waiting, key=lambda one: (one.n_bytes(), one.key)))
            if form is not None:
                await work.ask_all([one for one in waiting if one.key not in work.done], form)
        return work

    work = await await_shielded(work_off(), stopper)
    if work.unsaved:
        lost = counted(len(work.unsaved), "answer")
        msg = f"{work.unsaved[0]} {lost} could not be saved, and will be asked for again."
        raise RunError(msg)
    return work.result()


def require_limits(limits: Limits) -> None:
    """Check that limits are in their ranges."""
    for name, value in limits._asdict().items():
        least = 1 if name in {"concurrency", "tries"} else 0
        if value is not None and not (least <= value < math.inf and (value or name != "deadline")):
            msg = f"{name} {value}: invalid limit. Expected a number from {least}."
            raise InputError(msg)


def raise_if_stopped(asked: Asked, endpoint: Endpoint) -> None:
    """Raise an error if the endpoint stopped the run; a budget or an interrupt is not an error."""
    if asked.stopped == "endpoint":
        msg = (
            f"{endpoint.host}: {asked.problem}. {asked.answered} answers are kept, {asked.failed + asked.left} "
            "requests have no answer. Fix the problem and run again: answered requests are not sent again."
        )
        raise EndpointError(msg)


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


@dataclass
class _Work:
    """One run of requests to an endpoint: the state shared by all requests in progress."""

    client: "Client"
    endpoint: Endpoint
    log: RequestLog
    price: Price
    limits: Limits
    announce: Announce
    stopper: Stopper
    n_requests: int

    def __post_init__(self) -> None:
        self.settled = asyncio.Event()
        self.cost = self.reserved = 0.0
        self.calls = self.under_way = 0
        self.resume_at = 0.0  # until then nothing is sent: the endpoint asked all to wait
        self.random = random.Random(0)  # noqa: S311 (spreads waits, not for security)
        self.failed = self.failed_in_row = self.n_bytes = 0
        self.done: set[str] = set()
        self.unsaved: list[RunError] = []

    async def find_form(self, requests: Sequence[Request]) -> Form | None:
        """Find the form of answer that the endpoint accepts, with requests of this run; None if it accepts none."""
        problem = ""
        for request, form in ((one, form) for one in requests[:_PROBES] for form in FORMS):
            call = await self._answer(request, form)
            if call is None or self.stopper.why:
                return None
            if call.kind == "answered":
                self._keep(request, form, call)
                return form
            problem = call.problem
            if call.kind == "again" and ((call.status or 0) < 500 or form == FORMS[-1]):
                break  # the endpoint fails with every form
        self.stopper.stop("endpoint", problem)
        return None

    async def ask_all(self, requests: Sequence[Request], form: Form) -> None:
        """Send all requests, `concurrency` at a time."""
        free = asyncio.Semaphore(self.limits.concurrency)

        async def ask_one(request: Request) -> None:
            async with free:
                if (call := await self._answer(request, form)) is not None:
                    self._keep(request, form, call)
                    progress = f"{len(self.done)} of {self.n_requests} answered, {self.failed} failed"
                    self.announce(f"asking {self.endpoint.model}: {progress}, USD {self.cost:.4f}")

        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(ask_one(request))

    def result(self) -> Asked:
        """Return the counts of the run, and why it stopped early."""
        left = self.n_requests - len(self.done) - self.failed
        counts = (len(self.done), self.failed, left, self.calls)
        return Asked(*counts, self.cost, self.n_bytes, self.stopper.why, self.stopper.problem)

    async def _answer(self, request: Request, form: Form) -> "Call | None":
        """Call until there is an answer, the run stops, or all tries are used; None if nothing was sent."""
        body, estimated = request.body(form), request.estimated(self.price, form)
        call, loop = None, asyncio.get_running_loop()
        for attempt in range(2 * self.limits.tries):  # all of them for rate limits, half of them otherwise
            while loop.time() < self.resume_at and not self.stopper.why:
                await self.stopper.sleep_until(self.resume_at)
            if not await self._reserved(estimated):
                return call
            self.n_bytes += request.n_bytes(form)
            call = await self.client.call(body)
            self.under_way -= 1
            self.reserved = self.reserved - estimated.cost if self.under_way else 0.0  # discard rounding errors
            self.cost += self._cost(call, estimated).cost
            self.settled.set()
            if call.kind == "stop" or (call.wait or 0) > MOST_WAIT:
                wait = f"; the endpoint asks to wait {call.wait:.0f} s" if call.wait else ""
                self.stopper.stop("endpoint", call.problem + wait)
            used = call.status != _TOO_MANY and attempt + 1 >= self.limits.tries
            if call.kind != "again" or used or self.stopper.why:
                return call
            backoff = min(_LONGEST, self.limits.first_wait * 2**attempt) * self.random.uniform(0.5, 1.0)
            until = loop.time() + max(call.wait or 0.0, backoff)
            if call.status == _TOO_MANY or call.wait is not None:
                self.resume_at = max(self.resume_at, until)
            else:
                await self.stopper.sleep_until(until)
        return call

    async def _reserved(self, estimated: Cost) -> bool:
        """Reserve the cost of a call, waiting for calls in progress that may cost less; False if the run stops.

        Every call is reserved before it is made, so only calls in progress can exceed the budget.
        """
        most_cost, most_calls = self.limits.max_cost, self.limits.max_requests
        while not self.stopper.why:
            over = most_cost is not None and self.cost + self.reserved + estimated.cost > most_cost
            if not over and (most_calls is None or self.calls < most_calls):
                self.reserved += estimated.cost
                self.calls += 1
                self.under_way += 1
                return True
            if not self.under_way:
                self.stopper.stop("budget", "the budget is used up")
                return False
            self.settled.clear()
            await self.settled.wait()
        return False

    def _cost(self, call: "Call", estimated: Cost) -> Cost:
        if call.kind == "answered":
            return cost_of(read_response(call.raw), estimated, self.price)
        return estimated if call.may_cost else Cost(0, 0, 0.0)

    def _keep(self, request: Request, form: Form, call: "Call") -> None:
        """Store the result of a request; if it cannot be written, the run stops."""
        try:
            self.log.add([("answer", request.key, self._row(request, form, call))])
        except RunError as error:
            self.unsaved.append(error)
            self.stopper.stop("endpoint", str(error))
        if call.kind == "answered":
            self.done.add(request.key)
            self.failed_in_row = 0
            return
        self.failed += 1
        self.failed_in_row += 1
        if self.failed_in_row >= MOST_FAILED:
            problem = f"{MOST_FAILED} requests in a row failed; the last error: {call.problem}"
            self.stopper.stop("endpoint", problem)

    def _row(self, request: Request, form: Form, call: "Call") -> dict[str, Any]:
        """Return what is stored of a call; the answer is judged first, and then the key is removed from all text."""
        row: dict[str, Any] = {"outcome": "failed", "problem": call.problem}
        if call.kind == "answered":
            response = read_response(call.raw)
            row = judge(response, request.prompt.sentence, request.prompt.answer)._asdict() | {"model": response.model}
            row |= self._cost(call, request.estimated(self.price, form))._asdict()
        row |= {
            "endpoint": self.endpoint.origin, "status": call.status, "seconds": round(call.seconds, 3),
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "limit": request.most_tokens,
            "asked_model": self.endpoint.model, "form": form, "raw": call.raw,
        }  # fmt: skip
        clean = self.endpoint.without_key
        return {name: clean(value) if isinstance(value, str) else value for name, value in row.items()}


def cost_of(response: Response, estimated: Cost, price: Price) -> Cost:
    """Return the cost of an answer by the endpoint's count, or the estimate if that is missing or impossible."""
    most_in = estimated.tokens_in * BYTES_PER_TOKEN + _OVERHEAD
    tokens_in, tokens_out = response.tokens_in, response.tokens_out
    if not tokens_in or tokens_out is None or tokens_in > most_in or tokens_out > MOST_THOUGHT:
        return estimated
    return Cost(tokens_in, tokens_out, price.of(tokens_in, tokens_out), counted=True)
