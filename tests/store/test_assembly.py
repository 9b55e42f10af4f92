"""A table put together from its parts."""

from io import BytesIO
from itertools import pairwise

import pandas as pd
import pyarrow.parquet as pq
import pytest

from g7tag.store import Assembly, part_bytes, table_bytes

TABLE = pd.DataFrame({"text": ["=1+1", 'a "b",\nc', "über", ""], "p": [0.5, 0.25, float("nan"), 1.0]}).astype(
    {"text": "str"}
)


def assembled(kind: str, *cuts: int) -> bytes:
    file = BytesIO()
    table = Assembly(file, kind, TABLE[:0])
    for start, end in pairwise(cuts):
        table.add(part_bytes(TABLE[start:end].reset_index(drop=True), kind))
    table.close()
    return file.getvalue()


@pytest.mark.parametrize("kind", [".csv", ".jsonl"])
@pytest.mark.parametrize("cuts", [(0, 4), (0, 1, 4), (0, 1, 2, 3, 4)], ids=str)
def test_the_parts_of_a_text_file_make_the_file(kind: str, cuts: tuple[int, ...]) -> None:
    assert assembled(kind, *cuts) == table_bytes(TABLE, kind)


def test_the_parts_of_a_parquet_file_are_its_row_groups() -> None:
    file = pq.ParquetFile(BytesIO(assembled(".parquet", 0, 1, 4)))
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [1, 3]
    pd.testing.assert_frame_equal(file.read().to_pandas(), TABLE)


def test_a_table_of_no_part_has_its_columns() -> None:
    assert assembled(".csv", 0) == b"text,p\n"
    assert assembled(".jsonl", 0) == b""
    pd.testing.assert_frame_equal(pd.read_parquet(BytesIO(assembled(".parquet", 0))), TABLE[:0])
