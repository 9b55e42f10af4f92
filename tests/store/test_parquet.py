"""Small Parquet files that would unpack to more than the memory are refused, or read in pieces."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from g7tag.batch.rejects import Reject
from g7tag.batch.rows import open_rows
from g7tag.errors import FrameError, InputError
from g7tag.frames import FINDINGS
from g7tag.store import read_frame, read_table
from g7tag.store.parquet import in_pieces, parquet_batches, row_bytes

MEGABYTE = "x" * 2**20


def repeated_text(path: Path, rows: int = 10_000) -> Path:
    """A megabyte of text in each of 10,000 rows, in a file of some kilobytes."""
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([MEGABYTE]))
    pq.write_table(pa.table({"text": text.cast(pa.string()) if rows < 100 else text}), path, compression="zstd")
    return path


def many_rows(path: Path) -> Path:
    """80 million zeros in a file of some hundred bytes."""
    zeros = pa.array(np.zeros(1_000_000, dtype=np.int64))
    pq.write_table(pa.table({"n": pa.chunked_array([zeros] * 80)}), path, row_group_size=10**9, compression="zstd")
    return path


@pytest.mark.parametrize(("make", "most"), [(repeated_text, 100_000), (many_rows, 500_000)], ids=["text", "rows"])
def test_a_frame_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, make: object, most: int) -> None:
    path = make(tmp_path / "t.parquet")  # type: ignore[operator]
    assert path.stat().st_size < most
    with pytest.raises(
        FrameError, match=r"cannot be read as Parquet \(it would unpack to more than 500,000,000 bytes\)"
    ):
        read_frame(path, FINDINGS)
    with pytest.raises(InputError, match=r"table \(it would unpack to more than 500,000,000 bytes\)"):
        read_table(path)


def test_refusing_a_frame_takes_little_memory(tmp_path: Path) -> None:
    path = repeated_text(tmp_path / "t.parquet")
    code = (
        "import sys, resource, pathlib\n"
        "from g7tag.store import read_table\n"
        "from g7tag.errors import InputError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_table(pathlib.Path(sys.argv[1]))\n"
        "except InputError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes of a unit of ru_maxrss
    assert int(done.stdout) * unit < 300_000_000


def test_a_frame_of_lists_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"finding_id": [["a"], ["b"]]}), tmp_path / "t.parquet")
    with pytest.raises(FrameError, match=r"\(column 'finding_id' contains lists or tables\)"):
        read_frame(tmp_path / "t.parquet", FINDINGS)


def test_rows_of_a_table_with_long_texts_come_in_small_chunks(tmp_path: Path) -> None:
    path = repeated_text(tmp_path / "t.parquet", rows=2_000)
    with open_rows(path, size=8_000) as rows:
        sizes = [len(chunk) for chunk in rows.chunks]
    assert sum(sizes) == 2_000
    assert max(sizes) <= 32  # megabytes


def test_a_cell_that_no_sentence_fills_is_passed_over(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["One.", "x" * (2**24 + 1), "Two."]}), tmp_path / "t.parquet")
    with open_rows(tmp_path / "t.parquet", size=10) as rows:
        found = [row for chunk in rows.chunks for row in chunk]
    assert found[1] == Reject(2, "", "the row has more than 16,777,216 bytes", "")
    assert [row.text for row in (found[0], found[2])] == ["One.", "Two."]


@pytest.mark.parametrize("long", [False, True])
def test_texts_are_held_once_only_where_a_long_one_is_repeated(tmp_path: Path, long: bool) -> None:
    texts = ["short", "the other", "the other"] * 100 + ([MEGABYTE] * 50 if long else [])  # the long one comes last
    pq.write_table(pa.table({"text": texts, "n": range(len(texts))}), tmp_path / "t.parquet", row_group_size=200)
    with (tmp_path / "t.parquet").open("rb") as file:
        batches = list(parquet_batches(file, ["text", "n"], 100))
    assert [len(batch) for batch in batches] == ([100, 100, 100, 50] if long else [100, 100, 100])
    kinds = [pa.types.is_dictionary(batch.column("text").type) for batch in batches]
    assert kinds == ([False, False, True, True] if long else [False] * 3)
    assert [text for batch in batches for text in batch.column("text").to_pylist()] == texts


def test_pieces_of_a_batch_keep_to_the_limit_and_lose_no_row() -> None:
    batch = pa.record_batch({"text": pa.array(["a" * n for n in (10, 50, 200, 1, 1, 1)] + [None])})
    # 8 bytes of a cell and those of its text: 18, 58, 208, 9, 9, 9, 8
    assert row_bytes(batch).tolist() == [18, 58, 208, 9, 9, 9, 8]
    pieces = list(in_pieces(batch, 80))
    assert [len(piece) for piece in pieces] == [2, 1, 4]
    assert pa.Table.from_batches(pieces).equals(pa.Table.from_batches([batch]))
