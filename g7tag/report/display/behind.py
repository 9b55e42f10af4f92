"""Look up the texts, days, sources and conclusions for the ids in a frame."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day, named_notes
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.report.display.cells import Cell, joined, link, marked, plain, spans_of


class Behind(NamedTuple):
    """By id: texts and items of sentences; sentences, days and sources of items; notes; conclusions on members."""

    texts: Mapping[str, Cell]
    item_of: Mapping[str, str]
    sentences_of: Mapping[Any, list[str]]
    days: Mapping[str, Cell]
    sources: Mapping[str, Cell]
    notes: Mapping[str, Cell]
    conclusions: Mapping[str, Cell]
    labels: Mapping[str, str]


NOTHING = Behind({}, {}, {}, {}, {}, {}, {}, {})


def look_up(frames: Frames, codebook: Codebook) -> Behind:
    """Return the texts, days, sources and conclusions for the ids of a run."""
    labels = [*codebook.dimension_keys]
    sentences, items = frames["sentences"], frames["items"]
    notes, citations = _notes(frames["citations"])
    spans = spans_of(frames["marks"])
    texts = {
        sentence_id: marked(text, spans.get(sentence_id, []), labels)
        for sentence_id, text in zip(sentences["sentence_id"], sentences["text"], strict=True)
    }
    cited = {
        row["item_id"]: _cited(row["citations"], row["document_id"], citations) for row in items.to_dict("records")
    }
    dated = items[items["date"].notna()]
    return Behind(
        texts=texts,
        item_of=dict(zip(sentences["sentence_id"], sentences["item_id"], strict=True)),
        sentences_of=sentences.groupby("item_id", sort=False)["sentence_id"].agg(list).to_dict(),
        days={
            item: link(cited[item][0].url if cited[item] else "", day(date))._replace(key=date.date().isoformat())
            for item, date in zip(dated["item_id"], dated["date"], strict=True)
        },
        sources={item: joined(note.cell for note in linked) for item, linked in cited.items()},
        notes=notes,
        conclusions=_conclusions(frames["members"], frames["conclusions"]),
        labels=codebook.labels,
    )


def _conclusions(members: pd.DataFrame, conclusions: pd.DataFrame) -> dict[str, Cell]:
    """Return the conclusions on each member, by the member's id."""
    rows = conclusions.merge(members[["commitment_id", "member", "code"]], on=["commitment_id", "member"])
    cells: dict[str, list[Cell]] = {}
    for row in rows.to_dict("records"):
        cell = plain(f"Conclusion {row['position']} ({row['place']}): {row['text']}")
        cells.setdefault(f"{row['commitment_id']}/{row['code']}", []).append(cell)
    return {member: joined(texts, " ") for member, texts in cells.items()}


class _Note(NamedTuple):
    url: str
    cell: Cell


def _notes(citations: pd.DataFrame) -> tuple[dict[str, Cell], dict[tuple[str, int], _Note]]:
    """Return the notes as links, by name and by document and number."""
    rows = named_notes(citations)
    notes = []
    for row in rows.to_dict("records"):
        when = "" if pd.isna(row["published"]) else f", {day(row['published'])}"
        notes.append(_Note(row["url"], link(row["url"], f"{row['publisher']}{when} (note {row['note']})")))
    keys = zip(rows["document_id"], rows["note"].astype("int64"), strict=True)
    return dict(zip(rows["name"], (note.cell for note in notes), strict=True)), dict(zip(keys, notes, strict=True))


def _cited(citations: str, document_id: str, known: Mapping[tuple[str, int], _Note]) -> list[_Note]:
    """Return the notes of an item that exist in its document."""
    keys = [(document_id, int(number)) for number in citations.split(";") if number]
    return [known[key] for key in keys if key in known]
