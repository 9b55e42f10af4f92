"""Headings of members' sections in the forms that reports print, and text that only looks like one."""

import pytest
from test_odd_reports import TITLE, chapter, numbers, read, said  # noqa: F401 - a fixture

from g7tag.evidence.chapters import _names_of
from g7tag.evidence.score_lines import ScoreLine, read_score, read_score_line

FORMS = {
    "1. Canada: 0": ("Canada", 0), "2) Canada: +1": ("Canada", 1), "Canada – 0": ("Canada", 0),
    "Canada — 0": ("Canada", 0), "Canada - 0": ("Canada", 0), "Canada – +1": ("Canada", 1),
    "Canada — −1": ("Canada", -1), "Canada (0)": ("Canada", 0), "Canada (+1)": ("Canada", 1),
    "Canada [0]": ("Canada", 0), "Canada [-1]": ("Canada", -1), "Canada: - 1": ("Canada", -1),
    "CANADA: 0": ("Canada", 0), "UK: +1": ("United Kingdom", 1), "U.K.: 0": ("United Kingdom", 0),
    "US: 0": ("United States", 0), "EU: +1": ("European Union", 1), "UNITED KINGDOM: −1": ("United Kingdom", -1),
    "The United States: 0": ("United States", 0), "Canada: −1": ("Canada", -1), "Canada: 0.00": ("Canada", 0),
    "Canada: +1.0": ("Canada", 1), "Canada: 0 (Partial Compliance)": ("Canada", 0),
    "Canada: 0 – Work in Progress": ("Canada", 0), "Türkiye: 0": ("Türkiye", 0), "Turkey: +1": ("Türkiye", 1),
    "Republic of Korea: 0": ("Korea", 0), "Russian Federation: -1": ("Russia", -1), "Narnia: +1": ("Narnia", 1),
    "European Union (EU): +1": ("European Union", 1), "United States (US) – 0": ("United States", 0),
}  # fmt: skip
"""A line, and the member and the score that it gives."""
UNREAD = [
    "CANADA", "Canada", "1. Canada", "Canada: N/A", "Canada: +0.5", "Canada: 0.50", "Canada: 2", "Canada: -2",
    "Canada (n/a)", "Canada – 1", "Canada [1]", "Canada: Partial Compliance", "Canada 0", "Canada: –", "UK: tbd",
    "Canada:", "Canada –", "Canada (host): 0", "Canada and Japan: 0", "CANADA – PARTIAL COMPLIANCE (0)",
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
    return _names_of(codebook)


@pytest.mark.parametrize("text", FORMS)
def test_a_members_heading_is_read_in_any_form(names, text):
    member, score = FORMS[text]
    assert read_score_line(text, names) == ScoreLine(member, score)


@pytest.mark.parametrize("sign", "−–—‑‒―－﹣-")
def test_any_dash_is_a_minus(names, sign):
    assert read_score_line(f"Canada: {sign}1", names) == ScoreLine("Canada", -1)
    assert read_score_line(f"Canada {sign} 0", names) == ScoreLine("Canada", 0)
    assert read_score(f"{sign} 1") == -1
    assert read_score_line("Canada: ＋1", names) == ScoreLine("Canada", 1)


@pytest.mark.parametrize("text", UNREAD)
def test_a_heading_without_a_clear_score_is_a_heading_and_never_rounded(names, text):
    line = read_score_line(text, names)
    assert line is not None
    assert (line.member in {"Canada", "United Kingdom"}, line.score) == (True, None)


@pytest.mark.parametrize("text", OTHERS)
def test_a_sentence_with_a_member_and_a_number_is_no_heading(names, text):
    assert read_score_line(text, names, strict=True) is None


@pytest.mark.parametrize("heading", ["1. Japan: 0", "Japan – 0", "Japan (0)", "Japan [0]", "JAPAN: 0", "Japan: 0.00"])
@pytest.mark.parametrize("number", [3, 19])
def test_sections_are_those_of_the_plain_headings(read, heading, number):  # noqa: F811
    plain = TITLE + chapter(number, "Health: Doses")
    odd = plain.replace("Japan: 0", heading).replace("Canada: 0", heading.replace("apan", "anada").replace("J", "C"))
    odd = odd.replace("CAPAN", "CANADA")
    assert read(odd).items["text"].tolist() == read(plain).items["text"].tolist()
    assert read(odd).members.to_dict("records") == read(plain).members.to_dict("records")
    assert said(read(odd)) == {}


@pytest.mark.parametrize("names_of_two", [("UK", "US"), ("EU", "Turkey"), ("KOREA", "TÜRKİYE")])
def test_short_and_other_names_are_the_members_of_the_table(read, names_of_two):  # noqa: F811
    members = read(TITLE + chapter(3, "Health: Doses", members=names_of_two)).members
    assert members["table_score"].tolist() == [0, 0]
    assert len(set(members["code"])) == 2


@pytest.mark.parametrize("heading", ["Canada: +0.5", "CANADA", "Canada: N/A", "Canada – 1"])
@pytest.mark.parametrize("table", [True, False], ids=["table", "no table"])
def test_the_first_heading_without_a_clear_score_is_said_too(read, heading, table):  # noqa: F811
    odd = chapter(7, "Energy", note=7).replace("Canada: 0", heading)
    odd = odd if table else odd.replace("Canada\t\t0\t\nJapan\t\t0\t\n", "")
    evidence = read(TITLE + chapter(3, "Health: Doses") + odd)
    assert numbers(evidence) == [3]
    assert f"a heading without a score: {heading!r}" in said(evidence)["commitment 7"]


def test_rows_of_the_table_may_look_like_headings(read):  # noqa: F811
    plain = chapter(3, "Health: Doses")
    odd = plain.replace("Canada\t\t0\t\nJapan\t\t0\t\n", "Canada: 0\n\nJapan: 0\n\n")
    assert read(TITLE + odd).members.equals(read(TITLE + plain).members)


@pytest.mark.parametrize(
    "label",
    [
        "Average Score",
        "Country Average",
        "AVERAGE",
        "Average Compliance Score",
        "Overall",
        "Overall Score",
        "G8 Average",
    ],
)
def test_the_average_may_be_called_otherwise(read, label):  # noqa: F811
    text = TITLE + chapter(3, "Health: Doses").replace("Average\t", f"{label}\t")
    row = read(text).commitments.iloc[0]
    assert (row["printed_average"], row["printed_percent"]) == (0.0, 50.0)
    alone = read(text.replace("0.00 (50%)", "0"))
    assert (alone.commitments["printed_average"].tolist(), len(alone.members)) == ([0.0], 2)


@pytest.mark.parametrize(
    "promise",
    [
        'Commitment [2012-22]: "We will act."', "Commitment [2012-22]: We will act.", "Commitment: We will act.",
        "Commitment [146]\n\nWe will act.", "Commitment\n\nWe will act.", "Commitment [2012-22]:\n\n“We will act.”",
        "G20 Commitment [2012-22]: We will act.",
    ],
)  # fmt: skip
def test_the_commitment_may_follow_its_label(read, promise):  # noqa: F811
    text = chapter(3, "Health: Doses").replace('"We will act."', promise)
    assert read(TITLE + text).commitments[["number", "text"]].to_numpy().tolist() == [[3, "We will act."]]
