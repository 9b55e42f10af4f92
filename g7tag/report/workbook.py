"""Tables for spreadsheet programs: a run as a workbook or as CSV files, and the sheet to label sentences in."""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

import pandas as pd

from g7tag.audit import ledger_rows
from g7tag.codebook import Category, Codebook
from g7tag.frames import FRAME_WORDS, SOURCE_CHECKS, STRENGTHS, Frames, Word, column_word, value_word
from g7tag.labels import CHECKED, PeopleAgreement, label_authors, source_checks
from g7tag.report.agreement import agreement_lines
from g7tag.report.cells import is_web, read_asset
from g7tag.report.evidence import MISSING, item_notes, own_frames
from g7tag.report.tables import heading
from g7tag.report.terminal import printable
from g7tag.scoring import P_COLUMNS, in_period, make_receipts
from g7tag.store import Choice, Page, package_version, spreadsheet_safe, workbook_bytes

READ_ME = "Read me"
_LABEL_WIDTHS = {
    "sentence_id": 17, "item": 48, "text": 48, "old_text": 48, "source": 40, "url": 40, "analysts": 40, "models": 40,
    "note": 36,
}  # fmt: skip
_PARTS = ["Sheet", "Column", "Explanation", "Frame and column"]
_NARROWEST, _DAY, _MEDIUM, _WIDEST = 8, 12, 32, 55  # characters of a column
_LONG = 150  # characters of a text that needs the widest column
_FILTER = 4  # characters that the arrow of a filter covers
_PAGE = 200  # characters side by side that can be read on a printed page


class _Column(NamedTuple):
    """How a column is shown: in "words", as the "key" of words, as "ids", as a "link" or as it is; and its format."""

    shown: str
    format: str


def run_tables(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, *, ledger: pd.DataFrame, agreement: PeopleAgreement
) -> dict[str, pd.DataFrame]:
    """Return a run as tables to read and to calculate with."""
    decided = ledger.add_prefix("ledger.").assign(**{"made.evidence": _evidence_states(frames, codebook, ledger)})
    frames = own_frames(frames, codebook)  # the ledger may be on other commitments
    findings = frames["findings"].add_prefix("findings.")
    sheets = {
        "Scores": _scores(frames["scores"], final),
        "Evidence matrix": frames["evidence_matrix"].add_prefix("evidence_matrix."),
        "Items with labels": _labelled(frames, codebook),
        "Findings": _joined(findings, decided, "findings.finding_id", "ledger.finding_id"),
        "Ledger": decided,
        "Agreement": _agreement(agreement),
    }
    about, shown = _about(frames, ledger, codebook), {}
    for name, every in _columns().items():
        columns = {each: how for each, how in every.items() if each in sheets[name]}  # some runs lack checks
        rows = sheets[name][list(columns)]
        headings = _headings(list(columns), codebook.labels)
        about += _explained(name, rows, headings, codebook.labels)
        cells = {column: _shown(column, rows[column], how.shown, codebook.labels) for column, how in columns.items()}
        shown[name] = rows.assign(**cells).rename(columns=headings)
    return {READ_ME: pd.DataFrame(about, columns=_PARTS, dtype="str").map(_clean), **shown}


