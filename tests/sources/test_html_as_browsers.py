"""What Chromium does not show is hidden, and what it shows is not."""

from html import escape
from io import BytesIO

import pytest
from hidden_pages import HIDDEN, SEEN, UNKNOWN
from PIL import Image, ImageChops

from g7tag.errors import SourceError
from g7tag.sources.html.document import read_page

WORD = "Unseenword"
FAINTEST = 16  # of 255; smaller differences are not seen
HEIGHT = 90  # pixels of a page's frame


def is_hidden(page):
    """Whether the reader hides the word of a page; it must have no doubt."""
    try:
        blocks, doubts = read_page(page.encode())
    except SourceError as error:
        return "no visible text" in str(error)
    assert not doubts
    return not any(WORD in run.text and not run.hidden for block in blocks for run in block.runs)


def written(body, word=WORD):
    """A page with its word."""
    return "<!DOCTYPE html>" + body.replace("{}", word)


def test_the_reader_hides_what_is_not_seen():
    assert [name for name, body in HIDDEN.items() if not is_hidden(written(body))] == []


def test_the_reader_shows_what_is_seen():
    assert [name for name, body in SEEN.items() if is_hidden(written(body))] == []


def test_what_the_documentation_lists_as_not_found_is_not_found():
    assert [name for name, body in UNKNOWN.items() if is_hidden(written(body))] == []


@pytest.mark.nightly
@pytest.mark.browser
def test_chromium_says_the_same(browser):
    """Each page is a frame of one picture; a word that is seen looks otherwise when its letters are turned round."""
    cases = [*HIDDEN.items(), *SEEN.items(), *UNKNOWN.items()]
    page = browser.new_page(viewport={"width": 1300, "height": 800})
    pictures = []
    for word in (WORD, WORD[::-1]):  # as wide
        frames = (
            f'<iframe width=1280 height={HEIGHT} scrolling=no srcdoc="{escape(written(body, word))}"></iframe>'
            for _, body in cases
        )
        style = "<style>body{margin:0}iframe{display:block;border:0}</style>"
        page.set_content(f"<!DOCTYPE html>{style}{''.join(frames)}", wait_until="load")
        pictures.append(Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB"))
    page.close()
    changed = ImageChops.difference(*pictures).convert("L").point(lambda gray: 255 * (gray > FAINTEST))
    seen = {
        name: changed.crop((0, at * HEIGHT, 1280, (at + 1) * HEIGHT)).getbbox() is not None
        for at, (name, _) in enumerate(cases)
    }
    assert {name for name in HIDDEN | UNKNOWN if seen[name]} == set()
    assert {name for name in SEEN if not seen[name]} == set()
