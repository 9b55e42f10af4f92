"""Check whether the installation is complete, with advice on each problem."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import pandas as pd

from g7tag.errors import G7TagError
from g7tag.jobs.opening import open_codebook
from g7tag.sources.convert import find_converter
from g7tag.sources.ocr.recognize import INSTALL, missing_ocr
from g7tag.store import data_path, package_version

OK, OPTIONAL, BROKEN = "ok", "optional", "broken"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


class _Check(NamedTuple):
    """One row: check, status (`ok`, `broken`, or `optional` if a part for one purpose is missing), found, advice."""

    check: str
    status: str
    found: str
    advice: str = ""


def check_installation() -> pd.DataFrame:
    """Check the installation: packages, data files, tagger, fonts, browser and endpoint."""
    checks = [
        _Check("g7tag", OK, package_version()),
        _python(),
        *_data(),
        _tagger(),
        _notebooks(),
        _cluster(),
        _ocr(),
        _converter(),
        _fonts(),
        _browser(),
        _endpoint(),
    ]
    return pd.DataFrame(checks, columns=list(_Check._fields))


def _python() -> _Check:
    found = f"{platform.python_version()} ({platform.system()})"
    note = "" if sys.platform == "linux" else "Limits on memory and processes work fully on Linux only."
    return _Check("Python", OK, found, note)


def _data() -> Iterator[_Check]:
    for name in ("codebooks", "corpus", "examples", "models", "prompts", "published", "summits"):
        if not data_path(name).is_dir():
            yield _Check("data files", BROKEN, f"{name} is missing", "Reinstall g7tag: pip install --force-reinstall .")
            return
    yield _Check("data files", OK, str(data_path("codebooks").parent))


def _tagger() -> _Check:
    from g7tag.tagger import default_model, load_tagger  # noqa: PLC0415 - a broken installation must be reported

    try:
        book = open_codebook()
        tagger = load_tagger(default_model(book), book)
    except G7TagError as error:
        return _Check("tagger", BROKEN, str(error), "Reinstall g7tag, or train a tagger: g7tag train -o my.skops")
    return _Check("tagger", OK, f"{tagger.model_id}, for codebook {book.id}")


def _package(check: str, names: tuple[str, ...], purpose: str, extra: str) -> _Check:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        return _Check(check, OPTIONAL, f"{', '.join(missing)} not installed", f"{purpose}: pip install '.[{extra}]'")
    return _Check(check, OK, ", ".join(f"{name} {_version(name)}" for name in names))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(unknown version)"


def _notebooks() -> _Check:
    return _package("Jupyter", ("jupyterlab", "ipykernel"), "To open the notebooks", "notebook")


def _ocr() -> _Check:
    missing = missing_ocr()
    if missing:
        found = f"{' and '.join(missing)} not installed"
        return _Check("OCR", OPTIONAL, found, f"To recognize scans with --ocr. {INSTALL}")
    return _Check("OCR", OK, f"OCRmyPDF {_version('ocrmypdf')} and Tesseract")


def _converter() -> _Check:
    path = find_converter()
    if path is None:
        return _Check("LibreOffice", OPTIONAL, "not installed", "To read ODT and RTF files: install LibreOffice Writer")
    return _Check("LibreOffice", OK, path)


def _cluster() -> _Check:
    return _package("Dask", ("distributed",), "For g7tag tag --scheduler", "cluster")


def _fonts() -> _Check:
    from matplotlib import font_manager  # noqa: PLC0415 - loads slowly

    names = sorted({font.name for font in font_manager.fontManager.ttflist})
    found = f"{len(names)} font families"
    if not any("CJK" in name or "Noto Sans JP" in name for name in names):
        return _Check("fonts", OPTIONAL, found, "To draw Japanese or Chinese words in plots: install Noto Sans CJK.")
    return _Check("fonts", OK, found)


def _browser() -> _Check:
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        return _Check("browser", OPTIONAL, "no Chromium found", "Any browser shows the pages; the tests need Chromium.")
    return _Check("browser", OK, path)


def _endpoint() -> _Check:
    from g7tag.llm import open_endpoint  # noqa: PLC0415 - loads slowly

    purpose = "Needed for g7tag review and g7tag trial only."
    if not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_BASE_URL"):
        return _Check("model endpoint", OPTIONAL, "OPENAI_API_KEY is not set", purpose)
    try:
        endpoint = open_endpoint("any")
    except G7TagError as error:
        return _Check("model endpoint", OPTIONAL, str(error), purpose)
    return _Check("model endpoint", OK, f"{endpoint.origin} (not contacted)")
