"""The documentation builds offline without a warning, and what it shows is what the program prints."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from g7tag.codebook import load_codebook
from g7tag.jobs import open_codebook
from g7tag.scoring import check_codebook

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site. Notebooks are not run: `test_notebooks.py` runs them."""
    made = [DOCS / "reference" / name for name in ("commands.md", "frames.md")]
    kept = [path.read_text(encoding="utf-8") for path in made]
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(DOCS), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    now = [path.read_text(encoding="utf-8") for path in made]
    assert now == kept, "commit docs/reference/commands.md and frames.md, which the build made again"
    return folder


@pytest.mark.slow
def test_the_site_has_every_page_linked_from_the_start_and_needs_no_network(site):
    pages = {str(page.relative_to(site)): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    sources = [path.relative_to(DOCS) for path in DOCS.rglob("*.md") if "_build" not in path.parts]
    assert {str(path.with_suffix(".html")) for path in sources} <= set(pages)
    assert {f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb")} <= set(pages)
    for path in sources:
        if path.parts[0] in ("how-to", "explanation", "tutorial"):
            assert str(path.with_suffix(".html")) in pages["index.html"], path
    loads = r"<(?:script|img|link)\b[^>]*?(?:src|href)=\"(https?:)?//"
    assert [name for name, html in pages.items() if re.search(loads, html)] == []


@pytest.mark.slow
def test_the_tutorial_shows_what_the_audit_prints(bundled_run, tmp_path, command):
    printed = command("audit", shutil.copytree(bundled_run, tmp_path / "run"), "--member", "Germany", "--quiet")[1]
    germany = printed[printed.index("Germany: suggested") :].split("\n\n")[0]
    tutorial = (DOCS / "tutorial/index.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(Germany: .*?)```", tutorial, re.DOTALL)
    for line in shown.strip().splitlines():
        assert line.removesuffix(" …").rstrip() in germany, line


def test_pictures_exist():
    for path in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / picture).is_file(), f"{path.name}: {picture}"


def test_every_key_of_a_codebook_is_described():
    page = (DOCS / "reference/codebook.md").read_text(encoding="utf-8")
    book = open_codebook()
    models = (
        book, book.commitment, book.members[0], book.dimensions[0], book.readings[0], book.readings[0].rules[0],
        book.notes[0], book.cues,
    )  # fmt: skip
    keys = {key for model in models for key in type(model).model_fields}
    assert [key for key in sorted(keys) if not re.search(rf"`[\w.\[]*\b{key}\b[\]]*`", page)] == []


def test_the_codebook_of_the_page_is_complete_and_its_rules_have_no_problem(tmp_path):
    (shown,) = re.findall(r"```toml\n(.*?)```", (DOCS / "reference/codebook.md").read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "wells.toml"
    path.write_text(shown, encoding="utf-8")
    assert check_codebook(load_codebook(path)).empty
