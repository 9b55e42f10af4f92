"""Ask a language model: review sentences now or as a batch, and describe the dimensions of a drafted codebook."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from g7tag import llm
from g7tag.codebook import Category, Codebook, Note
from g7tag.errors import Announce, InputError
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.jobs.pages import sentences_behind
from g7tag.labels import select_sentences
from g7tag.report import outcomes_text, quote_text, selection_text
from g7tag.store import (
    REVIEWS_FILE,
    Kind,
    RequestLog,
    RunDirectory,
    add_reviews,
    check_output,
    inside,
    read_requests,
    read_reviews,
    request_log,
    reviewing,
    text_sha256,
    write_atomic,
)

if TYPE_CHECKING:
    from g7tag.jobs.drafting import DraftedCodebook

DEFAULT_SELECT = ("doubtful", "flips")
DEFAULT_LIMITS = llm.Limits()
RECORDED = "recorded"
"""Reason for a proposal whose request was read from a file."""
BATCH = "batch"
"""Endpoint of imported answers whose requests were not exported from this directory."""
_FREE = llm.Price(0.0, 0.0)
_NEEDED = (
    "sentences", "items", "citations", "tags", "flips", "annotations", "labels", "evidence_matrix",
)  # fmt: skip


class Selection(NamedTuple):
    """Which sentences a model is asked about."""

    select: Sequence[str] = DEFAULT_SELECT
    audit_share: float = 0.0
    random_state: int = 0
    corpus: Sequence[Path | str] = ()


DEFAULT_SELECTION = Selection()


class ReviewPlan(NamedTuple):
    """Plan of a review: the directory, the selected sentences, one question for each, and the price."""

    directory: Path
    codebook: Codebook
    endpoint: llm.Endpoint
    price: llm.Price
    selected: pd.DataFrame
    questions: list[llm.Question]
    quote: llm.Quote
    random_state: int = 0

    def __str__(self) -> str:
        return f"{selection_text(self.selected)}.\n{quote_text(self.quote, self.endpoint)}"


def plan_review(
    directory: Path | str,
    endpoint: llm.Endpoint,
    *,
    selection: Selection = DEFAULT_SELECTION,
    price: llm.Price | None = None,
    codebook: Codebook | None = None,
) -> ReviewPlan:
    """Return what a review would ask, and its maximum cost; nothing is sent or written."""
    book = open_codebook(codebook, directory)
    run_directory = RunDirectory(Path(directory))
    frames = read_run(run_directory, _NEEDED, book)
    known = price or known_price(endpoint.model)
    selected = select_sentences(
        frames["tags"], flips=frames["flips"], sentences=frames["sentences"], annotations=frames["annotations"],
        select=selection.select, deciding=set(sentences_behind(frames, book)["sentence_id"]),
        audit_share=selection.audit_share, random_state=selection.random_state,
    )  # fmt: skip
    own = frames["sentences"][frames["sentences"]["commitment_id"] == book.commitment.id]
    examples = llm.labelled_examples([Path(path) for path in selection.corpus], book)
    prompts = llm.make_prompts(llm.contexts_of(list(selected["sentence_id"]), own, examples), book)
    questions = [llm.Question(prompt, book) for prompt in prompts]
    quote = llm.quote_price(questions, endpoint, known, inside(run_directory.path, REVIEWS_FILE))
    return ReviewPlan(run_directory.path, book, endpoint, known, selected, questions, quote, selection.random_state)


def known_price(model: str, prices: Path | str | None = None) -> llm.Price:
    """Return the price of a model from a table (default: the one that comes with g7tag)."""
    price = llm.read_price(model, None if prices is None else Path(prices))
    if price is None:
        msg = (
            f"price of {model!r}: not found. Give it with --price IN,OUT (USD per million input and output tokens; 0,0 "
            "is free), or name a table of prices with --prices."
        )
        raise InputError(msg)
    return price


class Review(NamedTuple):
    """The proposals for the selected sentences, and a summary of the requests."""

    proposals: pd.DataFrame
    asked: llm.Asked


async def areview_sentences(
    plan: ReviewPlan,
    *,
    limits: llm.Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
    stopper: llm.Stopper | None = None,
) -> Review:
    """Ask a model about sentences, and save its proposals; must be awaited, as in Jupyter."""
    held = stopper or llm.Stopper()
    with reviewing(plan.directory), request_log(inside(plan.directory, REVIEWS_FILE)) as log:
        _log_plan(log, plan)
        asking = llm.ask_questions(
            plan.questions, plan.endpoint, log=log, price=plan.price, limits=limits, announce=announce, stopper=held
        )
        try:
            asked, _ = await llm.await_shielded(asking, held)
        except asyncio.CancelledError:  # requests in progress have finished
            _keep_proposals(plan.directory)
            raise
        proposals = _keep_proposals(plan.directory)
    llm.raise_if_stopped(asked, plan.endpoint)
    return Review(_of_plan(proposals, plan), asked)


def review_sentences(
    plan: ReviewPlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> Review:
    """Ask a model about sentences, and save its proposals; see `areview_sentences`."""
    return llm.run_interruptible(
        lambda stopper: areview_sentences(plan, limits=limits, announce=announce, stopper=stopper)
    )


def _log_plan(log: RequestLog, plan: ReviewPlan) -> None:
    """Log the questions of a plan with their reasons; those without an answer become waiting proposals."""
    requests = llm.requests_of(plan.questions, plan.endpoint, llm.known_rung(log.path, plan.endpoint) or llm.RUNGS[0])
    llm.log_requests(log, requests, {one.prompt.sha256: one.codebook for one in plan.questions})
    asked = [
        (
            row["sentence_id"],
            text_sha256(one.prompt.sentence),
            one.key,
            row["why"],
            row["probability"],
            plan.random_state,
        )
        for row, one in zip(plan.selected.to_dict("records"), requests, strict=True)
    ]
    llm.log_asked(log, asked)


def _keep_proposals(directory: Path) -> pd.DataFrame:
    """Save new proposals as annotations in a directory, and return all its proposals."""
    file = inside(directory, REVIEWS_FILE)
    proposals = llm.read_proposals(file)
    annotations = llm.llm_annotations(proposals, known=set(read_reviews(file)["annotation_id"]))
    if len(annotations):
        add_reviews(file, annotations)
    return proposals


def _of_plan(proposals: pd.DataFrame, plan: ReviewPlan) -> pd.DataFrame:
    """Return the proposals for the plan's sentences with their current text, from its model and prompts."""
    prompts = [one.prompt for one in plan.questions]
    asked = {
        "sentence_id": plan.selected["sentence_id"].tolist(), "model": [plan.endpoint.model] * len(prompts),
        "text_sha256": [text_sha256(one.sentence) for one in prompts], "prompt_sha256": [one.sha256 for one in prompts],
    }  # fmt: skip
    return proposals.merge(pd.DataFrame(asked, dtype="str"))


