"""Claims of invented and real conclusions, clause by clause."""

import pytest

from g7tag.evidence.claims import claims_of, dimension_words, read_claims
from g7tag.frames import CONCLUSIONS, build

KEYS = ["prevent", "counter", "dismantle", "disrupt"]
VERDICT = "Japan has partially complied with its commitment to prevent, counter and dismantle networks. "


CLAIMS = {
    VERDICT: "",
    "Japan has taken strong action to prevent and counter crime.": "prevent: strong, counter: strong",
    "It took strong action to counter crime but has not ended it.": "counter: strong",
    "It has dismantled networks. It has disrupted nothing.": "",
    "It has taken no strong action to disrupt business.": "disrupt: not",
    "It took strong action to counter, and weak action to prevent crime.": "prevent: weak, counter: strong",
    "It has not taken clear and strong action to counter crime.": "counter: not",
    "It took no strong action to counter and strong action to prevent crime.": "prevent: not, counter: not",
    "It failed to take timely and strong measures to dismantle rings.": "dismantle: not",
    "It has taken weak action to prevent crime.": "prevent: weak",
    "It took mostly weak action and has not addressed the dismantling of gangs.":
        "prevent: weak, counter: weak, dismantle: not, disrupt: weak",
    "It has taken strong action, though its disruption of business is weak.": "disrupt: weak",
    "Counterparts met in several countries to encounter crime.": "",
    "It failed to prevent crime; it lacks means to counter it.": "prevent: not, counter: not",
    "Strong action was taken not only to prevent crime.": "prevent: strong",
    "It took strong action to counter crime without delay.": "counter: strong",
    "It took strong action to prevent and weaken networks.": "prevent: strong",
    "It took strong action for the dismantlement of gangs.": "dismantle: strong",
    "It took strong counter-terrorism action.": "",
    "": "",
}  # fmt: skip
"""Conclusions, and what they claim of the dimensions; of the others they claim nothing."""


@pytest.mark.parametrize("text", CLAIMS)
def test_each_clause_claims_of_the_dimensions_it_names(text):
    found = {key: claim.claimed for key, claim in claims_of(text, KEYS).items() if claim.claimed != "unstated"}
    assert ", ".join(f"{key}: {claimed}" for key, claimed in found.items()) == CLAIMS[text]


def test_a_claim_has_the_clause_that_makes_it_and_silence_has_none():
    claims = claims_of(VERDICT + "It has taken strong action to counter crime but has not disrupted business.", KEYS)
    assert claims["counter"].quote == "It has taken strong action to counter crime"
    assert claims["disrupt"].quote == "has not disrupted business"
    assert claims["prevent"].quote == ""


def test_a_dimension_of_another_codebook_is_found_by_its_key():
    text = "It took strong action on dredging and lights but has not insured ships."
    found = claims_of(text, ["dredge", "light", "insure"]).values()
    assert [claim.claimed for claim in found] == ["strong", "strong", "not"]
    assert dimension_words("money_flows").search("the money flows of gangs")
    assert dimension_words("right-clean-water").search("the right to clean water")
    assert not dimension_words("right-clean-water").search("the right of all people to clean water")


def test_conclusions_of_other_commitments_claim_nothing(codebook):
    row = {"member": "Italy", "position": 1, "text": "It took strong action to prevent crime.", "place": "closing"}
    conclusions = build(CONCLUSIONS, [row | {"commitment_id": each, "analysts": ""} for each in ("2024-18", "2024-19")])
    assert set(read_claims(conclusions, codebook)["commitment_id"]) == {"2024-19"}
    assert len(read_claims(build(CONCLUSIONS, []), codebook)) == 0


@pytest.mark.chapter
def test_the_claims_of_the_real_conclusions_are_those_of_a_hand_reading(chapter):
    closing = (
        chapter.claims[chapter.claims["position"] > 1].groupby(["member", "position"], sort=False)["claimed"].agg(list)
    )
    assert {f"{member} {place}": "/".join(claims) for (member, place), claims in closing.items()} == {
        "Canada 2": "strong/strong/not/not", "France 2": "strong/strong/unstated/not",
        "Germany 2": "strong/strong/strong/not", "Italy 2": "strong/strong/strong/not",
        "Japan 2": "strong/strong/not/not", "Japan 3": "weak/weak/not/not",
        "United Kingdom 2": "strong/strong/strong/strong",
        "United States 2": "unstated/unstated/strong/unstated",
        "European Union 2": "unstated/unstated/unstated/unstated",
    }  # fmt: skip
    opening = chapter.claims[chapter.claims["position"] == 1]
    assert set(opening["claimed"]) == {"unstated"}
