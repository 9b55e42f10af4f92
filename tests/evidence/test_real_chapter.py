"""Compare the real chapter with a manual reading: only numbers and names, as its text is not part of the project."""

import re

import pandas as pd
import pytest

pytestmark = pytest.mark.chapter

SUPERSCRIPT = "[⁰¹²³⁴⁵⁶⁷⁸⁹]"
COUNTS = {
    "Canada": 10, "France": 16, "Germany": 20, "Italy": 22, "Japan": 10, "United Kingdom": 46, "United States": 25,
    "European Union": 51,
}  # fmt: skip
CUT_OFF = "2024-19/GBR-05"  # it stops in mid-sentence, without a note
NOTES = [
    # note, publisher, place, published, accessed, URL's status, its last characters
    (4415, "United Nations High Commissioner for Refugees", "Geneva", "", "2024-09-16", "ok", "is-human-trafficking/"),
    (4416, "G7 Information Centre", "Apulia", "2024-06-14", "2024-09-07", "repaired", "240614-apulia-communique.html"),
    (4472, "Bundesregierung", "Berlin", "", "2024-10-03", "broken", "2024-07-02-deu-pol-aktionsplan-de-data.pdf"),
    (4479, "Federal Ministry of the Interior and Community", "Berlin", "2024-10-17", "2024-11-25", "ok", "handel.html"),
    (4584, "US Department of the Treasury", "Washington, D.C.", "2024-11-19", "2024-12-01", "ok", "releases/jy2719"),
    (4603, "European Union Agency for Law Enforcement Cooperation", "Luxembourg", "", "2024-10-03", "repaired",
     "_in_human_beings_in_2023_and_onwards.pdf"),
    (4616, "Delegation of the European Union to Bangladesh", "Dhaka", "2024-10-03", "2024-10-31", "broken", "ity en"),
    (4641, "European Union Agency for Criminal Justice Cooperation", "The Hague", "2025-03-31", "2025-04-05", "ok",
     "eurojust-meeting-migrant-smuggling-2024"),
]  # fmt: skip


def words_of(span):
    """Words of a piece of the chapter, without note marks."""
    return " ".join(re.sub(f"{SUPERSCRIPT}+", "", span).split())


def without_notes(span):
    """A piece of the chapter without the text between its first and last block: notes, URLs and unbroken parts."""
    first, *between, last = re.split(r"\n\s*\n", span)
    furniture = rf"\s*({SUPERSCRIPT}|\d{{4}}\s|https?://|\S*[/-]\S*\s*$)"
    return "\n".join([first, *(block for block in between if not re.match(furniture, block)), last])


@pytest.fixture(scope="module")
def spans(chapter):
    """Return sentence id -> its text, and the text at its place in the document."""
    text = chapter.documents["text"].iloc[0]
    rows = chapter.sentences.itertuples()
    return {row.sentence_id: (row.text, text[row.start : row.end]) for row in rows}


def test_items_and_sentences_are_those_counted_by_hand_and_one_item_alone_is_cut_off(chapter):
    assert chapter.items.groupby("member", sort=False).size().to_dict() == COUNTS
    assert chapter.items["position"].tolist() == [place + 1 for n in COUNTS.values() for place in range(n)]
    assert len(chapter.sentences) == 422
    status = chapter.items.set_index("item_id")["status"]
    assert status[status != "ok"].to_dict() == {CUT_OFF: "cut_off"}
    joined = chapter.sentences.groupby("item_id", sort=False)["text"].agg(" ".join)
    pd.testing.assert_series_equal(joined, chapter.items.set_index("item_id")["text"])


def test_items_have_the_day_they_open_with_and_two_lie_outside_the_period(chapter, codebook):
    dates = chapter.items.set_index("item_id")["date"]
    opening = [str(dates[f"2024-19/{item}"].date()) for item in ("CAN-01", "CAN-10", "FRA-01", "GBR-05")]
    assert opening == ["2024-07-12", "2025-03-14", "2024-07-05", "2024-07-18"]
    first, last = codebook.commitment.period_start, codebook.commitment.period_end
    outside = dates[~dates.between(pd.Timestamp(first), pd.Timestamp(last))]
    assert outside.dt.date.astype(str).to_dict() == {"2024-19/EUU-01": "2024-06-13", "2024-19/EUU-47": "2023-03-16"}


def test_all_notes_are_read_and_every_item_but_the_cut_one_has_one_in_order(chapter):
    assert chapter.citations["note"].tolist() == list(range(4414, 4642))
    cited = chapter.items.set_index("item_id")["citations"]
    assert cited[CUT_OFF] == ""
    assert cited.drop(CUT_OFF).tolist() == [str(number) for number in range(4443, 4642)]


def test_notes_read_as_a_person_reads_them(chapter):
    notes = chapter.citations.set_index("note")
    for note, publisher, place, published, accessed, url_status, ending in NOTES:
        row = notes.loc[note]
        days = ["" if pd.isna(day) else str(day.date()) for day in (row["published"], row["accessed"])]
        assert [note, row["publisher"], row["place"], *days] == [note, publisher, place, published, accessed]
        assert (note, row["url_status"], row["url"][-len(ending) :]) == (note, url_status, ending)
    assert notes["translation"][[4453, 4454, 4455]].tolist() == ["", "Google Translate", "Analyst"]


def test_every_note_has_a_url_and_those_that_only_a_guess_could_mend_are_flagged(chapter):
    assert chapter.citations["url"].str.startswith("https://").all()
    broken = chapter.citations.loc[chapter.citations["url_status"] == "broken", "note"]
    assert broken.tolist() == [4472, 4537, 4616, 4618]


def test_japan_has_three_conclusions_and_all_others_two(chapter):
    places = chapter.conclusions.groupby("member", sort=False)["place"].agg("/".join).to_dict()
    assert places == dict.fromkeys(COUNTS, "opening/closing") | {"Japan": "opening/closing/closing"}
    analysts = chapter.conclusions.loc[chapter.conclusions["member"] == "Japan", "analysts"]
    assert analysts.unique().tolist() == ["Anali Arambula Galindo;Lorenzo Songsare Shevy"]


def test_a_sentence_is_its_span_without_marks_and_interrupting_notes_and_spans_follow_each_other(chapter, spans):
    cut = {name for name, (_, span) in spans.items() if re.search(r"\n\s*\n", span)}
    assert len(spans) - len(cut) > 400
    assert len(cut) >= 10
    found = {name: words_of(without_notes(span) if name in cut else span) for name, (_, span) in spans.items()}
    assert [name for name, (text, _) in spans.items() if found[name] != text] == []
    starts, ends = chapter.sentences["start"], chapter.sentences["end"]
    assert (starts < ends).all()
    assert (starts.iloc[1:].to_numpy() >= ends.iloc[:-1].to_numpy()).all()
