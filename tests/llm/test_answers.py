"""Answers are parsed strictly: anything but a complete, valid label gets another outcome with its reason."""

import json

import pytest
from fault_server import completion, label

from g7tag.llm.answers import answer_model, judge, read_response

SENTENCE = "Police said “stop” and arrested nine smugglers, in\u00a0Paris."


def judged(content, codebook, **changes):
    return judge(read_response(completion(content, **changes).body.decode()), SENTENCE, answer_model(codebook))


def own(**changes):
    return label(SENTENCE, **changes)


def test_a_label_is_taken_with_its_dimensions_in_order(codebook):
    found = judged(own(dimensions=["dismantle", "counter"], strength="strong", quote="arrested nine"), codebook)
    assert found[:6] == ("ok", "counter;dismantle", "strong", "done", "", False)
    assert (found.quote, found.reason, found.confidence, found.problem) == ("arrested nine", "It says so.", 0.5, "")


@pytest.mark.parametrize("content", [
    "```json\n{}\n```", "```\n{}\n```", "<think>hm { } ```</think>\n{}", "  \n{}\n ",
    "<think>hm</think>```json\n{}\n```",
], ids=["fence", "bare fence", "thoughts", "spaces", "both"])  # fmt: skip
def test_fences_and_thoughts_around_an_answer_are_taken_off_and_a_quote_may_have_other_marks(content, codebook):
    for quote in ('said "stop" and', "in Paris", "said “stop”  and"):
        assert judged(content.replace("{}", json.dumps(own(quote=quote))), codebook).outcome == "ok"


@pytest.mark.parametrize(("content", "problem"), [
    ("", "the answer is empty"),
    (None, "the answer is empty"),
    ("I cannot help with that.", "Expecting value"),
    (json.dumps(own()) + " Hope this helps!", "Extra data"),
    (json.dumps(own())[:-1] + ', "strength": "weak"}', "duplicate field: 'strength'"),
    (json.dumps(own()).replace("0.5", "NaN"), "confidence is nan, expected a number from 0 to 1"),
    (json.dumps([own()]), "answer: Input should be a valid dictionary"),
    ("[" * 100_000, "nested too deeply"),
    (
        own(dimensions=["praise", "counter"], strength="weak"),
        "dimensions.0: Input should be 'prevent', 'counter', ",
    ),
    (own(dimensions=["counter", "counter"], strength="weak"), "a dimension appears twice"),
    (own(dimensions="counter", strength="weak"), "dimensions: Input should be a valid list"),
    (own(dimensions=["counter"]), "strength must be none if and only if there is no dimension"),
    (own(strength="weak"), "strength must be none if and only if there is no dimension"),
    (own(strength="STRONG", dimensions=["counter"]), "strength: Input should be 'strong', 'weak' or 'none'"),
    (own(exclusion="sea"), "exclusion: Input should be '' or 'border'"),
    (own(exclusion="border", dimensions=["counter"], strength="weak"), "a sentence with a dimension cannot have"),
    (own(quote="  "), "the quote has fewer than 4 letters"),
    (own(quote="in"), "the quote has fewer than 4 letters"),
    (own(dimensions=["counter"], strength="strong", act="planned"), "a planned act cannot be strong"),
    (own(dimensions=["counter"], strength="weak", act="background"), "whose act is background cannot have a dim"),
    (own(act="maybe"), "act: Input should be 'done', "),
    (own(quote="police"), "the quote is not in the sentence"),
    (own(quote="rrested nine"), "the quote is not in the sentence"),
    (own(quote="Police arrested"), "the quote is not in the sentence"),
    (own(confidence=1.2), "confidence is 1.2, expected a number from 0 to 1"),
    (own(confidence="0.5"), "confidence: Input should be a valid number"),
    (own(contradicts="no"), "contradicts: Input should be a valid boolean"),
    (own(sentence_id="x"), "sentence_id: Extra inputs are not permitted"),
    ({key: value for key, value in own().items() if key != "reason"}, "reason: Field required"),
])  # fmt: skip
def test_what_is_no_label_is_invalid_with_its_reason(content, problem, codebook):
    found = judged(content, codebook)
    assert (found.outcome, found.dimensions, found.strength) == ("invalid", "", "none")
    assert problem in found.problem


@pytest.mark.parametrize(("finish", "outcome", "problem"), [
    ("length", "truncated", "cut off"),
    ("content_filter", "refused", "a content filter"),
    ("tool_calls", "invalid", "the finish reason is 'tool_calls', expected 'stop'"),
    (None, "invalid", "'None'"),
])  # fmt: skip
def test_how_an_answer_ended_counts_before_what_it_says(finish, outcome, problem, codebook):
    found = judged(own(dimensions=["counter"], strength="strong"), codebook, finish=finish)
    assert (found.outcome, found.dimensions) == (outcome, "")
    assert problem in found.problem


@pytest.mark.parametrize("choices", [
    [], None, [{"message": {"content": "{}"}}] * 2, [{}], ["text"],
    [{"message": {"content": [{"type": "text"}]}}],
], ids=["none", "null", "two", "no message", "text", "parts"])  # fmt: skip
def test_another_number_of_choices_is_no_answer(choices, codebook):
    found = judged("", codebook, choices=choices)
    assert (found.outcome, found.problem) == ("invalid", "expected one choice with a message of text")


@pytest.mark.parametrize("raw", ["", "<html>", "[]", "[" * 100_000], ids=["empty", "html", "list", "deep"])
def test_a_response_that_is_no_object_has_a_problem(raw):
    assert read_response(raw).problem == "the answer is not a JSON object"


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": -1, "completion_tokens": 1}, {"prompt_tokens": 9}, "x"])
def test_tokens_that_are_no_counts_are_unsaid(usage):
    response = read_response(completion("x", usage=usage).body.decode())
    assert (response.tokens_in, response.tokens_out) == (None, None)


def test_a_refusal_is_one_whatever_else_is_said(codebook):
    message = {"role": "assistant", "content": json.dumps(own()), "refusal": "I will not."}
    found = judged("", codebook, choices=[{"index": 0, "finish_reason": "stop", "message": message}])
    assert (found.outcome, found.problem) == ("refused", "refused: I will not.")


def test_half_characters_and_long_texts_can_be_stored(codebook):
    found = judged(json.dumps(own()).replace("It says so.", "\\ud800" + "x" * 5000), codebook)
    assert found.outcome == "ok"
    assert found.reason == "?" + "x" * 1999 + "..."
    found.reason.encode("utf-8")
    assert read_response(completion("x", model="\ud800m").body.decode()).model == "?m"
