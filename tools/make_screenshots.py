"""Make the images of the documentation. Run by hand if a page or plot changes.

PYTHONPATH=tests/browser python tools/make_screenshots.py /usr/bin/chromium
"""

import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from desk_page import show_desk
from playwright.sync_api import Browser, sync_playwright

import g7tag
from g7tag.jobs import desk_session

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def make_screenshots(folder: Path, executable: str | None = None) -> list[Path]:
    """Write the pictures into a folder, and return their paths."""
    mpl.use("agg")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        run = g7tag.run_report(output=Path(scratch) / "run")
        page_image = folder / "report-page.png"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto((Path(scratch) / "run" / "report.html").as_uri())
            page.screenshot(path=page_image)
            desk_image = _desk(browser, Path(scratch), folder)
            browser.close()
    plots = {"scores": run.plot.scores, "thresholds": run.plot.thresholds, "evidence": run.plot.evidence}
    for name, plot in plots.items():
        figure = plot().figure
        figure.savefig(folder / f"{name}.png", dpi=80, bbox_inches="tight")
        plt.close(figure)
    return [page_image, desk_image, *(folder / f"{name}.png" for name in plots)]


def _desk(browser: Browser, scratch: Path, folder: Path) -> Path:
    """Write a picture of the review desk, with a label chosen but not yet decided."""
    run = g7tag.run_report([g7tag.example_path("invented-report.txt")], output=scratch / "invented")
    session = desk_session(run, annotator="Ada", select="all")
    for _ in range(3):
        session.choose("act", "background")
        session.decide()
    for kind, value in (("dimension", "counter"), ("dimension", "dismantle"), ("strength", "strong"), ("act", "done")):
        session.choose(kind, value)
    page = browser.new_page(viewport={"width": 1100, "height": 720})
    show_desk(page, session)
    page.locator("#other").evaluate("button => button.remove()")
    page.screenshot(path=folder / "review-desk.png")
    return folder / "review-desk.png"


if __name__ == "__main__":
    for path in make_screenshots(IMAGES, sys.argv[1] if len(sys.argv) > 1 else None):
        print(path)
