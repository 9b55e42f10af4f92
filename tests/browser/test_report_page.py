"""The page of a run in a browser: its filters, tables and links, at any width, with a keyboard, on paper, offline."""

import re
import statistics
from dataclasses import replace
from urllib.parse import parse_qs

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_frames import PAYLOAD, renamed_page
from playwright.sync_api import expect

import g7tag
from g7tag.jobs.pages import page_of
from g7tag.scoring import in_period, item_effects, item_levels

pytestmark = [pytest.mark.slow, pytest.mark.browser]
SHOWN = "[...document.querySelectorAll('article.item')].filter(each => each.checkVisibility()).map(each => each.id)"
MOST_BYTES, MOST_PAGES, MOST_CLOSED = 2_000_000, 60, 5  # of the page of a chapter; on paper, opened and closed


@pytest.fixture
def page(page):
    """A page that asks for nothing but its file, and whose console has no error."""
    asked = []
    said = []

    def ask(request):
        asked.append(request.url.partition("#")[0])

    def say(message):
        said.append(f"{message.type}: {message.text}")

    page.on("request", ask)
    page.on("console", say)
    page.set_viewport_size({"width": 1280, "height": 900})
    yield page
    page.remove_listener("request", ask)
    page.remove_listener("console", say)
    assert {each for each in asked if not each.startswith("file:")} == set()
    assert said == []


@pytest.fixture(scope="module")
def invented(invented_run):
    return invented_run / "report.html"


@pytest.fixture(scope="module")
def bundled(bundled_run):
    return g7tag.open_run(bundled_run)


@pytest.fixture(scope="module")
def whole(bundled, tmp_path_factory):
    """The page of the bundled evidence, which has all members."""
    return saved(tmp_path_factory.mktemp("bundled"), bundled)


@pytest.fixture(scope="module")
def chapter_page(chapter_run, tmp_path_factory):
    """The page of the real chapter."""
    return saved(tmp_path_factory.mktemp("chapter"), g7tag.open_run(chapter_run))


def saved(folder, run):
    path = folder / "report.html"
    path.write_text(page_of(replace(run, store=None)), encoding="utf-8")
    return path


def shown(page):
    """The ids of the items that can be seen."""
    return page.evaluate(SHOWN)


def choose(page, **chosen):
    """Choose values of the filters; `flag` is ticked."""
    for name, value in chosen.items():
        if name == "flag":
            page.locator(f"input[value='{value}']").check()
        else:
            page.locator(f"select[name='{name}']").select_option(value)


def search(page, words):
    page.get_by_label("Search", exact=True).fill(words)
    page.wait_for_timeout(150)  # the page waits until nobody types


def column(page, table, place):
    return page.locator(f"{table} > tbody > tr:visible > :nth-child({place})").all_inner_texts()


