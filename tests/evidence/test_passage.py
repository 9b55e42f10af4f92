"""Clean text with the document offset of each character, its sentences, and the days that it names."""

from datetime import date

import pytest

from g7tag.evidence.passage import clean_passage, split_sentences
from g7tag.sources import read_days
from g7tag.sources.blocks import NOTE, Block, Run
from g7tag.sources.typed import complete

NOTES = frozenset({4414, 4415})


def clean(text, notes=NOTES, *spans):
    runs = [Run(text[start:end], start=start) for start, end in spans or [(0, len(text))]]
    return clean_passage(complete(text, [Block(tuple(runs)), *(Block((), NOTE, note) for note in notes)])[0])


@pytest.mark.parametrize(("text", "expected", "marked", "notes"), [
    ("They met.⁴⁴¹⁴", "They met.", [4414], NOTES),
    ("a state⁴⁴¹⁴ and its border", "a state and its border", [4414], NOTES),
    ("They met.4414", "They met.", [4414], NOTES),
    ("They met.⁴⁴¹⁴, ⁴⁴¹⁵ He left.", "They met. He left.", [4414, 4415], NOTES),
    ("“They met.”4415 He left.", "“They met.” He left.", [4415], NOTES),
    ("They met.⁴⁴¹⁴⁴⁴¹⁵", "They met.", [4414, 4415], NOTES),
    ("He came,⁴⁴¹⁵ saw⁴⁴¹⁴ and left.", "He came, saw and left.", [4415, 4414], NOTES),
    ("They met.⁹⁹⁹⁹", "They met.", [9999], NOTES),
    ("traf\u00adﬁc", "traffic", [], NOTES),
    *((text, text, [], NOTES) for text in (
        "40 m² of land.", "Of 4414 boats.", "They met.4416", "30 in 2024.", "CO₂, 10³",
    )),
    *((f"He{join}left.", "He left.", [], NOTES) for join in ("\n", "  \n ", "\u00a0", "\f")),
    ("\ufeffHe l\u200beft.", "He left.", [], NOTES),
    # the digits of a number, even where a note has its number
    ("They found 15,200 boats.", "They found 15,200 boats.", [], {200, 201}),
    ("It cost USD3.2 million.", "It cost USD3.2 million.", [], {1, 2}),
    ("It opens at 10:30 daily.", "It opens at 10:30 daily.", [], {30}),
    ("They met.4414 They left m².", "They met.4414 They left m².", [], set()),
    ("40 km² and a state² too.", "40 km² and a state too.", [2], {1, 2}),
])  # fmt: skip
def test_note_marks_line_joins_and_invisible_characters_are_taken_out_and_other_digits_stay(
    text, expected, marked, notes
):
    passage = clean(text, notes)
    assert (passage.text, passage.notes) == (expected, marked)


def test_every_character_knows_its_place():
    #       0123456789012345678901234
    passage = clean("He\n came.⁴⁴¹⁴  They\nleft.")
    assert passage.text == "He came. They left."
    assert passage.places == [0, 1, 2, 4, 5, 6, 7, 8, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]
    assert clean("ﬁn").places == [0, 0, 1]
    assert clean("") == ("", [], [], False)


@pytest.mark.parametrize(("text", "expected"), [
    ("Mr. Miller met the U.S. envoy. They talked.", ["Mr. Miller met the U.S. envoy.", "They talked."]),
    ("It cost USD3.2 million. It ended.", ["It cost USD3.2 million.", "It ended."]),
    ("“We act.” He left.", ["“We act.”", "He left."]),
    ("They met.⁴⁴¹⁴ They talked.", ["They met.", "They talked."]),
    ("They met in the harbour", ["They met in the harbour"]),
    ("", []),
], ids=["abbreviations", "decimal", "quote", "mark between", "no full stop", "empty"])  # fmt: skip
def test_a_passage_is_split_into_its_sentences(text, expected):
    assert [sentence.text for sentence in split_sentences(clean(text))] == expected


def test_the_span_of_a_sentence_holds_what_stands_between_its_pieces():
    #       012345678901234567890123456
    text = "  They met.⁴⁴¹⁴ They\ntalked."
    assert [sentence[1:] for sentence in split_sentences(clean(text))] == [(2, 11), (16, 28)]
    text = "They agreed\nA NOTE\nto talk.⁴⁴¹⁴ He left."
    passage = clean(text, NOTES, (0, 11), (19, len(text)))
    first = split_sentences(passage)[0]
    assert (first.text, passage.notes) == ("They agreed to talk.", [4414])
    assert text[first.start : first.end] == "They agreed\nA NOTE\nto talk."


@pytest.mark.parametrize(("text", "days"), [
    ("Talks of 5 July 2024 and July 4, 2024.", [date(2024, 7, 5), date(2024, 7, 4)]),
    ("1 January, 2024 to December 31 2024", [date(2024, 1, 1), date(2024, 12, 31)]),
    ("31 June 2024, then 29 February 2024, not 29 February 2023", [date(2024, 2, 29)]),
    ("July 2024, 5 Juli 2024 or 5 July 24", []),
], ids=["either order", "a comma", "no such day", "no day"])  # fmt: skip
def test_the_days_that_a_text_names_are_read_in_its_order(text, days):
    assert read_days(text) == days
