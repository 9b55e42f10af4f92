"""Which model is asked, where, with which key: the key goes to that place alone."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from g7tag.errors import EndpointError, InputError, listed
from g7tag.llm.proposals import TOKEN_LIMITS

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"
MOST_TOKENS = 600
"""Of an answer, unless told otherwise: several times what a label with its reason takes."""
_LEAST_KEY = 8  # characters: servers on one's own machine are given words such as "none", which stand in any answer
_MOST_TOKENS = 1_000_000
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_HARMLESS = {"prompt_cache_key"}
_SECRET = re.compile(r"(.*[_-])?(api_?key|key|secret|password|auth\w*|bearer|credentials?|token)", re.IGNORECASE)
_OWN = {"model", "messages", "response_format", "stream", "n", "tools", "functions", "tool_choice"}


class Endpoint(NamedTuple):
    """A model at an OpenAI-compatible endpoint; the key stays out of its representation."""

    model: str
    base_url: str
    key: SecretStr
    parameters: Mapping[str, Any]

    @property
    def host(self) -> str:
        """Host and port, as messages name the endpoint."""
        return urlsplit(self.base_url).netloc

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return _is_local(urlsplit(self.base_url).hostname or "")

    def without_key(self, text: str) -> str:
        """Return text with the key taken out, also where JSON spells it otherwise; a key of a few letters is none."""
        key = self.key.get_secret_value()
        if len(key) < _LEAST_KEY:
            return text
        if key not in text and "\\" in text:
            try:
                told = json.dumps(json.loads(text), ensure_ascii=False)
            except (ValueError, RecursionError):
                return text
            text = told if key in told else text
        return text.replace(key, "[key]")

    @property
    def most_tokens(self) -> int:
        """The greatest number of tokens of an answer."""
        return max(int(self.parameters[name]) for name in TOKEN_LIMITS if name in self.parameters)


def make_endpoint(
    model: str,
    *,
    base_url: str | None = None,
    key_variable: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    environ: Mapping[str, str],
    needs_key: bool = True,
) -> Endpoint:
    """Return an endpoint, if it can be asked.

    Parameters
    ----------
    model
        The model's name there.
    base_url
        Its address up to /v1; None takes the variable OPENAI_BASE_URL, else OpenAI's own.
    key_variable
        Name of the environment variable that holds the key; None takes OPENAI_API_KEY, and for an endpoint on this
        machine no key at all, so that none is sent where none is needed.
    parameters
        Sent beside the prompt. Unless told otherwise temperature 0 and at most `MOST_TOKENS` tokens of an answer, under
        the name that OpenAI knows, and on this machine under the one that most servers know (max_tokens). None as a
        value takes one out.
    environ
        The environment.
    needs_key
        False where nothing is sent yet.

    Raises
    ------
    EndpointError
        The key is missing, or the address is none that a key may be sent to: https, or http on this machine.
    InputError
        A parameter is none that can be set here, looks like a key, or no limit of the answer's tokens is left.
    """
    url = (base_url or environ.get(URL_VARIABLE) or DEFAULT_URL).strip()
    _require_address(url)
    if not model.strip() or not model.isprintable():
        msg = "model: has no name. Say which model to ask: --model NAME."
        raise InputError(msg)
    if key_variable and not _VARIABLE.fullmatch(key_variable):  # perhaps the key itself: not to be shown
        msg = "key variable: expected the name of an environment variable, in capitals, such as OPENAI_API_KEY."
        raise InputError(msg)
    local = _is_local(urlsplit(url).hostname or "")
    merged = {"temperature": 0, TOKEN_LIMITS[local]: MOST_TOKENS} | dict(parameters or {})
    settings = {name: value for name, value in sorted(merged.items()) if value is not None}
    _require_parameters(settings)
    key = environ.get(key_variable or KEY_VARIABLE, "").strip() if key_variable or not local else ""
    if not key and needs_key and (key_variable or not local):
        msg = (
            f"no key for {urlsplit(url).netloc}: the environment variable {key_variable or KEY_VARIABLE} is not set. "
            "Set it, or name a model on this machine with --base-url."
        )
        raise EndpointError(msg)
    if not (key.isascii() and key.isprintable() and " " not in key):
        msg = (
            f"key in {key_variable or KEY_VARIABLE}: holds a character that no key has, such as a space. Set it again."
        )
        raise EndpointError(msg)
    return Endpoint(model.strip(), url.rstrip("/"), SecretStr(key), settings)


def read_parameters(words: Sequence[str]) -> dict[str, Any]:
    """Return parameters given as NAME=VALUE, the values as JSON or, where they are none, as text.

    Raises
    ------
    InputError
        A word has no "=".

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


def _require_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        msg = f"base URL: cannot be read ({error}). Expected one such as {DEFAULT_URL}."
        raise EndpointError(msg) from error
    if parts.username or parts.password:
        msg = f"base URL of {host}: holds a name or password. Leave it out; the key comes from the environment."
        raise EndpointError(msg)
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        msg = f"base URL {url[:200]!r}: expected an address such as {DEFAULT_URL}, with no query."
        raise EndpointError(msg)
    if parts.scheme == "http" and not _is_local(host):
        msg = f"base URL {url[:200]!r}: plain http would send the key and the text unprotected. Use https."
        raise EndpointError(msg)


def _require_parameters(parameters: Mapping[str, Any]) -> None:
    try:
        names = {str(name) for name in _names_in(parameters)}
        json.dumps(parameters, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        msg = f"parameters: cannot be sent as JSON ({error}). Expected numbers, text, lists and tables."
        raise InputError(msg) from error
    own = _OWN & set(parameters)
    if own:
        msg = f"parameter {listed(own)}: g7tag sets it itself. Leave it out."
        raise InputError(msg)
    secret = {name for name in names if _SECRET.fullmatch(name)} - _HARMLESS
    if secret:
        msg = f"parameter {listed(secret)}: looks like a key, which may come from the environment alone. Leave it out."
        raise InputError(msg)
    limits = [parameters[name] for name in TOKEN_LIMITS if name in parameters]
    if not limits or not all(type(limit) is int and 1 <= limit <= _MOST_TOKENS for limit in limits):
        told = " or ".join(TOKEN_LIMITS)
        msg = f"parameters: expected a whole number from 1 for {told}: it limits what an answer costs."
        raise InputError(msg)


def _names_in(value: object) -> Iterator[object]:
    """Every name in a table and in the tables within it."""
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
