"""Read scores, items, conclusions and analysts from a member's section."""

from datetime import date

import pytest
from report_texts import SECTION

from g7tag.evidence.chapters import read_chapters
from g7tag.evidence.layout import read_layout


@pytest.fixture
def section(codebook):
    """The one section of a text."""
    return lambda text: read_chapters(text, read_layout(text), codebook).chapters[0].sections[0]


@pytest.mark.parametrize(
    ("printed", "score"), [("0", 0), ("+1", 1), ("1", 1), ("-1", -1), ("−1", -1), ("–1", -1)],
    ids=["zero", "plus", "no sign", "hyphen", "minus sign", "dash"],
)  # fmt: skip
def test_a_score_is_read_with_any_sign(section, printed, score):
    found = section(SECTION.replace("Japan: 0", f"Japan: {printed}").replace("score of 0", f"score of {printed}"))
    assert (found.heading_score, found.stated_score) == (score, score)


def test_a_section_without_a_thus_states_no_score(section):
    assert section(SECTION.replace("Thus, Japan receives a score of 0.\n", "")).stated_score is None


@pytest.mark.parametrize(
    ("printed", "analysts"),
    [
        ("Analyst: Ann Other", ["Ann Other"]),
        ("Analysts: Ann Other and Bo Li", ["Ann Other", "Bo Li"]),
        ("Analysts: Ann Other, Bo Li and Cy Doe", ["Ann Other", "Bo Li", "Cy Doe"]),
        ("Analysts: Ann Other, Bo Li, and Sandy Doe", ["Ann Other", "Bo Li", "Sandy Doe"]),
    ],
    ids=["one", "two", "three", "serial comma"],
)
def test_analysts_are_read_one_by_one(section, printed, analysts):
    assert section(SECTION.replace("Analysts: Ann Other, Bo Li and Cy Doe", printed)).analysts == analysts


@pytest.mark.parametrize(
    "words",
    [
        "has fully complied with its commitment to act.",
        "has not complied with its commitment to act.",
        "has failed to comply with its commitment to act.",
    ],
    ids=["fully", "not", "failed"],
)
def test_conclusions_stand_before_and_behind_the_items(section, words):
    found = section(SECTION.replace("has partially complied with its commitment to act.", words))
    assert found.conclusions == [(f"Japan {words}", "opening"), (f"Japan {words}", "closing")]
    assert len(found.items) == 1


def test_a_section_may_close_with_two_conclusions(section):
    found = section(SECTION.replace("\nThus,", "\nJapan has fully complied with its commitment to be brief.\n\nThus,"))
    assert [place for _, place in found.conclusions] == ["opening", "closing", "closing"]


@pytest.mark.parametrize(
    "paragraph",
    [
        "On 6 July 2024, Japan said that it has fully complied with its commitment to act.⁴⁴¹⁴",
        "In June 2024, envoys said that Japan has complied with its commitment to act.⁴⁴¹⁴",
    ],
    ids=["dated", "undated"],
)
def test_an_item_that_speaks_of_compliance_is_no_conclusion(section, paragraph):
    found = section(SECTION.replace("\nOn 5 July", f"\n{paragraph}\n\nOn 5 July"))
    assert (len(found.items), len(found.conclusions)) == (2, 2)


@pytest.mark.parametrize(
    ("paragraph", "date_text", "day", "status"),
    [
        ("On 5 July 2024, police seized boats.⁴⁴¹⁴", "5 July 2024", date(2024, 7, 5), "ok"),
        ("On 31 June 2024, police seized boats.⁴⁴¹⁴", "31 June 2024", None, "date_unread"),
        ("In July 2024, police seized boats.⁴⁴¹⁴", "", None, "date_unread"),
        ("On July 5, 2024, police seized boats.⁴⁴¹⁴", "July 5, 2024", date(2024, 7, 5), "ok"),
        ("On 5 July, police seized boats.⁴⁴¹⁴", "", None, "date_unread"),
        ("On 5 July 2024, police seized small", "5 July 2024", date(2024, 7, 5), "cut_off"),
        ("On 5 July 2024, police seized boats⁴⁴¹⁴", "5 July 2024", date(2024, 7, 5), "ok"),
        ("On 5 July 2024, police said: “We act.”⁴⁴¹⁴", "5 July 2024", date(2024, 7, 5), "ok"),
        ("On 5 July 2024, police seized boats.", "5 July 2024", date(2024, 7, 5), "ok"),
    ],
    ids=[
        "dated", "no such day", "month only", "month first", "no year", "stops in a sentence",
        "note but no full stop", "quote", "no note",
    ],
)  # fmt: skip
def test_an_item_says_how_well_it_was_read(section, paragraph, date_text, day, status):
    item = section(SECTION.replace("On 5 July 2024, police seized boats.⁴⁴¹⁴", paragraph)).items[0]
    assert (item.date_text, item.date, item.status) == (date_text, day, status)


