"""The tabs Scores and Findings: when they open, what a decision needs, and that nothing is decided unseen."""

from dataclasses import replace
from typing import Any

import pytest
from desk_page import show_desk, violations
from playwright.sync_api import Page, expect

from g7tag.desk.decisions import Row, Tabs
from g7tag.errors import RunError

HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
CANADA = Row(
    "score:2024-19/CAN", "Canada", "", ["Published 0", "Suggested +1", "51% likely"], "Strong in all.",
    [("", "SECRET: another item would change it.")], "open", "Open", "0", "hash",
)  # fmt: skip
JAPAN = replace(CANADA, row_id="score:2024-19/JPN", title="Japan", published="")
FINDINGS = [
    replace(
        CANADA,
        row_id=f"check:{at}",
        title=f"Check {at}",
        severity=severity,
        facts=[],
        text=f"Message {at}.",
        published="",
    )
    for at, severity in enumerate(("High", "Low", "Low"))
]


class Ledger:
    """Rows in memory that are decided; it refuses while `failing` is a message."""

    def __init__(self) -> None:
        self.rows = {"scores": [CANADA, JAPAN], "findings": FINDINGS}
        self.failing = ""
        self.opened = 0

    def read(self, tab: str) -> list[Row]:
        return self.rows[tab]

    def decide(self, row: Row, status: str, note: str, score: int | None) -> None:
        if self.failing:
            raise RunError(self.failing)
        words = {"open": "Open"}.get(status, f"{status} {score} by Ada: {note}")
        changed = replace(row, status=status, decision=words)
        for tab, rows in self.rows.items():
            self.rows[tab] = [changed if each.row_id == row.row_id else each for each in rows]

    def note_opened(self) -> None:
        self.opened += 1


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def tabs(ledger: Ledger) -> Tabs:
    return Tabs(ledger.read, ledger.decide, ledger.note_opened)


def ask(tabs: Tabs, tab: str, *, waiting: int = 0, **given: Any) -> dict[str, Any]:
    return tabs.answer({"tab": tab, **given}, waiting=waiting)


def rule(tabs: Tabs, tab: str, at: int, does: str, **given: Any) -> dict[str, Any]:
    row = ask(tabs, tab)["rows"][at]
    return ask(tabs, tab, **{"does": does, "row": row["row_id"], "version": row["version"], "note": "Why."} | given)


def test_the_tabs_open_unasked_only_if_nothing_is_left_to_label(tabs: Tabs, ledger: Ledger) -> None:
    for given in ({}, {"confirmed": "yes"}, {"does": "agree", "row": CANADA.row_id}):
        answer = ask(tabs, "scores", waiting=1, **given)
        assert answer["asks"].startswith("You still have 1 sentence to label.")
        assert "rows" not in answer
    assert (tabs.opened, ledger.opened) == (False, 0)
    assert [row["title"] for row in ask(tabs, "scores", waiting=1, confirmed=True)["rows"]] == ["Canada", "Japan"]
    assert len(ask(tabs, "findings", waiting=1)["rows"]) == 3
    assert (tabs.opened, ledger.opened) == (True, 1)  # asked once
    assert ask(tabs, "nothing") == {}


def test_labels_are_not_blind_after_the_tabs_were_opened(session_of: Any, recorded: Any, tabs: Tabs) -> None:
    session = session_of()
    session.tabs = tabs
    for confirmed in (False, True):
        assert session.view().blind
        session.choose("act", "background")
        session.decide()
        session.tab({"tab": "scores", "confirmed": confirmed})
    session.choose("act", "background")
    session.decide()
    assert [blind for _, _, blind, _ in recorded.rows] == [True, True, False]
    assert not session.view().blind
    assert session_of().tab({"tab": "scores"}) == {}


@pytest.mark.parametrize(("at", "given", "message"), [
    (0, {"does": "agree", "note": " "}, "Give the reason."),
    (1, {"does": "agree"}, "Choose the final score: -1, 0 or +1."),  # none is published
    (0, {"does": "change"}, "Choose the final score: -1, 0 or +1."),
    (0, {"does": "change", "score": "2"}, "Choose the final score: -1, 0 or +1."),
    (0, {"does": "change", "score": ["0"]}, "Choose the final score: -1, 0 or +1."),
    (0, {"does": "dismiss"}, "Not saved: the row was changed meanwhile."),  # no action of this tab
    (0, {"does": ["agree"]}, "Not saved: the row was changed meanwhile."),
    (0, {"does": "agree", "row": "score:other"}, "Not saved: the row was changed meanwhile."),
    (0, {"does": "agree", "version": "old"}, "Not saved: the row was changed meanwhile."),
], ids=str)  # fmt: skip
def test_a_decision_that_lacks_something_is_not_saved(
    tabs: Tabs, ledger: Ledger, at: int, given: dict[str, Any], message: str
) -> None:
    answer = rule(tabs, "scores", at, **given)
    assert (answer["saved"], answer["message"][: len(message)]) == (False, message)
    assert ledger.rows["scores"] == [CANADA, JAPAN]


