"""Scans: pages that are images, recognized by OCRmyPDF and Tesseract (OCR)."""

import importlib.util
import os
import shutil
import time
from pathlib import Path

import pytest
from manuscript import manuscript_of
from PIL import Image
from same_evidence import evidence_of, said
from set_pdf import Style, set_pdf
from set_scan import same_words, scanned

import g7tag
from g7tag.errors import SourceError, UsageError
from g7tag.evidence import extract_evidence
from g7tag.sources import read_documents
from g7tag.sources.ocr import recognize
from g7tag.sources.ocr.doubts import DoubtfulWord, doubtful_words, scan_gaps
from g7tag.sources.ocr.marks import find_marks, settle_numbers, supply_numbers, without_mark
from g7tag.sources.ocr.recognize import Recognition, ScannedPage
from g7tag.sources.ocr.words import Box, TextLine, Word, read_words
from g7tag.sources.pdf.lines import Piece
from g7tag.sources.pdf.recognized import level_sizes

REPORT = g7tag.example_path("invented-report.txt").read_text()


@pytest.fixture(scope="module")
def ocr():
    """OCRmyPDF and Tesseract, if this machine has them."""
    if importlib.util.find_spec("ocrmypdf") and shutil.which("tesseract"):
        return
    message = "OCRMYPDF OR TESSERACT IS MISSING: install the extra ocr, and Tesseract (apt-get install tesseract-ocr)"
    if os.environ.get("G7TAG_OCR"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.mark.nightly
def test_a_scan_of_300_dpi_gives_the_items_and_notes_of_its_text(ocr, tmp_path, codebook):
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(set_pdf(manuscript_of(REPORT), Style()), skew=0.5, specks=5))
    read = read_documents([path], ocr=True)
    true, found = evidence_of(REPORT, codebook), extract_evidence(
        read.documents, codebook, gaps=read.gaps, doubtful=read.doubtful
    )  # fmt: skip
    assert found.items["item_id"].tolist() == true.items["item_id"].tolist()
    pairs = list(zip(found.items["text"], true.items["text"], strict=True))
    assert sum(same_words(*pair) for pair in pairs) >= 0.8 * len(pairs)
    assert said(found)["items"]["date"] == said(true)["items"]["date"]
    assert said(found)["items"]["citations"] == said(true)["items"]["citations"]
    assert said(found)["citations"]["note"] == said(true)["citations"]["note"]
    assert said(found)["members"] == said(true)["members"]
    assert read.documents["status"].tolist() == ["recognized"]
    row = found.gaps.iloc[0]
    assert (row["part"], row["kind"]) == ("scanned pages", "recognized")
    assert "Tesseract" in row["reason"]
    assert "with a confidence of 9" in row["reason"]


def test_a_missing_program_is_named_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(recognize.shutil, "which", lambda _: None)
    monkeypatch.setattr(recognize.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"^--ocr: OCRmyPDF and Tesseract are not installed\. Install both: pip insta"):
        read_documents([tmp_path / "a.pdf"], ocr=True)


def recognized(pages, monkeypatch, *, wait=0.0):
    """Recognize two pages with a stand-in, which fails for two pages at a time and gives these alone."""

    def stand_in(folder, numbers, progress, end):
        time.sleep(wait)
        if len(numbers) > 1:
            message = "OCRmyPDF takes more than 360 s. Expected a smaller document; split it."
            raise SourceError(message)
        if numbers[0] not in pages:
            message = "OCRmyPDF stopped (exit code 3)"
            raise SourceError(message)
        yield numbers[0], recognize._Read([TextLine([word("Japan", 100)], 20, 100, True)], [], [], 3300, 300)

    monkeypatch.setattr(recognize, "_recognize", stand_in)
    monkeypatch.setattr(recognize, "require_ocr", lambda: None)
    monkeypatch.setattr(recognize, "version_of", lambda *_: "1")
    return recognize.recognize_pages(b"%PDF", [0, 1])


def test_pages_recognized_at_a_second_try_are_no_gap(monkeypatch):
    found = recognized({0, 1}, monkeypatch)
    assert (list(found.pages), found.problem) == ([0, 1], "")
    found = recognized({0}, monkeypatch)
    assert (list(found.pages), found.problem) == ([0], "OCRmyPDF stopped (exit code 3)")


