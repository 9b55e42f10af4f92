"""Footnotes and endnotes of Word documents: their numbers, their places and their text."""

import pytest
from word_package import p, r, read

from g7tag.errors import SourceError

RAISED = '<w:vertAlign w:val="superscript"/>'


def mark(name, *, kind="footnote", typed=""):
    """A run with a note mark."""
    follows = ' w:customMarkFollows="1"' if typed else ""
    return r(f'<w:{kind}Reference{follows} w:id="{name}"/>' + (f"<w:t>{typed}</w:t>" if typed else ""), RAISED)


def note(name, text, *, kind="footnote", own=True, more=""):
    """A note; with `own`, it shows its number."""
    ref = r(f"<w:{kind}Ref/>", RAISED) if own else ""
    return f'<w:{kind} w:id="{name}">{p(ref, r(f" {text}"))}{more}</w:{kind}>'


def start(number, *, kind="footnote", more=""):
    """Settings of notes in the document or a section."""
    return f'<w:{kind}Pr><w:numStart w:val="{number}"/>{more}</w:{kind}Pr>'


def section(inner):
    """The end of a section."""
    return p(properties=f"<w:sectPr>{inner}</w:sectPr>")


def test_notes_count_up_in_the_order_of_their_marks_and_come_last():
    body = p(r("One."), mark(8)) + p(r("Two."), mark(3)) + p(r("End."))
    found = read(body, footnotes=note(3, "Second.") + note(8, "First."))
    assert found == ["One.¹", "Two.²", "End.", "¹ First.", "² Second."]


def test_the_first_number_is_that_of_the_settings():
    found = read(
        p(r("One."), mark(1), r(" Two."), mark(2)), footnotes=note(1, "a") + note(2, "b"), settings=start(4414)
    )
    assert found == ["One.⁴⁴¹⁴ Two.⁴⁴¹⁵", "⁴⁴¹⁴ a", "⁴⁴¹⁵ b"]


def test_the_first_number_of_the_section_goes_before_that_of_the_settings():
    body = p(r("One."), mark(1)) + f"<w:sectPr>{start(20)}</w:sectPr>"
    assert read(body, footnotes=note(1, "a"), settings=start(10))[0] == "One.²⁰"


def test_a_later_section_may_start_higher_but_repeats_no_number():
    body = (
        p(mark(1))
        + section(start(10))
        + p(mark(2))
        + section(start(50))
        + p(mark(3))
        + f"<w:sectPr>{start(10)}</w:sectPr>"
    )
    assert read(body, footnotes="".join(note(name, "n") for name in (1, 2, 3)))[:3] == ["¹⁰", "⁵⁰", "⁵¹"]


@pytest.mark.parametrize("where", ["eachPage", "eachSect"])
def test_numbers_that_word_would_repeat_go_on(where):
    settings = start(1, more=f'<w:numRestart w:val="{where}"/>')
    body = p(mark(1)) + section("") + p(mark(2))
    assert read(body, footnotes=note(1, "a") + note(2, "b"), settings=settings) == ["¹", "²", "¹ a", "² b"]


def test_other_kinds_of_numbers_are_digits():
    settings = '<w:footnotePr><w:numFmt w:val="lowerRoman"/></w:footnotePr>'
    assert read(p(r("x"), mark(1)), footnotes=note(1, "a"), settings=settings) == ["x¹", "¹ a"]


def test_a_mark_that_was_typed_is_the_number_where_it_is_digits():
    body = p(r("x"), mark(1, typed="77"), r(" y"), mark(2))
    footnotes = note(1, "a", own=False) + note(2, "b")
    assert read(body, footnotes=footnotes) == ["x⁷⁷ y¹", "¹ b", "⁷⁷ a"]


def test_the_number_that_was_typed_in_a_note_stands_once():
    footnotes = f'<w:footnote w:id="1">{p(r("77", RAISED), r(" a"))}</w:footnote>'
    assert read(p(r("x"), mark(1, typed="77")), footnotes=footnotes) == ["x⁷⁷", "⁷⁷ a"]


def test_a_sign_as_mark_is_kept_and_its_note_numbered_behind_the_last():
    body = p(r("x"), mark(1, typed="*"), r(" y"), mark(2))
    assert read(body, footnotes=note(1, "a") + note(2, "b")) == ["x²* y¹", "¹ b", "² a"]


