"""Where to start: what to do next in a folder, and whether the installation is complete."""

from collections.abc import Iterator
from pathlib import Path

import typer

from g7tag.cli.options import UNFINISHED, JsonOption, quoted, write, write_json

_REPORTS = (".pdf", ".docx", ".html", ".htm", ".txt")
_MOST_NAMED = 3


def doctor(as_json: JsonOption = False) -> None:
    """Check the installation: Python, data files, the tagger, Jupyter, fonts, a browser, and a model's endpoint.

    Example: g7tag doctor
    """
    from g7tag import jobs, report

    checks = jobs.check_installation()
    if as_json:
        write_json(checks.to_dict("records"))
    else:
        report.print_table(checks, frame="installation")
    broken = checks[checks["status"] == "broken"]
    if broken.empty:
        write("Everything that g7tag needs works.", err=True)
    else:
        write(f"Broken: {', '.join(broken['check'])}.", err=True)
        raise typer.Exit(UNFINISHED)


def next_steps(folder: Path) -> Iterator[str]:
    """Return what to do next in a folder, by the run directories and reports in it; `g7tag --help` comes last."""
    from g7tag.store import LEDGER_FILES, MANIFEST

    runs = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    runs = [folder, *runs] if (folder / MANIFEST).is_file() else runs
    for run in runs[:_MOST_NAMED]:
        yield f"{quoted(run)} is a run directory. Next:"
        if not (run / "scores.parquet").is_file():
            yield f"  g7tag tag {quoted(run)}; g7tag score {quoted(run)}    tag and score its sentences"
            continue
        if (run / "report.html").is_file():
            yield f"  open {quoted(run / 'report.html')} in a browser    read the scores and the evidence"
        yield f"  g7tag audit {quoted(run)}    see why each score is what it is, and what is inconsistent"
        yield f"  g7tag label {quoted(run)}    write the doubtful sentences to a sheet for you to label"
        if any((run / name).is_file() for name in LEDGER_FILES):
            yield f"  g7tag score {quoted(run)} --final    print the final scores, with the decisions in the ledger"
    if not runs:
        reports = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _REPORTS)
        yield "There is no run directory in this folder yet. Start with:"
        for name in reports[:_MOST_NAMED]:
            yield f"  g7tag run {quoted(Path(name))} -o run    analyse this report, and save the run in `run`"
        yield "  g7tag run -o run    analyse the evidence that comes with g7tag, and save the run in `run`"
        yield "  g7tag doctor    check the installation"
    yield "All commands: g7tag --help"
