"""Where to start: a project folder for a team, and whether the installation is complete."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from g7tag import jobs, report
from g7tag.cli import options
from g7tag.cli.options import UNFINISHED, print_or_json, refuse, write
from g7tag.text import quoted


def init(
    folder: Annotated[Path, Argument(help="Folder to make; it must not exist yet, or be empty.")],
    report: Annotated[Path | None, Option(help="Report to copy into the folder.")] = None,
    codebook: Annotated[
        Path | None, Option(help="Codebook file (TOML) to copy into it. Default: drafted later.")
    ] = None,
    commitment: Annotated[
        int | None, Option(min=1, help="Number of the commitment to draft, if there are several.")
    ] = None,
) -> None:
    """Make a project folder for a team: report, codebook, a notebook, and a README with the commands to run.

    \b
    Example: g7tag init team --report data/examples/harbours-report.txt \\
        --codebook data/examples/harbours.toml

    Share the folder by e-mail or with Git. Its .gitignore leaves out what g7tag can compute again.
    """  # noqa: D301 - \b keeps the lines of the example
    if codebook is not None and commitment is not None:
        refuse("--commitment", "is for a draft; the file of --codebook already names its commitment. Give one of them.")
    write(*map(str, jobs.init_project(folder, report=report, codebook=codebook, commitment=commitment)))
    write(f"Next: cd {quoted(folder)}, then follow {quoted('README.md')}.", err=True)


def status(
    folder: Annotated[Path, Argument(help="Project folder with run directories, or a run directory.")] = Path(),
    as_json: options.Json = False,
) -> None:
    """Show how far each chapter of a project is, what blocks it, and who labels it.

    Example: g7tag status .

    Findings are those that nobody decided. A damaged run directory gives exit code 4. --json prints all numbers.
    """
    board = jobs.project_status(folder)
    print_or_json(board if as_json else report.board_table(board), as_json=as_json)
    if board.empty:
        write(f"{folder}: has no run directory yet. Next: g7tag run REPORT --codebooks FOLDER -o PROJECT", err=True)
    if board["blocked_by"].str.startswith("cannot be read").any():
        raise Exit(UNFINISHED)


def doctor(as_json: options.Json = False) -> None:
    """Check the installation: Python, data files, the tagger, Jupyter, Dask, a browser, and a model's endpoint.

    Example: g7tag doctor
    """
    checks = jobs.check_installation()
    print_or_json(checks, as_json=as_json, frame="installation")
    broken = checks.loc[checks["status"] == "broken", "check"]
    if len(broken):
        write(f"Broken: {', '.join(broken)}.", err=True)
        raise Exit(UNFINISHED)
    write("Everything that g7tag needs works.", err=True)
