"""Endpoint of a model: its URL, key and parameters; the key is sent to this endpoint only."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from g7tag.errors import EndpointError, InputError
from g7tag.text import listed

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"
TOKEN_LIMITS = ("max_completion_tokens", "max_tokens")
"""Parameters that limit the tokens of an answer; servers on this machine know the second."""
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
        return f"{urlsplit(self.base_url).scheme}://{self.host}"

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine."""
        return _is_local(self.base_url)

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


def open_endpoint(
    model: str,
    *,
    base_url: str | None = None,
    key_variable: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    needs_key: bool = True,
) -> Endpoint:
    """Return a model at an OpenAI-compatible endpoint. The key is read from the environment and sent only there.

    Parameters
    ----------
    model
        Name of the model at the endpoint.
    base_url
        URL of the endpoint, up to /v1. Default: the variable OPENAI_BASE_URL, or OpenAI's URL.
    key_variable
        Name of the environment variable that contains the key. Default: OPENAI_API_KEY; on this machine, no key.
    parameters
        Sent with the prompt, in addition to temperature 0 and at most `MOST_TOKENS` tokens per answer, as
        `max_completion_tokens`, or as `max_tokens` on this machine. The value None removes a parameter.
    needs_key
        If False, the key may be missing, because nothing is sent yet.

    Raises
    ------
    EndpointError
        The key is missing or invalid, or the URL is neither https nor http on this machine.
    InputError
        The model has no name, a parameter cannot be set here or looks like a key, or there is no token limit.
    """
    url = (base_url or os.environ.get(URL_VARIABLE) or DEFAULT_URL).strip()
    _require_url(url)
    if not model.strip() or not model.isprintable():
        msg = "model: the name is empty or not printable. Name the model: --model NAME."
        raise InputError(msg)
    if key_variable and not _VARIABLE.fullmatch(key_variable):  # may be the key itself: do not show it
        msg = "key variable: expected the name of an environment variable in capitals, such as OPENAI_API_KEY."
        raise InputError(msg)
    local = _is_local(url)
    merged = {"temperature": 0, TOKEN_LIMITS[local]: MOST_TOKENS} | dict(parameters or {})
    settings = {name: value for name, value in sorted(merged.items()) if value is not None}
    _require_parameters(settings)
    variable, wanted = key_variable or KEY_VARIABLE, bool(key_variable) or not local
    key = os.environ.get(variable, "").strip() if wanted else ""
    if wanted and needs_key and not key:
        msg = (
            f"no key for {urlsplit(url).netloc}: the environment variable {variable} is not set. "
            "Set it, or use a model on this machine with --base-url."
        )
        raise EndpointError(msg)
    if not (key.isascii() and key.isprintable() and " " not in key):
        msg = f"key in {variable}: contains an invalid character, such as a space. Set it again."
        raise EndpointError(msg)
    return Endpoint(model.strip(), url.rstrip("/"), SecretStr(key), settings)


def read_parameters(words: Sequence[str]) -> dict[str, Any]:
    """Return parameters given as NAME=VALUE; a value that is not valid JSON is kept as text."""
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
    shown = f"base URL {url[:200]!r}"
    if parts.username or parts.password:
        msg = f"base URL of {host}: contains a user name or password. Remove it; the key is read from the environment."
    elif parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        msg = f"{shown}: expected a URL such as {DEFAULT_URL}, without a query."
    elif parts.scheme == "http" and not _is_local(url):
        msg = f"{shown}: http would send the key and the text unencrypted. Use https."
    else:
        return
    raise EndpointError(msg)


def _require_parameters(parameters: Mapping[str, Any]) -> None:
    names: list[str] = []
    try:
        text = json.dumps(parameters, allow_nan=False, ensure_ascii=False).encode("utf-8")
        json.loads(text, object_hook=names.extend)  # the names in all objects, however deep
    except (ValueError, TypeError, RecursionError) as error:
        msg = f"parameters: cannot be written as JSON ({error}). Expected numbers, strings, lists and objects."
        raise InputError(msg) from error
    limits = [parameters[name] for name in TOKEN_LIMITS if name in parameters]
    if own := _OWN & set(parameters):
        msg = f"parameter {listed(own)}: is set by g7tag. Remove it."
    elif secret := {name for name in names if _SECRET.fullmatch(name)} - _HARMLESS:
        msg = f"parameter {listed(secret)}: looks like a key. Keys are read from the environment only. Remove it."
    elif not limits or not all(type(limit) is int and 1 <= limit <= _MOST_TOKENS for limit in limits):
        expected = f"an integer from 1 for {' or '.join(TOKEN_LIMITS)}. It limits the cost of an answer."
        msg = f"parameters: expected {expected}"
    else:
        return
    raise InputError(msg)


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
