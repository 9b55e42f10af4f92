"""Read the proposals of models as a frame, and convert them to annotations."""

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
"""Parameters that limit the tokens of an answer."""
_NOTHING: Mapping[str, Any] = Judgement("invalid")._asdict() | {
    "model": "", "endpoint": "", "tokens_in": None, "tokens_out": None, "cost": None, "counted": None,
    "seconds": None, "at": "",
}  # fmt: skip


def log_asked(log: RequestLog, rows: Iterable[tuple[str, str, str, str, float, int]]) -> None:
    """Log why sentences are asked about: sentence_id, text_sha256, request key, why, probability, seed."""
    names = ("sentence_id", "text_sha256", "request_key", "why", "probability", "random_state")
    log.add(("asked", " ".join(map(str, row)), dict(zip(names, row, strict=True))) for row in rows)


def read_proposals(path: Path) -> pd.DataFrame:
    """Return the questions about sentences in a directory's file, with the models' answers.

    Parameters
    ----------
    path
        Path of `reviews.sqlite`; a missing file gives no rows.

    Returns
    -------
    pandas.DataFrame
        The proposals frame, in the order of asking. If there were several tries, the last one counts. The outcome is
        `waiting` if there is no answer yet.

    Raises
    ------
    RunError
        The file is not a valid `reviews.sqlite`.
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
        asked["probability"] = 1 - math.prod(1 - share for share in own.values())  # seeds are independent
        if place in rows:  # also asked for another reason
            why = ";".join(dict.fromkeys(f"{rows[place]['why']};{asked['why']}".split(";")))
            rows[place] |= {"why": why, "probability": asked["probability"]}
            continue
        request, answer = requests[place[1]], answers.get(place[1])
        given = {**_NOTHING, **answer} if answer else {**_NOTHING, "outcome": "waiting"}
        prompt = request["prompt_sha256"]
        details = {
            "model": request["model"], "prompt_sha256": prompt, "model_returned": given["model"],
            "parameters": json.dumps(request["parameters"], sort_keys=True),
            "codebook_version": prompts[prompt].get("codebook_version", ""),
        }  # fmt: skip
        rows[place] = {name: given.get(name) for name in PROPOSALS.columns} | asked | details
    return build(PROPOSALS, rows.values())


def last_answers(path: Path, endpoint: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the answer that counts for each request: the last one, or a failure if there is no other.

    Parameters
    ----------
    path
        The directory's `reviews.sqlite`.
    endpoint
        Scheme, host and port of the endpoint whose answers count. If omitted, all answers count.
    """
    answers: dict[str, dict[str, Any]] = {}
    for key, row in read_requests(path, "answer"):
        if endpoint is not None and row.get("endpoint") != endpoint:
            continue
        if row["outcome"] != "failed" or answers.get(key, row)["outcome"] == "failed":
            answers[key] = row
    return answers


def annotator_name(model: str, prompt_sha256: str, parameters: Mapping[str, Any], endpoint: str) -> str:
    """Return the annotator name of a model at an endpoint, with a prompt and parameters.

    A verdict applies to this combination only. The token limit is not part of the name, because an answer that is cut
    off is not a label.

    Examples
    --------
    >>> parameters = {"temperature": 0, "max_completion_tokens": 600}
    >>> annotator_name("gpt-5-mini", "0123456789abcdef", parameters, "https://api.openai.com")
    'gpt-5-mini at https://api.openai.com, prompt 01234567, temperature=0'
    """
    settings = [f"{name}={value}" for name, value in sorted(parameters.items()) if name not in TOKEN_LIMITS]
    return ", ".join([f"{model} at {endpoint}", f"prompt {prompt_sha256[:8]}", *settings])


def llm_annotations(proposals: pd.DataFrame, *, known: Collection[str]) -> pd.DataFrame:
    """Return the proposals that are labels as annotations.

    Parameters
    ----------
    proposals
        The proposals frame.
    known
        Ids of annotations that already exist; these are skipped.

    Returns
    -------
    pandas.DataFrame
        The annotations frame. A model's later label of a sentence supersedes its earlier one. No proposals give
        no rows.
    """
    rows = []
    last: dict[tuple[str, str, str], str] = {}
    for row in proposals[proposals["outcome"] == "ok"].to_dict("records"):
        annotator = annotator_name(row["model"], row["prompt_sha256"], json.loads(row["parameters"]), row["endpoint"])
        name = f"{row['sentence_id']}#llm#{row['request_key'][:16]}#{row['text_sha256'][:8]}"
        place = (annotator, row["sentence_id"], row["text_sha256"])  # a label of a different text supersedes nothing
        before, last[place] = last.get(place, ""), name
        label = {key: row[key] for key in ("sentence_id", "text_sha256", "dimensions", "strength", "act", "exclusion")}
        rows.append(
            label
            | {
                "annotation_id": name, "annotator": annotator, "kind": "llm", "contradicts": row["contradicts"],
                "confidence": row["confidence"], "note": f'{row["reason"]} ("{row["quote"]}")', "blind": False,
                "occasion": "label",
                "codebook_version": row["codebook_version"], "at": row["at"], "supersedes": before,
            }
        )  # fmt: skip
    return build(ANNOTATIONS, [row for row in rows if row["annotation_id"] not in known])
