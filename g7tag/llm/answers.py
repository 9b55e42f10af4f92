"""What a model answered: read strictly, and never a label unless every rule of labels is kept."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from g7tag.codebook import Codebook
from g7tag.errors import listed

MOST_NAME = 200
"""Characters of a model's name that are kept."""


Outcome = Literal["ok", "invalid", "refused", "truncated"]
"""A label; an answer that is none; a refusal; an answer that was cut off. Only the first is ever counted."""
LEAST_QUOTE = 4
"""Letters and digits of a quote: a comma or a short word stands in almost every sentence and proves nothing."""
_LETTER = re.compile(r"[^\W_]")
_FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", flags=re.DOTALL)
_THOUGHT = re.compile(r"^\s*<think>.*?</think>", flags=re.DOTALL)
_SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_MOST_WORDS = 2000  # characters of a reason or a problem that are kept beside the raw answer


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


class Answer(BaseModel):
    """The fields that a model is asked for; anything more, less or of another type is no answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    quote: str
    reason: str
    dimensions: list[str]
    strength: str
    exclusion: str
    contradicts: bool
    confidence: Annotated[float, Field(ge=0, le=1)]


class Judgement(NamedTuple):
    """What became of a request: its outcome, the label ("" and none unless `ok`), and what is wrong ("" if nothing)."""

    outcome: Outcome
    dimensions: str = ""
    strength: str = "none"
    exclusion: str = ""
    contradicts: bool = False
    quote: str = ""
    reason: str = ""
    confidence: float | None = None
    problem: str = ""


_ENDINGS = {
    "content_filter": Judgement("refused", problem="a content filter stopped the answer"),
    "length": Judgement("truncated", problem="the answer was cut off at the limit of tokens"),
}


class Allowed(NamedTuple):
    """The keys that an answer may use, dimensions in their order."""

    dimensions: list[str]
    strengths: list[str]
    exclusions: list[str]


def allowed(codebook: Codebook) -> Allowed:
    """Return the labels of a codebook."""
    strengths = [*(level.key for level in codebook.strengths), "none"]
    return Allowed(codebook.dimension_keys, strengths, ["", *codebook.exclusion_keys])


def allowed_by(schema: Mapping[str, Any]) -> Allowed:
    """Return the labels that a schema of `answer_schema` allows."""
    fields = schema["properties"]
    enums = (fields["dimensions"]["items"], fields["strength"], fields["exclusion"])
    return Allowed(*(list(each["enum"]) for each in enums))


def judge(response: Response, sentence: str, labels: Allowed) -> Judgement:
    """Return what a response says of a sentence: a label, or why it is none.

    Parameters
    ----------
    response
        What `read_response` gives.
    sentence
        The sentence that was sent; the quote must stand in it (quotation marks, dashes and spaces aside).
    labels
        What may be chosen.
    """
    if response.refusal:
        return Judgement("refused", problem=_short(f"refused: {response.refusal}"))
    if response.finish_reason in _ENDINGS:
        return _ENDINGS[response.finish_reason]
    if response.problem or response.finish_reason != "stop":
        told = response.problem or f"it ended for the reason {response.finish_reason!r}, expected 'stop'"
        return Judgement("invalid", problem=_short(told))
    try:
        answer = _parsed(response.content)
    except ValueError as error:
        return Judgement("invalid", problem=_short(str(error)))
    broken = _broken_rules(answer, sentence, labels)
    if broken:
        return Judgement("invalid", problem=_short("; ".join(broken)))
    dimensions = ";".join(key for key in labels.dimensions if key in answer.dimensions)
    return Judgement(
        "ok", dimensions, answer.strength, answer.exclusion, answer.contradicts, _short(answer.quote),
        _short(answer.reason), answer.confidence,
    )  # fmt: skip


def _parsed(content: str) -> Answer:
    """The fields of what was written, without a code fence and thoughts around it.

    Raises
    ------
    ValueError
        It is no JSON object of these fields, has a field twice, or a number that is none.
    """
    text = _THOUGHT.sub("", content).strip()
    fenced = _FENCE.match(text)
    if not text:
        msg = "the answer is empty"
        raise ValueError(msg)
    try:
        values = json.loads(fenced[1] if fenced else text, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error
    try:
        return Answer.model_validate(values)
    except ValidationError as error:
        raise ValueError("; ".join(_causes(error))) from None


def _causes(error: ValidationError) -> list[str]:
    """What is wrong with the fields of an answer: those that lack, those that are none, and the first cause of each."""
    causes = error.errors(include_url=False, include_input=False, include_context=False)
    named = {
        word: [str(cause["loc"][0]) for cause in causes if cause["type"] == kind]
        for word, kind in (("missing", "missing"), ("unknown", "extra_forbidden"))
    }
    others = [cause for cause in causes if cause["type"] not in {"missing", "extra_forbidden"}]
    return [f"{word}: {listed(names, most=len(names))}" for word, names in named.items() if names] + [
        f"{'.'.join(map(str, cause['loc'])) or 'answer'}: {cause['msg']}" for cause in others
    ]


def _broken_rules(answer: Answer, sentence: str, labels: Allowed) -> list[str]:
    """Every rule of labels and quotes that an answer breaks."""
    unknown = set(answer.dimensions) - set(labels.dimensions)
    rules = {
        f"dimensions {listed(unknown)} are not in the codebook": bool(unknown),
        "a dimension stands twice": len(set(answer.dimensions)) < len(answer.dimensions),
        f"strength {answer.strength!r} is none of {', '.join(labels.strengths)}": answer.strength
        not in labels.strengths,
        f"exclusion {answer.exclusion!r} is not in the codebook": answer.exclusion not in labels.exclusions,
        "strength must be none exactly where there is no dimension": bool(answer.dimensions)
        == (answer.strength == "none"),
        "a sentence with a dimension has an exclusion": bool(answer.dimensions and answer.exclusion),
        "the quote is empty": not answer.quote.strip(),
        f"the quote has fewer than {LEAST_QUOTE} letters": bool(answer.quote.strip())
        and len(_LETTER.findall(answer.quote)) < LEAST_QUOTE,
        "the quote is not in the sentence": not _holds(_plain(sentence), _plain(answer.quote)),
        "confidence is no number": not math.isfinite(answer.confidence),
    }
    return [rule for rule, broken in rules.items() if broken]


def _plain(text: str) -> str:
    """Text with one kind of quotation marks, dashes and spaces."""
    return " ".join(text.translate(_SAME).split())


def _holds(sentence: str, quote: str) -> bool:
    """Whether a quote stands in a sentence and cuts no word."""
    starts, ends = (r"(?<!\w)" if quote[:1].isalnum() else ""), (r"(?!\w)" if quote[-1:].isalnum() else "")
    return re.search(f"{starts}{re.escape(quote)}{ends}", sentence) is not None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        msg = f"a field stands twice: {listed({name for name in names if names.count(name) > 1})}"
        raise ValueError(msg)
    return dict(pairs)


def _no_number(word: str) -> None:
    msg = f"{word} is no number"
    raise ValueError(msg)


def _short(text: str) -> str:
    return shortened(text, _MOST_WORDS)
