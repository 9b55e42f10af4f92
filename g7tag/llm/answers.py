"""Parse the answers of models strictly: an answer is a label only if it follows all rules."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from g7tag.codebook import NO_DIMENSION, Codebook
from g7tag.text import listed

MOST_NAME = 200
"""Maximum characters stored of a model's name."""


Outcome = Literal["ok", "invalid", "refused", "truncated"]
"""A label; an answer that is not a label; a refusal; an answer that was cut off. Only labels count."""
LEAST_QUOTE = 4
"""Minimum letters and digits of a quote: a comma or a short word appears in almost every sentence."""
_LETTER = re.compile(r"[^\W_]")
_FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", flags=re.DOTALL)
_THOUGHT = re.compile(r"^\s*<think>.*?</think>", flags=re.DOTALL)
_SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_MOST_TEXT = 2000  # characters of a reason or a problem that are stored with the raw answer


class Response(NamedTuple):
    """Parts of an endpoint's answer: text, finish reason, refusal, problem, model, and tokens (None: not reported)."""

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
        Body of the endpoint's response.

    Returns
    -------
    Response
        `problem` says what is missing, or is "". Token counts that are not integers from 0 are None.

    Examples
    --------
    >>> read_response('{"choices": [], "model": "m"}').problem
    'the answer has 0 choices, expected 1'
    """
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return Response("", "", "", "the answer is not a JSON object", "", None, None)
    usage = values.get("usage")
    spent = [usage.get(name) if isinstance(usage, dict) else None for name in ("prompt_tokens", "completion_tokens")]
    tokens = [count if type(count) is int and count >= 0 else None for count in spent]
    model = values.get("model")
    rest = (shortened(model, MOST_NAME) if isinstance(model, str) else "", tokens[0], tokens[1])
    choices = values.get("choices")
    if not isinstance(choices, list) or len(choices) != 1:
        n = len(choices) if isinstance(choices, list) else 0
        return Response("", "", "", f"the answer has {n} choices, expected 1", *rest)
    choice = choices[0] if isinstance(choices[0], dict) else {}
    message = choice.get("message")
    if not isinstance(message, dict):
        return Response("", "", "", "the choice has no message", *rest)
    texts = {name: message.get(name) or "" for name in ("content", "refusal")}
    if not all(isinstance(text, str) for text in texts.values()):
        return Response("", "", "", "the message is not text", *rest)
    return Response(texts["content"], str(choice.get("finish_reason")), texts["refusal"], "", *rest)


def shortened(text: str, most: int) -> str:
    """Return text that can be stored: at most `most` characters, with lone surrogates replaced by question marks."""
    kept = text.encode("utf-8", "replace").decode("utf-8")
    return kept if len(kept) <= most else f"{kept[:most]}..."


class Answer(BaseModel):
    """Fields that a model must return; missing, additional or wrongly typed fields make an answer invalid."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    quote: str
    reason: str
    dimensions: list[str]
    strength: str
    act: str = ""
    exclusion: str
    contradicts: bool
    confidence: Annotated[float, Field(ge=0, le=1)]


Fields = TypeVar("Fields", bound=BaseModel)


class Judgement(NamedTuple):
    """Result of a request: outcome, label ("" and none unless `ok`), and problem ("" if there is none)."""

    outcome: Outcome
    dimensions: str = ""
    strength: str = "none"
    act: str = ""
    exclusion: str = ""
    contradicts: bool = False
    quote: str = ""
    reason: str = ""
    confidence: float | None = None
    problem: str = ""


_ENDINGS = {
    "content_filter": Judgement("refused", problem="a content filter stopped the answer"),
    "length": Judgement("truncated", problem="the answer was cut off at the token limit"),
}


class Allowed(NamedTuple):
    """Keys that an answer may use; dimensions are in codebook order. Requests of older versions have no acts."""

    dimensions: list[str]
    strengths: list[str]
    exclusions: list[str]
    acts: list[str]


def allowed(codebook: Codebook) -> Allowed:
    """Return the label keys of a codebook."""
    strengths = [*(level.key for level in codebook.strengths), "none"]
    acts = [act.key for act in codebook.acts]
    return Allowed(codebook.dimension_keys, strengths, ["", *codebook.exclusion_keys], acts)


def allowed_by(schema: Mapping[str, Any]) -> Allowed:
    """Return the label keys that a schema from `answer_schema` allows."""
    fields = schema["properties"]
    enums = (fields["dimensions"]["items"], fields["strength"], fields["exclusion"], fields.get("act", {"enum": []}))
    return Allowed(*(list(each["enum"]) for each in enums))


