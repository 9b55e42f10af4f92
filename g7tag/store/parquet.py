"""Reading Parquet files of users with a limit on memory."""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PARQUET_BUFFERS: dict[str, Any] = {"buffer_size": 2**20, "pre_buffer": False}
"""Without these a whole row group is read at once, which may be as large as the file."""
MOST_UNPACKED = 500_000_000
"""Maximum unpacked bytes of a frame or of a row group of a user's table; 50 long reports need a tenth of that."""
_ROWS = 4_096  # read at once
_LONG_BATCH = 2**25  # bytes of a batch above which each repeated text is held only once


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table after checking that it does not need too much memory."""
    with path.open("rb") as file:
        _require_small(open_parquet(file))
    try:
        return pd.read_parquet(path)
    except (KeyError, TypeError, NotImplementedError) as error:
        msg = f"its metadata on columns is wrong: {error}"
        raise ValueError(msg) from error


def _require_small(file: pq.ParquetFile) -> None:
    """Raise an error if the cells of a table would need more memory than `MOST_UNPACKED`, before it is read."""
    nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
    if nested:
        msg = f"column {nested[0]!r} contains lists or tables"
        raise ValueError(msg)
    sizes = (int(row_bytes(batch).sum()) for batch in file.iter_batches(batch_size=_ROWS, use_threads=False))
    if sum(_stated(file)) > MOST_UNPACKED or any(total > MOST_UNPACKED for total in accumulate(sizes)):
        raise _too_large()


def require_stated(file: pq.ParquetFile) -> None:
    """Raise an error if the metadata of a row group gives a size of more than `MOST_UNPACKED` bytes."""
    if any(size > MOST_UNPACKED for size in _stated(file)):
        raise _too_large()


def open_parquet(source: Any, columns: list[str] | None = None) -> pq.ParquetFile:
    """Open a Parquet file so that each repeated text is held once."""
    schema = pq.read_schema(source)
    texts = [
        field.name
        for field in schema
        if (columns is None or field.name in columns)
        and (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
    ]
    return pq.ParquetFile(source, read_dictionary=texts, **PARQUET_BUFFERS)


def parquet_batches(source: Any, columns: list[str], size: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a Parquet file in batches of one row group each."""
    once, plain = open_parquet(source, columns), pq.ParquetFile(source, **PARQUET_BUFFERS)
    for group in range(once.num_row_groups):
        reader = once if _longest_repeated(once, group, columns) * size > _LONG_BATCH else plain
        yield from reader.iter_batches(batch_size=size, row_groups=[group], columns=columns, use_threads=False)


def _longest_repeated(file: pq.ParquetFile, group: int, columns: list[str]) -> int:
    """Return the bytes of the longest text in the dictionaries of a row group, which precede its rows."""
    first = next(file.iter_batches(batch_size=1, row_groups=[group], columns=columns, use_threads=False), None)
    kept = [column.dictionary for column in first.columns if pa.types.is_dictionary(column.type)] if first else []
    return max((pc.max(pc.binary_length(texts)).as_py() or 0 for texts in kept if _is_text(texts)), default=0)


def row_bytes(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    """Return the unpacked bytes of each row of a batch: repeated texts count each time, a cell at least 8."""
    total = np.full(len(batch), 8 * batch.num_columns, dtype=np.int64)
    for column in batch.columns:
        is_repeated = pa.types.is_dictionary(column.type)
        texts = column.dictionary if is_repeated else column
        if _is_text(texts):
            lengths = pc.binary_length(texts)
            lengths = lengths.take(column.indices) if is_repeated else lengths
            total += np.asarray(lengths.fill_null(0).cast(pa.int64()))
    return total


def in_pieces(batch: pa.RecordBatch, most: int) -> Iterator[pa.RecordBatch]:
    """Yield a batch in pieces of at most `most` bytes, but at least one row."""
    ends = np.cumsum(row_bytes(batch))
    start = 0
    while start < len(batch):
        taken = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, taken + most, side="right")), start + 1)
        yield batch.slice(start, stop - start)
        start = stop


def _stated(file: pq.ParquetFile) -> list[int]:
    return [file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups)]


def _too_large() -> ValueError:
    return ValueError(f"it would unpack to more than {MOST_UNPACKED:,} bytes")


def _is_text(cells: pa.Array) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(cells.type) for test in tests)
