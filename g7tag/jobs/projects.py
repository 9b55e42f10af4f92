"""Where to start: a project folder for a team, what to do next in a folder, and a check of the installation."""

import importlib.util
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook, load_codebook, unchecked_drafts
from g7tag.errors import G7TagError, InputError
from g7tag.jobs.opening import has_tagger, open_codebook, readable_codebook
from g7tag.sources.limits import kind_of
from g7tag.store import CODEBOOK_FILE, LEDGER_FILES, MANIFEST, data_path, package_version
from g7tag.text import quoted

REPORTS, RUN, TAGGER = "report", "run", "tagger.npz"
"""The folder of the report, the run directory and the tagger of a project folder."""
REPORT_TYPES = (".pdf", ".docx", ".html", ".htm", ".txt", ".epub", ".odt", ".rtf")
"""Endings of reports in a folder; for the last three, reading one says how to convert it."""
NO_REPORT = f"{REPORTS}/put-the-report-here.md"
_ALLOWED = {".git", ".DS_Store"}
"""Entries of a folder that counts as empty: a team may have cloned an empty repository."""
_MOST_NAMED = 3
_DEFAULT_COMMITMENT = "commitment 19 of the 2024 Apulia Summit"
"""The commitment of the codebook that commands use without --codebook."""
_MADE = files("g7tag.jobs") / "project"
"""What a project folder is made of."""
OK, OPTIONAL, BROKEN = "ok", "optional", "broken"
_DATA = ("codebooks", "corpus", "examples", "models", "prompts", "published", "summits")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_EXTRAS = {
    "Jupyter": (("jupyterlab", "ipykernel"), "To open the notebooks: pip install '.[notebook]'"),
    "Dask": (("distributed",), "For g7tag tag --scheduler: pip install '.[cluster]'"),
}


class Step(NamedTuple):
    """A command of a project, what it is for, and what a person does then."""

    title: str
    command: str
    then: str


def init_project(
    folder: Path | str,
    *,
    report: Path | str | None = None,
    codebook: Path | str | None = None,
    commitment: int | None = None,
) -> list[Path]:
    """Make a project folder for a team, and return the paths of its files.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty; otherwise an `InputError`.
    report, codebook
        Files to copy into it; None leaves a note that says where to put a report, or a codebook to be drafted. If one
        cannot be used, nothing is written.
    commitment
        Number of the commitment to draft a codebook for, if the report has several.

    Examples
    --------
    >>> from g7tag.jobs import example_path, temporary_directory
    >>> folder = temporary_directory() / "harbours"
    >>> made = init_project(folder, report=example_path("harbours-report.txt"))
    >>> [str(path.relative_to(folder)) for path in made]
    ['.gitattributes', '.gitignore', 'README.md', 'notebooks/run.ipynb', 'report/harbours-report.txt']
    """
    target = Path(folder)
    entries = sorted({path.name for path in target.iterdir()} - _ALLOWED) if target.is_dir() else []
    wrong = ""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        wrong = "is a file or a link. Expected a new folder. Choose another name."
    elif not target.absolute().parent.is_dir():
        wrong = f"there is no folder {target.parent}. Make it first, or choose another place."
    elif entries:
        wrong = f"is not empty; it has {entries[0]!r}. Choose a new folder. Nothing was written."
    if wrong:
        msg = f"{target}: {wrong}"
        raise InputError(msg)
    content = _content(target.resolve().name, report, codebook, commitment)
    try:
        for name, each in content.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(each)
    except OSError as error:
        msg = f"{target}: cannot write ({error.strerror}). Delete what was written, and choose a writable folder."
        raise InputError(msg) from error
    return [target / name for name in sorted(content)]


