"""Requests out to a batch file and answers in from one, in the form of OpenAI's batches, joined by custom_id."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from g7tag.errors import InputError
from g7tag.llm.request import Request

BATCH_URL = "/v1/chat/completions"
MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
"""Of one batch file, as OpenAI takes it."""


class Entry(NamedTuple):
    """A line of a batch's answers: whose, the completion, and what went wrong; each "" where there is none."""

    key: str
    raw: str
    problem: str
    status: int | None


def batch_bytes(requests: Sequence[Request]) -> bytes:
    """Return a batch file of requests.

    Raises
    ------
    InputError
        There are more requests, or more bytes, than a batch may have.
    """
    lines = [
        json.dumps({"custom_id": one.key, "method": "POST", "url": BATCH_URL, "body": one.body}, ensure_ascii=False)
        for one in requests
    ]
    content = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    if len(lines) > MOST_REQUESTS or len(content) > MOST_BYTES:
        msg = (
            f"{len(lines):,} requests of {len(content):,} bytes: a batch file has at most {MOST_REQUESTS:,} and "
            f"{MOST_BYTES:,}. Select fewer sentences, and the others after these are answered."
        )
        raise InputError(msg)
    return content


def read_batch(path: Path) -> list[Entry]:
    """Return the lines of a batch's output or error file.

    Raises
    ------
    InputError
        The file cannot be read, or a line is no JSON object with a custom_id.
    """
    return [_entry(values, f"{path}: line {number}") for number, values in _lines(path)]


def read_requests_of(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the bodies of a batch's input file by custom_id.

    Raises
    ------
    InputError
        The file cannot be read, or a line is no request.
    """
    bodies: dict[str, Mapping[str, Any]] = {}
    for number, values in _lines(path):
        body = values.get("body")
        if not isinstance(values.get("custom_id"), str) or not isinstance(body, dict):
            msg = f"{path}: line {number}: is no request: expected custom_id and body. Name the file that was exported."
            raise InputError(msg)
        bodies[values["custom_id"]] = body
    return bodies


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                values = json.loads(line)
                if not isinstance(values, dict):
                    msg = f"{path}: line {number}: is no JSON object. Expected the JSON Lines of a batch."
                    raise InputError(msg)
                yield number, values
    except OSError as error:
        msg = f"{path}: cannot read the file ({error.strerror}). Check the path."
        raise InputError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{path}: is no JSON Lines file ({error}). Expected the output or error file of a batch."
        raise InputError(msg) from error


def _entry(values: Mapping[str, Any], where: str) -> Entry:
    key = values.get("custom_id")
    if not isinstance(key, str):
        msg = f"{where}: has no custom_id. Expected the output or error file of a batch."
        raise InputError(msg)
    response, error = values.get("response"), values.get("error")
    body = response.get("body") if isinstance(response, dict) else None
    status = response.get("status_code") if isinstance(response, dict) else None
    if error or status != 200 or not isinstance(body, dict):
        told = error or (body or {}).get("error") or f"status {status!r}"
        words = told.get("message") or told.get("code") or told if isinstance(told, dict) else told
        return Entry(key, "", " ".join(str(words).split())[:200], status if type(status) is int else None)
    return Entry(key, json.dumps(body), "", 200)
