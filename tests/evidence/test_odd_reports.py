"""Read whole reports with unusual chapters, years, headings and notes."""

import time

import pandas as pd
import pytest
from report_texts import TITLE, chapter, numbers, said

from g7tag.errors import SourceError
from g7tag.evidence import require_commitment
from g7tag.evidence.chapters import _TABLE_ROW


@pytest.mark.parametrize("heading", ["Assessment:", "ASSESSMENT"])
def test_the_assessment_is_known_with_a_colon_and_in_capitals(read, heading):
    text = TITLE + chapter(3, "Health: Doses") + chapter(4, "Trade: Tolls", note=3)
    told = text.replace("Assessment", heading).replace("Average\t", "Average:\t")
    pd.testing.assert_frame_equal(read(told).commitments, read(text).commitments)
    assert numbers(read(told)) == [3, 4]


@pytest.mark.parametrize(
    "front",
    ["Contents\n\n3. Health: Doses\n\nWe chose:\n\n3. Health: Doses\n\n", ""],
    ids=["named twice before", "a running head behind"],
)
def test_a_heading_that_is_repeated_heads_its_chapter(read, front):
    pages = "" if front else "\f3. Health: Doses\n\n\f3. Health: Doses\n\n"
    evidence = read(TITLE + front + chapter(3, "Health: Doses") + pages)
    assert evidence.commitments[["number", "title", "codebook"]].to_numpy().tolist() == [[3, "Health: Doses", ""]]


def test_what_does_not_say_its_summit_or_its_number_is_read_and_not_scored(read):
    text = chapter(19, "Migration").replace("19. Migration\n\n", "")
    evidence = read(text)
    assert said(evidence) == {
        "title": "unread: its title names no summit with its year, so its evidence is read but not scored. Give "
        "the year of its summit, such as --year 2024.",
        "heading": "unread: no heading gives the number of its commitment, so its evidence is read but not scored. "
        "Give the number, such as --commitment 19.",
    }
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["codebook"]) == ("r1-00", "")
    assert pd.isna(row["number"])
    assert evidence.items["item_id"].tolist() == ["r1-00/CAN-01", "r1-00/JPN-01"]


def test_nothing_is_scored_by_a_year_or_a_number_alone(read, codebook):
    text = chapter(19, "Migration").replace("19. Migration\n\n", "")
    for found in (read(TITLE + text), read(text, year="2024"), read(text, numbers={19})):
        assert found.commitments["codebook"].tolist() == [""]
        with pytest.raises(SourceError, match=r"r1\.txt: no commitment 2024-19, found 'r1-.*but not scored\. Give"):
            require_commitment(found, codebook)


def test_somebody_may_say_the_year_and_the_number(read):
    text = chapter(19, "Migration").replace("19. Migration\n\n", "")
    evidence = read(text, year="2024", numbers={19})
    assert said(evidence) == {}
    assert evidence.commitments[["commitment_id", "codebook"]].to_numpy().tolist() == [["2024-19", "2024-apulia-19"]]


def test_a_year_that_somebody_says_counts_before_the_titles_and_that_is_said(read):
    text = "2018 Charlevoix G7 Final Compliance Report\n\n" + chapter(19, "Oceans: Plastics")
    evidence = read(text, year="2024")
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["codebook"]) == ("2024-19", "2024-apulia-19")
    assert said(evidence) == {"title": "assumed: names the summit of 2018, but was read as 2024, as requested."}


def test_summits_that_prose_names_are_not_the_reports(read):
    prose = "Leaders spoke of it at the 2016 Ise-Shima Summit, and again at the 2023 Hiroshima Summit that followed."
    text = f"A study of compliance\n\n{prose}\n\n" + chapter(19, "Migration").replace("19. Migration\n\n", "")
    assert read(text, numbers={19}).commitments["commitment_id"].tolist() == ["r1-19"]
    assert read(text, numbers={19}, year="2024").commitments["codebook"].tolist() == ["2024-apulia-19"]


