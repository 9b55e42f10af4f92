"""Write the label queue as a sheet to fill in with a spreadsheet program."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.jobs.labelling import SUGGESTIONS
from g7tag.labels import columns_to_fill
from g7tag.report import label_workbook, reason_words, right_text
from g7tag.store import Frames, check_output, open_sheet, table_bytes, write_atomic
from g7tag.text import listed

LABEL_SHEET = "queue.xlsx"
"""Name of the sheet in a run directory, if no annotator is named."""
SHEETS_WRITTEN = (".xlsx", ".csv")
_GIVEN = ("sentence_id", "member", "date", "item", "text", "source", "url", "why", *SUGGESTIONS, "analysts")


def write_label_sheet(
    frames: Frames,
    queue: pd.DataFrame,
    path: Path | str,
    codebook: Codebook,
    *,
    show_suggestions: bool = False,
    narrowed: bool = False,
) -> pd.DataFrame:
    """Write a label queue as a sheet to fill in (.xlsx or .csv), and return it; see `Run.write_label_sheet`."""
    file = Path(path)
    check_output(file, force=True, types=SHEETS_WRITTEN)
    shown = SUGGESTIONS if show_suggestions else ()
    sheet = _sheet(frames, queue, codebook, shown=("why", *shown) if narrowed else shown)
    if file.exists():
        sheet = _with_filled(sheet, _filled(file, frames["sentences"]["sentence_id"], codebook), codebook)
    is_workbook = file.suffix.lower() == ".xlsx"
    write_atomic(file, label_workbook(sheet, codebook) if is_workbook else table_bytes(sheet, ".csv"))
    return sheet


def _sheet(frames: Frames, queue: pd.DataFrame, codebook: Codebook, *, shown: Sequence[str]) -> pd.DataFrame:
    """Return the queue with the item and the source of each sentence, and empty cells to fill in, all text."""
    items = frames["items"].set_index("item_id")
    own = frames["sentences"].set_index("sentence_id")["item_id"].reindex(queue["sentence_id"])
    cited = sources(frames).reindex(own)
    limit = frames["tags"]["review_below"].max()
    known = queue.assign(
        p_right=[right_text(share) for share in queue["p_right"]],
        review_reason=[reason_words(reason, limit) for reason in queue["review_reason"]],
        date=items["date_text"].reindex(own).to_numpy(),
        item=items["text"].reindex(own).to_numpy(),
        source=("note " + cited["note"] + ": ").where(cited["note"] != "", "").add(cited["title"]).to_numpy(),
        url=cited["url"].to_numpy(),
        **dict.fromkeys(columns_to_fill(codebook), ""),
    )
    analysts = ["analysts"] if "analysts" in queue and (queue["why"].str.contains("disagreements").any()) else []
    columns = [
        "sentence_id",
        "member",
        "item",
        "text",
        *shown,
        *analysts,
        *columns_to_fill(codebook),
        "date",
        "source",
        "url",
    ]
    return known.reindex(columns=[name for name in columns if name in known]).astype("str")


def sources(frames: Frames) -> pd.DataFrame:
    """Return the first source of each item, by item_id: note (its number as text), title, url and others."""
    items = frames["items"]
    first = pd.to_numeric(items["citations"].str.partition(";")[0]).astype("Int64")
    own = items[["item_id", "document_id"]].assign(note=first)
    cited = own.merge(frames["citations"], on=["document_id", "note"], how="left")
    titles = [
        ", ".join(part for part in parts if isinstance(part, str) and part)
        for parts in zip(cited["publisher"], cited["title"], strict=True)
    ]
    notes = ["" if pd.isna(note) else str(note) for note in cited["note"]]
    cited = cited.assign(note=notes, title=titles, url=cited["url"].fillna(""), publisher=cited["publisher"].fillna(""))
    return cited.set_index("item_id")[["note", "title", "publisher", "published", "url"]]


def _filled(file: Path, ids: Collection[str], codebook: Codebook) -> pd.DataFrame:
    """Return the rows of a sheet in which any cell is filled in."""
    written = open_sheet(file, key="sentence_id", ids=ids).rows
    missing = [name for name in ("text", *columns_to_fill(codebook)) if name not in written]
    if missing:
        msg = f"{file}: is not a label sheet: column {missing[0]!r} is missing. Name another file, or move this one."
        raise InputError(msg)
    given = [name for name in written if name in columns_to_fill(codebook) or name not in _GIVEN]
    filled = written[(written[given] != "").any(axis=1)]
    duplicates = filled.loc[filled.duplicated(["sentence_id", "text"]), "sentence_id"]
    if len(duplicates):
        msg = f"{file}: several filled-in rows for {listed(set(duplicates))}. Keep one row per sentence."
        raise InputError(msg)
    return filled


def _with_filled(sheet: pd.DataFrame, filled: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the sheet with the filled-in cells, and at the end the filled-in rows that are not in the sheet."""
    key = ["sentence_id", "text"]
    to_fill = columns_to_fill(codebook)
    own = [name for name in filled if name in to_fill or name not in _GIVEN]
    merged = sheet.drop(columns=[name for name in to_fill if name in own]).merge(
        filled[[*key, *own]], on=key, how="left"
    )
    others = filled[~pd.MultiIndex.from_frame(filled[key]).isin(pd.MultiIndex.from_frame(sheet[key]))]
    extra = [name for name in own if name not in to_fill]
    order = [*sheet.columns, *extra]
    return pd.concat([merged, others], ignore_index=True).reindex(columns=order).fillna("").astype("str")
