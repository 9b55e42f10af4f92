"""Random Word documents are read or refused, for any bytes and elements."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from word_package import GOOD, XML, p, parts_of, r, read, word, zipped

from g7tag.errors import SourceError
from g7tag.sources.docx.document import read_docx

pytestmark = pytest.mark.nightly


def read_or_refuse(content):
    """The reader raises only `SourceError`, for any bytes."""
    try:
        blocks = read_docx(content)
    except SourceError:
        return
    assert blocks
    assert not any("\n" in run.text for block in blocks for run in block.runs)


GENTLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@GENTLY
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused(content, signed):
    read_or_refuse((b"PK\x03\x04" if signed else b"") + content)


@GENTLY
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_file_with_changed_bytes_is_read_or_refused(changes):
    content = bytearray(GOOD)
    for place, byte in changes:
        content[place] = byte
    read_or_refuse(bytes(content))


@GENTLY
@given(
    st.sampled_from(sorted(XML)),
    st.lists(st.tuples(st.integers(0, 10_000_000), st.binary(max_size=4), st.integers(0, 6)), min_size=1, max_size=4),
)
def test_a_part_with_changed_bytes_is_read_or_refused(name, changes):
    xml = XML[name]
    for place, new, length in changes:
        at = place % (len(xml) or 1)
        xml = xml[:at] + new + xml[at + length :]
    others = parts_of("", footnotes="", settings="", numbering="") | XML
    read_or_refuse(zipped(others | {name: xml}))


ELEMENTS = [
    "p", "r", "t", "tab", "br", "cr", "sym", "pPr", "rPr", "numPr", "numId", "ilvl", "sectPr", "footnotePr", "numStart",
    "footnoteReference", "endnoteReference", "fldChar", "instrText", "ins", "del", "moveFrom", "tbl", "tr", "tc",
    "tcPr", "trPr", "gridSpan", "gridBefore", "vanish", "sz", "color", "vertAlign", "pict", "txbxContent", "sdt",
]  # fmt: skip
VALUES = [
    "",
    "0",
    "1",
    "-1",
    "2",
    "19",
    "99999999999",
    "x",
    "superscript",
    "FFFFFF",
    "begin",
    "separate",
    "end",
    "page",
]


@st.composite
def odd_xml(draw, depth=3):
    """Word's elements in any order, with any values."""
    name = draw(st.sampled_from(ELEMENTS))
    attributes = "".join(
        f' w:{key}="{draw(st.sampled_from(VALUES))}"'
        for key in draw(st.sets(st.sampled_from(["val", "id", "type", "fldCharType", "char", "customMarkFollows"])))
    )
    inner = draw(st.sampled_from(["", "They met.", "Canada: 0", "4414"]))
    if depth:
        inner += "".join(draw(st.lists(odd_xml(depth - 1), max_size=3)))
    return f"<w:{name}{attributes}>{inner}</w:{name}>"


@GENTLY
@given(odd_xml(), odd_xml(), odd_xml())
def test_elements_in_any_order_are_read_or_refused(body, notes, others):
    read_or_refuse(word(p(r("x")) + body, footnotes=notes, numbering=others, styles=others, settings=others))


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")


@GENTLY
@given(st.text(LETTERS, min_size=1))
def test_text_comes_back_as_it_was_written(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert read(p(r(f"({escaped})"))) == [re.sub(" +", " ", f"({text})")]
