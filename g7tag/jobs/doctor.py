"""Check whether the installation is complete, with advice on each problem."""

import importlib.util
import os
import platform
import shutil
import sys

import pandas as pd

from g7tag.errors import G7TagError
from g7tag.jobs.opening import open_codebook
from g7tag.store import data_path, package_version

OK, OPTIONAL, BROKEN = "ok", "optional", "broken"
_DATA = ("codebooks", "corpus", "examples", "models", "prompts", "published", "summits")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_EXTRAS = {
    "Jupyter": (("jupyterlab", "ipykernel"), "To open the notebooks: pip install '.[notebook]'"),
    "Dask": (("distributed",), "For g7tag tag --scheduler: pip install '.[cluster]'"),
}

Check = tuple[str, str, str, str]
"""One row: check, status (`ok`, `broken`, or `optional` if a part for one purpose is missing), found, advice."""


def check_installation() -> pd.DataFrame:
    """Check the installation: packages, data files, tagger, browser and endpoint."""
    system = f"{platform.python_version()} ({platform.system()})"
    limits = "" if sys.platform == "linux" else "Limits on memory and processes work fully on Linux only."
    checks = [("g7tag", OK, package_version(), ""), ("Python", OK, system, limits), _data(), _tagger()]
    for name, (packages, advice) in _EXTRAS.items():
        missing = [each for each in packages if importlib.util.find_spec(each) is None]
        found = f"{', '.join(missing)} not installed" if missing else f"{', '.join(packages)} installed"
        checks.append((name, OPTIONAL if missing else OK, found, advice if missing else ""))
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    advice = "" if browser else "Any browser shows the pages; the tests need Chromium."
    checks.append(("browser", OK if browser else OPTIONAL, browser or "no Chromium found", advice))
    return pd.DataFrame([*checks, _endpoint()], columns=["check", "status", "found", "advice"])


def _data() -> Check:
    missing = next((name for name in _DATA if not data_path(name).is_dir()), None)
    if missing:
        return "data files", BROKEN, f"{missing} is missing", "Reinstall g7tag: pip install --force-reinstall ."
    return "data files", OK, str(data_path("codebooks").parent), ""


def _tagger() -> Check:
    from g7tag.tagger import default_model, load_tagger  # noqa: PLC0415 - a broken installation must be reported
    from g7tag.tagger.encoder import open_encoder  # noqa: PLC0415

    try:
        open_encoder()
        book = open_codebook()
        tagger = load_tagger(default_model(book), book)
    except G7TagError as error:
        return "tagger", BROKEN, str(error), "Reinstall g7tag, or train a tagger: g7tag train -o my.npz"
    return "tagger", OK, f"{tagger.model_id}, for codebook {book.id}", ""


def _endpoint() -> Check:
    from g7tag.llm import open_endpoint  # noqa: PLC0415 - loads slowly

    purpose = "Needed for g7tag review and g7tag trial only."
    if not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_BASE_URL"):
        return "model endpoint", OPTIONAL, "OPENAI_API_KEY is not set", purpose
    try:
        endpoint = open_endpoint("any")
    except G7TagError as error:
        return "model endpoint", OPTIONAL, str(error), purpose
    return "model endpoint", OK, f"{endpoint.origin} (not contacted)", ""
