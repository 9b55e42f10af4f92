"""Reading Parquet files of users with a limit on memory."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PARQUET_BUFFERS: dict[str, Any] = {"buffer_size": 2**20, "pre_buffer": False}
"""Without these a whole row group is read at once, which may be as large as the file."""
MOST_UNPACKED = 500_000_000
"""Maximum unpacked bytes of a table that is read whole, or of a row group; 50 long reports need a tenth of that."""
_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_PLAIN = (*_TEXT, pa.types.is_primitive, pa.types.is_decimal, pa.types.is_null)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table after checking that it does not need too much memory."""
    with path.open("rb") as source:
        file = open_parquet(source)
        for field in file.schema_arrow:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            if not any(test(kind) for test in _PLAIN):
                msg = f"column {field.name!r} contains {kind}, expected text, numbers or dates"
                raise ValueError(msg)
        _require(max(sum(_stated(file)), 8 * file.metadata.num_rows * len(file.schema_arrow)))
        _require(sum(map(_characters, file.read(use_threads=False).columns)))
    try:
        return pd.read_parquet(path)
    except (KeyError, TypeError, NotImplementedError) as error:
        msg = f"its metadata on columns is wrong: {error}"
        raise ValueError(msg) from error


def open_parquet(source: Any, columns: list[str] | None = None) -> pq.ParquetFile:
    """Open a Parquet file so that each repeated text is held once."""
    fields = [field for field in pq.read_schema(source) if columns is None or field.name in columns]
    texts = [field.name for field in fields if any(test(field.type) for test in _TEXT)]
    return pq.ParquetFile(source, read_dictionary=texts, **PARQUET_BUFFERS)


def require_stated(file: pq.ParquetFile) -> None:
    """Raise an error if the metadata of a row group gives a size of more than `MOST_UNPACKED` bytes."""
    _require(max(_stated(file), default=0))


def _stated(file: pq.ParquetFile) -> list[int]:
    return [file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups)]


def _characters(column: pa.ChunkedArray) -> int:
    """Return the bytes of the texts of a column, in which each repeated text is held once."""
    if not pa.types.is_dictionary(column.type) or not any(test(column.type.value_type) for test in _TEXT):
        return 0
    lengths = (pc.binary_length(chunk.dictionary).take(chunk.indices) for chunk in column.chunks)
    return sum(pc.sum(each).as_py() or 0 for each in lengths)


def _require(size: int) -> None:
    if size > MOST_UNPACKED:
        msg = f"it would unpack to more than {MOST_UNPACKED:,} bytes"
        raise ValueError(msg)
