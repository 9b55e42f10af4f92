"""Ask a language model: review sentences of a run, describe a drafted codebook, and test the model in a trial."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from g7tag import llm, report
from g7tag.codebook import Codebook, Note
from g7tag.corpus import files_to_read, read_corpus
from g7tag.errors import Announce, InputError
from g7tag.jobs.opening import has_tagger, open_codebook
from g7tag.jobs.steps import labelled_sentences
from g7tag.labels import select_sentences
from g7tag.llm import trial
from g7tag.store import REVIEWS_FILE, inside, request_log, reviewing, text_sha256

if TYPE_CHECKING:
    from g7tag.jobs import DraftedCodebook, Run

DEFAULT_SELECT = ("doubtful", "flips")
DEFAULT_LIMITS, DEFAULT_SIZE, DEFAULT_BARS = llm.Limits(), trial.TrialSize(), trial.TrialBars()


class ReviewPlan(NamedTuple):
    """Plan of a review: the model, the price, the selected sentences, one prompt for each, and the maximum cost."""

    endpoint: llm.Endpoint
    price: llm.Price
    selected: pd.DataFrame
    prompts: list[llm.Prompt]
    quote: llm.Quote
    random_state: int = 0

    def __str__(self) -> str:
        return f"{report.selection_text(self.selected)}.\n{report.quote_text(self.quote, self.endpoint)}"


class Review(NamedTuple):
    """The proposals for the selected sentences, and a summary of the requests."""

    proposals: pd.DataFrame
    asked: llm.Asked


def plan_review(
    run: "Run", endpoint: llm.Endpoint, *, select: Sequence[str] | str = DEFAULT_SELECT, audit_share: float = 0.0,
    random_state: int = 0, corpus: Sequence[Path | str] = (), price: llm.Price | None = None,
) -> ReviewPlan:  # fmt: skip
    """Return what a model would be asked about the run's sentences, and its maximum cost; nothing is sent.

    Parameters
    ----------
    endpoint, price
        The model (see `g7tag.llm.open_endpoint`), and USD per million tokens; default: the table of g7tag.
    select, audit_share, random_state
        As for `label_queue`, but "audit" is only the random share, which is also drawn from all other sentences.
    corpus
        Labelled files from which examples are shown; default: those that come with g7tag.

    Raises
    ------
    InputError
        The run is not saved, or a selection or the price of the model is unknown.
    """
    known, files = price or llm.read_price(endpoint.model), [Path(path) for path in corpus]
    selected = select_sentences(
        run.tags, flips=run.flips, sentences=run.sentences, annotations=run.annotations,
        select=(select,) if isinstance(select, str) else tuple(select),
        deciding=set(run.sentences_behind()["sentence_id"]), audit_share=audit_share, random_state=random_state,
    )  # fmt: skip
    examples = llm.labelled_examples(files, run.codebook)
    contexts = llm.contexts_of(list(selected["sentence_id"]), labelled_sentences(run), examples)
    prompts = llm.make_prompts(contexts, run.codebook)
    quote = llm.quote_price(prompts, endpoint, known, inside(run.saved.path, REVIEWS_FILE))
    return ReviewPlan(endpoint, known, selected, prompts, quote, random_state)


async def areview(
    run: "Run", plan: ReviewPlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None,
    stopper: llm.Stopper | None = None,
) -> Review:  # fmt: skip
    """Ask a model as `review` does; await it."""
    held, directory = stopper or llm.Stopper(), run.saved.path
    file = inside(directory, REVIEWS_FILE)
    with reviewing(directory), request_log(file) as log:
        requests = llm.requests_of(plan.prompts, plan.endpoint)
        llm.log_requests(log, requests)
        asked_for = [
            {
                "sentence_id": row["sentence_id"], "text_sha256": text_sha256(one.prompt.sentence),
                "request_key": one.key, "why": row["why"], "probability": row["probability"],
                "random_state": plan.random_state,
            }
            for row, one in zip(plan.selected.to_dict("records"), requests, strict=True)
        ]  # fmt: skip
        log.add(("asked", " ".join(map(str, row.values())), row) for row in asked_for)
        asked = await llm.ask(
            plan.prompts, plan.endpoint, log=log, price=plan.price, limits=limits, announce=announce, stopper=held
        )
    llm.raise_if_stopped(asked, plan.endpoint)
    own = pd.DataFrame(asked_for, columns=["sentence_id", "text_sha256", "request_key"], dtype="str")
    return Review(llm.read_proposals(file).merge(own), asked)


def review(
    run: "Run", plan: ReviewPlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> Review:
    """Ask a model the questions of `plan_review`, and save its proposals; labels do not change. In Jupyter: `areview`.

    `limits` are the budget, deadline and number of simultaneous calls; `announce` is called after each answer.

    Raises
    ------
    EndpointError
        The endpoint cannot be used; earlier answers are kept, and are not asked for again.
    RunError
        Another g7tag process uses this directory, or an answer cannot be written.
    """
    return llm.run_interruptible(lambda stopper: areview(run, plan, limits=limits, announce=announce, stopper=stopper))


def take_verdicts(run: "Run", trial: Path | str) -> list[str]:
    """Copy the verdicts of a trial into the run directory, and return one line for each."""
    return llm.adopt_verdicts(Path(trial), inside(run.saved.path, REVIEWS_FILE))


def bars_of_counted(frames: Mapping[str, pd.DataFrame], directory: Path) -> list[str]:
    """Return one line for each model whose labels count in a scored directory: the bars that its trial passed."""
    chosen = frames["annotations"]["annotation_id"].isin(frames["labels"]["annotation_id"])
    models = frames["annotations"][chosen & (frames["annotations"]["kind"] == "llm")]
    return llm.bars_reached(inside(directory, REVIEWS_FILE), models["annotator"])


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
    return DescribePlan(draft, endpoint, price, prompts, llm.quote_price(prompts, endpoint, price, file), file)


def describe_draft(
    plan: DescribePlan, *, limits: llm.Limits = DEFAULT_LIMITS, announce: Announce = lambda _: None
) -> DescribedCodebook:
    """Ask a model for definitions, examples and settled cases."""

    async def ask(stopper: llm.Stopper) -> llm.Asked:
        with request_log(plan.file) as log:
            return await llm.ask(
                plan.prompts, plan.endpoint, log=log, price=plan.price, limits=limits, announce=announce,
                stopper=stopper,
            )  # fmt: skip

    asked = llm.run_interruptible(ask)
    model, rows = f"proposed by {plan.endpoint.model}", llm.last_answers(plan.file)
    dimensions, notes, problems = [], list(plan.draft.notes), []
    for dimension, request in zip(plan.draft.dimensions, llm.requests_of(plan.prompts, plan.endpoint), strict=True):
        row = rows.get(request.key, {"problem": "not asked"})
        if row.get("outcome") != "ok":
            problems.append(f"{dimension.label}: {row['problem']}")
            dimensions.append(dimension)
            continue
        answer = llm.Described.model_validate(llm.answer_of(llm.read_response(row["raw"]), llm.Described))
        words = {
            "definition": answer.definition, "examples": [*dimension.examples, *answer.examples],
            "taken_from": f"{dimension.taken_from} [definition and examples {model}]",
        }  # fmt: skip
        dimensions.append(dimension.model_copy(update=words))
        notes += [Note(case=note.case, decision=note.decision, draft=True, taken_from=model) for note in answer.notes]
    return DescribedCodebook(plan.draft._replace(dimensions=dimensions, notes=notes), asked, problems)


class TrialPlan(NamedTuple):
    """Plan of a trial: the directory, the model, the sample, the first questions, and the cost."""

    directory: Path
    codebook: Codebook
    endpoint: llm.Endpoint
    price: llm.Price
    sample: pd.DataFrame
    examples: pd.DataFrame
    questions: list[trial.Tried]
    size: trial.TrialSize
    quote: llm.Quote


class Trial(NamedTuple):
    """The result of a trial (None if it is incomplete), and summaries of the requests."""

    result: trial.TrialResult | None
    asked: list[llm.Asked]


def plan_trial(
    directory: Path | str, endpoint: llm.Endpoint, *, size: trial.TrialSize = DEFAULT_SIZE,
    corpus: Sequence[Path | str] = (), price: llm.Price | None = None, codebook: Codebook | Path | str | None = None,
) -> TrialPlan:  # fmt: skip
    """Return what a trial would ask, and its maximum cost; nothing is sent or written.

    Parameters
    ----------
    directory
        Directory for answers and the verdict; it may be a run directory. Its codebook is used if none is given.
    endpoint, price
        As for `Run.plan_review`.
    size
        Numbers of sentences and attacks.
    corpus
        Labelled files (default: those that come with g7tag). Questions are about the dev part; examples are from the
        train part.

    Raises
    ------
    InputError
        There are no labelled sentences in the dev part, or the price is unknown.
    """
    if size.sentences < 1 or size.varied < 0 or size.random_state < 0 or (size.attacks or 0) < 0:
        msg = f"{size}: expected at least one sentence, and no negative number."
        raise InputError(msg)
    book = open_codebook(codebook, directory)
    advice = "Name a labelled file with --corpus; `g7tag corpus add DIR -o FILE` writes the labels of a run."
    if not corpus and not has_tagger(book):
        msg = f"trial: g7tag has no labelled sentences for codebook {book.id!r}. {advice}"
        raise InputError(msg)
    files = [Path(path) for path in corpus]
    sample = trial.draw_sample(read_corpus(files_to_read(files, book), book), size)
    if sample.empty:
        msg = f"trial: the corpus has no sentences in the dev part. {advice}"
        raise InputError(msg)
    examples, known = llm.labelled_examples(files, book), price or llm.read_price(endpoint.model)
    first = trial.first_questions(sample, examples, book, size)
    attacks = trial.attack_questions(sample, examples, sample, book, size)  # the model's labels are not known yet
    prompts, file = [one.prompt for one in first + attacks], inside(Path(directory), REVIEWS_FILE)
    quote = llm.quote_price(prompts, endpoint, known, file, own_answers=True)
    return TrialPlan(Path(directory), book, endpoint, known, sample, examples, first, size, quote)


async def arun_trial(
    plan: TrialPlan, *, bars: trial.TrialBars = DEFAULT_BARS, limits: llm.Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None, stopper: llm.Stopper | None = None,
) -> Trial:  # fmt: skip
    """Test a model as `run_trial` does; await it."""
    if not (all(0 <= share <= 1 for share in (bars.alpha, bars.answered, bars.changed)) and bars.flips >= 0):
        found = ", ".join(f"{name} {value}" for name, value in bars._asdict().items())
        msg = f"bars: found {found}. Expected alpha, answered and changed from 0 to 1, and flips from 0."
        raise InputError(msg)
    held, endpoint, asked = stopper or llm.Stopper(), plan.endpoint, list[llm.Asked]()
    with reviewing(plan.directory), request_log(inside(plan.directory, REVIEWS_FILE)) as log:

        async def ask(tried: list[trial.Tried]) -> pd.DataFrame | None:
            """Ask questions with the rest of the budget; return the answers, None if some are missing."""
            prompts = [one.prompt for one in tried]
            rest = limits.without(sum(one.cost for one in asked), sum(one.calls for one in asked))
            done = await llm.ask(
                prompts, endpoint,
                log=log, price=plan.price, limits=rest, announce=announce, stopper=held, own_answers=True,
            )  # fmt: skip
            asked.append(done)
            llm.raise_if_stopped(done, endpoint)
            if done.stopped or done.failed:
                return None
            keys = [one.key for one in llm.requests_of(prompts, endpoint)]
            return trial.answers_of(tried, keys, llm.last_answers(log.path, endpoint.origin), plan.codebook)

        if (given := await ask(plan.questions)) is None:
            return Trial(None, asked)
        plain = given[given["ok"] & (given["part"] == trial.PLAIN)]
        attacks = trial.attack_questions(plan.sample, plan.examples, plain, plan.codebook, plan.size)
        if (under_attack := await ask(attacks)) is None:
            return Trial(None, asked)
        both = pd.concat([given, under_attack], ignore_index=True)
        result = trial.judge_trial(plan.questions + attacks, both, plan.sample, plan.codebook, bars)
        prompt = plan.questions[0].prompt.sha256
        row = result.values() | {
            "chances": result.chances, "bars": bars._asdict(), "model": endpoint.model, "endpoint": endpoint.origin,
            "prompt_sha256": prompt, "parameters": dict(endpoint.parameters), "attacks_version": llm.ATTACKS_VERSION,
            "codebook": f"{plan.codebook.id} {plan.codebook.version}", "size": plan.size._asdict(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        log.add([("verdict", llm.annotator_name(endpoint.model, prompt, endpoint.parameters, endpoint.origin), row)])
    return Trial(result, asked)


def run_trial(
    plan: TrialPlan,
    *,
    bars: trial.TrialBars = DEFAULT_BARS,
    limits: llm.Limits = DEFAULT_LIMITS,
    announce: Announce = lambda _: None,
) -> Trial:
    """Test a model with the questions of a plan, and save the verdict. In Jupyter: `arun_trial`.

    To pass, a model reaches the minimum alpha of `bars` and does not exceed the maximum number of flips. `limits` and
    `announce` are as in `Run.review`; a budget is for the whole trial. The result is None if a budget or an interrupt
    ended it, or if requests have no answer: run again to continue. Errors are those of `Run.review`.
    """
    return llm.run_interruptible(
        lambda stopper: arun_trial(plan, bars=bars, limits=limits, announce=announce, stopper=stopper)
    )
