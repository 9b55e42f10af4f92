"""Parse the answers of models strictly: an answer is a label only if it follows all rules."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from g7tag.codebook import NO_DIMENSION, Codebook
from g7tag.text import listed

MOST_NAME = 200
"""Maximum characters stored of a model's name."""
LEAST_QUOTE = 4
"""Minimum letters and digits of a quote: a comma or a short word appears in almost every sentence."""
Outcome = Literal["ok", "invalid", "refused", "truncated"]
"""A label; an answer that is not a label; a refusal; an answer that was cut off. Only labels count."""
_LETTER = re.compile(r"[^\W_]")
_FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", flags=re.DOTALL)
_THOUGHT = re.compile(r"^\s*<think>.*?</think>", flags=re.DOTALL)
_SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_PROBLEMS = {"missing": "missing", "extra_forbidden": "unknown"}


class Response(NamedTuple):
    """Parts of an endpoint's answer: text, finish reason, refusal, problem, model, and tokens (None: not reported)."""

    content: str = ""
    finish_reason: str = ""
    refusal: str = ""
    problem: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None


def read_response(raw: str) -> Response:
    """Return the parts of a chat completion; `problem` says what is missing."""
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return Response(problem="the answer is not a JSON object")
    usage = values.get("usage")
    spent = [usage.get(name) if isinstance(usage, dict) else None for name in ("prompt_tokens", "completion_tokens")]
    tokens_in, tokens_out = (count if type(count) is int and count >= 0 else None for count in spent)
    model = values.get("model")
    name = storable(model, MOST_NAME) if isinstance(model, str) else ""
    response = Response(model=name, tokens_in=tokens_in, tokens_out=tokens_out)
    choices = values.get("choices")
    if not isinstance(choices, list) or len(choices) != 1:
        n = len(choices) if isinstance(choices, list) else 0
        return response._replace(problem=f"the answer has {n} choices, expected 1")
    choice = choices[0] if isinstance(choices[0], dict) else {}
    message = choice.get("message")
    if not isinstance(message, dict):
        return response._replace(problem="the choice has no message")
    content, refusal = (message.get(name) or "" for name in ("content", "refusal"))
    if not isinstance(content, str) or not isinstance(refusal, str):
        return response._replace(problem="the message is not text")
    return response._replace(content=content, refusal=refusal, finish_reason=str(choice.get("finish_reason")))


def storable(text: str, most: int = 2000) -> str:
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


class Allowed(NamedTuple):
    """Keys that an answer may use; dimensions are in codebook order. Requests of older versions have no acts."""

    dimensions: list[str]
    strengths: list[str]
    exclusions: list[str]
    acts: list[str]


def answer_schema(codebook: Codebook) -> dict[str, Any]:
    """Return the JSON schema of an answer; endpoints may enforce it, and g7tag always checks it."""
    text = {"type": "string"}
    fields = {
        "quote": text,
        "reason": text,
        "dimensions": {"type": "array", "items": text | {"enum": codebook.dimension_keys}},
        "strength": text | {"enum": [*(level.key for level in codebook.strengths), "none"]},
        "act": text | {"enum": [act.key for act in codebook.acts]},
        "exclusion": text | {"enum": ["", *codebook.exclusion_keys]},
        "contradicts": {"type": "boolean"},
        "confidence": {"type": "number"},
    }
    return object_schema(fields)


