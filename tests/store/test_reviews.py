"""Annotations of models are append-only, all or none are added, and unusable files are reported."""

import itertools
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from g7tag.errors import RunError
from g7tag.store import add_reviews, read_requests, read_reviews, request_log, reviews_states
from g7tag.store.reviews import TABLE, add_rows, unusable

Reviews = Callable[..., pd.DataFrame]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reviews.sqlite"


def edited(path: Path, *statements: str) -> None:
    """Change a file as a damaged disk or another program would: the triggers that forbid it are taken out."""
    with sqlite3.connect(path) as connection:
        for statement in ("DROP TRIGGER never_changed", "DROP TRIGGER never_removed", *statements):
            connection.execute(statement)
    connection.close()


def test_what_was_added_is_read_in_its_order_and_each_state_stays_known(
    path: Path, tmp_path: Path, reviews: Reviews
) -> None:
    assert len(read_reviews(path)) == 0
    assert reviews_states(path) == []
    assert not path.exists()
    added = [reviews("b"), reviews("a", "c", confidence=0.5)]
    add_reviews(path, added[0])
    (first,) = reviews_states(path)
    add_reviews(path, added[1])
    pd.testing.assert_frame_equal(read_reviews(path), pd.concat(added, ignore_index=True))
    assert [file.name for file in tmp_path.iterdir()] == ["reviews.sqlite"]
    states = reviews_states(path)
    assert (len(states), states[0], states[2][:2]) == (3, first, "3 ")
    other = tmp_path / "other.sqlite"
    add_reviews(other, reviews("b", strength="strong"))
    assert reviews_states(other) != [first]


def test_an_id_that_is_there_is_refused_and_nothing_is_added(path: Path, reviews: Reviews) -> None:
    add_reviews(path, reviews("a"))
    with pytest.raises(RunError, match=r"an annotation with one of these ids already exists .*Read the file again"):
        add_reviews(path, reviews("b", "a"))
    assert read_reviews(path)["annotation_id"].tolist() == ["a"]


def test_a_prompt_is_stored_once_and_answers_each_time(path: Path) -> None:
    rows = [("prompt", "p", {"text": "1"}), ("prompt", "p", {"text": "2"}), ("answer", "k", {"n": 1})]
    for _ in range(2):
        with request_log(path) as log:
            log.add(rows)
    assert read_requests(path, "prompt") == [("p", {"text": "1"})]
    assert read_requests(path, "answer") == [("k", {"n": 1})] * 2
    assert read_requests(path, "verdict") == read_requests(path.with_name("none"), "answer") == []


@pytest.mark.parametrize("change", ["UPDATE annotations SET row = '{}'", "DELETE FROM annotations"])
def test_nothing_is_ever_changed_or_removed(path: Path, reviews: Reviews, change: str) -> None:
    add_reviews(path, reviews("a"))
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append only"):
        connection.execute(change)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE annotations SET row = replace(row, 'weak', 'none') WHERE annotation_id = 'b'", "row 2 of .*'b'"),
        ("UPDATE annotations SET annotation_id = 'B' WHERE annotation_id = 'b'", "row 2 of .*'B'"),
        ("UPDATE annotations SET row = CAST(row AS BLOB) WHERE annotation_id = 'a'", "row 1 of .*'a'"),
        ("UPDATE annotations SET sha256 = 'x' WHERE annotation_id = 'c'", "row 3 of .*'c'"),
        ("DELETE FROM annotations WHERE annotation_id = 'a'", "row 1 of .*'b'"),
        ("DELETE FROM annotations WHERE annotation_id = 'c'", "the last rows of annotations are missing; it has 2 now"),
        ("DELETE FROM annotations", "the last rows of annotations are missing; it has 0 now"),
        ("DELETE FROM heads", "the last rows of annotations are missing; it has 3 now"),
        ("DROP TABLE annotations", "the table 'annotations' is missing"),
    ],
)
def test_a_row_that_was_changed_or_removed_is_named(path: Path, reviews: Reviews, statement: str, what: str) -> None:
    add_reviews(path, reviews("a", "b", "c"))
    edited(path, statement)
    for use in (lambda: read_reviews(path), lambda: add_reviews(path, reviews("d"))):
        with pytest.raises(
            RunError, match=rf"reviews\.sqlite: was changed since g7tag wrote it: {what}.*Restore a copy"
        ):
            use()


@pytest.mark.parametrize(
    "content", [b"no database, but long enough to have a header" * 3, b"SQLite format 3\0xxx", None]
)
def test_a_file_that_is_no_database_is_named_and_left(path: Path, content: bytes | None) -> None:
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used \(.*\)\. Expected an annotations"):
        read_reviews(path)
    assert content is None or path.read_bytes() == content


@pytest.mark.parametrize("row", ["no JSON", "[1]", '{"annotation_id": "a", "kind": "pope"}'])
def test_a_row_that_is_no_annotation_is_named(path: Path, reviews: Reviews, row: str) -> None:
    add_reviews(path, reviews("a"))
    with sqlite3.connect(path) as connection:
        add_rows(connection, TABLE, [("z", row)])
    connection.close()
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used"):
        read_reviews(path)


def test_a_full_disk_is_not_told_to_put_back_a_copy(path: Path) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    expected = r"cannot be used \(database or disk is full\)\. Free some space and run again: the"
    with pytest.raises(RunError, match=expected):
        raise unusable(path, full)


def test_a_file_on_a_disk_that_cannot_be_written_to_is_read(
    path: Path, reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_reviews(path, reviews("a"))
    monkeypatch.setattr("g7tag.store.reviews.can_write", lambda _: False)
    assert read_reviews(path)["annotation_id"].tolist() == ["a"]
    assert [file.name for file in path.parent.iterdir()] == ["reviews.sqlite"]
    with pytest.raises(RunError, match=r"attempt to write a readonly database\)\. Make the file and its"):
        add_reviews(path, reviews("b"))


def test_a_file_that_was_left_before_anything_was_added_is_empty(path: Path, reviews: Reviews) -> None:
    path.touch()
    assert read_reviews(path).empty
    sqlite3.connect(path).execute("PRAGMA journal_mode=WAL").connection.close()
    assert read_reviews(path).empty
    add_reviews(path, reviews("a"))
    assert len(read_reviews(path)) == 1


@pytest.mark.slow
def test_a_reader_beside_a_writer_sees_whole_states(path: Path, reviews: Reviews) -> None:
    add_reviews(path, reviews("a"))
    stop = threading.Event()

    def write() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            add_reviews(path, reviews(f"n{number}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sizes = [len(read_reviews(path)) for _ in range(40)]
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(sizes)