def test_a_note_that_is_never_marked_comes_behind_the_last():
    assert read(p(r("x"), mark(2)), footnotes=note(1, "a") + note(2, "b"), settings=start(30)) == [
        "x³⁰",
        "³⁰ b",
        "³¹ a",
    ]


def test_a_note_whose_mark_was_deleted_is_gone():
    body = p(r("x"), "<w:del>", mark(1), "</w:del>", mark(2))
    assert read(body, footnotes=note(1, "a") + note(2, "b")) == ["x¹", "¹ b"]


def test_separators_are_no_notes():
    lines = f'<w:footnote w:type="separator" w:id="-1">{p(r("no text"))}</w:footnote>'
    assert read(p(r("x"), mark(1)), footnotes=lines + note(1, "a")) == ["x¹", "¹ a"]


def test_the_paragraphs_of_a_note_are_one_block():
    assert read(p(r("x"), mark(1)), footnotes=note(1, "a,", more=p(r("b")) + p(r("c")))) == ["x¹", "¹ a, b c"]


def test_endnotes_keep_their_numbers_where_no_footnote_has_them():
    body = p(r("x"), mark(1), mark(1, kind="endnote"))
    found = read(
        body, footnotes=note(1, "foot"), endnotes=note(1, "end", kind="endnote"), settings=start(90, kind="endnote")
    )
    assert found == ["x¹⁹⁰", "¹ foot", "⁹⁰ end"]


def test_endnotes_go_on_behind_the_footnotes_where_numbers_would_be_both():
    body = p(r("x"), mark(1)) + p(r("y"), mark(1, kind="endnote")) + p(r("z"), mark(2))
    footnotes = note(1, "a") + note(2, "b")
    found = read(body, footnotes=footnotes, endnotes=note(1, "c", kind="endnote"))
    assert found == ["x¹", "y³", "z²", "¹ a", "² b", "³ c"]


def test_digits_that_are_raised_are_marks():
    assert read(p(r("crime."), r("44", RAISED), r("14", RAISED), r(" It"))) == ["crime.⁴⁴¹⁴ It"]


def test_digits_that_a_style_raises_are_marks():
    styles = (
        f'<w:style w:type="character" w:styleId="Base"><w:rPr>{RAISED}</w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Mark"><w:basedOn w:val="Base"/></w:style>'
    )
    assert read(p(r("crime."), r("4414", '<w:rStyle w:val="Mark"/>')), styles=styles) == ["crime.⁴⁴¹⁴"]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([r("4414", RAISED), r(" A law.")], "⁴⁴¹⁴ A law."),
        ([r("the 9"), r("th", RAISED)], "the 9th"),
        ([r("the "), r("9th", RAISED)], "the 9th"),
        ([r("crime."), r("12, 13", RAISED)], "crime.¹², ¹³"),
        ([r("H"), r("2", '<w:vertAlign w:val="subscript"/>'), r("O")], "H2O"),
        ([r("9", f'{RAISED}<w:vertAlign w:val="baseline"/>')], "9"),
    ],
    ids=["typed note", "ordinal", "raised ordinal", "list of marks", "subscript", "undone"],
)
def test_only_digits_that_stand_alone_become_marks(runs, text):
    assert read(p(*runs)) == [text]


def test_a_mark_within_a_note_is_numbered_after_those_of_the_text():
    footnotes = f'<w:footnote w:id="1">{p(r("a "), mark(2))}</w:footnote>' + note(2, "b")
    assert read(p(r("x"), mark(1)), footnotes=footnotes) == ["x¹", "¹ a ²", "² b"]


def test_a_field_of_a_note_that_never_ends_takes_no_note_along():
    open_field = r('<w:fldChar w:fldCharType="begin"/>')
    footnotes = f'<w:footnote w:id="1">{p(open_field, r("a"))}</w:footnote>' + note(2, "b")
    assert read(p(r("x"), mark(1), mark(2)), footnotes=footnotes) == ["x¹²", "¹ a", "² b"]


def test_marks_without_a_part_of_notes_are_refused():
    message = r"^refers to 2 missing footnotes \(Word ids '1', '2'\)\. Expected the text of each; open it"
    with pytest.raises(SourceError, match=message):
        read(p(r("x"), mark(1), mark(2)))


def test_a_mark_of_a_note_that_is_missing_is_refused():
    with pytest.raises(SourceError, match=r"^refers to 1 missing endnotes \(Word ids '7'\)"):
        read(p(r("x"), mark(7, kind="endnote")), endnotes=note(1, "a", kind="endnote"))