def test_a_title_whose_year_is_not_of_its_place_is_in_doubt(read):
    evidence = read("2023 Charlevoix G7 Final Compliance Report\n\n" + chapter(19, "Oceans: Plastics"))
    assert said(evidence)["title"].startswith(
        "unread: its title names 'Charlevoix' with the year 2023, but the summits there were"
    )
    assert evidence.commitments["codebook"].tolist() == [""]


def test_a_chapter_without_a_members_section_is_a_gap(read):
    odd = chapter(7, "Energy", note=7).replace("Canada: 0", "Canada").replace("Japan: 0", "Japan")
    evidence = read(TITLE + chapter(3, "Health: Doses") + odd)
    assert said(evidence) == {"commitment 7": "unread: commitment 7 has a heading but no member's section."}


@pytest.mark.parametrize(
    ("title", "commitment_id", "own"),
    [
        ("2023 G7 Hiroshima Summit Final Compliance Report\n\n", "2023-19", ""),
        ("G7 Hiroshima Summit 2023 Final Compliance Report\n\n", "2023-19", ""),
        ("2023 G20 New Delhi Summit Interim Compliance Report\n\n", "G20-2023-19", ""),
        ("2024 G20 Rio de Janeiro Summit Final Compliance Report\n\n", "G20-2024-19", ""),
        (TITLE, "2024-19", "2024-apulia-19"),
    ],
    ids=["year first", "year last", "G20", "G20 of the year", "own"],
)
def test_the_summit_of_the_title_tells_commitments_of_one_number_apart(read, title, commitment_id, own):
    row = read(title + chapter(19, "Debt: Relief")).commitments.iloc[0]
    assert (row["commitment_id"], row["codebook"]) == (commitment_id, own)


@pytest.mark.parametrize("heading", ["Japan: N/A", "JAPAN"])
def test_a_members_heading_without_a_score_leaves_the_commitment_out(read, heading):
    text = chapter(19, "Migration", note=7).replace("Analyst: Ann Other\n\n⁷", "⁷").replace("Japan: 0", heading)
    text = text.replace("Japan\t\t0\t\n", "")
    evidence = read(TITLE + chapter(3, "Health: Doses") + text)
    assert numbers(evidence) == [3]
    assert f"a heading without a score: '{heading}'" in said(evidence)["commitment 19"]


def test_undated_items_behind_the_end_of_a_section_are_not_dropped(read):
    text = chapter(7, "Energy", note=7) + "In July 2024, somebody acted.\n\n"
    told = said(read(TITLE + chapter(3, "Health: Doses") + text))
    assert "In July 2024, somebody acted." in told["after commitment 7"]
    without_table = text.replace("Canada\t\t0\t\nJapan\t\t0\t\n", "")
    told = said(read(TITLE + chapter(3, "Health: Doses") + without_table))
    assert "In July 2024, somebody acted." in told["commitment 7"]  # it may be that of a member without a heading


def test_notes_that_begin_again_in_each_chapter_are_told(read):
    evidence = read(TITLE + chapter(3, "Health: Doses") + chapter(19, "Migration"))
    assert said(evidence)["notes"].startswith(
        "unread: two different notes have the same number: '1', '2'. Text that cites"
    )


def test_an_average_that_several_chapters_print_is_no_running_head(read):
    texts = [chapter(number, f"Energy: Part {number}", note=number * 10) for number in (3, 5, 7)]
    evidence = read(TITLE + "".join(texts).replace("Average\t", "\nAverage "))
    assert evidence.commitments["printed_percent"].tolist() == [50.0, 50.0, 50.0]


def test_a_fault_in_one_commitment_spares_the_others_of_its_file(read):
    own = chapter(19, "Migration", note=7).replace("Japan: 0", "NIPPON: 0")
    evidence = read(TITLE + chapter(3, "Health: Doses") + own)
    assert numbers(evidence) == [3]
    assert said(evidence)["commitment 19"].startswith("unread: sections headed 'NIPPON'. Expected members of codebook")