def take_verdicts(trial: Path | str, directory: Path | str) -> list[str]:
    """Copy the verdicts of a trial directory into a run directory, and return one line for each."""
    run_directory = RunDirectory(Path(directory))
    return llm.adopt_verdicts(Path(trial), inside(run_directory.path, REVIEWS_FILE))


def bars_of_counted(frames: Mapping[str, pd.DataFrame], directory: Path) -> list[str]:
    """Return one line for each model whose labels count in a scored directory: the bars that its trial passed."""
    chosen = frames["annotations"]["annotation_id"].isin(frames["labels"]["annotation_id"])
    models = frames["annotations"][chosen & (frames["annotations"]["kind"] == "llm")]
    return llm.bars_reached(inside(directory, REVIEWS_FILE), models["annotator"])


class Imported(NamedTuple):
    """Result of an import: numbers of answers imported, failed, already known, and without a known request."""

    taken: int
    failed: int
    known: int
    unknown: int
    proposals: pd.DataFrame

    def __str__(self) -> str:
        return outcomes_text(self.proposals)


def export_batch(plan: ReviewPlan, path: Path | str, *, force: bool = False) -> int:
    """Write the requests of a plan that have no answer to a batch file (JSON Lines), and return their number."""
    check_output(Path(path), force=force, types=[".jsonl"])
    file = inside(plan.directory, REVIEWS_FILE)
    with reviewing(plan.directory), request_log(file) as log:
        rung = llm.known_rung(file, plan.endpoint) or llm.RUNGS[0]
        waiting = llm.unanswered(llm.requests_of(plan.questions, plan.endpoint, rung), file)
        content = llm.batch_bytes(waiting)
        _log_plan(log, plan)
        row = {"file": Path(path).name, "endpoint": plan.endpoint.origin}
        log.add(("export", one.key, row) for one in waiting)
        write_atomic(Path(path), content)
    return len(waiting)


