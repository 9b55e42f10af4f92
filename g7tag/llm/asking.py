"""Ask an endpoint many things at once: a few at a time, within a budget, each answer kept the moment it comes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from g7tag.errors import Announce, RunError
from g7tag.llm.answers import Judgement, read_response
from g7tag.llm.budget import TOO_MANY, Budget, Estimate, Limits, Pace, Price, estimate, require_limits, spent
from g7tag.llm.endpoint import Endpoint
from g7tag.llm.request import RUNGS, Request, Rung, known_rung, rung_key, unanswered
from g7tag.store import Kind, RequestLog

if TYPE_CHECKING:
    from g7tag.llm.client import Call, Client

MOST_WAIT = 120.0
"""Seconds: an endpoint that asks for a longer wait is left alone until the next run."""
MOST_FAILED = 5
"""Requests in a row without an answer: then the endpoint is taken to be out of order."""
_PROBES = 2  # different requests that may be refused before an endpoint is given up

Make = Callable[[Rung], Sequence[Request]]
Judge = Callable[[Request, str], Judgement]


class Asked(NamedTuple):
    """What was sent and what came of it: counts of requests, the calls made, US dollars, and why it ended early."""

    answered: int
    failed: int
    left: int
    calls: int
    cost: float
    bytes_sent: int
    stopped: Literal["", "budget", "interrupted", "endpoint"]
    problem: str


class Work:
    """One run of requests to an endpoint: what is shared by all that are under way."""

    def __init__(
        self, client: "Client", endpoint: Endpoint, log: RequestLog, judge: Judge, price: Price, limits: Limits,
        announce: Announce, *, own_answers: bool = False,
    ) -> None:  # fmt: skip
        self._own_answers = own_answers
        self._client, self._endpoint, self._log, self._judge = client, endpoint, log, judge
        self._price, self._limits, self._announce = price, limits, announce
        self._budget = Budget(max_cost=limits.max_cost, max_requests=limits.max_requests)
        self._failed_in_row = 0
        self._loop, self._stop, self._settled = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._pace = Pace(self._stop, limits.first_wait)
        self._stopped: Literal["", "budget", "interrupted", "endpoint"] = ""
        self._problem = ""
        self._answered = self._failed = self._bytes = 0
        self.unsaved: list[tuple[str, str]] = []

    def stop(self, why: Literal["budget", "interrupted", "endpoint"], problem: str = "") -> None:
        """Send nothing more; what is under way is waited for and kept."""
        if not self._stopped:
            self._stopped, self._problem = why, problem
        self._stop.set()

    def interrupt(self) -> None:
        """Stop, from any thread."""
        with suppress(RuntimeError):  # it has come to its end already
            self._loop.call_soon_threadsafe(self.stop, "interrupted")

    def waiting(self, requests: Sequence[Request]) -> list[Request]:
        """Return the requests that have no answer yet."""
        return unanswered(requests, self._log.path, self._endpoint.origin if self._own_answers else None)

    async def climb(self, make: Make) -> Rung | None:
        """Find how the endpoint takes a schema, with requests that are to be asked anyway; None where it takes none."""
        waiting = sorted(self.waiting(make(RUNGS[0])), key=lambda one: (one.n_bytes, one.key))
        ways = {rung: {one.key: one for one in make(rung)} for rung in RUNGS}
        refused = ""
        for request in (ways[rung][one.key] for one in waiting[:_PROBES] for rung in RUNGS):
            self._log.add([("request", request.key, request.row)])
            last = request.rung == RUNGS[-1]
            call = await self._try(request, broken_tries=None if last else 2)
            if call is None or self._stop.is_set():
                return None
            if call.kind == "answered":
                self._log.add([("rung", rung_key(self._endpoint), {"rung": request.rung})])
                self._keep(request, call)
                return request.rung
            refused = call.problem
            if call.kind == "again" and (last or (call.status or 0) < 500):
                break  # it is out of order, however it is asked
        self.stop("endpoint", refused)
        return None

    async def ask_all(self, requests: Sequence[Request]) -> None:
        """Ask everything, `concurrency` requests at a time."""
        self._log.add(("request", one.key, one.row) for one in requests)  # before anything is paid for
        waiting = iter(requests)
        total = len(requests) + self._answered

        async def worker() -> None:
            for request in waiting:
                if self._stop.is_set():
                    return
                call = await self._try(request)
                if call is not None:
                    self._keep(request, call)
                told = f"{self._answered} of {total} answered, {self._failed} failed, USD {self._budget.cost:.4f}"
                self._announce(f"asking {self._endpoint.model}: {told}")

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._limits.concurrency, len(requests))):
                group.create_task(worker())

    def result(self, n_requests: int) -> Asked:
        """Return what came of `n_requests` that were to be asked."""
        left = n_requests - self._answered - self._failed
        return Asked(
            self._answered, self._failed, left, self._budget.requests, self._budget.cost, self._bytes, self._stopped,
            self._problem,
        )  # fmt: skip

    async def _try(self, request: Request, *, broken_tries: int | None = None) -> "Call | None":
        """Call until there is an answer, nothing more can come, or all tries are used; None where it was not sent.

        `broken_tries` are those of a server that says that it is out of order (HTTP 500 and above).
        """
        tries = 2 * self._limits.tries  # all of them where it is asked too much, half of them otherwise
        reckoned = estimate(request.n_bytes, self._endpoint.most_tokens, self._price)
        call = None
        for attempt in range(tries):
            await self._pace.pause_over()
            if self._stop.is_set():
                return call
            if not await self._reserved(reckoned):
                return call
            self._bytes += request.n_bytes
            call = await self._client.call(request.body)
            self._budget.settle(reckoned, self._cost(call, reckoned))
            self._settled.set()
            if call.kind == "stop" or (call.wait or 0) > MOST_WAIT:
                asks = f"; it asks to wait {call.wait:.0f} s" if call.wait else ""
                self.stop("endpoint", call.problem + asks)
            broken = (call.status or 0) >= 500 and broken_tries is not None and attempt + 1 >= broken_tries
            used = call.status != TOO_MANY and attempt + 1 >= self._limits.tries
            if call.kind != "again" or broken or used or self._stop.is_set():
                return call
            await self._pace.wait(attempt, status=call.status, asked=call.wait)
        return call

    async def _reserved(self, reckoned: Estimate) -> bool:
        """Set aside what a call may cost, and say whether it may be made.

        Where calls under way hold what is left of the budget, wait for what they really cost.
        """
        while not self._stop.is_set():
            if self._budget.reserve(reckoned):
                return True
            if not self._budget.may_fit(reckoned):
                self.stop("budget", "the budget is used up")
                return False
            self._settled.clear()
            await self._settled.wait()
        return False

    def _cost(self, call: "Call", reckoned: Estimate) -> float:
        if call.kind == "answered":
            return spent(read_response(call.raw), reckoned, self._price).cost
        return reckoned.cost if call.may_cost else 0.0

    def _keep(self, request: Request, call: "Call") -> None:
        """Write down what came of a request; an answer that cannot be written is kept aside, and all is stopped."""
        row = self._row(request, call)
        if call.kind == "answered":
            self._answered += 1
            self._failed_in_row = 0
        else:
            self._failed += 1
            self._failed_in_row += 1
        rows: list[tuple[Kind, str, dict[str, Any]]] = [("answer", request.key, row)]
        if self._failed_in_row >= MOST_FAILED:
            self.stop("endpoint", f"{MOST_FAILED} requests in a row had no answer; the last: {call.problem}")
            if call.kind == "unfit":  # perhaps it takes no schema any longer: the next run looks again
                rows.append(("rung", rung_key(self._endpoint), {"rung": None}))
        try:
            self._log.add(rows)
        except RunError as error:
            if call.kind == "answered":
                self.unsaved.append((request.key, self._endpoint.without_key(call.raw)))
            self.stop("endpoint", str(error))

    def _row(self, request: Request, call: "Call") -> dict[str, Any]:
        """What is kept of a call: the answer is judged as it came, and then the key taken out wherever it stands."""
        about = {
            "endpoint": self._endpoint.origin, "status": call.status, "seconds": round(call.seconds, 3),
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "limit": self._endpoint.most_tokens,
            "rung": request.rung, "raw": call.raw,
        }  # fmt: skip
        row: dict[str, Any] = {"outcome": "failed", "problem": call.problem}
        if call.kind == "answered":
            reckoned = estimate(request.n_bytes, self._endpoint.most_tokens, self._price)
            row = answer_row(self._judge(request, call.raw), call.raw, reckoned, self._price)
        clean = self._endpoint.without_key
        return {name: clean(value) if isinstance(value, str) else value for name, value in {**row, **about}.items()}


def answer_row(judgement: Judgement, raw: str, reckoned: Estimate, price: Price) -> dict[str, Any]:
    """Return what is kept of an answer: the judgement, who says to have answered, tokens and cost."""
    response = read_response(raw)
    return judgement._asdict() | {"model": response.model} | spent(response, reckoned, price)._asdict()


async def ask(
    make: Make,
    endpoint: Endpoint,
    *,
    log: RequestLog,
    judge: Judge,
    price: Price,
    limits: Limits,
    announce: Announce,
    on_work: Callable[[Work], None],
    own_answers: bool = False,
) -> tuple[Asked, list[tuple[str, str]]]:
    """Ask an endpoint all that has no answer yet.

    Parameters
    ----------
    make
        Gives the requests for a rung.
    endpoint, price, limits
        Who is asked, for how much, and how hard.
    log
        Where answers are kept, and where it is written how the endpoint takes a schema.
    judge
        Reads an answer.
    announce
        Called with how far it is.
    on_work
        Called with the work before anything is sent, so that it can be stopped from outside.
    own_answers
        Ask also what another endpoint has answered.

    Returns
    -------
    tuple
        What came of it, and the answers that could not be written: key and text.
    """
    from g7tag.llm.client import connected  # noqa: PLC0415 (openai takes half a second: not before it is used)

    require_limits(limits)
    async with connected(endpoint, deadline=limits.deadline, concurrency=limits.concurrency) as client:
        work = Work(client, endpoint, log, judge, price, limits, announce, own_answers=own_answers)
        on_work(work)
        rung = known_rung(log.path, endpoint)
        n_requests = len(work.waiting(make(rung or RUNGS[0])))
        if n_requests:
            rung = rung or await work.climb(make)
        if rung is not None and n_requests:
            await work.ask_all(work.waiting(make(rung)))
        return work.result(n_requests), work.unsaved
