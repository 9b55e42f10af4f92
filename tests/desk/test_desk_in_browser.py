"""The review desk in Chromium: keys, focus, what is in the page when, errors, access, and a real JupyterLab."""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import g7tag.desk
from g7tag.desk import DeskSession

pytest.importorskip("anywidget")
from g7tag.desk.widget import ReviewDesk

pytestmark = [pytest.mark.slow, pytest.mark.browser]

FOLDER = Path(g7tag.desk.__file__).parent
SHOTS = os.environ.get("G7TAG_SHOTS")
"""Set this variable to a folder to keep pictures of the desk."""
HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
MODEL = """
const listeners = [];
window.sent = [];  // what Python sent, in full
window.got = (message) => { window.sent.push(message); listeners.forEach((run) => run(message)); };
const model = {
  send: (message) => { if (window.silent !== true) window.ask(message).then(window.got); },
  on: (name, run) => { if (name === "msg:custom") listeners.push(run); },
  off: (name, run) => { listeners.splice(listeners.indexOf(run), 1); },
};
const code = new Blob([SOURCE], { type: "text/javascript" });
import(URL.createObjectURL(code)).then(({ default: desk }) => {
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "CHROMIUM IS MISSING: install it (apt-get install chromium) to run the tests that look at pages"
        if os.environ.get("G7TAG_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network, in which a failing script is an error."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:")), lambda route: route.abort())
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    yield page
    page.close()
    assert found == []


@pytest.fixture
def opened(page: Page) -> Callable[..., Page]:
    """Open a page with a desk on a session; the desk has the focus."""

    def open_desk(session: DeskSession, *, attributes: str = "data-jp-theme-light='true'") -> Page:
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
        return page

    return open_desk


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)
        page.wait_for_timeout(30)


def sentence(page: Page) -> str:
    return page.locator(".sentence").inner_text()


def pressed(page: Page) -> list[str]:
    return page.locator(".controls button[aria-pressed=true] span").all_inner_texts()


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_keys_alone_label_sentences(opened, session_of, recorded):
    page = opened(session_of())
    assert pressed(page) == []
    press(page, "2 s d")
    assert pressed(page) == ["Counter", "Strong", "Done"]
    press(page, "Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    press(page, "b Enter k z")
    assert [row[0][-4:] + row[3] for row in recorded.rows] == ["01.1label", "02.1label", "02.1withdrawn"]
    assert pressed(page) == ["Background"]
    expect(page.locator("header .count")).to_contain_text("1 of 4")
    assert page.evaluate("document.activeElement.className") == "stage"
    assert page.evaluate("window.outside") == []


def test_an_early_enter_is_answered_in_a_live_region(opened, session_of):
    page = opened(session_of())
    press(page, "2 Enter")
    expect(page.get_by_role("status").filter(has_text="Missing")).to_have_text(
        "Missing: the strength (s or w) and the act (d, p, n, r or b)."
    )
    assert sentence(page) == "Police arrested smuggler 1."


def test_labels_of_others_are_in_the_page_only_after_the_decision(opened, session_of, recorded):
    page = opened(session_of())
    assert "SECRET" not in page.evaluate("JSON.stringify(window.sent)") + page.content()
    press(page, "b Enter")
    assert "SECRET" not in page.evaluate("JSON.stringify(window.sent)") + page.content()
    press(page, "v")
    expect(page.locator(".said li")).to_have_count(3)
    assert sentence(page) == "Police arrested smuggler 1."
    shoot(page, "review-1000")
    press(page, "2 w d Enter")
    assert recorded.rows[-1][2:] == (False, "change")
    assert "SECRET" not in page.content()
    assert sentence(page) == "Police arrested smuggler 2."


def test_the_mouse_does_all_and_enter_still_decides(opened, session_of, recorded):
    page = opened(session_of())
    for name in ("Counter", "Weak", "Planned", "Unsure", "Decide"):
        page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    page.get_by_role("button", name="Background", exact=True).click()
    press(page, "Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 3.")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="What others said").click()
    page.get_by_role("button", name="Skip").click()
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 3.")
    assert [row[3] for row in recorded.rows] == ["label", "label", "withdrawn"]


def test_enter_on_a_button_reached_by_tab_presses_that_button(opened, session_of):
    page = opened(session_of())
    page.keyboard.press("Tab")
    press(page, "Enter")
    assert pressed(page) == ["Prevent"]
    page.keyboard.press("Tab")
    press(page, "Space")
    assert pressed(page) == ["Prevent", "Counter"]
    press(page, "w d Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")


def test_keys_do_nothing_while_typing(opened, session_of, recorded):
    page = opened(session_of())
    press(page, "b m")
    page.keyboard.type("undo 2 z k v")
    press(page, "Escape Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    assert recorded.rows[0][1].note == "undo 2 z k v"
    assert page.locator(".comment textarea").input_value() == ""
    press(page, "/")
    page.keyboard.type("arrest")
    expect(page.locator(".matches")).to_contain_text("entries match")
    n = int(page.locator(".matches").inner_text().split()[0])
    assert n == page.locator(".entry:visible").count() > 0
    press(page, "Escape")
    assert page.evaluate("document.activeElement.className") == "stage"
    assert page.evaluate("window.outside") == []


def test_keys_with_control_are_left_to_the_browser(opened, session_of):
    page = opened(session_of())
    press(page, "Control+c Alt+d Meta+s")
    assert pressed(page) == []


def test_a_digit_counts_where_the_keyboard_has_it_shifted(opened, session_of):
    page = opened(session_of())
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'é', code: 'Digit2', bubbles: true}))"
    )
    expect(page.get_by_role("button", name="Counter", exact=True)).to_have_attribute("aria-pressed", "true")


def test_an_error_of_the_record_is_an_alert_and_the_choice_stays(opened, session_of, recorded):
    page = opened(session_of())
    recorded.failing = "annotations.csv: the disk is full. Free some space."
    press(page, "2 s d Enter")
    expect(page.locator(".work > [role=alert]")).to_have_text(
        "Not saved: annotations.csv: the disk is full. Free some space."
    )
    assert pressed(page) == ["Counter", "Strong", "Done"]
    shoot(page, "error-1000")
    recorded.failing = ""
    press(page, "Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    expect(page.locator(".work > [role=alert]")).to_be_empty()


def test_a_silent_kernel_is_reported_after_two_seconds(opened, session_of, recorded):
    page = opened(session_of())
    press(page, "b")
    page.evaluate("window.silent = true")
    press(page, "Enter")
    page.wait_for_timeout(1500)
    expect(page.locator(".work > [role=alert]")).to_be_empty()
    expect(page.locator(".work > [role=alert]")).to_have_text(
        "The kernel did not answer. Nothing was saved. Restart the kernel and run the cell again.", timeout=1000
    )
    assert sentence(page) == "Police arrested smuggler 1."
    assert recorded.rows == []
    page.evaluate("window.silent = false")
    press(page, "Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    expect(page.locator(".work > [role=alert]")).to_be_empty()
    assert len(recorded.rows) == 1


def test_a_late_request_for_another_card_is_not_carried_out(session_of, recorded):
    desk = OfflineDesk(session_of())
    for action in ({"action": "choose", "kind": "act", "value": "background"}, {"action": "decide"}):
        desk._answer(desk, {"id": "1", "step": 0} | action, [])
    desk._answer(desk, {"id": "2", "step": 0, "action": "choose", "kind": "act", "value": "done"}, [])
    desk._answer(desk, {"id": "3", "step": 0, "action": "decide"}, [])
    assert len(recorded.rows) == 1
    assert desk.outbox[-1]["view"]["choice"]["act"] == ""


def test_a_bug_is_reported_and_not_hidden(session_of):
    desk = OfflineDesk(session_of())
    desk.session.decide = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        desk._answer(desk, {"id": "1", "step": 0, "action": "decide"}, [])
    assert desk.outbox == [{"id": "1", "failed": True}]


def test_the_state_that_a_notebook_saves_has_no_card(session_of):
    desk = OfflineDesk(session_of(show_suggestions=True))
    state = {name: value for name, value in desk.get_state().items() if name not in ("_esm", "_css")}
    assert "SECRET" not in str(state)
    assert "smuggler" not in str(state)


def test_text_never_becomes_markup(opened, session_of, make_cards):
    cards = make_cards(1).assign(
        **dict.fromkeys(("member", "date", "before", "text", "after", "note", "source"), HOSTILE)
    )
    said = [{"who": HOSTILE, "kind": HOSTILE, "label": HOSTILE, "decision": None, "note": HOSTILE}]
    cards = cards.assign(labels=[said], url="javascript:document.title='ran'")
    page = opened(session_of(cards, show_suggestions=True, agreement=lambda: [{HOSTILE: HOSTILE}]))
    press(page, "g")
    expect(page.locator("dialog[open] th")).to_have_text(HOSTILE)
    assert page.title() == "calm"
    assert page.locator(".g7tag-desk img, .g7tag-desk script, .g7tag-desk a").count() == 0
    assert "innerHTML" not in (FOLDER / "desk.js").read_text(encoding="utf-8")


def test_a_link_opens_in_a_tab_that_knows_nothing_of_this_one(opened, session_of):
    link = opened(session_of()).get_by_role("link", name="The Paper, Arrest 1")
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("href") == "https://example.org/1"


def test_agreement_and_keys_open_and_close_with_the_keyboard(opened, session_of):
    page = opened(session_of(agreement=lambda: [{"Dimension": "Counter", "Alpha": "0.81"}]))
    press(page, "g")
    expect(page.get_by_role("dialog", name="Agreement").get_by_role("cell")).to_have_text(["Counter", "0.81"])
    press(page, "Escape ?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Skip: the sentence comes back at the end")
    shoot(page, "keys-1000")
    press(page, "Escape b Enter")
    assert sentence(page) == "Police arrested smuggler 2."


def test_adjudication(opened, session_of, recorded):
    saved = []
    page = opened(session_of(adjudicating=True, settle=lambda case, decision: saved.append((case, decision))))
    expect(page.locator(".said li strong")).to_have_text(["Annotator A", "Annotator B"])
    assert "Ms First" not in page.evaluate("JSON.stringify(window.sent)")
    shoot(page, "adjudication-1000")
    press(page, "h")
    expect(page.locator(".said li strong")).to_have_text(["Annotator A: Ms First", "Annotator B: Mr Second"])
    press(page, "2 s d Enter")
    expect(page.locator(".status")).to_have_text("Missing: the reason, as a comment (m).")
    press(page, "m")
    page.keyboard.type("An arrest.")
    press(page, "Escape Enter a")
    shoot(page, "settle-1000")
    page.keyboard.press("Control+a")
    page.keyboard.type("Arrests")
    page.get_by_role("dialog").get_by_role("button", name="Add to settled cases").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert saved == [("Arrests", "Counter, strong, done: An arrest.")]
    expect(page.locator(".book h4").last).to_have_text("Arrests")
    assert page.get_by_role("button", name="Add to settled cases").count() == 0
    assert page.evaluate("document.activeElement.className") == "stage"


def test_the_end_shows_a_summary_and_undo_works(opened, session_of):
    page = opened(session_of())
    press(page, "b Enter b Enter b Enter b Enter")
    expect(page.locator(".stage")).to_contain_text("4 sentences labelled by Ada, 0 of them with a dimension.")
    shoot(page, "end-1000")
    assert page.get_by_role("button", name="Decide").count() == 0
    press(page, "z")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 4.")


def test_a_new_sentence_is_announced(opened, session_of):
    page = opened(session_of())
    expect(page.locator("[aria-live=polite]")).to_have_text("Sentence 1 of 4. Canada. Police arrested smuggler 1.")
    press(page, "b Enter")
    expect(page.locator("[aria-live=polite]")).to_have_text("Sentence 2 of 4. Canada. Police arrested smuggler 2.")


def test_closing_the_view_stops_it(opened, session_of):
    page = opened(session_of())
    page.evaluate("window.close()")
    assert page.locator(".g7tag-desk").count() == 0
    page.evaluate("window.got({id: 'x', failed: true})")


LONG = (
    "The Royal Canadian Mounted Police and the Canada Border Services Agency worked on the case for two years with "
    "partners in the United States and Mexico, and searched eleven houses in Ontario and Quebec. "
)


@pytest.mark.parametrize("width", [1000, 600])
@pytest.mark.parametrize("theme", ["true", "false"], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut_off(opened, session_of, make_cards, theme, width):
    cards = make_cards(40).assign(
        before=LONG * 2, after=LONG,
        text="On 12 July 2024, police in Toronto arrested nine members of a network that had smuggled more than 1,000 "
        "people across the border, and seized 2.3 million dollars and six vehicles.",
        source="Royal Canadian Mounted Police, “Nine arrested in human smuggling investigation”",
    )  # fmt: skip
    page = opened(session_of(cards, agreement=list), attributes=f"data-jp-theme-light='{theme}'")
    page.set_viewport_size({"width": width, "height": 900})
    name = f"{'light' if theme == 'true' else 'dark'}-{width}"
    press(page, "b Enter 2 s d u")
    shoot(page, name)
    found = violations(page)
    press(page, "Enter v")
    shoot(page, f"review-{name}")
    found += violations(page)
    press(page, "?")
    assert [*found, *violations(page)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def violations(page: Page) -> list[str]:
    """What axe-core finds, by rule and place."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    response = axe.run(page, context=".g7tag-desk").response
    return [
        f"{each['id']}: {node['html'][:150]} {node['any'][:1]}"
        for each in response["violations"]
        for node in each["nodes"]
    ]


def test_every_control_has_a_name_a_role_and_its_key(opened, session_of):
    page = opened(session_of())
    for control in page.locator(".controls button").all():
        assert control.get_attribute("aria-pressed") == "false"
        assert control.get_attribute("aria-keyshortcuts") == control.locator("kbd").inner_text()
        assert control.locator("span").inner_text()
    names = ("Dimensions", "Strength", "Act", "Exclusion", "Flags", "Actions")
    assert [page.get_by_role("group", name=name, exact=True).count() for name in names] == [1] * 6
    assert page.get_by_role("region", name="Review desk").count() == 1
    assert page.get_by_role("complementary", name="Codebook").count() == 1
    assert page.get_by_role("progressbar", name="Progress").count() == 1
