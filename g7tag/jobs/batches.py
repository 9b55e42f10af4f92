"""Jobs with batch files: requests out, and answers in."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.jobs.opening import open_codebook, read_run
from g7tag.jobs.reviewing import ReviewPlan, keep_proposals, log_plan
from g7tag.llm import (
    RUNGS,
    TOKEN_LIMITS,
    Entry,
    Price,
    Prompt,
    allowed,
    allowed_by,
    answer_row,
    batch_bytes,
    estimate,
    judge,
    known_rung,
    last_answers,
    log_asked,
    read_batch,
    read_requests_of,
    read_response,
    request_key,
    request_row,
    requests_of,
    unanswered,
)
from g7tag.report import outcome_words
from g7tag.store import (
    REVIEWS_FILE,
    Kind,
    RequestLog,
    RunDirectory,
    check_output,
    inside,
    read_requests,
    request_log,
    reviewing,
    text_sha256,
    write_atomic,
)

RECORDED = "recorded"
"""Why a sentence has a proposal that came with a file of requests."""
BATCH = "batch"
"""The endpoint of answers that came with a file and whose requests were not exported for an endpoint here."""
_FREE = Price(0.0, 0.0)


class Imported(NamedTuple):
    """What answers came to: taken in, failed by their own account, answered before, and of no request known here."""

    taken: int
    failed: int
    known: int
    unknown: int
    proposals: pd.DataFrame

    def __str__(self) -> str:
        return outcome_words(self.proposals)


def export_batch(plan: ReviewPlan, path: Path | str, *, force: bool = False) -> int:
    """Write the requests of a plan that have no answer to a batch file (JSON Lines), and return how many these are.

    Parameters
    ----------
    plan
        What `plan_review` gives.
    path
        Ends in .jsonl. A file that is there is replaced only with `force`.

    Raises
    ------
    InputError
        They are more than a batch may have, or the file is there, has another ending or cannot be written.
    """
    check_output(Path(path), force=force, types=[".jsonl"])
    file = inside(plan.directory, REVIEWS_FILE)
    with reviewing(plan.directory), request_log(file) as log:
        rung = known_rung(file, plan.endpoint) or RUNGS[0]
        waiting = unanswered(requests_of(plan.questions, plan.endpoint, rung), file)
        content = batch_bytes(waiting)
        log_plan(log, plan)
        told = {"file": Path(path).name, "endpoint": plan.endpoint.origin}
        log.add(("export", one.key, told) for one in waiting)
        write_atomic(Path(path), content)
    return len(waiting)


def import_batch(
    directory: Path | str,
    answers: Sequence[Path | str],
    *,
    requests: Path | str | None = None,
    codebook: Codebook | None = None,
) -> Imported:
    """Take the answers of a batch into a run directory, joined by custom_id, and keep what they propose.

    Parameters
    ----------
    directory
        A run directory.
    answers
        Output and error files of batches (JSON Lines).
    requests
        The file that was exported, where the directory does not know its requests: they are taken in where their
        sentence stands in the run, so that recorded answers can be replayed.
    codebook
        The run's; None takes the one that comes with g7tag.

    Raises
    ------
    InputError
        A file is no such file, or a request was altered since it was exported; nothing is taken in.
    """
    book = codebook or open_codebook(directory=directory)
    run_directory = RunDirectory(Path(directory))
    sentences = read_run(run_directory, ["sentences"], book)["sentences"]
    entries = [entry for path in answers for entry in read_batch(Path(path))]
    bodies = {} if requests is None else read_requests_of(Path(requests))
    file = inside(run_directory.path, REVIEWS_FILE)
    with reviewing(run_directory.path), request_log(file) as log:
        _take_requests(log, bodies, sentences)
        known = dict(read_requests(file, "request"))
        prompts = dict(read_requests(file, "prompt"))
        exported = {key: row.get("endpoint", BATCH) for key, row in read_requests(file, "export")}
        done = {key for key, row in last_answers(file).items() if row["outcome"] != "failed"}
        fresh: dict[str, Entry] = {}
        for one in entries:  # the first answer to a request counts, a failure only where there is no answer
            if one.key in known and one.key not in done and (one.key not in fresh or fresh[one.key].problem):
                fresh[one.key] = one
        rows = {
            key: _answer(one, known[key], prompts[known[key]["prompt_sha256"]], book)
            | {"endpoint": exported.get(key, BATCH)}
            for key, one in fresh.items()
        }
        told: list[tuple[Kind, str, Mapping[str, Any]]] = [("answer", key, row) for key, row in rows.items()]
        log.add(told)
        proposals = keep_proposals(run_directory.path)
    failed = sum(row["outcome"] == "failed" for row in rows.values())
    unknown = sum(one.key not in known for one in entries)
    return Imported(len(rows) - failed, failed, len(entries) - len(rows) - unknown, unknown, proposals)


def _answer(entry: Entry, request: Mapping[str, Any], prompt: Mapping[str, Any], codebook: Codebook) -> dict[str, Any]:
    """What is kept of a line of a batch's answers, read by the labels of its prompt; the batch says what it cost."""
    about = {
        "status": entry.status, "seconds": None, "raw": entry.raw,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    if entry.problem:
        return {"outcome": "failed", "problem": entry.problem} | about
    parameters = request["parameters"]
    most = max(int(parameters.get(name, 0)) for name in TOKEN_LIMITS)
    labels = allowed_by(prompt["schema"]) if prompt["schema"] else allowed(codebook)
    judgement = judge(read_response(entry.raw), request["sentence"], labels)
    n_bytes = len(prompt["system"].encode()) + len(request["user"].encode()) + len(json.dumps(prompt["schema"]))
    row = answer_row(judgement, entry.raw, estimate(n_bytes, most, _FREE), _FREE)
    return row | about | {"cost": None, "limit": most}


def _take_requests(log: RequestLog, bodies: Mapping[str, Mapping[str, Any]], sentences: pd.DataFrame) -> None:
    """Write down requests of a file whose sentence is one of the run's."""
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
        rows.append(("request", key, request_row(body, prompt, form["type"])))
        text = text_sha256(prompt.sentence)
        asked += [(sentence_id, text, key, RECORDED, 1.0, 0) for sentence_id in ids[prompt.sentence]]
    log.add(rows)
    log_asked(log, asked)


def _prompt_of(key: str, body: Mapping[str, Any]) -> Prompt:
    """The prompt of a request."""
    try:
        (system, user) = (str(message["content"]) for message in body["messages"])
        sentence = str(json.loads(user)["sentence"])
    except (KeyError, TypeError, ValueError) as error:
        msg = f"request {key[:12]}: is none of g7tag's ({error!r}). Name the file that --export-batch wrote."
        raise InputError(msg) from error
    if request_key(body) != key:
        msg = f"request {key[:12]}: was altered since it was exported. Name the file that --export-batch wrote."
        raise InputError(msg)
    return Prompt(system, user, sentence)
