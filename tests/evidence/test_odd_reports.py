"""Read whole reports with unusual chapters, years, headings and notes."""

import pandas as pd
import pytest
from report_texts import TITLE, chapter, numbers, said

from g7tag.errors import SourceError
from g7tag.evidence import require_commitment

HEALTH = TITLE + chapter(3, "Health: Doses")
ENERGY = TITLE + chapter(7, "Energy")
SEVENTH = chapter(7, "Energy", note=7)
NINETEENTH = chapter(19, "Migration")
UNNUMBERED = NINETEENTH.replace("19. Migration\n\n", "")
ROWS = "Canada\t\t0\t\nJapan\t\t0\t\n"
UNSCORED = "so its evidence is read but not scored. Give the"
UNTITLED = f"unread: its title names no summit with its year, {UNSCORED} year of its summit, such as --year 2024."
LATE = "In July 2024, somebody acted.\n\n"


def test_what_does_not_say_its_summit_or_its_number_is_read_and_not_scored(read):
    evidence = read(UNNUMBERED)
    assert said(evidence) == {
        "title": UNTITLED,
        "heading": f"unread: no heading gives the number of its commitment, {UNSCORED} number, such as "
        "--commitment 19.",
    }
    assert evidence.commitments[["commitment_id", "codebook"]].to_numpy().tolist() == [["r1-00", ""]]
    assert evidence.commitments["number"].isna().all()
    assert evidence.items["item_id"].tolist() == ["r1-00/CAN-01", "r1-00/JPN-01"]


def test_nothing_is_scored_by_a_year_or_a_number_alone_but_by_both(read, codebook):
    for found in (read(TITLE + UNNUMBERED), read(UNNUMBERED, year="2024"), read(UNNUMBERED, numbers={19})):
        assert found.commitments["codebook"].tolist() == [""]
        with pytest.raises(SourceError, match=r"r1\.txt: no commitment 2024-19, found 'r1-.*but not scored\. Give"):
            require_commitment(found, codebook)
    both = read(UNNUMBERED, year="2024", numbers={19})
    assert both.commitments[["commitment_id", "codebook"]].to_numpy().tolist() == [["2024-19", "2024-apulia-19"]]
    assert said(both) == {}


@pytest.mark.parametrize(("title", "year", "commitment_id", "used", "gap"), [
    ("2024 G7 Apulia Summit Final Compliance Report", "", "2024-19", "2024-apulia-19", None),
    ("2023 G7 Hiroshima Summit Final Compliance Report", "", "2023-19", "", None),
    ("G7 Hiroshima Summit 2023 Final Compliance Report", "", "2023-19", "", None),
    ("2023 G20 New Delhi Summit Interim Compliance Report", "", "G20-2023-19", "", None),
    ("2024 G20 Rio de Janeiro Summit Final Compliance Report", "", "G20-2024-19", "", None),
    ("2018 Charlevoix G7 Final Compliance Report", "2024", "2024-19", "2024-apulia-19",
     "assumed: names the summit of 2018, but was read as 2024, as requested."),
    ("2023 Charlevoix G7 Final Compliance Report", "", "r1-19", "",
     "unread: its title names 'Charlevoix' with the year 2023, but the summits there were in 2018, "
     f"{UNSCORED} year of its summit, such as --year 2024."),
    ("A study of compliance\n\nLeaders spoke of it at the 2016 Ise-Shima Summit, and again at the 2023 Hiroshima "
     "Summit that followed.", "", "r1-19", "",
     UNTITLED),
])  # fmt: skip
def test_the_summit_is_that_of_the_title_or_of_a_person_who_says_the_year(read, title, year, commitment_id, used, gap):
    evidence = read(f"{title}\n\n{NINETEENTH}", year=year)
    assert evidence.commitments[["commitment_id", "codebook"]].to_numpy().tolist() == [[commitment_id, used]]
    assert said(evidence).get("title") == gap


@pytest.mark.parametrize("heading", ["Assessment:", "ASSESSMENT"])
def test_the_assessment_is_known_with_a_colon_and_in_capitals(read, heading):
    text = HEALTH + chapter(4, "Trade: Tolls", note=3)
    told = text.replace("Assessment", heading).replace("Average\t", "Average:\t")
    pd.testing.assert_frame_equal(read(told).commitments, read(text).commitments)
    assert numbers(read(told)) == [3, 4]


