"""Ask a model: a few requests at a time, within a budget, and each answer stored as it arrives."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from g7tag.errors import Announce, EndpointError, RunError
from g7tag.llm.answers import Judgement, read_response
from g7tag.llm.budget import Budget, Cost, Limits, Price, cost_of, estimate, require_limits
from g7tag.llm.endpoint import Endpoint
from g7tag.llm.interrupts import Stopper
from g7tag.llm.prompt import Prompt, judge_label
from g7tag.llm.request import FORMS, Form, Request, known_form, log_requests, requests_of, unanswered
from g7tag.store import Kind, RequestLog
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

Judge = Callable[[Prompt, str], Judgement]


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


def quote_price(
    prompts: Sequence[Prompt], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return the maximum cost of asking, not counting retries; nothing is sent or written.

    `path` is that of a directory's `reviews.sqlite`, which may already contain answers. With `own_answers`, prompts
    that only another endpoint has answered are asked as well.
    """
    requests = requests_of(prompts, endpoint)
    waiting = unanswered(requests, path, endpoint.origin if own_answers else None)
    costs = [estimate(one.n_bytes(), one.most_tokens, price) for one in waiting]
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
    judge: Judge = judge_label,
    price: Price,
    limits: Limits,
    announce: Announce,
    stopper: Stopper,
    own_answers: bool = False,
) -> Asked:
    """Send all prompts that have no answer yet to an endpoint; with `own_answers`, one of another endpoint is none."""
    from g7tag.llm.client import connected  # noqa: PLC0415 (openai takes half a second to import)

    require_limits(limits)
    requests = requests_of(prompts, endpoint)
    log_requests(log, requests)  # fails before any cost if it cannot be written
    waiting = unanswered(requests, log.path, endpoint.origin if own_answers else None)
    async with connected(endpoint, deadline=limits.deadline, concurrency=limits.concurrency) as client:
        work = _Work(client, endpoint, log, judge, price, limits, announce, stopper, len(waiting))
        form = known_form(log.path, endpoint)
        if waiting and form is None:
            form = await work.find_form(sorted(waiting, key=lambda one: (one.n_bytes(), one.key)))
        if form is not None:
            await work.ask_all([one for one in waiting if one.key not in work.done], form)
    if work.unsaved:
        lost = counted(len(work.unsaved), "answer")
        msg = f"{work.unsaved[0]} {lost} could not be saved, and will be asked for again."
        raise RunError(msg)
    return work.result()


def raise_if_stopped(asked: Asked, endpoint: Endpoint) -> None:
    """Raise an error if the endpoint stopped the run; a budget or an interrupt is not an error."""
    if asked.stopped == "endpoint":
        msg = (
            f"{endpoint.host}: {asked.problem}. {asked.answered} answers are kept, {asked.failed + asked.left} "
            "requests have no answer. Fix the problem and run again: answered requests are not sent again."
        )
        raise EndpointError(msg)


