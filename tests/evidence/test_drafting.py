"""Dimensions come from a numbered list of the chapter; a sentence without one gives a question, never a dimension."""

import pytest

from g7tag.codebook import RESERVED, Category
from g7tag.evidence.drafting import draft_dimensions, draft_exclusions, draft_strengths, read_features, slug

LISTS = {
    "a paragraph each": "In all areas:\n\n1. Dredge: Such action may include digging.\n\n2. Light: Lamps.",
    "in one paragraph": "- 1. Dredge: Such action may include digging. - 2. Light: Lamps.",
    "in brackets": "All areas: (1) dredge: Such action may include digging.; and (2) light: Lamps.",
    "letters": "All areas:\n\na) dredge: Such action may include digging.\n\nb) light: Lamps.",
    "Roman numerals": "All areas:\n\n(i) DREDGE: Such action may include digging.\n\n(ii) Light: Lamps.",
}
FEATURES = "\n\n".join([
    "Commitment Features", "Those of the chapter before.", "General Interpretive Guidelines", "Commitment Features:",
    "This commitment has two components: to 1) dredge harbours, bays and rivers, and\n2) to light them.",
    "Definitions and Concepts", "“Light” is light.", "General Interpretive Guidelines",
    "Full compliance is for strong action in both areas.\n",
])  # fmt: skip


def dimensions(text: str = "We will act.", guidelines: str = "", table: str = "", features: str = "") -> list[Category]:
    return draft_dimensions(text, guidelines, table, features, title="Oceans: Harbours")[0]


@pytest.mark.parametrize("guidelines", LISTS.values(), ids=LISTS)
def test_a_numbered_list_in_the_guidelines_gives_dimensions_word_for_word(guidelines):
    found = dimensions(guidelines=guidelines)
    assert [(each.key, each.label.capitalize(), each.definition) for each in found] == [
        ("dredge", "Dredge", "Such action may include digging."), ("light", "Light", "Lamps."),
    ]  # fmt: skip
    assert all(each.draft and each.taken_from in guidelines for each in found)


def test_a_numbered_list_in_the_commitment_features_gives_dimensions():
    features = read_features(FEATURES, before="Full compliance is for strong action in both areas.")
    found, asked = draft_dimensions("We will dredge and light.", "", "", features, title="Oceans: Harbours")
    assert [(each.key, each.label) for each in found] == [
        ("dredge", "Dredge harbours, bays and rivers"), ("light", "Light them"),
    ]  # fmt: skip
    assert asked == [
        "What belongs to these dimensions, and what does not? The chapter does not say: Dredge harbours, bays and "
        "rivers, Light them."
    ]
    assert read_features(FEATURES, before="") == read_features(FEATURES, before="Not in it.") == ""


@pytest.mark.parametrize("text", [
    "We will dredge, light and insure harbours.",
    "We commit to work together by investing in ports, supporting crews, and promoting trade.", "",
])  # fmt: skip
def test_no_dimension_is_invented_from_a_sentence_without_a_list(text):
    table = "+1 Strong action in all dimensions: to dredge, to light, and to insure harbours."
    found, asked = draft_dimensions(text or "Oceans", "Members must dredge, light and insure.", table, "", title="A: B")
    assert [(each.key, each.taken_from) for each in found] == [("b", text or "Oceans")]
    assert asked == ["What are the dimensions? The chapter lists none, so the draft has one, the whole commitment."]


@pytest.mark.parametrize(("text", "labels"), [
    ("We will (i) triple renewable capacity; (ii) double efficiency; and (iii) phase out coal.",
     ["Triple renewable capacity", "Double efficiency", "Phase out coal"]),
    ("1) environmental, social and governance standards, 2) trade, aid and loans.",
     ["Environmental, social and governance standards", "Trade, aid and loans"]),
], ids=["of the commitment", "with commas"])  # fmt: skip
def test_a_numbered_list_in_a_sentence_gives_dimensions(text, labels):
    assert [each.label for each in dimensions(text)] == [each.label for each in dimensions(guidelines=text)] == labels


def test_of_two_lists_the_one_with_the_stated_number_is_taken_and_another_number_is_a_question():
    guidelines = "1) Ships, 2) Boats. All three areas:\n\na) Dredge: A.\n\nb) Light: B.\n\nc) Insure: C."
    assert [each.key for each in dimensions(guidelines=guidelines)] == ["dredge", "light", "insure"]
    found, asked = draft_dimensions("", guidelines.replace("three", "four"), "", "", title="")
    assert [each.key for each in found] == ["ships", "boats"]
    assert asked[0] == "What are the 4 dimensions? The chapter gives this number, but its list has 2."


@pytest.mark.parametrize("guidelines", [
    "Partial compliance:\n\n1. Strong action in one area.\n\n2. Weak action in both areas.",
    "Examples of strong action are 1) laws and 2) money.",
])  # fmt: skip
def test_a_list_of_scores_or_of_examples_is_not_one_of_dimensions(guidelines):
    assert [each.label for each in dimensions(guidelines=guidelines)] == ["Harbours"]


def test_a_key_is_the_word_of_the_commitment_and_used_once():
    guidelines = "1. Support farmers: Money.\n\n2. Support traders: Loans.\n\n3. Food systems: Seeds."
    found = dimensions("We will support all farmers and food systems.", guidelines)
    assert [each.key for each in found] == ["support", "support-traders", "food-systems"]


def test_a_key_is_never_a_reserved_or_empty_name():
    assert not RESERVED & {slug(name) for name in RESERVED}
    assert (slug("2030", fallback="goal"), slug("数字", ["dimension"])) == ("goal", "dimension-2")


def test_strong_and_weak_action_are_standard_words_and_the_sentences_of_the_guidelines():
    words = "Examples of weak action include talks. Weak actions also include hopes."
    strong, weak = draft_strengths(f"Full compliance needs strong action. {words}")
    assert (strong.taken_from, weak.taken_from) == ("", words)
    assert strong.definition.startswith("Done or formally bound: ")
    assert weak.definition.startswith("Talk without means: ")
    assert weak.definition.endswith(f"not adopted yet. {words}")


def test_what_the_guidelines_exclude_is_an_exclusion_unless_it_is_about_scores():
    words = "For the sake of clarity, all arrests made at the border are excluded from this commitment."
    found = draft_exclusions(f"{words} Weak actions do not count as strong. Loans do not count.", ["loans"])
    assert [(each.key, each.definition) for each in found] == [("border", words), ("loans-2", "Loans do not count.")]
