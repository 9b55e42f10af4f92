"""One call of an endpoint: sent once, bounded in time and size, and whatever comes back sorted into four kinds."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import httpx2
import openai

from g7tag.errors import EndpointError
from g7tag.llm.answers import shortened
from g7tag.llm.endpoint import DEFAULT_URL, Endpoint

MOST_BYTES = 1_000_000
"""Of an answer: a longer one is no answer of a model that was asked for a few hundred tokens."""
_FATAL = {401, 402, 403, 404, 407, 451}
_AGAIN = {408, 409, 425, 429}
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_NO_MODEL = ("model_not_found", "unknown_model", "invalid_model")
_HEADERS = {
    "host", "connection", "accept", "accept-encoding", "content-type", "content-length", "transfer-encoding",
    "user-agent", "x-stainless-raw-response",  # the last tells the package itself to hand back the answer as it is
}  # fmt: skip
_ACCOUNT = {"openai-organization", "openai-project"}  # of OpenAI, and for it alone
_ODD = (AssertionError, AttributeError, LookupError, TypeError, ValueError, OverflowError, httpx2.HTTPError)
_MOST_WORDS = 200  # characters of a problem
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class Call(NamedTuple):
    """What came of a call.

    `answered`: a completion; `again`: may be tried again, after `wait` seconds where the endpoint says so; `unfit`:
    this request is not taken; `stop`: no request will be. `may_cost`: it may be billed although no answer came.
    """

    kind: Literal["answered", "again", "unfit", "stop"]
    raw: str = ""
    problem: str = ""
    wait: float | None = None
    status: int | None = None
    may_cost: bool = False
    seconds: float = 0.0


class Client:
    """An open connection to an endpoint; see `connected`."""

    def __init__(self, endpoint: Endpoint, api: openai.AsyncOpenAI, *, deadline: float) -> None:
        self._endpoint, self._api, self._deadline = endpoint, api, deadline

    async def call(self, body: Mapping[str, Any]) -> Call:
        """Send a request once, and sort what comes back."""
        began = monotonic()
        try:
            async with asyncio.timeout(self._deadline):
                # raw: what the package would make of a wrong answer is lost, and so would be its text
                got = await self._api.chat.completions.with_raw_response.create(
                    model=body["model"], messages=body["messages"], extra_body=_rest(body)
                )
            call = _of_answer(got.http_response)
        except TimeoutError:
            call = Call("again", problem=f"no answer within {self._deadline:g} s", may_cost=True)
        except openai.APITimeoutError as error:
            unsent = isinstance(error.__cause__, _NEVER_SENT)
            call = Call("again", problem=f"no answer within {self._deadline:g} s", may_cost=not unsent)
        except openai.APIConnectionError as error:
            call = _of_connection(error)
        except openai.APIStatusError as error:
            call = _of_status(error)
        except _ODD as error:  # what the package makes of an answer that nobody foresaw
            call = Call("again", problem=f"{type(error).__name__}: {error}", may_cost=True)
        problem = self._endpoint.without_key(" ".join(call.problem.split()))
        return call._replace(problem=shortened(problem, _MOST_WORDS), seconds=monotonic() - began)


@asynccontextmanager
async def connected(endpoint: Endpoint, *, deadline: float, concurrency: int) -> AsyncIterator[Client]:
    """Connect to an endpoint: no redirects, no retries, answers of at most `MOST_BYTES`, no header that is not needed.

    Parameters
    ----------
    endpoint
        Where. One on this machine is asked past all proxies.
    deadline
        Seconds for a call, from sending to the last byte.
    concurrency
        Calls at once.
    """
    key = endpoint.key.get_secret_value()

    async def strip(request: httpx2.Request) -> None:
        kept = _HEADERS | (_ACCOUNT if endpoint.host == urlsplit(DEFAULT_URL).netloc else set())
        for name in set(request.headers) - kept:
            del request.headers[name]
        if key:
            request.headers["authorization"] = f"Bearer {key}"

    http = _http_client(
        follow_redirects=False, trust_env=not endpoint.is_local, timeout=deadline,
        limits=httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
        headers={"Accept-Encoding": "identity"}, event_hooks={"request": [strip], "response": [_bound]},
    )  # fmt: skip
    api = openai.AsyncOpenAI(
        api_key="none", base_url=endpoint.base_url, http_client=http, max_retries=0, timeout=deadline
    )
    async with api:
        yield Client(endpoint, api, deadline=deadline)


def _http_client(**settings: Any) -> httpx2.AsyncClient:
    """A client, if the environment's proxies and certificates can be used.

    Raises
    ------
    EndpointError
        They cannot.
    """
    try:
        return httpx2.AsyncClient(**settings)
    except (OSError, ValueError, ImportError) as error:
        msg = f"the connection cannot be made ({error}). Look at the variables of proxies and SSL_CERT_FILE."
        raise EndpointError(msg) from error


class _TooLarge(httpx2.DecodingError):
    """An answer is longer than `MOST_BYTES`, or is packed so that its length cannot be told."""


class _Bounded(httpx2.AsyncByteStream):
    """The bytes of an answer, up to `MOST_BYTES`."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                msg = f"the answer is longer than {MOST_BYTES:,} bytes"
                raise _TooLarge(msg)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    packed = response.headers.get("content-encoding", "identity")
    if packed != "identity" and response.status_code >= 400:
        del response.headers["content-encoding"]  # the status and its headers say enough
    elif packed != "identity":
        msg = f"the answer is packed ({packed[:40]!r}), which was not asked for"
        raise _TooLarge(msg)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