def tab_to(page, selector, *, most=400):
    """Press Tab until an element has the focus, which can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none", f"the focus on {selector} cannot be seen"
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def open_all(page):
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


def filtered(page):
    open_all(page)
    choose(page, member="CAN")
    search(page, "police")
    page.get_by_label("Filter rows").first.fill("japan")


def opened(page):
    open_all(page)
    for table in ("table.scores", "table.findings"):
        page.locator(f"{table} button.sort").first.click()


@pytest.mark.parametrize(
    ("width", "theme", "state"),
    [(1280, "light", filtered), (1280, "dark", opened), (390, "dark", filtered), (390, "light", opened)],
)
def test_axe_finds_no_violation(page, invented, width, theme, state):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(invented.as_uri())
    state(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_beyond_the_edge_of_a_phone(page, whole):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(whole.as_uri())
    for state in (lambda _: None, filtered, opened):
        state(page)
        page.wait_for_function("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
        ends = page.evaluate(  # the timeline is scrolled in its own box
            "[...document.querySelectorAll('main *:not(.unseen, .unseen *, .chart-timeline .scroll *)')]"
            ".filter(each => each.checkVisibility())"
            ".map(each => each.getBoundingClientRect()).filter(box => box.width > 1).map(box => box.right)"
        )
        assert max(ends) <= 390


def test_the_keyboard_alone_operates_the_page(page, invented):
    page.goto(invented.as_uri())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    tab_to(page, "table.scores th:nth-child(2) button.sort")
    page.keyboard.press("Enter")
    assert column(page, "table.scores", 2) == ["0", "+1"]
    page.keyboard.press("Space")
    assert column(page, "table.scores", 2) == ["+1", "0"]

    tab_to(page, "svg a[*|href='#JPN']")
    page.keyboard.press("Enter")
    expect(page.locator("#JPN-head")).to_be_in_viewport()

    page.goto(invented.as_uri())
    tab_to(page, "select[name='member']")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#count")).to_have_text("7 of 12 items")  # Canada's
    tab_to(page, "input[value='doubtful']")
    page.keyboard.press("Space")
    assert {each[:3] for each in shown(page)} == {"CAN"}
    tab_to(page, "button[type='reset']")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("12 of 12 items")
    tab_to(page, "#CAN-01 summary")
    page.keyboard.press("Enter")
    assert page.locator("#CAN-01 details").evaluate("each => each.open")
    page.keyboard.press("Space")
    assert not page.locator("#CAN-01 details").evaluate("each => each.open")

    tab_to(page, "#findings summary")
    page.keyboard.press("Enter")
    tab_to(page, ".g7tag-search input")
    page.keyboard.type("japan weak")
    rows = page.locator("table.findings > tbody > tr:visible").all_text_contents()
    assert 0 < len(rows) < page.locator("table.findings > tbody > tr").count()
    assert all("japan" in row.lower() and "weak" in row.lower() for row in rows)
    tab_to(page, "table.findings th:nth-child(2) button.sort")
    page.keyboard.press("Enter")
    names = column(page, "table.findings", 2)
    assert names == sorted(names, key=str.lower)


def expected_items(run, **chosen):
    """The items that filters show, from the frames: one label of an item has the dimension, strength and act."""
    made = run.annotations.set_index("annotation_id")
    labels = run.labels.merge(run.sentences[["sentence_id", "item_id"]], on="sentence_id")
    labels = labels.merge(run.tags[["sentence_id", "needs_review"]], on="sentence_id")
    labels = labels.assign(act=labels["annotation_id"].map(made["act"]), key=labels["dimensions"].str.split(";"))
    rows = labels.explode("key").replace({"key": {"": "none"}})
    for name, column_ in (("dimension", "key"), ("strength", "strength"), ("act", "act")):
        if name in chosen:
            rows = rows[rows[column_] == chosen[name]]
    kept = run.items[run.items["item_id"].isin(rows["item_id"])]
    codes = dict(zip(run.members["member"], run.members["code"], strict=True))
    if "member" in chosen:
        kept = kept[kept["member"].map(codes) == chosen["member"]]
    if chosen.get("flag") == "doubtful":
        kept = kept[kept["item_id"].isin(labels.loc[labels["needs_review"], "item_id"])]
    if chosen.get("flag") == "deciding":
        levels = item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=run.codebook)
        effects = item_effects(levels, run.evidence_matrix, run.codebook)
        single = run.flips.loc[run.flips["size"].eq(1).fillna(value=False), "candidate_ids"].str.split(";").explode()
        kept = kept[kept["item_id"].isin({*effects.loc[effects["changes"], "item_id"], *single})]
    if chosen.get("state") == "outside":
        kept = kept[~in_period(kept, run.codebook)]
    return kept["item_id"].str.split("/").str[-1].tolist()


def test_filters_show_the_items_of_the_frames(page, bundled, whole):
    page.goto(whole.as_uri())
    for chosen in (
        {"member": "DEU"}, {"member": "DEU", "dimension": "counter"}, {"strength": "weak", "dimension": "prevent"},
        {"member": "USA", "dimension": "disrupt", "strength": "strong", "act": "done"}, {"dimension": "none"},
        {"act": "background", "flag": "doubtful"}, {"flag": "deciding"}, {"state": "outside"},
        {"member": "JPN", "dimension": "disrupt", "strength": "weak"},
    ):  # fmt: skip
        choose(page, **chosen)
        expected = expected_items(bundled, **chosen)
        assert shown(page) == expected, chosen
        expect(page.locator("#count")).to_have_text(f"{len(expected)} of {len(bundled.items)} items")
        heads = page.locator("section.group:visible").evaluate_all("each => each.map(one => one.dataset.code)")
        assert heads == list(dict.fromkeys(item[:3] for item in expected))  # a member without an item has no heading
        page.locator("button[type='reset']").click()


def test_search_and_filters_are_in_the_address_and_undone_by_the_back_button(page, invented):
    count = page.locator("#count")
    page.goto(invented.as_uri())
    search(page, "  RING eleven ")  # all words, in any order and case
    assert shown(page) == ["CAN-02"]
    search(page, "aurel herald")  # a publisher
    assert shown(page) == ["CAN-01", "CAN-02", "CAN-05", "CAN-06"]
    page.get_by_role("button", name="Show all").click()
    expect(count).to_have_text("12 of 12 items")
    choose(page, member="JPN")
    choose(page, act="planned")
    search(page, "no-such &=#%")
    assert shown(page) == []
    address = page.url
    assert parse_qs(address.partition("#show?")[2]) == {"member": ["JPN"], "act": ["planned"], "q": ["no-such &=#%"]}
    for text in ("5 of 12 items", "12 of 12 items"):
        page.go_back()
        expect(count).to_have_text(text)
    page.go_forward()
    expect(count).to_have_text("5 of 12 items")
    for part, text in {
        address.partition("#")[2]: "0 of 12 items", "show?member=XXX&flag=none": "12 of 12 items",
        "show?%": "12 of 12 items", "%E0%A4%A": "12 of 12 items", "show?q=%3Cimg%20src=x%3E": "0 of 12 items",
    }.items():  # fmt: skip
        page.goto("about:blank")
        page.goto(f"{invented.as_uri()}#{part}")
        expect(count).to_have_text(text)


def test_a_link_to_a_hidden_item_or_finding_shows_it(page, invented):
    page.goto(invented.as_uri())
    open_all(page)
    choose(page, member="JPN")
    assert page.locator("#CAN-06").is_hidden()
    page.locator("#CAN a[href='#CAN-06']").first.click()
    expect(page.locator("#CAN-06")).to_be_in_viewport()
    expect(page.locator("select[name='member']")).to_have_value("")

    page.get_by_label("Filter rows").first.fill("no such finding")
    link = page.locator(".chief a").first
    name = str(link.get_attribute("href")).removeprefix("#")
    assert page.locator(f"tr[id='{name}']").is_hidden()
    link.click()
    expect(page.locator(f"tr[id='{name}']")).to_be_in_viewport()

    page.locator("#CAN-06 .source a[href^='#note']").first.click()  # in a folded list
    expect(page.locator("#note_106")).to_be_in_viewport()


def test_without_javascript_everything_is_there(browser, invented):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(invented.as_uri())
    assert page.locator("article.item:visible").count() == 12
    assert page.locator("table.findings > tbody > tr:visible").count() > 5
    assert page.locator("svg a:visible").count() > 2
    assert page.locator("form:visible, button:visible, input:visible, .script:visible").count() == 0
    page.locator("#CAN-06 summary").click()
    expect(page.locator("#CAN-06 details p").first).to_be_visible()
    page.locator("table.scores a[href='#JPN']").first.click()
    expect(page.locator("#JPN-head")).to_be_in_viewport()
    context.close()


def test_no_text_of_a_hostile_run_runs(page, invented_run, tmp_path):
    run = g7tag.open_run(invented_run)
    html = renamed_page(run, lambda kind: f"{kind}: {PAYLOAD}", url="javascript:document.title='ran'")
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    open_all(page)
    search(page, "<img src=x onerror=")
    assert len(shown(page)) == 12
    page.locator("select[name='member']").select_option(index=1)
    page.evaluate(
        "document.querySelectorAll('a, button').forEach(each => each.dispatchEvent("
        "new MouseEvent('click', {bubbles: true, cancelable: true})))"
    )
    page.wait_for_timeout(300)
    assert page.title() != "ran"
    assert page.locator("img, iframe, object, [onerror], [onload], [onclick]").count() == 0
    assert page.locator("script").count() == 1
    assert page.get_by_text("onerror").count() > 0  # it is there, as text


def squeezed(text):
    """A text without white space, hyphens, and the marks of hyphens at line ends."""
    return re.sub(r"[\s\u00ad\u2010\u2011\ufffe\x02-]+", "", text)


def printed_sheets(page, path):
    """The text of each sheet of paper."""
    path.write_bytes(page.pdf(prefer_css_page_size=True))
    with pypdfium2.PdfDocument(path) as document:
        return [sheet.get_textpage().get_text_range() for sheet in document]


@pytest.mark.chapter
def test_the_chapter_is_small_soon_painted_and_whole_on_paper(page, chapter_page, tmp_path):
    assert chapter_page.stat().st_size < MOST_BYTES
    page.goto(chapter_page.as_uri())
    painted = "performance.getEntriesByName('first-contentful-paint')"
    page.wait_for_function(f"{painted}.length > 0")
    assert page.evaluate(f"{painted}[0].startTime") < 1000
    sentences = page.locator("p.sentence").evaluate_all(
        """each => each.map(one => {
          const copy = one.cloneNode(true);
          return [one.id, copy.textContent];
        })"""
    )
    assert page.evaluate("document.documentElement.scrollHeight") < 8 * 900
    texts = printed_sheets(page, tmp_path / "page.pdf")
    assert "What decides each score" in texts[0]
    assert "Average" in texts[0]
    assert len(texts) <= MOST_CLOSED
    page.get_by_role("button", name="Open all").click()
    texts = printed_sheets(page, tmp_path / "page.pdf")
    n = len(texts)
    assert n <= MOST_PAGES
    assert [place for place, text in enumerate(texts, start=1) if f"{place}/{n}" not in squeezed(text)] == []
    printed = squeezed("".join(texts))
    assert len(sentences) > 400
    assert [name for name, text in sentences if squeezed(text) not in printed] == []


@pytest.mark.nightly
def test_four_thousand_items_load_and_filter_at_once(page, whole, tmp_path):
    html, pattern = whole.read_text(encoding="utf-8"), re.compile(r'<article class="item.*?</article>', re.DOTALL)
    times = -(-4000 // len(pattern.findall(html)))

    def several(card):
        return "\n".join([card[0], *(card[0].replace(' id="', f' id="{copy}.') for copy in range(1, times))])

    # each card several times in the group of its member, in a section as the template writes it for many items
    html = pattern.sub(several, html).replace('<section id="evidence"', '<section id="evidence" class="many"')
    (tmp_path / "big.html").write_text(html, encoding="utf-8")
    page.goto((tmp_path / "big.html").as_uri())
    open_all(page)
    assert len(shown(page)) >= 4000
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    waits = page.evaluate(
        """async values => {
          const select = document.querySelector("select[name='member']");
          const waits = [];
          for (const value of values) {
            const start = performance.now();
            select.value = value;
            select.dispatchEvent(new Event("change", {bubbles: true}));
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            waits.push(performance.now() - start);
          }
          return waits;
        }""",
        ["CAN", "FRA", "DEU", "ITA", "", "EUU", "JPN", ""],
    )
    assert loaded < 6000  # 3,000 on an idle machine
    assert statistics.median(waits) < 300  # 150 on an idle machine


def test_six_questions_of_a_reader_take_one_click_and_one_screen_at_most(page, bundled, whole):
    def after_click(link):
        page.goto("about:blank")
        page.goto(whole.as_uri())
        page.locator(f"table.scores a[href='{link}']").first.click()

    page.goto(whole.as_uri())
    # Who agrees with the published scores? How many sentences did a person label? The first screen says so.
    for words in (
        r"^Suggested and published scores agree for \d of 8 members\.",
        r"People labelled 0 of 422 sentences\.",
    ):
        expect(page.get_by_text(re.compile(words)).first).to_be_in_viewport()
    # Why is Germany 0? The rule in words. What would move Canada? The list of changes.
    after_click("#DEU")
    expect(page.locator("#DEU .facts").get_by_text("because of the rule “").first).to_be_in_viewport()
    after_click("#CAN")
    for line in page.locator("#CAN .facts + h4 + ul li").all():
        expect(line).to_be_in_viewport()
    # What is doubtful about the European Union? The names of the items.
    after_click("#EUU")
    doubtful = page.locator("#EUU .facts a[href^='#EUU-']")
    assert doubtful.all_inner_texts() == expected_items(bundled, member="EUU", flag="doubtful") != []
    for each in doubtful.all():
        expect(each).to_be_in_viewport()
    # Which sources carry France's prevent? The source of each item behind the level.
    after_click("#level.FRA.prevent")
    items = page.locator("[id='level.FRA.prevent'] li:has(b:text-is('strong'))")
    assert items.count() >= 1
    for each in items.all():
        expect(each.locator(".from")).to_have_text(re.compile(r"\w.*\(note \d+\)"))
        expect(each.locator(".from")).to_be_in_viewport()


def test_probabilities_and_levels_are_sorted_by_their_values(page, bundled, whole):
    page.goto(whole.as_uri())
    heads = page.locator("table.scores thead th")
    names = heads.all_inner_texts()
    sure, place = names.index("Probability"), len(names) - len(bundled.codebook.dimensions)
    heads.nth(sure).get_by_role("button").click()
    rising = column(page, "table.scores", sure + 1)
    chances = [float(re.sub(r"[^\d.]", "", text.split("%")[0])) + (text[0] == ">") for text in rising]  # >99% is last
    assert chances == sorted(chances)
    heads.nth(place).get_by_role("button").click()
    levels = [text.split() for text in column(page, "table.scores", place + 1)]  # "strong 2 strong, 1 weak"
    ranks = [(("none", "weak", "strong").index(level), int(n_strong)) for level, n_strong, *_ in levels]
    assert ranks == sorted(ranks)
    assert page.locator("table.scores [aria-sort]").count() == 1
    assert page.locator("table.scores tfoot tr").count() == 1  # the average is not sorted
    open_all(page)
    page.locator("table.findings thead th").first.get_by_role("button").click()
    found = column(page, "table.findings", 1)
    assert found == sorted(found, key=["High", "Medium", "Low"].index)


def test_the_policy_stops_a_script_that_is_not_ours(browser, invented):
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(invented.as_uri())
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'ran'";
          document.body.append(script);
        }"""
    )
    assert page.title() != "ran"
    assert [each for each in said if "Content Security Policy" in each]
    page.close()
