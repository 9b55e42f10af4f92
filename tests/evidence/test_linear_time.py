"""The time to read evidence grows linearly with the text; these tests find only large deviations."""

import time
from contextlib import suppress

import pytest
from report_texts import documents_of

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence import extract_evidence
from g7tag.sources.blocks import invisible_spans

pytestmark = pytest.mark.slow

HEAD = "2024 G7 Apulia Summit Final Compliance Report\n\n19. Migration\n\nAssessment\n\nCanada\t0\n\nCanada: 0\n\n"
ITEM = "On 1 July 2024, Canada met.⁴⁴¹⁴\n\n"
NOTE = "⁴⁴¹⁴ A law, Paper (Rome) n.d. Access Date: 1 May 2025. https://a.it/law\n"
PIECES = {
    "lines": ("A\n", 20_000), "paragraphs": ("A\n\n", 20_000),
    "sentences": ("Police arrested a person in the town.\n\n", 2_000),
    "cut paragraphs": ("police arrested a person in the town\n\n", 2_000), "headings": ("Canada: 0\n\n", 5_000),
    "undated items": ("In 2024, they met.\n\n", 5_000), "spaces": (" ", 100_000),
    "zero-width spaces": ("\u200b", 20_000), "hyphens": ("a-\n", 10_000), "numbers": ("1 ", 5_000),
    "notes": (NOTE, 1_000), "table rows": ("Canada\t0\n", 5_000), "odd headings": ("1. Canada – 0\n\n", 3_000),
    "wrapped names": ("United\n\n", 5_000), "dots": ("1. Trees " + "." * 200 + "\n", 500),
    "verdicts": ("Canada has very truly, Canada is in a state of\n\n", 1_000),
    "closings": ("As such, Canada receives a score of a score of.\n\n", 1_000),
    "assessments": ("3. Trees\n\nScore\n\n", 1_000),
}  # fmt: skip


def seconds(text: str, codebook: Codebook) -> float:
    began = time.process_time()
    with suppress(SourceError):  # such text is no report; what it takes to find out counts
        extract_evidence(documents_of(text, hidden=invisible_spans(text)), codebook)
    return time.process_time() - began


RARE = {*PIECES} - {"paragraphs", "spaces", "notes", "odd headings", "dots", "closings"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.nightly] * (name in RARE)) for name in PIECES])
def test_four_times_the_text_takes_no_more_than_some_four_times_the_time(codebook, name):
    piece, n = PIECES[name]
    ratios = []
    for _ in range(5):  # a busy machine slows one of the two down; a square would be 16 every time
        once, fourfold = (seconds(f"{HEAD}{ITEM}a{piece * (times * n)}b\n\n{NOTE}", codebook) for times in (1, 4))
        ratios.append(fourfold / max(once, 0.02))
        if ratios[-1] < 9:
            return
    pytest.fail(f"four times the text took {', '.join(f'{ratio:.1f}' for ratio in ratios)} times the time")