def test_the_last_item_of_a_section_that_breaks_off_is_cut_off(section):
    assert section("Japan: 0\n\nOn 5 July 2024, police seized small").items[0].status == "cut_off"


@pytest.mark.parametrize(
    "closing",
    [
        "Overall, Japan has partially complied with its commitment to act.",
        "Japan did not comply with its commitment to act.",
        "Japan partially complied with its commitment to act.",
    ],
)
def test_a_conclusion_is_never_evidence(section, closing):
    text = SECTION.replace("complied with its commitment to act.\n\nThus", f"x\n\n{closing}\n\nThus")
    found = section(text.replace("Japan has partially x\n\n", ""))
    assert [item.text.text for item in found.items] == ["On 5 July 2024, police seized boats."]
    assert found.conclusions[-1] == (closing, "closing")


def test_the_closing_line_may_be_worded_otherwise(section):
    found = section(SECTION.replace("Thus, Japan receives a score of 0", "Therefore, Japan has received a score of +1"))
    assert (found.stated_score, len(found.items)) == (1, 1)


def test_an_undated_item_behind_notes_is_an_item_of_its_own(section):
    note = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
    found = section(SECTION.replace("boats.⁴⁴¹⁴", f"boats.⁴⁴¹⁴\n\n{note}\n\nIn July 2024, ministers met."))
    assert [item.status for item in found.items] == ["ok", "date_unread"]


@pytest.mark.parametrize("place", ["opening", "closing"])
def test_a_conclusion_that_notes_cut_between_sentences_is_put_together_and_no_evidence(section, place):
    conclusion = "Japan has partially complied with its commitment to act."
    note = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
    item = "On 5 July 2024, police seized boats.⁴⁴¹⁴"
    cut = f"{conclusion}\n\n{note}\n\nIt has taken strong action."
    parts = [cut, item] if place == "opening" else [item, cut]
    found = section("Japan: 0\n\n" + "\n\n".join(parts) + "\n\nThus, Japan receives a score of 0.\n")
    assert found.conclusions == [(f"{conclusion} It has taken strong action.", place)]
    assert [each.text.text for each in found.items] == ["On 5 July 2024, police seized boats."]


