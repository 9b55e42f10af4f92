"""Send a single request to an endpoint, within limits of time and size, and classify the response."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Literal, NamedTuple, cast

import httpx2
import openai

from g7tag.errors import EndpointError
from g7tag.llm.answers import read_json, storable
from g7tag.llm.endpoint import DEFAULT_URL, Endpoint

MOST_BYTES = 1_000_000
"""Maximum size of an answer; the model is asked for a few hundred tokens only."""
_FATAL = {401, 402, 403, 404, 407, 451}
_AGAIN = {408, 409, 425, 429}
_FATAL_CODES = {
    "insufficient_quota", "billing_hard_limit_reached", "billing_not_active",
    "model_not_found", "unknown_model", "invalid_model",
}  # fmt: skip
_HEADERS = {
    "host", "connection", "accept", "accept-encoding", "content-type", "content-length", "transfer-encoding",
    "user-agent", "x-stainless-raw-response",  # the last makes the package return the raw response
}  # fmt: skip
_ACCOUNT = {"openai-organization", "openai-project"}  # sent to OpenAI only
_ODD = (AssertionError, AttributeError, LookupError, TypeError, ValueError, OverflowError, httpx2.HTTPError)
_MOST_PROBLEM = 200  # characters of a problem
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class Call(NamedTuple):
    """Result of a call: an answer, or a problem that may pass, that is the request's own, or that stops the run."""

    kind: Literal["answered", "again", "unfit", "stop"]
    raw: str = ""
    problem: str = ""
    wait: float | None = None
    status: int | None = None
    may_cost: bool = False
    seconds: float = 0.0


class Client(NamedTuple):
    """Open connection to an endpoint; see `connected`."""

    endpoint: Endpoint
    api: openai.AsyncOpenAI
    deadline: float

    async def call(self, body: Mapping[str, Any]) -> Call:
        """Send a request once and classify the response."""
        began = monotonic()
        rest = {name: value for name, value in body.items() if name not in {"model", "messages"}}
        try:
            async with asyncio.timeout(self.deadline):  # the timeout of the package is for each read
                # raw: the package would discard the text of a malformed answer
                got = await self.api.chat.completions.with_raw_response.create(
                    model=body["model"], messages=body["messages"],
                    extra_body=rest,  # of the other parameters the package takes only those that it knows
                )  # fmt: skip
            call = _of_answer(got.http_response)
        except (TimeoutError, openai.APITimeoutError) as error:
            unsent = isinstance(error.__cause__, _NEVER_SENT)
            call = Call("again", problem=f"no answer within {self.deadline:g} s", may_cost=not unsent)
        except openai.APIConnectionError as error:
            call = _of_connection(error)
        except openai.APIStatusError as error:
            call = _of_status(error)
        except _ODD as error:  # raised by the package on malformed answers
            call = Call("again", problem=f"{type(error).__name__}: {error}", may_cost=True)
        problem = self.endpoint.without_key(" ".join(call.problem.split()))
        return call._replace(problem=storable(problem, _MOST_PROBLEM), seconds=monotonic() - began)


@asynccontextmanager
async def connected(endpoint: Endpoint, *, deadline: float, concurrency: int) -> AsyncIterator[Client]:
    """Connect to an endpoint without redirects, retries or unneeded headers; an answer has at most `MOST_BYTES`."""
    key = endpoint.key.get_secret_value()
    kept = _HEADERS | (_ACCOUNT if endpoint.base_url == DEFAULT_URL else set())

    async def strip(request: httpx2.Request) -> None:
        for name in set(request.headers) - kept:
            del request.headers[name]
        if key:
            request.headers["authorization"] = f"Bearer {key}"

    try:
        http = httpx2.AsyncClient(
            follow_redirects=False, trust_env=not endpoint.is_local, timeout=deadline,
            limits=httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            headers={"Accept-Encoding": "identity"}, event_hooks={"request": [strip], "response": [_bound]},
        )  # fmt: skip
    except (OSError, ValueError, ImportError) as error:
        msg = f"endpoint: cannot connect ({error}). Check the proxy variables and SSL_CERT_FILE."
        raise EndpointError(msg) from error
    api = openai.AsyncOpenAI(
        api_key="none", base_url=endpoint.base_url, http_client=http, max_retries=0, timeout=deadline
    )
    async with api:
        yield Client(endpoint, api, deadline)


class _TooLarge(httpx2.DecodingError):
    """An answer is longer than `MOST_BYTES`, or compressed so that its length is unknown."""


async def _bound(response: httpx2.Response) -> None:
    """Read an answer as it was sent, up to `MOST_BYTES`; of a compressed error, status and headers are enough."""
    encoding = response.headers.pop("content-encoding", "identity")
    if encoding != "identity" and response.status_code < 400:
        msg = f"the answer is compressed ({encoding[:40]!r}), which was not requested"
        raise _TooLarge(msg)
    stream, content = cast("httpx2.AsyncByteStream", response.stream), bytearray()
    async for chunk in stream:
        content += chunk
        if len(content) > MOST_BYTES:
            msg = f"the answer is longer than {MOST_BYTES:,} bytes"
            raise _TooLarge(msg)
    await stream.aclose()
    response.stream = httpx2.ByteStream(bytes(content))


def _of_answer(response: httpx2.Response) -> Call:
    """Classify a response with HTTP 200, which may be an error instead of a completion."""
    raw, status = response.content.decode("utf-8", "replace"), response.status_code
    values = read_json(raw)
    if isinstance(values, dict) and "choices" in values:
        return Call("answered", raw=raw, status=status)
    problem = f"HTTP {status} without a completion: {_error(values).get('message') or raw}"
    return Call("again", raw=raw, problem=problem, status=status, may_cost=True)


def _of_connection(error: openai.APIConnectionError) -> Call:
    cause = error.__cause__
    problem = f"{type(cause).__name__}: {cause}" if cause else "no connection"
    if isinstance(cause, _TooLarge):
        return Call("unfit", problem=str(cause), may_cost=True)
    if "CERTIFICATE_VERIFY_FAILED" in problem or isinstance(cause, httpx2.UnsupportedProtocol):
        return Call("stop", problem=problem)
    return Call("again", problem=problem, may_cost=not isinstance(cause, _NEVER_SENT))


def _of_status(error: openai.APIStatusError) -> Call:
    text, status = error.response.content.decode("utf-8", "replace"), error.status_code
    details = _error(read_json(text))
    codes = {str(details.get(name)) for name in ("code", "type")}
    call = Call("unfit", raw=text, problem=f"HTTP {status}: {details.get('message') or text}", status=status)
    if status in _FATAL or codes & _FATAL_CODES:
        return call._replace(kind="stop")
    if status < 400:
        return call._replace(kind="stop", problem=f"HTTP {status}: the endpoint redirects to another URL; use that one")
    if status in _AGAIN or status >= 500:
        return call._replace(kind="again", wait=retry_after(error.response.headers, now=datetime.now(UTC)))
    return call


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return the seconds that an endpoint asks to wait; None if it does not say."""
    text = headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
            seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if seconds >= 0 and math.isfinite(seconds) else None


def _error(values: object) -> Mapping[str, Any]:
    """Return the error in an answer, in the form that most endpoints use."""
    error = values.get("error") if isinstance(values, dict) else None
    return error if isinstance(error, dict) else {"message": error} if isinstance(error, str) else {}