def test_a_number_that_no_file_has_is_a_gap(read):
    evidence = read(TITLE + chapter(3, "Health: Doses"), numbers={3, 25})
    assert said(evidence) == {"commitment 25": "unread: no commitment has this number; found 3."}


def test_only_members_of_its_table_head_sections_of_another_commitment(read):
    text = chapter(7, "Energy").replace("Thus, Canada", "Doses per head: 1\n\nThus, Canada", 1)
    assert read(TITLE + text).members["code"].tolist() == ["CAN", "JPN"]


def test_a_score_stated_at_the_end_of_a_conclusion_is_read(read):
    conclusion = "Canada has partially complied with its commitment to act. Thus, Canada receives a score of -1."
    text = chapter(19, "Migration").replace("Thus, Canada receives a score of 0.", conclusion)
    members = read(TITLE + text).members.set_index("member")["stated_score"]
    assert members.to_dict() == pd.Series({"Canada": -1, "Japan": 0}).to_dict()


APPENDICES = {
    "dated line": "Appendix\n\nOn 5 May 2025, the list of trees was sent out.\n\n",
    "lettered": "APPENDIX A: Lists of Trees\n\nOn 5 May 2025, the list of trees was sent out.\n\n",
    "scores": "Annex\n\nCanada: 0\n\nJapan: +1\n\nOn 5 May 2025, the list of trees was sent out.\n\n",
    "names": "Annex 2\n\nCanada\n\nOn 5 May 2025, the list of trees was sent out.\n\nBrazil\n\nA map.\n\n",
    "references": "References\n\nOn 5 May 2025, the list of trees was sent out.\n\n",
}


@pytest.mark.parametrize("appendix", APPENDICES.values(), ids=APPENDICES)
@pytest.mark.parametrize(("number", "left_out"), [(7, "Canada\t\t0\t\nJapan\t\t0\t\n"), (19, "Analyst: Ann Other\n\n")])
def test_an_appendix_is_left_out_and_said_and_the_chapter_is_read(read, appendix, number, left_out):
    plain = (TITLE + chapter(3, "Health: Doses") + chapter(number, "Energy", note=7)).replace(left_out, "")
    evidence = read(plain + appendix)
    assert evidence.items["text"].tolist() == read(plain).items["text"].tolist()
    assert numbers(evidence) == [3, number]
    assert list(said(evidence)) == [f"after commitment {number}"]


def test_a_member_behind_an_appendix_has_a_section(read):
    plain = chapter(7, "Energy", members=("Canada", "Japan", "Italy"))
    odd = plain.replace("Italy: 0", "Appendix\n\nA map.\n\nItaly: 0")
    assert read(TITLE + odd).items["text"].tolist() == read(TITLE + plain).items["text"].tolist()


def test_the_first_word_of_items_that_notes_cut_is_no_running_head(read):
    members = ("Canada", "France", "Italy", "Japan")
    plain = TITLE + chapter(7, "Energy", members=members)
    note = "{} Of a law, Paper (Rome) 6 July 2024. Access Date: 7 July 2024. https://a.example/law"
    cut = plain
    for mark in "⁵⁶⁷⁸":
        cut = cut.replace("\n\nOn 5 July", f"\n\nOn\n\n{note.format(mark)}\n\n5 July", 1)
    assert read(cut).items["text"].tolist() == read(plain).items["text"].tolist()


@pytest.mark.parametrize("printed", ["+7.50\t999%", "0.50\t(-93%)", "12.5"])
def test_a_number_of_a_summary_that_is_no_score_or_percentage_is_not_used_and_said(read, printed):
    front = f"Table C: Final Compliance Scores by Member\n\n1\tJapan\t{printed}\n\n2\tCanada\t0.50\t75%\n\n"
    evidence = read(TITLE + front + chapter(7, "Energy"))
    assert evidence.summary["member"].tolist() == ["Canada"]
    assert said(evidence) == {
        "summary": "unread: 1 numbers of the tables before the chapters are no scores or percentages. Not used."
    }


