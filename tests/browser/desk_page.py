"""The review desk as the command serves it, and a page with a desk whose messages go to Python directly."""

import json
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import g7tag.desk
from g7tag.desk import DeskSession
from g7tag.desk.widget import ReviewDesk

FOLDER = Path(g7tag.desk.__file__).parent
MODEL = """
const listeners = [];
window.sent = [];  // what Python sent, in full
window.got = (message) => { window.sent.push(message); listeners.forEach((run) => run(message)); };
const model = {
  send: (message) => {
    if (window.silent === true) return;
    window.ask(message).then((answer) => setTimeout(() => window.got(answer), window.delay ?? 0));
  },
  on: (name, run) => { if (name === "msg:custom") listeners.push(run); },
  off: (name, run) => { listeners.splice(listeners.indexOf(run), 1); },
};
const code = new Blob([SOURCE], { type: "text/javascript" });
import(URL.createObjectURL(code)).then(({ default: desk }) => {
  window.again = () => { desk.render({ model, el: document.querySelector("#desk") }); };
  window.close = desk.render({ model, el: document.querySelector("#desk") });
});
window.outside = [];  // keys that reach the notebook
document.addEventListener("keydown", (event) => window.outside.push(event.key));
"""


class OfflineDesk(ReviewDesk):
    """A desk whose messages go to a page instead of through a kernel."""

    def __init__(self, session: DeskSession) -> None:
        super().__init__(session)
        self.outbox: list[dict[str, Any]] = []

    def send(self, content: dict[str, Any], buffers: object = None) -> None:
        del buffers
        self.outbox.append(json.loads(json.dumps(content)))  # as a kernel would send it


def show_desk(page: Page, session: DeskSession, *, attributes: str = "data-jp-theme-light='true'") -> None:
    """Show a desk on a session in a page; the desk has the focus."""
    desk = OfflineDesk(session)

    def ask(_source: object, message: dict[str, Any]) -> dict[str, Any]:
        desk._answer(desk, message, [])
        return desk.outbox.pop()

    page.expose_binding("ask", ask)
    css = (FOLDER / "desk.css").read_text(encoding="utf-8")
    source = json.dumps((FOLDER / "desk.js").read_text(encoding="utf-8"))
    page.set_content(
        f"<!doctype html><html lang=en><title>calm</title><style>{css}</style>"
        f"<body {attributes} style='margin: 8px'><main><button id=other>Other</button><div id=desk></div></main>"
    )
    page.add_script_tag(content=MODEL.replace("SOURCE", source))
    page.locator(".g7tag-desk .controls button").first.wait_for()
    page.locator(".g7tag-desk .stage").focus()


def violations(page: Page) -> list[str]:
    """What axe-core finds, by rule and place; in a dialog if one is open, since the page behind it is out of reach."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    response = axe.run(page, context="dialog[open]" if page.locator("dialog[open]").count() else ".g7tag-desk").response
    return [
        f"{each['id']}: {node['html'][:150]} {node['any'][:1]}"
        for each in response["violations"]
        for node in each["nodes"]
    ]


@contextmanager
def served_desk(
    folder: Path | str, *words: str, cwd: Path | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `g7tag desk` and give its address and process; Ctrl-C ends it."""
    command = [f"{sysconfig.get_path('scripts')}/g7tag", "desk", str(folder), *words, "--no-browser"]
    with subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, text=True) as process:
        first = process.stderr.readline()
        assert first.startswith("The desk is at http://127.0.0.1:"), first + process.stderr.read()
        try:
            yield first.split()[-1], process
        finally:
            process.send_signal(signal.SIGINT)
            process.stderr.read()  # until it has ended
