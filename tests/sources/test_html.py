"""Web pages: what a person sees comes out as blocks, what nobody sees as hidden, and no page breaks the reader."""

import re
import time

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manuscript import Manuscript, manuscript_of
from set_html import set_html

from g7tag.errors import SourceError
from g7tag.evidence import extract_evidence
from g7tag.sources.blocks import set_blocks
from g7tag.sources.html.document import read_html
from g7tag.sources.html.pages import decode_page

SECONDS = 4.0  # on a busy machine; most take less than one


def texts(page):
    """The text of each block of a page."""
    content = page if isinstance(page, bytes) else page.encode()
    return ["".join(run.text for run in block.runs) for block in read_html(content)]


def hidden(page):
    """The pieces of a page that nobody sees, and why."""
    return [(run.text.strip(), run.hidden) for block in read_html(page.encode()) for run in block.runs if run.hidden]


# Letters


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>café".encode(), "café"),
        (b"\xef\xbb\xbf<p>caf\xc3\xa9", "café"),
        (b"\xff\xfe" + "<p>café".encode("utf-16-le"), "café"),
        (b"\xfe\xff" + "<p>café".encode("utf-16-be"), "café"),
        (b"<p>caf\xe9 \x96 \x93x\x94", "café – “x”"),
        (b"<meta charset=iso-8859-1><p>caf\xe9 \x96", "café –"),
        (b'<META http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>\xcc\xe8\xf0', "Мир"),
        (b'<?xml version="1.0" encoding="iso-8859-2"?><p>\xb3', "ł"),
        (b"<meta charset=utf-16><p>caf\xc3\xa9", "café"),
        (b"<meta charset=rot13><p>caf\xc3\xa9", "café"),
        (b"<meta charset=klingon><p>caf\xc3\xa9", "café"),
        (b"<!-- <meta charset=windows-1251> --><p>caf\xc3\xa9", "café"),
        (b"<meta charset=utf-8><p>caf\xe9!", "caf\ufffd!"),
        (b"<p>a&#150;b &eacute;&hellip; &lbrack;&amp;amp;", "a–b é… [&amp;"),
    ],
    ids=[
        "UTF-8", "UTF-8 mark", "UTF-16 LE", "UTF-16 BE", "Windows undeclared", "Latin-1 is Windows", "http-equiv",
        "prolog",
        "UTF-16 in ASCII", "no encoding of text", "unknown", "in a comment", "wrong byte", "references",
    ],
)  # fmt: skip
def test_letters_are_those_that_a_browser_shows(content, text):
    assert texts(content) == [text]


def test_windows_line_ends_are_white_space():
    assert texts(b"<p>one\r\ntwo\rthree") == ["one two three"]


# Blocks and lines


@pytest.mark.parametrize(
    "page",
    [
        "<p>one<p>two", "<div>one</div>two", "<h2>one</h2>two", "<ul><li>one<li>two</ul>", "one<hr>two",
        "<dl><dt>one<dd>two</dl>", "<blockquote>one</blockquote>two", "<section>one</section><article>two</article>",
        "one<br><br>two", "one<br> &nbsp; <br>two", "<pre>one\n\ntwo</pre>",
        "<table><caption>one</caption><tr><td>two</table>", "<span style='display:block'>one</span>two",
        "<center>one</center>two", "<div><div>one</div></div><div><p></p>two</div>",
    ],
)  # fmt: skip
def test_what_stands_by_itself_on_the_page_is_a_block(page):
    assert texts(page) == ["one", "two"]


@pytest.mark.parametrize(
    "page",
    [
        "one <b>two</b>",
        "one<br>two",
        "  one\n\t two  ",
        "one<br><span></span>two",
        "<pre>one\ntwo</pre>",
        "one<wbr> two",
    ],
)
def test_what_goes_on_in_a_line_is_one_block(page):
    assert texts(page) == ["one two"]