def judge(response: Response, sentence: str, labels: Allowed) -> Judgement:
    """Return the label that a response gives a sentence, or why there is none.

    Parameters
    ----------
    response
        Output of `read_response`.
    sentence
        The sentence that was sent. It must contain the quote; quotation marks, dashes and spaces may differ.
    labels
        The keys that an answer may use.
    """
    if ended := without_answer(response):
        return ended
    try:
        answer = parsed_as(Answer, response.content)
    except ValueError as error:
        return Judgement("invalid", problem=_short(str(error)))
    broken = _broken_rules(answer, sentence, labels)
    if broken:
        return Judgement("invalid", problem=_short("; ".join(broken)))
    dimensions = ";".join(key for key in labels.dimensions if key in answer.dimensions)
    return Judgement(
        "ok", dimensions, answer.strength, answer.act, answer.exclusion, answer.contradicts, _short(answer.quote),
        _short(answer.reason), answer.confidence,
    )  # fmt: skip


def without_answer(response: Response) -> Judgement | None:
    """Return why a response has no complete answer; None if it has one."""
    if response.refusal:
        return Judgement("refused", problem=_short(f"refused: {response.refusal}"))
    if response.finish_reason in _ENDINGS:
        return _ENDINGS[response.finish_reason]
    if response.problem or response.finish_reason != "stop":
        problem = response.problem or f"the finish reason is {response.finish_reason!r}, expected 'stop'"
        return Judgement("invalid", problem=_short(problem))
    return None


def parsed_as(model: type[Fields], content: str) -> Fields:
    """Return the fields of an answer, ignoring a code fence and thoughts around it."""
    text = _THOUGHT.sub("", content).strip()
    fenced = _FENCE.match(text)
    if not text:
        msg = "the answer is empty"
        raise ValueError(msg)
    try:
        values = json.loads(fenced[1] if fenced else text, object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError as error:
        msg = "the answer is nested too deeply"
        raise ValueError(msg) from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ValueError("; ".join(_causes(error))) from None


def _causes(error: ValidationError) -> list[str]:
    """Return what is wrong with the fields of an answer: missing fields, unknown fields, and other causes."""
    causes = error.errors(include_url=False, include_input=False, include_context=False)
    named = {
        problem: [str(cause["loc"][0]) for cause in causes if cause["type"] == kind]
        for problem, kind in (("missing", "missing"), ("unknown", "extra_forbidden"))
    }
    others = [cause for cause in causes if cause["type"] not in {"missing", "extra_forbidden"}]
    return [f"{problem}: {listed(names, most=len(names))}" for problem, names in named.items() if names] + [
        f"{'.'.join(map(str, cause['loc'])) or 'answer'}: {cause['msg']}" for cause in others
    ]


def _broken_rules(answer: Answer, sentence: str, labels: Allowed) -> list[str]:
    """Return every rule for labels and quotes that an answer breaks."""
    unknown = set(answer.dimensions) - set(labels.dimensions)
    rules = {
        f"dimensions {listed(unknown)} are not in the codebook": bool(unknown),
        "a dimension appears twice": len(set(answer.dimensions)) < len(answer.dimensions),
        f"strength {answer.strength!r} is not one of {', '.join(labels.strengths)}": answer.strength
        not in labels.strengths,
        f"act {answer.act!r} is not one of {', '.join(labels.acts)}": answer.act not in (labels.acts or [""]),
        f"a sentence whose act is {answer.act} cannot have a dimension": bool(answer.dimensions)
        and answer.act in NO_DIMENSION,
        "a planned act cannot be strong": answer.act == "planned" and answer.strength == "strong",
        f"exclusion {answer.exclusion!r} is not in the codebook": answer.exclusion not in labels.exclusions,
        "strength must be none if and only if there is no dimension": bool(answer.dimensions)
        == (answer.strength == "none"),
        "a sentence with a dimension cannot have an exclusion": bool(answer.dimensions and answer.exclusion),
        "the quote is empty": not answer.quote.strip(),
        f"the quote has fewer than {LEAST_QUOTE} letters": bool(answer.quote.strip())
        and len(_LETTER.findall(answer.quote)) < LEAST_QUOTE,
        "the quote is not in the sentence": not _contains(_plain(sentence), _plain(answer.quote)),
        "confidence is not a finite number": not math.isfinite(answer.confidence),
    }
    return [rule for rule, broken in rules.items() if broken]


def _plain(text: str) -> str:
    """Return text with one kind of quotation marks, dashes and spaces."""
    return " ".join(text.translate(_SAME).split())


def _contains(sentence: str, quote: str) -> bool:
    """Return whether a sentence contains a quote as whole words."""
    starts, ends = (r"(?<!\w)" if quote[:1].isalnum() else ""), (r"(?!\w)" if quote[-1:].isalnum() else "")
    return re.search(f"{starts}{re.escape(quote)}{ends}", sentence) is not None


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        msg = f"duplicate field: {listed({name for name in names if names.count(name) > 1})}"
        raise ValueError(msg)
    return dict(pairs)


def _refuse(constant: str) -> None:
    msg = f"{constant} is not a valid number"
    raise ValueError(msg)


def _short(text: str) -> str:
    return shortened(text, _MOST_TEXT)