def run_workbook(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return tables of `run_tables` as an .xlsx workbook; the same tables give the same bytes."""
    about, pages = tables[READ_ME], []
    for name, rows in tables.items():
        own = dict(about.loc[about["Sheet"] == name, ["Column", "Frame and column"]].to_numpy().tolist())
        known = {shown: _columns()[name][column] for shown, column in own.items() if shown in rows}
        formats = {shown: how.format for shown, how in known.items() if how.format}
        links = [shown for shown, how in known.items() if how.shown == "link"]
        widths = {shown: _width(shown, rows[shown]) for shown in map(str, rows)}
        across = -(-sum(widths.values()) // _PAGE)
        pages.append(Page(name, rows, widths=widths, links=links, formats=formats, across=across))
    return workbook_bytes(pages)


def run_csv(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return tables of `run_tables` as CSV files, by file name."""
    return {f"{name.lower().replace(' ', '-')}.csv": csv_bytes(rows) for name, rows in tables.items()}


def csv_bytes(rows: pd.DataFrame) -> bytes:
    """Return a table as CSV for spreadsheet programs; no cell is run as a formula."""
    text = spreadsheet_safe(rows).to_csv(index=False, lineterminator="\n")
    return codecs.BOM_UTF8 + text.encode("utf-8", "replace")


def label_workbook(sheet: pd.DataFrame, codebook: Codebook) -> bytes:
    """Return a label sheet as an .xlsx workbook."""
    free = ["note", "archived_url"]
    labels = Page("labels", sheet, choices=_choices(codebook), to_fill=free, widths=_LABEL_WIDTHS, links=["url"])
    book = Page("codebook", codebook_rows(codebook), widths={"label": 40, "definition": 80, "examples": 60})
    return workbook_bytes([labels, book])


def codebook_rows(codebook: Codebook) -> pd.DataFrame:
    """Return the labels of a codebook as rows, then its settled cases: kind, key, label, definition, examples."""
    parts: Mapping[str, Sequence[Category]] = {
        "dimension": codebook.dimensions, "strength": codebook.strengths, "act": codebook.acts,
        "exclusion": codebook.exclusions,
    }  # fmt: skip
    rows = [
        (kind, each.key, each.label, each.definition, "\n".join(each.examples))
        for kind, categories in parts.items()
        for each in categories
    ]
    rows += [("settled case", "", note.case, note.decision, "") for note in codebook.notes]
    return pd.DataFrame(rows, columns=["kind", "key", "label", "definition", "examples"], dtype="str")


@cache
def _columns() -> dict[str, dict[str, _Column]]:
    """Return the columns of each sheet by frame and column."""
    rows = list(csv.DictReader(read_asset("workbook.csv").splitlines()))
    return {
        sheet: {row["column"]: _Column(row["shown"], row["format"]) for row in its}
        for sheet, its in groupby(rows, key=lambda row: row["sheet"])
    }


def _joined(rows: pd.DataFrame, others: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Return rows with the columns of the one row of another frame that has their id, if any."""
    return rows.merge(others, left_on=left, right_on=right, how="left", validate="many_to_one")


def _scores(scores: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    rows = _joined(
        scores.add_prefix("scores."), final.add_prefix("final_scores."), "scores.member", "final_scores.member"
    )
    chances = rows[[f"scores.{name}" for name in P_COLUMNS.values()]]
    p_none = (1 - chances.sum(axis=1, skipna=False)).clip(lower=0).round(12)  # without errors of the last digit
    return rows.assign(**{"made.p_none": p_none})


def _labelled(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences with their items, the labels that count, who gave them, and their sources."""
    items = frames["items"]
    authors = label_authors(frames["labels"], frames["annotations"])
    rows = frames["sentences"].add_prefix("sentences.")
    rows["made.counts"] = frames["sentences"]["item_id"].map(in_period(items, codebook).set_axis(items["item_id"]))
    rows["made.labelled_by"] = frames["sentences"]["sentence_id"].map(authors)
    for name, left, key in (
        ("labels", "sentences.sentence_id", "sentence_id"), ("tags", "sentences.sentence_id", "sentence_id"),
        ("items", "sentences.item_id", "item_id"), ("annotations", "labels.annotation_id", "annotation_id"),
    ):  # fmt: skip
        own = frames[name].drop(columns=CHECKED, errors="ignore")
        rows = _joined(rows, own.add_prefix(f"{name}."), left, f"{name}.{key}")
    checks = source_checks(frames["annotations"], frames["sentences"])
    if len(checks):
        known = checks[["sentence_id", *CHECKED]].rename(columns={name: f"annotations.{name}" for name in CHECKED})
        rows = _joined(rows, known, "sentences.sentence_id", "sentence_id")
    return _joined(rows, _sources(items, frames["citations"]), "sentences.item_id", "item_id")


def _sources(items: pd.DataFrame, citations: pd.DataFrame) -> pd.DataFrame:
    """Return the notes of each item: the first one, the first web address, and all others as text."""
    rows = []
    for item_id, notes in item_notes(items, citations).items():
        urls = [note.url for note in notes]
        link = next((url for url in urls if is_web(url)), "")
        texts = [
            f"note {note.number}, missing in the report"
            if note.status == MISSING
            else f"note {note.number}: {', '.join(filter(None, [note.publisher, note.title, note.published]))}"
            for note in notes
        ]
        others = [url for url in urls if url and url != link]
        rows.append((item_id, "".join(texts[:1]), link, "\n".join([*texts[1:], *dict.fromkeys(others)])))
    columns = ["item_id", "made.source", "made.url", "made.other_sources"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _evidence_states(frames: Frames, codebook: Codebook, ledger: pd.DataFrame) -> pd.Series:
    """Return, for each row of the ledger, whether its evidence changed since the row was updated or decided."""
    rows = ledger_rows(frames, make_receipts(frames, codebook))
    now = ledger["finding_id"].map(dict(zip(rows["finding_id"], rows["evidence_sha256"], strict=True)))
    same = ledger["evidence_sha256"].isin([""]) | (ledger["evidence_sha256"] == now)
    states = same.map({True: "unchanged", False: "changed"})
    return states.mask(~ledger["finding_id"].isin(rows["finding_id"]), "no longer found").astype("str")


def _agreement(found: PeopleAgreement) -> pd.DataFrame:
    """Return the tables of an agreement as one; without sentences labelled twice, one row with the reason."""
    shared = found.annotators[found.annotators["n_shared"] > 0].rename(columns={"n_shared": "n", "n": "n_labelled"})
    rows = {
        "people with each other": found.parts if (found.parts["n"] > 0).any() else found.parts.head(0),
        "one person with the others": shared,
        "one person with earlier labels": found.repeats[found.repeats["n"] > 0],
    }
    parts = [frame.assign(comparison=name) for name, frame in rows.items() if len(frame)]
    nothing = pd.DataFrame({"comparison": "people with each other", "reason": agreement_lines(found)})
    table = pd.concat(parts or [nothing], ignore_index=True).add_prefix("agreement.")
    table = table.rename(columns={"agreement.comparison": "made.comparison"})
    kinds = {name: "float64" if how.format else "str" for name, how in _columns()["Agreement"].items()}
    kinds |= {"agreement.n": "Int64", "agreement.n_annotators": "Int64"}
    table = table.reindex(columns=list(kinds)).astype(kinds)
    return table.fillna({name: "" for name, kind in kinds.items() if kind == "str"})


def _word(column: str, labels: Mapping[str, str]) -> Word:
    """Return the name and the explanation of a column that is named by its frame; tables of no frame have words too."""
    frame, _, name = column.partition(".")
    return column_word(name, frame, labels=labels)


def _headings(columns: Sequence[str], labels: Mapping[str, str]) -> dict[str, str]:
    """Return the heading of each column; equal names are followed by the frame in parentheses."""
    names = {column: _clean(_word(column, labels).name) for column in columns}
    taken = list(names.values())
    return {
        column: f"{name} ({FRAME_WORDS[column.partition('.')[0]].name.lower()})" if taken.count(name) > 1 else name
        for column, name in names.items()
    }


def _explained(
    sheet: str, rows: pd.DataFrame, headings: Mapping[str, str], labels: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each column of a sheet, followed by a row for each of its values that has an explanation."""
    for column, name in headings.items():
        yield sheet, name, _word(column, labels).note.replace("`", ""), column
        how = _columns()[sheet][column].shown
        if how in {"words", "key"}:
            values = dict.fromkeys(each for value in rows[column].unique() for each in str(value).split(";"))
            words = {each: _value(each, column, labels) for each in values}
            names = {word: each if how == "key" else word.name for each, word in words.items()}
            yield from ((sheet, f"{name}: {names[word]}", word.note, column) for word in names if word.note)


def _about(frames: Frames, ledger: pd.DataFrame, codebook: Codebook) -> list[tuple[str, ...]]:
    """Return rows on the file and the run."""
    policies = ", ".join(dict.fromkeys(frames["labels"]["policy"])) or "none"
    taggers = ", ".join(dict.fromkeys(frames["tags"]["tagger"])) or "none"
    documents = [
        ("This run", "Document", f"{row['name']}, sha256 {row['sha256']}", "documents.sha256")
        for row in frames["documents"].to_dict("records")
    ]
    settled = int((ledger["status"] != "open").sum())
    return [
        ("This file", "Contents", f"Results of g7tag. {heading(frames['documents'], codebook)}", ""),
        ("This file", "Scores", "Suggested scores follow from labels by rules; people decide the final scores.", ""),
        ("This file", "Empty cells", "An empty cell means that there is no value. It never means 0.", ""),
        ("This file", "Changes", "Changes in this file change nothing in the run. Enter decisions in the ledger.", ""),
        *documents,
        ("This run", "Codebook", f"{codebook.id}, version {codebook.version}, sha256 {codebook.sha256}", ""),
        ("This run", "Tagger", taggers, "tags.tagger"),
        ("This run", "Policy", policies, "labels.policy"),
        ("This run", "Ledger", f"{len(ledger)} rows, {settled} of them decided or dismissed", ""),
        ("This run", "g7tag", package_version(), ""),
    ]  # fmt: skip


def _clean(cell: object) -> str:
    """Return text without control characters; tabs become spaces."""
    return printable(str(cell).replace("\t", " "))


def _shown(name: str, column: pd.Series, how: str, labels: Mapping[str, str]) -> pd.Series:
    """Return a column with values in words, yes and no for true and false, and text without control characters."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.map({True: "yes", False: "no"}).fillna("").astype("str")
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    texts = column.fillna("").astype("str")
    if how == "ids":
        texts = texts.str.replace(";", "; ", regex=False)
    if how != "words":
        return texts.map(_clean).astype("str")
    return texts.map({value: _clean(_value(value, name, labels).name) for value in texts.unique()}).astype("str")


def _value(value: str, column: str, labels: Mapping[str, str]) -> Word:
    """Return a value, or several joined by semicolons, in words; "" stays ""."""
    frame, _, name = column.partition(".")
    return value_word(name, value, frame, labels=labels)


def _width(name: str, column: pd.Series) -> int:
    """Return the width of a column: its longest line or the longest word of its heading, within limits."""
    word = max(map(len, name.split()), default=0) + _FILTER
    if not pd.api.types.is_string_dtype(column.dtype) or column.empty:
        return max(_NARROWEST, word, _DAY if pd.api.types.is_datetime64_any_dtype(column.dtype) else 0)
    longest = int(column.str.split("\n").explode().str.len().max())
    return max(_NARROWEST, word, _WIDEST if longest > _LONG else min(longest + 1, _MEDIUM))


def _choices(codebook: Codebook) -> dict[str, Choice]:
    """Return the values of each column to fill in."""
    choices = {
        each.key: Choice(["x"], each.label, f"x if the sentence is about this. {each.definition}")
        for each in codebook.dimensions
    }
    for name in ("strength", "act", "exclusion"):
        categories = getattr(codebook, f"{name}s")
        keys = STRENGTHS if name == "strength" else [each.key for each in categories]
        if keys:
            choices[name] = Choice(keys, name.capitalize(), _hint(categories))
    return choices | {
        "contradicts": Choice(["yes"], "Contradicts", "yes if the act is contrary to the commitment."),
        "unsure": Choice(["yes"], "Unsure", "yes if another person should look at this."),
        "source_check": Choice(SOURCE_CHECKS, "Source says so", "Optional: whether the source supports the sentence."),
    }


def _hint(categories: Sequence[Category]) -> str:
    return " ".join(f"{each.key}: {each.definition.partition(':')[0].partition(';')[0]}." for each in categories)
