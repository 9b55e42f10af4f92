"""Options that several commands share, exit codes, and how a command writes a line."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from g7tag.codebook import Codebook

UNFINISHED = 4
"""Exit code: part of the input was not processed, or a check failed."""
BUDGET = 5
"""Exit code: stopped at a budget that was set."""
ENDPOINT = 6
"""Exit code: the endpoint of a model cannot be used."""
INTERRUPTED = 130
"""Exit code: interrupted; finished work is kept."""
TERMINATED = 143
"""Exit code: terminated by another program (SIGTERM)."""
CodebookOption = Annotated[
    Path | None,
    typer.Option(
        "--codebook",
        help="Codebook file (TOML), or the id of one that comes with g7tag (2024-apulia-09, -18, -19); a better "
        "version replaces that of a run. Default: that of the run, or 2024-apulia-19.",
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model", help="Tagger to use, a file made by `g7tag train`. Default: the tagger that comes with g7tag."
    ),
]


class TaggerKind(StrEnum):
    """The parts of a model to tag with: classifiers and encoder, or the classifiers alone."""

    ENCODER = "encoder"
    FAST = "fast"


TaggerOption = Annotated[
    TaggerKind,
    typer.Option(
        "--tagger",
        help="encoder reads sentences whole; fast only looks at their words, and is faster. No effect on a tagger for "
        "few labels.",
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Replace results that were made from other inputs or settings. Never touches labels or the ledger.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the table as JSON.")]
HiddenOption = Annotated[
    bool,
    typer.Option(
        "--keep-hidden", help="Treat hidden text (white, tiny, covered) as evidence, as for a recognized scan."
    ),
]
OcrOption = Annotated[
    bool,
    typer.Option("--ocr", help="Recognize pages that are images without text, with OCRmyPDF and Tesseract."),
]
NumberOption = Annotated[
    list[int] | None,
    typer.Option(
        "--commitment",
        min=1,
        help="Keep only the commitment with this number; repeat for several. Also the number of one without a heading.",
    ),
]
YearOption = Annotated[
    int | None,
    typer.Option("--year", min=1975, max=2999, help="Year of the summit. Default: from the title of the report."),
]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        help="doubtful, flips (they decide a score), deciding (these, and those that scores and levels are based on), "
        "disagreements, all, or audit (a random sample); repeat for several.",
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the random draw.")]
PagesOption = Annotated[int, typer.Option("--max-pages", min=1, help="Maximum number of pages of a PDF.")]
DirectoryOption = Annotated[Path, typer.Option("-o", "--output", help="Run directory.")]


def warn_of_drafts(book: "Codebook", codebook: Path | None, directory: Path | None) -> None:
    """Write one line on stderr if scores rest on unchecked drafts of a codebook (its file, or its run directory)."""
    from g7tag.report import draft_warning
    from g7tag.store import CODEBOOK_FILE

    if warning := draft_warning(book, codebook or (directory or Path()) / CODEBOOK_FILE):
        write(warning, err=True)


def write_json(value: object) -> None:
    """Write a value as JSON on stdout; characters that drive a terminal are written as escapes."""
    from g7tag.report.terminal import UNPRINTABLE

    text = json.dumps(value, indent=1, ensure_ascii=False)
    typer.echo(UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def write(text: str, *, err: bool = False) -> None:
    """Write a line on stdout or stderr, without anything that drives a terminal."""
    from g7tag.report.terminal import printable

    typer.echo(printable(text), err=err)