def test_recognizing_a_document_has_a_limit_of_time(monkeypatch):
    monkeypatch.setattr(recognize, "_WHOLE_SPARE", 0.0)
    monkeypatch.setattr(recognize, "_WHOLE_PAGE", 0.01)
    found = recognized({0, 1}, monkeypatch, wait=0.05)
    # 2 pages of 0.01 s, so 0 s
    assert (found.pages, found.problem) == ({}, "they were not reached within 0 s")


def word(text: str, left: float, *, base: float = 100.0, height: float = 30.0, confidence: float = 95.0) -> Word:
    """A word with letters that are 10 pixels apart and as high as a capital."""
    letters = [(letter, Box(left + 10 * at, base - height, left + 10 * at + 8, base)) for at, letter in enumerate(text)]
    return Word(letters, Box(left, base - height, left + 10 * len(text), base), confidence)


def drawn(folder: Path, *boxes: tuple[int, int, int, int]) -> Path:
    """An image with black boxes."""
    image = Image.new("L", (400, 200), 255)
    for box in boxes:
        image.paste(0, box)
    path = folder / "page.png"
    image.save(path)
    return path


def test_a_raised_number_at_the_end_of_a_word_is_a_mark(tmp_path):
    # letters with a base at 100 and 20 pixels high; digits from 65 to 85, a comma from 80 to 86, two more digits
    raised = [(30, 65, 36, 85), (40, 65, 46, 85), (49, 80, 52, 86), (56, 65, 62, 85)]
    page = drawn(tmp_path, (10, 80, 18, 100), (20, 80, 28, 100), *raised)
    line = TextLine(
        [Word([*word("ab", 10).letters, ("'", Box(30, 65, 62, 86))], Box(10, 65, 62, 100), 40.0)], 20, 100, True
    )
    marks = find_marks([line], page)
    assert [(mark.box, mark.digits) for mark in marks] == [(Box(30, 65, 46, 85), 2), (Box(56, 65, 62, 85), 1)]
    assert without_mark(line.words[0], marks) == ("ab", 30)


@pytest.mark.parametrize(
    ("boxes", "text", "confidence"),
    [
        ([(30, 65, 33, 72), (36, 65, 39, 72)], '"', 90.0),
        ([(30, 65, 36, 85), (38, 65, 44, 85)], "th", 90.0),
        ([(30, 70, 36, 100)], "7", 90.0),
    ],
    ids=["quotation mark", "raised letters", "on the line"],
)
def test_other_signs_at_the_end_of_a_word_are_no_marks(tmp_path, boxes, text, confidence):
    page = drawn(tmp_path, (10, 80, 18, 100), (20, 80, 28, 100), *boxes)
    letters = [
        *word("ab", 10).letters,
        *((letter, Box(30 + 8 * at, 65, 37 + 8 * at, 85)) for at, letter in enumerate(text)),
    ]
    line = TextLine([Word(letters, Box(10, 65, 46, 100), confidence)], 20, 100, True)
    assert find_marks([line], page) == []


def test_a_page_without_text_has_no_marks(tmp_path):
    assert find_marks([], tmp_path / "missing.png") == []


def test_a_misread_mark_is_the_number_between_its_neighbours():
    assert settle_numbers([7, 3, 9]) == [7, 8, 9]
    assert settle_numbers([7, None, None, 10]) == [7, 8, 9, 10]
    assert settle_numbers([7, None, 12]) == [7, None, 12]
    assert settle_numbers([]) == []


def test_an_unread_first_mark_is_supplied_only_if_its_note_is_known():
    assert supply_numbers([None, 8, None], {7, 8}) == [7, 8, None]
    assert supply_numbers([None], {7}) == [None]


@pytest.mark.parametrize("content", [b"", b"<html>", b"not hocr", b"<html><span class='ocr_line'/></html>"])
def test_what_is_no_page_has_no_words(content):
    assert read_words(content).lines == []


def scan(
    *lines: str, confidence: float = 95.0, doubtful: tuple = (), corrected: int = 0, unread: int = 0
) -> ScannedPage:
    page = {"lines": [[0, 9, 9, 9, 0, 9, line] for line in lines]}
    return ScannedPage(page, confidence, list(doubtful), corrected, unread)


