"""Repair URLs if the repair is certain, and flag the others."""

import pytest

from g7tag.evidence.urls import KnownUrls, Url, repair_url, restore_hyphens
from g7tag.sources.text import looks_like_url

WORDS = frozenset({"newsroom", "canada"})


@pytest.mark.parametrize(
    "piece",
    [
        "https://a.org/x", "www.a.org/x", "ttps://a.org/x", "$https://a.org/x", "press/newsroom/news",
        "immigration-crime-act", "one_two", "can ada/news/2025/01/government-of-can ada-announces.html", "plan.pdf",
    ],
)  # fmt: skip
def test_urls_and_their_parts_are_recognised(piece):
    assert looks_like_url(piece)


@pytest.mark.parametrize(
    "piece",
    ["", "They met.", "and/or return.", "They met at https://a.org/x yesterday.", "boats", "long-term", "n.d."],
)
def test_words_are_no_url(piece):
    assert not looks_like_url(piece)


@pytest.mark.parametrize(
    "url",
    ["https://a.org", "http://www.a-b.org:80/x", "https://a.org/x?y=1&z=2#top", "https://a.org/caf%C3%A9_(x)/"],
)
def test_a_whole_url_is_ok_as_printed(url):
    assert repair_url(url, WORDS) == Url(url, "ok")


@pytest.mark.parametrize(
    ("printed", "url"),
    [
        ("https://a.org/ news/one", "https://a.org/news/one"),
        ("https://a.org/media-\n\npress/one", "https://a.org/media-press/one"),
        ("https://a. org/one", "https://a.org/one"),
        ("https://a.org/one. html", "https://a.org/one.html"),
        ("https://a.org/press/news room/", "https://a.org/press/newsroom/"),
        ("https://www.can ada.org/one", "https://www.canada.org/one"),
        ("ttps://a.org/one", "https://a.org/one"),
        ("$https://a.org/one$", "https://a.org/one"),
        (r"https://a.org/a\_b\-c", "https://a.org/a_b-c"),
        (r"https://a.org/one. \\ html", "https://a.org/one.html"),
    ],
    ids=[
        "blank at a slash", "line end at a hyphen", "blank in the host", "blank before the ending",
        "blank in a known word", "known word in the host", "lost letter", "dollar signs", "backslashes",
        "backslashes between blanks",
    ],
)  # fmt: skip
def test_what_can_be_mended_for_certain_is_repaired(printed, url):
    assert repair_url(printed, WORDS) == Url(url, "repaired")


@pytest.mark.parametrize(
    "printed",
    [
        "https://a.org/for-illegal immigrants", "https://a.org/b5e9e ff6/plan", "https://a.org/one-",
        "https://a.org/one_", "https://a.org/one.", "www.a.org/one", "https://a", "https://a.org/on.. .e",
        "https://a.org/one two en",
    ],
    ids=[
        "blank for a hyphen or nothing", "blank in a code", "ends at a hyphen", "ends at an underscore",
        "ends at a full stop", "no scheme", "no domain", "two full stops", "lost underscore",
    ],
)  # fmt: skip
def test_what_cannot_be_mended_for_certain_is_broken_and_as_printed(printed):
    assert repair_url(printed, WORDS) == Url(printed, "broken")


def test_a_url_of_several_lines_of_another_note_or_none_at_all():
    assert repair_url("https://a.org/one\n\ntwo", WORDS) == Url("https://a.org/one two", "broken")
    assert repair_url("https://a.org/one", WORDS, placed=False) == Url("https://a.org/one", "broken")
    assert repair_url(" \n", WORDS) == Url("", "none")


def test_words_are_known_from_whole_urls_alone():
    known = KnownUrls.of(["https://a.org/newsroom", "https://b.org/border ing"], ["Act on Borders"])
    assert known.words == {"https", "a", "org", "newsroom"}
    assert known.titles == {"act", "on", "borders"}


def test_parts_with_more_hyphens_win_where_two_have_the_same_letters():
    known = KnownUrls.of(["https://a.org/on-line-news", "https://a.org/online-news"], [])
    assert known.parts == {"onlinenews": "on-line-news"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.org/mediapress/x", "https://a.org/media-press/x"),
        ("https://homeaffairs.a.org/x", "https://home-affairs.a.org/x"),
        ("https://a.org/arrests-acrosseurope", "https://a.org/arrests-across-europe"),
        ("https://a.org/9-arrestsacross-europe", "https://a.org/9-arrests-across-europe"),
    ],
    ids=["part of another URL", "host of another URL", "words of the title", "words of the title, neighbour behind"],
)
def test_lost_hyphens_that_the_document_proves_are_put_back(url, expected):
    known = KnownUrls.of(["https://home-affairs.a.org/media-press/y"], ["9 Arrests across Europe"])
    assert restore_hyphens(Url(url, "ok"), "9 Arrests across Europe", known) == Url(expected, "repaired")


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://a.org/acrosseurope", "Arrests across Europe"),
        ("https://a.org/arrests-airport", "Arrests: air port closed, airport open"),
        ("https://a.org/arrests-atsea", "A law on boats"),
        ("https://a.org/arrests-across-europe", "Arrests across Europe"),
        ("https://a.org/police-arrestsgang", "Police arrests violent gang"),
    ],
    ids=["no third word beside it", "word of the title", "no words of it", "nothing lost", "a long word left out"],
)
def test_a_url_stays_where_nothing_proves_a_lost_hyphen(url, title):
    assert restore_hyphens(Url(url, "ok"), title, KnownUrls.of([], [title])) == Url(url, "ok")


@pytest.mark.parametrize("url", [Url("https://a.org/mediapress/ x", "broken"), Url("", "none")])
def test_hyphens_of_a_broken_or_missing_url_are_left(url):
    assert restore_hyphens(url, "", KnownUrls.of(["https://a.org/media-press"], [])) == url
