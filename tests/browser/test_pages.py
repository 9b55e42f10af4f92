"""No text of a report runs as a script in a browser where a notebook displays it; see test_report_page for the page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

import g7tag
from g7tag.jobs import Run
from g7tag.report.cells import read_asset

PAYLOAD = (
    "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
    '<svg onload="document.title=\'ran\'"></details></td></table><iframe src="javascript:alert(1)"></iframe>'
)
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def hostile(invented_run: Path) -> Run:
    """A run in which every text that a report can set is hostile."""
    run = g7tag.open_run(invented_run)
    return run.with_frames(
        documents=run.documents.assign(name=PAYLOAD),
        members=run.members.assign(member=PAYLOAD),
        items=run.items.assign(text=PAYLOAD, member=PAYLOAD, date_text=PAYLOAD),
        sentences=run.sentences.assign(text=f"arrested {PAYLOAD} smugglers", member=PAYLOAD),
        citations=run.citations.assign(
            publisher=PAYLOAD, title=PAYLOAD, url=lambda frame: ["javascript:document.title='ran'"] * len(frame)
        ),
        findings=run.findings.assign(message=PAYLOAD, subject=PAYLOAD, member=PAYLOAD),
        annotations=run.annotations.assign(note=PAYLOAD, annotator=PAYLOAD),
    )


def opened(page: Page, path: Path, html: str) -> None:
    """Open a page, unfold all that is folded, and press every link."""
    path.write_text(f"<!doctype html><meta charset=utf-8><title>calm</title>{html}", encoding="utf-8")
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    page.evaluate("document.querySelectorAll('a').forEach(each => each.click())")
    page.wait_for_timeout(200)


def test_no_text_runs_in_what_show_shows(page: Page, hostile: Run, tmp_path: Path) -> None:
    frames = [
        hostile.tags, hostile.items, hostile.sentences, hostile.findings, hostile.annotations, hostile.citations,
        hostile.documents, hostile.flips, hostile.tags.rename(columns={"strength": PAYLOAD}),
    ]  # fmt: skip
    shown = [g7tag.show(frame.head(5), hostile) for frame in frames] + [g7tag.show(frame.head(5)) for frame in frames]
    opened(page, tmp_path / "shown.html", "\n".join(each._repr_html_() for each in shown))
    assert page.title() == "calm"
    assert page.locator("img, svg, iframe").count() == 0
    assert set(page.locator("script").all_text_contents()) == {"\n" + read_asset("table.js")}  # only our own script
    assert page.locator("script").count() == len(shown)
    assert page.locator(".g7tag-shown table[data-ready]").count() == len(shown)
    assert page.get_by_text("onerror").count() > 0  # it is there, as text


def test_folded_text_unfolds_and_marks_can_be_told_apart_without_colour(
    page: Page, invented_run: Path, tmp_path: Path
) -> None:
    run = g7tag.open_run(invented_run)
    opened(page, tmp_path / "shown.html", run.show(run.tags.head(20))._repr_html_())
    marks = page.locator("mark")
    assert marks.count() > 10
    for text in page.locator("td.words").filter(has=page.locator("mark")).all():
        named = {sub.inner_text().strip() for sub in text.locator("mark sub").all()}
        assert named == {mark.get_attribute("title") for mark in text.locator("mark").all()}
    lines = {
        mark.get_attribute("title"): mark.evaluate("e => getComputedStyle(e).borderBottomStyle") for mark in marks.all()
    }
    alone = {line for names, line in lines.items() if "," not in str(names)}
    assert len(alone) == sum("," not in str(names) for names in lines)  # a line of its own for each dimension
    links = page.locator("a")
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}
