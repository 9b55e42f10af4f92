"""Repair URLs if the repair is certain, and flag the others."""

import pytest

from g7tag.evidence.urls import KnownUrls, Url, repair_url, restore_hyphens
from g7tag.sources.text import looks_like_url

WORDS = frozenset({"newsroom", "canada"})
PIECES = [
    "https://a.org/x", "www.a.org/x", "ttps://a.org/x", "$https://a.org/x", "press/newsroom/news",
    "immigration-crime-act", "one_two", "can ada/news/2025/01/government-of-can ada-announces.html", "plan.pdf",
]  # fmt: skip
OTHERS = ["", "They met.", "and/or return.", "They met at https://a.org/x yesterday.", "boats", "long-term", "n.d."]


@pytest.mark.parametrize("piece", [*PIECES, *OTHERS])
def test_urls_and_their_parts_are_told_from_words(piece):
    assert looks_like_url(piece) == (piece in PIECES)


REPAIRS = {
    "https://a.org/ news/one": "https://a.org/news/one",
    "https://a.org/media-\n\npress/one": "https://a.org/media-press/one",
    "https://a. org/one": "https://a.org/one",
    "https://a.org/one. html": "https://a.org/one.html",
    "https://a.org/press/news room/": "https://a.org/press/newsroom/",  # a known word
    "https://www.can ada.org/one": "https://www.canada.org/one",
    "ttps://a.org/one": "https://a.org/one",
    "$https://a.org/one$": "https://a.org/one",
    r"https://a.org/a\_b\-c": "https://a.org/a_b-c",
    r"https://a.org/one. \\ html": "https://a.org/one.html",
}
WHOLE = ["https://a.org", "http://www.a-b.org:80/x", "https://a.org/x?y=1&z=2#top", "https://a.org/caf%C3%A9_(x)/"]
BROKEN = [
    "https://a.org/for-illegal immigrants",  # a hyphen or nothing
    "https://a.org/b5e9e ff6/plan", "https://a.org/one-", "https://a.org/one_", "https://a.org/one.", "www.a.org/one",
    "https://a", "https://a.org/on.. .e", "https://a.org/one two en",
]  # fmt: skip


@pytest.mark.parametrize("printed", [*WHOLE, *REPAIRS, *BROKEN])
def test_what_can_be_mended_for_certain_is_repaired_and_the_rest_is_as_printed(printed):
    status = "repaired" if printed in REPAIRS else "ok" if printed in WHOLE else "broken"
    assert repair_url(printed, WORDS) == Url(REPAIRS.get(printed, printed), status)
    assert repair_url(printed, WORDS, placed=False) == Url(" ".join(printed.split()), "broken")  # of another note
    assert repair_url(" \n", WORDS) == Url("", "none")


HYPHENS = {
    "https://a.org/mediapress/x": "https://a.org/media-press/x",  # a part of another URL
    "https://homeaffairs.a.org/x": "https://home-affairs.a.org/x",
    "https://a.org/arrests-acrosseurope": "https://a.org/arrests-across-europe",  # words of the title
    "https://a.org/9-arrestsacross-europe": "https://a.org/9-arrests-across-europe",
}


@pytest.mark.parametrize("url", HYPHENS)
def test_lost_hyphens_that_the_document_proves_are_put_back(url):
    known = KnownUrls.of(["https://home-affairs.a.org/media-press/y"], ["9 Arrests across Europe"])
    assert restore_hyphens(Url(url, "ok"), "9 Arrests across Europe", known) == Url(HYPHENS[url], "repaired")


@pytest.mark.parametrize(("url", "title"), [
    (Url("https://a.org/acrosseurope", "ok"), "Arrests across Europe"),  # no third word beside it
    (Url("https://a.org/arrests-airport", "ok"), "Arrests: air port closed, airport open"),
    (Url("https://a.org/arrests-atsea", "ok"), "A law on boats"),
    (Url("https://a.org/arrests-across-europe", "ok"), "Arrests across Europe"),
    (Url("https://a.org/police-arrestsgang", "ok"), "Police arrests violent gang"),  # a long word left out
    (Url("https://a.org/mediapress/ x", "broken"), ""),
    (Url("", "none"), ""),
])  # fmt: skip
def test_a_url_stays_where_nothing_proves_a_lost_hyphen(url, title):
    assert restore_hyphens(url, title, KnownUrls.of(["https://a.org/media-press"], [title])) == url
