"""Frames as readable tables for notebooks and terminals, with marked words, linked sources and folded text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.frames import FIXED, LEDGER, PANEL, PROPOSALS, SUMMARY, Frames, Word, column_word, value_word, value_words
from g7tag.report.agreement import share_text
from g7tag.report.cells import Cell, fold, fragment, joined, link, marked, one_line, plain, read_asset, spans_of, worded
from g7tag.report.evidence import MISSING, Note, all_notes, item_notes
from g7tag.report.tables import percent, right_text
from g7tag.report.terminal import headings, table_text
from g7tag.scoring import P_COLUMNS, signed
from g7tag.text import counted

MOST = 50
"""Default number of rows to show."""
KEYS = ("sentence_id", "item_id")
"""Columns that identify the rows of a frame; the first one in the frame is used."""
IDS = ("proof", "candidate_ids", "item_ids", "sentence_ids")
"""Columns of ids, separated by ";"."""
_TAGS = ("p_strong", "p_excluded", "margin", "tagger")
"""Columns that identify a tags frame; they are folded or omitted."""
_NOTED = "What to know"
_SCORES = ("suggested", "before", "after", "decision")
"""Columns of scores in addition to those whose name starts with "score_" or ends with "_score"."""
_SHARES = (
    "p_right", "review_below", "chance", "first_chance", "second_chance", "kept", *P_COLUMNS.values(),
)  # fmt: skip
"""Columns of probabilities, shown as percentages."""
_FORMATS: Mapping[str, Callable[[float], str]] = {
    **{f"panel_standings.{name}": "{:.0f}%".format for name in ("percent", "low", "high")},
    **{f"panel_consistency.{name}": "{:.0%}".format for name in ("share_strong", "low", "high")},
    "shared_acts.similarity": "{:.2f}".format,
}
"""How numbers are shown, by frame and column."""
_FINDING = ["severity", "check", "member", "message", "proof", "finding_id"]
"""Columns of findings to show, in this order; the id includes the subject."""
_TEXTS = ("text", "text_1", "text_2", "message", "note", _NOTED)
_KINDS = dict.fromkeys(_TEXTS, "words") | dict.fromkeys((*KEYS, "member", "date"), "whole")
"""Kinds of columns: text that needs space, and values that are not wrapped."""
_RANKED = ("severity", "strength", "level", "proposed_strength")
"""Columns that are sorted by the order of their values, not by name."""
_LONG_WORD = 24
"""Number of characters of a word from which it may be broken anywhere."""
MARKS = (
    "Marked words led the tagger to the dimension that is named after them; further marks of this dimension in the "
    "sentence have only its color and line."
)
"""Caption of a table in whose text words are marked."""
_ROOM = 8
"""Em that a column needs: without a script, a table narrower than this for each column is shown as cards."""
_FRAMES: Mapping[str, frozenset[str]] = {
    model.name: frozenset(map(str, model.columns)) for model in (*FIXED.values(), *PANEL.values(), LEDGER, PROPOSALS)
}
_RESULTS: Mapping[str, frozenset[str]] = {
    "tags": frozenset(_TAGS),
    "final_scores": frozenset({"basis", "final_score"}),
    "label_queue": frozenset({"why", "decides"}),
    "sentences_behind": frozenset({"decides", "level"}),
    "rubric": frozenset({"problem", "witness"}),
    "threshold_table": frozenset({"min_strong_items", "always_0"}),
    "averages": frozenset({"scores", "mean"}),
}
"""Columns that only these tables have."""


class Behind(NamedTuple):
    """By id: texts and items of sentences; sentences, days and sources of items; notes and conclusions on members."""

    texts: Mapping[str, Cell]
    item_of: Mapping[str, str]
    sentences_of: Mapping[Any, list[str]]
    days: Mapping[str, Cell]
    sources: Mapping[str, Cell]
    others: Mapping[str, Cell]
    labels: Mapping[str, str]


NOTHING = Behind({}, {}, {}, {}, {}, {}, {})


@dataclass(eq=False, repr=False)
class Shown:
    """A readable table, or else lines under headings; displayed as HTML in a notebook and as text otherwise."""

    columns: Mapping[str, list[Cell]]
    caption: str
    frame: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    n_last: int = 0
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def headings(self) -> dict[str, Word]:
        return headings(self.columns, self.frame, labels=self.labels)

    @property
    def texts(self) -> pd.DataFrame:
        """The table as text under the headings."""
        names = self.headings
        return pd.DataFrame({names[key].name: [cell.text for cell in cells] for key, cells in self.columns.items()})

    def __repr__(self) -> str:
        if self.lists:
            parts = [[one_line(head), *(f"  {one_line(line)}" for line in lines)] for head, lines in self.lists.items()]
            return "\n\n".join(map("\n".join, parts))
        return f"{table_text(self.texts)}{one_line(self.caption)}"

    def _repr_html_(self) -> str:
        rows = [dict(zip(self.columns, row, strict=True)) for row in zip(*self.columns.values(), strict=True)]
        has_marks = any("<mark" in cell.html for cell in self.columns.get("text", ()))  # others are folded
        least, n = _ROOM * len(self.columns), len(rows) - self.n_last
        common, _, cards = read_asset("table.css").partition("/* CARDS */\n")
        measured, narrow = (cards.replace("CARDS", each) for each in (".cards", f".least-{least}:not([data-ready])"))
        style = f"{common}{measured}@container (max-width: {least}em) {{\n{narrow}}}"
        return fragment(
            "shown.html", style=style, script=read_asset("table.js"), shown=self, heads=self.headings, least=least,
            kinds={name: _kind(name, cells) for name, cells in self.columns.items()}, notes=self.columns.get(_NOTED),
            parts={"tbody": rows[:n], **({"tfoot": rows[n:]} if self.n_last else {})},
            caption=f"{self.caption} {MARKS}" if has_marks else self.caption,
        )  # fmt: skip


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
        columns["why"] = [_folded_away(words.split(" | ") if words else []) for words in why.head(len(rows))]
    count = counted(len(frame), "row")
    count = count if len(rows) == len(frame) else f"The first {len(rows)} of {count}"
    return Shown(columns, f"{count}.", frame=name, labels=behind.labels, n_last=n_last)


def show_lists(lists: Mapping[str, Sequence[str]], *, caption: str) -> Shown:
    """Return headings with lines under each, folded in a notebook."""
    return Shown({}, caption, lists=lists)


def show_notes(lines: Sequence[str]) -> Shown:
    """Return lines of text: paragraphs in a notebook, a table in text."""
    return Shown({_NOTED: [Cell(one_line(line), escape(one_line(line))) for line in lines]}, "")


def look_up(frames: Frames, codebook: Codebook) -> Behind:
    """Return the texts, days, sources and conclusions for the ids of a run."""
    sentences, items = frames["sentences"], frames["items"]
    keys, spans = list(codebook.dimension_keys), spans_of(frames["marks"])
    cited = {
        item: [note for note in notes if note.status != MISSING]
        for item, notes in item_notes(items, frames["citations"]).items()
    }
    dated = items[items["date"].notna()]
    return Behind(
        texts={
            sentence_id: marked(text, spans.get(sentence_id, []), keys)
            for sentence_id, text in zip(sentences["sentence_id"], sentences["text"], strict=True)
        },
        item_of=dict(zip(sentences["sentence_id"], sentences["item_id"], strict=True)),
        sentences_of=sentences.groupby("item_id", sort=False)["sentence_id"].agg(list).to_dict(),
        days={
            item: link(cited[item][0].url if cited[item] else "", day(date))._replace(key=date.date().isoformat())
            for item, date in zip(dated["item_id"], dated["date"], strict=True)
        },
        sources={item: joined(map(_note_cell, notes)) for item, notes in cited.items()},
        others={note.name: _note_cell(note) for note in all_notes(frames["citations"]).values()}
        | _conclusions(frames["members"], frames["conclusions"]),
        labels=codebook.labels,
    )


def _note_cell(note: Note) -> Cell:
    published = f", {note.published}" if note.published else ""
    return link(note.url, f"{note.publisher}{published} (note {note.number})")


def frame_of(columns: Iterable[str]) -> str:
    """Return the name of the frame with these columns, "" if there is none or more than one."""
    names = frozenset(columns)
    for frame, own in _RESULTS.items():
        if own <= names:
            return frame
    whole = [frame for frame, own in _FRAMES.items() if own <= names]
    found = whole or [frame for frame, own in _FRAMES.items() if names <= own]
    return found[0] if len(found) == 1 else ""


def _conclusions(members: pd.DataFrame, conclusions: pd.DataFrame) -> dict[str, Cell]:
    """Return the conclusions on each member, by the member's id."""
    rows = conclusions.merge(members[["commitment_id", "member", "code"]], on=["commitment_id", "member"])
    cells: dict[str, list[Cell]] = {}
    for row in rows.to_dict("records"):
        cell = plain(f"Conclusion {row['position']} ({row['place']}): {row['text']}")
        cells.setdefault(f"{row['commitment_id']}/{row['code']}", []).append(cell)
    return {member: joined(texts, " ") for member, texts in cells.items()}


