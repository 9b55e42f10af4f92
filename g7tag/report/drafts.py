"""A drafted codebook as a file with comments, and its unchecked parts as lines."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from g7tag.codebook import Category, Codebook, Commitment, Member, Note, Reading, unchecked_drafts
from g7tag.report.terminal import printable
from g7tag.text import counted, quoted

_HEAD = """\
# A draft of a codebook, made by g7tag from {source}. Nobody has checked it yet.
#
# What to do, in this order:
# 1. Answer each question below: change the part that it is about, then delete the question.
# 2. Check the readings: their rules decide the scores. Compare each rule with the sentences in taken_from.
# 3. Check the dimensions, the exclusions and the strengths: could somebody else code by these definitions?
# 4. Check the commitment, its period and the members.
# 5. Delete the line "draft = true" of each part that you have checked. The line taken_from may stay.
# 6. g7tag codebook check FILE accepts the file when no question and no draft is left. It also lists problems of the
#    rules, such as gaps; these are refused only with --strict.
"""
_PARTS = {
    "members": "# Members, as the report heads their sections. Add adjectives, capitals and bodies to `names`.",
    "dimensions": "# What an action can be about. A sentence may have several dimensions or none. Cues are left out.",
    "strengths": "# How strong an action is.",
    "exclusions": "# What looks like evidence and does not count.",
    "notes": "# Cases that the guidelines leave open, and decisions.",
    "readings": "# The rules. `strong = [1, 2]`: one or two dimensions have strong action; left out, any number.",
}
_NO_READINGS = """\
# No rule could be read, so the file has no reading, and `g7tag codebook check` refuses it. An example to adapt:
# [[readings]]
# name = "scoring-table"
# label = "Table"
# source = "The Scoring Guidelines (the table)."
# rules = [
#     {{ name = "strong action in all dimensions", score = 1, strong = [{n}, {n}] }},
#     {{ name = "strong action in some", score = 0, strong = [1, {less}] }},
#     {{ name = "no strong action", score = -1, strong = [0, 0] }},
# ]
"""


def draft_toml(
    parts: Mapping[str, Any], *, source: str, min_strong_items: int, borrows: Sequence[str], version: str = "1"
) -> str:
    """Return a drafted codebook as a TOML file with comments."""
    n = len(parts["dimensions"])
    blocks = [_HEAD.format(source=" ".join(printable(source).split())), _questions(parts["questions"])]
    blocks.append(
        f"id = {_value(parts['id'])}\nversion = {_value(version)}\nmin_strong_items = {min_strong_items}   "
        "# strong items that make strong action in a dimension\n"
    )
    if borrows:
        blocks.append(
            "# Codebooks whose labelled sentences also teach what an act is, and what strong action is.\n"
            f"borrows = {_value(list(borrows))}\n"
        )
    blocks.append(_table("[commitment]", _commitment(parts["commitment"])))
    for name, comment in _PARTS.items():
        entries = [_entry(each) for each in parts[name]]
        if entries:
            blocks.append(f"{comment}\n" + "\n".join(_table(f"[[{name}]]", entry) for entry in entries))
        elif name == "readings":
            blocks.append(_NO_READINGS.format(n=n, less=max(n - 1, 1)))
    return "\n".join(blocks)


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


def _questions(questions: Sequence[str]) -> str:
    lines = "".join(f"    {_value(question)},\n" for question in questions)
    return f"# Questions that the chapter leaves open.\nquestions = [\n{lines}]\n" if questions else ""


def _commitment(commitment: Commitment) -> dict[str, Any]:
    names = ("id", "number", "title", "text", "period_start", "period_end")
    return {name: getattr(commitment, name) for name in names} | _marks(commitment)


def _entry(part: Member | Category | Reading | Note) -> dict[str, Any]:
    """Return the keys of a part that its table prints."""
    if isinstance(part, Member):
        return {"name": part.name, "code": part.code, **({"names": part.names} if part.names else {})}
    if isinstance(part, Reading):
        return {"name": part.name, "label": part.label, "source": part.source, **_marks(part), "rules": part.rules}
    if isinstance(part, Note):
        return {"case": part.case, "decision": part.decision, **_marks(part)}
    words = {"key": part.key, "label": part.label, "definition": part.definition}
    return words | ({"examples": part.examples} if part.examples else {}) | _marks(part)


def _marks(part: Commitment | Category | Reading | Note) -> dict[str, Any]:
    return {"draft": True} | ({"taken_from": part.taken_from} if part.taken_from else {}) if part.draft else {}


def _table(head: str, values: Mapping[str, Any]) -> str:
    lines = [f"{name} = {_value(value)}" for name, value in values.items() if name != "rules"]
    for rule in values.get("rules", ()):
        content = rule.model_dump(exclude_none=True, exclude_defaults=True)
        inside = ", ".join(f"{name} = {_value(value)}" for name, value in content.items())
        lines.append(f"    {{ {inside} }},")
    if "rules" in values:
        lines.insert(len(lines) - len(values["rules"]), "rules = [")
        lines.append("]")
    return f"{head}\n" + "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """Return a value as TOML in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").strip()