CLOSINGS = {
    "As such, Canada receives a score of 0.": 0,
    "Accordingly, Canada has been awarded a score of +1 for full compliance.": 1,
    "In sum, Canada receives a score of −1.": -1,
    "For these reasons, the analysts award Canada a score of 0.": 0,
    "Canada has therefore been awarded a score of 0.": 0,
    "This results in a score of +1.": 1,
    "Canada receives a score of 0.": 0,
    "Canada is thus assigned a score of - 1.": -1,
    "It therefore receives a score of +1.00.": 1,
    "Consequently, Canada is given a compliance score of 0.": 0,
    "On this basis, Canada earns a score of 0.": 0,
    "Overall, Canada receives a score of 0 for partial compliance.": 0,
    "Hence Canada receives a score of 0.": 0,
    "The Government of Canada is awarded a score of 0.": 0,
    "In conclusion, the country has been given a score of 0.": 0,
    "As such, Canada is awarded a score of 0.⁴⁴¹⁴": 0,
}  # fmt: skip
"""Closings, and the score that each states."""
VERDICTS = [
    "Canada is in full compliance with the G8 commitment to plant trees.",
    "Canada registers partial compliance.",
    "Canada has registered partial compliance with the G8 commitment on trees.",
    "Canada has achieved a level of full compliance.",
    "Canada is in compliance with this commitment.",
    "Canada has complied with the Gleneagles tree commitment.",
    "Overall, Canada demonstrates a state of partial compliance with its commitment to plant trees.",
    "CANADA has partially complied.",
    "The Government of Canada has fully complied with its commitment to plant trees.",
    "Canada has fulfilled its commitment to plant trees.",
    "Canada's compliance with the commitment is partial.",
    "In conclusion, Canada has failed to comply with the commitment.",
]
EVIDENCE = [
    "Canada called on all states to be in full compliance with the Ottawa Treaty.⁴⁴¹⁴",
    "Canada received a score of 1 in the index of planted trees.⁴⁴¹⁴",
    "Canada is in full compliance with the tree treaty, said the council.⁴⁴¹⁴",
    "Canada complied with a request of the court and planted trees.⁴⁴¹⁴",
    "Canada has met its commitment to plant five trees.⁴⁴¹⁴",
    "Canada – 1 of 3 hosts – planted trees.⁴⁴¹⁴",
    "This year, trees received a score of 0 in the index.⁴⁴¹⁴",
    "On 6 July 2024, Canada said that this results in a score of 0.⁴⁴¹⁴",
    "On 6 July 2024, Canada was given a score of 1 in the index. It is in full compliance with the treaty.⁴⁴¹⁴",
    "Canada urged Libya to comply with its commitments on trees.⁴⁴¹⁴",
    "Canada sent guards to Libya in compliance with its commitments to the forest agency.⁴⁴¹⁴",
    "Canada announced that it complied with its commitment under the Pact.⁴⁴¹⁴",
    "Canada received from the agency a score of 1 for its border trees.⁴⁴¹⁴",
    "Finally, Canada received from the agency a score of 1 for its border trees.⁴⁴¹⁴",
    "On 4 July 2024, Canada cited analysts – the trade in trees had grown.⁴⁴¹⁴",
    "On 4 July 2024, Canada published a report written by the ministry on trees.⁴⁴¹⁴",
]
CANADIAN = SECTION.replace("Japan", "Canada")


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_closing_in_other_words_states_the_score_and_is_no_evidence(section, closing):
    found = section(CANADIAN.replace("Thus, Canada receives a score of 0.", closing))
    assert (found.stated_score, len(found.items), found.doubtful) == (CLOSINGS[closing], 1, [])
    assert found.analysts == ["Ann Other", "Bo Li", "Cy Doe"]


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_closing_behind_notes_is_no_part_of_an_item(section, closing):
    note = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
    found = section(
        f"Canada: 0\n\nOn 5 July 2024, police seized boats.⁴⁴¹⁴\n\n{note}\n\n{closing}\n\nAnalyst: Ann Other\n"
    )
    assert [item.text.text for item in found.items] == ["On 5 July 2024, police seized boats."]
    assert found.stated_score == CLOSINGS[closing]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_in_other_words_is_a_conclusion(section, verdict):
    found = section(CANADIAN.replace("Canada has partially complied with its commitment to act.", verdict))
    assert found.conclusions == [(verdict, "opening"), (verdict, "closing")]
    assert (len(found.items), found.doubtful) == (1, [])


@pytest.mark.parametrize("paragraph", EVIDENCE)
def test_evidence_that_speaks_of_scores_or_of_other_duties_is_an_item(section, paragraph):
    found = section(CANADIAN.replace("\nOn 5 July", f"\n{paragraph}\n\nOn 5 July"))
    assert found.items[0].text.text == paragraph.removesuffix("⁴⁴¹⁴")
    assert (len(found.items), found.stated_score, found.doubtful) == (2, 0, [])


@pytest.mark.parametrize("closing", ["Thus, Canada receives a score of {}.", "Canada has been awarded a score of {}."])
@pytest.mark.parametrize("score", ["+0.5", "2", "0.50", "0,75"])
def test_a_stated_score_that_the_guidelines_do_not_have_is_in_doubt_and_not_rounded(section, closing, score):
    text = closing.format(score)
    found = section(CANADIAN.replace("Thus, Canada receives a score of 0.", text))
    assert (found.stated_score, found.doubtful, len(found.items)) == (None, [text], 1)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The analysts see full compliance here.",
        "Some would say that Ottawa fully complied.",
        "Canada registers partial compliance.⁴⁴¹⁴",
        "Canada has been awarded a score of 0.⁴⁴¹⁴",
        "It has planted trees, but not many.",
        "The verdict on Ottawa is a zero.",
        "Actions on Trees",
        "On 6 July 2024, Canada planted trees.⁴⁴¹⁴ Thus, Canada receives a score of 0.",
    ],
)
def test_an_item_with_the_words_of_a_conclusion_is_in_doubt(section, paragraph):
    found = section(CANADIAN.replace("\nOn 5 July", f"\n{paragraph}\n\nOn 5 July"))
    assert found.doubtful == [paragraph.replace("⁴⁴¹⁴", "")]
    assert len(found.items) == 2