def test_a_lone_break_parts_lines_that_must_stand_alone():
    page = (
        "Canada: 0<br>Canada has partially complied with its commitment.<br>It took<br>weak action.<br>"
        "On 5 July 2024, it met Atlantis.<sup>7</sup><br>Thus, Canada receives a score of 0.<br>Analyst: Nobody Real"
    )
    assert texts(page) == [
        "Canada: 0",
        "Canada has partially complied with its commitment. It took weak action.",
        "On 5 July 2024, it met Atlantis.⁷",
        "Thus, Canada receives a score of 0.",
        "Analyst: Nobody Real",
    ]


def test_notes_parted_by_lone_breaks_are_blocks():
    page = "<p>A law.<sup>1</sup><p><sup>1</sup> One, Paper<br>(Aurel).<br><sup>2</sup> Two, Paper."
    assert texts(page)[1:] == ["¹ One, Paper (Aurel).", "² Two, Paper."]


def test_quotation_marks_that_the_browser_sets_are_kept():
    assert texts("<p>They <q>act</q>.") == ["They “act”."]


@pytest.mark.parametrize(
    "part",
    [
        "<script>no</script>", "<style>no</style>", "<template>no</template>", "<!-- no -->",
        "<noscript>no</noscript>", "<iframe>no</iframe>", "<object>no</object>", "<svg><text>no</text></svg>",
        "<select><option>no</select>", "<button>no</button>", "<textarea>no</textarea>",
        '<img src="http://a.b/c" alt="no">',
        "<?php no ?>", '<input value="no">', "<![if !supportFootnotes]>", "<video>no</video>",
    ],
)  # fmt: skip
def test_what_is_no_text_of_the_page_is_left_out(part):
    assert texts(f"<title>no</title><p>be{part}fore</p>") == ["before"]


def test_menus_are_on_the_page():
    assert texts("<nav><a href=/>Home</a></nav><p>Text") == ["Home", "Text"]


# Tables


def test_a_row_keeps_its_empty_cells():
    page = "<table><tr><th>&nbsp;<th>No<th>Full</tr><tr><td><p>Canada</p><td><td>+1<br></tr></table>"
    assert texts(page) == ["\tNo\tFull", "Canada\t\t+1"]


def test_a_row_without_text_is_no_block():
    assert texts("<table><tr><td> <td>&nbsp;</table>after") == ["after"]


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("<table><tr><td><p>one<p>two</table>", ["one", "two"]),
        ("<table><tr><td>menu<td><p>one<p>two</table>", ["menu", "one", "two"]),
        ("<table><tr><td>x<table><tr><td>a<td>b</table>y<td>z</table>", ["x", "a\tb", "y", "z"]),
        ("<table><tr><td>1.<td>On 5 July 2024, it met.</table>", ["1.", "On 5 July 2024, it met."]),
        ("<table><tr><td><b>Canada: 0</b><td>x</table>", ["Canada: 0", "x"]),
    ],
    ids=["one cell", "paragraphs", "table in a table", "item", "heading"],
)
def test_a_table_that_lays_out_the_page_is_no_row(page, blocks):
    assert texts(page) == blocks


def test_a_hidden_paragraph_makes_no_layout():
    assert texts("<table><tr><td>Canada<p hidden>x</p><td>0</table>") == ["Canada x\t0"]


def test_styles_make_tables_too():
    page = "<div style='display:table-row'><i style='display:table-cell'>a</i><i style='display:table-cell'>b</i></div>"
    assert texts(page) == ["a\tb"]


