"""The frames in which the parts meet: one pandera model each, and `validate`, which words what breaks them."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

from g7tag.codebook import Codebook
from g7tag.errors import FrameError

TEXT = "str"
"""The report's words; never missing, "" where there is nothing."""
WHOLE = "Int64"
"""A whole number, NA where unread or where no rule covers."""
REAL = "float64"
"""A real number, NaN where undefined."""
DAY = "datetime64[us]"
"""A day at midnight, NaT where unread."""
FLAG = "bool"
"""True or False, never missing."""

SCORES = [-1, 0, 1]
STRENGTHS = ["strong", "weak", "none"]
LEVELS = ["strong", "weak", "none"]
DOCUMENT_STATUSES = ["ok", "stray_urls"]  # pieces of URLs that could be given to no note
ITEM_STATUSES = ["ok", "date_unread", "cut_off"]
URL_STATUSES = ["ok", "repaired", "broken", "none"]
TAG_STATUSES = ["ok", "empty", "unknown_words"]
ANNOTATORS = ["analyst", "classifier", "llm", "adjudicator"]
LABEL_STATUSES = ["ok", "conflict", "unlabelled"]
SEVERITIES = ["high", "medium", "low"]


def _column(dtype: str, *checks: pa.Check, missing: bool = False) -> pa.Column:
    """One column. pandera widens some types (microseconds to nanoseconds), so ours is kept beside its own."""
    return pa.Column(dtype, checks=list(checks), nullable=missing, metadata={"dtype": dtype})


def _text(within: list[str] | None = None) -> pa.Column:
    return _column(TEXT, *([pa.Check.isin(within)] if within else []))


def _count(least: int = 0, *, missing: bool = False) -> pa.Column:
    return _column(WHOLE, pa.Check.ge(least), missing=missing)


def _score() -> pa.Column:
    return _column(WHOLE, pa.Check.isin(SCORES), missing=True)


def _real(least: float, greatest: float) -> pa.Column:
    return _column(REAL, pa.Check.in_range(least, greatest), missing=True)


def _day() -> pa.Column:
    return _column(DAY, missing=True)


def _dtypes(model: pa.DataFrameSchema) -> dict[str, str]:
    """The type of each column, as pandas spells it."""
    return {str(name): column.metadata["dtype"] for name, column in model.columns.items()}


def _model(name: str, key: list[str], /, **columns: pa.Column) -> pa.DataFrameSchema:
    """A strict schema: these columns in this order, no row with the key of another."""
    return pa.DataFrameSchema(columns, name=name, unique=key, strict=True, ordered=True)