def test_a_paragraph_behind_notes_with_the_words_of_a_conclusion_is_in_doubt(section):
    note = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
    odd = "Some would say that Ottawa fully complied."
    found = section(f"Canada: 0\n\nOn 5 July 2024, police met.⁴⁴¹⁴\n\n{note}\n\n{odd}\n\nAnalyst: Ann Other\n")
    assert found.doubtful == [odd]


@pytest.mark.parametrize(
    "credits",
    [
        "Team Leader: Di Rector\n\nAnalysts: Ann Other and Bo Li", "Lead Analyst: Ann Other\n\nAnalyst: Bo Li",
        "Analysts: Ann Other, Bo Li\n\nCompliance Coordinator: Di Rector", "Country Analysts: Ann Other and Bo Li",
        "ANALYSTS: Ann Other and Bo Li", "Analysts : Ann Other and Bo Li", "Compiled by Ann Other and Bo Li",
    ],
)  # fmt: skip
def test_those_who_wrote_a_section_end_it_in_any_words(section, credits):
    found = section(CANADIAN.replace("Analysts: Ann Other, Bo Li and Cy Doe", credits))
    assert (found.analysts, found.closed, len(found.items)) == (["Ann Other", "Bo Li"], True, 1)


@pytest.mark.parametrize("text", [*CLOSINGS, *VERDICTS])
def test_closings_and_verdicts_need_no_empty_line_before_them(section, text):
    lines = [
        "Canada: 0", "On 5 July 2024, police seized boats.", text, "Analyst: Ann Other",
    ]  # fmt: skip
    found = section("\n".join(lines))
    assert [item.text.text for item in found.items] == ["On 5 July 2024, police seized boats."]
    assert found.doubtful == []


@pytest.mark.parametrize("text", [text for text in EVIDENCE if "hosts" not in text])  # cut, it is a heading: refused
def test_evidence_is_one_item_wherever_its_lines_end(section, text):
    words = text.split()
    plain = section(CANADIAN.replace("\nOn 5 July", f"\n{text}\n\nOn 5 July"))
    for place in range(1, len(words)):
        wrapped = " ".join(words[:place]) + "\n" + " ".join(words[place:])
        found = section(CANADIAN.replace("\nOn 5 July", f"\n{wrapped}\n\nOn 5 July"))
        read = [item.text.text for item in found.items]
        assert (read, found.conclusions) == ([item.text.text for item in plain.items], plain.conclusions), wrapped


@pytest.mark.parametrize(
    "text",
    [
        "Canada urged Libya to comply with its commitments on trees.",
        "Canada received from the agency a score of 1 for its border trees.",
        "On 6 July 2024, the agency gave Canada a score of 1.",
        "Canada has fully complied with its commitments to the forest agency.⁴⁴¹⁴",
    ],
)
def test_what_may_be_evidence_or_a_conclusion_is_in_doubt(section, text):
    found = section(CANADIAN.replace("\nOn 5 July", f"\n{text}\n\nOn 5 July"))
    assert found.doubtful == [text.removesuffix("⁴⁴¹⁴")]
    assert found.stated_score == 0
    kept = [*(item.text.text for item in found.items), *(text for text, _ in found.conclusions)]
    assert text.removesuffix("⁴⁴¹⁴") in kept


@pytest.mark.parametrize(
    "opening", ["In 2024, Canada partially complied with its commitment.", "By May 2025 Canada has complied partly."]
)
def test_a_conclusion_may_start_with_a_year_or_a_month(section, opening):
    found = section(
        CANADIAN.replace("Canada has partially complied with its commitment to act.\n\nOn", f"{opening}\n\nOn")
    )
    assert found.conclusions[0] == (opening, "opening")
    assert (len(found.items), found.doubtful) == (1, [])


def test_a_closing_may_start_with_a_month(section):
    closing = "Since June 2024, Canada has acted and is awarded a score of +1."
    found = section(CANADIAN.replace("Thus, Canada receives a score of 0.", closing))
    assert (found.stated_score, len(found.items), found.doubtful) == (1, 1, [])


def test_two_stated_scores_that_differ_are_kept_for_a_gap(section):
    first = "Canada receives a score of +1."
    found = section(CANADIAN.replace("\nThus", f"\n{first}\n\nThus"))
    assert (found.stated_score, found.differing) == (0, ["Thus, Canada receives a score of 0."])
    assert section(CANADIAN).differing == []
