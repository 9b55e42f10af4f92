"""A request as it is sent, and its key: what has an answer under it is never paid for twice."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from g7tag.review.asking.endpoint import Endpoint
from g7tag.review.prompt import Prompt
from g7tag.store import read_requests

Rung = Literal["json_schema", "json_object", "text"]
RUNGS: tuple[Rung, ...] = ("json_schema", "json_object", "text")
"""How an answer's form may be asked for, the surest first: not every endpoint takes each."""


class Request(NamedTuple):
    """What is sent, its key, its size, and the sentence that it asks about."""

    key: str
    body: Mapping[str, Any]
    n_bytes: int
    prompt: Prompt
    rung: Rung
    repeat: int

    @property
    def row(self) -> dict[str, Any]:
        """What is kept of the request; the system message and the schema are kept once, by the prompt's hash."""
        own = {"model", "messages", "response_format"}
        return {
            "model": self.body["model"], "prompt_sha256": self.prompt.sha256, "user": self.prompt.user,
            "sentence": self.prompt.sentence, "rung": self.rung, "repeat": self.repeat,
            "parameters": {name: value for name, value in self.body.items() if name not in own},
        }  # fmt: skip


def make_request(
    prompt: Prompt, endpoint: Endpoint, schema: Mapping[str, Any], rung: Rung, *, repeat: int = 0
) -> Request:
    """Return the request that asks an endpoint's model by a prompt.

    Parameters
    ----------
    prompt
        What is asked.
    endpoint
        Model and parameters; its address is no part of the key.
    schema
        Of the answer.
    rung
        How its form is asked for.
    repeat
        The same question once more, from 1: a request of its own.
    """
    body = {
        "model": endpoint.model,
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        **endpoint.parameters,
        **_response_format(rung, schema),
    }
    return Request(request_key(body, repeat=repeat), body, len(_canonical(body)), prompt, rung, repeat)


def request_key(body: Mapping[str, Any], *, repeat: int = 0) -> str:
    """Return the SHA-256 of all that an answer depends on: model, prompt, schema, parameters, and which repeat it is.

    Examples
    --------
    >>> request_key({"b": 1, "a": 2}) == request_key({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(_canonical([body, repeat])).hexdigest()


def known_rung(path: Path, endpoint: Endpoint) -> Rung | None:
    """Return how an endpoint is known, by a directory's file, to take a schema; None where it was not asked yet."""
    found = [row["rung"] for key, row in read_requests(path, "rung") if key == rung_key(endpoint)]
    return found[-1] if found else None


def rung_key(endpoint: Endpoint) -> str:
    """Return the key under which it is kept how an endpoint takes a schema."""
    return f"{endpoint.origin} {endpoint.model}"


def unanswered(requests: Sequence[Request], path: Path) -> list[Request]:
    """Return the requests of which a directory's file has no answer yet, each once."""
    done = {key for key, row in read_requests(path, "answer") if row["outcome"] != "failed"}
    return [request for key, request in {one.key: one for one in requests}.items() if key not in done]


def _response_format(rung: Rung, schema: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": "label", "strict": True, "schema": schema}
    formats: dict[Rung, dict[str, Any]] = {
        "json_schema": {"response_format": {"type": "json_schema", "json_schema": named}},
        "json_object": {"response_format": {"type": "json_object"}},
        "text": {},
    }
    return formats[rung]


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
