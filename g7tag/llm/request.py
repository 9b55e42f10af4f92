"""Requests, their keys, cost and limits; a request whose key has an answer is not paid for twice."""

import hashlib
import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from g7tag.errors import InputError
from g7tag.llm.endpoint import TOKEN_LIMITS, Endpoint
from g7tag.llm.prompt import Prompt
from g7tag.store import Kind, RequestLog, data_path, read_requests, read_table

Form = Literal["json_schema", "json_object", "text"]
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
"""Forms of an answer that a request asks for, strictest first; not every endpoint accepts each of them."""
BYTES_PER_TOKEN = 3
"""English text has about four; three makes estimates rather too high."""
_LAST = 5  # answers and failures: if all failed, the form may no longer be accepted


class Price(NamedTuple):
    """Price in US dollars per million input and output tokens."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the price of a number of tokens, in US dollars."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


class Cost(NamedTuple):
    """Tokens of a request and its answer, their cost in US dollars, and whether the endpoint counted them."""

    tokens_in: int
    tokens_out: int
    cost: float
    counted: bool = False


class Request(NamedTuple):
    """A prompt for an endpoint's model. `key` names everything that an answer depends on."""

    key: str
    prompt: Prompt
    endpoint: Endpoint

    def body(self, form: Form) -> dict[str, Any]:
        """Return what is sent."""
        schema = {"name": "label", "strict": True, "schema": _schema_of(self.prompt.answer)}
        forms: dict[Form, dict[str, Any]] = {
            "json_schema": {"response_format": {"type": "json_schema", "json_schema": schema}},
            "json_object": {"response_format": {"type": "json_object"}},
            "text": {},
        }
        return _content(self.prompt, self.endpoint) | forms[form]

    def n_bytes(self, form: Form = FORMS[0]) -> int:
        """Return the size of what is sent; the strictest form is the longest."""
        return len(_canonical(self.body(form)))

    def estimated(self, price: Price, form: Form = FORMS[0]) -> Cost:
        """Return the estimated maximum cost of a call."""
        tokens_in = math.ceil(self.n_bytes(form) / BYTES_PER_TOKEN)
        return Cost(tokens_in, self.most_tokens, price.of(tokens_in, self.most_tokens))

    @property
    def most_tokens(self) -> int:
        """Maximum number of tokens of an answer."""
        return max(int(self.endpoint.parameters[name]) for name in TOKEN_LIMITS if name in self.endpoint.parameters)


def requests_of(prompts: Sequence[Prompt], endpoint: Endpoint) -> list[Request]:
    """Return the request of each prompt, in order; its key is the SHA-256 of all that an answer depends on.

    The schema follows from the prompt, which names every field and label. The form and the token limit are not part of
    the key, so that an answered question is not asked again for a server that needs another form. Nor is the URL.
    """
    requests = []
    for one in prompts:
        own = {name: value for name, value in _content(one, endpoint).items() if name not in TOKEN_LIMITS}
        key = hashlib.sha256(_canonical([own, one.repeat])).hexdigest()
        requests.append(Request(key, one, endpoint))
    return requests


@lru_cache(maxsize=8)
def _schema_of(answer: type[Any]) -> dict[str, Any]:
    schema: dict[str, Any] = answer.model_json_schema()
    return schema


def _content(prompt: Prompt, endpoint: Endpoint) -> dict[str, Any]:
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    return {"model": endpoint.model, "messages": messages, **endpoint.parameters}


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def log_requests(log: RequestLog, requests: Sequence[Request]) -> None:
    """Log requests and their prompts, each once: system message and schema are stored by the prompt's hash."""
    rows: list[tuple[Kind, str, dict[str, Any]]] = []
    for sha256, one in {one.prompt.sha256: one.prompt for one in requests}.items():
        stored: dict[str, Any] = {
            "system": one.system,
            "schema": _schema_of(one.answer),
            "codebook_version": one.codebook_version,
        }
        rows.append(("prompt", sha256, stored))
    for key, prompt, endpoint in requests:
        stored = {
            "model": endpoint.model, "prompt_sha256": prompt.sha256, "user": prompt.user, "sentence": prompt.sentence,
            "repeat": prompt.repeat, "parameters": dict(endpoint.parameters),
        }  # fmt: skip
        rows.append(("request", key, stored))
    log.add(rows)


def known_form(path: Path, endpoint: Endpoint) -> Form | None:
    """Return the form in which an endpoint's model last answered, from a directory's file; None if that is unknown."""
    server = (endpoint.origin, endpoint.model)
    rows = [one.row for one in read_requests(path, "answer")]
    last = [row for row in rows if (row.get("endpoint"), row.get("asked_model")) == server][-_LAST:]
    forms: list[Form] = [row["form"] for row in last if row["outcome"] != "failed"]
    return forms[-1] if forms else None


def last_answers(path: Path, endpoint: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the answer that counts for each request: the last one, or a failure if there is no other.

    With an `endpoint` (scheme, host and port), only its own answers count.
    """
    answers: dict[str, dict[str, Any]] = {}
    for _, key, row in read_requests(path, "answer"):
        if endpoint is not None and row["endpoint"] != endpoint:
            continue
        if row["outcome"] != "failed" or answers.get(key, row)["outcome"] == "failed":
            answers[key] = row
    return answers


def unanswered(requests: Sequence[Request], path: Path, endpoint: str | None = None) -> list[Request]:
    """Return the requests without an answer in a directory's file, each once.

    An answer that was cut off counts unless more tokens are allowed now. `endpoint` is as in `last_answers`.
    """
    done = last_answers(path, endpoint)

    def is_done(key: str, most_tokens: int) -> bool:
        outcome = done[key]["outcome"] if key in done else "failed"
        return outcome not in {"failed", "truncated"} or (outcome == "truncated" and done[key]["limit"] >= most_tokens)

    return [one for key, one in {one.key: one for one in requests}.items() if not is_done(key, one.most_tokens)]


def read_price(model: str) -> Price:
    """Return a model's price from the table that comes with g7tag."""
    table = read_table(data_path("prompts/prices.csv")).set_index("model")
    if model not in table.index:
        msg = (
            f"price of {model!r}: not found. Give it with --price IN,OUT (USD per million input and output tokens; 0,0 "
            "is free)."
        )
        raise InputError(msg)
    return Price(*table.loc[model, ["input", "output"]].astype("float64"))


def parse_price(text: str) -> Price:
    """Return the price that --price gives: two numbers separated by a comma."""
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        first = second = math.nan
    if not (0 <= first < math.inf and 0 <= second < math.inf):
        expected = "two numbers from 0, such as 0.25,2: USD per million tokens in and out"
        msg = f"--price: found {text!r}, expected {expected}."
        raise InputError(msg)
    return Price(first, second)
