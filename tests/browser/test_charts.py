"""Charts in a browser: accessible in light and dark, and legible on a phone."""

import re
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

import g7tag
from g7tag.report.charts import agreement_chart, scores_chart, thresholds_chart, timeline_chart
from g7tag.scoring import item_levels

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TEMPLATES = Path(g7tag.__file__).parent / "report/templates"
CSS = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "charts.css"))
NAN = float("nan")


def link(name):
    return f"#{re.sub('[^A-Za-z0-9]', '-', name)}"


@pytest.fixture(scope="module")
def charts(bundled_run, codebook):
    """A page of all charts, with a member whose probabilities are unknown and one with every score and none."""
    run, shares = g7tag.open_run(bundled_run), ["p_minus1", "p_0", "p_plus1"]
    scores, thresholds = run.scores.copy(), run.thresholds.copy()
    scores.loc[scores["member"] == "Japan", shares] = [0.5, 0.25, 0.125]
    scores.loc[scores["member"] == "Italy", shares] = NAN
    thresholds.loc[thresholds["member"] == "Japan", "suggested_score"] = -1
    thresholds.loc[thresholds["member"] == "Italy", "suggested_score"] = pd.NA
    levels = item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=codebook)
    rows = [("sea", 40, 3, 95.0, 0.85, 0.7, 0.95, ""), ("lake", 40, 3, 100.0, NAN, NAN, NAN, "all codes are equal")]
    rows += [("river", 40, 3, 80.0, 0.7, 0.6, 0.8, ""), ("whole label", 40, 3, 50.0, -0.3, -0.6, 0.1, "")]
    parts = pd.DataFrame(rows, columns=["part", "n", "n_annotators", "percent", "alpha", "low", "high", "reason"])
    drawn = [
        scores_chart(scores, reading="scoring-table", link=link), agreement_chart(parts),
        timeline_chart(levels, codebook, link=link),
        thresholds_chart(thresholds, reading="scoring-table", own=2, link=link),
    ]  # fmt: skip
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>Charts</title><style>{CSS}</style>"
    return f"{head}<main><h1>Charts</h1>{''.join(drawn)}</main></html>"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_text_is_large_enough_and_inside_the_chart(page, charts, theme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.set_content(charts)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = """[...document.querySelectorAll('svg text')].map(each =>
        parseFloat(getComputedStyle(each).fontSize) * each.getScreenCTM().a)"""
    assert min(page.evaluate(sizes)) >= 11
    ends = """[...document.querySelectorAll('.chart:not(.chart-timeline) svg text')].map(each =>
        each.getBoundingClientRect().right)"""
    assert max(page.evaluate(ends)) <= width


def test_in_the_dark_every_color_of_a_plot_has_another_one(page, charts):
    shown = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.set_content(charts)
        shown[theme] = page.evaluate("""Object.fromEntries([...document.querySelectorAll('svg [fill]')].map(each =>
            [each.getAttribute('fill'), getComputedStyle(each).fill]))""")
    assert shown["light"]["#1f5d8c"] == "rgb(31, 93, 140)"
    same = {color for color in shown["light"] if shown["light"][color] == shown["dark"][color]}
    assert same <= {"none"}
    assert len(shown["light"]) > 5
