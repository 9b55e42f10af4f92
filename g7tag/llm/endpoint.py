"""Endpoint of a model: its URL, key and parameters; the key is sent to this endpoint only."""

import ipaddress
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from g7tag.errors import EndpointError, InputError
from g7tag.llm.proposals import TOKEN_LIMITS
from g7tag.text import listed

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"
MOST_TOKENS = 600
"""Default token limit of an answer: several times the length of a label with its reason."""
_LEAST_KEY = 8  # characters: local servers get keys such as "none", which may appear in any answer
_MOST_TOKENS = 1_000_000
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_HARMLESS = {"prompt_cache_key"}
_SECRET = re.compile(r"(.*[_-])?(api_?key|key|secret|password|auth\w*|bearer|credentials?|token)", re.IGNORECASE)
_OWN = {"model", "messages", "response_format", "stream", "n", "tools", "functions", "tool_choice"}


class Endpoint(NamedTuple):
    """Model at an OpenAI-compatible endpoint; its representation hides the key."""

    model: str
    base_url: str
    key: SecretStr
    parameters: Mapping[str, Any]

    @property
    def host(self) -> str:
        """Host and port, used in messages."""
        return urlsplit(self.base_url).netloc

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine."""
        return _is_local(urlsplit(self.base_url).hostname or "")

    def without_key(self, text: str) -> str:
        """Return text with the key removed, also if JSON escapes it; a key of fewer than 8 characters stays."""
        key = self.key.get_secret_value()
        if len(key) < _LEAST_KEY:
            return text
        if key not in text and "\\" in text:
            try:
                decoded = json.dumps(json.loads(text), ensure_ascii=False)
            except (ValueError, RecursionError):
                return text
            text = decoded if key in decoded else text
        return text.replace(key, "[key]")

    @property
    def most_tokens(self) -> int:
        """Maximum number of tokens of an answer."""
        return max(int(self.parameters[name]) for name in TOKEN_LIMITS if name in self.parameters)


def open_endpoint(
    model: str,
    *,
    base_url: str | None = None,
    key_variable: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    needs_key: bool = True,
) -> Endpoint:
    """Return a model at an OpenAI-compatible endpoint. The key is read from the environment and sent only there.

    Parameters
    ----------
    model
        Name of the model at the endpoint.
    base_url
        URL of the endpoint, up to /v1. If omitted: the variable OPENAI_BASE_URL, or OpenAI's URL if it is not set.
    key_variable
        Name of the environment variable that contains the key. If omitted: OPENAI_API_KEY, or no key for an endpoint
        on this machine.
    parameters
        Parameters sent with the prompt. Default: temperature 0 and at most `MOST_TOKENS` tokens per answer, as
        `max_completion_tokens`, or as `max_tokens` on this machine. The value None removes a parameter.
    environ
        Environment variables. Default: those of the process.
    needs_key
        If False, the key may be missing, because nothing is sent yet.

    Raises
    ------
    EndpointError
        The key is missing or invalid, or the URL is neither https nor http on this machine.
    InputError
        The model has no name, a parameter cannot be set here or looks like a key, or there is no token limit.
    """
    environ = os.environ if environ is None else environ
    url = (base_url or environ.get(URL_VARIABLE) or DEFAULT_URL).strip()
    _require_url(url)
    if not model.strip() or not model.isprintable():
        msg = "model: the name is empty or not printable. Name the model: --model NAME."
        raise InputError(msg)
    if key_variable and not _VARIABLE.fullmatch(key_variable):  # may be the key itself: do not show it
        msg = "key variable: expected the name of an environment variable in capitals, such as OPENAI_API_KEY."
        raise InputError(msg)
    local = _is_local(urlsplit(url).hostname or "")
    merged = {"temperature": 0, TOKEN_LIMITS[local]: MOST_TOKENS} | dict(parameters or {})
    settings = {name: value for name, value in sorted(merged.items()) if value is not None}
    _require_parameters(settings)
    key = environ.get(key_variable or KEY_VARIABLE, "").strip() if key_variable or not local else ""
    if not key and needs_key and (key_variable or not local):
        msg = (
            f"no key for {urlsplit(url).netloc}: the environment variable {key_variable or KEY_VARIABLE} is not set. "
            "Set it, or use a model on this machine with --base-url."
        )
        raise EndpointError(msg)
    if not (key.isascii() and key.isprintable() and " " not in key):
        msg = f"key in {key_variable or KEY_VARIABLE}: contains an invalid character, such as a space. Set it again."
        raise EndpointError(msg)
    return Endpoint(model.strip(), url.rstrip("/"), SecretStr(key), settings)


def read_parameters(words: Sequence[str]) -> dict[str, Any]:
    """Return parameters given as NAME=VALUE; a value that is not valid JSON is kept as text.

    Raises
    ------
    InputError
        A word has no name or no "=".

    Examples
    --------
    >>> read_parameters(["seed=3", "reasoning_effort=low", "temperature=null"])
    {'seed': 3, 'reasoning_effort': 'low', 'temperature': None}
    """
    values: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            msg = f"parameter {word!r}: expected NAME=VALUE, such as seed=3."
            raise InputError(msg)
        try:
            values[name] = json.loads(text)
        except ValueError:
            values[name] = text
    return values


def _require_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        msg = f"base URL: cannot be parsed ({error}). Expected a URL such as {DEFAULT_URL}."
        raise EndpointError(msg) from error
    if parts.username or parts.password:
        msg = f"base URL of {host}: contains a user name or password. Remove it; the key is read from the environment."
        raise EndpointError(msg)
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        msg = f"base URL {url[:200]!r}: expected a URL such as {DEFAULT_URL}, without a query."
        raise EndpointError(msg)
    if parts.scheme == "http" and not _is_local(host):
        msg = f"base URL {url[:200]!r}: http would send the key and the text unencrypted. Use https."
        raise EndpointError(msg)


def _require_parameters(parameters: Mapping[str, Any]) -> None:
    try:
        names = {str(name) for name in _names_in(parameters)}
        json.dumps(parameters, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        msg = f"parameters: cannot be written as JSON ({error}). Expected numbers, strings, lists and objects."
        raise InputError(msg) from error
    own = _OWN & set(parameters)
    if own:
        msg = f"parameter {listed(own)}: is set by g7tag. Remove it."
        raise InputError(msg)
    secret = {name for name in names if _SECRET.fullmatch(name)} - _HARMLESS
    if secret:
        msg = f"parameter {listed(secret)}: looks like a key. Keys are read from the environment only. Remove it."
        raise InputError(msg)
    limits = [parameters[name] for name in TOKEN_LIMITS if name in parameters]
    if not limits or not all(type(limit) is int and 1 <= limit <= _MOST_TOKENS for limit in limits):
        expected = " or ".join(TOKEN_LIMITS)
        msg = f"parameters: expected an integer from 1 for {expected}. It limits the cost of an answer."
        raise InputError(msg)


def _names_in(value: object) -> Iterator[object]:
    """Yield every name in a mapping and in the mappings and lists within it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names_in(inner)


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
