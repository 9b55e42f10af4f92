"""Commitments, the front of their chapters, and headings of members' sections in the forms that reports print."""

import pytest
from report_texts import CANADA, FRONT, SECTION, TITLE, chapter, numbers, said

from g7tag.errors import SourceError
from g7tag.evidence.score_lines import ScoreLine, read_score_line
from g7tag.sources.headings import names_of

PLAIN = TITLE + chapter(3, "Health: Doses")
ROWS = "Canada\t\t0\t\nJapan\t\t0\t\n"


def test_the_front_of_a_chapter_is_read(read):
    contents = "1. Ukraine: Loans\t3\n18. Migration: Borders\t\n19. Migration: Smuggling\t743\n20. Cyber\t\n"
    for front in (FRONT, contents + FRONT):
        evidence = read(TITLE + front + SECTION + CANADA)
        (found,) = evidence.commitments.to_dict("records")
        assert (found["number"], found["title"], found["text"]) == (19, "Migration: Smuggling", "We will act.")
        assert found["guidelines"] == "Full compliance needs action.\n\nA score of −1 needs none."
        assert found["scoring_table"] == "−1 No action.\n+1 Some action."
        assert (found["printed_average"], found["printed_percent"]) == (-0.5, 25.0)
        assert evidence.members["table_score"].tolist() == [0, -1]


def test_a_chapter_may_have_no_front_and_a_section_no_item(read):
    (found,) = read(SECTION, numbers={19}).commitments[["number", "title", "text"]].to_numpy().tolist()
    assert found == [19, "", ""]
    empty = read("Japan: -1\n\nJapan has not complied with its commitment to act.\n")
    assert (len(empty.members), len(empty.items)) == (1, 0)
    assert len(read(SECTION + "\nAnnex\n\nA map was drawn.\n").items) == 1


NO_MEMBER = r"text after a section without a heading, or a heading without a score: '{}"
DRAWN = "\n\nOn 6 July 2024, a map was drawn.\n"


@pytest.mark.parametrize(("text", "expected"), [
    (SECTION + DRAWN, NO_MEMBER.format("On 6 July 2024, a map")),
    (f"{SECTION}\nItaly{DRAWN}", NO_MEMBER.format("Italy'")),
    (f"{SECTION}\nItaly : N/A{DRAWN}", NO_MEMBER.format("Italy : N/A'")),
    (f"{SECTION}\nAlps: +1{DRAWN}", "sections headed 'Alps'. Expected members of codebook '2024-apulia-19': Canada, "),
    (FRONT + SECTION, "commitment 19 scores 'Canada' in its table but has no section for it. Expected a heading"),
    (SECTION * 2, "commitment 19 has two sections headed 'Japan'. Expected one per member. Fix the text."),
    ("They met on 5 July 2024.\n\nThey talked.", "no member's section found. Expected headings such as 'Canada: 0'"),
])  # fmt: skip
def test_evidence_whose_member_is_not_known_is_refused_and_never_dropped(read, text, expected):
    with pytest.raises(SourceError) as error:
        read(text, year="2024", numbers={19})
    assert str(error.value).startswith(f"r1.txt: {expected}")


FORMS = {
    "Canada": {
        -1: ["Canada — −1", "Canada [-1]", "Canada: - 1", *(f"Canada: {sign}1" for sign in "−–—‑‒―－﹣-")],
        0: ["1. Canada: 0", "Canada : 0", "Canada: −0", "Canada:0", "CANADA: 0", "Canada: 0.00",
            "Canada: 0 (Partial Compliance)", "Canada: 0 – Work in Progress",
            *(f"Canada {sign} 0" for sign in "−–—‑‒―－﹣-")],
        1: ["2) Canada: +1", "Canada (+1)", "Canada: +1.0", "Canada: ＋1"],
    },
    "United Kingdom": {-1: ["UNITED KINGDOM: −1"], 0: ["U.K.: 0"], 1: ["UK: +1"]},
    "United States": {0: ["US: 0", "The United States: 0", "United States (US) – 0"]},
    "European Union": {1: ["EU: +1", "European Union (EU): +1"]},
    "Türkiye": {1: ["Turkey: +1"]}, "Korea": {0: ["Republic of Korea: 0"]},
    "Russia": {-1: ["Russian Federation: -1"]}, "Narnia": {1: ["Narnia: +1"]},
}  # fmt: skip
"""Lines by the member and the score that they give."""
UNREAD = [
    "CANADA", "1. Canada", "Canada: N/A", "Canada: +0.5", "Canada: 0.50", "Canada: 2", "Canada: -2",
    "Canada (n/a)", "Canada – 1", "Canada [1]", "Canada: Partial Compliance", "Canada 0", "UK: tbd", "Canada:",
    "Canada –", "Canada (host): 0", "Canada and Japan: 0", "CANADA – PARTIAL COMPLIANCE (0)",
]  # fmt: skip
"""Lines that head a section but give no score, or one that may be read in two ways."""
OTHERS = [
    "Canada: 0 of 3 boats were found.", "Canada – 1 of the 3 – left.", "Canada (2024) led the talks.",
    "On 5 July 2024, Canada met Japan – 1 day late.", "In Canada: 0", "They met in Canada.",
    "canada", "us: 0", "Canadian boats: 12", "", "UKR: the loan", "Canada: a law on boats and their crews",
]  # fmt: skip
"""Other lines. Names that are no member's are left to the colon and the score."""


