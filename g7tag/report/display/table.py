"""Any frame as a table to read: which columns it shows, and how."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from g7tag.audit import counted
from g7tag.report.display.behind import NOTHING, Behind
from g7tag.report.display.cells import Cell, fold, joined, link, one_line, plain
from g7tag.report.terminal import table_text
from g7tag.scoring import signed

MOST = 50
"""Rows shown unless asked otherwise."""
KEYS = ("sentence_id", "item_id")
"""Columns of which the first that a frame has says what its rows are of."""
IDS = ("proof", "candidate_ids", "item_ids", "sentence_ids")
"""Columns of ids, separated by ";"."""
_TAGS = ("p_strong", "p_excluded", "margin", "tagger")
"""Columns by which a tags frame is known, and which are folded away or left out."""
NOTED = "What to know"
_FINDING = ["severity", "member", "message", "proof", "finding_id"]
"""Columns of findings that are shown, and their order; check and subject stand in the id."""
_KINDS = dict.fromkeys(("text", "message", "note", NOTED), "words") | dict.fromkeys((*KEYS, "member", "date"), "whole")
"""Columns of sentences, which need room, and of what should not be broken."""
_STYLE = """<style>
.g7tag-shown table { border-collapse: collapse; }
.g7tag-shown th, .g7tag-shown td { text-align: left !important; vertical-align: top; }
.g7tag-shown th, .g7tag-shown td { padding: .3em .6em; max-width: 42em; }
.g7tag-shown td.whole { white-space: nowrap; }
.g7tag-shown td.words { min-width: 24em; }
.g7tag-shown summary { cursor: pointer; }
.g7tag-shown sub { font-size: .7em; }
</style>"""


class Shown:
    """A table to read: as HTML in a notebook, as text elsewhere.

    Parameters
    ----------
    columns
        Its cells by column, all columns of one length.
    caption
        What stands below it.
    """

    def __init__(self, columns: dict[str, list[Cell]], caption: str) -> None:
        self.columns = columns
        self.caption = caption

    def __repr__(self) -> str:
        texts = pd.DataFrame({name: [cell.text for cell in cells] for name, cells in self.columns.items()})
        return f"{table_text(texts)}{one_line(self.caption)}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(one_line(name))}</th>" for name in self.columns)
        rows = zip(*self.columns.values(), strict=True)
        kinds = [f' class="{_KINDS[name]}"' if name in _KINDS else "" for name in self.columns]
        body = "\n".join(
            "<tr>" + "".join(f"<td{kind}>{cell.html}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
            for row in rows
        )
        table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
        return f"<div class='g7tag-shown'>{_STYLE}\n{table}\n<p>{escape(one_line(self.caption))}</p></div>"


def show_frame(
    frame: pd.DataFrame, behind: Behind = NOTHING, *, why: pd.Series | None = None, most: int | None = MOST
) -> Shown:
    """Return a frame as a table to read.

    Parameters
    ----------
    frame
        Any frame. Rows with a sentence_id or item_id get their text, day and sources; ids that prove a finding unfold
        to what they stand for; the probabilities of tags are folded away. All else is shown as it is.
    behind
        What stands behind the ids; without it they are shown as they are.
    why
        Of each row, what spoke for its tag; None leaves it out.
    most
        Rows that are shown, from the top; None shows all.
    """
    rows = frame if most is None else frame.head(most)
    columns = dict(_columns(rows.set_axis(_names(rows), axis=1), behind))
    if why is not None:
        columns["why"] = [_why(words) for words in why.head(len(rows))]
    count = counted(len(frame), "row")
    count = count if len(rows) == len(frame) else f"The first {len(rows)} of {count}"
    marks = "; marked: the words that spoke most for a dimension, which is named at its first mark"
    return Shown(columns, f"{count}{marks if _is_marked(columns) else ''}.")


def show_lists(lists: Mapping[str, Sequence[str]], *, caption: str) -> Shown:
    """Return headings with lines that are folded away under each."""
    folds = []
    for head, lines in lists.items():
        cells = [Cell(one_line(line), escape(one_line(line))) for line in lines]
        folds.append(Cell(joined([plain(head), *cells], " ").text, fold(head, cells).html))
    return Shown({"": folds}, caption)


def show_notes(lines: Sequence[str]) -> Shown:
    """Return lines of text as paragraphs to read."""
    return Shown({NOTED: [Cell(one_line(line), escape(one_line(line))) for line in lines]}, "")


def _columns(rows: pd.DataFrame, behind: Behind) -> Iterator[tuple[str, list[Cell]]]:
    """The columns to show, in the frame's order: text after the id of a sentence or an item, day and sources last."""
    is_tags = set(_TAGS) <= set(rows.columns)
    key = next((name for name in KEYS if name in rows and behind.texts), None)
    told = {"text", "citations", *(["date"] if key == "item_id" else [])} if key else set()
    rows = rows[_FINDING] if set(_FINDING) <= set(rows.columns) else rows
    for name in rows.columns:
        if (is_tags and _is_folded(name, rows)) or name in told:
            continue
        yield name, [_shown(name, value, behind) for value in rows[name]]
        if name == key:
            yield "text", [_text(row, key, behind) for row in rows.to_dict("records")]
    if is_tags:
        shares = [name for name in rows.columns if name.startswith("p_") and name != "p_right"]
        yield "probabilities", [_probabilities(row, shares) for row in rows[shares].to_dict("records")]
    if key and "url" not in rows:
        items = [behind.item_of.get(each, each) for each in rows[key]]
        yield "date", [behind.days.get(item, plain(None)) for item in items]
        yield "source", [behind.sources.get(item, plain(None)) for item in items]


