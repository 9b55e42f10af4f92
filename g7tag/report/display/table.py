"""Frames as readable tables: which columns are shown, and how."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from g7tag.frames import NO_LABELS, SUMMARY, column_word, value_word, value_words
from g7tag.report.display.behind import NOTHING, Behind
from g7tag.report.display.cells import Cell, fold, joined, link, one_line, plain, worded
from g7tag.report.display.html import shown_html, table_html
from g7tag.report.headings import frame_of, headings
from g7tag.report.terminal import table_text
from g7tag.scoring import signed
from g7tag.text import counted

MOST = 50
"""Default number of rows to show."""
KEYS = ("sentence_id", "item_id")
"""Columns that identify the rows of a frame; the first one in the frame is used."""
IDS = ("proof", "candidate_ids", "item_ids", "sentence_ids")
"""Columns of ids, separated by ";"."""
_TAGS = ("p_strong", "p_excluded", "margin", "tagger")
"""Columns that identify a tags frame; they are folded or omitted."""
NOTED = "What to know"
_SCORES = ("suggested", "before", "after", "decision")
"""Columns of scores in addition to those whose name starts with "score_" or ends with "_score"."""
_FINDING = ["severity", "check", "member", "message", "proof", "finding_id"]
"""Columns of findings to show, in this order; the id includes the subject."""
_KINDS = dict.fromkeys(("text", "message", "note", NOTED), "words") | dict.fromkeys((*KEYS, "member", "date"), "whole")
"""Kinds of columns: text that needs space, and values that are not wrapped."""
_RANKED = ("severity", "strength", "level", "proposed_strength")
"""Columns that are sorted by the order of their values, not by name."""


class Shown:
    """A readable table, displayed as HTML in a notebook and as text otherwise."""

    def __init__(
        self,
        columns: dict[str, list[Cell]],
        caption: str,
        *,
        frame: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        n_last: int = 0,
    ) -> None:
        self.columns = columns
        self.caption = caption
        self.headings = headings(columns, frame, labels=labels)
        self.n_last = n_last

    def __repr__(self) -> str:
        texts = pd.DataFrame(
            {self.headings[name].text: [cell.text for cell in cells] for name, cells in self.columns.items()}
        )
        return f"{table_text(texts)}{one_line(self.caption)}"

    def _repr_html_(self) -> str:
        return shown_html(table_html(self.columns, self.headings, kinds=_KINDS, n_last=self.n_last), self.caption)


class ShownLists(Shown):
    """Lines under headings: folded in a notebook, indented in text."""

    def __init__(self, lists: Mapping[str, Sequence[str]], caption: str) -> None:
        super().__init__({}, caption)
        self.lists = lists

    def __repr__(self) -> str:
        parts = (
            "\n".join([one_line(head), *(f"  {one_line(line)}" for line in lines)])
            for head, lines in self.lists.items()
        )
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        folds = (fold(head, [_line(line) for line in lines]).html for head, lines in self.lists.items())
        return shown_html("\n".join(folds), self.caption)


class ShownNotes(Shown):
    """Lines of text: paragraphs in a notebook, a table in text."""

    def _repr_html_(self) -> str:
        lines = (f"<p class='note'>{cell.html}</p>" for cells in self.columns.values() for cell in cells)
        return shown_html("\n".join(lines), self.caption)


def show_frame(
    frame: pd.DataFrame,
    behind: Behind = NOTHING,
    *,
    name: str = "",
    why: pd.Series | None = None,
    most: int | None = MOST,
    n_last: int = 0,
) -> Shown:
    """Return a frame as a readable table."""
    name = name or frame_of(map(str, frame.columns))
    rows = frame if most is None else frame.head(most)
    columns = dict(_columns(rows.set_axis(_names(rows), axis=1), behind, name))
    if why is not None:
        columns["why"] = [_why(words) for words in why.head(len(rows))]
    count = counted(len(frame), "row")
    count = count if len(rows) == len(frame) else f"The first {len(rows)} of {count}"
    marks = ". Marked words led the tagger to a dimension; its first mark names it"
    caption = f"{count}{marks if _is_marked(columns) else ''}."
    return Shown(columns, caption, frame=name, labels=behind.labels, n_last=n_last)


def show_lists(lists: Mapping[str, Sequence[str]], *, caption: str) -> Shown:
    """Return headings with lines folded under each."""
    return ShownLists(lists, caption)


def show_notes(lines: Sequence[str]) -> Shown:
    """Return lines of text as paragraphs."""
    return ShownNotes({NOTED: [_line(line) for line in lines]}, "")


def _line(text: str) -> Cell:
    return Cell(one_line(text), escape(one_line(text)))


def _columns(rows: pd.DataFrame, behind: Behind, frame: str) -> Iterator[tuple[str, list[Cell]]]:
    """Yield the columns to show in the frame's order: text after a sentence or item id, day and sources last."""
    is_tags = set(_TAGS) <= set(rows.columns)
    is_summary = set(SUMMARY.columns) <= set(rows.columns)
    key = next((name for name in KEYS if name in rows and behind.texts), None)
    replaced = {"text", "citations", *(["date"] if key == "item_id" else [])} if key else set()
    rows = rows[_FINDING] if set(_FINDING) <= set(rows.columns) else rows
    for name in rows.columns:
        if (is_tags and _is_folded(name, rows)) or name in replaced:
            continue
        if is_summary and name == "value":
            yield name, [_signed_value(value) for value in rows[name]]
            continue
        yield name, [_shown(name, value, behind, frame) for value in rows[name]]
        if name == key:
            yield "text", [_text(row, key, behind) for row in rows.to_dict("records")]
    if is_tags:
        shares = [name for name in rows.columns if name.startswith("p_") and name != "p_right"]
        yield "probabilities", [_probabilities(row, shares, behind) for row in rows[shares].to_dict("records")]
    if key and "url" not in rows:
        items = [behind.item_of.get(each, each) for each in rows[key]]
        yield "date", [behind.days.get(item, plain(None)) for item in items]
        yield "source", [behind.sources.get(item, plain(None)) for item in items]


