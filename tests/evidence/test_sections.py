"""Read scores, items, conclusions and analysts from a member's section."""

from datetime import date

import pytest
from report_texts import LAW, SECTION

CANADIAN = SECTION.replace("Japan", "Canada")
ITEM = "On 5 July 2024, police seized boats."
THUS = "Thus, Canada receives a score of 0."
VERDICT = "Canada has partially complied with its commitment to act."
MARK = "⁴⁴¹⁴"


def with_item(paragraph):
    return CANADIAN.replace("\nOn 5 July", f"\n{paragraph}\n\nOn 5 July")


def texts(found):
    return [item.text.text for item in found.items]


@pytest.mark.parametrize(("printed", "analysts"), [
    ("Analyst: Ann Other", ["Ann Other"]),
    ("ANALYSTS : Ann Other, Bo Li, and Sandy Doe", ["Ann Other", "Bo Li", "Sandy Doe"]),
    ("Team Leader: Di Rector\n\nAnalysts: Ann Other and Bo Li", ["Ann Other", "Bo Li"]),
    ("Lead Analyst: Ann Other\n\nAnalyst: Bo Li", ["Ann Other", "Bo Li"]),
    ("Country Analysts: Ann Other\n\nCompliance Coordinator: Di Rector", ["Ann Other"]),
    ("Compiled by Ann Other and Bo Li", ["Ann Other", "Bo Li"]),
])  # fmt: skip
def test_those_who_wrote_a_section_end_it_in_any_words(section, printed, analysts):
    found = section(CANADIAN.replace("Analysts: Ann Other, Bo Li and Cy Doe", printed))
    assert (found.analysts, found.closed, texts(found)) == (analysts, True, [ITEM])


def test_a_section_may_close_with_two_conclusions_or_state_no_score(section):
    found = section(
        CANADIAN.replace("\nThus,", "\nCanada has fully complied with its commitment to be brief.\n\nThus,")
    )
    assert [place for _, place in found.conclusions] == ["opening", "closing", "closing"]
    assert section(CANADIAN.replace(THUS, "")).stated_score is None


JULY_5 = date(2024, 7, 5)


@pytest.mark.parametrize(("paragraph", "date_text", "day", "status"), [
    (f"On 5 July 2024, police seized boats.{MARK}", "5 July 2024", JULY_5, "ok"),
    (f"On July 5, 2024, police said: “We act.”{MARK}", "July 5, 2024", JULY_5, "ok"),
    (f"On 31 June 2024, police seized boats.{MARK}", "31 June 2024", None, "date_unread"),
    (f"In July 2024, police seized boats.{MARK}", "", None, "date_unread"),
    (f"On 5 July, police seized boats.{MARK}", "", None, "date_unread"),
    ("On 5 July 2024, police seized small", "5 July 2024", JULY_5, "cut_off"),
    (f"On 5 July 2024, police seized boats{MARK}", "5 July 2024", JULY_5, "ok"),
    ("On 5 July 2024, police seized boats.", "5 July 2024", JULY_5, "ok"),
])  # fmt: skip
def test_an_item_says_how_well_it_was_read(section, paragraph, date_text, day, status):
    item = section(CANADIAN.replace(f"{ITEM}{MARK}", paragraph)).items[0]
    assert (item.date_text, item.date, item.status) == (date_text, day, status)
    assert section("Japan: 0\n\nOn 5 July 2024, police seized small").items[0].status == "cut_off"


def test_an_undated_item_behind_notes_is_an_item_of_its_own(section):
    found = section(CANADIAN.replace(f"boats.{MARK}", f"boats.{MARK}\n\n{LAW}\n\nIn July 2024, ministers met."))
    assert [item.status for item in found.items] == ["ok", "date_unread"]


@pytest.mark.parametrize("place", ["opening", "closing"])
def test_a_conclusion_that_notes_cut_between_sentences_is_put_together_and_no_evidence(section, place):
    cut = f"{VERDICT}\n\n{LAW}\n\nIt has taken strong action."
    parts = [cut, f"{ITEM}{MARK}"] if place == "opening" else [f"{ITEM}{MARK}", cut]
    found = section("\n\n".join(["Canada: 0", *parts, THUS]))
    assert found.conclusions == [(f"{VERDICT} It has taken strong action.", place)]
    assert texts(found) == [ITEM]


