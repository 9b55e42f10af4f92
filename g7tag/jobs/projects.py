"""Make a project folder for a team, and say what to do next in a folder."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from g7tag.codebook import Codebook, load_codebook, unchecked_drafts
from g7tag.errors import CodebookError, InputError
from g7tag.jobs.opening import has_tagger, open_codebook
from g7tag.sources.kinds import kind_of
from g7tag.store import CODEBOOK_FILE, LEDGER_FILES, MANIFEST
from g7tag.text import quoted

REPORTS = "report"
"""Folder of the report in a project folder."""
REPORT_TYPES = (".pdf", ".docx", ".html", ".htm", ".txt", ".epub", ".odt", ".rtf")
NOTEBOOK = "notebooks/run.ipynb"
NO_REPORT = "put-the-report-here.md"
RUN, TAGGER = "run", "tagger.skops"
"""The run directory and the tagger of a project folder."""
_ALLOWED = {".git", ".DS_Store"}
"""Entries of a folder that counts as empty: a team may have cloned an empty repository."""
_MOST_NAMED = 3
_DEFAULT_COMMITMENT = "commitment 19 of the 2024 Apulia Summit"
"""The commitment of the codebook that commands use without --codebook."""


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
        A folder that does not exist yet, or is empty.
    report
        Report to copy into it; None leaves a note that says where to put one.
    codebook
        Codebook file to copy into it; None if it will be drafted from the report.
    commitment
        Number of the commitment to draft a codebook for, if the report has several.

    Raises
    ------
    InputError
        The folder is not empty or cannot be written, or the report cannot be read. Then nothing is written.
    CodebookError
        The file is not a codebook. Then nothing is written.

    Examples
    --------
    >>> from g7tag.jobs import example_path, temporary_directory
    >>> folder = temporary_directory() / "harbours"
    >>> made = init_project(folder, report=example_path("harbours-report.txt"))
    >>> [str(path.relative_to(folder)) for path in made]
    ['.gitattributes', '.gitignore', 'README.md', 'notebooks/run.ipynb', 'report/harbours-report.txt']
    """
    target = Path(folder)
    _require_empty(target)
    content = _content(target.resolve().name, report, codebook, commitment)
    try:
        _write_all(target, content)
    except OSError as error:
        msg = f"{target}: cannot write ({error.strerror}). Expected a writable folder. Nothing was written."
        raise InputError(msg) from error
    return [target / name for name in sorted(content)]