def object_schema(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an object that has all fields and no other."""
    return {"type": "object", "additionalProperties": False, "required": list(fields), "properties": dict(fields)}


def allowed(codebook: Codebook) -> Allowed:
    """Return the label keys of a codebook."""
    return allowed_by(answer_schema(codebook))


def allowed_by(schema: Mapping[str, Any]) -> Allowed:
    """Return the label keys that a schema from `answer_schema` allows."""
    fields = schema["properties"]
    enums = (fields["dimensions"]["items"], fields["strength"], fields["exclusion"], fields.get("act", {"enum": []}))
    return Allowed(*(list(each["enum"]) for each in enums))


def judge(response: Response, sentence: str, labels: Allowed) -> Judgement:
    """Return the label that a response gives a sentence, or why there is none."""
    if ended := without_answer(response):
        return ended
    try:
        answer = parsed_as(Answer, response.content)
    except ValueError as error:
        return Judgement("invalid", problem=storable(str(error)))
    if broken := _broken_rules(answer, sentence, labels):
        return Judgement("invalid", problem=storable("; ".join(broken)))
    dimensions = ";".join(key for key in labels.dimensions if key in answer.dimensions)
    return Judgement(
        "ok", dimensions, answer.strength, answer.act, answer.exclusion, answer.contradicts, storable(answer.quote),
        storable(answer.reason), answer.confidence,
    )  # fmt: skip


def without_answer(response: Response) -> Judgement | None:
    """Return why a response has no complete answer; None if it has one."""
    if response.refusal:
        return Judgement("refused", problem=storable(f"refused: {response.refusal}"))
    match response.finish_reason:
        case "content_filter":
            return Judgement("refused", problem="a content filter stopped the answer")
        case "length":
            return Judgement("truncated", problem="the answer was cut off at the token limit")
        case "stop":
            return None
    problem = response.problem or f"the finish reason is {response.finish_reason!r}, expected 'stop'"
    return Judgement("invalid", problem=storable(problem))


def parsed_as(model: type[Fields], content: str) -> Fields:
    """Return the fields of an answer, ignoring a code fence and thoughts around it."""
    text = _THOUGHT.sub("", content).strip()
    if not text:
        msg = "the answer is empty"
        raise ValueError(msg)
    fenced = _FENCE.match(text)
    try:
        values = json.loads(fenced[1] if fenced else text, object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError as error:
        msg = "the answer is nested too deeply"
        raise ValueError(msg) from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        causes = error.errors(include_url=False, include_input=False, include_context=False)
    fields = {kind: [str(cause["loc"][0]) for cause in causes if cause["type"] == kind] for kind in _PROBLEMS}
    lines = [f"{_PROBLEMS[kind]}: {listed(names, most=len(names))}" for kind, names in fields.items() if names]
    lines += [
        f"{'.'.join(map(str, cause['loc'])) or 'answer'}: {cause['msg']}"
        for cause in causes
        if cause["type"] not in _PROBLEMS
    ]
    raise ValueError("; ".join(lines))


def _broken_rules(answer: Answer, sentence: str, labels: Allowed) -> list[str]:
    """Return every rule for labels and quotes that an answer breaks."""
    dimensions, strength, act, quote = answer.dimensions, answer.strength, answer.act, _plain(answer.quote)
    unknown = set(dimensions) - set(labels.dimensions)
    starts, ends = (r"(?<!\w)" if quote[:1].isalnum() else ""), (r"(?!\w)" if quote[-1:].isalnum() else "")
    words = f"{starts}{re.escape(quote)}{ends}"  # a quote consists of whole words
    n_letters = len(_LETTER.findall(quote))
    rules = [
        (bool(unknown), f"dimensions {listed(unknown)} are not in the codebook"),
        (len(set(dimensions)) < len(dimensions), "a dimension appears twice"),
        (strength not in labels.strengths, f"strength {strength!r} is not one of {', '.join(labels.strengths)}"),
        (act not in (labels.acts or [""]), f"act {act!r} is not one of {', '.join(labels.acts)}"),
        (bool(dimensions) and act in NO_DIMENSION, f"a sentence whose act is {act} cannot have a dimension"),
        (act == "planned" and strength == "strong", "a planned act cannot be strong"),
        (answer.exclusion not in labels.exclusions, f"exclusion {answer.exclusion!r} is not in the codebook"),
        (bool(dimensions) == (strength == "none"), "strength must be none if and only if there is no dimension"),
        (bool(dimensions and answer.exclusion), "a sentence with a dimension cannot have an exclusion"),
        (not quote, "the quote is empty"),
        (bool(quote) and n_letters < LEAST_QUOTE, f"the quote has fewer than {LEAST_QUOTE} letters"),
        (not re.search(words, _plain(sentence)), "the quote is not in the sentence"),
    ]
    return [rule for broken, rule in rules if broken]


def _plain(text: str) -> str:
    """Return text with one kind of quotation marks, dashes and spaces."""
    return " ".join(text.translate(_SAME).split())


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        msg = f"duplicate field: {listed({name for name in names if names.count(name) > 1})}"
        raise ValueError(msg)
    return dict(pairs)


def _refuse(constant: str) -> None:
    msg = f"{constant} is not a valid number"
    raise ValueError(msg)