CLOSINGS = {
    "Accordingly, Canada has been awarded a score of +1 for full compliance.": 1,
    "In sum, the country receives a score of −1.": -1,
    "For these reasons, the analysts award Canada a score of 0.": 0,
    "Canada has therefore been awarded a score of 0.": 0,
    "This results in a score of +1.": 1,
    "Canada is thus assigned a score of - 1.": -1,
    "It therefore receives a score of +1.00.": 1,
    "On this basis, Canada is given a compliance score of 0.": 0,
    "Hence Canada receives a score of 0 for partial compliance.": 0,
    "The Government of Canada is awarded a score of 0.": 0,
    f"As such, Canada is awarded a score of 0.{MARK}": 0,
    "Therefore, Canada has received a score of –1": -1,
    "Since June 2024, Canada has acted and is awarded a score of +1.": 1,
}
"""Closings, and the score that each states."""
VERDICTS = [
    "CANADA has partially complied.", "Canada did not comply with its commitment to act.",
    "Canada is in full compliance with the G8 commitment to plant trees.", "Canada has registered partial compliance.",
    "Canada has achieved a level of full compliance.", "Canada is in compliance with this commitment.",
    "The Government of Canada has complied with the Gleneagles tree commitment.",
    "Canada has fulfilled its commitment to plant trees.", "Canada's compliance with the commitment is partial.",
    "In conclusion, Canada has failed to comply with the commitment.",
    "Overall, Canada partially complied with its commitment to act.",
    "In 2024, Canada partially complied with its commitment.", "By May 2025 Canada has complied partly.",
]  # fmt: skip
EVIDENCE = [
    "On 6 July 2024, Canada said that it has fully complied with its commitment to act.",
    "In June 2024, envoys said that Canada has complied with its commitment to act.",
    "Canada called on all states to be in full compliance with the Ottawa Treaty.",
    "Canada received a score of 1 in the index of planted trees.", "Canada has met its commitment to plant five trees.",
    "Canada – 1 of 3 hosts – planted trees.",
    "On 6 July 2024, Canada was given a score of 1 in the index. It is in full compliance with the treaty.",
    "Canada urged Libya to comply with its commitments on trees.",
    "Canada sent guards to Libya in compliance with its commitments to the forest agency.",
    "Finally, Canada received from the agency a score of 1 for its border trees.",
    "On 4 July 2024, Canada cited analysts – the trade in trees had grown.",
    "On 4 July 2024, Canada published a report written by the ministry on trees.",
]  # fmt: skip
"""Paragraphs with a note that speak of scores, of compliance or of analysts, and are evidence."""
DOUBTFUL = [
    "The analysts see full compliance here.", "Some would say that Ottawa fully complied.",
    f"Canada registers partial compliance.{MARK}", f"Canada has been awarded a score of 0.{MARK}", "Actions on Trees",
    f"On 6 July 2024, Canada planted trees.{MARK} {THUS}",
    "Canada urged Libya to comply with its commitments on trees.", "Canada has met its commitment to plant five trees.",
    "On 6 July 2024, the agency gave Canada a score of 1.",
    f"Canada has fully complied with its commitments to the forest agency.{MARK}",
]  # fmt: skip


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_closing_in_other_words_states_the_score_and_is_no_evidence(section, closing):
    found = section(CANADIAN.replace(THUS, closing))
    assert (found.stated_score, texts(found), found.doubtful) == (CLOSINGS[closing], [ITEM], [])
    assert found.analysts == ["Ann Other", "Bo Li", "Cy Doe"]
    behind_notes = section(f"Canada: 0\n\n{ITEM}{MARK}\n\n{LAW}\n\n{closing}\n\nAnalyst: Ann Other\n")
    assert (behind_notes.stated_score, texts(behind_notes)) == (CLOSINGS[closing], [ITEM])


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_in_other_words_is_a_conclusion(section, verdict):
    found = section(CANADIAN.replace(VERDICT, verdict))
    assert found.conclusions == [(verdict, "opening"), (verdict, "closing")]
    assert (texts(found), found.doubtful) == ([ITEM], [])


@pytest.mark.parametrize("text", [*list(CLOSINGS)[:-1], *VERDICTS[:-3]])
def test_closings_and_verdicts_need_no_empty_line_before_them_if_they_do_not_start_like_an_item(section, text):
    found = section("\n".join(["Canada: 0", ITEM, text, "Analyst: Ann Other"]))
    assert (texts(found), found.doubtful) == ([ITEM], [])


@pytest.mark.parametrize("paragraph", EVIDENCE)
def test_evidence_that_speaks_of_scores_or_of_other_duties_is_one_item_wherever_its_lines_end(section, paragraph):
    plain = section(with_item(f"{paragraph}{MARK}"))
    assert (texts(plain), plain.stated_score, plain.doubtful) == ([paragraph, ITEM], 0, [])
    words = f"{paragraph}{MARK}".split()
    is_cut_otherwise = "hosts" in words or "envoys" in words  # a heading, and a verdict in a line of its own
    for place in range(1, 1 if is_cut_otherwise else len(words)):
        wrapped = " ".join(words[:place]) + "\n" + " ".join(words[place:])
        found = section(with_item(wrapped))
        assert (texts(found), found.conclusions) == (texts(plain), plain.conclusions), wrapped


@pytest.mark.parametrize("closing", ["Thus, Canada receives a score of {}.", "Canada has been awarded a score of {}."])
@pytest.mark.parametrize("score", ["+0.5", "2", "0.50", "0,75"])
def test_a_stated_score_that_the_guidelines_do_not_have_is_in_doubt_and_not_rounded(section, closing, score):
    found = section(CANADIAN.replace(THUS, closing.format(score)))
    assert (found.stated_score, found.doubtful, texts(found)) == (None, [closing.format(score)], [ITEM])


@pytest.mark.parametrize("paragraph", DOUBTFUL)
def test_what_may_be_evidence_or_a_conclusion_is_in_doubt_and_kept(section, paragraph):
    found = section(with_item(paragraph))
    printed = paragraph.replace(MARK, "")
    assert (found.doubtful, found.stated_score) == ([printed], 0)
    assert printed in [*texts(found), *(text for text, _ in found.conclusions)]
    behind_notes = section(f"Canada: 0\n\n{ITEM}{MARK}\n\n{LAW}\n\n{DOUBTFUL[1]}\n\nAnalyst: Ann Other\n")
    assert behind_notes.doubtful == [DOUBTFUL[1]]


def test_two_stated_scores_that_differ_are_kept_for_a_gap(section):
    found = section(CANADIAN.replace("\nThus", "\nCanada receives a score of +1.\n\nThus"))
    assert (found.stated_score, found.differing) == (0, [THUS])
    assert section(CANADIAN).differing == []