# Marks and notes


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("crime.<sup>4414</sup> It", "crime.⁴⁴¹⁴ It"),
        ("crime. <sup>4414, 4415</sup>", "crime.⁴⁴¹⁴, ⁴⁴¹⁵"),
        ("crime.<sup>4414 4415</sup>", "crime.⁴⁴¹⁴, ⁴⁴¹⁵"),
        ("crime.<sup>1</sup> <sup>2</sup>", "crime.¹,²"),
        ("crime.<sup><a href='#a'>1</a></sup><sup><a href='#b'>2</a></sup>", "crime.¹,²"),
        ("crime.<sup><a href='#a'>44</a></sup><sup><a href='#a'>14</a></sup>", "crime.⁴⁴¹⁴"),
        ("crime.<a href='#_ftn1' name='_ftnref1'>[1]</a>", "crime.¹"),
        ("crime.<a href='#x' role='doc-noteref'>1</a>", "crime.¹"),
        ("crime.<a href='#x' class='footnote-ref'>1</a>", "crime.¹"),
        ("crime.<span style='vertical-align: super'>12</span>", "crime.¹²"),
        ("crime.<span class=MsoFootnoteReference><span>[1]</span></span>", "crime.¹"),
        ("5 km<sup>2</sup>, 10<sup>-3</sup> s", "5 km², 10⁻³ s"),
        ("the 1<sup>st</sup> day", "the 1st day"),
        ("see part <a href='#part1'>1</a>", "see part 1"),
        ("<a href='http://a.b/note'>2024</a>", "2024"),
    ],
    ids=[
        "raised", "list", "list without comma", "two", "two linked", "one in two pieces", "Word", "role", "class",
        "style",
        "Word's class", "powers", "ordinal", "link to a part", "link to elsewhere",
    ],
)  # fmt: skip
def test_marks_are_superscript_digits_behind_the_word(page, text):
    assert texts(f"<p>{page}") == [text]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        ("<a href=#_ftn7 name=_ftnref7>[7]</a>", "<div id=ftn7><p><a href=#_ftnref7 name=_ftn7>[7]</a> A, B.</div>"),
        ("<sup>7</sup>", "<p><sup>7</sup>A, B."),
        ("<sup>7</sup>", "<p><sup>7</sup>\u00a0A, B."),
        ("<sup><a href=#n>7</a></sup>", "<p id=n>A, B."),
        ("<sup><a href=#n>7</a></sup>", "<p id=n>7. A, B."),
        ("<sup><a href=#n>7</a></sup>", "<p id=n>[7] A, B."),
        ("<sup><a href=#n>7</a></sup>", "<ol><li id=n>A, B. <a href=#r>↩</a></ol>"),
        ("<sup><a href=#n>7</a></sup>", "<ol><li><p id=n>A, B. <a href=#r>↩\ufe0e</a></ol>"),
        ("<sup><a href=#n>7</a></sup>", "<ol><li id=n><a href=#r>^</a> A, B.</ol>"),
        ("<sup>7</sup>", "<section role=doc-endnotes><ol start=7><li>A, B. <a role=doc-backlink href=#r>up</a></ol>"),
        ("<sup>7</sup>", "<ol class=footnotes><li value=7>A, B. <a href=#r>back</a></ol>"),
        ("<sup>7</sup>", "<aside epub:type=footnotes><ol start=7><li>A, B.</ol>"),
        ("<sup>7</sup>", "<table><tr><td><sup>7</sup><td>A, B.</table>"),
    ],
    ids=[
        "Word", "number", "hard space", "target", "printed number", "number in brackets", "list", "target in a list",
        "arrow first", "role", "class", "EPUB", "table",
    ],
)  # fmt: skip
def test_a_note_begins_with_its_number(mark, note):
    blocks = texts(f"<p>A law.{mark} It<p>ends.{note}")
    assert [block.replace("\u00a0", " ") for block in blocks] == ["A law.⁷ It", "ends.", "⁷ A, B."]


def test_a_link_to_the_top_is_text():
    assert texts("<p>End. <a href=#top>Back to top</a>") == ["End. Back to top"]


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("<ol><li>a<li><p>b</ol>", ["1. a", "2. b"]),
        ("<ol start=3><li>a<li value=7>b<li>c</ol>", ["3. a", "7. b", "8. c"]),
        ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
        ("<ol type=a><li>a</ol><ol type=I start=4><li>b</ol>", ["a. a", "IV. b"]),
        ("<ol style='list-style: none'><li>a</ol>", ["a"]),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", ["1. a", "b", "2. c"]),
        ("<ol><li></li><li>b</ol>after", ["2. b", "after"]),
        ("<ul><li>a</ul>", ["a"]),
    ],
    ids=["plain", "start and value", "reversed", "letters", "no numbers", "bullets inside", "empty", "bullets"],
)
def test_items_of_lists_have_the_numbers_that_are_seen(page, blocks):
    assert texts(page) == blocks


# What nobody sees