def import_batch(
    directory: Path | str,
    answers: Sequence[Path | str],
    *,
    requests: Path | str | None = None,
    codebook: Codebook | None = None,
) -> Imported:
    """Import the answers of a batch into a run directory, matched by custom_id, and save their proposals."""
    book = open_codebook(codebook, directory)
    run_directory = RunDirectory(Path(directory))
    sentences = read_run(run_directory, ["sentences"], book)["sentences"]
    entries = [entry for path in answers for entry in llm.read_batch(Path(path))]
    bodies = {} if requests is None else llm.read_requests_of(Path(requests))
    file = inside(run_directory.path, REVIEWS_FILE)
    with reviewing(run_directory.path), request_log(file) as log:
        _add_requests(log, bodies, sentences)
        known = dict(read_requests(file, "request"))
        prompts = dict(read_requests(file, "prompt"))
        exported = {key: row.get("endpoint", BATCH) for key, row in read_requests(file, "export")}
        done = {key for key, row in llm.last_answers(file).items() if row["outcome"] != "failed"}
        fresh: dict[str, llm.Entry] = {}
        for one in entries:  # the first answer counts; a failure only if there is no answer
            if one.key in known and one.key not in done and (one.key not in fresh or fresh[one.key].problem):
                fresh[one.key] = one
        rows = {
            key: _answer(one, known[key], prompts[known[key]["prompt_sha256"]], book)
            | {"endpoint": exported.get(key, BATCH)}
            for key, one in fresh.items()
        }
        log.add(("answer", key, row) for key, row in rows.items())
        proposals = _keep_proposals(run_directory.path)
    failed = sum(row["outcome"] == "failed" for row in rows.values())
    unknown = sum(one.key not in known for one in entries)
    return Imported(len(rows) - failed, failed, len(entries) - len(rows) - unknown, unknown, proposals)


