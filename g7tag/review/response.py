"""What an endpoint sent: the parts of a chat completion that count."""

import json
from typing import NamedTuple

MOST_NAME = 200
"""Characters of a model's name that are kept."""


class Response(NamedTuple):
    """The parts of an endpoint's answer that count: what was written, why it ended, and tokens (None: unsaid)."""

    content: str
    finish_reason: str
    refusal: str
    problem: str
    model: str
    tokens_in: int | None
    tokens_out: int | None


def read_response(raw: str) -> Response:
    r"""Return the parts of a chat completion.

    Parameters
    ----------
    raw
        What the endpoint sent.

    Returns
    -------
    Response
        `problem` says what is missing in it, "" where nothing is. Numbers of tokens that are no whole numbers from 0
        are None.

    Examples
    --------
    >>> read_response('{"choices": [], "model": "m"}').problem
    'it has 0 choices, expected 1'
    """
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return Response("", "", "", "it is no JSON object", "", None, None)
    usage = values.get("usage")
    spent = [usage.get(name) if isinstance(usage, dict) else None for name in ("prompt_tokens", "completion_tokens")]
    tokens = [count if type(count) is int and count >= 0 else None for count in spent]
    model = values.get("model")
    rest = (shortened(model, MOST_NAME) if isinstance(model, str) else "", tokens[0], tokens[1])
    choices = values.get("choices")
    if not isinstance(choices, list) or len(choices) != 1:
        n = len(choices) if isinstance(choices, list) else 0
        return Response("", "", "", f"it has {n} choices, expected 1", *rest)
    choice = choices[0] if isinstance(choices[0], dict) else {}
    message = choice.get("message")
    if not isinstance(message, dict):
        return Response("", "", "", "its choice has no message", *rest)
    said = {name: message.get(name) or "" for name in ("content", "refusal")}
    if not all(isinstance(text, str) for text in said.values()):
        return Response("", "", "", "its message is no text", *rest)
    return Response(said["content"], str(choice.get("finish_reason")), said["refusal"], "", *rest)


def shortened(text: str, most: int) -> str:
    """Return text that can be stored: halves of characters, which JSON can spell, as question marks; `most` characters.

    Examples
    --------
    >>> shortened("smugglers", 4)
    'smug...'
    """
    kept = text.encode("utf-8", "replace").decode("utf-8")
    return kept if len(kept) <= most else f"{kept[:most]}..."
