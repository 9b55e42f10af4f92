"""The commands by name, and the one place where an error stops."""

import os
import signal
import sys
from typing import Annotated

import typer

from g7tag.cli import audits, data, models, people, reports, runs
from g7tag.cli.options import INTERRUPTED, write
from g7tag.errors import G7TagError
from g7tag.store import package_version

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
codebooks = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at a codebook, and check it.")
corpora = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look after the labelled corpus.")
for command in (
    reports.run, reports.ingest, runs.tag, runs.score, people.label, models.review, models.trial, audits.audit,
    data.train, data.evaluate,
):  # fmt: skip
    app.command()(command)
codebooks.command("show")(data.codebook_show)
codebooks.command("check")(audits.codebook_check)
corpora.command("check")(data.corpus_check)
app.add_typer(codebooks, name="codebook")
app.add_typer(corpora, name="corpus")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"g7tag {package_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Tag the evidence of a G7 compliance report, suggest scores, and reconcile them with the analysts'."""


def _in_one_line(message: str) -> str:
    """A message in which no name that was given, such as that of a file, begins a line of its own."""
    for word in sys.argv[1:]:
        if not word.isprintable():
            given = {word, word.partition("=")[2], word[2:]} - {""}  # also joined to an option
            for name in {*given, *map(os.path.normpath, given), *map(os.path.basename, given)} - {""}:
                message = message.replace(name, "".join(each if each.isprintable() else "?" for each in name))
    return message


def main() -> None:
    """Run the command line; the one place where an error stops."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(INTERRUPTED))
    try:
        app()
    except G7TagError as error:
        write(f"g7tag: {_in_one_line(str(error))}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of stdout, a pager perhaps, had enough
        os._exit(0)
    except OSError as error:
        write(f"g7tag: cannot write the result ({error.strerror}). Make room, or name another place.", err=True)
        sys.exit(3)
