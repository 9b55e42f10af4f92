"""Visible text of an HTML page: letters, blocks, tables, lists, marks and notes."""

import pytest
from reading import blocks

from g7tag.sources.blocks import HEADING, NOTE, PARAGRAPH, ROW, Block, Run
from g7tag.sources.html.document import read_page


def texts(page: str | bytes) -> list[str]:
    return blocks(page if isinstance(page, bytes) else f"<html><body>{page}".encode())


PAGES = {
    "UTF-8": ("<p>café".encode(), ["café"]),
    "UTF-16": (b"\xff\xfe" + "<html><p>café".encode("utf-16-le"), ["café"]),
    "Windows undeclared": (b"<p>caf\xe9 \x96 \x93x\x94", ["café – “x”"]),
    "Latin-1 is Windows": (b"<html><meta charset=iso-8859-1><p>caf\xe9 \x96", ["café –"]),
    "http-equiv": (b'<html><META http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>\xcc\xe8\xf0',
                   ["Мир"]),
    "UTF-16 in ASCII": (b"<html><meta charset=utf-16><p>caf\xc3\xa9", ["café"]),
    "wrong byte": (b"<html><meta charset=utf-8><p>caf\xe9!", ["caf\ufffd!"]),
    "references": (b"<p>a&#150;b &eacute;&hellip; &lbrack;&amp;amp;", ["a–b é… [&amp;"]),
    "line ends": (b"<p>one\r\ntwo\rthree a \x03 b", ["one two three a b"]),
    **{page: (page, ["one", "two"]) for page in (
        "<p>one<p>two", "<div>one</div>two", "<h2>one</h2>two", "<ul><li>one<li>two</ul>", "one<hr>two",
        "one<br><br>two", "one<br> &nbsp; <br>two", "<pre>one\n\ntwo</pre>", "<pre>one\n \n\ttwo</pre>",
        "<table><caption>one</caption><tr><td>two</table>", "<span style='display:block'>one</span>two",
        "<nav><a href=/>one</a></nav><p>two", "<p>one</body></html><p>two", "<td>one</td><tr>two</table>",
    )},
    **{page: (page, ["one two"]) for page in (
        "one <b>two</b>", "one<br>two", "  one\n\t two  ", "<pre>one\ntwo</pre>", "one<wbr> two",
        "one two<script>no", "<p>one two<b hidden> <i> </i></b>", "one<br hidden> two",
    )},
    **{part: (f"<title>no</title><p>be{part}fore</p>", ["before"]) for part in (
        *(f"<{tag}>no</{tag}>" for tag in ("script", "style", "template", "noscript", "iframe", "button", "rp")),
        "<!-- no -->", "<svg><text>no</text></svg>", "<select><option>no</select>", "<?php no ?>", '<input value="no">',
        '<img src="http://a.b/c" alt="no">',
    )},
    "quotation": ("<p>They <q>act</q>.", ["They “act”."]),
    "link to the top": ("<p>End. <a href=#top>Back to top</a>", ["End. Back to top"]),
    "empty cells": ("<table><tr><th>&nbsp;<th>No<th>Full</tr><tr><td><p>Canada</p><td><td>+1<br></tr>",
                    ["\tNo\tFull", "Canada\t\t+1"]),
    "one cell": ("<table><tr><td><p>one<p>two", ["one", "two"]),
    "paragraphs": ("<table><tr><td>menu<td><p>one<p>two", ["menu", "one", "two"]),
    "in a table": ("<table><tr><td>x<table><tr><td>a<td>b</table>y<td>z", ["x", "a\tb", "y", "z"]),
    "item": ("<table><tr><td>1.<td>On 5 July 2024, it met.", ["1.", "On 5 July 2024, it met."]),
    "heading": ("<table><tr><td><b>Canada: 0</b><td>x", ["Canada: 0", "x"]),
    "hidden paragraph": ("<table><tr><td>Canada<p hidden>x</p><td>0", ["Canada x\t0"]),
    "typed note": ("<table><tr><td><sup>7</sup><td>A, B.", ["⁷ A, B."]),
    "start and value": ("<ol start=3><li>a<li value=7><p>b<li>c</ol>", ["3. a", "7. b", "8. c"]),
    "reversed": ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
    "letters": ("<ol type=a><li>a</ol><ol type=I start=4><li>b</ol>", ["a. a", "IV. b"]),
    "no numbers": ("<ol style='list-style: none'><li>a</ol>", ["a"]),
    "bullets inside": ("<ol><li>a<ul><li>b</ul><li>c</ol>", ["1. a", "b", "2. c"]),
    "lists inside": ("<ol><li><ol><li>a</ol><li>\n<div><p>b</div><li><table><tr><td>c</table><li></ol>",
                     ["1. 1. a", "2. b", "3. c"]),
    "a lone break parts lines that must stand alone": (
        "Canada: 0<br>Canada has partially complied with its commitment.<br>It took<br>weak action.<br>"
        "On 5 July 2024, it met Atlantis.<sup>7</sup><br>Thus, Canada receives a score of 0.<br>Analyst: Nobody Real"
        "<p><sup>7</sup> One, Paper<br>(Aurel).<br><sup>8</sup> Two, Paper.",
        ["Canada: 0", "Canada has partially complied with its commitment. It took weak action.",
         "On 5 July 2024, it met Atlantis.⁷", "Thus, Canada receives a score of 0.", "Analyst: Nobody Real",
         "⁷ One, Paper (Aurel).", "⁸ Two, Paper."],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("page", "found"), PAGES.values(), ids=PAGES)
def test_letters_blocks_rows_and_lists_are_those_that_a_browser_shows(page, found):
    assert texts(page) == found


NOTES = "".join(f"<p id=n{number}>A, B." for number in (1, 2, 44))
"""Notes to which marks can lead."""


@pytest.mark.parametrize(("page", "text"), [
    ("crime. <sup>4414, 4415</sup> It", "crime.⁴⁴¹⁴, ⁴⁴¹⁵ It"),
    ("crime.&nbsp;<sup>1</sup> <sup>2</sup>", "crime.¹,²"),
    ("crime.<sup>1</sup><sup>2</sup>", "crime.¹²"),
    ("crime.<sup><a href='#n1'>1</a></sup><sup><a href='#n2'>2</a></sup>", "crime.¹,²"),
    ("crime.<sup><a href='#n1'>1</a>, [<a href='#n2'>2</a>]</sup>.", "crime.¹,²."),
    ("crime.<a href='#n44'><sup>4</sup><sup>4</sup></a>", "crime.⁴⁴"),
    ("crime.<a href='#_ftn1' name='_ftnref1'>[1]</a>", "crime.¹"),
    ("crime.<a href='#x' class='footnote-ref'>1</a>", "crime.¹"),
    ("crime.<span style='vertical-align: super'>12</span>", "crime.¹²"),
    ("<style>i{vertical-align:super}</style>crime.<i><span>[1]</span></i>", "crime.¹"),
    ("5 km<sup>2</sup>, 10<sup>-3</sup> s", "5 km², 10⁻³ s"),
    ("see part <a href='#part1'>1</a>", "see part 1"),
], ids=["list", "two", "one in two pieces", "two linked", "two links in one", "one linked in two pieces", "Word",
    "class", "style", "rule", "powers", "link to a part"])  # fmt: skip
def test_marks_are_raised_digits_behind_the_word(page, text):
    assert texts(f"<p>{page}{NOTES}<p id=part1>C.")[0] == text


@pytest.mark.parametrize(("mark", "note"), [
    ("<a href=#_ftn7 name=_ftnref7>[7]</a>", "<div id=ftn7><p><a href=#_ftnref7 name=_ftn7>[7]</a> A, B.</div>"),
    ("<sup><a href=#n>7</a></sup>", "<p id=n>A, B."),
    ("<sup><a href=#n>7</a></sup>", "<p id=n>[7] A, B."),
    ("<sup><a href=#n>7</a></sup>", "<p><sup id=n>7</sup>\u00a0A, B."),
    ("<sup><a href=#n id=r>[7]</a></sup>", "<div><p><a href=#r id=n>[7]</a><span>\u00a0A, B.</span></div>"),
    ("<a name=r href=#n><sup>7</sup></a>", "<div id=f><p><a name=n href=#r>7</a>A, B.</div>"),
    ("<sup><a href=#n>7</a></sup>", "<dl><dt id=n>7.<dd>A, B.</dl>"),
    ("<sup><a href=#n>7</a></sup>", "<table><tr id=n><td>7.<td>A, B.</table>"),
    ("<sup><a href=#n>7</a></sup>", "<ol><li><p id=n>A, B. <a href=#r>↩\ufe0e</a></ol>"),
    ("<sup id=r><a href=http://a.b/#n>7</a></sup>", "<ol><li id=n><a href=#r>up</a> A, B.</ol>"),
    ("<a id=r></a><a href=#n class=noteref>7</a>", "<ol><li id=n>A, B. <a href=#r>[back]</a></ol>"),
], ids=["Word", "target", "in brackets", "raised", "Google", "LibreOffice", "terms", "table", "list", "sup",
    "anchor before"])  # fmt: skip
def test_a_note_to_which_a_mark_leads_is_a_block_with_its_number(mark, note):
    page = f"<html><p>A law.{mark} It<p>ends.{note}"
    assert read_page(page.encode()).blocks == [
        Block((Run("A law."), Run("7", notes=(7,)), Run(" It"))), Block((Run("ends."),)),
        Block((Run("A, B."),), NOTE, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(("page", "text"), [
    ("x<sup>7</sup><p><sup>7</sup>A, B.", "x⁷\n\n⁷ A, B."),
    ("x<sup><a href=#n>7</a></sup>", "x⁷"),
    ("x<sup><a href=#n>7</a></sup><div id=n></div>", "x⁷"),
    ("x<sup><a href=#n>1</a></sup>y<sup><a href=#n>2</a></sup><h3 id=n>Notes</h3>", "x¹y²\n\nNotes"),
], ids=["typed", "no target", "empty", "two numbers, one place"])  # fmt: skip
def test_marks_without_notes_are_raised_text(page, text):
    found = read_page(f"<html><p>{page}".encode()).blocks
    assert "\n\n".join("".join(run.text for run in block.runs) for block in found) == text
    assert {block.note for block in found} | {run.notes for block in found for run in block.runs} == {0, ()}


def test_blocks_say_what_they_are():
    page = "<html><h2>A <i>b</i></h2><table><tr><td>a<td><h4>b</h4><td></table>c"
    found = read_page(page.encode()).blocks
    assert [block.kind for block in found] == [HEADING, ROW, PARAGRAPH]
    assert [(run.text, run.cell) for run in found[1].runs] == [("a", 0), ("b", 1), ("", 2)]
