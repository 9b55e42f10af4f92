"""Tables for spreadsheet programs: a run as a workbook or as CSV files, and the sheet to label sentences in."""

import codecs
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from g7tag.audit import ledger_rows
from g7tag.codebook import Category, Codebook
from g7tag.frames import FRAME_WORDS, SOURCE_CHECKS, STRENGTHS, Frames, Word, column_word, value_word
from g7tag.labels import CHECKED, PeopleAgreement, label_authors, source_checks
from g7tag.report.agreement import agreement_lines
from g7tag.report.cells import is_web
from g7tag.report.evidence import MISSING, item_notes, own_frames
from g7tag.report.tables import heading
from g7tag.report.terminal import printable
from g7tag.scoring import P_COLUMNS, in_period, make_receipts
from g7tag.store import Choice, Page, package_version, spreadsheet_safe, workbook_bytes

READ_ME = "Read me"
_LABEL_WIDTHS = {
    "sentence_id": 17, "item": 48, "text": 48, "source": 40, "url": 40, "analysts": 40, "models": 40, "note": 36
}  # fmt: skip
_PARTS = ["Sheet", "Column", "Explanation", "Frame and column"]
_NARROWEST, _DAY, _MEDIUM, _WIDEST = 8, 12, 32, 55  # characters of a column
_LONG = 150  # characters of a text that needs the widest column
_FILTER = 4  # characters that the arrow of a filter covers
_PAGE = 200  # characters side by side that can be read on a printed page
_SCORE = "+0;-0;0"
_CHANCE = '[<0.0005]"<0.1%";[>0.9995]">99.9%";0.0%'  # like `percent`, never 0 or 100 percent
_FORMATS = {
    **dict.fromkeys(("scores.published_score", "scores.suggested_score", "scores.score_all_dates"), _SCORE),
    **dict.fromkeys(("scores.score_if_contradicted", "final_scores.final_score", "ledger.decision"), _SCORE),
    **dict.fromkeys((*(f"scores.{name}" for name in P_COLUMNS.values()), "made.p_none"), _CHANCE),
    **dict.fromkeys(("tags.p_right", "tags.review_below"), _CHANCE),
    **dict.fromkeys(("agreement.strong", "agreement.others_strong"), "0.0%"), "agreement.percent": '0.0"%"',
    **dict.fromkeys(("agreement.alpha", "agreement.low", "agreement.high", "agreement.lenient"), "0.00"),
}  # fmt: skip
_CODED = frozenset(
    {"final_scores.basis", "evidence_matrix.dimension", "evidence_matrix.level", "labels.dimensions", "labels.strength"}
    | {"labels.exclusion", "labels.status", "annotations.act", "annotations.kind", "items.status", "findings.check"}
    | {"findings.severity", "ledger.status", "annotations.source_check"}
)
"""Columns with values of a fixed set, which are shown in words."""
_PLAIN = frozenset({"evidence_matrix.level", "labels.strength"})
"""Columns whose values stay as they are: pandas reads "None" in a CSV file as a missing value, but "none" as text."""
_IDS = frozenset({"evidence_matrix.item_ids", "findings.proof"})
"""Columns of ids, which get a space after each semicolon, so that lines break between ids."""
_URL = "made.url"


def run_tables(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, *, ledger: pd.DataFrame, agreement: PeopleAgreement
) -> dict[str, pd.DataFrame]:
    """Return a run as tables to read and to calculate with."""
    decided = _prefixed(ledger, "ledger", ["finding_id", "member", "message", "status", "owner", "note", "decision"])
    decided["made.evidence"] = _evidence_states(frames, codebook, ledger)  # it may be on other commitments
    frames = own_frames(frames, codebook)
    sheets = {
        "Scores": _scores(frames["scores"], final),
        "Evidence matrix": _prefixed(
            frames["evidence_matrix"], "evidence_matrix",
            ["commitment_id", "member", "dimension", "level", "n_strong", "n_weak", "item_ids"],
        ),
        "Items with labels": _labelled(frames, codebook),
        "Findings": _findings(frames["findings"], decided),
        "Ledger": decided,
        "Agreement": _agreement(agreement),
    }  # fmt: skip
    about, shown = _about(frames, ledger, codebook), {}
    for name, rows in sheets.items():
        headings = _headings(list(map(str, rows)), codebook.labels)
        about += _explained(name, rows, headings, codebook.labels)
        cells = {column: _shown(column, rows[column], codebook.labels) for column in headings}
        shown[name] = rows.assign(**cells).rename(columns=headings)
    return {READ_ME: pd.DataFrame(about, columns=_PARTS, dtype="str").map(_clean), **shown}


