"""Check a frame against its schema, and word what breaks it."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, cast

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrors

from g7tag.errors import FrameError

_VALID: dict[tuple[int, bytes], pa.DataFrameSchema] = {}
"""Schemas by the content of frames that keep them: a run hands each frame to several parts, which all check it."""
_MOST_KNOWN = 1_000
_MOST_ROWS = 20_000  # of a frame whose content is remembered; in larger ones the check costs less than the work


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
    >>> from g7tag.frames import MEMBERS
    >>> frame = build(MEMBERS, [])
    >>> validate(frame.drop(columns="code"), MEMBERS, source="members.parquet")
    Traceback (most recent call last):
    g7tag.errors.FrameError: members.parquet: not a valid members frame
      column 'code' is missing
    """
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


def _content_of(frame: pd.DataFrame) -> bytes | None:
    """A hash of columns, types and values, None where it would take long or not tell all values apart."""
    kinds = [(str(name), str(kind)) for name, kind in frame.dtypes.items()]
    if len(frame) > _MOST_ROWS or frame.columns.has_duplicates or any(kind == "object" for _, kind in kinds):
        return None
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return sha256(repr(kinds).encode() + rows.tobytes()).digest()


def build(model: pa.DataFrameSchema, rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Make a frame of the schema's columns and types from rows; no rows give an empty frame of the same types.

    Examples
    --------
    >>> from g7tag.frames import FINDINGS
    >>> build(FINDINGS, []).shape
    (0, 7)
    """
    dtypes = _dtypes(model)
    return pd.DataFrame(list(rows), columns=list(dtypes)).astype(dtypes)


def _dtypes(model: pa.DataFrameSchema) -> dict[str, str]:
    """The type of each column, as pandas spells it."""
    return {str(name): column.metadata["dtype"] for name, column in model.columns.items()}


def _frame_causes(frame: pd.DataFrame, model: pa.DataFrameSchema, errors: list[SchemaError]) -> list[str]:
    """One line for each thing that is wrong, the first of each column alone."""
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        return [f"column {name!r} stands twice" for name in dict.fromkeys(doubled)]
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
            if not set(key) <= set(frame.columns):
                continue  # the missing column is named already
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
    row = int(first["index"])
    if pd.isna(first["failure_case"]):
        return f"column {column!r}, row {row}: a value is missing ({len(cases)} rows)"
    value = str(first["failure_case"])[:60]
    wanted = str(getattr(error.check, "error", error.check)).replace("isin(", "one of (")
    return f"column {column!r}, row {row}: {value!r} is not allowed, expected {wanted} ({len(cases)} rows)"