DOCUMENTS = _model(
    "documents", ["document_id"],
    document_id=_text(), name=_text(), media_type=_text(), sha256=_text(),
    pages=_count(1, missing=True),  # NA where the format has no pages
    text=_text(),
    hidden=_text(),                 # JSON list of [start, end] in characters of text
    status=_text(DOCUMENT_STATUSES),
)  # fmt: skip
COMMITMENTS = _model(
    "commitments", ["commitment_id"],
    commitment_id=_text(), document_id=_text(), number=_count(1), title=_text(), text=_text(), guidelines=_text(),
    scoring_table=_text(),
    printed_average=_real(-1, 1),   # of the scores
    printed_percent=_real(0, 100),  # compliance, percent
    codebook=_text(),               # its id, "" where the commitment is ingested only
)  # fmt: skip
MEMBERS = _model(
    "members", ["commitment_id", "member"],
    commitment_id=_text(), member=_text(), code=_text(),
    table_score=_score(), heading_score=_score(), stated_score=_score(), published_score=_score(),
)  # fmt: skip
CONCLUSIONS = _model(
    "conclusions", ["commitment_id", "member", "position"],
    commitment_id=_text(), member=_text(), position=_count(1), text=_text(), place=_text(["opening", "closing"]),
    analysts=_text(),               # separated by ";"
)  # fmt: skip
ITEMS = _model(
    "items", ["item_id"],
    item_id=_text(), document_id=_text(), commitment_id=_text(), member=_text(), position=_count(1), date=_day(),
    date_text=_text(), text=_text(),
    citations=_text(),              # note numbers, separated by ";"
    pages=_text(), status=_text(ITEM_STATUSES),
)  # fmt: skip
SENTENCES = _model(
    "sentences", ["sentence_id"],
    sentence_id=_text(), item_id=_text(), document_id=_text(), commitment_id=_text(), member=_text(),
    position=_count(1), text=_text(),
    start=_count(), end=_count(),   # characters of documents.text
)  # fmt: skip
CITATIONS = _model(
    "citations", ["document_id", "note"],
    document_id=_text(), note=_count(1), title=_text(), publisher=_text(), place=_text(), published=_day(),
    accessed=_day(), url=_text(), url_status=_text(URL_STATUSES),
    translation=_text(),            # who translated the source, "" where nobody did
)  # fmt: skip
ANNOTATIONS = _model(
    "annotations", ["annotation_id"],
    annotation_id=_text(), sentence_id=_text(), text_sha256=_text(), annotator=_text(), kind=_text(ANNOTATORS),
    dimensions=_text(), strength=_text(STRENGTHS), exclusion=_text(), contradicts=_column(FLAG),
    confidence=_real(0, 1), note=_text(), codebook_version=_text(),
    at=_text(),                     # ISO time; "" for a classifier, whose rows depend on nothing but the run
    supersedes=_text(),
)  # fmt: skip
LABELS = _model(
    "labels", ["sentence_id"],
    sentence_id=_text(), dimensions=_text(), strength=_text(STRENGTHS), exclusion=_text(), contradicts=_column(FLAG),
    annotation_id=_text(), policy=_text(), status=_text(LABEL_STATUSES),
)  # fmt: skip
EVIDENCE_MATRIX = _model(
    "evidence_matrix", ["commitment_id", "member", "dimension"],
    commitment_id=_text(), member=_text(), dimension=_text(), n_strong=_count(), n_weak=_count(),
    level=_text(LEVELS),
    item_ids=_text(),               # counted items, separated by ";"
)  # fmt: skip
SCORES_FRAME = _model(
    "scores", ["commitment_id", "member", "reading"],
    commitment_id=_text(), member=_text(), reading=_text(), suggested_score=_score(), rule=_text(),
    published_score=_score(), agrees=_column("boolean", missing=True),  # NA where either score is
    score_all_dates=_score(),       # were items outside the period counted
    score_if_contradicted=_score(),  # were contradictory action to come first
)  # fmt: skip
FINDINGS = _model(
    "findings", ["finding_id"],
    finding_id=_text(), check=_text(), severity=_text(SEVERITIES), member=_text(), subject=_text(), message=_text(),
    proof=_text(),                  # ids, separated by ";"
)  # fmt: skip

FIXED = {
    model.name: model
    for model in (
        DOCUMENTS, COMMITMENTS, MEMBERS, CONCLUSIONS, ITEMS, SENTENCES, CITATIONS, ANNOTATIONS, LABELS,
        EVIDENCE_MATRIX, SCORES_FRAME, FINDINGS,
    )
}  # fmt: skip
"""Every frame that does not depend on the codebook, by name."""


def tags_model(codebook: Codebook) -> pa.DataFrameSchema:
    """Return the schema of the tags frame: one probability for each dimension of the codebook.

    Examples
    --------
    >>> from g7tag.store import data_path
    >>> from g7tag.codebook import load_codebook
    >>> book = load_codebook(data_path("codebooks/2024-apulia-19.toml"))
    >>> list(tags_model(book).columns)[:6]
    ['sentence_id', 'p_prevent', 'p_counter', 'p_dismantle', 'p_disrupt', 'p_strong']
    """
    shares = {f"p_{key}": _real(0, 1) for key in (*codebook.dimension_keys, "strong", "excluded")}
    return _model(
        "tags", ["sentence_id"],
        sentence_id=_text(), **shares,
        dimensions=_text(),         # separated by ";", in the codebook's order
        strength=_text(STRENGTHS), exclusion=_text(["", *codebook.exclusion_keys]),
        margin=_real(0, 1),            # distance of the nearest probability from its threshold: low means doubtful
        needs_review=_column(FLAG), status=_text(TAG_STATUSES), tagger=_text(),
    )  # fmt: skip


