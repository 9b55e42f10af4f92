"""The commands by name, in the order of an analyst's day, and the one place where an error stops."""

import io
import os
import signal
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from g7tag import jobs, store
from g7tag.cli import data, models, people, results, runs, start
from g7tag.cli.options import INTERRUPTED, TERMINATED, unbundled, write
from g7tag.errors import G7TagError

codebooks = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Draft, print, check or compare codebooks.")
codebooks.command("new")(unbundled(data.codebook_new))
codebooks.command("show")(data.codebook_show)
codebooks.command("check")(data.codebook_check)
codebooks.command("diff")(data.codebook_diff)
corpora = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Check labelled sentences, or make them from people's labels."
)
corpora.command("check")(data.corpus_check)
corpora.command("add")(data.corpus_add)
GROUPS: dict[str, dict[str, Any]] = {
    "Start a project": {"init": start.init, "status": start.status},
    "Analyse a report": {
        "run": runs.run, "audit": results.audit, "score": runs.score, "report": results.report_run,
        "exhibit": results.exhibit, "compare": results.compare, "panel": results.panel, "update": results.update,
    },
    "Label with people": {
        "label": people.label, "desk": people.desk, "merge": people.merge, "agreement": people.agreement,
        "certify": people.certify,
    },
    "Step by step, and in bulk": {"ingest": runs.ingest, "tag": runs.tag},
    "Ask a language model": {"review": models.review, "trial": models.trial},
    "Codebooks and taggers": {"codebook": codebooks, "corpus": corpora, "train": data.train, "evaluate": data.evaluate},
    "Help": {"doctor": start.doctor},
}  # fmt: skip
"""Every command under the heading that `g7tag --help` prints."""


class Grouped(TyperGroup):
    """A group whose help lists its commands under headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands of each heading, with their full summary."""
        for heading, names in GROUPS.items():
            with formatter.section(heading):
                summaries = {name: (self.commands[name].help or "").strip().split("\n\n")[0] for name in names}
                formatter.write_dl([(name, " ".join(summary.split())) for name, summary in summaries.items()])


app = typer.Typer(
    cls=Grouped, invoke_without_command=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
for commands in GROUPS.values():
    for name, command in commands.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(unbundled(command))


def _version(value: bool) -> None:
    if value:
        typer.echo(f"g7tag {store.package_version()}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Tag the evidence of a G7 compliance report, suggest scores, and compare them with the published ones.

    Example: g7tag run data/examples/invented-report.txt -o run

    `g7tag` alone suggests what to do next in this folder.
    """
    if context.invoked_subcommand is None:
        write(*jobs.next_steps())


def _in_one_line(message: str) -> str:
    """The message with control characters in names that the user gave replaced by "?"."""
    for word in sys.argv[1:]:
        if not word.isprintable():
            given = {word, word.partition("=")[2], word[2:]} - {""}  # also joined to an option
            names = {*given, *map(os.path.normpath, given), *map(os.path.basename, given)} - {""}
            for name in sorted(names, key=len, reverse=True):  # a name before its end
                message = message.replace(name, "".join(each if each.isprintable() else "?" for each in name))
    return message


def _accept_any_letter(stream: object) -> None:
    """Let a stream write letters that its encoding lacks, as escapes; on Windows, pipes and files get UTF-8."""
    if isinstance(stream, io.TextIOWrapper):
        is_asked_for = sys.platform != "win32" or "PYTHONIOENCODING" in os.environ
        stream.reconfigure(encoding=None if is_asked_for else "utf-8", errors="backslashreplace")


def main() -> None:
    """Run the command line; the one place where an error stops."""
    _accept_any_letter(sys.stdout)
    signal.signal(signal.SIGINT, lambda *_: sys.exit(INTERRUPTED))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # temporary folders are deleted
    try:
        app()
    except G7TagError as error:
        write(f"g7tag: {_in_one_line(str(error))}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of stdout, such as a pager, stopped reading
        os._exit(0)
    except OSError as error:
        write(f"g7tag: cannot write the result ({error.strerror}). Free some space, or choose another place.", err=True)
        sys.exit(3)