class _Work:
    """One run of requests to an endpoint: the state shared by all requests in progress."""

    def __init__(
        self, client: "Client", endpoint: Endpoint, log: RequestLog, judge: Judge, price: Price, limits: Limits,
        announce: Announce, stopper: Stopper, n_requests: int,
    ) -> None:  # fmt: skip
        self._client, self._endpoint, self._log, self._judge = client, endpoint, log, judge
        self._price, self._limits, self._announce, self._stopper = price, limits, announce, stopper
        self._budget, self._settled = Budget(limits), asyncio.Event()
        self._resume_at = 0.0  # until then nothing is sent: the endpoint asked all to wait
        self._random = random.Random(0)  # noqa: S311 (spreads waits, not for security)
        self._n_requests, self._failed, self._failed_in_row, self._bytes = n_requests, 0, 0, 0
        self.done: set[str] = set()
        self.unsaved: list[RunError] = []

    async def find_form(self, requests: Sequence[Request]) -> Form | None:
        """Find the form of answer that the endpoint accepts, with requests of this run; None if it accepts none."""
        problem = ""
        for request, form in ((one, form) for one in requests[:_PROBES] for form in FORMS):
            call = await self._answer(request, form)
            if call is None or self._stopper.why:
                return None
            if call.kind == "answered":
                self._keep(request, form, call)
                return form
            problem = call.problem
            if call.kind == "again" and ((call.status or 0) < 500 or form == FORMS[-1]):
                break  # the endpoint fails with every form
        self._stopper.stop("endpoint", problem)
        return None

    async def ask_all(self, requests: Sequence[Request], form: Form) -> None:
        """Send all requests, `concurrency` at a time."""
        free = asyncio.Semaphore(self._limits.concurrency)

        async def ask_one(request: Request) -> None:
            async with free:
                call = await self._answer(request, form)
                if call is not None:
                    self._keep(request, form, call)
                    progress = f"{len(self.done)} of {self._n_requests} answered, {self._failed} failed"
                    self._announce(f"asking {self._endpoint.model}: {progress}, USD {self._budget.cost:.4f}")

        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(ask_one(request))

    def result(self) -> Asked:
        """Return the counts of the run, and why it stopped early."""
        left = self._n_requests - len(self.done) - self._failed
        return Asked(
            len(self.done), self._failed, left, self._budget.requests, self._budget.cost, self._bytes,
            self._stopper.why, self._stopper.problem,
        )  # fmt: skip

    async def _answer(self, request: Request, form: Form) -> "Call | None":
        """Call until there is an answer, the run stops, or all tries are used; None if nothing was sent."""
        body, n_bytes, call = request.body(form), request.n_bytes(form), None
        estimated = estimate(n_bytes, request.most_tokens, self._price)
        for attempt in range(2 * self._limits.tries):  # all of them for rate limits, half of them otherwise
            await self._pause()
            if not await self._reserved(estimated):
                return call
            self._bytes += n_bytes
            call = await self._client.call(body)
            self._budget.settle(estimated, self._cost(call, estimated))
            self._settled.set()
            if call.kind == "stop" or (call.wait or 0) > MOST_WAIT:
                wait = f"; the endpoint asks to wait {call.wait:.0f} s" if call.wait else ""
                self._stopper.stop("endpoint", call.problem + wait)
            used = call.status != _TOO_MANY and attempt + 1 >= self._limits.tries
            if call.kind != "again" or used or self._stopper.why:
                return call
            backoff = min(_LONGEST, self._limits.first_wait * 2**attempt) * self._random.uniform(0.5, 1.0)
            until = asyncio.get_running_loop().time() + max(call.wait or 0.0, backoff)
            if call.status == _TOO_MANY or call.wait is not None:
                self._resume_at = max(self._resume_at, until)
            else:
                await self._stopper.sleep_until(until)
        return call

    async def _pause(self) -> None:
        while asyncio.get_running_loop().time() < self._resume_at and not self._stopper.why:
            await self._stopper.sleep_until(self._resume_at)

    async def _reserved(self, estimated: Cost) -> bool:
        """Reserve the cost of a call, waiting for calls in progress that may cost less; False if the run stops."""
        while not self._stopper.why:
            if self._budget.reserve(estimated):
                return True
            if not self._budget.under_way:
                self._stopper.stop("budget", "the budget is used up")
                return False
            self._settled.clear()
            await self._settled.wait()
        return False

    def _cost(self, call: "Call", estimated: Cost) -> float:
        if call.kind == "answered":
            return cost_of(read_response(call.raw), estimated, self._price).cost
        return estimated.cost if call.may_cost else 0.0

    def _keep(self, request: Request, form: Form, call: "Call") -> None:
        """Store the result of a request; if it cannot be written, the run stops."""
        row: tuple[Kind, str, dict[str, Any]] = ("answer", request.key, self._row(request, form, call))
        try:
            self._log.add([row])
        except RunError as error:
            self.unsaved.append(error)
            self._stopper.stop("endpoint", str(error))
        if call.kind == "answered":
            self.done.add(request.key)
            self._failed_in_row = 0
            return
        self._failed += 1
        self._failed_in_row += 1
        if self._failed_in_row >= MOST_FAILED:
            problem = f"{MOST_FAILED} requests in a row failed; the last error: {call.problem}"
            self._stopper.stop("endpoint", problem)

    def _row(self, request: Request, form: Form, call: "Call") -> dict[str, Any]:
        """Return what is stored of a call; the answer is judged first, and then the key is removed from all text."""
        row: dict[str, Any] = {"outcome": "failed", "problem": call.problem}
        if call.kind == "answered":
            response = read_response(call.raw)
            estimated = estimate(request.n_bytes(form), request.most_tokens, self._price)
            row = self._judge(request.prompt, call.raw)._asdict() | {"model": response.model}
            row |= cost_of(response, estimated, self._price)._asdict()
        row |= {
            "endpoint": self._endpoint.origin, "status": call.status, "seconds": round(call.seconds, 3),
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "limit": request.most_tokens,
            "asked_model": self._endpoint.model, "form": form, "raw": call.raw,
        }  # fmt: skip
        clean = self._endpoint.without_key
        return {name: clean(value) if isinstance(value, str) else value for name, value in row.items()}