def _content(
    name: str, report: Path | str | None, codebook: Path | str | None, commitment: int | None
) -> dict[str, bytes]:
    """Return the content of each file of a project folder, by its path in the folder."""
    made = {
        "notebooks/run.ipynb": "notebook.json", ".gitignore": "gitignore.txt", ".gitattributes": "gitattributes.txt",
        **({NO_REPORT: Path(NO_REPORT).name} if report is None else {}),
    }  # fmt: skip
    content = {path: (_MADE / each).read_bytes() for path, each in made.items()}
    book = None
    if codebook is not None:
        book, content[CODEBOOK_FILE] = load_codebook(Path(codebook)), Path(codebook).read_bytes()
    file = f"{REPORTS}/{'REPORT.pdf' if report is None else _plain_name(Path(report).name)}"
    if report is not None:
        try:
            content[file] = Path(report).read_bytes()
            kind_of(content[file])
        except (OSError, InputError) as error:
            why = f"cannot read the report ({error.strerror}). Check the path." if isinstance(error, OSError) else error
            msg = f"{report}: {why} Nothing was written."
            raise InputError(msg) from error
    steps = project_steps(file, book, commitment=commitment)
    listed = "\n\n".join(
        f"{place}. **{step.title}.**\n\n   ```bash\n   {step.command}\n   ```\n\n   {step.then}"
        for place, step in enumerate(steps, start=1)
    )
    put = f"First put the report into `{REPORTS}/`, and write its name for `REPORT.pdf` below.\n\n"
    readme = (_MADE / "README.md").read_text(encoding="utf-8").format(
        title=re.sub(r"[\\`*_\[\]<>#]", "_", _plain_name(name)), put=put if report is None else "", steps=listed,
        made=next(place for place, step in enumerate(steps, start=1) if f" -o {RUN} " in step.command),
    )  # fmt: skip
    return content | {"README.md": readme.encode()}


def _plain_name(name: str) -> str:
    """Return a file name without characters that break a line or Markdown."""
    return re.sub(r"[`\\]", "_", "".join(each if each.isprintable() else "_" for each in name))


def project_steps(report: str, codebook: Codebook | None, *, commitment: int | None = None) -> list[Step]:
    """Return the commands of a project, in order: six, or seven if a first tagger is trained."""
    names = ["draft" if codebook is None else "check"]
    if codebook is not None and has_tagger(codebook):
        names += ["analyse", "label", "merge", "audit", "final"]
    else:
        names += ["train", "analyse-first", "label", "merge", "train-again", "score"]
    several = "If the report has several commitments, add `--commitment` and the number of yours. "
    given = {
        "report": quoted(report),
        "number": "" if commitment is None else f" --commitment {commitment}",
        "several": several if commitment is None else "",
    }
    known = tomllib.loads((_MADE / "steps.toml").read_text(encoding="utf-8"))
    return [Step(**{part: text.format(**given) for part, text in known[name].items()}) for name in names]


def next_steps(folder: Path | str = ".") -> Iterator[str]:
    """Return what to do next in a folder: commands to type there; `g7tag --help` comes last."""
    place = Path(folder)
    runs = runs_in(place)
    if len(runs) > 1:
        yield "  g7tag status    see how far each of these runs is"
    for run in runs[:_MOST_NAMED]:
        yield f"{quoted(run)} is a run directory. Next:"
        yield from next_of_run(place / run, run)
    if not runs:
        yield "There is no run directory in this folder yet. Start with:"
        yield from _first_steps(place)
    yield "All commands: g7tag --help"


def runs_in(place: Path) -> list[Path]:
    """Return the run directories of a folder, by their names in it: itself first, if it is one."""
    runs = sorted(path.parent.relative_to(place) for path in place.glob(f"*/{MANIFEST}"))
    return [Path(), *runs] if (place / MANIFEST).is_file() else runs


def next_of_run(path: Path, name: Path) -> Iterator[str]:
    """Return what to do next with a run directory; `name` is its name in the commands."""
    run, book = quoted(name), readable_codebook(path / CODEBOOK_FILE)
    use = f"  g7tag tag {run} --model {TAGGER}; g7tag score {run}    tag and score its sentences"
    if (path / "scores.parquet").is_file():
        if (path / "report.html").is_file():
            yield f"  open {quoted(name / 'report.html')} in a browser    read the scores and the evidence"
        yield f"  g7tag audit {run}    see why each score is what it is, and what is inconsistent"
        yield f"  g7tag label {run}    write the doubtful sentences to a sheet for you to label"
        if any((path / each).is_file() for each in LEDGER_FILES):
            yield f"  g7tag score {run} --final    print the final scores, with the decisions in the ledger"
    elif (path / "tags.parquet").is_file():
        yield f"  g7tag score {run}    score its sentences"
    elif book is not None and has_tagger(book):
        yield f"  g7tag tag {run}; g7tag score {run}    tag and score its sentences"
    elif any((path / "labels").glob("*.jsonl")):
        yield from (f"  g7tag train -o {TAGGER} --with-labels {run} --force    train a tagger with the labels", use)
    else:
        own = quoted(name / CODEBOOK_FILE)
        yield f"  g7tag train -o {TAGGER} --codebook {own}    train a first tagger without labels"
        yield from (use, f"  g7tag desk {run} --annotator NAME    label the doubtful sentences")


