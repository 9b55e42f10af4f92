"""Configuration of the documentation. Also writes the pages that are made from the code: commands, frames, notebooks.

Build: `sphinx-build -W docs docs/_build`. `-D nb_execution_mode=force` also runs the notebooks, to show their results.
"""

import re
import shutil
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version as version_of
from itertools import groupby
from pathlib import Path
from typing import Any

from typer.main import get_command

from g7tag.cli import app
from g7tag.cli.main import GROUPS
from g7tag.frames import BOARD, CHANGES, CHAPTERS, FIXED, FRAME_WORDS, PANEL, column_word, tags_model, value_words
from g7tag.jobs import open_codebook

DOCS = Path(__file__).parent
project, author, copyright = "g7tag", "The g7tag developers", "2026, the g7tag developers"
version = release = version_of("g7tag")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
html_theme, html_title = "furo", "g7tag"
html_static_path: list[str] = []
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
autodoc_typehints = "none"
napoleon_numpy_docstring, napoleon_google_docstring = True, False
copybutton_exclude = ".linenos, .gp, .go"
suppress_warnings = ["config.cache"]


COMMON_OPTIONS = {"--output", "--codebook", "--force", "--quiet", "--json"}
"""Options of most commands, which the head of the page explains."""
MAIN_OPTIONS = {
    "run": "--codebooks --draft --model --tagger --policy --commitment --year",
    "ingest": "--blocks --commitment --year",
    "label": "--annotator --adjudicator --select --assign --coders",
    "desk": "--annotator --adjudicator --select --show-suggestions",
    "tag": "--model --tagger --explain --processes --scheduler",
    "review": "--model --base-url --select --dry-run --max-cost --trial",
    "trial": "--model --base-url --dry-run --max-cost --alpha --flips",
    "codebook new": "--commitment --year --model --dry-run",
}
"""The options that the page names of commands with many; of the others it names all but the common ones."""
TOGETHER = {
    "scores": {"p_minus1 p_0 p_plus1": "Probability of each score; what is missing to 1 is that of no score."},
    "sentences": {"start end": "Places of the first character, and after the last one, in the document's text."},
    "marks": {"start end": "Places of the first marked character, and after the last one, in the sentence."},
    "members": {
        "table_score heading_score stated_score": "Score in the table, in the heading and in the closing sentence."
    },
    "evidence_matrix": {"n_strong n_weak": "Numbers of items with strong and with weak action that count."},
    "citations": {"published accessed": "Days of publication, and on which the analysts read the source."},
    "summary": {"value percent": "Score or average, from -1 to 1, and the same in percent: 50 for 0, 100 for +1."},
    "flips": {
        "size n_sets": "Fewest items whose labels must change (missing if none do), and number of such sets of items.",
        "item_ids sentence_ids": "Items of the most likely set, and their sentences whose labels change.",
    },
    "equal_evidence": {
        "n_items n_drawn": "Numbers of items of the member in the period, and in each draw.",
        "p_minus1 p_0 p_plus1": "Share of draws with each score; what is missing to 1 has no score.",
    },
    "tags": {"p_done p_planned p_not_done p_reversed p_background": "Probability of each act."},
}
"""What several columns of a frame mean together."""
NO_NEWS = {
    "1", "a", "action", "address", "all", "an", "and", "as", "at", "by", "conclusion", "each", "found", "from", "id",
    "ids", "in", "interpretive", "is", "it", "item", "its", "marked", "name", "names", "number", "of", "on", "or",
    "printed", "report", "score", "sentence", "separated", "semicolons", "shows", "source", "start", "that", "the",
    "to", "used", "was", "web", "what", "which", "with",
}  # fmt: skip
"""Words that tell a reader of a column's name and frame nothing new."""


def write_commands() -> None:
    """Write the page of commands: for each what it does and its main options, in the order of the help."""
    known = get_command(app).commands
    rows = ["command | what it does | main options", "---|---|---"]
    for name in (each for group in GROUPS.values() for each in group):
        for sub, command in getattr(known[name], "commands", {"": known[name]}).items():
            full = f"{name} {sub}".strip()
            rows.append(f"`{full}` | {first_sentence(command.help)} | {main_options(full, command)}".rstrip())
    head = (DOCS / "reference" / "commands-head.txt").read_text(encoding="utf-8")
    (DOCS / "reference" / "commands.md").write_text(head.replace("COMMANDS", "\n".join(rows)), encoding="utf-8")


def first_sentence(text: str) -> str:
    """Return the first sentence of a help."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).split(". ")[0].rstrip(".") + "."


def main_options(name: str, command: Any) -> str:
    """Return the main options of a command, by their long names."""
    given = [max(each.opts, key=len) for each in command.params if each.param_type_name == "option"]
    main = (
        MAIN_OPTIONS[name].split() if name in MAIN_OPTIONS else [each for each in given if each not in COMMON_OPTIONS]
    )
    unknown = set(main) - set(given)
    if unknown:
        message = f"docs/conf.py: g7tag {name} has no option {unknown}"
        raise ValueError(message)
    return " ".join(f"`{each}`" for each in main)


def write_frames() -> None:
    """Write the page of frames from their schemas: first the columns of several frames, then each frame."""
    book = open_codebook()
    models = {**FIXED, **PANEL, **CHANGES, "tags": tags_model(book), "chapters": CHAPTERS, "board": BOARD}
    models = {name: models[name] for name in FRAME_WORDS if name in models}
    columns = {name: {str(each): spec for each, spec in model.columns.items()} for name, model in models.items()}
    known = {
        name: {each: meaning(each, name, spec, book.labels) for each, spec in columns[name].items()} for name in models
    }
    times = Counter(pair for listed in known.values() for pair in listed.items())
    several = {column: found for (column, found), number in times.items() if number > 1}
    specs = {column: spec for listed in columns.values() for column, spec in listed.items()}
    parts = [(DOCS / "reference" / "frames-head.txt").read_text(encoding="utf-8")]
    plain = {column for column, found in several.items() if says_no_more(found, column)}
    rest = {column: found for column, found in several.items() if column not in plain}
    also = [named(column, specs[column]) for column in several if column in plain]
    parts.append(f"## Columns of several frames\n\nAlso: {', '.join(also)}.\n\n" + table_of(rest, specs))
    for name, model in models.items():
        told = {each: found for each, found in known[name].items() if several.get(each) != found}
        told = {each: found for each, found in told.items() if not says_no_more(found, each, name)}
        left = [each for each in columns[name] if each not in (*told, *model.unique)]
        also = [f"`{each}`" if each in several else named(each, specs[each]) for each in left]
        first = f"{FRAME_WORDS[name].note} Key: {', '.join(f'`{each}`' for each in model.unique)}."
        last = f" Also: {', '.join(also)}." if also else ""
        parts.append(f"## {name}\n\n{first}{last}\n")
        parts.extend([table_of(told, columns[name])] if told else [])
    (DOCS / "reference" / "frames.md").write_text("\n".join(parts), encoding="utf-8")


def table_of(told: Mapping[str, str], specs: Mapping[str, Any]) -> str:
    """Return a table of columns and what they mean; neighbours with one meaning share a row."""
    rows = ["column | meaning", "---|---"]
    for found, group in groupby(told, key=lambda each: told[each]):
        *others, last = group
        rows.append(f"{', '.join([*(f'`{each}`' for each in others), named(last, specs[last])])} | {found}")
    return "\n".join(rows) + "\n"


def named(column: str, spec: Any) -> str:
    """Return a column's name, with its type unless that is text."""
    dtype = spec.metadata["dtype"]
    return f"`{column}`" if dtype == "str" else f"`{column}` {dtype}"


def meaning(column: str, frame: str, spec: Any, labels: Mapping[str, str]) -> str:
    """Return what a column means: if it has a closed set of values, what these mean."""
    for listed, found in TOGETHER.get(frame, {}).items():
        if column in listed.split():
            return found
    whole = column_word(column, frame, labels=labels).note.replace(", separated by semicolons", "")
    if column == "check":
        return "[Audit check](checks.md) that found it."
    allowed = [each.statistics["allowed_values"] for each in spec.checks if "allowed_values" in each.statistics]
    words = {value: word for value, word in value_words(column, frame).items() if not allowed or value in allowed[0]}
    values = [
        f"`{value}`"
        if word.name.lower().replace(" ", "_") == value
        else f"`{value}`: {word.name[:1].lower() + word.name[1:]}"
        for value, word in words.items()
    ]
    values += [f"empty {whole.split('; empty ')[1].rstrip('.')}"] if values and "; empty " in whole else []
    return f"{'; '.join(values)}." if values else whole


def says_no_more(found: str, *names: str) -> bool:
    """Whether a meaning only repeats the names of a value, its column and its frame."""
    told = {each[:5] for each in re.findall(r"[a-z]+|\d", found.lower()) if each not in NO_NEWS}
    return told <= {part[:5] for name in names for part in [*name.split("_"), "file", "member", "chapter"]}


def copy_notebooks() -> None:
    """Copy the notebooks into the documentation."""
    target = DOCS / "notebooks"
    target.mkdir(exist_ok=True)
    for path in sorted((DOCS.parent / "notebooks").glob("*.ipynb")):
        shutil.copy(path, target / path.name)


write_commands()
write_frames()
copy_notebooks()
