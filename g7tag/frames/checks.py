"""Check a frame against its schema, and the frames of a run against each other, and describe the errors."""

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

from g7tag.codebook import Codebook
from g7tag.errors import FrameError
from g7tag.text import counted, listed

Frames = Mapping[str, pd.DataFrame]
"""Frames of a run by name."""
_VALID: dict[tuple[int, bytes], pa.DataFrameSchema] = {}
"""Schemas by the content of frames that were valid: a run passes each frame to several parts, which all check it."""
_NAMED = {
    "document_id": "documents", "commitment_id": "commitments", "item_id": "items", "sentence_id": "sentences",
    "item_ids": "items", "candidate_ids": "items", "sentence_ids": "sentences",
}  # fmt: skip
"""Columns that name rows of another frame by its key."""
_OWN_WORDS = ("summary", "annotations", "findings")
"""Frames that may name what the run does not have: a title that is printed, a sentence that was labelled earlier."""
_MAY_BE_EMPTY = ("named_only", "dimensions", "exclusion", "item_ids", "candidate_ids", "sentence_ids")
_MOST_KNOWN = 1_000
_MOST_ROWS = 20_000  # of a frame whose content is remembered; for larger frames the check is cheap compared to the work


def validate(frame: pd.DataFrame, model: pa.DataFrameSchema, *, source: str = "") -> pd.DataFrame:
    """Return `frame` with the types of the schema, after checking it against the schema."""
    known = _content_of(frame)
    if known is not None and _VALID.get((id(model), known)) is model:
        return frame.astype(_dtypes(model))
    try:
        model.validate(frame.reset_index(drop=True), lazy=True)
    except SchemaErrors as error:
        lines = "\n".join(f"  {line}" for line in _frame_causes(frame, model, error.schema_errors))
        msg = f"{source or model.name}: not a valid {model.name} frame\n{lines}"
        raise FrameError(msg) from error
    if known is not None:
        if len(_VALID) >= _MOST_KNOWN:
            _VALID.clear()
        _VALID[id(model), known] = model
    return frame.astype(_dtypes(model))


def require_columns(frame: pd.DataFrame, names: Iterable[str], *, source: str) -> None:
    """Raise a `FrameError` if a frame that has no schema, such as a result of an evaluation, lacks a column."""
    missing = [name for name in names if name not in frame]
    if missing:
        msg = f"{source}: column {missing[0]!r} is missing, found {listed(frame.columns, most=20)}."
        raise FrameError(msg)


def require_related(frames: Mapping[str, pd.DataFrame], codebook: Codebook, *, source: str) -> None:
    """Raise a `FrameError` if a frame of a run names a member, dimension or row that the run does not have."""
    rows = {column: set(frames[of].iloc[:, 0]) for column, of in _NAMED.items() if of in frames}
    words: dict[str, Collection[str]] = {
        **dict.fromkeys(("member", "members", "named_only"), codebook.codes),
        **dict.fromkeys(("dimension", "dimensions"), codebook.dimension_keys),
        "exclusion": codebook.exclusion_keys,
        "reading": [reading.name for reading in codebook.readings],
    }
    for name, frame in frames.items():
        if name in _OWN_WORDS:
            continue
        own = frame["commitment_id"] == codebook.commitment.id if "commitment_id" in frame else slice(None)
        for column, known in {**rows, **words}.items():
            if column in frame:
                parts = frame[column][slice(None) if column in rows else own].str.split(";").explode()
                wrong = parts[~parts.isin(known) & ~((parts == "") & (column in _MAY_BE_EMPTY))]
                if len(wrong):
                    msg = (
                        f"{source}: the frames do not fit each other\n  column {column!r} of {name}, row "
                        f"{wrong.index[0]}: {wrong.iloc[0][:60]!r} is not in the run ({counted(len(wrong), 'row')})\n"
                        "Ask who made the run for a new copy, or read the reports into a new directory."
                    )
                    raise FrameError(msg)


def _content_of(frame: pd.DataFrame) -> bytes | None:
    """Return a hash of columns, types and values; None if it would be slow or could confuse different values."""
    kinds = [(str(name), str(kind)) for name, kind in frame.dtypes.items()]
    if len(frame) > _MOST_ROWS or frame.columns.has_duplicates or any(kind == "object" for _, kind in kinds):
        return None
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return sha256(repr(kinds).encode() + rows.tobytes()).digest()


def build(model: pa.DataFrameSchema, rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Return a frame with the schema's columns and types from rows; without rows it is empty, with the same types."""
    dtypes = _dtypes(model)
    empty = dict.fromkeys(added(model), "")
    return pd.DataFrame([{**empty, **row} for row in rows], columns=list(dtypes)).astype(dtypes)


def added(model: pa.DataFrameSchema) -> list[str]:
    """Return the columns of a schema that frames and files written before lack; they are "" there."""
    return [str(name) for name, column in model.columns.items() if "added" in column.metadata]


def _dtypes(model: pa.DataFrameSchema) -> dict[str, str]:
    """Return the pandas type of each column."""
    return {str(name): column.metadata["dtype"] for name, column in model.columns.items()}


def _frame_causes(frame: pd.DataFrame, model: pa.DataFrameSchema, errors: list[SchemaError]) -> list[str]:
    """Return one line per error, but only the first error of each column."""
    duplicates = frame.columns[frame.columns.duplicated()]
    if len(duplicates):
        return [f"column {name!r} appears twice" for name in dict.fromkeys(duplicates)]
    lines: dict[str, str] = {}
    for error in errors:
        code = error.reason_code.name if error.reason_code else ""
        column, named = str(getattr(error.schema, "name", "")), str(error.failure_cases)
        if code in {"COLUMN_NOT_IN_DATAFRAME", "COLUMN_NOT_IN_SCHEMA"}:
            what = "missing" if code == "COLUMN_NOT_IN_DATAFRAME" else "unknown"
            lines.setdefault(named, f"column {named!r} is {what}")
        elif code == "COLUMN_NOT_ORDERED":
            lines.setdefault("order", f"columns are out of order, expected {', '.join(map(str, model.columns))}")
        elif code == "DUPLICATES":
            key = cast("list[str]", model.unique)
            if not set(key) <= set(frame.columns):
                continue  # the missing column has a line of its own
            twice = frame.loc[frame.duplicated(key), key].astype(str).agg(" ".join, axis=1)
            first = f"{twice.iloc[0][:60]!r} ({counted(len(twice), 'row')})"
            lines.setdefault("key", f"key {'+'.join(key)} appears twice: {first}")
        elif code == "WRONG_DATATYPE":
            found, expected = frame[column].dtype, _dtypes(model)[column]
            lines.setdefault(column, f"column {column!r} is {found}, expected {expected}")
        else:
            lines.setdefault(column, _value_cause(column, error))
    return list(lines.values())


def _value_cause(column: str, error: SchemaError) -> str:
    """Describe the first invalid value of a column."""
    cases = error.failure_cases
    if not isinstance(cases, pd.DataFrame) or cases.empty:
        return f"column {column!r}: {str(error)[:120]}"
    first = cases.iloc[0]
    row, rows = int(first["index"]), counted(len(cases), "row")
    if pd.isna(first["failure_case"]):
        return f"column {column!r}, row {row}: a value is missing ({rows})"
    value = str(first["failure_case"])[:60]
    wanted = str(getattr(error.check, "error", error.check)).replace("isin(", "one of (")
    return f"column {column!r}, row {row}: {value!r} is not allowed, expected {wanted} ({rows})"