def _columns(rows: pd.DataFrame, behind: Behind, frame: str) -> Iterator[tuple[str, list[Cell]]]:
    """Yield the columns to show in the frame's order: text after a sentence or item id, day and sources last."""
    is_tags = set(_TAGS) <= set(rows.columns)
    is_summary = set(SUMMARY.columns) <= set(rows.columns)
    key = next((name for name in KEYS if name in rows and behind.texts), None)
    replaced = {"text", "citations", *(["date"] if key == "item_id" else [])} if key else set()
    if is_tags:  # probabilities are folded; what identifies the tagger, and a status that all share, are left out
        shares = [name for name in rows.columns if name.startswith("p_") and name != "p_right"]
        replaced |= {*_TAGS, *shares, *(["status"] if set(rows.get("status", ())) <= {"ok"} else [])}
    if {"message", "subject"} <= set(rows.columns):
        pairs = zip(rows["subject"], rows["message"], strict=True)
        rows = rows.assign(message=[f"{str(subject).rpartition('/')[2]}: {message}" for subject, message in pairs])
    rows = rows[_FINDING] if set(_FINDING) <= set(rows.columns) else rows
    for name in rows.columns:
        if name in replaced:
            continue
        is_value = is_summary and name == "value"
        yield name, [_signed_value(value) if is_value else _shown(name, value, behind, frame) for value in rows[name]]
        if name == key:
            yield "text", [_text(row, key, behind) for row in rows.to_dict("records")]
    if is_tags:
        words = {name: column_word(name, "tags", labels=behind.labels).name.rpartition(": ")[0] for name in shares}
        known = [row.dropna() for _, row in rows[shares].astype("float64").iterrows()]
        texts = [[f"{words[str(name)]} {percent(share)}" for name, share in row.items()] for row in known]
        yield "probabilities", list(map(_folded_away, texts))
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


