"""The review desk in Chromium: keys, focus, what is in the page when, errors, and access."""

from collections.abc import Callable

import pytest
from desk_page import FOLDER, show_desk, violations
from playwright.sync_api import Page, expect

from g7tag.desk import DeskSession

pytest.importorskip("anywidget")

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"


@pytest.fixture
def opened(page: Page) -> Callable[..., Page]:
    """Open a page with a desk on a session; the desk has the focus."""

    def open_desk(session: DeskSession, *, attributes: str = "data-jp-theme-light='true'") -> Page:
        show_desk(page, session, attributes=attributes)
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


def test_a_key_that_can_do_nothing_yet_says_why_in_a_live_region(opened, session_of):
    page = opened(session_of())
    press(page, "z")
    expect(page.locator(".status")).to_have_text("There is nothing to undo.")
    press(page, "v h a g")  # the last three are not on this desk
    expect(page.locator(".status")).to_have_text("Decide first: what others said is shown only afterwards.")
    press(page, "2 Enter")
    missing = page.get_by_role("status").filter(has_text="Missing")
    expect(missing).to_have_text("Missing: the strength (s or w) and the act (d, p, n, r or b).")
    assert sentence(page) == "Police arrested smuggler 1."


def test_labels_of_others_are_in_the_page_only_after_the_decision(opened, session_of, recorded):
    page = opened(session_of())
    assert "SECRET" not in page.evaluate("JSON.stringify(window.sent)") + page.content()
    press(page, "b Enter")
    assert "SECRET" not in page.evaluate("JSON.stringify(window.sent)") + page.content()
    press(page, "v")
    expect(page.locator(".said li")).to_have_count(3)
    assert sentence(page) == "Police arrested smuggler 1."
    assert page.locator(".actions button:visible span").all_inner_texts() == ["Save the change", "Undo", "Back"]
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


def test_keys_of_the_browser_of_a_focused_button_and_of_another_layout(opened, session_of):
    page = opened(session_of())
    press(page, "Control+c Alt+d Meta+s")
    assert pressed(page) == []
    page.keyboard.press("Tab")
    press(page, "Enter")  # presses the button that has the focus
    assert pressed(page) == ["Prevent"]
    page.keyboard.press("Tab")
    press(page, "Space")
    assert pressed(page) == ["Prevent", "Counter"]
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ç', code: 'Digit3', bubbles: true}))"
    )
    expect(page.get_by_role("button", name="Dismantle", exact=True)).to_have_attribute("aria-pressed", "true")
    press(page, "w d Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")


def test_an_error_of_the_record_is_an_alert_and_the_choice_stays(opened, session_of, recorded):
    page = opened(session_of())
    recorded.failing = "annotations.csv: the disk is full. Free some space."
    press(page, "2 s d Enter")
    expect(page.locator(".work > [role=alert]")).to_have_text(
        "Not saved: annotations.csv: the disk is full. Free some space."
    )
    assert pressed(page) == ["Counter", "Strong", "Done"]
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
        "The desk did not answer. Nothing was saved. Restart the kernel and run the cell again.", timeout=1000
    )
    assert sentence(page) == "Police arrested smuggler 1."
    assert recorded.rows == []
    page.evaluate("window.silent = false")
    press(page, "Enter")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    expect(page.locator(".work > [role=alert]")).to_be_empty()
    assert len(recorded.rows) == 1


def test_a_late_answer_is_shown_and_nothing_is_saved_twice(opened, session_of, recorded):
    page = opened(session_of())
    press(page, "b")
    page.evaluate("window.delay = 2500")
    press(page, "Enter Enter d Enter")
    expect(page.locator(".work > [role=alert]")).to_contain_text("Nothing was saved", timeout=3000)
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")
    expect(page.locator(".status")).to_have_text("The desk answers again. What you see here is what was saved.")
    expect(page.locator(".work > [role=alert]")).to_be_empty()
    assert len(recorded.rows) == 1
    assert pressed(page) == []


@pytest.mark.nightly
def test_a_desk_that_appears_late_has_nothing_to_excuse(opened, session_of):
    page = opened(session_of())
    page.evaluate("window.close(); document.querySelector('#desk').replaceChildren(); window.delay = 2500")
    page.evaluate("window.again()")  # the kernel is busy with other cells
    expect(page.locator(".work > [role=alert]")).to_contain_text("did not answer", timeout=4000)
    page.locator(".g7tag-desk .controls button").first.wait_for(timeout=5000)
    expect(page.locator(".g7tag-desk")).not_to_contain_text("answers again")
    expect(page.locator(".g7tag-desk")).not_to_contain_text("did not answer")


def test_two_views_of_a_desk_show_the_same_and_a_closed_one_stops(opened, session_of, recorded):
    page = opened(session_of(agreement=lambda: [{"Dimension": "Counter", "Alpha": "0.81"}]))
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Skip: the sentence comes back at the end")
    press(page, "Escape g")
    expect(page.get_by_role("dialog", name="Agreement").get_by_role("cell")).to_have_text(["Counter", "0.81"])
    press(page, "Escape")
    page.evaluate("window.again()")
    expect(page.locator(".g7tag-desk .sentence")).to_have_count(2)
    for message in (None, 3, "decide", ["decide"]):  # what is no object is ignored
        page.evaluate("message => { window.got(message); window.got({view: message}); }", message)
    press(page, "b Enter")
    expect(page.locator(".sentence")).to_have_text(["Police arrested smuggler 2."] * 2)
    expect(page.locator(".work > [role=alert]").first).to_be_empty()
    assert len(recorded.rows) == 1
    press(page, "g")
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.evaluate("window.close()")
    assert page.locator(".g7tag-desk").count() == 1
    page.evaluate("window.got({id: 'x', failed: true})")


