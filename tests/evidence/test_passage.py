"""Clean text with the document offset of each character."""

import pytest

from g7tag.evidence.passage import Span, clean_passage
from g7tag.sources import superscript_number

NOTES = frozenset({4414, 4415})


def clean(text, notes=NOTES):
    return clean_passage(text, [Span(0, len(text))], notes)


@pytest.mark.parametrize(
    ("digits", "number"), [("⁴⁴¹⁴", 4414), ("4414", 4414), ("⁰", 0)], ids=["superscript", "plain", "zero"]
)
def test_superscript_and_plain_digits_write_numbers(digits, number):
    assert superscript_number(digits) == number


@pytest.mark.parametrize(
    ("text", "expected", "notes"),
    [
        ("They met.⁴⁴¹⁴", "They met.", [4414]),
        ("a state⁴⁴¹⁴ and its border", "a state and its border", [4414]),
        ("They met.4414", "They met.", [4414]),
        ("They met.⁴⁴¹⁴, ⁴⁴¹⁵ He left.", "They met. He left.", [4414, 4415]),
        ("traf\u00adﬁc", "traffic", []),
        ("“They met.”4415 He left.", "“They met.” He left.", [4415]),
        ("They met.⁴⁴¹⁴⁴⁴¹⁵", "They met.", [4414, 4415]),
        ("He came,⁴⁴¹⁵ saw⁴⁴¹⁴ and left.", "He came, saw and left.", [4415, 4414]),
        ("They met.⁹⁹⁹⁹", "They met.", [9999]),
    ],
    ids=[
        "superscript",
        "in mid-sentence",
        "plain",
        "parted by a comma",
        "letters",
        "plain after a quote",
        "two in one",
        "in order",
        "without a note",
    ],
)
def test_note_marks_are_taken_out_and_listed(text, expected, notes):
    passage = clean(text)
    assert (passage.text, passage.notes) == (expected, notes)


@pytest.mark.parametrize(
    "text",
    [
        "They searched 40 m² of land.",
        "They found 4414 boats.",
        "They met.4416",
        "They met 30 times in 2024.",
        "CO₂, 10³",
    ],
    ids=["power", "number of the text", "no number of a note", "year", "chemistry"],
)
def test_other_digits_stay(text):
    assert clean(text)[::2] == (text, [])


@pytest.mark.parametrize(
    ("text", "notes"),
    [("They found 15,200 boats.", {200, 201}), ("It cost USD3.2 million.", {1, 2}), ("It opens at 10:30 daily.", {30})],
    ids=["thousands", "decimals", "time"],
)
def test_the_digits_of_one_number_are_no_mark_of_a_note(text, notes):
    assert clean(text, frozenset(notes))[::2] == (text, [])


def test_without_notes_no_digit_is_a_mark():
    assert clean("They met.4414 They left m².", frozenset())[::2] == ("They met.4414 They left m².", [])


@pytest.mark.parametrize(
    "text",
    ["He\nleft.", "He  \n left.", "He\u00a0left.", " He left. ", "He le\u00adft.", "\ufeffHe l\u200beft.", "He\fleft."],
    ids=["line join", "blanks", "no-break space", "margins", "soft hyphen", "zero width", "form feed"],
)
def test_line_joins_and_invisible_characters_are_taken_out(text):
    assert clean(text).text == "He left."


def test_a_space_joins_the_pieces():
    text = "They agreed\n⁴⁴¹⁴ A note.\nto talk.⁴⁴¹⁴"
    pieces = [Span(0, 11), Span(25, len(text))]
    assert clean_passage(text, pieces, NOTES)[::2] == ("They agreed to talk.", [4414])


def test_every_character_knows_its_place():
    #       0123456789012345678901234
    text = "He\n came.⁴⁴¹⁴  They\nleft."
    passage = clean(text)
    assert passage.text == "He came. They left."
    assert passage.places == [0, 1, 2, 4, 5, 6, 7, 8, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]


def test_no_pieces_give_an_empty_passage():
    assert clean_passage("They met.", [], NOTES) == ("", [], [])


def test_the_square_of_a_unit_is_no_mark_even_where_a_note_has_its_number():
    assert clean("40 km² and a state² too.", frozenset({1, 2}))[::2] == ("40 km² and a state too.", [2])


def test_every_letter_of_a_ligature_stands_where_the_ligature_stood():
    assert clean("ﬁn").places == [0, 0, 1]