def _shown(name: str, value: Any, behind: Behind, frame: str) -> Cell:
    if not pd.api.types.is_scalar(value) or pd.isna(value):
        return plain(value)
    known = _FORMATS.get(f"{frame}.{name}")
    if pd.api.types.is_float(value) and (known or name in _SHARES):
        text = known or (share_text if frame == "equal_evidence" else right_text if name == "p_right" else percent)
        return plain(text(float(value)))._replace(key=repr(float(value)))
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
    return plain(value if pd.isna(value) else signed(value) if float(value).is_integer() else f"{value:+.3g}")


def _text(row: dict[Any, Any], key: str, behind: Behind) -> Cell:
    """Return the marked text of a sentence or item; the unmarked text of the row if that differs."""
    own = plain(row.get("text"))
    ids = [row[key]] if key == "sentence_id" else behind.sentences_of.get(row[key], [])
    known = joined((behind.texts[each] for each in ids if each in behind.texts), " ")
    return own if own.text and own.text.split() != known.text.split() else known


def _ids(ids: Sequence[str], behind: Behind) -> Cell:
    """Return ids that unfold to their texts, notes or conclusions; unknown ids are shown unchanged."""
    names = ", ".join(each.rpartition("/")[2] for each in ids)
    lookups = (behind.others, behind.texts, behind.sentences_of)
    known = [each for each in ids if any(each in lookup for lookup in lookups)]
    unfolded = [_unfolded(each, behind) for each in known if behind.item_of.get(each) not in ids]
    return fold(names, unfolded) if unfolded else plain(names)


def _unfolded(proof: str, behind: Behind) -> Cell:
    """Return the content of an id: a note, conclusions on a member, or the day, text and sources of an item."""
    if proof in behind.others:
        return joined([plain(proof), behind.others[proof]], ": ")
    sentences = behind.sentences_of.get(proof, [proof])
    item = behind.item_of[sentences[0]]
    head = joined([plain(proof.rpartition("/")[2]), behind.days.get(item, plain(None))], ", ")
    text = joined((behind.texts[each] for each in sentences), " ")
    return joined([head, text, behind.sources.get(item, plain(None))], ": ")


def _folded_away(parts: Sequence[str]) -> Cell:
    """Return parts that are folded in HTML and joined in plain text; empty without parts."""
    if not parts:
        return plain(None)
    return Cell(joined(map(plain, parts)).text, fold("show", map(plain, parts)).html)


def _kind(name: str, cells: Sequence[Cell]) -> str:
    """Return the class of a column; one with long words may be broken anywhere."""
    kind = _KINDS.get(name, "")
    if kind != "words" and any(len(word) > _LONG_WORD for cell in cells for word in cell.text.split()):
        return "long"
    return "" if kind == "whole" and any(len(cell.text) > _LONG_WORD for cell in cells) else kind
