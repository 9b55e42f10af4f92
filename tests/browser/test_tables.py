"""Tables of `show` in a browser: sorted, searched, read at any width with and without a script."""

import json

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import jupyterlab, open_notebook
from playwright.sync_api import expect

import g7tag
from g7tag.report.display import show_frame

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ROWS = pd.DataFrame(
    {
        "item_id": ["x/A-02", "x/A-10", "x/B-01", "x/C-01", "x/C-02", "x/C-03"],
        "p_right": [0.5, 0.25, 0.999, None, 0.125, 0.75],
        "date": pd.to_datetime(["2024-09-03", "2024-11-20", "2025-01-02", None, "2024-07-12", "2024-08-01"]),
        "severity": ["low", "high", "medium", "high", "low", "medium"],
        "suggested_score": pd.array([1, -1, 0, 1, None, 0], dtype="Int64"),
        "message": ["ten lamps", "Two lamps", "a harbor", "lamps at sea", "none", "a boat"],
    }
)
"""Six rows, with a missing number, day and score."""


@pytest.fixture(scope="module")
def run(bundled_run):
    return g7tag.open_run(bundled_run)


def opened(page, path, *tables):
    """Open a page with tables, and return the first table."""
    html = "\n".join(table._repr_html_() for table in tables)
    head = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    path.write_text(f"{head}<title>Tables</title><body><main><h1>Tables</h1>{html}</main>", encoding="utf-8")
    page.goto(path.as_uri())
    return page.locator(".g7tag-shown table").first


def ids(table):
    return [text.rpartition("/")[2] for text in table.locator("tbody tr:visible td:first-child").all_inner_texts()]


def wait_until_it_fits(page):
    """Wait, at most 30 s, until neither the page nor a table scrolls sideways, and no cell is beyond the right edge."""
    page.wait_for_function(
        """() => document.documentElement.scrollWidth <= innerWidth
        && [...document.querySelectorAll('.g7tag-shown')].every(each => each.scrollWidth <= each.clientWidth)
        && [...document.querySelectorAll('.g7tag-shown td')].every(
          each => each.getBoundingClientRect().right <= innerWidth && each.scrollWidth <= each.clientWidth + 1)"""
    )


RISING = {
    "Item": ["A-02", "A-10", "B-01", "C-01", "C-02", "C-03"],
    "Probability right": ["C-02", "A-10", "A-02", "C-03", "B-01", "C-01"],  # .125 .25 .5 .75 .999, missing
    "Date": ["C-02", "C-03", "A-02", "A-10", "B-01", "C-01"],
    "Severity": ["A-10", "C-01", "B-01", "C-03", "A-02", "C-02"],  # high, medium, low; equal rows keep their order
    "Suggested score": ["A-10", "B-01", "C-03", "A-02", "C-01", "C-02"],  # -1, 0, 0, +1, +1, missing
    "Finding": ["C-03", "B-01", "C-01", "C-02", "A-02", "A-10"],  # a boat … Two lamps: without regard to case
}


def test_a_heading_sorts_its_column_up_down_and_back_and_explains_it(page, tmp_path):
    table = opened(page, tmp_path / "t.html", show_frame(ROWS))
    first = ids(table)
    for heading, rising in RISING.items():
        head = table.get_by_role("columnheader", name=heading, exact=True)
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        assert ids(table) == rising
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        missing = {"Probability right": 1, "Date": 1, "Suggested score": 1}.get(heading, 0)
        assert ids(table)[-missing or 6 :] == rising[-missing or 6 :]  # what is missing stays last
        assert ids(table)[0] in (rising[-1 - missing], rising[-2 - missing])
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") is None
        assert ids(table) == first
    for name in ("Date", "Severity"):
        table.get_by_role("button", name=name).click()
    assert table.locator("[aria-sort]").all_inner_texts() == ["Severity"]
    title = table.get_by_role("button", name="Probability right").get_attribute("title")
    assert title == "Probability that all dimensions, the strength and the act of the tag are right. Column: p_right"


