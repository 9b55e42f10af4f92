"""Parse the answers of models strictly: an answer is a label only if it follows all rules."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError, create_model

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


class Response(NamedTuple):
    """Parts of an endpoint's answer: text, finish reason, refusal, problem, model, and tokens (None: not reported)."""

    content: str = ""
    finish_reason: str = ""
    refusal: str = ""
    problem: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None


class Answer(BaseModel, extra="forbid", frozen=True, strict=True):
    """Fields that a model must return, in this order; `answer_model` limits them to the labels of a codebook."""

    quote: str
    reason: str
    dimensions: list[str]
    strength: str
    act: str
    exclusion: str
    contradicts: bool
    confidence: float


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


def read_json(text: str) -> Any:
    """Return the value of a JSON text; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_response(raw: str) -> Response:
    """Return the parts of a chat completion; `problem` says what is missing."""
    values = read_json(raw)
    if not isinstance(values, dict):
        return Response(problem="the answer is not a JSON object")
    response, model = Response(), values.get("model")
    if isinstance(model, str):
        response = response._replace(model=storable(model, MOST_NAME))
    match values.get("usage"):
        case {"prompt_tokens": int(tokens_in), "completion_tokens": int(tokens_out)} if min(tokens_in, tokens_out) >= 0:
            response = response._replace(tokens_in=tokens_in, tokens_out=tokens_out)
    match values.get("choices"):
        case [{"message": dict(message), **choice}]:
            content, refusal = (message.get(name) or "" for name in ("content", "refusal"))
            if isinstance(content, str) and isinstance(refusal, str):
                finish = str(choice.get("finish_reason"))
                return response._replace(content=content, refusal=refusal, finish_reason=finish)
    return response._replace(problem="expected one choice with a message of text")


def storable(text: str, most: int = 2000) -> str:
    """Return text that can be stored: at most `most` characters, with lone surrogates replaced by question marks."""
    kept = text.encode("utf-8", "replace").decode("utf-8")
    return kept if len(kept) <= most else f"{kept[:most]}..."


def answer_model(codebook: Codebook) -> type[Answer]:
    """Return the model of an answer with the labels of a codebook; endpoints may enforce its JSON schema."""

    def one_of(keys: Iterable[str]) -> Any:
        return Literal[tuple(keys)]

    fields: dict[str, Any] = {
        "dimensions": (list[one_of(codebook.dimension_keys)], ...),  # type: ignore[misc]
        "strength": (one_of([*(level.key for level in codebook.strengths), "none"]), ...),
        "act": (one_of(act.key for act in codebook.acts), ...),
        "exclusion": (one_of(["", *codebook.exclusion_keys]), ...),
    }
    return create_model("Label", __base__=Answer, **fields)


def judge(response: Response, sentence: str, model: type[BaseModel]) -> Judgement:
    """Return the label that a response gives a sentence, or why there is none; other answers have no label."""
    answer = answer_of(response, model)
    if isinstance(answer, Judgement):
        return answer
    if not isinstance(answer, Answer):
        return Judgement("ok")
    if broken := _broken_rules(answer, sentence):
        return Judgement("invalid", problem=storable("; ".join(broken)))
    order = get_args(get_args(model.model_fields["dimensions"].annotation)[0])  # as in the codebook
    dimensions = ";".join(key for key in order if key in answer.dimensions)
    return Judgement(
        "ok", dimensions, answer.strength, answer.act, answer.exclusion, answer.contradicts, storable(answer.quote),
        storable(answer.reason), answer.confidence,
    )  # fmt: skip


def answer_of(response: Response, model: type[Fields]) -> Fields | Judgement:
    """Return the fields of an answer, or why it has none."""
    if response.refusal:
        return Judgement("refused", problem=storable(f"refused: {response.refusal}"))
    match response.finish_reason:
        case "content_filter":
            return Judgement("refused", problem="a content filter stopped the answer")
        case "length":
            return Judgement("truncated", problem="the answer was cut off at the token limit")
        case "stop":
            try:
                return _parsed(model, response.content)
            except ValueError as error:
                return Judgement("invalid", problem=storable(str(error)))
    problem = response.problem or f"the finish reason is {response.finish_reason!r}, expected 'stop'"
    return Judgement("invalid", problem=storable(problem))


def _parsed(model: type[Fields], content: str) -> Fields:
    """Return the fields of an answer, ignoring a code fence and thoughts around it."""
    text = _THOUGHT.sub("", content).strip()
    if not text:
        msg = "the answer is empty"
        raise ValueError(msg)
    fenced = _FENCE.match(text)
    try:
        values = json.loads(fenced[1] if fenced else text, object_pairs_hook=_unique)
    except RecursionError as error:
        msg = "the answer is nested too deeply"
        raise ValueError(msg) from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        causes = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(map(str, cause['loc'])) or 'answer'}: {cause['msg']}" for cause in causes]
    raise ValueError("; ".join(lines))


def _broken_rules(answer: Answer, sentence: str) -> list[str]:
    """Return every rule for labels and quotes that an answer breaks."""
    dimensions, strength, act, quote = answer.dimensions, answer.strength, answer.act, _plain(answer.quote)
    starts, ends = (r"(?<!\w)" if quote[:1].isalnum() else ""), (r"(?!\w)" if quote[-1:].isalnum() else "")
    words = f"{starts}{re.escape(quote)}{ends}"  # a quote consists of whole words
    rules = [
        (len(set(dimensions)) < len(dimensions), "a dimension appears twice"),
        (bool(dimensions) and act in NO_DIMENSION, f"a sentence whose act is {act} cannot have a dimension"),
        (act == "planned" and strength == "strong", "a planned act cannot be strong"),
        (bool(dimensions) == (strength == "none"), "strength must be none if and only if there is no dimension"),
        (bool(dimensions and answer.exclusion), "a sentence with a dimension cannot have an exclusion"),
        (not 0 <= answer.confidence <= 1, f"confidence is {answer.confidence}, expected a number from 0 to 1"),
        (len(_LETTER.findall(quote)) < LEAST_QUOTE, f"the quote has fewer than {LEAST_QUOTE} letters"),
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
