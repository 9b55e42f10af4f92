"""Options that several commands share, exit codes, and how a command writes a line."""

import inspect
import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from typer import BadParameter, Option, echo

from g7tag import report

if TYPE_CHECKING:
    import pandas as pd

UNFINISHED, BUDGET, ENDPOINT = 4, 5, 6
"""Exit codes: part of the input was not processed or a check failed; a budget ended; an endpoint cannot be used."""
INTERRUPTED, TERMINATED = 130, 143
"""Exit codes: interrupted (finished work is kept); terminated by another program (SIGTERM)."""

Codebook = Annotated[
    Path | None,
    Option(
        help="Codebook file (TOML), or the id of one that comes with g7tag (2024-apulia-09, -18, -19); a better "
        "version replaces that of a run. Default: that of the run, or 2024-apulia-19."
    ),
]
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
KeepHidden = Annotated[bool, Option("--keep-hidden", help="Treat hidden text (white, tiny, covered) as evidence.")]
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

Select = Annotated[
    list[str] | None,
    Option(
        help="doubtful, flips (they decide a score), deciding (these, and those that scores and levels are based on), "
        "disagreements, all, or audit (a random sample); repeat for several."
    ),
]

# Taggers
Model = Annotated[
    Path | None, Option(help="Tagger to use, a file made by `g7tag train`. Default: the tagger that comes with g7tag.")
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


@dataclass(frozen=True)
class Chosen:
    """Which sentences a person labels, and in which role."""

    adjudicator: Annotated[
        bool, Option("--adjudicator", help="Decide the sentences on which analysts disagree; these labels count first.")
    ] = False
    force: Annotated[
        bool,
        Option(
            "--force",
            help="With --adjudicator: also decide disagreements to which you are a party. They are shown as such.",
        ),
    ] = False
    select: Select = None
    member: Annotated[str, Option(help="Only sentences of this member (name or code).")] = ""
    dimension: Annotated[str, Option(help="Only sentences of this dimension.")] = ""
    show_suggestions: Annotated[
        bool, Option("--show-suggestions", help="Show what tagger and models say. It influences people.")
    ] = False


def unbundled(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command in which each parameter that is a dataclass of options is replaced by its options."""
    signature = inspect.signature(command)
    every = signature.parameters.values()
    bundles: dict[str, Any] = {each.name: each.annotation for each in every if is_dataclass(each.annotation)}
    options = [
        option.replace(kind=option.KEYWORD_ONLY)
        for each in every
        for option in (inspect.signature(bundles[each.name]).parameters.values() if each.name in bundles else [each])
    ]

    @wraps(command)
    def run(**given: Any) -> None:
        made = {
            name: bundle(**{each.name: given.pop(each.name) for each in fields(bundle)})
            for name, bundle in bundles.items()
        }
        command(**given, **made)

    run.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    return run


def refuse(option: str, why: str) -> NoReturn:
    """Exit with code 2, because an option cannot be used like this."""
    raise BadParameter(why, param_hint=option)


def write(*lines: str, err: bool = False) -> None:
    """Write lines on stdout or stderr, without anything that drives a terminal."""
    for line in lines:
        echo(report.printable(line), err=err)


def write_wrapped(lines: Iterable[str], *, indent: str = "") -> None:
    """Write lines on stdout, on a terminal wrapped at its width."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for line in lines:
        write(
            textwrap.fill(line, width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
        )


def write_tables(tables: "Mapping[str, pd.DataFrame]", *, frame: str = "") -> None:
    """Print tables under their headings."""
    for heading, table in tables.items():
        write(heading)
        report.print_table(table, frame=frame)


def write_parts(parts: "Iterable[tuple[str, list[str], pd.DataFrame]]") -> None:
    """Print the lines and the table of each part under its heading."""
    for name, lines, table in parts:
        write(f"\n{name}", *lines)
        if len(table):
            report.print_table(table)


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
