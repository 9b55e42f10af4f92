"""Charts in a browser: accessible in light and dark, legible on a phone, usable with the keyboard, inert."""

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
from g7tag.jobs import Run
from g7tag.report.charts import agreement_chart, scores_chart, thresholds_chart
from g7tag.report.timeline import timeline_chart
from g7tag.scoring import item_levels

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CSS = (Path(g7tag.__file__).parent / "report/templates/charts.css").read_text(encoding="utf-8")
GROUND = ":root { color-scheme: light dark; } body { background: Canvas; margin: 16px; font: 16px/1.5 sans-serif; }"
HOSTILE = "<img src=x onerror=\"document.title='ran'\"></text></svg><script>document.title='ran'</script>"
NAN = float("nan")


@pytest.fixture(scope="module")
def run(bundled_run: Path) -> Run:
    return g7tag.open_run(bundled_run)


def link(name: str) -> str:
    return f"#{re.sub('[^A-Za-z0-9]', '-', name)}"


def charts(run: Run, codebook: Codebook, *, member: str = "Canada") -> str:
    """All charts of a run, with a member whose probabilities are unknown and one with every score and none."""
    shares = ["p_minus1", "p_0", "p_plus1"]
    scores = run.scores.copy()
    scores.loc[scores["member"] == "Japan", shares] = [0.5, 0.25, 0.125]
    scores.loc[scores["member"] == "Italy", shares] = NAN
    thresholds = run.thresholds.copy()
    thresholds.loc[thresholds["member"] == "Japan", "suggested_score"] = -1
    thresholds.loc[thresholds["member"] == "Italy", "suggested_score"] = pd.NA
    levels = item_levels(run.labels, sentences=run.sentences, items=run.items, codebook=codebook)
    rows = [("sea", 40, 3, 95.0, 0.85, 0.7, 0.95, ""), ("lake", 40, 3, 100.0, NAN, NAN, NAN, "all codes are equal")]
    rows += [("river", 40, 3, 80.0, 0.7, 0.6, 0.8, ""), ("whole label", 40, 3, 50.0, -0.3, -0.6, 0.1, "")]
    parts = pd.DataFrame(rows, columns=["part", "n", "n_annotators", "percent", "alpha", "low", "high", "reason"])
    return "".join(
        [
            scores_chart(scores, reading="scoring-table", link=link),
            timeline_chart(levels, codebook, link=link),
            timeline_chart(levels, codebook, member=member, link=link),
            thresholds_chart(thresholds, reading="scoring-table", own=2, link=link),
            agreement_chart(parts),
            scores_chart(scores.head(0), reading="interpretive-guidelines", link=link),
        ]
    )


def opened(page: Page, path: Path, figures: str) -> Page:
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>calm</title>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{GROUND}{CSS}</style><main><h1>Charts</h1>{figures}</main></html>",
        encoding="utf-8",
    )
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_text_is_large_enough_and_inside_the_chart(
    page: Page, run: Run, codebook: Codebook, tmp_path: Path, theme: Literal["light", "dark"], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    opened(page, tmp_path / "page.html", charts(run, codebook))
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = "[...document.querySelectorAll('text, th, td')].map(each => parseFloat(getComputedStyle(each).fontSize))"
    assert min(page.evaluate(sizes)) >= 11
    ends = page.evaluate("[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().right)")
    assert max(ends) <= width


def test_the_copies_of_a_mark_have_the_color_of_their_dimension(
    page: Page, run: Run, codebook: Codebook, tmp_path: Path
) -> None:
    opened(page, tmp_path / "page.html", charts(run, codebook))
    colors = {"0s": (31, 93, 140), "0w": (255, 255, 255), "1s": (179, 86, 15)}  # weak marks are hollow
    found = {}
    for kind in colors:
        picture = page.locator(f"a use[href='#days-{kind}']").first.screenshot()
        image = Image.open(BytesIO(picture)).convert("RGB")
        found[kind] = image.getpixel((image.width // 2, image.height // 2))
    assert found == colors


def test_every_link_has_a_name_and_the_focus_is_visible(
    page: Page, run: Run, codebook: Codebook, tmp_path: Path
) -> None:
    opened(page, tmp_path / "page.html", charts(run, codebook))
    names = page.get_by_role("link", name=re.compile(r"^Canada: -1 <1%, 0 \d\d%"))
    assert names.get_attribute("href") == "#Canada"
    items = page.get_by_role("group", name="When each member acted, and in which dimension").get_by_role("link")
    assert items.count() == len(
        set(run.labels.loc[run.labels["dimensions"] != "", "sentence_id"].str.rpartition(".")[0])
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    style = page.evaluate("[document.activeElement.localName, getComputedStyle(document.activeElement).outlineStyle]")
    assert style == ["a", "solid"]


def test_no_name_runs_as_a_script(page: Page, run: Run, codebook: Codebook, tmp_path: Path) -> None:
    member = codebook.members[0].model_copy(update={"name": HOSTILE})
    book = codebook.model_copy(update={"members": [member, *codebook.members[1:]]})
    names = {"Canada": HOSTILE}
    frames = {
        name: getattr(run, name).assign(member=getattr(run, name)["member"].replace(names))
        for name in ("scores", "thresholds", "sentences")
    }
    hostile = Run(book, known=run.frames | frames)
    opened(page, tmp_path / "page.html", charts(hostile, book, member=HOSTILE))
    page.evaluate("document.querySelectorAll('a').forEach(each => each.dispatchEvent(new MouseEvent('click')))")
    assert page.title() == "calm"
    assert page.locator("img, script").count() == 0
    assert page.get_by_text("onerror").count() > 0
