"""A headless Chromium, if this machine has one."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REQUIRED = "G7TAG_BROWSER"
"""Set this variable to make a missing Chromium a failure."""


@pytest.fixture(scope="module")  # its event loop runs as long as it is there: no longer than it is needed
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "CHROMIUM IS MISSING: install it (apt-get install chromium) to run the tests that look at pages"
        if os.environ.get(REQUIRED):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


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
