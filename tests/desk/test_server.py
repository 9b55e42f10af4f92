"""The desk without Jupyter: who is answered, what the page may do, and how it ends."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from socketserver import BaseServer
from threading import Thread
from typing import Any

import pytest
from desk_page import served_desk
from playwright.sync_api import Page, expect

from g7tag.desk.server import LIMIT, DeskServer
from g7tag.store import read_labels

START = b'{"id": "1", "action": "start"}'


@pytest.fixture
def server(session_of: Any) -> Iterator[DeskServer]:
    """A desk that is served."""
    with DeskServer(session_of()) as server:
        Thread(target=BaseServer.serve_forever, args=(server, 0.005), daemon=True).start()
        yield server
        server.shutdown()


def ask(
    server: DeskServer, method: str = "POST", path: str = "", body: Any = START, **headers: str
) -> tuple[int, HTTPMessage, str]:
    """Status, headers and body of the answer to a request as the page sends it, but for what is given."""
    given = {"Origin": server.origin} | {name.replace("_", "-"): value for name, value in headers.items()}
    given = {name: value for name, value in given.items() if value}
    with closing(HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        connection.request(method, path or f"/{server.token}/", body, given)
        with connection.getresponse() as response:
            return response.status, response.headers, response.read().decode()


def test_the_page_is_answered_and_may_load_nothing_from_elsewhere(server: DeskServer) -> None:
    assert json.loads(ask(server)[2])["setup"]["annotator"] == "Ada"
    for name, words in {"": "<main>", "app.js": "fetch", "desk.js": "class Desk", "desk.css": ".g7tag-desk"}.items():
        status, headers, body = ask(server, "GET", f"/{server.token}/{name}", None, Origin="")
        assert (status, words in body, headers["Cache-Control"]) == (200, True, "no-store")
        policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        assert headers["Content-Security-Policy"].startswith(policy)


@pytest.mark.parametrize(("status", "given"), [
    (403, {"path": "/"}), (403, {"path": "/desk.js"}), (403, {"path": f"/{'x' * 43}/"}),
    (403, {"Host": "localhost"}), (403, {"Host": "evil.example:80"}), (403, {"Origin": "https://evil.example"}),
    (403, {"Origin": "null"}), (403, {"Origin": ""}), (413, {"body": b" " * (LIMIT + 1)}),
    (413, {"Content_Length": "-1"}), (413, {"Content_Length": "9" * 5000}), (400, {"body": b"{"}),
    (400, {"body": b"[1]"}), (400, {"body": b"[" * LIMIT}), (501, {"method": "PUT"}), (501, {"method": "OPTIONS"}),
], ids=str)  # fmt: skip
def test_a_message_from_elsewhere_or_of_another_form_is_refused(server: DeskServer, status: int, given: Any) -> None:
    before = server.session.view()
    assert ask(server, **given)[0] == status
    assert server.session.view() == before
    assert ask(server)[0] == 200  # and the desk goes on


@pytest.mark.parametrize(
    "name", ["session.py", "../desk/session.py", "..%2fsession.py", "/etc/passwd", "app.html", "?", "desk.js/", "%00"]
)
def test_nothing_but_the_files_of_the_page_is_handed_out(server: DeskServer, name: str) -> None:
    assert ask(server, "GET", f"/{server.token}/{name}", None)[0] == 404
    assert ask(server, "POST", f"/{server.token}/{name}")[0] == 404


def test_a_page_of_another_address_gets_nothing_though_it_has_the_token(server: DeskServer) -> None:
    assert ask(server, "GET", body=None, Origin="https://evil.example")[0] == 403
    assert ask(server, "GET", body=None, Host=f"evil.example:{server.server_port}", Origin="")[0] == 403


def test_a_bug_is_answered_and_printed(server: DeskServer, capfd: pytest.CaptureFixture[str]) -> None:
    server.session.decide = lambda: 1 / 0  # type: ignore[method-assign]
    assert json.loads(ask(server, body=b'{"id": "7", "action": "decide", "step": 0}')[2]) == {"id": "7", "failed": True}
    said, end = "", time.monotonic() + 10
    while "ZeroDivisionError" not in said and time.monotonic() < end:  # it is printed after the answer
        time.sleep(0.01)
        said += capfd.readouterr().err
    assert "ZeroDivisionError" in said


# The command in a browser ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.browser
def test_the_command_serves_a_desk_that_is_whole_at_1280_by_850_and_ends_with_ctrl_c(page: Page, folder: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 850})
    with served_desk(folder, "--annotator", "Ada", "--select", "all") as (address, process):
        page.goto(address)
        welcome = page.get_by_role("dialog", name="Before you start")
        expect(welcome).to_contain_text("Smugglers charge up to 5,000 euros a head.")
        expect(welcome.get_by_role("button", name="Start")).to_be_in_viewport(ratio=1)
        page.keyboard.press("Enter")  # leaves the focus on the sentence
        expect(page.locator(".keys-on")).to_be_visible()
        expect(page.get_by_role("button", name="Decide")).to_be_in_viewport(ratio=1)
        expect(page.locator(".g7tag-desk")).to_be_in_viewport(ratio=0.99)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        before = page.locator(".sentence").inner_text()
        for keys in ("m", "dd x", "Escape", "2", "s", "p", "d", "Enter"):  # faster than the answers come
            page.keyboard.press(keys) if len(keys) != 4 else page.keyboard.type(keys)
        expect(page.locator(".sentence")).not_to_have_text(before)
        assert read_labels(folder)[["dimensions", "strength", "act", "note", "blind"]].to_numpy().tolist() == [
            ["counter", "strong", "done", "dd x", True]
        ]
        process.terminate()
        assert process.wait(60) == 143
    page.keyboard.press("b")
    expect(page.locator(".work > [role=alert]")).to_have_text(
        "The desk did not answer. Nothing was saved. Start g7tag desk again in the terminal."
    )
    with served_desk(folder, "--annotator", "Ada") as (address, process):
        pass
    assert process.returncode == 0