def validate(frame: pd.DataFrame, model: pa.DataFrameSchema, *, source: str = "") -> pd.DataFrame:
    """Return `frame` in the types of the schema, if it keeps the schema.

    Parameters
    ----------
    frame
        A frame, possibly of no rows; it is not changed. Equal types of other make (objects that are all text, days
        in nanoseconds) are made the schema's; nothing else is converted.
    model
        One of the schemas of this module.
    source
        Where the frame came from, for the message: a file name or a part of g7tag.

    Raises
    ------
    FrameError
        A column is missing, unknown, out of order or of another type, a value is not allowed, or a key stands twice.
        One line for each cause.

    Examples
    --------
    >>> frame = build(MEMBERS, [])
    >>> validate(frame.drop(columns="code"), MEMBERS, source="members.parquet")
    Traceback (most recent call last):
    g7tag.errors.FrameError: members.parquet: not a valid members frame
      column 'code' is missing
    """
    try:
        model.validate(frame.reset_index(drop=True), lazy=True)
    except SchemaErrors as error:
        lines = "\n".join(f"  {line}" for line in _frame_causes(frame, model, error.schema_errors))
        msg = f"{source or model.name}: not a valid {model.name} frame\n{lines}"
        raise FrameError(msg) from error
    return frame.astype(_dtypes(model))


def build(model: pa.DataFrameSchema, rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Make a frame of the schema's columns and types from rows; no rows give an empty frame of the same types.

    Examples
    --------
    >>> build(FINDINGS, []).shape
    (0, 7)
    """
    dtypes = _dtypes(model)
    return pd.DataFrame(list(rows), columns=list(dtypes)).astype(dtypes)


def _frame_causes(frame: pd.DataFrame, model: pa.DataFrameSchema, errors: list[SchemaError]) -> list[str]:
    """One line for each thing that is wrong, the first of each column alone."""
    lines: dict[str, str] = {}
    for error in errors:
        code = error.reason_code.name if error.reason_code else ""
        column = str(getattr(error.schema, "name", ""))
        if code == "COLUMN_NOT_IN_DATAFRAME":
            missing = str(error.failure_cases)
            lines.setdefault(missing, f"column {missing!r} is missing")
        elif code == "COLUMN_NOT_IN_SCHEMA":
            lines.setdefault(str(error.failure_cases), f"column {str(error.failure_cases)!r} is unknown")
        elif code == "COLUMN_NOT_ORDERED":
            lines.setdefault("order", f"columns are out of order, expected {', '.join(map(str, model.columns))}")
        elif code == "DUPLICATES":
            key = cast("list[str]", model.unique)
            twice = frame.loc[frame.duplicated(key), key].astype(str).agg(" ".join, axis=1)
            lines.setdefault("key", f"key {'+'.join(key)} stands twice: {twice.iloc[0][:60]!r} ({len(twice)} rows)")
        elif code == "WRONG_DATATYPE":
            found, expected = frame[column].dtype, _dtypes(model)[column]
            lines.setdefault(column, f"column {column!r} is {found}, expected {expected}")
        else:
            lines.setdefault(column, _value_cause(column, error))
    return list(lines.values())


def _value_cause(column: str, error: SchemaError) -> str:
    """What is wrong with the first value that a column may not hold."""
    cases = error.failure_cases
    if not isinstance(cases, pd.DataFrame) or cases.empty:
        return f"column {column!r}: {str(error)[:120]}"
    first = cases.iloc[0]
    if pd.isna(first["failure_case"]):
        return f"column {column!r}, row {first['index']}: a value is missing ({len(cases)} rows)"
    value = str(first["failure_case"])[:60]
    wanted = str(getattr(error.check, "error", error.check)).replace("isin(", "one of (")
    return f"column {column!r}, row {first['index']}: {value!r} is not allowed, expected {wanted} ({len(cases)} rows)"