@pytest.mark.parametrize(("front", "behind"), [
    ("Contents\n\n3. Health: Doses\n\nWe chose:\n\n3. Health: Doses\n\n", ""),
    ("", "\f3. Health: Doses\n\n\f3. Health: Doses\n\n"),
], ids=["named twice before", "a running head behind"])  # fmt: skip
def test_a_heading_that_is_repeated_heads_its_chapter(read, front, behind):
    evidence = read(TITLE + front + chapter(3, "Health: Doses") + behind)
    assert evidence.commitments[["number", "title", "codebook"]].to_numpy().tolist() == [[3, "Health: Doses", ""]]


FAULTS = {
    "no score": (SEVENTH.replace("Canada: 0", "Canada").replace("Japan: 0", "Japan"), "commitment 7",
                 "commitment 7 has a heading but no member's section."),
    "one without a score": (SEVENTH.replace(ROWS, "").replace("Japan: 0", "Japan: N/A"), "commitment 7",
                            "text after a section without a heading, or a heading without a score: 'Japan: N/A'"),
    "a late item, no table": (SEVENTH.replace(ROWS, "") + LATE, "commitment 7",
                              "text after a section without a heading, or a heading without a score: 'In July 2024"),
    "no heading": (chapter(19, "Migration", note=5).replace("Japan: 0\n\n", ""), "commitment 19",
                   "text after a section without a heading, or a heading without a score: 'On 5 July 2024"),
    "unknown": (NINETEENTH.replace("Japan: 0", "NIPPON: 0"), "commitment 19",
                "sections headed 'NIPPON'. Expected members of codebook"),
}  # fmt: skip
"""Chapters that are left out: their text, and the gap that says why."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_one_commitment_is_said_and_spares_the_others_of_its_file(read, fault):
    text, part, reason = FAULTS[fault]
    evidence = read(HEALTH + text)
    assert numbers(evidence) == [3]
    assert said(evidence)[part].startswith(f"unread: {reason}")


USED = {
    "a late item": (SEVENTH + LATE, {}, "after commitment 7",
                    "unread: 1 paragraphs after the last member's analysts look like evidence but belong to no member. "
                    "They are not used. The first is 'In July 2024, somebody acted.'. If they are "
                    "evidence, add a heading before them."),
    "notes begin again": (NINETEENTH, {}, "notes",
                          "unread: two different notes have the same number: '1', '2'. Text that cites"),
    "a number that no file has": ("", {3, 25}, "commitment 25",
                                  "unread: no commitment has this number; found 3."),
}  # fmt: skip


@pytest.mark.parametrize("case", USED)
def test_what_is_not_used_or_not_found_is_said(read, case):
    text, wanted, part, reason = USED[case]
    assert said(read(HEALTH + text, numbers=wanted))[part].startswith(reason)


def test_a_heading_in_the_front_that_is_read_as_a_chapter_too_is_no_gap(read):
    front = "Contents\n\n6. Trees 3\n\n7. Energy 4\n\nCommitment\n\nScore\n\nCanada 0\n\nJapan 0\n\n"
    evidence = read(TITLE + front + chapter(6, "Trees", note=5) + chapter(7, "Energy"))
    assert (numbers(evidence), said(evidence)) == ([6, 7], {})


@pytest.mark.parametrize("heading", ["Final Assessment", "Score"])
def test_a_sub_heading_in_a_section_is_no_table(read, heading):
    evidence = read(ENERGY.replace("Thus, Japan", f"{heading}\n\nThus, Japan"))
    assert evidence.items.equals(read(ENERGY).items)
    assert said(evidence) == {}


DATED = "On 5 May 2025, the list of trees was sent out.\n\n"
APPENDICES = {
    "lettered": f"APPENDIX A: Lists of Trees\n\n{DATED}",
    "scores": f"Annex\n\nCanada: 0\n\nJapan: +1\n\n{DATED}",
    "names": f"Annex 2\n\nCanada\n\n{DATED}Brazil\n\nA map.\n\n",
    "references": f"References\n\n{DATED}",
}


@pytest.mark.parametrize("appendix", APPENDICES)
@pytest.mark.parametrize(("number", "left_out"), [(7, ROWS), (19, "Analyst: Ann Other\n\n")])
def test_an_appendix_is_left_out_and_said_and_the_chapter_is_read(read, appendix, number, left_out):
    plain = (HEALTH + chapter(number, "Energy", note=7)).replace(left_out, "")
    evidence = read(plain + APPENDICES[appendix])
    assert evidence.items["text"].tolist() == read(plain).items["text"].tolist()
    assert numbers(evidence) == [3, number]
    assert list(said(evidence)) == [f"after commitment {number}"]


def test_a_member_behind_an_appendix_has_a_section(read):
    plain = TITLE + chapter(7, "Energy", members=("Canada", "Japan", "Italy"))
    odd = plain.replace("Italy: 0", "Appendix\n\nA map.\n\nItaly: 0")
    assert read(odd).items["text"].tolist() == read(plain).items["text"].tolist()


@pytest.mark.parametrize("printed", ["+7.50\t999%", "0.50\t(-93%)", "12.5"])
def test_a_number_of_a_summary_that_is_no_score_or_percentage_is_not_used_and_said(read, printed):
    front = f"Table C: Final Compliance Scores by Member\n\n1\tJapan\t{printed}\n\n2\tCanada\t0.50\t75%\n\n"
    evidence = read(TITLE + front + chapter(7, "Energy"))
    assert evidence.summary["member"].tolist() == ["Canada"]
    assert said(evidence) == {
        "summary": "unread: 1 numbers of the tables before the chapters are no scores or percentages. Not used."
    }


@pytest.mark.parametrize(("printed", "found"), [
    ("Average 0,63 (81%)", [0.63, 81.0]), ("Average ‒0.5 (25,5 %)", [-0.5, 25.5]), ("Overall\t1", [1.0]),
])  # fmt: skip
def test_an_average_may_have_decimal_commas_and_any_dash(read, printed, found):
    evidence = read(ENERGY.replace("Average\t0.00 (50%)", printed))
    assert evidence.commitments[["printed_average", "printed_percent"]].iloc[0].dropna().tolist() == found
    assert said(evidence) == {}


@pytest.mark.parametrize("printed", ["Average 63%", "Average 0.5 (500%)", "Average 5.00 (50%)", "Average 0.5 / 0.6"])
def test_of_an_unclear_average_neither_number_is_used_and_it_is_said(read, printed):
    evidence = read(ENERGY.replace("Average\t0.00 (50%)", printed))
    assert evidence.commitments[["printed_average", "printed_percent"]].isna().all(axis=None)
    reason = f"unread: {printed!r} is no average from -1 to 1 with its percentage, and was not used."
    assert said(evidence) == {"average of commitment 7": reason}


def test_scores_of_table_heading_and_closing_that_differ_are_said(read):
    odd = ENERGY.replace("Canada\t\t0", "Canada\t\t-1").replace(
        "Japan receives a score of 0", "Japan gets a score of +1"
    )
    evidence = read(odd)
    assert said(evidence) == {
        "scores of commitment 7": "assumed: the printed scores differ: Canada (table -1, heading 0, closing line 0); "
        "Japan (table 0, heading 0, closing line +1). The heading's are used; compare them with the report."
    }
    assert evidence.members["published_score"].tolist() == [0, 0]
    evidence = read(ENERGY.replace("Thus, Japan", "Japan receives a score of +1.\n\nThus, Japan"))
    assert said(evidence)["stated scores of commitment 7"].startswith("unread: 1 paragraphs state a score that differs")


def test_a_chapter_whose_heading_is_not_read_is_not_mixed_with_the_one_before(read):
    two = ENERGY + chapter(8, "Wells", note=21)
    evidence = read(two)
    assert (numbers(evidence), len(evidence.items), said(evidence)) == ([7, 8], 4, {})
    lakes = chapter(9, "Lakes", note=41)
    evidence = read(two + lakes.replace("9. Lakes", "9 Lakes"))
    assert numbers(evidence) == [7]
    assert "the heading of another commitment was not read" in said(evidence)["commitment 8"]
    with pytest.raises(SourceError, match=r"commitment \? has another table of scores after its first"):
        read(TITLE + two.removeprefix(TITLE).replace("7. Energy\n\n", "Energy\n\n").replace("8. Wells", "Wells"))
