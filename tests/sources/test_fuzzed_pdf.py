"""A PDF with any bytes is read, or refused with a reason; no other error is raised."""

import json
import math
import re
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_pdf import HELVETICA, flate, stream, text_at, write_pages

from g7tag.errors import SourceError
from g7tag.sources.pdf.document import open_pdf, read_pages

pytestmark = pytest.mark.nightly

WIDE = """<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 21 0 R
    /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /DW 500 /W [3 [600 700] 9 12 400] >>] >>"""
MAP = """begincmap
2 beginbfchar
<0003> <0041>
<0009> <00420043>
endbfchar
1 beginbfrange
<000a> <000c> <0044>
endbfrange"""
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Matrix [1 0 0 1 5 5]"
RESOURCES = """/XObject << /X 22 0 R /Y 23 0 R >> /ExtGState << /G << /ca 0.5 /BM /Multiply >> >>
    /ColorSpace << /S [/ICCBased 24 0 R] >>"""
GOOD = write_pages(
    f"q 1 0 0 1 3 3 cm 0.2 g 10 10 300 50 re f Q {text_at('Canada: 0')} q 5 5 m 9 9 l 3 8 7 7 6 6 c h W n Q",
    "/S cs 1 1 1 sc BT /F2 11 Tf 14 TL 3 Tr 72 600 Td [<00030009> -300 <000a>] TJ T* (x) ' ET /G gs /X Do /Y Do",
    flate(b"BT /F1 9 Tf 1 0 0 1 72 500 Tm 0.2 Tc 1 Tw 90 Tz 2 Ts 1 2 (Japan: +1) \" ET BI /W 1 /H 1 /BPC 8 ID x EI"),
    extra={
        3: HELVETICA.replace(">>", "/FirstChar 32 /LastChar 34 /Widths [250 300 300] >>"), 4: WIDE, 21: stream(MAP),
        22: stream(text_at("in a form"), FORM), 23: stream("x", "/Subtype /Image /Width 1 /Height 1"),
        24: stream("", "/N 3"),
    },
    resources=RESOURCES, fonts="/F1 3 0 R /F2 4 0 R", page="/MediaBox [0 0 612 792] /Rotate 0 /CropBox [0 0 600 700]",
)  # fmt: skip
OBJECTS = re.findall(rb"\d+ 0 obj.*?endobj\n", GOOD, re.DOTALL)
CONTENT = next(each for each in OBJECTS if each.startswith(b"1001 "))
NUMBERS = [match.span() for match in re.finditer(rb"-?\d+(?:\.\d+)?", GOOD)]
NAMES = [match.span() for match in re.finditer(rb"/\w+", GOOD)]
ODD_NUMBERS = (
    b"0",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"-0.0000001",
    b"2147483648",
    b"NaN",
    b"null",
    b"(x)",
    b"[]",
)
FUZZED = settings(
    max_examples=100, deadline=timedelta(seconds=8), suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def read(content):
    """Return what was read of the pages; it must be valid JSON with finite numbers."""
    began, pages = time.monotonic(), []
    with suppress(SourceError):
        pages = list(read_pages(open_pdf(content, 5_000), 0))
    assert time.monotonic() - began < 8
    json.dumps(pages, allow_nan=False).encode()
    for page in pages:
        assert page["problem"] or all(math.isfinite(part) for line in page["lines"] for part in line[:-1])


@FUZZED
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_behind_the_mark_of_a_pdf(content, whole):
    read(b"%PDF-1.4\n" + content + (GOOD[9:] if whole else b""))


@FUZZED
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_bytes_changed(changes):
    content = bytearray(GOOD)
    for place, byte in changes:
        content[place] = byte
    read(bytes(content))


@FUZZED
@given(st.integers(0, len(GOOD)), st.integers(0, 300))
def test_a_part_cut_out(start, length):
    read(GOOD[:start] + GOOD[start + length :])


@FUZZED
@given(st.sampled_from(NUMBERS), st.sampled_from(ODD_NUMBERS))
def test_a_number_replaced(span, number):
    read(GOOD[: span[0]] + number + GOOD[span[1] :])


@FUZZED
@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_name_replaced_by_another(first, second):
    read(GOOD[: first[0]] + GOOD[slice(*second)] + GOOD[first[1] :])


@FUZZED
@given(st.sampled_from(OBJECTS), st.sampled_from(OBJECTS), st.booleans())
def test_an_object_put_in_place_of_another_or_doubled(first, second, doubled):
    number = first.split(b" ", 1)[0]
    other = number + b" " + second.split(b" ", 1)[1]
    read(GOOD.replace(first, first + other if doubled else other))


OPERATORS = [
    "q", "Q", "cm", "gs", "re", "f", "W", "n", "m", "l", "c", "h", "BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tj", "TJ",
    "'", '"', "Tc", "Tw", "Tz", "TL", "Ts", "Tr", "cs", "CS", "sc", "SCN", "g", "rg", "K", "Do", "sh", "BI", "ID", "EI",
]  # fmt: skip
OPERANDS = [
    "0",
    "1",
    "-7.5",
    "99999999999",
    "/F1",
    "/F2",
    "/X",
    "/G",
    "/S",
    "(text)",
    "<0003>",
    "[(a) -9 <00>]",
    "<< /A 1 >>",
    "true",
]


@FUZZED
@given(st.lists(st.tuples(st.lists(st.sampled_from(OPERANDS), max_size=6), st.sampled_from(OPERATORS)), max_size=60))
def test_operators_with_any_operands(run):
    content = " ".join(f"{' '.join(operands)} {operator}" for operands, operator in run)
    read(GOOD.replace(CONTENT, b"1001 0 obj\n" + stream(content) + b"\nendobj\n"))
