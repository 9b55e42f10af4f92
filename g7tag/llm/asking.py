"""Ask a model: a few requests at a time, within a budget, and each answer stored as it arrives."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from g7tag.codebook import Codebook
from g7tag.errors import Announce, EndpointError, RunError
from g7tag.llm.answers import Judgement, allowed, answer_schema, judge, read_response
from g7tag.llm.budget import TOO_MANY, Budget, Estimate, Limits, Pace, Price, estimate, require_limits, spent
from g7tag.llm.endpoint import Endpoint
from g7tag.llm.interrupts import Stopper
from g7tag.llm.prompt import Prompt
from g7tag.llm.request import RUNGS, Request, Rung, known_rung, make_request, rung_key, unanswered
from g7tag.store import Kind, RequestLog, read_requests

if TYPE_CHECKING:
    from g7tag.llm.client import Call, Client

MOST_WAIT = 120.0
"""Maximum seconds to wait; if an endpoint asks for more, the run stops."""
MOST_FAILED = 5
"""Number of failed requests in a row after which the run stops."""
_PROBES = 2  # different requests that may be rejected before the run stops

Make = Callable[[Rung], Sequence[Request]]
Judge = Callable[[Request, str], Judgement]
Stop = Literal["budget", "interrupted", "endpoint"]


class Question(NamedTuple):
    """Prompt, the codebook used to read its answer, and the index of its repeat, from 0."""

    prompt: Prompt
    codebook: Codebook
    repeat: int = 0


class Quote(NamedTuple):
    """Cost of asking: number of questions, number without an answer, and their bytes, tokens and US dollars.

    `n_exported`: number without an answer that were exported to a batch file; their answers may still arrive.
    """

    n_questions: int
    n_waiting: int
    n_exported: int
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
    stopped: Literal["", Stop]
    problem: str


def requests_of(questions: Sequence[Question], endpoint: Endpoint, rung: Rung) -> list[Request]:
    """Return the request of each question, in order."""
    return [
        make_request(one.prompt, endpoint, answer_schema(one.codebook), rung, repeat=one.repeat) for one in questions
    ]


def quote_price(
    questions: Sequence[Question], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return the maximum cost of asking, not counting retries; nothing is sent or written.

    `path` is that of a directory's `reviews.sqlite`, which may already contain answers. With `own_answers`, questions
    that only another endpoint has answered are asked as well.
    """
    requests = requests_of(questions, endpoint, known_rung(path, endpoint) or RUNGS[0])
    return quote_requests(requests, endpoint, price, path, own_answers=own_answers)


