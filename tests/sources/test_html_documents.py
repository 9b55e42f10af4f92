"""A report set as a web page is read word for word, with the same evidence."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manuscript import Manuscript, manuscript_of
from set_html import set_html

from g7tag.evidence import extract_evidence
from g7tag.sources.blocks import set_blocks
from g7tag.sources.html.document import read_html

pytestmark = pytest.mark.slow

WORDS = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="⁰¹²³⁴⁵⁶⁷⁸⁹"), min_size=1, max_size=8)
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
ROWS = st.lists(PARAGRAPHS.map("a {}".format), min_size=2, max_size=4).map("\t".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(PARAGRAPHS | ROWS, min_size=1, max_size=5), st.dictionaries(st.integers(1, 9999), PARAGRAPHS))
def test_a_manuscript_comes_out_word_for_word(paragraphs, notes):
    text, hidden_spans = set_blocks(read_html(set_html(Manuscript(paragraphs, notes))))
    superscripts = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    assert text.split("\n\n") == [
        *paragraphs,
        *(f"{str(n).translate(superscripts)} {note}" for n, note in notes.items()),
    ]
    assert hidden_spans == []


@pytest.mark.chapter
def test_the_chapter_as_a_page_gives_the_evidence_of_its_text(chapter, codebook):
    text, hidden_spans = set_blocks(read_html(set_html(manuscript_of(chapter.documents["text"].iloc[0]))))
    found = extract_evidence(chapter.documents.assign(text=text), codebook)
    assert hidden_spans == []
    for name in ("commitments", "members", "conclusions", "claims", "items", "sentences", "citations"):
        before, after = (getattr(evidence, name) for evidence in (chapter, found))
        others = [column for column in ("url_status", "start", "end", "pages") if column in before]
        pd.testing.assert_frame_equal(after.drop(columns=others), before.drop(columns=others))