def test_a_desk_does_not_take_the_keys_from_somebody_who_types(opened, session_of):
    page = opened(session_of())
    page.evaluate("window.close(); document.querySelector('main').append(document.createElement('textarea'))")
    page.locator("textarea").last.focus()
    page.evaluate("window.again()")
    expect(page.locator(".keys-off")).to_be_visible()
    page.keyboard.type("b")
    assert page.locator("textarea").last.input_value() == "b"


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


def test_every_control_has_a_name_a_role_its_key_and_keeps_its_keys_from_the_notebook(opened, session_of):
    page = opened(session_of(adjudicating=True, agreement=list))
    focusable = ".g7tag-desk :is(a, button, input, textarea, [tabindex])"
    assert page.locator(focusable).count() > 20
    assert page.locator(f"{focusable}:not([data-lm-suppress-shortcuts])").count() == 0
    for control in page.locator(".controls button").all():
        assert control.get_attribute("aria-pressed") == "false"
        assert control.get_attribute("aria-keyshortcuts") == control.locator("kbd").inner_text()
        assert control.locator("span").inner_text()
    names = ("Dimensions", "Strength", "Act", "Exclusion", "Flags", "Actions")
    assert [page.get_by_role("group", name=name, exact=True).count() for name in names] == [1] * 6
    for role, name in (("region", "Review desk"), ("complementary", "Codebook"), ("progressbar", "Progress")):
        assert page.get_by_role(role, name=name).count() == 1
    link = page.get_by_role("link", name="The Paper, Arrest 1")
    opens = [link.get_attribute(name) for name in ("rel", "target", "href")]
    assert opens == ["noopener noreferrer", "_blank", "https://example.org/1"]  # the tab knows nothing of this one


def test_adjudication(opened, session_of, recorded):
    saved = []
    page = opened(session_of(adjudicating=True, settle=lambda case, decision: saved.append((case, decision))))
    expect(page.locator(".said li strong")).to_have_text(["Annotator A", "Annotator B"])
    assert "Ms First" not in page.evaluate("JSON.stringify(window.sent)")
    press(page, "h")
    expect(page.locator(".said li strong")).to_have_text(["Annotator A: Ms First", "Annotator B: Mr Second"])
    press(page, "2 s d Enter")
    expect(page.locator(".status")).to_have_text("Missing: the reason, as a comment (m).")
    press(page, "m")
    page.keyboard.type("An arrest.")
    press(page, "Escape Enter a")
    page.keyboard.press("Control+a")
    page.keyboard.type("Arrests")
    page.get_by_role("dialog").get_by_role("button", name="Add to settled cases").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert saved == [("Arrests", "Counter, strong, done: An arrest.")]
    expect(page.locator(".book h4").last).to_have_text("Arrests")
    assert page.get_by_role("button", name="Add to settled cases").count() == 0
    assert page.evaluate("document.activeElement.className") == "stage"


def test_a_new_sentence_is_announced_and_the_end_has_a_summary(opened, session_of, make_cards):
    page = opened(session_of(make_cards(2)))
    live = page.locator("[aria-live=polite]")
    expect(live).to_have_text("Sentence 1 of 2. Canada. Police arrested smuggler 1.")
    press(page, "b Enter")
    expect(live).to_have_text("Sentence 2 of 2. Canada. Police arrested smuggler 2.")
    press(page, "b Enter")
    expect(page.locator(".stage")).to_contain_text("2 sentences labelled by Ada, 0 of them with a dimension.")
    assert page.get_by_role("button", name="Decide").count() == 0
    press(page, "z")
    expect(page.locator(".sentence")).to_have_text("Police arrested smuggler 2.")


LONG = (
    "The Royal Canadian Mounted Police and the Canada Border Services Agency worked on the case for two years with "
    "partners in the United States and Mexico, and searched eleven houses in Ontario and Quebec. "
)


@pytest.mark.parametrize(("theme", "width"), [("true", 1000), ("false", 600)], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut_off(opened, session_of, make_cards, theme, width):
    cards = make_cards(40).assign(
        before=LONG * 2, after=LONG,
        text="On 12 July 2024, police in Toronto arrested nine members of a network that had smuggled more than 1,000 "
        "people across the border, and seized 2.3 million dollars and six vehicles.",
        source="Royal Canadian Mounted Police, “Nine arrested in human smuggling investigation”",
    )  # fmt: skip
    page = opened(session_of(cards, agreement=list), attributes=f"data-jp-theme-light='{theme}'")
    page.set_viewport_size({"width": width, "height": 900})
    press(page, "b Enter 2 s d u")
    found = violations(page)
    press(page, "Enter v")
    found += violations(page)
    press(page, "?")
    assert [*found, *violations(page)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_sentence_is_in_sight_in_a_long_item(opened, session_of, make_cards):
    page = opened(session_of(make_cards(1).assign(before=LONG * 8, after=LONG * 8)))
    expect(page.locator(".sentence")).to_be_in_viewport(ratio=1)
