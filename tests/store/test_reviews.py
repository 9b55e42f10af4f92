"""The log of requests is append-only, all or none are added, and unusable files are reported."""

import itertools
import os
import sqlite3
import threading

import pytest

from g7tag.errors import RunError
from g7tag.store import read_requests, request_log
from g7tag.store.reviews import unusable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reviews.sqlite"


def add(path, *keys):
    with request_log(path) as log:
        log.add(("answer", key, {"text": f"«{key}»"}) for key in keys)


def keys(path):
    return [one.key for one in read_requests(path, "answer")]


def edited(path, *statements):
    """Change a file as a damaged disk or another program would: the triggers that forbid it are taken out."""
    with sqlite3.connect(path) as connection:
        for statement in ("DROP TRIGGER request_kept", "DROP TRIGGER request_stays", *statements):
            connection.execute(statement)
    connection.close()


def test_what_was_added_is_read_in_its_order(path):
    assert keys(path) == []
    assert not path.exists()
    add(path, "b")
    add(path, "a", "c")
    assert keys(path) == ["b", "a", "c"]
    assert read_requests(path, "answer", "verdict")[0] == ("answer", "b", {"text": "«b»"})
    assert read_requests(path, "verdict") == []
    assert [file.name for file in path.parent.iterdir()] == ["reviews.sqlite"]


def test_a_prompt_is_stored_once_and_answers_each_time(path):
    rows = [("prompt", "p", {"text": "1"}), ("prompt", "p", {"text": "2"}), ("answer", "k", {"n": 1})]
    for _ in range(2):
        with request_log(path) as log:
            log.add(rows)
    assert read_requests(path, "prompt") == [("prompt", "p", {"text": "1"})]
    assert read_requests(path, "answer") == [("answer", "k", {"n": 1})] * 2


@pytest.mark.parametrize("change", ["UPDATE requests SET row = '{}'", "DELETE FROM requests"])
def test_nothing_is_ever_changed_or_removed(path, change):
    add(path, "a")
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append only"):
        connection.execute(change)
    connection.close()


@pytest.mark.parametrize(("statement", "what"), [
    ("UPDATE requests SET row = replace(row, 'text', 'next') WHERE key = 'b'", r"row 2 \(answer 'b'\)"),
    ("UPDATE requests SET key = 'B' WHERE key = 'b'", r"row 2 \(answer 'B'\)"),
    ("UPDATE requests SET row = CAST(row AS BLOB) WHERE key = 'a'", r"row 1 \(answer 'a'\)"),
    ("UPDATE requests SET sha256 = 'x' WHERE key = 'c'", r"row 3 \(answer 'c'\)"),
    ("DELETE FROM requests WHERE key = 'a'", r"row 1 \(answer 'b'\)"),
    ("DELETE FROM requests WHERE key = 'c'", "the last rows are missing; it has 2 now"),
    ("DELETE FROM requests", "the last rows are missing; it has 0 now"),
    ("DELETE FROM sqlite_sequence", "the last rows are missing; it has 3 now"),
    ("DROP TABLE requests", "the table of requests is missing"),
])  # fmt: skip
def test_a_row_that_was_changed_or_removed_is_named(path, statement, what):
    add(path, "a", "b", "c")
    edited(path, statement)
    for use in (lambda: keys(path), lambda: add(path, "d")):
        with pytest.raises(
            RunError, match=rf"reviews\.sqlite: was changed since g7tag wrote it: {what}.*Restore a copy"
        ):
            use()


@pytest.mark.parametrize(
    "content", [b"no database, but long enough to have a header" * 3, b"SQLite format 3\0xxx", None]
)
def test_a_file_that_is_no_database_is_named_and_left(path, content):
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used \(.*\)\. Expected a file of g7tag"):
        keys(path)
    assert content is None or path.read_bytes() == content


def test_a_full_disk_is_not_told_to_put_back_a_copy(path):
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    expected = r"cannot be used \(database or disk is full\)\. Free some space and run again: the"
    with pytest.raises(RunError, match=expected):
        raise unusable(path, full)


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root writes everywhere")
def test_a_file_on_a_disk_that_cannot_be_written_to_is_read(path):
    add(path, "a")
    path.chmod(0o400)
    assert keys(path) == ["a"]
    with pytest.raises(RunError, match=r"attempt to write a readonly database\)\. Make the file and its"):
        add(path, "b")


def test_a_file_that_was_left_before_anything_was_added_is_empty(path):
    path.touch()
    assert keys(path) == []
    add(path, "a")
    assert keys(path) == ["a"]


@pytest.mark.slow
def test_a_reader_beside_a_writer_sees_whole_states(path):
    add(path, "a")
    stop = threading.Event()

    def write():
        for number in itertools.count():
            if stop.is_set():
                return
            add(path, f"n{number}", f"m{number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sizes = [len(keys(path)) for _ in range(40)]
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(sizes)
    assert all(size % 2 for size in sizes)
