"""A session of questions to one model: what is asked is written down first, and what came of it is worded."""

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
    """Hands an interrupt to the work that is under way; nothing happens where there is none yet."""

    def __init__(self) -> None:
        self._work: Work | None = None
        self.told = False

    def holds(self, work: Work) -> None:
        """Take note of the work under way."""
        self._work = work
        if self.told:
            work.stop("interrupted")

    def interrupt(self) -> None:
        """Send nothing more and wait for what is under way; the second time end at once."""
        if self.told:
            raise SystemExit(INTERRUPTED)
        self.told = True
        if self._work is not None:
            self._work.interrupt()


async def patiently(made: Coroutine[Any, Any, T], stopper: Stopper) -> T:
    """Await, and where that is cancelled let what is under way come to its end first."""
    task = asyncio.ensure_future(made)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopper.interrupt()
        await task
        raise


def wait_for(made: Callable[[Stopper], Coroutine[Any, Any, T]]) -> T:
    """Return what a coroutine gives, also where a loop runs already (Jupyter): then in a thread of its own.

    The first Ctrl-C (or SIGTERM) stops sending and waits for what is under way, the second ends at once.
    """
    stopper = Stopper()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_with_signals(made, stopper))
    found: list[T] = []
    failed: list[BaseException] = []
    done = threading.Event()  # a join that is interrupted takes its thread for ended

    def run() -> None:
        try:
            found.append(asyncio.run(made(stopper)))
        except BaseException as error:  # raised again below, in the thread that waits
            failed.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="g7tag review", daemon=True).start()
    while not done.is_set():
        try:
            done.wait()
        except KeyboardInterrupt:
            if stopper.told:
                raise
            stopper.interrupt()
    if failed:
        raise failed[0]
    return found[0]


async def _with_signals(made: Callable[[Stopper], Coroutine[Any, Any, T]], stopper: Stopper) -> T:
    with _handled(asyncio.get_running_loop(), stopper):
        return await made(stopper)


@contextmanager
def _handled(loop: asyncio.AbstractEventLoop, stopper: Stopper) -> Iterator[None]:
    """Take interrupts while the loop runs, where this thread and system can."""
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
    """A prompt, the codebook that its answer is read by, and which repeat of it this is, from 0."""

    prompt: Prompt
    codebook: Codebook
    repeat: int = 0


class Quote(NamedTuple):
    """What asking would take: questions, those without an answer yet, and for these bytes, tokens and US dollars.

    `n_exported`: of those without an answer, how many a batch file was written of, whose answers may be under way.
    """

    n_questions: int
    n_waiting: int
    n_exported: int
    n_bytes: int
    tokens_in: int
    most_tokens_out: int
    most_cost: float


def requests_of(questions: Sequence[Question], endpoint: Endpoint, rung: Rung) -> list[Request]:
    """Return the request of each question, in their order."""
    return [
        make_request(one.prompt, endpoint, answer_schema(one.codebook), rung, repeat=one.repeat) for one in questions
    ]


def quote_price(
    questions: Sequence[Question], endpoint: Endpoint, price: Price, path: Path, *, own_answers: bool = False
) -> Quote:
    """Return what asking would take at most, apart from repeated tries; nothing is sent or written.

    Parameters
    ----------
    questions, endpoint, price
        What is asked, of whom, at which price.
    path
        The directory's file, where answers may be already.
    own_answers
        Whether what another endpoint has answered is asked as well.
    """
    requests = requests_of(questions, endpoint, known_rung(path, endpoint) or RUNGS[0])
    waiting = unanswered(requests, path, endpoint.origin if own_answers else None)
    told = [estimate(one.n_bytes, endpoint.most_tokens, price) for one in waiting]
    n_questions = len({one.key for one in requests})  # two sentences alike in the same item are one
    exported = {key for key, _ in read_requests(path, "export")}
    n_exported = sum(one.key in exported for one in waiting)
    return Quote(
        n_questions, len(waiting), n_exported, sum(one.n_bytes for one in waiting),
        sum(one.tokens_in for one in told), sum(one.tokens_out for one in told), sum(one.cost for one in told),
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
    """Ask all questions that have no answer yet; with `own_answers`, none of this endpoint.

    Returns
    -------
    tuple
        What came of it, and the request of each question.

    Raises
    ------
    RunError
        An answer could not be written; the message names the file where such answers are.
    """
    books = {question.prompt.sha256: question.codebook for question in questions}
    labels = {name: allowed(book) for name, book in books.items()}

    def read(request: Request, raw: str) -> Judgement:
        return judge(read_response(raw), request.prompt.sentence, labels[request.prompt.sha256])

    log.add(_prompt_rows([one.prompt for one in questions], books))  # what cannot be written fails before it costs
    asked, unsaved = await ask(
        lambda rung: requests_of(questions, endpoint, rung), endpoint,
        log=log, judge=read, price=price, limits=limits, announce=announce, on_work=stopper.holds,
        own_answers=own_answers,
    )  # fmt: skip
    if unsaved:
        raise RunError(_rescued(unsaved, asked.problem))
    return asked, requests_of(questions, endpoint, known_rung(log.path, endpoint) or RUNGS[0])


def log_requests(log: RequestLog, requests: Sequence[Request], books: Mapping[str, Codebook]) -> None:
    """Write down requests and their prompts, each once; `books` are the codebooks by the prompts' hashes."""
    log.add(_prompt_rows([one.prompt for one in requests], books))
    log.add(("request", one.key, one.row) for one in requests)


def _prompt_rows(prompts: Sequence[Prompt], books: Mapping[str, Codebook]) -> list[tuple[Kind, str, Mapping[str, Any]]]:
    """The system message and the schema of answers, by the prompt's hash."""
    own = {prompt.sha256: prompt for prompt in prompts}
    return [("prompt", name, _prompt_row(prompt, books[name])) for name, prompt in own.items()]


def _prompt_row(prompt: Prompt, codebook: Codebook) -> dict[str, Any]:
    return {"system": prompt.system, "schema": answer_schema(codebook), "codebook_version": codebook.version}


def require_end(asked: Asked, endpoint: Endpoint) -> None:
    """Raise what stopped the asking from outside; a budget or an interrupt is no error.

    Raises
    ------
    EndpointError
        The endpoint cannot be used, or not now.
    """
    if asked.stopped == "endpoint":
        msg = (
            f"{endpoint.host}: {asked.problem}. {asked.answered} answers are kept, {asked.failed + asked.left} "
            "requests have none. Mend what it says, and run again: what is answered is not asked again."
        )
        raise EndpointError(msg)


def _rescued(unsaved: Sequence[tuple[str, str]], problem: str) -> str:
    """Write answers that the directory could not take to a file elsewhere, and say where."""
    lines = [
        json.dumps({"custom_id": key, "response": {"status_code": 200, "body": _body(raw)}}) for key, raw in unsaved
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="g7tag-answers-", suffix=".jsonl", delete=False, encoding="utf-8"
        ) as file:
            file.write("".join(f"{line}\n" for line in lines))
        return f"{problem}\n{len(unsaved)} answers that came are in {file.name}: take them in with --import-batch."
    except OSError as error:
        return (
            f"{problem}\n{len(unsaved)} answers that came are lost, for no other place takes them ({error.strerror})."
        )


def _body(raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw
