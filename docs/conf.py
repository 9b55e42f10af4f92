"""Configuration of the documentation. Also writes the pages that are made from the code: commands, frames, notebooks.

Build: `sphinx-build -W docs docs/_build`. `-D nb_execution_mode=off` renders the notebooks without running them.
"""

import shutil
from importlib.metadata import version as version_of
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from g7tag.cli import app
from g7tag.cli.main import GROUPS
from g7tag.frames import FIXED, FRAME_WORDS, column_word, tags_model, value_words
from g7tag.jobs import open_codebook

DOCS = Path(__file__).parent
project, author, copyright = "g7tag", "The g7tag developers", "2026, the g7tag developers"
version = release = version_of("g7tag")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
html_theme, html_title = "furo", "g7tag"
html_static_path: list[str] = []
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
autodoc_typehints = "none"
napoleon_numpy_docstring, napoleon_google_docstring = True, False
copybutton_exclude = ".linenos, .gp, .go"
suppress_warnings = ["config.cache"]


def command_names() -> list[str]:
    """Return every command, those of a group with its name, in the order of the help."""
    known = get_command(app).commands
    names = [name for listed in GROUPS.values() for name in listed]
    return [
        " ".join(words)
        for name in names
        for words in ([(name, sub) for sub in getattr(known[name], "commands", {})] or [(name,)])
    ]


def write_commands() -> None:
    """Write the page of commands from their help."""
    parts = [(DOCS / "reference" / "commands-head.txt").read_text(encoding="utf-8")]
    for command in command_names():
        result = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "100"}, prog_name="g7tag")
        parts.append(f"## g7tag {command}\n\n```text\n{result.stdout.strip()}\n```\n")
    (DOCS / "reference" / "commands.md").write_text("\n".join(parts), encoding="utf-8")


def write_frames() -> None:
    """Write the page of frames from their schemas."""
    book = open_codebook()
    models = {**FIXED, "tags": tags_model(book)}
    parts = [(DOCS / "reference" / "frames-head.txt").read_text(encoding="utf-8")]
    for name in (each for each in FRAME_WORDS if each in models):
        model, key = models[name], ", ".join(f"`{each}`" for each in models[name].unique)
        rows = []
        for column, spec in model.columns.items():
            word = column_word(str(column), name, labels=book.labels)
            rows.append(
                f"| `{column}` | {word.name} | {spec.metadata['dtype']} | {word.note}{values_of(name, str(column))} |"
            )
        parts.append(f"## {name}\n\n{FRAME_WORDS[name].note} Key: {key}.\n")
        parts.append("\n".join(["| column | shown as | type | meaning |", "|---|---|---|---|", *rows]) + "\n")
    (DOCS / "reference" / "frames.md").write_text("\n".join(parts), encoding="utf-8")


def values_of(frame: str, column: str) -> str:
    """Return the values of a column and what they mean, "" if any value is possible."""
    if column == "check":
        return " See [Audit checks](checks.md)."
    words = value_words(column, frame).items()
    return "".join(f"<br>`{value}`: {word.name}. {word.note}" for value, word in words)


def copy_notebooks() -> None:
    """Copy the notebooks into the documentation."""
    target = DOCS / "notebooks"
    target.mkdir(exist_ok=True)
    for path in sorted((DOCS.parent / "notebooks").glob("*.ipynb")):
        shutil.copy(path, target / path.name)


write_commands()
write_frames()
copy_notebooks()
