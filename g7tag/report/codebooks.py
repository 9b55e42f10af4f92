"""Codebooks as tables, drafts as files with comments, and what is unchecked or wrong in them as lines."""

import re
import textwrap
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

from g7tag.codebook import Codebook, unchecked_drafts
from g7tag.report.cells import read_asset
from g7tag.report.terminal import printable
from g7tag.scoring import PROBLEMS, signed
from g7tag.text import counted, quoted


def codebook_tables(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return the parts of a codebook as tables by heading, without empty parts."""
    categories = {
        "Dimensions": codebook.dimensions, "Acts": codebook.acts, "Strength": codebook.strengths,
        "Exclusions": codebook.exclusions,
    }  # fmt: skip
    tables = {
        name: pd.DataFrame([{"Key": part.key, "Label": part.label, "Definition": part.definition} for part in parts])
        for name, parts in categories.items()
    }
    for reading in codebook.readings:
        rules = [{"Score": signed(rule.score), "Rule": rule.name} for rule in reading.rules]
        tables[f"Rules of the reading {reading.name}. {reading.source}"] = pd.DataFrame(rules)
    drafts = unchecked_drafts(codebook)
    tables["Unchecked drafts"] = pd.DataFrame([{"Part": part, "Taken from": text} for part, text in drafts])
    tables["Open questions"] = pd.DataFrame([{"Question": question} for question in codebook.questions])
    tables["Settled cases"] = pd.DataFrame([{"Case": note.case, "Decision": note.decision} for note in codebook.notes])
    return {name: part for name, part in tables.items() if len(part)}


def rubric_lines(found: pd.DataFrame) -> list[str]:
    """Return the problems of the scoring rules, three lines per problem."""
    return [
        line
        for row in found.to_dict("records")
        for line in (
            f"{row['reading']}: {PROBLEMS[row['problem']]}",
            f"  in {row['n_states']} of {row['of']} states: {row['states']}",
            f"  smallest example: {row['witness']}",
        )
    ]


def draft_toml(content: Mapping[str, Any], source: str, words: Mapping[str, str]) -> str:
    """Return a drafted codebook as a TOML file; the words of the report `source` on a part are comments above it."""
    said = tomllib.loads(read_asset("draft.toml"))
    lines = re.sub(r"\[\n +(\d+),\n +(\d+),\n\]", r"[\1, \2]", tomli_w.dumps(content)).split("\n")
    for name, comment in said["comments"].items():
        starts = (f"{name} = ", f"[[{name}]]")
        place = next((place for place, line in enumerate(lines) if line.startswith(starts)), None)
        if place is not None:
            lines.insert(place, f"# {comment}{_quote(words.get(name, ''))}")
    if "readings" not in content:
        lines.append(said["no_readings"].format(n=len(content["dimensions"]), quote=_quote(words["readings"])))
    return "\n".join([said["head"].format(source=" ".join(printable(source).split())), *lines])


def _quote(text: str) -> str:
    """Return words of the report as further lines of a comment."""
    wrapped = [part for line in text.splitlines() for part in textwrap.wrap(printable(line), 114)]
    return "\n# ".join(["", "The chapter, word for word:", *(f"  {part}" for part in wrapped)]) if wrapped else ""


def draft_lines(codebook: Codebook) -> list[str]:
    """Return the open questions and the unchecked drafts of a codebook as lines, with what to do; empty if none."""
    drafts = unchecked_drafts(codebook)
    if not drafts and not codebook.questions:
        return []
    lines = [f"Open question: {question}" for question in codebook.questions]
    for part, taken_from in drafts:
        lines += [f"Draft: {part}", f"  taken from: {taken_from or 'no sentence of the chapter (standard wording)'}"]
    return [
        *lines,
        "To accept a draft, compare it with its sentence, then delete its line `draft = true`. To settle a question, "
        "change the part that it is about, then delete the question.",
    ]  # fmt: skip


def draft_warning(codebook: Codebook, path: Path) -> str:
    """Return one line that says on how many unchecked drafts scores rest; "" if on none."""
    n_drafts, n_questions = len(unchecked_drafts(codebook)), len(codebook.questions)
    if not n_drafts and not n_questions:
        return ""
    return (
        f"Codebook {codebook.id} is a draft: these scores rest on {counted(n_drafts, 'unchecked draft')} and "
        f"{counted(n_questions, 'open question')}. `g7tag codebook check {quoted(path)}` lists them."
    )