def test_what_was_recognized_badly_is_reported():
    pages = {0: scan("a"), 1: scan("b", confidence=61.4, unread=2), 2: scan(), 3: scan("c", corrected=3)}
    rows = list(scan_gaps(Recognition(pages, "OCRmyPDF 1 with Tesseract 2", "it stopped")))
    assert [(part, kind) for part, kind, _ in rows] == [
        ("scanned pages", "recognized"), ("page 2", "unread"), ("page 2", "unread"), ("page 3", "unread"),
        ("note marks", "recognized"), ("scanned pages", "unread"),
    ]  # fmt: skip
    # (95 + 61.4 + 95 + 95) / 4 = 86.6
    assert "text of 4 scanned pages (OCR), with a confidence of 87 of 100 (lowest: 61, page 2)" in rows[0][2]
    assert rows[1][2].startswith("was recognized with a confidence of only 61 of 100")


@pytest.mark.parametrize(
    ("words", "line", "doubt"),
    [
        ([("Japan:", 95), ("-", 70), ("1", 93)], "Japan: - 1", 70),
        ([("Japan:", 95), ("+", 60), ("1", 93)], "Japan: + 1", 60),
        ([("Japan:", 95), ("–", 74), ("l", 93)], "Japan: – l", 74),
        ([("Japan:", 95), ("-1", 41)], "Japan: -1", 41),
        ([("Japan:", 95), ("~", 90), ("1", 93)], "Japan: 1", 90),
        ([("Japan", 95), ("-", 30), ("1", 93)], "Japan - 1", 30),
        ([("Japan:", 95), ("-", 90), ("1", 93), ("~", 12)], "Japan: - 1", None),
        ([("Japan:", 95), ("-1", 93)], "Japan: -1", None),
        ([("Japan", 95), (".....", 40), ("-1", 93)], "Japan\t-1", None),
        ([("on", 95), ("-", 20), ("the", 95), ("dyke", 95)], "on the dyke", None),
    ],
)
def test_a_score_keeps_its_sign_and_a_doubtful_one_is_said(words, line, doubt):
    # letters are 20 pixels high and 10 apart; words are 20 apart
    lefts = [100 + sum(10 * len(text) + 20 for text, _ in words[:at]) for at in range(len(words))]
    placed = [word(text, left, confidence=sure) for (text, sure), left in zip(words, lefts, strict=True)]
    page = recognize._set(recognize._Read([TextLine(placed, 20, 100, True)], [], [], 3300, 300), [])
    assert [each.text for each in page.page["lines"]] == [line]
    assert [sure for _, sure in page.scores] == [doubt] * (doubt is not None)
    rows = [reason for _, kind, reason in scan_gaps(Recognition({0: page}, "", "")) if kind == "unread"]
    assert [reason.startswith("the score in 'Japan") for reason in rows] == [True] * (doubt is not None)


def test_a_doubtful_word_is_found_on_its_page_only():
    pages = {1: scan("b", doubtful=(("Kamishrma", 41), ("Kamishrma", 30)))}
    text = "Kamishrma.\fIn Kamishrma, Kamishrma\fend"
    assert doubtful_words(text, Recognition(pages, "", "")) == [DoubtfulWord(25, 34, 30)]
    assert doubtful_words(text, None) == []


def test_an_item_with_doubtful_words_is_a_gap(codebook):
    evidence = evidence_of(REPORT, codebook)
    start = REPORT.index("freezer")
    words = {"a": [DoubtfulWord(start, start + 7, 31)]}
    found = extract_evidence(evidence.documents, codebook, doubtful=words).gaps.to_dict("records")
    assert [(row["part"], row["kind"]) for row in found] == [("item 2024-19/CAN-02", "recognized")]
    assert "'freezer' (31)" in found[0]["reason"]


def test_lines_with_a_mark_have_the_size_of_the_other_lines():
    # as OCR estimates them: a raised mark makes a line 13 % larger
    lines = ["the ministry of tides met the masons in", "Port Aurel.'° They spoke of the dykes and", "of wells."]
    pieces = [
        Piece(0, 5.1 * len(text), 90 - 12 * at, size, text)
        for at, (text, size) in enumerate(zip(lines, (7.4, 8.4, 7.0), strict=True))
    ]
    assert len({piece.size for piece in level_sizes(pieces)}) == 1
    hidden = pieces[1]._replace(hidden="white")
    assert level_sizes([pieces[0], hidden])[1] == hidden
    assert level_sizes([]) == []
