"""Sentences of a passage and their places in the document."""

import pytest

from g7tag.evidence.passage import Span, clean_passage, split_sentences


def split(text, *spans):
    return split_sentences(clean_passage(text, spans or [Span(0, len(text))], frozenset({4414})))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met. They talked.", ["They met.", "They talked."]),
        ("Mr. Miller met the U.S. envoy. They talked.", ["Mr. Miller met the U.S. envoy.", "They talked."]),
        ("It cost USD3.2 million. It ended.", ["It cost USD3.2 million.", "It ended."]),
        ("“We act.” He left.", ["“We act.”", "He left."]),
        ("They met.⁴⁴¹⁴ They talked.", ["They met.", "They talked."]),
        ("They met in the harbour", ["They met in the harbour"]),
    ],
    ids=["two", "abbreviations", "decimal", "quote", "mark between", "no full stop"],
)
def test_a_passage_is_split_into_its_sentences(text, expected):
    assert [sentence.text for sentence in split(text)] == expected


def test_an_empty_passage_has_no_sentences():
    assert split("") == []


def test_a_span_begins_and_ends_with_the_sentence():
    #       012345678901234567890123456
    text = "  They met.⁴⁴¹⁴ They\ntalked."
    assert [sentence[1:] for sentence in split(text)] == [(2, 11), (16, 28)]


def test_the_span_of_a_sentence_in_two_pieces_holds_what_stands_between():
    text = "They agreed\nA NOTE\nto talk. He left."
    sentence = split(text, Span(0, 11), Span(19, len(text)))[0]
    assert sentence.text == "They agreed to talk."
    assert text[sentence.start : sentence.end] == "They agreed\nA NOTE\nto talk."
