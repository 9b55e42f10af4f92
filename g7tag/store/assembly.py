"""Put the parts of a table together, one after another, without holding the table."""

from io import BytesIO
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from g7tag.store.tables import table_bytes


def part_bytes(frame: pd.DataFrame, kind: str) -> bytes:
    r"""Return some rows of a table as a part of its file: CSV without the header, Parquet as a file of its own.

    Examples
    --------
    >>> part_bytes(pd.DataFrame({"text": ["They met."]}), ".csv")
    b'They met.\n'
    """
    content = table_bytes(frame, kind)
    return content.partition(b"\n")[2] if kind == ".csv" else content


class Assembly:
    """Writes a table to an open file from its parts, in order; each part of a Parquet table is a row group.

    Parameters
    ----------
    file
        Where to write; it is left open.
    kind
        Suffix of the type, as in `table_bytes`.
    empty
        The table without rows, which tells its columns and types.
    """

    def __init__(self, file: IO[bytes], kind: str, empty: pd.DataFrame) -> None:
        self._file, self._parquet = file, None
        if kind == ".parquet":
            schema = pa.Schema.from_pandas(empty, preserve_index=False)
            self._parquet = pq.ParquetWriter(file, schema, compression="zstd")
        elif kind == ".csv":
            file.write(table_bytes(empty, kind))

    def add(self, part: bytes) -> None:
        """Write the next part, which `part_bytes` made."""
        if self._parquet is None:
            self._file.write(part)
        else:
            self._parquet.write_table(pq.read_table(BytesIO(part), use_threads=False))

    def close(self) -> None:
        """Write what stands at the end of the file."""
        if self._parquet is not None:
            self._parquet.close()