def _names(rows: pd.DataFrame) -> list[str]:
    """The names of columns as text, no two alike: a second one of a name has its number."""
    names: list[str] = []
    for name in map(str, rows.columns):
        again = sum(each == name or each.startswith(f"{name} (") for each in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def _is_folded(name: str, rows: pd.DataFrame) -> bool:
    """Whether a column of tags is not shown in its place: probabilities, and what is the same for all."""
    return (
        name in _TAGS
        or (name.startswith("p_") and name != "p_right")
        or (name == "status" and set(rows[name]) <= {"ok"})
    )


def _shown(name: str, value: Any, behind: Behind) -> Cell:
    if not pd.api.types.is_scalar(value) or pd.isna(value):
        return plain(value)
    if name == "url":
        return link(str(value), str(value))
    if name.endswith("_score") and pd.api.types.is_integer(value):
        return plain(signed(value))
    if name in IDS and behind.texts and value:
        return _ids(str(value).split(";"), behind)
    return plain(value)


def _text(row: dict[Any, Any], key: str, behind: Behind) -> Cell:
    """The text of a sentence or of all an item's sentences with its marks; another text of the row's own without."""
    own = plain(row.get("text"))
    its = [row[key]] if key == "sentence_id" else behind.sentences_of.get(row[key], [])
    known = joined((behind.texts[each] for each in its if each in behind.texts), " ")
    return own if own.text and own.text.split() != known.text.split() else known


def _ids(ids: Sequence[str], behind: Behind) -> Cell:
    """Ids that unfold to what they stand for, a sentence within its item; others as they are."""
    names = ", ".join(each.rpartition("/")[2] for each in ids)
    told_of = (behind.notes, behind.texts, behind.sentences_of, behind.conclusions)
    known = [each for each in ids if any(each in its for its in told_of)]
    told = [_told(each, behind) for each in known if behind.item_of.get(each) not in ids]
    return fold(names, told) if told else plain(names)


def _told(proof: str, behind: Behind) -> Cell:
    """What an id stands for: an item's day, text and sources, a sentence's text, a note, conclusions on a member."""
    for its in (behind.notes, behind.conclusions):
        if proof in its:
            return joined([plain(proof), its[proof]], ": ")
    sentences = behind.sentences_of.get(proof, [proof])
    item = behind.item_of[sentences[0]]
    head = joined([plain(proof.rpartition("/")[2]), behind.days.get(item, plain(None))], ", ")
    text = joined((behind.texts[each] for each in sentences), " ")
    return joined([head, text, behind.sources.get(item, plain(None))], ": ")


def _probabilities(row: dict[Any, Any], names: Sequence[Any]) -> Cell:
    shares = [f"{str(name).removeprefix('p_')} {row[name]:.0%}" for name in names if not pd.isna(row[name])]
    return _folded_away("show", shares)


def _why(words: str) -> Cell:
    return _folded_away("show", [part for part in words.split(" | ") if part])


def _folded_away(summary: str, parts: Sequence[str]) -> Cell:
    """Parts that are folded away in HTML and stand in a row in plain text; none give nothing."""
    if not parts:
        return plain(None)
    return Cell(joined(map(plain, parts)).text, fold(summary, map(plain, parts)).html)


def _is_marked(columns: dict[str, list[Cell]]) -> bool:
    return any("<mark" in cell.html for cells in columns.values() for cell in cells)
