"""Open a user's table, to read it a chunk at a time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from g7tag.errors import FrameError
from g7tag.store.dialects import dialect_of
from g7tag.store.parquet import open_parquet
from g7tag.store.parsers import COLUMNS, Row, Rows, csv_rows, json_rows, parquet_rows
from g7tag.store.rejects import Reject
from g7tag.store.tables import check_table_type, unreadable


@contextmanager
def open_rows(path: Path, *, size: int) -> Iterator[Rows]:
    """Open a user's table for reading, some rows at a time; the words NA and None stay words.

    A row that cannot be read is a `Reject` among the rows: one with another number of cells than the header, a line
    that is no JSON object with a `text`, or bytes that are not UTF-8. A blank line of a CSV file is a row of empty
    cells; of a JSON Lines file it is no row. The columns of a JSON Lines file are those of its first `size` rows.

    Parameters
    ----------
    path
        A file that ends in .csv, .parquet or .jsonl.
    size
        Rows of a chunk; memory grows with this and not with the file.

    Raises
    ------
    InputError
        The file is missing, empty, of another type, has a header that cannot be read, or a quote that is never closed
        (which is found when it is read so far).
    FrameError
        A column that is needed stands twice.
    """
    check_table_type(path)
    with ExitStack() as opened:
        try:
            rows = _opened(path, size, opened)
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from error
        twice = [name for name in COLUMNS if name != "text" and rows.columns.count(name) > 1]
        if twice:
            msg = f"{path}: column {twice[0]!r} stands twice. Keep one column of that name."
            raise FrameError(msg)
        yield rows._replace(chunks=_named(path, rows.chunks))


def _opened(path: Path, size: int, opened: ExitStack) -> Rows:
    match path.suffix.lower():
        case ".csv":
            dialect = dialect_of(path)
            text = path.open(encoding=dialect.encoding, errors="surrogateescape", newline="")
            return csv_rows(opened.enter_context(text), size, dialect)
        case ".jsonl":
            text = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n")
            return json_rows(opened.enter_context(text), size)
        case _:
            file = opened.enter_context(path.open("rb"))  # by name pyarrow would take a folder, too
            return parquet_rows(opened.enter_context(open_parquet(file, list(COLUMNS))), size)


def _named(path: Path, chunks: Iterator[list[Row | Reject]]) -> Iterator[list[Row | Reject]]:
    """The chunks, where a parser's error names the file."""
    try:
        yield from chunks
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
