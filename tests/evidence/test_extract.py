"""Whole reports become frames, and items survive interruptions."""

import pytest
from report_texts import LAW as NOTE

WITHOUT_URL = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024."
OPENING = "Japan: 0\n\nJapan has partially complied with its commitment to act.\n\n"
ITEM = (
    "On 5 July 2024, Japan’s police searched 40 homes and/or boats in Osaka. Officers arrested “three men,” the U.S. "
    "embassy said. The raids cost USD2.5 million; more are planned."
)
NEXT = "On 9 July 2024, Japan’s parliament passed a law."
CLOSING = f"\n\n{NEXT}⁴⁴¹⁴\n\nThus, Japan receives a score of 0.\n\nAnalysts: Ann Other and Bo Li\n"
HEAD = "\n\n\f2024 G7 Apulia Summit Final Compliance Report\n\n"
CASES = {
    "blank lines": (NOTE, "\n\n", "\n\n"),
    "page number": (NOTE, "\n\n", "\n\n744\n\n\f"),
    "page end": (NOTE, "\n\n", "\n\f"),
    "page end, no URL": (WITHOUT_URL, "\n\n", "\n\f"),
    "no blank line": (NOTE, "\n", "\n"),
    "page start": (NOTE, "\n\n\f", "\n\n"),
    "running head": (NOTE, "\n\n", f"\n\n744{HEAD}"),
    "two notes": (f"{NOTE}\n\n{NOTE.replace('⁴⁴¹⁴', '⁴⁴¹⁵')}", "\n\n", "\n\n"),
}


@pytest.fixture
def extract(read):
    return lambda text: read(text, year="2024", numbers={19})


@pytest.mark.parametrize("case", CASES)
def test_an_item_cut_by_notes_at_any_word_is_put_together_again(extract, case):
    note, before, after = CASES[case]
    words = f"{ITEM}⁴⁴¹⁴".split(" ")
    for cut in range(1 + [*CASES].index(case) % 5, len(words), 5):  # the cases together cut at every word
        text = f"{OPENING}{' '.join(words[:cut])}{before}{note}{after}{' '.join(words[cut:])}{CLOSING}"
        text += HEAD * 3 * (case == "running head")  # a head is repeated
        items = extract(text).items
        where = f"cut between {words[cut - 1]!r} and {words[cut]!r}"
        assert items["text"].tolist() == [ITEM, NEXT], where
        assert items["citations"].tolist() == ["4414", "4414"], where
        assert items["status"].tolist() == ["ok", "ok"], where


def test_sentences_of_a_cut_item_point_to_their_own_words(extract):
    text = f"{OPENING}On 5 July 2024, police met.\n\n{NOTE}\n\nThey agreed\n\n744\n\n\fto talk.⁴⁴¹⁴{CLOSING}"
    sentences = extract(text).sentences.iloc[:2]
    assert sentences["text"].tolist() == ["On 5 July 2024, police met.", "They agreed to talk."]
    assert [text[start:end] for start, end in zip(sentences["start"], sentences["end"], strict=True)] == [
        "On 5 July 2024, police met.", "They agreed\n\n744\n\n\fto talk.",
    ]  # fmt: skip


def test_notes_of_an_item_are_listed_in_order_and_ids_are_of_commitment_member_item_and_sentence(extract):
    second = NOTE.replace("⁴⁴¹⁴", "⁴⁴¹⁵")
    text = f"{OPENING}On 5 July 2024, they met.⁴⁴¹⁵ They left.⁴⁴¹⁴{CLOSING}\n\n{NOTE}\n\n{second}"
    evidence = extract(text)
    assert evidence.items["citations"].iloc[0] == "4415;4414"
    assert evidence.items["item_id"].tolist() == ["2024-19/JPN-01", "2024-19/JPN-02"]
    assert evidence.sentences["sentence_id"].tolist() == ["2024-19/JPN-01.1", "2024-19/JPN-01.2", "2024-19/JPN-02.1"]
