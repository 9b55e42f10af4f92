"""Any bytes, elements and operators are read or refused with a reason; no other error is raised."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_pdf import flate, stream, text_at, write_pages
from reading import blocks
from word_package import GOOD as GOOD_WORD
from word_package import p, r, word

from g7tag.errors import SourceError

pytestmark = pytest.mark.nightly

FORM = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Matrix [1 0 0 1 5 5]"
GOOD_PDF = write_pages(
    f"q 1 0 0 1 3 3 cm 0.2 g 10 10 300 50 re f Q {text_at('Canada: 0')} BT /F1 11 Tf 14 TL 3 Tr 72 600 Td "
    "[(ab) -300 (c)] TJ T* (x) ' ET /G gs /X Do /Y Do",
    flate(b'BT /F1 9 Tf 1 0 0 1 72 500 Tm 0.2 Tc 1 Tw 90 Tz 2 Ts 1 2 (Japan: +1) " ET BI /W 1 /H 1 /BPC 8 ID x EI'),
    extra={22: stream(text_at("in a form"), FORM), 23: stream("x", "/Subtype /Image /Width 1 /Height 1")},
    resources="/XObject << /X 22 0 R /Y 23 0 R >> /ExtGState << /G << /ca 0.5 /BM /Multiply >> >>",
)
OBJECTS = re.findall(rb"\d+ 0 obj.*?endobj\n", GOOD_PDF, re.DOTALL)
CONTENT = next(each for each in OBJECTS if each.startswith(b"1001 "))
FUZZED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def read_or_refuse(content: bytes) -> None:
    """The reader raises only `SourceError`, with what is expected, for any bytes."""
    try:
        assert blocks(content)
    except SourceError as error:
        if not re.search(r"Expected|Print it", str(error)):
            raise


@FUZZED
@given(st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.4\n", b"<html>"]), st.binary(max_size=2_000))
def test_any_bytes(start, content):
    read_or_refuse(start + content)


@FUZZED
@given(
    st.sampled_from([GOOD_WORD, GOOD_PDF]),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3), st.integers(0, 300)), min_size=1, max_size=9
    ),
)
def test_a_file_with_changed_or_missing_bytes(content, changes):
    for share, new, length in changes:
        place = int(share * len(content))
        content = content[:place] + new + content[place + (length if length > 290 else len(new)) :]
    read_or_refuse(content)


OPERATORS = re.findall(
    r"[^ ]+",
    "q Q cm gs re f W n m l c h BT ET Tf Td TD Tm T* Tj TJ ' \" Tc Tw Tz TL Ts Tr cs CS sc SCN g rg K Do sh BI ID EI",
)
OPERANDS = ["0", "1", "-7.5", "99999999999", "/F1", "/X", "/G", "(text)", "<0003>", "[(a)-9<00>]", "true"]


@FUZZED
@given(st.lists(st.tuples(st.lists(st.sampled_from(OPERANDS), max_size=6), st.sampled_from(OPERATORS)), max_size=60))
def test_a_pdf_of_operators_with_any_operands(run):
    content = " ".join(f"{' '.join(operands)} {operator}" for operands, operator in run)
    read_or_refuse(GOOD_PDF.replace(CONTENT, b"1001 0 obj\n" + stream(content) + b"\nendobj\n"))


ELEMENTS = re.findall(
    r"[^ ]+",
    "p r t tab br cr sym pPr rPr numPr numId ilvl sectPr footnotePr numStart footnoteReference "
    "endnoteReference fldChar instrText ins del moveFrom tbl tr tc tcPr trPr gridSpan gridBefore vanish sz "
    "color vertAlign pict txbxContent sdt",
)
VALUES = ["", "0", "1", "-1", "19", "99999999999", "x", "superscript", "FFFFFF", "begin", "separate", "end", "page"]


@st.composite
def odd_xml(draw, depth=3):
    """Word's elements in any order, with any values."""
    name = draw(st.sampled_from(ELEMENTS))
    keys = draw(st.sets(st.sampled_from(["val", "id", "type", "fldCharType", "char", "customMarkFollows"])))
    attributes = "".join(f' w:{key}="{draw(st.sampled_from(VALUES))}"' for key in keys)
    inner = draw(st.sampled_from(["", "They met.", "Canada: 0", "4414"]))
    inner += "".join(draw(st.lists(odd_xml(depth - 1), max_size=3))) if depth else ""
    return f"<w:{name}{attributes}>{inner}</w:{name}>"


@FUZZED
@given(odd_xml(), odd_xml(), odd_xml())
def test_elements_of_a_word_document_in_any_order(body, notes, others):
    read_or_refuse(word(p(r("x")) + body, footnotes=notes, numbering=others, styles=others, settings=others))


TAGS = re.findall(
    r"[^ ]+",
    "<p> </p> <table> <tr> <td> </td> </tr> </table> <br> <sup> </sup> 12 [3] <ol> <li> </li> </ol> "
    "<li\u00a0id=n> <a\u00a0href=#n> </a> <pre> </pre> word Canada:\u00a00 <b\u00a0hidden> </b> <style> </style> "
    "p{display:none} <!-- --> & <q> </q> <template> < <svg> </svg> <script> </script> ² ↩ \x00 <body> </html>",
)
STYLES = re.findall(
    r"[^ ]+",
    "p .x #y * : :: > + ~ , & { } ( ) [ ] ; :is( :not( :has( :nth-child( 2n+1 of @media @supports @layer "
    "display: none opacity: 0 1px % color: white #fff rgb( calc( var( --a --a: inset( clip-path: transform: "
    "scale( filter: font: all: unset !important not and (width \\ ' /* */ url( - /",
)


@FUZZED
@given(
    st.lists(st.sampled_from([each.replace("\u00a0", " ") for each in TAGS] + ["\n\n", "\t", "\u00a0"]), max_size=60)
)
def test_a_soup_of_tags_gives_blocks_without_stray_space(pieces):
    found = blocks(("<p>x</p>" + "".join(pieces)).encode())
    assert found[0] == "x"
    for block in found:
        assert block.strip()
        assert not re.search(r"[\n\f\r]|  ", block)


@FUZZED
@given(st.lists(st.sampled_from(STYLES), max_size=40), st.lists(st.sampled_from(STYLES), max_size=12))
def test_a_soup_of_styles_loses_no_text(sheet, style):
    page = f'<html><style>{" ".join(sheet)}</style><p class=x id=y style="{"".join(style)}">a'
    try:
        assert blocks(page.encode()) == ["a"]
    except SourceError as error:
        assert "all of it is hidden" in str(error)  # noqa: PT017 - one of two results