def run_workbook(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return tables of `run_tables` as an .xlsx workbook; the same tables give the same bytes."""
    about = tables[READ_ME]
    pages = []
    for name, rows in tables.items():
        own = about[about["Sheet"] == name]
        columns = dict(zip(own["Column"], own["Frame and column"], strict=True))
        formats = {shown: _FORMATS[column] for shown, column in columns.items() if column in _FORMATS}
        links = [shown for shown, column in columns.items() if column == _URL]
        widths = {shown: _width(shown, rows[shown]) for shown in map(str, rows)}
        across = -(-sum(widths.values()) // _PAGE)
        pages.append(Page(name, rows, widths=widths, links=links, formats=formats, across=across))
    return workbook_bytes(pages)


def run_csv(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return tables of `run_tables` as CSV files, by file name."""
    return {
        f"{name.lower().replace(' ', '-')}.csv": codecs.BOM_UTF8
        + spreadsheet_safe(rows).to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")
        for name, rows in tables.items()
    }


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


def _prefixed(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a frame, named by the frame and the column: "scores.member"."""
    return frame[list(columns)].add_prefix(f"{name}.")


def _scores(scores: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    keys = ["commitment_id", "member"]
    columns = ["final_score", "basis", "decided_by", "why"]
    rows = scores.merge(final[[*keys, *columns]], on=keys, how="left", validate="many_to_one")
    first = ["commitment_id", "member", "reading", "published_score", "suggested_score", "agrees"]
    chances, rest = list(P_COLUMNS.values()), ["rule", "score_all_dates", "score_if_contradicted"]
    p_none = (1 - rows[chances].sum(axis=1, skipna=False)).clip(lower=0).round(12)  # without errors of the last digit
    parts = (("scores", first), ("final_scores", columns), ("scores", chances))
    before = [_prefixed(rows, frame, names) for frame, names in parts]
    return pd.concat([*before, p_none.rename("made.p_none"), _prefixed(rows, "scores", rest)], axis=1)


def _labelled(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences with their items, the labels that count, who gave them, and their sources."""
    columns = [
        "sentences.sentence_id", "sentences.item_id", "sentences.member", "items.date", "items.date_text",
        "sentences.text", "labels.dimensions", "labels.strength", "annotations.act", "labels.exclusion",
        "labels.contradicts", "annotations.kind", "made.labelled_by", "labels.status", "tags.p_right",
        "tags.review_below", "tags.needs_review", "tags.review_reason", "made.counts", "items.status", "items.pages",
        "made.source", _URL, "made.other_sources",
    ]  # fmt: skip
    keys = {
        "sentences": "sentence_id", "labels": "sentence_id", "tags": "sentence_id", "items": "item_id",
        "annotations": "annotation_id",
    }  # fmt: skip
    items = frames["items"]
    rows = frames["sentences"][["sentence_id", "item_id"]].assign(
        **{"made.counts": frames["sentences"]["item_id"].map(in_period(items, codebook).set_axis(items["item_id"]))}
    )
    rows = rows.merge(frames["labels"][["sentence_id", "annotation_id"]], on="sentence_id", how="left")
    for name, key in keys.items():
        own = [column.removeprefix(f"{name}.") for column in columns if column.startswith(f"{name}.")]
        known = _prefixed(frames[name], name, own).assign(**{key: frames[name][key]})
        rows = rows.merge(known, on=key, how="left", validate="many_to_one")
    authors = label_authors(frames["labels"], frames["annotations"]).rename("made.labelled_by").reset_index()
    rows = rows.merge(authors, on="sentence_id", how="left")
    checks = source_checks(frames["annotations"], frames["sentences"])
    if len(checks):
        known = checks[["sentence_id", *CHECKED]].rename(columns={name: f"annotations.{name}" for name in CHECKED})
        rows, columns = rows.merge(known, on="sentence_id", how="left"), [*columns, *known.columns[1:]]
    return rows.merge(_sources(items, frames["citations"]), on="item_id", how="left")[columns]


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
    columns = ["item_id", "made.source", _URL, "made.other_sources"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _evidence_states(frames: Frames, codebook: Codebook, ledger: pd.DataFrame) -> pd.Series:
    """Return, for each row of the ledger, whether its evidence changed since the row was updated or decided."""
    rows = ledger_rows(frames, make_receipts(frames, codebook))
    now = ledger["finding_id"].map(dict(zip(rows["finding_id"], rows["evidence_sha256"], strict=True)))
    same = ledger["evidence_sha256"].isin([""]) | (ledger["evidence_sha256"] == now)
    states = same.map({True: "unchanged", False: "changed"})
    return states.mask(~ledger["finding_id"].isin(rows["finding_id"]), "no longer found").astype("str")


def _findings(findings: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with what the ledger says about them."""
    own = ["check", "severity", "member", "subject", "message", "proof", "finding_id"]
    last = ["ledger.status", "ledger.owner", "ledger.note", "made.evidence"]
    rows = findings.merge(
        ledger[["ledger.finding_id", *last]], left_on="finding_id", right_on="ledger.finding_id", how="left",
        validate="one_to_one",
    )  # fmt: skip
    return pd.concat([_prefixed(rows, "findings", own), rows[last]], axis=1)


def _agreement(found: PeopleAgreement) -> pd.DataFrame:
    """Return the tables of an agreement as one; without sentences labelled twice, one row with the reason."""
    shared = found.annotators[found.annotators["n_shared"] > 0].rename(columns={"n_shared": "n", "n": "n_labelled"})
    rows = {
        "people with each other": found.parts if (found.parts["n"] > 0).any() else found.parts.head(0),
        "one person with the others": shared,
        "one person with earlier labels": found.repeats[found.repeats["n"] > 0],
    }
    texts, counts = ("annotator", "part", "reason"), ("n", "n_annotators")
    numbers = ("percent", "alpha", "strong", "others_strong", "lenient", "low", "high")
    kinds = dict.fromkeys(texts, "str") | dict.fromkeys(counts, "Int64") | dict.fromkeys(numbers, "float64")
    parts = [frame.assign(comparison=name) for name, frame in rows.items() if len(frame)]
    nothing = pd.DataFrame({"comparison": "people with each other", "reason": agreement_lines(found)})
    table = pd.concat(parts or [nothing], ignore_index=True)
    table = table.reindex(columns=["comparison", *texts[:2], *counts, *numbers, "reason"]).astype(kinds)
    table = table.fillna(dict.fromkeys(texts, "")).add_prefix("agreement.")
    return table.rename(columns={"agreement.comparison": "made.comparison"})


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
        values: list[object] = list(rows[column].unique()) if column in _CODED else []
        words = dict.fromkeys(_value(each, column, labels) for value in values for each in str(value).split(";"))
        yield from ((sheet, f"{name}: {word.name}", word.note, column) for word in words if word.note)


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


def _shown(name: str, column: pd.Series, labels: Mapping[str, str]) -> pd.Series:
    """Return a column with values in words, yes and no for true and false, and text without control characters."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.map({True: "yes", False: "no"}).fillna("").astype("str")
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    texts = column.fillna("").astype("str")
    if name in _IDS:
        texts = texts.str.replace(";", "; ", regex=False)
    if name not in _CODED:
        return texts.map(_clean).astype("str")
    return texts.map({value: _clean(_value(value, name, labels).name) for value in texts.unique()}).astype("str")


def _value(value: str, column: str, labels: Mapping[str, str]) -> Word:
    """Return a value, or several joined by semicolons, in words; "" stays ""."""
    frame, _, name = column.partition(".")
    word = value_word(name, value, frame, labels=labels)
    return word._replace(name=value) if column in _PLAIN else word


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
