"""What models proposed: the log of requests as a frame, and its labels as annotations."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.frames import ANNOTATIONS, PROPOSALS, build
from g7tag.llm.answers import Judgement
from g7tag.store import RequestLog, read_requests

TOKEN_LIMITS = ("max_completion_tokens", "max_tokens")
"""Parameters that limit an answer."""
_NOTHING: Mapping[str, Any] = Judgement("invalid")._asdict() | {
    "model": "", "endpoint": "", "tokens_in": None, "tokens_out": None, "cost": None, "counted": None,
    "seconds": None, "at": "",
}  # fmt: skip


def log_asked(log: RequestLog, rows: Iterable[tuple[str, str, str, str, float, int]]) -> None:
    """Write down why sentences are asked about: sentence_id, text_sha256, request key, why, probability, seed."""
    names = ("sentence_id", "text_sha256", "request_key", "why", "probability", "random_state")
    log.add(("asked", " ".join(map(str, row)), dict(zip(names, row, strict=True))) for row in rows)


def read_proposals(path: Path) -> pd.DataFrame:
    """Return all that models were asked about sentences in a directory's file, and what they answered.

    Parameters
    ----------
    path
        `reviews.sqlite`; a missing file gives no rows.

    Returns
    -------
    pandas.DataFrame
        The proposals frame, in the order of asking. Where several tries were made the last one counts; `waiting` is
        what has no answer yet.

    Raises
    ------
    RunError
        The file is no such file.
    """
    requests, prompts = dict(read_requests(path, "request")), dict(read_requests(path, "prompt"))
    answers = last_answers(path)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    shares: dict[tuple[str, str], dict[int, float]] = {}
    for _, asked in read_requests(path, "asked"):
        place = (asked["sentence_id"], asked["request_key"])
        own = shares.setdefault(place, {})
        seed = asked.pop("random_state", 0)
        own[seed] = max(own.get(seed, 0.0), asked["probability"])
        asked["probability"] = 1 - math.prod(1 - share for share in own.values())  # other seeds draw by themselves
        if place in rows:  # asked for another reason, too
            why = ";".join(dict.fromkeys(f"{rows[place]['why']};{asked['why']}".split(";")))
            rows[place] |= {"why": why, "probability": asked["probability"]}
            continue
        request, answer = requests[place[1]], answers.get(place[1])
        given = {**_NOTHING, **answer} if answer else {**_NOTHING, "outcome": "waiting"}
        prompt = request["prompt_sha256"]
        told = {
            "model": request["model"], "prompt_sha256": prompt, "model_returned": given["model"],
            "parameters": json.dumps(request["parameters"], sort_keys=True),
            "codebook_version": prompts[prompt].get("codebook_version", ""),
        }  # fmt: skip
        rows[place] = {name: given.get(name) for name in PROPOSALS.columns} | asked | told
    return build(PROPOSALS, rows.values())


def last_answers(path: Path, endpoint: str | None = None) -> dict[str, dict[str, Any]]:
    """Return what counts as the answer of each request: the last one, a failure only where there is nothing else.

    Parameters
    ----------
    path
        A directory's file.
    endpoint
        Scheme, host and port of the one whose answers count; None counts those of all.
    """
    answers: dict[str, dict[str, Any]] = {}
    for key, row in read_requests(path, "answer"):
        if endpoint is not None and row.get("endpoint") != endpoint:
            continue
        if row["outcome"] != "failed" or answers.get(key, row)["outcome"] == "failed":
            answers[key] = row
    return answers


def annotator_name(model: str, prompt_sha256: str, parameters: Mapping[str, Any], endpoint: str) -> str:
    """Return how a model at an endpoint, with a prompt and parameters, signs: its verdict holds for these together.

    The limit of an answer's tokens is no part of it: an answer that it cuts off is no label.

    Examples
    --------
    >>> parameters = {"temperature": 0, "max_completion_tokens": 600}
    >>> annotator_name("gpt-5-mini", "0123456789abcdef", parameters, "https://api.openai.com")
    'gpt-5-mini at https://api.openai.com, prompt 01234567, temperature=0'
    """
    told = [f"{name}={value}" for name, value in sorted(parameters.items()) if name not in TOKEN_LIMITS]
    return ", ".join([f"{model} at {endpoint}", f"prompt {prompt_sha256[:8]}", *told])


def llm_annotations(proposals: pd.DataFrame, *, known: Collection[str]) -> pd.DataFrame:
    """Return the annotations of the proposals that are labels; anything else is none.

    Parameters
    ----------
    proposals
        The proposals frame.
    known
        Ids of annotations that are there already; they are left out.

    Returns
    -------
    pandas.DataFrame
        The annotations frame. A model's later word on a sentence supersedes its earlier one. No proposals give no rows.
    """
    rows = []
    last: dict[tuple[str, str, str], str] = {}
    for row in proposals[proposals["outcome"] == "ok"].to_dict("records"):
        annotator = annotator_name(row["model"], row["prompt_sha256"], json.loads(row["parameters"]), row["endpoint"])
        name = f"{row['sentence_id']}#llm#{row['request_key'][:16]}#{row['text_sha256'][:8]}"
        place = (annotator, row["sentence_id"], row["text_sha256"])  # a word on another text supersedes nothing
        before, last[place] = last.get(place, ""), name
        label = {key: row[key] for key in ("sentence_id", "text_sha256", "dimensions", "strength", "exclusion")}
        rows.append(
            label
            | {
                "annotation_id": name, "annotator": annotator, "kind": "llm", "contradicts": row["contradicts"],
                "confidence": row["confidence"], "note": f'{row["reason"]} ("{row["quote"]}")',
                "codebook_version": row["codebook_version"], "at": row["at"], "supersedes": before,
            }
        )  # fmt: skip
    return build(ANNOTATIONS, [row for row in rows if row["annotation_id"] not in known])