def test_decisions_are_saved_and_a_row_is_reopened(tabs: Tabs, ledger: Ledger) -> None:
    for does, at, given, words in (
        ("agree", 0, {}, "decided 0 by Ada: Why."), ("change", 1, {"score": "-1"}, "decided -1 by Ada: Why."),
        ("reopen", 0, {"note": ""}, "Open"),
    ):  # fmt: skip
        answer = rule(tabs, "scores", at, does, **given)
        assert (answer["saved"], answer["message"], answer["rows"][at]["decision"]) == (True, "", words)
    rule(tabs, "findings", 0, "decide", score="1")
    rule(tabs, "findings", 1, "dismiss")
    words = ["decided None by Ada: Why.", "dismissed None by Ada: Why.", "Open"]
    assert [row.decision for row in ledger.rows["findings"]] == words


def test_an_error_says_whether_the_decision_is_saved(tabs: Tabs, ledger: Ledger) -> None:
    def refuse(_: str) -> list[Row]:
        message = "ledger.csv: cannot be read."
        raise RunError(message)

    ledger.failing = "ledger.csv: cannot write."
    assert rule(tabs, "scores", 0, "agree")["message"] == "Not saved: ledger.csv: cannot write."
    ledger.failing, row, decide = "", ask(tabs, "scores")["rows"][0], tabs.decide

    def decide_and_close(*given: Any) -> None:
        decide(*given)
        tabs.read = refuse

    tabs.decide = decide_and_close
    answer = ask(tabs, "scores", does="agree", row=row["row_id"], version=row["version"], note="Why.")
    assert (answer["saved"], answer["message"]) == (True, "Saved, but: ledger.csv: cannot be read.")
    assert ask(tabs, "scores")["message"] == "ledger.csv: cannot be read."


# In the browser -------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(page: Page, session_of: Any, tabs: Tabs) -> Page:
    """A desk with tabs."""
    pytest.importorskip("anywidget")
    session = session_of()
    session.tabs = tabs
    show_desk(page, session)
    return page


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)
        page.wait_for_timeout(30)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent")


@pytest.mark.slow
@pytest.mark.browser
def test_keys_alone_decide_scores_and_findings(opened: Page, ledger: Ledger, recorded: Any) -> None:
    page = opened
    press(page, "t")
    assert focused(page) == "Sentences"
    press(page, "ArrowLeft ArrowLeft Home End ArrowRight ArrowRight")
    assert focused(page) == "Scores"
    assert page.get_by_role("tab", selected=True).inner_text() == "Sentences"  # nothing opens by accident
    press(page, "Enter Enter")  # the second goes back
    assert ledger.opened == 0
    assert "SECRET" not in page.evaluate("JSON.stringify(window.sent)")
    press(page, "2 t ArrowRight Enter Tab Enter")
    expect(page.locator("header .mode")).to_have_text("Ada, labels are not blind")
    expect(page.get_by_role("tabpanel")).to_have_accessible_name("Scores")
    expect(page.locator(".case").first).to_be_focused()
    press(page, "Enter b s d 2 k v")  # the keys of sentences do nothing here
    expect(page.locator(".case").first.locator("details")).to_have_attribute("open", "")
    press(page, "a")
    page.keyboard.type("It is what the evidence says, a b c.")
    press(page, "Enter")
    expect(page.locator(".row-status")).to_have_text(
        "Saved. Canada: decided 0 by Ada: It is what the evidence says, a b c."
    )
    expect(page.locator(".case").last).to_be_focused()  # the next open one
    press(page, "a c ArrowRight ArrowRight Enter")  # a: nothing is published
    expect(page.get_by_role("dialog").locator(".alert")).to_have_text("Give the reason.")
    press(page, "Tab")
    page.keyboard.type("x")
    press(page, "Enter")
    expect(page.locator(".row-status")).to_have_text("Saved. Japan: decided 1 by Ada: x")
    press(page, "ArrowUp z")
    expect(page.locator(".row-status")).to_have_text("Saved. Canada: Open")
    press(page, "t ArrowRight Enter d")
    page.keyboard.type("x")
    press(page, "Enter x Escape ArrowDown x")
    page.keyboard.type("y")
    press(page, "Enter")
    expect(page.locator(".panel .count")).to_have_text("3 findings, 1 open")
    states = [row.status for rows in ledger.rows.values() for row in rows]
    assert states == ["open", "decided", "decided", "open", "dismissed"]
    press(page, "t Home Enter")
    assert page.locator(".controls button[aria-pressed=true] span").all_inner_texts() == ["Counter"]
    press(page, "s d Enter")
    assert [(blind, decision.act) for _, decision, blind, _ in recorded.rows] == [(False, "done")]
    assert page.evaluate("window.outside") == []