def _names(rows: pd.DataFrame) -> list[str]:
    """Return unique names of columns as text; duplicates get a number."""
    names: list[str] = []
    for name in map(str, rows.columns):
        again = sum(each == name or each.startswith(f"{name} (") for each in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def _is_folded(name: str, rows: pd.DataFrame) -> bool:
    """Return True if a column of tags is folded or omitted: probabilities, and values that are the same for all."""
    return (
        name in _TAGS
        or (name.startswith("p_") and name != "p_right")
        or (name == "status" and set(rows[name]) <= {"ok"})
    )


def _shown(name: str, value: Any, behind: Behind, frame: str) -> Cell:
    if not pd.api.types.is_scalar(value) or pd.isna(value):
        return plain(value)
    if name == "p_right" and pd.api.types.is_float(value) and not 0.005 <= value <= 0.995:
        return plain(">0.99" if value > 0.5 else "<0.01")._replace(key=repr(float(value)))  # no tag is certain
    if name == "url":
        return link(str(value), str(value))
    is_score = name.endswith("_score") or name.startswith("score_") or name in _SCORES
    if is_score and pd.api.types.is_integer(value):
        return plain(signed(value))
    if name in IDS and behind.texts and value:
        return _ids(str(value).split(";"), behind)
    return _named(name, value, behind, frame) if isinstance(value, str) else plain(value)


def _named(name: str, value: str, behind: Behind, frame: str) -> Cell:
    """Return the cell of a text; if it is a value of a closed set or a key of the codebook, with its plain name."""
    word = value_word(name, value, frame, labels=behind.labels)
    if word.name == value and not word.note:
        return plain(value)
    known = list(value_words(name.removeprefix("proposed_"), frame))
    return worded(word, str(known.index(value)) if name in _RANKED and value in known else "")


def _signed_value(value: Any) -> Cell:
    """Return a score or an average with its sign."""
    if pd.isna(value) or float(value).is_integer():
        return plain(None if pd.isna(value) else signed(value))
    return plain(f"{value:+.3g}")


def _text(row: dict[Any, Any], key: str, behind: Behind) -> Cell:
    """Return the marked text of a sentence or item; the unmarked text of the row if that differs."""
    own = plain(row.get("text"))
    ids = [row[key]] if key == "sentence_id" else behind.sentences_of.get(row[key], [])
    known = joined((behind.texts[each] for each in ids if each in behind.texts), " ")
    return own if own.text and own.text.split() != known.text.split() else known


def _ids(ids: Sequence[str], behind: Behind) -> Cell:
    """Return ids that unfold to their texts, notes or conclusions; unknown ids are shown unchanged."""
    names = ", ".join(each.rpartition("/")[2] for each in ids)
    lookups = (behind.notes, behind.texts, behind.sentences_of, behind.conclusions)
    known = [each for each in ids if any(each in lookup for lookup in lookups)]
    unfolded = [_unfolded(each, behind) for each in known if behind.item_of.get(each) not in ids]
    return fold(names, unfolded) if unfolded else plain(names)


def _unfolded(proof: str, behind: Behind) -> Cell:
    """Return the content of an id: a note, conclusions on a member, or the day, text and sources of an item."""
    for lookup in (behind.notes, behind.conclusions):
        if proof in lookup:
            return joined([plain(proof), lookup[proof]], ": ")
    sentences = behind.sentences_of.get(proof, [proof])
    item = behind.item_of[sentences[0]]
    head = joined([plain(proof.rpartition("/")[2]), behind.days.get(item, plain(None))], ", ")
    text = joined((behind.texts[each] for each in sentences), " ")
    return joined([head, text, behind.sources.get(item, plain(None))], ": ")


def _probabilities(row: dict[Any, Any], names: Sequence[Any], behind: Behind) -> Cell:
    words = {name: column_word(name, "tags", labels=behind.labels).name.rpartition(": ")[0] for name in names}
    shares = [f"{words[name]} {row[name]:.0%}" for name in names if not pd.isna(row[name])]
    return _folded_away("show", shares)


def _why(words: str) -> Cell:
    return _folded_away("show", [part for part in words.split(" | ") if part])


def _folded_away(summary: str, parts: Sequence[str]) -> Cell:
    """Return parts that are folded in HTML and joined in plain text; empty without parts."""
    if not parts:
        return plain(None)
    return Cell(joined(map(plain, parts)).text, fold(summary, map(plain, parts)).html)


def _is_marked(columns: dict[str, list[Cell]]) -> bool:
    return any("<mark" in cell.html for cells in columns.values() for cell in cells)
