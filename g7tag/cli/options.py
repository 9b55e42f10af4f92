"""Options that several commands share, exit codes, and how a command writes a line."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Option, echo

from g7tag import report

if TYPE_CHECKING:
    import pandas as pd

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


Codebook = Annotated[
    Path | None,
    Option(
        help="Codebook file (TOML), or the id of one that comes with g7tag (2024-apulia-09, -18, -19); a better "
        "version replaces that of a run. Default: that of the run, or 2024-apulia-19."
    ),
]
Directory = Annotated[Path, Option("-o", "--output", help="Run directory.")]
Force = Annotated[
    bool,
    Option(
        "--force",
        help="Replace results that were made from other inputs or settings. Never touches labels or the ledger.",
    ),
]
Replace = Annotated[bool, Option("--force", help="Replace an existing file.")]
Quiet = Annotated[bool, Option("--quiet", help="Show no progress.")]
Json = Annotated[bool, Option("--json", help="Print the table as JSON.")]

# Reading of reports
KeepHidden = Annotated[
    bool,
    Option("--keep-hidden", help="Treat hidden text (white, tiny, covered) as evidence."),
]
Commitments = Annotated[
    list[int] | None,
    Option(
        min=1,
        help="Keep only the commitment with this number; repeat for several. Also the number of one without a heading.",
    ),
]
Year = Annotated[
    int | None, Option(min=1975, max=2999, help="Year of the summit. Default: from the title of the report.")
]

# Taggers
Model = Annotated[
    Path | None,
    Option(help="Tagger to use, a file made by `g7tag train`. Default: the tagger that comes with g7tag."),
]
Tagger = Annotated[
    Literal["encoder", "fast"],
    Option(
        help="encoder reads whole items; fast only looks at words and cues, and is faster. A tagger trained on few "
        "labels has no fast one."
    ),
]
Corpus = Annotated[
    list[Path] | None, Option(help="Labelled file; repeat for several. Default: those that come with g7tag.")
]

# Labels of people
Select = Annotated[
    list[str] | None,
    Option(
        help="doubtful, flips (they decide a score), deciding (these, and those that scores and levels are based on), "
        "disagreements, all, or audit (a random sample); repeat for several."
    ),
]
Member = Annotated[str, Option(help="Only sentences of this member (name or code).")]
Dimension = Annotated[str, Option(help="Only sentences of this dimension.")]
Party = Annotated[
    bool,
    Option(
        "--force",
        help="With --adjudicator: also decide disagreements to which you are a party. They are shown as such.",
    ),
]
Suggestions = Annotated[
    bool, Option("--show-suggestions", help="Show what tagger and models say. It influences people.")
]

# Language models
ModelName = Annotated[str, Option(help="Name of the model at the endpoint.")]
BaseUrl = Annotated[str | None, Option(help="URL of the endpoint, up to /v1. Default: OPENAI_BASE_URL, or OpenAI.")]
KeyVariable = Annotated[str | None, Option(help="Environment variable that holds the key. Default: OPENAI_API_KEY.")]
Parameters = Annotated[
    list[str] | None,
    Option(help="NAME=VALUE to send with each request; null omits a default one. Repeat for several."),
]
Price = Annotated[
    str | None, Option(help="IN,OUT: USD per million tokens; 0,0 is free. Default: the list that comes with g7tag.")
]
MaxCost = Annotated[float | None, Option(min=0, help="Maximum cost in USD.")]
MaxRequests = Annotated[int | None, Option(min=0, help="Maximum number of calls.")]
Concurrency = Annotated[int, Option(min=1, max=256, help="Number of calls at the same time.")]
Deadline = Annotated[float, Option(min=0.1, help="Maximum number of seconds per call.")]
DryRun = Annotated[bool, Option("--dry-run", help="Print what would be sent and its maximum cost; send nothing.")]


def write(*lines: str, err: bool = False) -> None:
    """Write lines on stdout or stderr, without anything that drives a terminal."""
    for line in lines:
        echo(report.printable(line), err=err)


def print_or_json(table: "pd.DataFrame", *, as_json: bool, frame: str = "") -> None:
    """Print a table, or write it as JSON."""
    if as_json:
        write_json(table)
    else:
        report.print_table(table, frame=frame)


def write_json(value: Any) -> None:
    """Write a value, or frames in it, as JSON on stdout; characters that drive a terminal are written as escapes."""
    from g7tag.report.terminal import UNPRINTABLE

    text = json.dumps(
        value, indent=1, ensure_ascii=False, default=lambda frame: json.loads(frame.to_json(orient="records"))
    )
    echo(UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
