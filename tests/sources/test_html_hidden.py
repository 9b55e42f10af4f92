"""Invisible text of an HTML page is hidden, with a reason; a page without visible text is refused."""

import pytest
from hidden_pages import UNSURE, sheet
from page_texts import hidden

from g7tag.errors import SourceError
from g7tag.sources import read_documents
from g7tag.sources.html.document import read_html, read_page


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
        ("color:#123;background:#112233", "same color as its background"),
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
        "<p style='color:var(--x);font-size:calc(10px);opacity:x'>Seen.",
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


# Styles that are not understood


@pytest.mark.parametrize("style", UNSURE)
def test_a_rule_that_is_not_understood_and_decides_about_text_is_a_doubt(style):
    (doubt,) = read_page(sheet(style).replace("{}", "Odd.").encode()).doubts
    assert doubt.startswith("The style rule ")
    assert "'Odd.'" in doubt or "'Text.'" in doubt


@pytest.mark.parametrize(
    "style",
    [
        ".x:foo{color:red}", ".x:foo{display:block}", ".q:foo{display:none}", ".x::after{opacity:0}",
        ".x:hover{display:none}", "@media (odd:1){.x{font-size:9pt}}", ".x{width:anchor-size(a)}",
        ".x{color:var(--missing)}", "i:foo{display:none} i{display:inline!important}", ".x::first-letter{color:red}",
        "@media print{.x:foo{display:none}}", ".x{background:url(a.png);filter:none}", "b:has(:foo){display:none}",
    ],
)  # fmt: skip
def test_a_rule_that_is_not_understood_and_decides_nothing_is_no_doubt(style):
    assert read_page(sheet(style).replace("{}", "Seen.").encode()).doubts == []


def test_many_doubts_are_counted():
    page = "".join(f"<style>.a{n}:foo{{opacity:0}}</style><p class=a{n}>x" for n in range(9))
    doubts = read_page(page.encode()).doubts
    assert len(doubts) == 6
    assert doubts[-1] == "4 more style rules are not understood and may hide or show text."


def test_a_doubt_is_a_gap(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("<html><style>p:foo { display: none }</style><p>Canada has a law.")
    documents, gaps, _ = read_documents([path])
    assert documents["status"].tolist() == ["ok"]
    assert gaps[["name", "part", "kind"]].values.tolist() == [["report.html", "styles", "unread"]]
    assert gaps["reason"].item() == (
        "The style rule 'p:foo { display: none }' is not understood and may hide text that was read as visible (17 "
        "characters, such as 'Canada has a law.'). Compare the page in a browser, and remove the rule or the text."
    )


def test_a_usual_large_style_sheet_gives_no_doubt_and_hides_only_what_it_says():
    sizes = ("", "-sm", "-md", "-lg", "-xl")
    rules = [":root,[data-theme=light]{--b-body:#212529;--b-bg:#fff;--b-rgb:33,37,41}*,::after,::before{margin:0}"]
    rules += ["body{color:var(--b-body);background-color:var(--b-bg);font-size:calc(1rem + .1vw);margin:0}"]
    rules += ["a{color:rgba(var(--b-rgb),var(--b-opacity,1))}a:not([href]):not([class]),a:hover{color:inherit}"]
    rules += [
        ".fade:not(.show){opacity:0}.collapse:not(.show),[hidden]{display:none!important}.btn:disabled{opacity:.6}"
    ]
    rules += [
        ".form:is(:-webkit-autofill,.on)~label{opacity:.6}.menu::-webkit-scrollbar{display:none}.tab>.pane{display:none}"
    ]
    rules += [
        "@supports (backdrop-filter:blur(1px)){.bar{background-color:rgba(0,0,0,.5)}}@media print{p{display:none}}"
    ]
    for width, size in zip((0, 576, 768, 992, 1200), sizes, strict=True):
        each = "".join(f".d{size}-{kind}{{display:{kind}!important}}" for kind in ("none", "flex", "grid", "block"))
        each += "".join(f".m{size}-{n}{{margin:{n}rem!important}}.w{size}-{n}{{width:{n}%}}" for n in range(100))
        rules.append(f"@media (min-width:{width}px){{{each}.nav{size}>li:nth-child(2n+1)>a:hover{{color:red}}}}")
    page = (
        f"<!DOCTYPE html><style>{''.join(rules)}</style><p class='m-3 w-50'>Seen.<a href=x>Link</a>"
        "<p class='d-none d-md-block'>Wide.<p class=d-lg-none>Narrow.<p class=collapse>Closed.<p class='fade show'>Seen"
    )
    assert hidden(page) == [("Narrow.", "display:none"), ("Closed.", "display:none")]
    assert read_page(page.encode()).doubts == []


# Pages without text


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
    with pytest.raises(SourceError, match=r"^contains no visible text\. .*saved from the browser as text or PDF"):
        read_html(page.encode())


def test_a_page_that_hides_all_its_text_is_refused():
    with pytest.raises(SourceError, match=r"visible text; all of it is hidden \(display:none, opacity 0\)\. Expected"):
        read_html(b"<p style='opacity:0'>a<p style='display:none'>b")
