"""Requests and their keys; a request whose key has an answer is not paid for twice."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from g7tag.errors import InputError
from g7tag.llm.endpoint import TOKEN_LIMITS, Endpoint
from g7tag.llm.prompt import Prompt
from g7tag.llm.proposals import last_answers
from g7tag.store import read_requests

Rung = Literal["json_schema", "json_object", "text"]
RUNGS: tuple[Rung, ...] = ("json_schema", "json_object", "text")
"""Response formats, strictest first; not every endpoint accepts each of them."""
BATCH_URL = "/v1/chat/completions"
MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
"""Maximum size of one batch file, as accepted by OpenAI."""


class Request(NamedTuple):
    """Request body with its key, size, prompt, response format and repeat."""

    key: str
    body: Mapping[str, Any]
    n_bytes: int
    prompt: Prompt
    rung: Rung
    repeat: int

    @property
    def most_tokens(self) -> int:
        """Maximum number of tokens of an answer."""
        return max(int(self.body[name]) for name in TOKEN_LIMITS if name in self.body)

    @property
    def row(self) -> dict[str, Any]:
        """What is stored of the request; system message and schema are stored once, by the prompt's hash."""
        return request_row(self.body, self.prompt, self.rung, repeat=self.repeat)


def make_request(
    prompt: Prompt, endpoint: Endpoint, schema: Mapping[str, Any], rung: Rung, *, repeat: int = 0
) -> Request:
    """Return the request that sends a prompt to an endpoint's model; each repeat of a prompt is one of its own."""
    forms: dict[Rung, dict[str, Any]] = {
        "json_schema": {
            "response_format": {
                "type": "json_schema", "json_schema": {"name": "label", "strict": True, "schema": schema},
            }
        },
        "json_object": {"response_format": {"type": "json_object"}},
        "text": {},
    }  # fmt: skip
    body = {
        "model": endpoint.model,
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        **endpoint.parameters,
        **forms[rung],
    }
    return Request(request_key(body, repeat=repeat), body, len(_canonical(body)), prompt, rung, repeat)


def request_row(body: Mapping[str, Any], prompt: Prompt, rung: Rung, *, repeat: int = 0) -> dict[str, Any]:
    """Return what is stored of a request, without the system message."""
    own = {"model", "messages", "response_format"}
    return {
        "model": body["model"], "prompt_sha256": prompt.sha256, "user": prompt.user, "sentence": prompt.sentence,
        "rung": rung, "repeat": repeat,
        "parameters": {name: value for name, value in body.items() if name not in own},
    }  # fmt: skip


def request_key(body: Mapping[str, Any], *, repeat: int = 0) -> str:
    """Return the SHA-256 of everything an answer depends on: model, prompt, parameters and repeat.

    The schema follows from the prompt, which names every field and label. The response format and the token limit are
    not part of the key, so that an answered question is not asked again for a server that needs another format. Nor is
    the URL.
    """
    own = {name: value for name, value in body.items() if name not in {"response_format", *TOKEN_LIMITS}}
    return hashlib.sha256(_canonical([own, repeat])).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def known_rung(path: Path, endpoint: Endpoint) -> Rung | None:
    """Return the response format that an endpoint accepts, from a directory's file; None if it is unknown."""
    found: list[Rung | None] = [row["rung"] for key, row in read_requests(path, "rung") if key == rung_key(endpoint)]
    return found[-1] if found else None


def rung_key(endpoint: Endpoint) -> str:
    """Return the key under which an endpoint's response format is stored."""
    return f"{endpoint.origin} {endpoint.model}"


def unanswered(requests: Sequence[Request], path: Path, endpoint: str | None = None) -> list[Request]:
    """Return the requests without an answer in a directory's file, each once.

    An answer that was cut off counts unless more tokens are allowed now. With an `endpoint` (scheme, host and port),
    only its own answers count.
    """
    done = last_answers(path, endpoint)
    return [
        request
        for key, request in {one.key: one for one in requests}.items()
        if key not in done
        or done[key]["outcome"] == "failed"
        or (done[key]["outcome"] == "truncated" and done[key].get("limit", 0) < request.most_tokens)
    ]


class Entry(NamedTuple):
    """Line of a batch's answers: request key, completion and problem ("" if there is none), and status."""

    key: str
    raw: str
    problem: str
    status: int | None


def batch_bytes(requests: Sequence[Request]) -> bytes:
    """Return the content of a batch file for requests."""
    lines = [
        json.dumps({"custom_id": one.key, "method": "POST", "url": BATCH_URL, "body": one.body}, ensure_ascii=False)
        for one in requests
    ]
    content = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    if len(lines) > MOST_REQUESTS or len(content) > MOST_BYTES:
        msg = (
            f"batch file: found {len(lines):,} requests and {len(content):,} bytes, expected at most "
            f"{MOST_REQUESTS:,} and {MOST_BYTES:,}. Select fewer sentences, and the others after these are answered."
        )
        raise InputError(msg)
    return content


def read_batch(path: Path) -> list[Entry]:
    """Return the lines of a batch's output or error file."""
    entries = []
    for where, values in _lines(path):
        key, response, error = (values.get(name) for name in ("custom_id", "response", "error"))
        if not isinstance(key, str):
            msg = f"{where}: custom_id is missing. Expected the output or error file of a batch."
            raise InputError(msg)
        answer = response if isinstance(response, dict) else {}
        body, status = answer.get("body"), answer.get("status_code")
        if error or status != 200 or not isinstance(body, dict):
            cause = error or (body or {}).get("error") or f"status {status!r}"
            message = cause.get("message") or cause.get("code") or cause if isinstance(cause, dict) else cause
            problem = " ".join(str(message).split())[:200]
            entries.append(Entry(key, "", problem, status if type(status) is int else None))
        else:
            entries.append(Entry(key, json.dumps(body), "", 200))
    return entries


def read_requests_of(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the request bodies of a batch's input file, by custom_id."""
    bodies: dict[str, Mapping[str, Any]] = {}
    for where, values in _lines(path):
        body = values.get("body")
        if not isinstance(values.get("custom_id"), str) or not isinstance(body, dict):
            msg = f"{where}: is not a request. Expected custom_id and body. Name the exported file."
            raise InputError(msg)
        bodies[values["custom_id"]] = body
    return bodies


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the place and the object of each line that is not blank."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                values = json.loads(line)
                if not isinstance(values, dict):
                    msg = f"{path}: line {number}: is not a JSON object. Expected the JSON Lines of a batch."
                    raise InputError(msg)
                yield f"{path}: line {number}", values
    except OSError as error:
        msg = f"{path}: cannot read the file ({error.strerror}). Check the path."
        raise InputError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{path}: is not a JSON Lines file ({error}). Expected the output or error file of a batch."
        raise InputError(msg) from error