def _rest(body: Mapping[str, Any]) -> dict[str, Any]:
    """All but what the package asks for by name: it refuses names of parameters that it does not know."""
    return {name: value for name, value in body.items() if name not in {"model", "messages"}}


def _of_answer(response: httpx2.Response) -> Call:
    """An answer with HTTP 200: a completion, or something else that the status hides."""
    raw = response.content.decode("utf-8", "replace")
    values = _json(raw)
    if isinstance(values, dict) and "choices" in values:
        return Call("answered", raw=raw, status=response.status_code)
    told = f"HTTP {response.status_code} without a completion: {_error(values).get('message') or raw}"
    return Call("again", raw=raw, problem=told, status=response.status_code, may_cost=True)


def _of_connection(error: openai.APIConnectionError) -> Call:
    cause = error.__cause__
    told = f"{type(cause).__name__}: {cause}" if cause else "no connection"
    if isinstance(cause, _TooLarge):
        return Call("unfit", problem=str(cause), may_cost=True)
    if "CERTIFICATE_VERIFY_FAILED" in told or isinstance(cause, httpx2.UnsupportedProtocol):
        return Call("stop", problem=told)
    return Call("again", problem=told, may_cost=not isinstance(cause, _NEVER_SENT))


def _of_status(error: openai.APIStatusError) -> Call:
    text = error.response.content.decode("utf-8", "replace")
    status, values = error.status_code, _json(text)
    told = _error(values)
    words = {str(told.get(name)) for name in ("code", "type")}
    said = f"HTTP {status}: {told.get('message') or text}"
    call = Call("unfit", raw=text, problem=said, status=status)
    if status in _FATAL or words & {*_QUOTA, *_NO_MODEL}:
        return call._replace(kind="stop")
    if status < 400:
        return call._replace(kind="stop", problem=f"HTTP {status}: it sends on to another address; name that one")
    if status in _AGAIN or status >= 500:
        return call._replace(kind="again", wait=retry_after(error.response.headers, now=datetime.now(UTC)))
    return call


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return how many seconds an endpoint asks to wait, None where it does not say so or cannot be understood.

    Examples
    --------
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> retry_after({"retry-after": "1.5"}, now=now), retry_after({"retry-after-ms": "20"}, now=now)
    (1.5, 0.02)
    >>> retry_after({"retry-after": "Thu, 01 Jan 2026 00:01:00 GMT"}, now=now)
    60.0
    >>> [retry_after({"retry-after": text}, now=now) for text in ("soon", "-3", "nan", "")]
    [None, None, None, None]
    """
    for name, share in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = headers.get(name, "")
        try:
            seconds = float(text) / share
        except ValueError:
            try:
                at = parsedate_to_datetime(text)
                seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
            except (ValueError, TypeError, OverflowError):
                continue
        if seconds >= 0 and math.isfinite(seconds):
            return seconds
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _error(values: object) -> Mapping[str, Any]:
    """What an answer says of an error, in the form that most endpoints use."""
    told = values.get("error") if isinstance(values, dict) else None
    return told if isinstance(told, dict) else {"message": told} if isinstance(told, str) else {}
