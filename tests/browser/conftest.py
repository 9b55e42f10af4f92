"""A page in a headless Chromium that the tests of a module share; any dialog or failing script on it is an error."""

import pytest
from playwright.sync_api import Dialog


@pytest.fixture(scope="module")
def _opened(browser):
    """A page that is offline but for this machine, and what went wrong on it."""
    page = browser.new_page()
    page.route(
        lambda url: not url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:")), lambda route: route.abort()
    )
    found: list[str] = []

    def answer(dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # JupyterLab asks whether to leave it
            dialog.accept()
            return
        found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", answer)
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    yield page, found
    page.close()


@pytest.fixture
def page(_opened):
    """The page of the module, light and wide."""
    page, found = _opened
    found.clear()
    page.set_viewport_size({"width": 1500, "height": 2000})
    page.emulate_media(color_scheme="light")
    yield page
    page.goto("about:blank")
    assert found == []