@pytest.mark.parametrize(
    ("style", "why"),
    [
        ("display:none", "display:none"), ("DISPLAY : None !important", "display:none"),
        ("d\\69splay:none", "display:none"),
        ("visibility:hidden", "visibility:hidden"), ("opacity:0", "opacity 0"), ("opacity:0.0%", "opacity 0"),
        ("font-size:1pt", "under 2 pt"), ("font-size:2px", "under 2 pt"), ("font-size:0em", "under 2 pt"),
        ("font-size:5%", "under 2 pt"), ("font:0/0 a", "under 2 pt"), ("color:white", "white text"),
        ("color:#FFF", "white text"), ("color:rgb(255, 254, 250)", "white text"),
        ("color:hsl(0,0%,100%)", "white text"),
        ("color:transparent", "transparent text"), ("color:rgba(0,0,0,0)", "transparent text"),
        ("color:#123;background:#112233", "text in the colour of its background"),
        ("position:absolute;left:-9999px", "off the page"), ("position:fixed;top:-100em", "off the page"),
        ("text-indent:-9999px", "off the page"), ("margin-left:-800pt", "off the page"),
        ("transform:translateX(-9999px)", "off the page"), ("position:absolute;clip:rect(0,0,0,0)", "zero size"),
        ("clip-path:inset(50%)", "zero size"), ("height:0;overflow:hidden", "zero size"),
        ("width:1px;height:1px;overflow:hidden", "zero size"), ("transform:scale(0)", "zero size"),
    ],
)  # fmt: skip
def test_a_style_hides_text(style, why):
    assert hidden(f'<p>Seen. <span style="{style}">Unseen.</span>') == [("Unseen.", why)]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<p hidden>Unseen.", "hidden attribute"),
        ("<p aria-hidden=true>Unseen.", "aria-hidden"),
        ("<font color=#ffffff>Unseen.</font>", "white text"),
        ("<dialog>Unseen.</dialog>", "closed dialog"),
        ("<b style='display:none'><p>Unseen.</p></b>", "display:none"),
        ("<div style='display:none'><p style='display:block'>Unseen.</div>", "display:none"),
    ],
)
def test_attributes_hide_text(page, why):
    assert hidden(page + "<p>Seen.") == [("Unseen.", why)]


@pytest.mark.parametrize(
    "page",
    [
        "<p style='visibility:hidden'><b style='visibility:visible'>Seen.</b>",
        "<div style='font-size:0'><p style='font-size:12pt'>Seen.</div>",
        "<p hidden style='display:block'>Seen.",
        "<table bgcolor=#000080><tr><td><font color=white>Seen.</font></table>",
        "<div style='background:url(sky.png)'><p style='color:#fff'>Seen.</div>",
        "<div style='background-color:navy'><p style='color:#fff'>Seen.</div>",
        "<font color=white><a href=x>Seen.</a></font>",
        "<p style='text-indent:-36pt;margin-left:36pt'>Seen.",
        "<p style='overflow:hidden;height:40px'>Seen.",
        "<p style='position:absolute;top:90000px'>Seen.",
        "<p style='color:var(--x);font-size:calc(1px);opacity:x'>Seen.",
    ],
)
def test_text_that_is_seen_is_not_hidden(page):
    assert hidden(page) == []


@pytest.mark.parametrize(
    ("sheet", "is_hidden"),
    [
        (".x{display:none}", True), ("#y{display:none}", True), ("i{display:none}", True),
        ("i.x#y{display:none}", True),
        ("p .x{display:none}", True), ("body > p i{display:none}", True), ("a, .x , b{display:none}", True),
        ("*{color:#000} .x{color:#fff}", True), ("@media screen{.x{display:none}}", True),
        ("@media (min-width:600px){.x{display:none}}", True), ("/* .z{ */.x{display:none", True),
        ("<!-- .x{display:none} -->", True), (".x{display:block!important} .x{display:none}", False),
        ("#y{display:inline} .x{display:none}", False), ("@media print{.x{display:none}}", False),
        ("@media (max-width:600px){.x{display:none}}", False), ("div .x{display:none}", False),
        (".x:hover{display:none}", False), (".x::before{display:none}", False), (".X{display:none}", False),
        (".x + .x{display:none}", False), ("/* .x{display:none} */", False), ("@font-face{.x{display:none}}", False),
        ('.z{content:"}.x{display:none}"}', False), ("}}{;.x{display", False),
    ],
)  # fmt: skip
def test_sheets_hide_by_simple_selectors(sheet, is_hidden):
    found = hidden(f"<style>{sheet}</style><p>Seen. <i class='x z' id=y>Unseen.</i>")
    assert found == ([("Unseen.", "display:none" if "display" in sheet else "white text")] if is_hidden else [])


def test_a_sheet_for_print_alone_hides_nothing():
    assert hidden("<style media=print>p{display:none}</style><p>Seen.") == []


def test_a_style_of_its_own_is_stronger_than_a_sheet():
    assert hidden("<style>p{display:none}</style><p style='display:block'>Seen.") == []


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ("Seen<i hidden>un</i>seen", "Seenseen"),
        ("Seen <i hidden>un</i> text", "Seen text"),
        ("Seen<i hidden> un </i> text", "Seen text"),
        ("<i hidden>un</i> Seen text", "Seen text"),
        ("Seen text<br hidden>", "Seen text"),
    ],
)
def test_what_is_seen_reads_as_if_nothing_were_hidden(page, seen):
    (block,) = read_html(f"<p>{page}</p>".encode())
    assert "".join(run.text for run in block.runs if not run.hidden).strip() == seen


# Pages that hold no text


@pytest.mark.parametrize(
    "page",
    [
        "",
        " \n",
        "<!-- x -->",
        "<p></p><br>&nbsp;",
        "<script>text()</script>",
        "<frameset><frame src=a></frameset>",
        "</p>",
    ],
)
def test_a_page_without_text_is_refused(page):
    with pytest.raises(
        SourceError, match=r"^holds no text that a reader sees\. .*saved from the browser as text or PDF"
    ):
        read_html(page.encode())


def test_a_page_that_hides_all_its_text_is_refused():
    with pytest.raises(SourceError, match=r"sees, all of it is hidden \(display:none, opacity 0\)\. Expected"):
        read_html(b"<p style='opacity:0'>a<p style='display:none'>b")


# Pages that were made to harm


@pytest.mark.parametrize("tag", ["div", "b", "font", "table", "ol", "sup", "q", "template", "svg"])
@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_a_page_nested_too_deep_is_refused(tag, depth):
    page = f"<p>Text{f'<{tag}>' * depth}deep{f'</{tag}>' * depth}<p>after"
    with pytest.raises(SourceError, match=r"^nests elements more than 2,000 deep.*save its text\.$"):
        read_html(page.encode())


def test_a_page_of_the_greatest_depth_is_read_whole():
    page = "<div>" * 1_990 + "deep" + "</div>" * 1_990 + "<p>after"
    assert texts(page) == ["deep", "after"]


@pytest.mark.parametrize("name", ["script", "style", "a", "p", "x" * 100_000])
def test_tags_that_are_not_closed_lose_no_text_before_them(name):
    assert texts(f"<p>before<{name}>after")[0].startswith("before")


def test_an_entity_is_not_expanded():
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    page = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{laughs}]><html><body><p>Text &l9;</p></body></html>'
    assert texts(page) == ["Text &l9;"]


def test_a_file_of_this_machine_is_not_read():
    page = '<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/hostname">]><base href="file:///"><p>Text &f;'
    assert texts(page) == ["Text &f;"]


def test_control_characters_do_not_reach_the_text():
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", texts(b"<p>a\x00b\x01\x0b\x0cc\x1b\x7f&#1;&#0;&#xd800;d")[0])


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("x<style style='display:table-row'></style>", ["x"]),
        ("<table><tr><td><sup>1</sup><td></table>x", ["¹\t", "x"]),
        ("<p>a \x03 b", ["a b"]),
        ("<p>x<b hidden> <i> </i></b>", ["x"]),
        ("<td>a</td><tr>b</table>", ["a", "b"]),
        ("x<sup><a href=#n>3</a></sup><ol><li id=n>3</ol>", ["x³", "³"]),
        ("<html><body><p>a</body></html><p>b</HTML >c", ["a", "bc"]),
    ],
    ids=[
        "styled sheet",
        "number without note",
        "control between spaces",
        "hidden space at the end",
        "no table",
        "bare number",
        "behind the end",
    ],
)
def test_odd_pages_that_once_went_wrong(page, blocks):
    assert texts(page) == blocks