def quote_requests(
    requests: Sequence[Request], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return the maximum cost of requests, as `quote_price` does for questions."""
    waiting = unanswered(requests, path, endpoint.origin if own_answers else None)
    estimates = [estimate(one.n_bytes, one.most_tokens, price) for one in waiting]
    exported = {key for key, _ in read_requests(path, "export")}
    return Quote(
        len({one.key for one in requests}),  # equal sentences in the same item count once
        len(waiting), sum(one.key in exported for one in waiting), sum(one.n_bytes for one in waiting),
        sum(one.tokens_in for one in estimates), sum(one.tokens_out for one in estimates),
        sum(one.cost for one in estimates),
    )  # fmt: skip


async def ask_questions(
    questions: Sequence[Question],
    endpoint: Endpoint,
    *,
    log: RequestLog,
    price: Price,
    limits: Limits,
    announce: Announce,
    stopper: Stopper,
    own_answers: bool = False,
) -> tuple[Asked, list[Request]]:
    """Ask all questions that have no answer yet, and return a summary with the request of each question.

    With `own_answers`, an answer of another endpoint is none.
    """
    books = {question.prompt.sha256: question.codebook for question in questions}
    labels = {name: allowed(book) for name, book in books.items()}

    def read(request: Request, raw: str) -> Judgement:
        return judge(read_response(raw), request.prompt.sentence, labels[request.prompt.sha256])

    _log_prompts(log, [one.prompt for one in questions], books)  # fails before any cost if it cannot be written
    asked = await ask(
        lambda rung: requests_of(questions, endpoint, rung), endpoint,
        log=log, judge=read, price=price, limits=limits, announce=announce, stopper=stopper, own_answers=own_answers,
    )  # fmt: skip
    return asked, requests_of(questions, endpoint, known_rung(log.path, endpoint) or RUNGS[0])


def log_requests(log: RequestLog, requests: Sequence[Request], books: Mapping[str, Codebook]) -> None:
    """Log requests and their prompts, each once; `books` maps hashes of prompts to codebooks."""
    _log_prompts(log, [one.prompt for one in requests], books)
    log.add(("request", one.key, one.row) for one in requests)


def _log_prompts(log: RequestLog, prompts: Sequence[Prompt], books: Mapping[str, Codebook]) -> None:
    """Log the system message and answer schema of each prompt, by the prompt's hash."""
    log.add(
        (
            "prompt", name,
            {
                "system": prompt.system, "schema": answer_schema(books[name]),
                "codebook_version": books[name].version,
            },
        )
        for name, prompt in {prompt.sha256: prompt for prompt in prompts}.items()
    )  # fmt: skip


async def ask(
    make: Make,
    endpoint: Endpoint,
    *,
    log: RequestLog,
    judge: Judge,
    price: Price,
    limits: Limits,
    announce: Announce,
    stopper: Stopper,
    own_answers: bool = False,
) -> Asked:
    """Send all requests that have no answer yet to an endpoint.

    An error names the file that contains the answers which could not be written to the log.
    """
    from g7tag.llm.client import connected  # noqa: PLC0415 (openai takes half a second to import)

    require_limits(limits)
    async with connected(endpoint, deadline=limits.deadline, concurrency=limits.concurrency) as client:
        work = Work(client, endpoint, log, judge, price, limits, announce, own_answers=own_answers)
        stopper.holds(work)
        rung = known_rung(log.path, endpoint)
        n_requests = len(work.waiting(make(rung or RUNGS[0])))
        if n_requests and (rung := rung or await work.climb(make)):
            await work.ask_all(work.waiting(make(rung)))
        asked = work.result(n_requests)
    if work.unsaved:
        raise RunError(_rescued(work.unsaved, asked.problem))
    return asked


class Work:
    """One run of requests to an endpoint: the state shared by all requests in progress."""

    def __init__(
        self, client: "Client", endpoint: Endpoint, log: RequestLog, judge: Judge, price: Price, limits: Limits,
        announce: Announce, *, own_answers: bool,
    ) -> None:  # fmt: skip
        self._client, self._endpoint, self._log, self._judge = client, endpoint, log, judge
        self._price, self._limits, self._announce, self._own_answers = price, limits, announce, own_answers
        self._budget = Budget(max_cost=limits.max_cost, max_requests=limits.max_requests)
        self._loop, self._stop, self._settled = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._pace = Pace(self._stop, limits.first_wait)
        self._stopped: Literal["", Stop] = ""
        self._problem = ""
        self._answered = self._failed = self._failed_in_row = self._bytes = 0
        self.unsaved: list[tuple[str, str]] = []

    def stop(self, why: Stop, problem: str = "") -> None:
        """Send nothing more; requests in progress are completed and stored."""
        if not self._stopped:
            self._stopped, self._problem = why, problem
        self._stop.set()

    def interrupt(self) -> None:
        """Stop, from any thread."""
        with suppress(RuntimeError):  # the loop has already ended
            self._loop.call_soon_threadsafe(self.stop, "interrupted")

    def waiting(self, requests: Sequence[Request]) -> list[Request]:
        """Return the requests that have no answer yet."""
        return unanswered(requests, self._log.path, self._endpoint.origin if self._own_answers else None)

    async def climb(self, make: Make) -> Rung | None:
        """Find the response format that the endpoint accepts, using requests from this run; None if it accepts none."""
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
                break  # the endpoint fails with every format
        self.stop("endpoint", refused)
        return None

    async def ask_all(self, requests: Sequence[Request]) -> None:
        """Send all requests, `concurrency` at a time."""
        self._log.add(("request", one.key, one.row) for one in requests)  # before any cost
        waiting = iter(requests)
        total = len(requests) + self._answered

        async def worker() -> None:
            for request in waiting:
                if self._stop.is_set():
                    return
                call = await self._try(request)
                if call is not None:
                    self._keep(request, call)
                progress = f"{self._answered} of {total} answered, {self._failed} failed, USD {self._budget.cost:.4f}"
                self._announce(f"asking {self._endpoint.model}: {progress}")

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._limits.concurrency, len(requests))):
                group.create_task(worker())

    def result(self, n_requests: int) -> Asked:
        """Return the result of `n_requests` requests."""
        left = n_requests - self._answered - self._failed
        return Asked(
            self._answered, self._failed, left, self._budget.requests, self._budget.cost, self._bytes, self._stopped,
            self._problem,
        )  # fmt: skip

    async def _try(self, request: Request, *, broken_tries: int | None = None) -> "Call | None":
        """Call until there is an answer, the run stops, or all tries are used; None if nothing was sent."""
        tries = 2 * self._limits.tries  # all of them for rate limits, half of them otherwise
        estimated = estimate(request.n_bytes, request.most_tokens, self._price)
        call = None
        for attempt in range(tries):
            await self._pace.pause_over()
            if not await self._reserved(estimated):
                return call
            self._bytes += request.n_bytes
            call = await self._client.call(request.body)
            self._budget.settle(estimated, self._cost(call, estimated))
            self._settled.set()
            if call.kind == "stop" or (call.wait or 0) > MOST_WAIT:
                wait = f"; the endpoint asks to wait {call.wait:.0f} s" if call.wait else ""
                self.stop("endpoint", call.problem + wait)
            broken = (call.status or 0) >= 500 and broken_tries is not None and attempt + 1 >= broken_tries
            used = call.status != TOO_MANY and attempt + 1 >= self._limits.tries
            if call.kind != "again" or broken or used or self._stop.is_set():
                return call
            await self._pace.wait(attempt, status=call.status, asked=call.wait)
        return call

    async def _reserved(self, estimated: Estimate) -> bool:
        """Reserve the cost of a call, and return whether the call may be made."""
        while not self._stop.is_set():
            if self._budget.reserve(estimated):
                return True
            if not self._budget.may_fit(estimated):
                self.stop("budget", "the budget is used up")
                return False
            self._settled.clear()
            await self._settled.wait()
        return False

    def _cost(self, call: "Call", estimated: Estimate) -> float:
        if call.kind == "answered":
            return spent(read_response(call.raw), estimated, self._price).cost
        return estimated.cost if call.may_cost else 0.0

    def _keep(self, request: Request, call: "Call") -> None:
        """Store the result of a request; if an answer cannot be written, keep it in memory and stop the run."""
        rows: list[tuple[Kind, str, dict[str, Any]]] = [("answer", request.key, self._row(request, call))]
        if call.kind == "answered":
            self._answered += 1
            self._failed_in_row = 0
        else:
            self._failed += 1
            self._failed_in_row += 1
        if self._failed_in_row >= MOST_FAILED:
            self.stop("endpoint", f"{MOST_FAILED} requests in a row failed; the last error: {call.problem}")
            if call.kind == "unfit":  # the format may no longer be accepted: the next run tests it again
                rows.append(("rung", rung_key(self._endpoint), {"rung": None}))
        try:
            self._log.add(rows)
        except RunError as error:
            if call.kind == "answered":
                self.unsaved.append((request.key, self._endpoint.without_key(call.raw)))
            self.stop("endpoint", str(error))

    def _row(self, request: Request, call: "Call") -> dict[str, Any]:
        """Return what is stored of a call; the answer is judged first, and then the key is removed from all text."""
        row: dict[str, Any] = {"outcome": "failed", "problem": call.problem}
        if call.kind == "answered":
            estimated = estimate(request.n_bytes, request.most_tokens, self._price)
            row = answer_row(self._judge(request, call.raw), call.raw, estimated, self._price)
        row |= {
            "endpoint": self._endpoint.origin, "status": call.status, "seconds": round(call.seconds, 3),
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "limit": request.most_tokens,
            "rung": request.rung, "raw": call.raw,
        }  # fmt: skip
        clean = self._endpoint.without_key
        return {name: clean(value) if isinstance(value, str) else value for name, value in row.items()}


