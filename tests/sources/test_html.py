"""The visible text of any HTML page becomes blocks."""

import pytest
from page_texts import texts

from g7tag.sources.html.pages import decode_page

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


def test_decoding_keeps_every_line():
    assert decode_page(b"a\r\nb\rc\n") == "a\nb\nc\n"