HOSTILE = {
    "one long paragraph": b"<p>" + b"word " * 4_000_000,
    "siblings": b"x<br>" * 100_000,
    "paragraphs": b"<p>x</p>" * 100_000,
    "inline siblings": b"<i>x</i> " * 100_000,
    "hidden siblings": b"<p>x" + b"<i hidden>x </i> " * 50_000,
    "hard spaces": b"<p>x" + b"<b>&nbsp;</b><br>" * 50_000,
    "lines": b"<p>" + b"Canada and more<br>" * 50_000,
    "marks": b"<p>x" + b"<sup>1</sup> " * 50_000,
    "one long mark": b"<p>x<sup>" + b"1" * 1_000_000 + b"</sup>",
    "digits and a letter": b"<p>x<sup>" + b"1" * 79 + b"a</sup>",
    "superscripts": b"<p>x" + "¹".encode() * 500_000 + b"y<br>z",
    "tables in tables": b"<table><tr><td>x<td>" * 600 + b"<p>y" * 10_000,
    "an attribute of 1 MB": b'<p style="' + b"color:red;" * 100_000 + b'" class="' + b"a " * 500_000 + b'">x',
    "a style without end": b'<p style="' + b"/*" * 500_000 + b'">x',
    "escapes": b'<p style="' + b"\\" * 1_000_000 + b'">x',
    "rules": b"<style>"
    + b"".join(b".a%d .b{display:none}" % n for n in range(2_000))
    + b"</style>"
    + b"<p class=b>x" * 200,
    "braces": b"<style>" + b"@media(" * 20_000 + b"{" * 20_000 + b"</style><p>x",
    "ampersands": b"<p>" + b"&" * 1_000_000,
    "angles": b"<" * 1_000_000 + b"<p>x",
    "comments": b"<!--" * 300_000 + b"--><p>x",
    "a long front": b"<!-- -->" * 300_000 + b"<!DOCTYPE html [" + b"]" * 100_000 + b"<p>x",
    "a great number": b"<ol start=" + b"9" * 100_000 + b"><li value=-" + b"9" * 9 + b">x",
    "targets": b"".join(b"<p>x<sup><a href=#n%d>1</a></sup>" % n for n in range(10_000)),
    "ends": b"<p>x" + b"</q></b></td></table>" * 50_000,
    "nulls": b"<p>x" + b"\x00" * 1_000_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_is_read_in_little_time(content):
    start = time.process_time()
    assert texts(content)
    assert time.process_time() - start < SECONDS


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_no_bytes_break_the_reader(content):
    try:
        assert texts(b"<p>x" + content)
        read_html(content)
    except SourceError as error:
        if "Expected" not in str(error):
            raise


PIECES = [
    "<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<br>", "<sup>", "</sup>", "12", "[3]",
    "<ol>",
    "<li>", "</li>", "</ol>", "<li id=n>", "<a href=#n>", "</a>", "<pre>", "</pre>", "\n\n", "\t", "\u00a0", " ",
    "word",
    "Canada: 0", "On 5 July 2024, it met", "<b hidden>", "</b>", "<style>", "</style>", "p{display:none}", "<!--",
    "-->", "&",
    "<q>", "</q>", "<div style='display:table-cell'>", "</div>", "<i style='visibility:hidden'>", "</i>", "<template>",
    "<",
    "<span id=n>", "</span>", "<svg>", "</svg>", "<script>", "</script>", "²", "↩", "\x00", "<body>", "</html>",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_a_soup_of_tags_gives_blocks_without_stray_space(pieces):
    blocks = texts("<p>x</p>" + "".join(pieces))
    assert blocks[0] == "x"
    for block in blocks:
        assert block.strip()
        assert not re.search(r"[\n\f\r]|  ", block)
        assert block == block.strip(" ")


# Pages that are reports

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


def test_decoding_keeps_every_line():
    assert decode_page(b"a\r\nb\rc\n") == "a\nb\nc\n"
