"""Ask one model a list of questions: log the requests first, then report the result."""

import asyncio
import json
import signal
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from g7tag.codebook import Codebook
from g7tag.errors import Announce, EndpointError, RunError
from g7tag.llm.answers import Judgement, allowed, judge, read_response
from g7tag.llm.asking import Asked, Work, ask
from g7tag.llm.budget import Limits, Price, estimate
from g7tag.llm.endpoint import Endpoint
from g7tag.llm.prompt import Prompt, answer_schema
from g7tag.llm.request import RUNGS, Request, Rung, known_rung, make_request, unanswered
from g7tag.store import Kind, RequestLog, read_requests

T = TypeVar("T")
INTERRUPTED = 130


class Stopper:
    """Pass an interrupt on to the work in progress; if there is none yet, it is stopped when it begins."""

    def __init__(self) -> None:
        self._work: Work | None = None
        self.interrupted = False

    def holds(self, work: Work) -> None:
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
    found: list[T] = []
    failed: list[BaseException] = []
    done = threading.Event()  # an interrupted join would consider its thread ended

    def run() -> None:
        try:
            found.append(asyncio.run(make(stopper)))
        except BaseException as error:  # raised again below, in the waiting thread
            failed.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="g7tag review", daemon=True).start()
    while not done.is_set():
        try:
            done.wait()
        except KeyboardInterrupt:
            if stopper.interrupted:
                raise
            stopper.interrupt()
    if failed:
        raise failed[0]
    return found[0]


async def _with_signals(make: Callable[[Stopper], Coroutine[Any, Any, T]], stopper: Stopper) -> T:
    with _handled(asyncio.get_running_loop(), stopper):
        return await make(stopper)


@contextmanager
def _handled(loop: asyncio.AbstractEventLoop, stopper: Stopper) -> Iterator[None]:
    """Handle interrupts while the loop runs, if this thread and system support it."""
    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            loop.add_signal_handler(number, stopper.interrupt)
            before[number] = handler
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


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


def requests_of(questions: Sequence[Question], endpoint: Endpoint, rung: Rung) -> list[Request]:
    """Return the request of each question, in order."""
    return [
        make_request(one.prompt, endpoint, answer_schema(one.codebook), rung, repeat=one.repeat) for one in questions
    ]


def quote_price(
    questions: Sequence[Question], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return the maximum cost of asking, not counting retries; nothing is sent or written.

    Parameters
    ----------
    questions, endpoint, price
        The questions, the endpoint, and its price.
    path
        The directory's `reviews.sqlite`, which may already contain answers.
    own_answers
        Whether questions that only another endpoint has answered are asked as well.
    """
    requests = requests_of(questions, endpoint, known_rung(path, endpoint) or RUNGS[0])
    return quote_requests(requests, endpoint, price, path, own_answers=own_answers)


def quote_requests(
    requests: Sequence[Request], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return the maximum cost of requests, as `quote_price` does for questions."""
    waiting = unanswered(requests, path, endpoint.origin if own_answers else None)
    estimates = [estimate(one.n_bytes, endpoint.most_tokens, price) for one in waiting]
    n_questions = len({one.key for one in requests})  # equal sentences in the same item count once
    exported = {key for key, _ in read_requests(path, "export")}
    n_exported = sum(one.key in exported for one in waiting)
    return Quote(
        n_questions, len(waiting), n_exported, sum(one.n_bytes for one in waiting),
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
    """Ask all questions that have no answer yet; with `own_answers`, no answer from this endpoint.

    Returns
    -------
    tuple
        The result, and the request of each question.

    Raises
    ------
    RunError
        An answer could not be written; the message names the file that contains it instead.
    """
    books = {question.prompt.sha256: question.codebook for question in questions}
    labels = {name: allowed(book) for name, book in books.items()}

    def read(request: Request, raw: str) -> Judgement:
        return judge(read_response(raw), request.prompt.sentence, labels[request.prompt.sha256])

    log.add(_prompt_rows([one.prompt for one in questions], books))  # fails before any cost if it cannot be written
    asked, unsaved = await ask(
        lambda rung: requests_of(questions, endpoint, rung), endpoint,
        log=log, judge=read, price=price, limits=limits, announce=announce, on_work=stopper.holds,
        own_answers=own_answers,
    )  # fmt: skip
    raise_if_unsaved(unsaved, asked.problem)
    return asked, requests_of(questions, endpoint, known_rung(log.path, endpoint) or RUNGS[0])


def log_requests(log: RequestLog, requests: Sequence[Request], books: Mapping[str, Codebook]) -> None:
    """Log requests and their prompts, each once; `books` maps hashes of prompts to codebooks."""
    log.add(_prompt_rows([one.prompt for one in requests], books))
    log.add(("request", one.key, one.row) for one in requests)


def _prompt_rows(prompts: Sequence[Prompt], books: Mapping[str, Codebook]) -> list[tuple[Kind, str, Mapping[str, Any]]]:
    """Return the system message and answer schema of each prompt, by the prompt's hash."""
    own = {prompt.sha256: prompt for prompt in prompts}
    return [("prompt", name, _prompt_row(prompt, books[name])) for name, prompt in own.items()]


def _prompt_row(prompt: Prompt, codebook: Codebook) -> dict[str, Any]:
    return {"system": prompt.system, "schema": answer_schema(codebook), "codebook_version": codebook.version}


def raise_if_stopped(asked: Asked, endpoint: Endpoint) -> None:
    """Raise an error if the endpoint stopped the run; a budget or an interrupt is not an error.

    Raises
    ------
    EndpointError
        The endpoint cannot be used, or is temporarily unavailable.
    """
    if asked.stopped == "endpoint":
        msg = (
            f"{endpoint.host}: {asked.problem}. {asked.answered} answers are kept, {asked.failed + asked.left} "
            "requests have no answer. Fix the problem and run again: answered requests are not sent again."
        )
        raise EndpointError(msg)


def raise_if_unsaved(unsaved: Sequence[tuple[str, str]], problem: str) -> None:
    """Save answers that could not be stored to a temporary file."""
    if unsaved:
        raise RunError(_rescued(unsaved, problem))


def _rescued(unsaved: Sequence[tuple[str, str]], problem: str) -> str:
    """Write answers that the directory could not store to a temporary file, and return a message."""
    lines = [
        json.dumps({"custom_id": key, "response": {"status_code": 200, "body": _body(raw)}}) for key, raw in unsaved
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="g7tag-answers-", suffix=".jsonl", delete=False, encoding="utf-8"
        ) as file:
            file.write("".join(f"{line}\n" for line in lines))
        return f"{problem}\n{len(unsaved)} answers were saved to {file.name}. Import them with --import-batch."
    except OSError as error:
        return f"{problem}\n{len(unsaved)} answers are lost: a temporary file cannot be written ({error.strerror})."


def _body(raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw
