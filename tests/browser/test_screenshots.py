"""The pictures of the documentation can be made again, and show something."""

import importlib.util
import os
import shutil
from pathlib import Path

import matplotlib.image
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.nightly, pytest.mark.browser]


def test_the_pictures_are_made_from_the_program_as_it_is(tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium is missing") if os.environ.get("G7TAG_BROWSER") else pytest.skip("CHROMIUM IS MISSING")
    spec = importlib.util.spec_from_file_location("make_screenshots", ROOT / "tools/make_screenshots.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for made in module.make_screenshots(tmp_path, chromium):
        kept, now = (matplotlib.image.imread(path) for path in (ROOT / "docs/images" / made.name, made))
        assert now.std() > 0.05, f"{made.name} is blank"
        assert kept.shape[:2] == pytest.approx(now.shape[:2], rel=0.05), (
            f"{made.name} changed: run tools/make_screenshots.py as it says"
        )