def test_the_keyboard_sorts_and_searches(page, tmp_path):
    table = opened(page, tmp_path / "t.html", show_frame(ROWS))
    page.keyboard.press("Tab")
    expect(page.get_by_label("Filter rows")).to_be_focused()
    page.keyboard.type("lamps high")  # both words, in any column
    assert ids(table) == ["A-10", "C-01"]
    expect(page.get_by_role("status")).to_have_text("2 of 6 rows")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(table.get_by_role("button", name="Probability right")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert table.get_by_role("columnheader", name="Probability right").get_attribute("aria-sort") == "descending"
    assert ids(table) == ["A-10", "C-01"]  # still searched
    page.get_by_label("Filter rows").fill("")
    expect(page.get_by_role("status")).to_have_text("6 of 6 rows")
    assert len(ids(table)) == 6


def frames(run):
    """Wide and narrow tables of a run."""
    shown = [run.show(name, most=8) for name in ("tags", "findings", "annotations", "citations")]
    return [*shown, run.show(), run.explain(), run.methods(), run.show(run.sentences_behind(), most=8)]


@pytest.mark.parametrize(("width", "scripts"), [(400, True), (400, False), (900, False), (1500, True)])
def test_no_column_is_beyond_the_edge(browser, run, tmp_path, width, *, scripts):
    context = browser.new_context(java_script_enabled=scripts, viewport={"width": width, "height": 900})
    page = context.new_page()
    table = opened(page, tmp_path / "t.html", *frames(run))
    if not scripts:
        assert page.locator("input, button").count() == 0
        assert table.locator("tbody tr:visible").count() == 8
        assert table.locator("td:visible", has_text="show").count() > 0
    wait_until_it_fits(page)
    context.close()


def test_members_are_rows_of_one_table_above_their_averages_where_it_fits(page, run, tmp_path):
    page.set_viewport_size({"width": 1000, "height": 900})
    table = opened(page, tmp_path / "t.html", run.show(), show_frame(ROWS))  # text of 16 px, the size of a browser
    assert table.evaluate("each => getComputedStyle(each).display") == "table"
    assert table.locator("thead th").count() == table.locator("tbody tr").first.locator("td").count() == 10
    wait_until_it_fits(page)
    table.get_by_role("button", name="Member").click()
    rows = table.locator("tr td:first-child").all_inner_texts()
    assert (rows[0], rows[-2:]) == ("Canada", ["Average", "Compliance"])  # averages are not sorted, nor searched
    page.get_by_label("Filter rows").first.fill("japan")
    assert page.get_by_role("status").all_inner_texts() == ["1 of 8 rows", "6 of 6 rows"]  # of two tables
    assert table.locator("tfoot tr:visible").count() == 2


def test_a_narrow_table_has_a_card_for_each_row(page, tmp_path):
    page.set_viewport_size({"width": 400, "height": 900})
    table = opened(page, tmp_path / "t.html", show_frame(ROWS))
    expect(table).to_contain_class("cards")
    cell = table.locator("tbody tr").first.locator("td").nth(1)
    assert "Probability right" in cell.evaluate("each => getComputedStyle(each, '::before').content")
    table.get_by_role("button", name="Date").click()  # headings stay, as buttons
    assert ids(table)[0] == "C-02"
    page.set_viewport_size({"width": 1500, "height": 900})
    expect(table).not_to_contain_class("cards")


@pytest.mark.parametrize(("theme", "width"), [("dark", 400), ("light", 1500)])
def test_tables_are_accessible(page, run, tmp_path, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, tmp_path / "t.html", *frames(run))
    page.get_by_role("button", name="Severity").first.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_marks_can_be_told_apart_without_colour(page, run, tmp_path):
    opened(page, tmp_path / "t.html", run.show(run.tags, most=20))
    marks = page.locator("mark")
    assert marks.count() > 10
    for text in page.locator("td.words").filter(has=marks).all():
        named = {sub.inner_text().strip() for sub in text.locator("mark sub:visible").all()}
        assert named <= {mark.get_attribute("title") for mark in text.locator("mark").all()}
    lines = {
        mark.get_attribute("title"): mark.evaluate("e => getComputedStyle(e).borderBottomStyle") for mark in marks.all()
    }
    alone = {line for names, line in lines.items() if "," not in str(names)}
    assert len(alone) == sum("," not in str(names) for names in lines)  # a line of its own for each dimension
    assert {link.get_attribute("rel") for link in page.locator("main a").all()} == {"noopener noreferrer"}


NOTEBOOK = {
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with a notebook to run, and one of unknown origin that was run before."""
    home = tmp_path_factory.mktemp("lab")
    source = "import pandas as pd, g7tag\ng7tag.show(pd.DataFrame({'n_weak': [2, 10, 1, 3, 4, 5]}))"
    cell = {"id": "a", "cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
    html = show_frame(pd.DataFrame({"n_weak": [2, 10, 1, 3, 4, 5]}))._repr_html_()
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": html, "text/plain": "x"}}
    (home / "notebooks").mkdir()
    for name, outputs in (("own.ipynb", []), ("unknown.ipynb", [output])):
        cells = [cell | {"outputs": outputs}]
        (home / "notebooks" / name).write_text(json.dumps(NOTEBOOK | {"cells": cells}))
    with jupyterlab(home / "notebooks", home) as address:
        yield address


@pytest.mark.nightly
def test_a_table_in_jupyterlab_is_sorted_by_the_keyboard_and_follows_the_theme(page, lab):
    open_notebook(page, f"{lab}/own.ipynb")
    page.locator(".lm-MenuBar-item", has_text="Run").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    table = page.locator(".g7tag-shown table")
    expect(table).to_have_attribute("data-ready", "true", timeout=60_000)
    button = table.get_by_role("button", name="Weak items")
    button.focus()
    page.keyboard.press("Enter")
    assert table.locator("tbody td").all_inner_texts() == ["1", "2", "3", "4", "5", "10"]
    page.get_by_label("Filter rows").fill("10")
    page.get_by_label("Filter rows").press_sequentially("dd")  # in the search box, not the command that deletes a cell
    expect(page.locator(".g7tag-shown [role=status]")).to_have_text("0 of 6 rows")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    shown = page.locator(".g7tag-shown")
    assert shown.evaluate("each => getComputedStyle(each).colorScheme") == "dark"
    assert table.locator("td").first.evaluate("each => getComputedStyle(each).textAlign") == "left"


@pytest.mark.nightly
def test_a_table_of_an_unknown_notebook_is_complete_but_runs_no_script(page, lab):
    open_notebook(page, f"{lab}/unknown.ipynb")
    cells = page.locator(".jp-OutputArea td")
    expect(cells).to_have_count(6, timeout=30_000)
    assert page.locator(".jp-OutputArea").locator("button.sort, input[type=search]").count() == 0
    assert cells.all_inner_texts() == ["2", "10", "1", "3", "4", "5"]