def _answer(
    entry: llm.Entry, request: Mapping[str, Any], prompt: Mapping[str, Any], codebook: Codebook
) -> dict[str, Any]:
    """Return the row for one answer, parsed with the labels of its prompt; its cost is unknown."""
    about = {
        "status": entry.status, "seconds": None, "raw": entry.raw,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    if entry.problem:
        return {"outcome": "failed", "problem": entry.problem} | about
    most = max(int(request["parameters"].get(name, 0)) for name in llm.TOKEN_LIMITS)
    labels = llm.allowed_by(prompt["schema"]) if prompt["schema"] else llm.allowed(codebook)
    judgement = llm.judge(llm.read_response(entry.raw), request["sentence"], labels)
    n_bytes = len(prompt["system"].encode()) + len(request["user"].encode()) + len(json.dumps(prompt["schema"]))
    row = llm.answer_row(judgement, entry.raw, llm.estimate(n_bytes, most, _FREE), _FREE)
    return row | about | {"cost": None, "limit": most}


def _add_requests(log: RequestLog, bodies: Mapping[str, Mapping[str, Any]], sentences: pd.DataFrame) -> None:
    """Log the requests of a file whose sentence is in the run."""
    ids = {text: rows["sentence_id"].tolist() for text, rows in sentences.groupby("text")}
    rows: list[tuple[Kind, str, Mapping[str, Any]]] = []
    asked = []
    for key, body in bodies.items():
        prompt = _prompt_of(key, body)
        if prompt.sentence not in ids:
            continue
        form = body.get("response_format", {"type": "text"})
        schema = form.get("json_schema", {}).get("schema", {})
        rows.append(("prompt", prompt.sha256, {"system": prompt.system, "schema": schema}))
        rows.append(("request", key, llm.request_row(body, prompt, form["type"])))
        text = text_sha256(prompt.sentence)
        asked += [(sentence_id, text, key, RECORDED, 1.0, 0) for sentence_id in ids[prompt.sentence]]
    log.add(rows)
    llm.log_asked(log, asked)


def _prompt_of(key: str, body: Mapping[str, Any]) -> llm.Prompt:
    """Return the prompt of a request."""
    try:
        (system, user) = (str(message["content"]) for message in body["messages"])
        sentence = str(json.loads(user)["sentence"])
    except (KeyError, TypeError, ValueError) as error:
        msg = f"request {key[:12]}: is not a request of g7tag ({error!r}). Name the file that --export-batch wrote."
        raise InputError(msg) from error
    if llm.request_key(body) != key:
        msg = f"request {key[:12]}: was changed since it was exported. Name the file that --export-batch wrote."
        raise InputError(msg)
    return llm.Prompt(system, user, sentence)


class DescribePlan(NamedTuple):
    """Plan of asking: the draft, one prompt for each dimension, the price, and the file that keeps the answers."""

    draft: "DraftedCodebook"
    endpoint: llm.Endpoint
    price: llm.Price
    prompts: list[llm.Prompt]
    quote: llm.Quote
    file: Path


class DescribedCodebook(NamedTuple):
    """The draft with what a model proposed, a summary of the requests, and one line for each unusable answer."""

    draft: "DraftedCodebook"
    asked: llm.Asked
    problems: list[str]


def plan_describing(draft: "DraftedCodebook", endpoint: llm.Endpoint, *, price: llm.Price, file: Path) -> DescribePlan:
    """Return what would be asked about a draft, and its maximum cost; nothing is sent or written."""
    prompts = llm.draft_prompts(draft.commitment.text, draft.guidelines, draft.dimensions)
    requests = llm.draft_requests(prompts, endpoint, llm.known_rung(file, endpoint) or llm.RUNGS[0])
    return DescribePlan(draft, endpoint, price, prompts, llm.quote_requests(requests, endpoint, price, file), file)


def describe_draft(
    plan: DescribePlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> DescribedCodebook:
    """Ask a model for definitions, examples and settled cases."""

    async def run(stopper: llm.Stopper) -> DescribedCodebook:
        with request_log(plan.file) as log:
            asking = llm.ask_descriptions(
                plan.prompts, plan.endpoint,
                log=log, price=plan.price, limits=limits, announce=announce, stopper=stopper,
            )  # fmt: skip
            asked, answers = await llm.await_shielded(asking, stopper)
        draft, model = plan.draft, f"proposed by {plan.endpoint.model}"
        notes = [
            Note(case=note.case, decision=note.decision, draft=True, taken_from=model)
            for answer, _ in answers
            for note in (answer.notes if answer else ())
        ]
        pairs = list(zip(draft.dimensions, answers, strict=True))
        dimensions = [_described(dimension, answer, model) for dimension, (answer, _) in pairs]
        problems = [f"{dimension.label}: {why}" for dimension, (_, why) in pairs if why]
        return DescribedCodebook(draft._replace(dimensions=dimensions, notes=notes), asked, problems)

    return llm.run_interruptible(run)


def _described(dimension: Category, answer: llm.Described | None, model: str) -> Category:
    if answer is None:
        return dimension
    words = {
        "definition": answer.definition, "examples": [*dimension.examples, *answer.examples],
        "taken_from": f"{dimension.taken_from} [definition and examples {model}]",
    }  # fmt: skip
    return dimension.model_copy(update=words)