def _require_empty(target: Path) -> None:
    """Raise an error if a folder has files, is a file, or has no parent."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        msg = f"{target}: is a file or a link. Expected a new folder. Choose another name."
        raise InputError(msg)
    if not target.exists() and not target.absolute().parent.is_dir():
        msg = f"{target.parent}: no such folder. Make it first, or choose another place."
        raise InputError(msg)
    try:
        found = sorted(path.name for path in target.iterdir()) if target.exists() else []
    except OSError as error:
        msg = f"{target}: cannot be read ({error.strerror}). Expected a new or an empty folder."
        raise InputError(msg) from error
    strangers = [name for name in found if name not in _ALLOWED]
    if strangers:
        more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
        msg = f"{target}: is not empty; it has {strangers[0]!r}{more}. Choose a new folder. Nothing was written."
        raise InputError(msg)


def _content(
    name: str, report: Path | str | None, codebook: Path | str | None, commitment: int | None
) -> dict[str, bytes]:
    """Return the content of each file of a project folder, by its path in the folder."""
    content, book = {}, None
    if codebook is not None:
        book = load_codebook(Path(codebook))
        content[CODEBOOK_FILE] = Path(codebook).read_bytes()
    if report is None:
        content[f"{REPORTS}/{NO_REPORT}"] = _NO_REPORT.encode()
        report_file = f"{REPORTS}/REPORT.pdf"
    else:
        report_file = f"{REPORTS}/{_plain_name(Path(report).name)}"
        content[report_file] = _report_content(Path(report))
    steps = project_steps(report_file, book, commitment=commitment)
    content["README.md"] = _readme(name, steps, has_report=report is not None).encode()
    content[NOTEBOOK] = notebook_bytes(_CELLS)
    content[".gitignore"], content[".gitattributes"] = _GIT_IGNORE.encode(), _GIT_ATTRIBUTES.encode()
    return content


def _report_content(report: Path) -> bytes:
    try:
        content = report.read_bytes()
    except OSError as error:
        msg = f"{report}: cannot read the report ({error.strerror}). Check the path. Nothing was written."
        raise InputError(msg) from error
    try:
        kind_of(content)
    except InputError as error:
        msg = f"{report}: {error} Nothing was written."
        raise InputError(msg) from error
    return content


def _plain_name(name: str) -> str:
    """Return a file name without characters that break a line or Markdown."""
    return re.sub(r"[`\\]", "_", "".join(each if each.isprintable() else "_" for each in name))


def _write_all(target: Path, content: dict[str, bytes]) -> None:
    """Write files into a folder, all or none."""
    exists = target.exists()
    draft = Path(tempfile.mkdtemp(dir=target if exists else target.absolute().parent, prefix=".g7tag-"))
    moved: list[Path] = []
    try:
        draft.chmod(0o755)
        for name, each in content.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(each)
        if not exists:
            draft.rename(target)
            return
        for entry in sorted(draft.iterdir()):
            entry.rename(target / entry.name)
            moved.append(target / entry.name)
    except BaseException:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def project_steps(report: str, codebook: Codebook | None, *, commitment: int | None = None) -> list[Step]:
    """Return the commands of a project, in order: six, or seven if a first tagger is trained without labels."""
    file = quoted(report)
    number = "" if commitment is None else f" --commitment {commitment}"
    several = "" if number else "If the report has several commitments, add `--commitment` and the number of yours. "
    draft = Step(
        "Draft the codebook", f"g7tag codebook new {file} -o {CODEBOOK_FILE}{number}",
        f"{several}Open `{CODEBOOK_FILE}` in an editor. Check each part marked `draft`, and answer the open "
        f"questions. Then `g7tag codebook check {CODEBOOK_FILE}` says what is missing.",
    )  # fmt: skip
    check = Step(
        "Check the codebook", f"g7tag codebook check {CODEBOOK_FILE}",
        "It lists gaps and contradictions of the scoring rules. Correct them before anyone scores.",
    )  # fmt: skip
    label = Step(
        "Label", f'g7tag desk {RUN} --annotator "YOUR NAME"',
        "Each of you does this with your own name, always the same. It opens JupyterLab; for a spreadsheet instead, "
        f'type `g7tag label {RUN} --annotator "YOUR NAME"`.',
    )  # fmt: skip
    merge = Step(
        "Put the labels together", f"g7tag merge {RUN} COLLEAGUE.jsonl",
        f"`COLLEAGUE.jsonl` is the file that you got by e-mail; with Git, `git pull` is enough. Then "
        f"`g7tag agreement {RUN}` "
        f'shows where you differ. Settle it: `g7tag desk {RUN} --annotator "THIRD PERSON" --adjudicator`.',
    )  # fmt: skip
    first = draft if codebook is None else check
    return [first, *_reading(report, codebook), label, merge, *_closing(report, codebook)]


def _borrows(codebook: Codebook | None) -> bool:
    """Return whether a tagger can be trained without labels; a codebook that is drafted later borrows."""
    return codebook is None or bool(codebook.borrows)


def _reading(report: str, codebook: Codebook | None) -> list[Step]:
    """Return the commands that make the run of a project."""
    file, own = quoted(report), f"--codebook {CODEBOOK_FILE}"
    run = f"g7tag run {file} -o {RUN} {own}"
    if codebook is not None and has_tagger(codebook):
        return [Step("Analyse the report", run, f"Read `{RUN}/report.html` in a browser.")]
    if _borrows(codebook):
        return [
            Step(
                "Train a first tagger", f"g7tag train -o {TAGGER} {own}",
                "It needs no labels: it learns from other commitments and from your definitions. It names the "
                "dimensions whose labels would help most.",
            ),
            Step(
                "Analyse the report", f"{run} --model {TAGGER}",
                "Every tag needs review, so do not quote a score yet. The sentences that help most are asked for "
                "first when you label.",
            ),
        ]  # fmt: skip
    return [
        Step(
            "Read the report", f"g7tag ingest {file} -o {RUN} {own}",
            "It lists the members, items and sentences that it found.",
        )
    ]  # fmt: skip


def _closing(report: str, codebook: Codebook | None) -> list[Step]:
    """Return the commands of a project after people have labelled."""
    if codebook is not None and has_tagger(codebook):
        return [
            Step(
                "See why", f"g7tag audit {RUN}",
                f"It says what decides each score and what is inconsistent. Enter decisions in `{RUN}/ledger.csv`.",
            ),
            Step("Print the final scores", f"g7tag score {RUN} --final", "They include the decisions in the ledger."),
        ]  # fmt: skip
    again = _borrows(codebook)
    score = f"g7tag run {quoted(report)} -o {RUN} --model {TAGGER}{' --force' if again else ''}"
    return [
        Step(
            "Train a tagger with the labels" if again else "Train a tagger",
            f"g7tag train -o {TAGGER} --with-labels {RUN} --force",
            f"It learns from the labels in `{RUN}`. Repeat this and the next command after more labels.",
        ),
        Step(
            "Score", score,
            f"{'' if again else 'Add `--force` if you trained again. '}Read `{RUN}/report.html` in a browser. `g7tag "
            f"audit {RUN}` says why each score is what it is. Decide in `{RUN}/ledger.csv`; then `g7tag score {RUN} "
            "--final`.",
        ),
    ]  # fmt: skip


def next_steps(folder: Path | str = ".") -> Iterator[str]:
    """Return what to do next in a folder, by the run directories, the codebook and the reports in it.

    The commands are to be typed in that folder; `g7tag --help` comes last.
    """
    place = Path(folder)
    runs = sorted(path.parent.relative_to(place) for path in place.glob(f"*/{MANIFEST}"))
    runs = [Path(), *runs] if (place / MANIFEST).is_file() else runs
    for run in runs[:_MOST_NAMED]:
        yield f"{quoted(run)} is a run directory. Next:"
        yield from next_of_run(place / run, run)
    if not runs:
        yield "There is no run directory in this folder yet. Start with:"
        yield from _first_steps(place)
    yield "All commands: g7tag --help"


def next_of_run(path: Path, name: Path) -> Iterator[str]:
    """Return what to do next with a run directory; `name` is its name in the commands."""
    run = quoted(name)
    if not (path / "scores.parquet").is_file():
        if (path / "tags.parquet").is_file():
            yield f"  g7tag score {run}    score its sentences"
        elif _has_tagger(path):
            yield f"  g7tag tag {run}; g7tag score {run}    tag and score its sentences"
        else:
            yield from _next_without_tagger(path, name)
        return
    if (path / "report.html").is_file():
        yield f"  open {quoted(name / 'report.html')} in a browser    read the scores and the evidence"
    yield f"  g7tag audit {run}    see why each score is what it is, and what is inconsistent"
    yield f"  g7tag label {run}    write the doubtful sentences to a sheet for you to label"
    if any((path / name).is_file() for name in LEDGER_FILES):
        yield f"  g7tag score {run} --final    print the final scores, with the decisions in the ledger"


def _next_without_tagger(path: Path, name: Path) -> Iterator[str]:
    """Return what to do next with sentences that g7tag has no tagger for: label them, or train before if possible."""
    run, book = quoted(name), _codebook_of(path)
    label = f"  g7tag desk {run} --annotator NAME    label sentences"
    with_labels = f"  g7tag train -o {TAGGER} --with-labels {run}"
    without = (
        f"  g7tag train -o {TAGGER} --codebook {quoted(name / CODEBOOK_FILE)}    train a first tagger without labels"
    )
    use = f"  g7tag tag {run} --model {TAGGER}; g7tag score {run}    tag and score its sentences"
    if any((path / "labels").glob("*.jsonl")):
        yield from (f"{with_labels} --force    train a tagger with the labels", use)
    elif book is not None and book.borrows:
        yield from (without, use, f"{label}; those that help most are asked for first")
    else:
        yield f"{label}: g7tag has no tagger for its codebook"
        yield from (f"{with_labels}    then train a tagger with the labels", use)


def _first_steps(place: Path) -> Iterator[str]:
    """Return the commands that read the reports of a folder, with its codebook if it has one."""
    reports = [path for part in (place, place / REPORTS) if part.is_dir() for path in sorted(part.iterdir())]
    names = [str(path.relative_to(place)) for path in reports if path.suffix.lower() in REPORT_TYPES]
    if (place / REPORTS).is_dir() and (place / NOTEBOOK).is_file():
        yield from _next_of_project(place, names)
        return
    if (place / CODEBOOK_FILE).is_file():
        yield f"  g7tag codebook check {CODEBOOK_FILE}    see what is missing in the codebook"
        yield from _with_codebook(place, names)
    else:
        if names:
            draft = f"g7tag codebook new {quoted(names[0])} -o {CODEBOOK_FILE}"
            yield f"  {draft}    draft a codebook from this report, if g7tag has none for its commitment"
        for name in names[:_MOST_NAMED]:
            yield f"  g7tag run {quoted(name)} -o {RUN}    analyse this report, if it is on {_DEFAULT_COMMITMENT}"
        yield f"  g7tag run -o {RUN}    analyse the evidence that comes with g7tag, and save the run in `{RUN}`"
    yield "  g7tag doctor    check the installation"


def _next_of_project(place: Path, reports: Sequence[str]) -> Iterator[str]:
    """Return the next step of a project folder without a run, as its README numbers it."""
    if not reports:
        yield f"  put the report into `{REPORTS}/`    PDF, Word (DOCX), HTML or text"
        return
    has_codebook, book = (place / CODEBOOK_FILE).is_file(), _codebook_of(place)
    steps = project_steps(reports[0], book)
    if has_codebook and (book is None or unchecked_drafts(book) or book.questions):
        yield f"  g7tag codebook check {CODEBOOK_FILE}    see what is missing in the codebook (README.md, step 1)"
        return
    number = 2 if has_codebook else 1
    step = steps[number - 1]
    if step.command.startswith("g7tag train") and (place / TAGGER).is_file():
        number, step = number + 1, steps[number]
    yield f"  {step.command}    {step.title.lower()} (README.md, step {number})"


def _with_codebook(place: Path, reports: Sequence[str]) -> Iterator[str]:
    """Return the commands that read reports with the codebook of a folder; none if the codebook is invalid."""
    book = _codebook_of(place)
    if book is None:
        return
    for step in dict.fromkeys(step for report in reports[:_MOST_NAMED] for step in _reading(report, book)):
        yield f"  {step.command}    {step.title.lower()}"


def _has_tagger(run: Path) -> bool:
    """Return whether g7tag has a tagger for the codebook of a run directory; an invalid codebook has none."""
    book = _codebook_of(run) if (run / CODEBOOK_FILE).is_file() else open_codebook()
    return book is not None and has_tagger(book)


def _codebook_of(place: Path) -> Codebook | None:
    """Return the codebook in a folder; None if there is none, or it is invalid."""
    try:
        return load_codebook(place / CODEBOOK_FILE)
    except CodebookError:
        return None


def _readme(name: str, steps: Sequence[Step], *, has_report: bool) -> str:
    """Return the README of a project folder."""
    listed = "\n\n".join(
        f"{place}. **{step.title}.**\n\n   ```bash\n   {step.command}\n   ```\n\n   {step.then}"
        for place, step in enumerate(steps, start=1)
    )
    put = f"First put the report into `{REPORTS}/`, and write its name for `REPORT.pdf` below.\n\n"
    made = next(place for place, step in enumerate(steps, start=1) if f" -o {RUN} " in step.command)
    title = re.sub(r"[\\`*_\[\]<>#]", "_", _plain_name(name))
    text = (files("g7tag.jobs") / "project.md").read_text(encoding="utf-8")
    return text.format(
        title=title, put="" if has_report else put, steps=listed, run=RUN, codebook=CODEBOOK_FILE, made=made
    )


def notebook_bytes(sources: Iterable[tuple[str, str]]) -> bytes:
    """Return a notebook of cells, each with its kind (code or markdown) and its source."""
    cells: list[dict[str, Any]] = []
    for place, (kind, source) in enumerate(sources):
        cell = {"cell_type": kind, "id": f"cell-{place}", "metadata": {}, "source": source}
        cells.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return f"{json.dumps(notebook, indent=1, ensure_ascii=False)}\n".encode()


_NO_REPORT = (
    "# Put the report here\n\nOne file: PDF, Word (DOCX), HTML or text. The whole report or one chapter. Then follow "
    "`README.md` in the folder above. You can delete this file.\n"
)
_GIT_ATTRIBUTES = f"""# Two copies of a label file never conflict: lines are only added.
{RUN}/labels/*.jsonl merge=union
"""
_GIT_IGNORE = f"""# Share what people make: labels, decisions, the codebook. g7tag computes everything else again.
/{RUN}/*
!/{RUN}/labels/
!/{RUN}/ledger.csv
.g7tag-*
.ipynb_checkpoints/
"""
_CELLS = (
    (
        "markdown",
        "# The run of this project\n\nRun all cells: menu Run, Run All Cells. The first one says what to do next; type "
        "its commands in a terminal, in the folder of the project. `README.md` there explains them.",
    ),
    (
        "code",
        "import sys\nfrom pathlib import Path\n\n"
        "sys.path[:] = filter(None, sys.path)  # import nothing from this folder\n"
        'import g7tag\n\nprint(*g7tag.next_steps(".."), sep="\\n")',
    ),
    ("markdown", "## Scores\n\nThe cells below show nothing until the run is scored."),
    (
        "code",
        f'scored = Path("../{RUN}/scores.parquet").is_file()\nrun = g7tag.open_run("../{RUN}") if scored else None\n'
        "run and run.show()",
    ),
    ("markdown", "## Why each score is what it is"),
    ("code", "run and run.explain()"),
    ("markdown", "## What is inconsistent"),
    ("code", "run and run.show(run.findings)"),
    (
        "markdown",
        "## Sentences that need a person\n\nThe table shows the tagger's labels. Label at the desk, which hides them "
        f'until you have decided: `g7tag desk {RUN} --annotator "YOUR NAME"`.',
    ),
    ("code", "run and run.show(run.label_queue())"),
)
"""Cells of the notebook."""
