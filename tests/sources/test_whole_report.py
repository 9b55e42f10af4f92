"""A whole report of three commitments, set in each format, is read as it was written."""

import re
from fractions import Fraction

import pandas as pd
import pytest
from set_docx import set_docx
from set_html import set_html
from set_pdf import set_pdf
from set_text import set_text
from whole_report import MEMBERS, whole_report

from g7tag.evidence import extract_evidence
from g7tag.sources import read_documents
from g7tag.sources.marks import SUPERSCRIPTS, superscript_number

pytestmark = pytest.mark.slow

SETTERS = {"text": set_text, "pdf": set_pdf, "docx": set_docx, "html": set_html}
FRAMES = ("commitments", "members", "summary", "conclusions", "items", "sentences", "citations")
PLACES = ("document_id", "start", "end", "pages")
"""Columns with positions, which differ by format."""
MARK = re.compile(f"[{SUPERSCRIPTS}]+")


@pytest.fixture(scope="module")
def manuscript():
    return whole_report(commitments=3, items=60)


@pytest.fixture(scope="module")
def read(manuscript, codebook, tmp_path_factory):
    """Format -> the evidence of the report in it."""
    folder = tmp_path_factory.mktemp("reports")

    def read_as(kind):
        path = folder / f"{kind}-report"
        path.write_bytes(SETTERS[kind](manuscript))
        found = read_documents([path])
        return extract_evidence(found.documents, codebook, gaps=found.gaps)

    return {kind: read_as(kind) for kind in SETTERS}


@pytest.mark.parametrize("kind", SETTERS)
def test_nothing_is_missing(read, kind):
    assert read[kind].gaps.empty
    assert read[kind].documents["status"].tolist() == ["ok"]


@pytest.mark.parametrize("kind", SETTERS)
def test_items_are_those_written_word_for_word(read, kind, manuscript):
    written = [paragraph for paragraph in manuscript.paragraphs if paragraph.startswith("On ")]
    items = read[kind].items
    assert items["text"].tolist() == [MARK.sub("", text) for text in written]
    assert items["citations"].tolist() == [
        ";".join(str(superscript_number(mark)) for mark in MARK.findall(text)) for text in written
    ]
    assert set(items["status"]) == {"ok"}


@pytest.mark.parametrize("kind", SETTERS)
def test_members_and_their_scores_are_those_of_the_headings(read, kind, manuscript):
    headings = [re.fullmatch(r"([A-Z][A-Za-z ]+): ([+-]?[01])", text) for text in manuscript.paragraphs]
    members = read[kind].members
    assert members[["member", "heading_score"]].to_numpy().tolist() == [[h[1], int(h[2])] for h in headings if h]
    for column in ("table_score", "stated_score", "published_score"):
        assert members[column].tolist() == members["heading_score"].tolist(), column


@pytest.mark.parametrize("kind", SETTERS)
def test_notes_are_those_written(read, kind, manuscript):
    citations = read[kind].citations
    assert citations["note"].tolist() == list(manuscript.notes)
    assert citations["url"].tolist() == [note.rpartition(" ")[2] for note in manuscript.notes.values()]


@pytest.mark.parametrize("kind", [kind for kind in SETTERS if kind != "html"])
@pytest.mark.parametrize("frame", FRAMES)
def test_every_format_says_the_same(read, kind, frame):
    found, expected = (
        getattr(read[each], frame).drop(columns=list(PLACES), errors="ignore") for each in (kind, "html")
    )
    if frame == "citations":  # a URL split at a line end counts as repaired
        found, expected = (each.drop(columns="url_status") for each in (found, expected))
    pd.testing.assert_frame_equal(found, expected)


def test_a_report_is_the_same_for_the_same_numbers():
    assert whole_report(commitments=2, items=20) == whole_report(commitments=2, items=20)
    assert whole_report(commitments=2, items=20, random_state=1) != whole_report(commitments=2, items=20)


def test_a_report_has_the_commitments_and_items_asked_for():
    paragraphs = whole_report(commitments=4, items=50).paragraphs
    assert sum(text.startswith("On ") for text in paragraphs) == 50
    assert paragraphs.count("Assessment") == 4


def test_one_commitment_has_six_members_and_one_an_outsider():
    chapters = "\n".join(whole_report(commitments=4, items=40).paragraphs).split("\nAssessment\n")[1:]
    headings = [re.findall(r"^([A-Z][A-Za-z ]+): [+-]?[01]$", chapter, re.M) for chapter in chapters]
    assert headings == [list(MEMBERS), list(MEMBERS[:6]), [*MEMBERS, "South Africa"], list(MEMBERS)]


def test_printed_averages_follow_from_the_scores():
    paragraphs = whole_report(commitments=6, items=60).paragraphs
    start = next(place for place, text in enumerate(paragraphs) if text.startswith("\tCanada"))
    rows = [text.split("\t") for text in paragraphs[start + 1 : start + 7]]
    for row in rows:
        scores = [int(score) for score in row[1:9] if score != "n/a"]
        mean = Fraction(sum(scores), len(scores))
        assert abs(Fraction(row[9]) - mean) <= Fraction(1, 200)  # two decimals
        assert abs(Fraction(row[10].rstrip("%")) - (mean + 1) * 50) <= Fraction(1, 2)


def test_a_long_table_of_scores_is_no_text_in_two_columns(codebook, tmp_path):
    manuscript = whole_report(commitments=14, items=28)
    summaries = []
    for kind in ("pdf", "html"):
        (tmp_path / kind).write_bytes(SETTERS[kind](manuscript))
        summaries.append(extract_evidence(read_documents([tmp_path / kind]).documents, codebook).summary)
    pdf, html = (summary.drop(columns="document_id") for summary in summaries)
    pd.testing.assert_frame_equal(pdf, html)
    assert len(pdf) > 14 * 8
