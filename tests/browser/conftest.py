"""A page in a headless Chromium, on which any dialog or failing script is an error."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that is offline but for this machine, and on which any dialog or failing script is an error."""
    page = browser.new_page(viewport={"width": 1500, "height": 2000})
    page.route(
        lambda url: not url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:")), lambda route: route.abort()
    )
    found: list[str] = []
    page.on("dialog", lambda dialog: (found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    yield page
    page.close()
    assert found == []