@pytest.mark.slow
@pytest.mark.browser
def test_what_is_typed_stays_when_it_cannot_be_saved_or_was_changed_meanwhile(opened: Page, ledger: Ledger) -> None:
    page, alert = opened, opened.get_by_role("dialog").locator(".alert")
    page.get_by_role("tab", name="Findings").click()
    page.get_by_role("button", name="Open it: my labels are not blind").click()
    page.get_by_role("button", name="Dismiss").first.click()
    page.keyboard.type("A reason.")
    ledger.failing = "ledger.csv: another program has it open. Close it."
    press(page, "Enter")
    expect(alert).to_have_text("Not saved: ledger.csv: another program has it open. Close it.")
    ledger.failing = ""
    ledger.rows["findings"] = [replace(FINDINGS[0], decision="Decided by Bo: it is one."), *FINDINGS[1:]]
    press(page, "Enter")
    expect(alert).to_have_text("Not saved: the row was changed meanwhile. Read it again, then decide.")
    expect(page.get_by_role("dialog")).to_contain_text("Decided by Bo: it is one.")
    press(page, "Enter Enter")  # the second has nothing to do
    expect(page.locator(".case").first.locator(".decision")).to_have_text("dismissed None by Ada: A reason.")
    expect(page.locator(".row-status")).to_contain_text("Saved.")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("true", 1000), ("false", 390)], ids=["light", "dark"])
def test_axe_finds_nothing_in_the_tabs_and_text_stays_text(
    page: Page, session_of: Any, ledger: Ledger, tabs: Tabs, theme: str, width: int
) -> None:
    hostile = replace(
        CANADA, title=HOSTILE, facts=[HOSTILE], text=HOSTILE, proof=[(HOSTILE, HOSTILE)], decision=HOSTILE,
        status="stale", row_id=f"score:{HOSTILE} a",
    )  # fmt: skip
    ledger.rows = {"scores": [hostile, JAPAN], "findings": [replace(hostile, severity=HOSTILE), *FINDINGS]}
    session = session_of()
    session.tabs, session.is_new = tabs, True
    show_desk(page, session, attributes=f"data-jp-theme-light='{theme}'")
    page.set_viewport_size({"width": width, "height": 850})
    found = violations(page)  # of the first screen
    press(page, "Enter t ArrowRight Enter")
    found += violations(page)
    press(page, "Tab Enter Enter")
    found += violations(page)
    press(page, "c Tab")
    page.keyboard.type(HOSTILE)
    found += violations(page)
    press(page, "Escape t ArrowRight Enter ?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Dismiss")
    press(page, "Escape")
    expect(page.locator(".case")).to_have_count(4)
    assert [*found, *violations(page)] == []
    assert page.title() == "calm"
    assert page.locator(".g7tag-desk img, .g7tag-desk script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
@pytest.mark.browser
def test_a_new_analyst_reads_first_what_is_asked(page: Page, session_of: Any) -> None:
    session = session_of()
    session.is_new = True
    show_desk(page, session)
    welcome = page.get_by_role("dialog", name="Before you start")
    for text in ("Migration and Refugees", "Acts against crime that exists", "A ministry opens a campaign"):
        expect(welcome).to_contain_text(text)
    press(page, "2 Enter 2 s d Enter")  # a key does nothing before the start, and works at once after it
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    page.evaluate("window.close()")
    page.evaluate("window.again()")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    expect(welcome).to_have_count(0)  # not again
    press(page, "i")
    expect(welcome).to_be_visible()


def test_a_codebook_without_examples_has_a_first_screen_without(session_of: Any) -> None:
    session = session_of()
    titles = [chapter["title"] for chapter in session.setup()["welcome"]]
    assert titles[1:] == ["What is asked", "Solved examples", "Dimensions", "Strength", "Act"]
    bare = {
        name: [each.model_copy(update={"examples": []}) for each in getattr(session.codebook, name)]
        for name in ("dimensions", "acts")
    }
    session.codebook = session.codebook.model_copy(update=bare)
    assert "Solved examples" not in [chapter["title"] for chapter in session.setup()["welcome"]]
