"""Dimensions are proposed from a list, a sentence, or the commitment's own words."""

import pytest

from g7tag.codebook import RESERVED
from g7tag.evidence.dimensions import LISTED, NAMED, WHOLE, WORDED, defined_concepts, propose_dimensions, slug

LISTS = {
    "numbered, a paragraph each": "In all areas:\n\n1. Dredge: Such action may include digging.\n\n2. Light: Lamps.",
    "numbered, in one paragraph": "- 1. Dredge: Such action may include digging. - 2. Light: Lamps.",
    "in brackets": "All areas: (1) Dredge: Such action may include digging; (2) Light: Lamps",
    "letters": "All areas:\n\na) dredge: such action may include digging\n\nb) light: lamps",
    "headings without numbers": "All areas.\n\nDredge: Such action may include digging.\n\n• Light: Lamps.",
    "followed by examples in the same paragraph": "1. Dredge: Such action may include digging. 2. Light: Lamps. "
    "Examples of weak action include talks.",
}


@pytest.mark.parametrize("guidelines", LISTS.values(), ids=LISTS)
def test_a_list_in_the_guidelines_gives_dimensions_with_definitions(guidelines: str) -> None:
    found = propose_dimensions("We will act.", guidelines, "", {})
    assert found.source == LISTED
    assert [(each.key, each.label, each.definition.rstrip(".")) for each in found.found] == [
        ("dredge", "Dredge", "Digging"), ("light", "Light", "Lamps"),
    ]  # fmt: skip


def test_a_sentence_that_names_the_dimensions_gives_them_without_definitions() -> None:
    table = "0 Strong action in one of the dimensions: to dredge, to light harbours, or to insure, as they help ships."
    found = propose_dimensions("We will act.", "", table, {"insure": "To share a risk."})
    assert found.source == NAMED
    assert [(each.key, each.described) for each in found.found] == [
        ("dredge", False), ("light", False), ("insure", True),
    ]  # fmt: skip


COMMITMENTS = {
    "We will dredge, light and insure harbours.": ["dredge", "light", "insure"],
    "We will increase our support for clean energy, mobilise private finance and strengthen grids.": [
        "increase", "mobilise", "strengthen",
    ],
    "We commit to work together by investing in ports, supporting crews, and promoting trade.": [
        "investing", "supporting", "promoting",
    ],
    "We will (i) triple renewable capacity; (ii) double efficiency; and (iii) phase out coal.": [
        "triple", "double", "phase",
    ],
    "We reaffirm our pledge to paint and water trees in towns and villages.": ["paint", "water"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "keys"), COMMITMENTS.items())
def test_the_verbs_of_a_commitment_give_dimensions(text: str, keys: list[str]) -> None:
    found = propose_dimensions(text, "", "", {})
    assert (found.source, [each.key for each in found.found]) == (WORDED, keys)
    assert {each.taken_from for each in found.found} == {text}


@pytest.mark.parametrize(
    "text", ["We will support farmers, fishers and traders.", "We welcome progress.", "", ", and,"]
)
def test_a_commitment_that_cannot_be_split_gives_one_dimension(text: str) -> None:
    found = propose_dimensions(text, "", "", {}, title="Food: Global Food Security")
    assert (found.source, [each.key for each in found.found]) == (WHOLE, ["global-food-security"])
    assert found.found[0].definition


def test_of_two_lists_the_one_with_the_stated_number_is_taken() -> None:
    guidelines = (
        "Actions such as 1) Ships, 2) Boats. All three areas:\n\na) Dredge: A.\n\nb) Light: B.\n\nc) Insure: C."
    )
    assert [each.key for each in propose_dimensions("", guidelines, "", {}).found] == ["dredge", "light", "insure"]
    without = guidelines.replace("All three areas", "Areas")
    assert [each.key for each in propose_dimensions("", without, "", {}).found] == ["ships", "boats"]


def test_a_list_of_scores_is_not_one_of_dimensions() -> None:
    guidelines = "Partial compliance:\n\n1. Strong action in one area.\n\n2. Weak action in both areas."
    assert propose_dimensions("We will plant and water trees.", guidelines, "", {}).source == WORDED


def test_two_headings_with_the_same_verb_get_different_keys() -> None:
    found = propose_dimensions("", "1. Support farmers: Money.\n\n2. Support traders: Loans.", "", {})
    assert [each.key for each in found.found] == ["support", "support-traders"]


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_key_is_never_a_reserved_name(name: str) -> None:
    assert slug(name) not in RESERVED


def test_a_key_without_letters_has_a_name_of_its_own() -> None:
    assert (slug("2030", fallback="goal"), slug("数字", ["dimension"])) == ("goal", "dimension-2")


def test_terms_that_the_chapter_defines_are_read_without_note_marks() -> None:
    text = 'x\n"Counter" is understood to mean "to meet attacks."4434\n“Ports” are understood as places.⁴⁴ More.'
    assert defined_concepts(text) == {"counter": "To meet attacks.", "ports": "Places."}