def answer_row(judgement: Judgement, raw: str, estimated: Estimate, price: Price) -> dict[str, Any]:
    """Return what is stored of an answer: the judgment, the model that it names, tokens and cost."""
    response = read_response(raw)
    return judgement._asdict() | {"model": response.model} | spent(response, estimated, price)._asdict()


def raise_if_stopped(asked: Asked, endpoint: Endpoint) -> None:
    """Raise an error if the endpoint stopped the run; a budget or an interrupt is not an error."""
    if asked.stopped == "endpoint":
        msg = (
            f"{endpoint.host}: {asked.problem}. {asked.answered} answers are kept, {asked.failed + asked.left} "
            "requests have no answer. Fix the problem and run again: answered requests are not sent again."
        )
        raise EndpointError(msg)


def _rescued(unsaved: Sequence[tuple[str, str]], problem: str) -> str:
    """Write answers that the directory could not store to a temporary file, and return a message."""
    lines = []
    for key, raw in unsaved:
        try:
            body = json.loads(raw)
        except ValueError:  # taking a key out may have broken it
            body = raw
        lines.append(json.dumps({"custom_id": key, "response": {"status_code": 200, "body": body}}))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="g7tag-answers-", suffix=".jsonl", delete=False, encoding="utf-8"
        ) as file:
            file.writelines(f"{line}\n" for line in lines)
        return f"{problem}\n{len(unsaved)} answers were saved to {file.name}. Import them with --import-batch."
    except OSError as error:
        return f"{problem}\n{len(unsaved)} answers are lost: a temporary file cannot be written ({error.strerror})."
