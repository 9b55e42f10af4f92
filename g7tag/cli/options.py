"""Options that several commands share, and how a command writes a line."""

import json
from pathlib import Path
from typing import Annotated

import typer

UNFINISHED = 4
"""Exit code: a part of the input was not processed, or a check that was asked for failed."""
BUDGET = 5
"""Exit code: stopped at a budget that was set."""
INTERRUPTED = 130
"""Exit code: interrupted, with all that was done kept."""
CodebookOption = Annotated[
    Path | None,
    typer.Option("--codebook", help="Codebook file (TOML); else the run's own, else 2024 Apulia commitment 19."),
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Model file (M.skops); else the one that comes with g7tag.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace frames made from other inputs or settings.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the table as JSON.")]
HiddenOption = Annotated[
    bool, typer.Option("--keep-hidden", help="Take text that nobody sees on the page for evidence.")
]
NumberOption = Annotated[
    list[int] | None,
    typer.Option("--commitment", min=1, help="Number of a commitment to keep, or of one without a heading; else all."),
]
YearOption = Annotated[
    int | None,
    typer.Option("--year", min=1975, max=2999, help="Year of the summit, whatever the title says; else the title's."),
]
PagesOption = Annotated[int, typer.Option("--max-pages", min=1, help="Most pages that a PDF may have.")]
DirectoryOption = Annotated[Path, typer.Option("-o", "--output", help="Run directory.")]


def write_json(value: object) -> None:
    """Write a value as JSON on stdout; characters that drive a terminal are written as escapes."""
    from g7tag.report.terminal import UNPRINTABLE

    text = json.dumps(value, indent=1, ensure_ascii=False)
    typer.echo(UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def write(text: str, *, err: bool = False) -> None:
    """Write a line on stdout or stderr, without anything that drives a terminal."""
    from g7tag.report.terminal import printable

    typer.echo(printable(text), err=err)
