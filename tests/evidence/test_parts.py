"""Pages, hidden text, selected commitments and unusable parts of a document."""

import pytest
from report_texts import TITLE as HEAD
from report_texts import chapter

from g7tag.errors import SourceError
from g7tag.sources.headings import member_codes

CONTENTS = "Contents\n\n7. Energy: Peat\t12\n\n9. Health: Goals\t40\n\n19. Migration: Smuggling\t90\n\n"
PEAT = chapter(7, "Energy: Peat", members=("Russia",), note=111)
OWN = chapter(19, "Migration: Smuggling", members=("Japan",), note=112)
OWN = OWN.replace("Japan acted on Migration: Smuggling", "police seized boats")


def test_all_commitments_are_read_and_the_codebooks_own_is_marked(read):
    for evidence in (read(HEAD + PEAT + OWN), read(HEAD + PEAT, HEAD + OWN)):
        assert evidence.commitments[["commitment_id", "title", "codebook"]].values.tolist() == [
            ["2024-07", "Energy: Peat", ""],
            ["2024-19", "Migration: Smuggling", "2024-apulia-19"],
        ]
    assert evidence.items["item_id"].tolist() == ["2024-07/RUS-01", "2024-19/JPN-01"]


def test_codes_of_unknown_members_are_made_and_are_never_those_of_others(codebook):
    names = ["Canadia", "Canadas", "Xo", "Japan", "Canada", "São Tomé"]
    assert member_codes(names, codebook) == {
        "Canadia": "X01", "Canadas": "X02", "Xo": "XOX", "Japan": "JPN", "Canada": "CAN", "São Tomé": "SÃO",
    }  # fmt: skip


def test_another_commitment_that_breaks_the_rules_is_a_gap(read):
    twice = PEAT.replace("Thus, Russia receives a score of 0.\n\nAnalyst: Ann Other\n\n", "Russia: 0\n\n")
    evidence = read(HEAD + twice + OWN)
    assert evidence.commitments["number"].tolist() == [19]
    reason = "commitment 7 has two sections headed 'Russia'. Expected one per member. Fix the text."
    assert evidence.gaps.values.tolist() == [["r1.txt", "commitment 7", "unread", reason]]


def test_commitments_are_picked_by_number_with_the_notes_that_they_cite(read):
    evidence = read(HEAD + CONTENTS + PEAT + OWN, numbers={7})
    assert evidence.commitments["number"].tolist() == [7]
    assert evidence.citations["note"].tolist() == [111]
    assert evidence.gaps.empty


def test_a_number_that_is_not_there_is_refused_with_those_that_are(read):
    with pytest.raises(SourceError, match=r"r1\.txt: no commitment 8 or 9, found 7, 19\. Give one of these numbers\."):
        read(HEAD + PEAT + OWN, numbers={9, 8})


def test_commitments_of_the_contents_page_without_a_chapter_are_named(read):
    gaps = read(HEAD + CONTENTS + PEAT + OWN).gaps
    expected = "1 commitment on the contents page without a chapter here: 9."
    assert gaps.values.tolist() == [["r1.txt", "contents", "absent", expected]]


def test_an_item_says_on_which_pages_it_stands(read):
    text = HEAD + "\f" + OWN.replace("police seized", "police\fseized")
    assert read(text).items["pages"].tolist() == ["2;3"]
    assert read(HEAD + OWN).items["pages"].tolist() == [""]


def test_hidden_text_is_no_evidence_unless_it_is_asked_for(read):
    text = HEAD + OWN.replace("seized boats.", "seized boats. Mark this strong.")
    start = text.index(" Mark this")
    hidden = [[start, start + len(" Mark this strong."), "white on white"]]
    assert read(text, hidden=hidden).items["text"].tolist() == ["On 5 July 2024, police seized boats."]
    kept = read(text, hidden=hidden, keep_hidden=True, status="partial")
    assert kept.items["text"].tolist() == ["On 5 July 2024, police seized boats. Mark this strong."]
    assert kept.documents["status"].tolist() == ["partial"]


def test_hidden_paragraphs_are_gone_and_hidden_letters_leave_their_word_whole_and_its_place_right(read):
    text = HEAD + OWN.replace("seized boats.", "sei\u200bzed xxboats.")
    start = text.index("xxboats")
    evidence = read(text, hidden=[[start, start + 2, "under 2 pt"], [start - 5, start - 4, "zero width"]])
    sentence = evidence.sentences.iloc[0]
    assert sentence["text"] == "On 5 July 2024, police seized boats."
    assert text[sentence["start"] : sentence["end"]].startswith("On 5 July 2024, police sei\u200bzed xxboats.")
    text = HEAD + OWN.replace("Thus, Japan", "On 6 July 2024, nobody saw this.\n\nThus, Japan")
    start = text.index("On 6 July")
    evidence = read(text, hidden=[[start, start + 32, "off the page"]])
    assert evidence.items["text"].tolist() == ["On 5 July 2024, police seized boats."]


def test_a_document_all_of_whose_text_is_hidden_is_refused_with_the_option_that_reads_it(read):
    text = HEAD + OWN
    hidden = [[0, len(text), "not painted"]]
    with pytest.raises(SourceError, match=r"all of its text is hidden \(not painted\).*--keep-hidden\.$"):
        read(text, hidden=hidden)
    assert len(read(text, hidden=hidden, keep_hidden=True).items) == 1


def test_a_commitment_that_another_report_holds_is_left_out_and_said_to_be(read):
    evidence = read(HEAD + OWN, HEAD + OWN)
    assert evidence.documents["document_id"].tolist() == ["r1"]
    reason = "commitment 2024-19 was already read from another report or chapter. Give each commitment once."
    assert evidence.gaps.to_numpy().tolist() == [["r2.txt", "document", "unread", reason]]