TABLED = TITLE + chapter(7, "Energy")


@pytest.mark.parametrize(
    ("printed", "value", "percent"),
    [("Average 0,63 (81%)", 0.63, 81.0), ("Average ‒0.5 (25,5 %)", -0.5, 25.5), ("Overall\t1", 1.0, None)],
)
def test_an_average_may_have_decimal_commas_and_any_dash(read, printed, value, percent):
    evidence = read(TABLED.replace("Average\t0.00 (50%)", printed))
    assert evidence.commitments[["printed_average", "printed_percent"]].iloc[0].dropna().tolist() == [
        number for number in (value, percent) if number is not None
    ]
    assert said(evidence) == {}


@pytest.mark.parametrize("printed", ["Average 63%", "Average 0.5 (500%)", "Average 5.00 (50%)", "Average 0.5 / 0.6"])
def test_of_an_unclear_average_neither_number_is_used_and_it_is_said(read, printed):
    evidence = read(TABLED.replace("Average\t0.00 (50%)", printed))
    assert evidence.commitments[["printed_average", "printed_percent"]].isna().all(axis=None)
    assert said(evidence)["average of commitment 7"].startswith(f"unread: {printed!r} is no average")
    assert len(said(evidence)) == 1


@pytest.mark.parametrize("heading", ["Final Assessment", "Score"])
def test_a_sub_heading_in_a_section_is_no_table(read, heading):
    evidence = read(TABLED.replace("Thus, Japan", f"{heading}\n\nThus, Japan"))
    assert evidence.items.equals(read(TABLED).items)
    assert said(evidence) == {}


def test_a_heading_in_the_front_that_is_read_as_a_chapter_too_is_no_gap(read):
    front = "Contents\n\n6. Trees 3\n\n7. Energy 4\n\nCommitment\n\nScore\n\nCanada 0\n\nJapan 0\n\n"
    evidence = read(TITLE + front + chapter(6, "Trees", note=5) + chapter(7, "Energy"))
    assert evidence.commitments["number"].tolist() == [6, 7]
    assert said(evidence) == {}


@pytest.mark.parametrize("filling", [" ", " a", "- "])
def test_a_row_of_the_table_is_looked_for_in_linear_time(filling):
    took = []
    for length in (20_000, 80_000):
        began = time.process_time()
        assert not _TABLE_ROW.fullmatch("Canada" + filling * length)
        took.append(time.process_time() - began)
    assert took[1] < 0.5


def test_scores_of_table_heading_and_closing_that_differ_are_said(read):
    evidence = read(
        TABLED.replace("Canada\t\t0", "Canada\t\t-1").replace(
            "Japan receives a score of 0", "Japan receives a score of +1"
        )
    )
    assert said(evidence) == {
        "scores of commitment 7": "assumed: the printed scores differ: Canada (table -1, heading 0, closing line 0); "
        "Japan (table 0, heading 0, closing line +1). The heading's are used; compare them with the report."
    }
    assert evidence.members["published_score"].tolist() == [0, 0]
    evidence = read(TABLED.replace("Thus, Japan", "Japan receives a score of +1.\n\nThus, Japan"))
    assert said(evidence)["stated scores of commitment 7"].startswith("unread: 1 paragraphs state a score that differs")


def test_evidence_on_other_duties_and_scores_counts_as_items_of_a_whole_report(read):
    paragraphs = [
        "Japan sent guards to Libya in compliance with its commitments to the agency.¹",
        "Japan received from the agency a score of 1 for its\nborder checks.¹",
        "On 6 July 2024, Japan announced a report\nWritten by the ministry.¹",
    ]
    evidence = read(TABLED.replace("Thus, Japan", "\n\n".join([*paragraphs, "Thus, Japan"])))
    assert evidence.items["member"].tolist() == ["Canada", *["Japan"] * 4]
    assert (len(evidence.conclusions), said(evidence)) == (0, {})
