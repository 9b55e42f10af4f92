"""Where to start: a project folder for a team, and whether the installation is complete."""

from pathlib import Path
from typing import Annotated

import typer

from g7tag.cli.options import UNFINISHED, JsonOption, write, write_json
from g7tag.text import quoted


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it must not exist yet, or be empty.")],
    report: Annotated[Path | None, typer.Option("--report", help="Report to copy into the folder.")] = None,
    codebook: Annotated[
        Path | None,
        typer.Option("--codebook", help="Codebook file (TOML) to copy into it. If omitted, you draft one later."),
    ] = None,
    commitment: Annotated[
        int | None,
        typer.Option("--commitment", min=1, help="Number of the commitment to draft, if the report has several."),
    ] = None,
) -> None:
    """Make a project folder for a team: report, codebook, a notebook, and a README with the commands to run.

    \b
    Example: g7tag init team --report data/examples/harbours-report.txt \\
        --codebook data/examples/harbours.toml

    Share the folder by e-mail or with Git. Its .gitignore leaves out what g7tag can compute again.
    """  # noqa: D301 - \b keeps the lines of the example
    from g7tag import jobs

    if codebook is not None and commitment is not None:
        msg = "is for a draft; the file of --codebook already names its commitment. Give one of them."
        raise typer.BadParameter(msg, param_hint="--commitment")
    for path in jobs.init_project(folder, report=report, codebook=codebook, commitment=commitment):
        write(str(path))
    write(f"Next: cd {quoted(folder)}, then follow {quoted(Path('README.md'))}.", err=True)


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