def _first_steps(place: Path) -> Iterator[str]:
    """Return what to do in a folder without a run: in a project or with a codebook, the next step of a project."""
    places = [path for part in (place, place / REPORTS) if part.is_dir() for path in sorted(part.iterdir())]
    names = [str(path.relative_to(place)) for path in places if path.suffix.lower() in REPORT_TYPES]
    has_codebook, book = (place / CODEBOOK_FILE).is_file(), readable_codebook(place / CODEBOOK_FILE)
    if has_codebook and (book is None or unchecked_drafts(book) or book.questions):
        yield f"  g7tag codebook check {CODEBOOK_FILE}    see what is missing in the codebook"
    elif (place / REPORTS).is_dir() and not names:
        yield f"  put the report into `{REPORTS}/`    PDF, Word (DOCX), HTML or text"
    elif has_codebook or (place / REPORTS).is_dir():
        steps = project_steps(names[0] if names else "REPORT.pdf", book)[has_codebook:]
        if steps[0].command.startswith("g7tag train") and (place / TAGGER).is_file():
            steps = steps[1:]
        yield f"  {steps[0].command}    {steps[0].title.lower()}"
    else:
        for name in names[:_MOST_NAMED]:
            draft = f"g7tag codebook new {quoted(name)} -o {CODEBOOK_FILE}"
            yield f"  {draft}    draft a codebook from this report, if g7tag has none for its commitment"
            yield f"  g7tag run {quoted(name)} -o {RUN}    analyse this report, if it is on {_DEFAULT_COMMITMENT}"
        yield f"  g7tag run -o {RUN}    analyse the evidence that comes with g7tag, and save the run in `{RUN}`"
        yield "  g7tag doctor    check the installation"


def check_installation() -> pd.DataFrame:
    """Check the installation: packages, data files, tagger, browser and endpoint.

    The status is `ok`, `broken`, or `optional` if a part for one purpose is missing.
    """
    system = f"{platform.python_version()} ({platform.system()})"
    limits = "" if sys.platform == "linux" else "Limits on memory and processes work fully on Linux only."
    checks = [("g7tag", OK, package_version(), ""), ("Python", OK, system, limits)]
    lacks = next((name for name in _DATA if not data_path(name).is_dir()), "")
    again, here = "Reinstall g7tag: pip install --force-reinstall .", str(data_path("codebooks").parent)
    checks.append(("data files", BROKEN, f"{lacks} is missing", again) if lacks else ("data files", OK, here, ""))
    checks.append(_tagger())
    for name, (packages, advice) in _EXTRAS.items():
        missing = [each for each in packages if importlib.util.find_spec(each) is None]
        found = f"{', '.join(missing)} not installed" if missing else f"{', '.join(packages)} installed"
        checks.append((name, OPTIONAL if missing else OK, found, advice if missing else ""))
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    advice = "" if browser else "Any browser shows the pages; the tests need Chromium."
    checks.append(("browser", OK if browser else OPTIONAL, browser or "no Chromium found", advice))
    return pd.DataFrame([*checks, _endpoint()], columns=["check", "status", "found", "advice"])


def _tagger() -> tuple[str, str, str, str]:
    from g7tag.tagger import default_model, load_tagger  # noqa: PLC0415 - a broken installation must be reported
    from g7tag.tagger.encoder import open_encoder  # noqa: PLC0415

    try:
        open_encoder()
        book = open_codebook()
        tagger = load_tagger(default_model(book), book)
    except G7TagError as error:
        return "tagger", BROKEN, str(error), "Reinstall g7tag, or train a tagger: g7tag train -o my.npz"
    return "tagger", OK, f"{tagger.model_id}, for codebook {book.id}", ""


def _endpoint() -> tuple[str, str, str, str]:
    from g7tag.llm import open_endpoint  # noqa: PLC0415 - loads slowly

    purpose = "Needed for g7tag review and g7tag trial only."
    if not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_BASE_URL"):
        return "model endpoint", OPTIONAL, "OPENAI_API_KEY is not set", purpose
    try:
        endpoint = open_endpoint("any")
    except G7TagError as error:
        return "model endpoint", OPTIONAL, str(error), purpose
    return "model endpoint", OK, f"{endpoint.origin} (not contacted)", ""