@pytest.fixture(scope="module")
def names(codebook):
    return names_of(codebook)


@pytest.mark.parametrize("member", FORMS)
def test_a_members_heading_is_read_in_any_form_with_any_dash(names, member):
    read = {text: read_score_line(text, names) for lines in FORMS[member].values() for text in lines}
    assert read == {text: ScoreLine(member, score) for score, lines in FORMS[member].items() for text in lines}


@pytest.mark.parametrize("text", UNREAD)
def test_a_heading_without_a_clear_score_is_a_heading_and_never_rounded(names, text):
    assert read_score_line(text, names)[:2] == ("United Kingdom" if "UK" in text else "Canada", None)


@pytest.mark.parametrize("text", OTHERS)
def test_a_sentence_with_a_member_and_a_number_is_no_heading(names, text):
    assert read_score_line(text, names, strict=True) is None


@pytest.mark.parametrize("number", [3, 19])
def test_sections_are_those_of_the_plain_headings(read, number):
    text = TITLE + chapter(number, "Health: Doses")
    plain = read(text)
    for heading in ("1. {}: 0", "{} – 0", "{} [0]"):
        odd = read(text.replace("Japan: 0", heading.format("JAPAN")).replace("Canada: 0", heading.format("Canada")))
        assert odd.items["text"].tolist() == plain.items["text"].tolist(), heading
        assert odd.members.to_dict("records") == plain.members.to_dict("records"), heading
        assert said(odd) == {}, heading


def test_short_and_other_names_are_the_members_of_the_table(read):
    members = read(TITLE + chapter(3, "Health: Doses", members=("UK", "EU", "Turkey", "KOREA"))).members
    assert (members["table_score"].tolist(), len(set(members["code"]))) == ([0] * 4, 4)


@pytest.mark.parametrize("heading", ["Canada: +0.5", "CANADA", "Canada – 1"])
@pytest.mark.parametrize("table", [True, False], ids=["table", "no table"])
def test_the_first_heading_without_a_clear_score_is_said_too(read, heading, table):
    odd = chapter(7, "Energy", note=7).replace("Canada: 0", heading)
    evidence = read(PLAIN + (odd if table else odd.replace(ROWS, "")))
    assert numbers(evidence) == [3]
    assert f"a heading without a score: {heading!r}" in said(evidence)["commitment 7"]


def test_rows_of_the_table_may_look_like_headings_or_have_no_tabs(read):
    plain = read(PLAIN).members
    for rows in ("Canada: 0\n\nJapan: 0\n\n", "Canada 0\n\nJapan 0\n\n"):
        assert read(PLAIN.replace(ROWS, rows)).members.equals(plain), rows


@pytest.mark.parametrize("rows", [
    "United\nKingdom\t\t0\t\nEuropean\nUnion\t\t0\t", "United\t\t0\t\nKingdom\nEuropean\t\t0\t\nUnion",
    "United\n\n0\n\nKingdom\n\nEuropean Union\t\t0\t",
], ids=["figures below", "figures above", "figures between"])  # fmt: skip
def test_names_that_wrap_in_their_cells_are_joined(read, rows):
    members = ("United Kingdom", "European Union")
    plain = chapter(3, "Health: Doses", members=members)
    found = read(TITLE + plain.replace("United Kingdom\t\t0\t\nEuropean Union\t\t0\t", rows))
    assert found.members[["member", "table_score"]].to_numpy().tolist() == [[member, 0] for member in members]
    assert said(found) == {}


@pytest.mark.parametrize("label", ["Average Score", "Country Average", "AVERAGE", "Overall", "G8 Average", "Average:"])
def test_the_average_may_be_called_otherwise(read, label):
    text = PLAIN.replace("Average\t", f"{label}\t")
    assert read(text).commitments[["printed_average", "printed_percent"]].to_numpy().tolist() == [[0.0, 50.0]]
    alone = read(text.replace("0.00 (50%)", "0"))
    assert (alone.commitments["printed_average"].tolist(), len(alone.members)) == ([0.0], 2)


@pytest.mark.parametrize("promise", [
    "Commitment: We will act.", "Commitment [146]\n\nWe will act.", "Commitment\n\nWe will act.",
    "Commitment [2012-22]:\n\n“We will act.”", "G20 Commitment [22]: We will act.",
])  # fmt: skip
def test_the_commitment_may_follow_its_label(read, promise):
    commitments = read(PLAIN.replace('"We will act."', promise)).commitments
    assert commitments[["number", "text"]].to_numpy().tolist() == [[3, "We will act."]]
