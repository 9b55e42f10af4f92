"""Export requests to batch files, and import the answers."""

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
from g7tag.report import outcomes_text
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
"""Reason for a proposal whose request was read from a file."""
BATCH = "batch"
"""Endpoint of imported answers whose requests were not exported from this directory."""
_FREE = Price(0.0, 0.0)


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
        rung = known_rung(file, plan.endpoint) or RUNGS[0]
        waiting = unanswered(requests_of(plan.questions, plan.endpoint, rung), file)
        content = batch_bytes(waiting)
        log_plan(log, plan)
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
    entries = [entry for path in answers for entry in read_batch(Path(path))]
    bodies = {} if requests is None else read_requests_of(Path(requests))
    file = inside(run_directory.path, REVIEWS_FILE)
    with reviewing(run_directory.path), request_log(file) as log:
        _add_requests(log, bodies, sentences)
        known = dict(read_requests(file, "request"))
        prompts = dict(read_requests(file, "prompt"))
        exported = {key: row.get("endpoint", BATCH) for key, row in read_requests(file, "export")}
        done = {key for key, row in last_answers(file).items() if row["outcome"] != "failed"}
        fresh: dict[str, Entry] = {}
        for one in entries:  # the first answer counts; a failure only if there is no answer
            if one.key in known and one.key not in done and (one.key not in fresh or fresh[one.key].problem):
                fresh[one.key] = one
        rows = {
            key: _answer(one, known[key], prompts[known[key]["prompt_sha256"]], book)
            | {"endpoint": exported.get(key, BATCH)}
            for key, one in fresh.items()
        }
        answered: list[tuple[Kind, str, Mapping[str, Any]]] = [("answer", key, row) for key, row in rows.items()]
        log.add(answered)
        proposals = keep_proposals(run_directory.path)
    failed = sum(row["outcome"] == "failed" for row in rows.values())
    unknown = sum(one.key not in known for one in entries)
    return Imported(len(rows) - failed, failed, len(entries) - len(rows) - unknown, unknown, proposals)


def _answer(entry: Entry, request: Mapping[str, Any], prompt: Mapping[str, Any], codebook: Codebook) -> dict[str, Any]:
    """Return the row for one answer, parsed with the labels of its prompt; its cost is unknown."""
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
        rows.append(("request", key, request_row(body, prompt, form["type"])))
        text = text_sha256(prompt.sentence)
        asked += [(sentence_id, text, key, RECORDED, 1.0, 0) for sentence_id in ids[prompt.sentence]]
    log.add(rows)
    log_asked(log, asked)


def _prompt_of(key: str, body: Mapping[str, Any]) -> Prompt:
    """Return the prompt of a request."""
    try:
        (system, user) = (str(message["content"]) for message in body["messages"])
        sentence = str(json.loads(user)["sentence"])
    except (KeyError, TypeError, ValueError) as error:
        msg = f"request {key[:12]}: is not a request of g7tag ({error!r}). Name the file that --export-batch wrote."
        raise InputError(msg) from error
    if request_key(body) != key:
        msg = f"request {key[:12]}: was changed since it was exported. Name the file that --export-batch wrote."
        raise InputError(msg)
    return Prompt(system, user, sentence)
