"""Charts in a browser: accessible in light and dark, and legible on a phone."""

import re
from io import BytesIO
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

import g7tag
from g7tag.codebook import Codebook
from g7tag.report.charts import agreement_chart, scores_chart, thresholds_chart
from g7tag.report.timeline import timeline_chart
from g7tag.scoring import item_levels

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CSS = (Path(g7tag.__file__).parent / "report/templates/charts.css").read_text(encoding="utf-8")
GROUND = ":root { color-scheme: light dark; } body { background: Canvas; margin: 16px; font: 16px/1.5 sans-serif; }"
NAN = float("nan")


def link(name: str) -> str:
    return f"#{re.sub('[^A-Za-z0-9]', '-', name)}"


@pytest.fixture(scope="module")
def charts(bundled_run: Path, codebook: Codebook) -> str:
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
        *(timeline_chart(levels, codebook, member=member, link=link) for member in (None, "Canada")),
        thresholds_chart(thresholds, reading="scoring-table", own=2, link=link),
        scores_chart(scores.head(0), reading="interpretive-guidelines", link=link),
    ]  # fmt: skip
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>Charts</title><style>{GROUND}{CSS}</style>"
    return f"{head}<main><h1>Charts</h1>{''.join(drawn)}</main></html>"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_text_is_large_enough_and_inside_the_chart(
    page: Page, charts: str, theme: Literal["light", "dark"], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.set_content(charts)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = "[...document.querySelectorAll('text, th, td')].map(each => parseFloat(getComputedStyle(each).fontSize))"
    assert min(page.evaluate(sizes)) >= 11
    ends = page.evaluate("[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().right)")
    assert max(ends) <= width


def test_the_copies_of_a_mark_have_the_color_of_their_dimension(page: Page, charts: str) -> None:
    page.set_content(charts)
    colors = {"0s": (31, 93, 140), "0w": (255, 255, 255), "1s": (179, 86, 15)}  # weak marks are hollow
    found = {}
    for kind in colors:
        picture = page.locator(f"a use[href='#days-{kind}']").first.screenshot()
        image = Image.open(BytesIO(picture)).convert("RGB")
        found[kind] = image.getpixel((image.width // 2, image.height // 2))
    assert found == colors
