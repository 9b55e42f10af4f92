"""Annotations are append-only, all or none are added, and unusable files are reported."""

import itertools
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.errors import RunError
from g7tag.frames import ANNOTATIONS, build
from g7tag.store import add_reviews, read_reviews, reviews_states
from g7tag.store.reviews import TABLE, add_rows, unusable

pytestmark = pytest.mark.slow


def annotations(*ids: str, **changes: Any) -> pd.DataFrame:
    row = {
        "sentence_id": "s", "text_sha256": "h", "annotator": "Ada", "kind": "analyst", "dimensions": "",
        "exclusion": "", "strength": "none", "act": "", "contradicts": False, "confidence": None, "note": "=1+1 «é»",
        "blind": False, "occasion": "label", "codebook_version": "1", "at": "2026-01-01T00:00:00+00:00",
        "supersedes": "",
    }  # fmt: skip
    return build(ANNOTATIONS, [row | changes | {"annotation_id": each} for each in ids])


def test_what_was_added_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    assert len(read_reviews(path)) == 0
    assert not path.exists()
    add_reviews(path, annotations("b"))
    add_reviews(path, annotations("a", "c", confidence=0.5))
    expected = pd.concat([annotations("b"), annotations("a", "c", confidence=0.5)], ignore_index=True)
    pd.testing.assert_frame_equal(read_reviews(path), expected)
    assert [file.name for file in tmp_path.iterdir()] == ["reviews.sqlite"]


def test_an_id_that_is_there_is_refused_and_nothing_is_added(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a"))
    with pytest.raises(RunError, match=r"an annotation with one of these ids already exists .*Read the file again"):
        add_reviews(path, annotations("b", "a"))
    assert read_reviews(path)["annotation_id"].tolist() == ["a"]


@pytest.mark.parametrize("change", ["UPDATE annotations SET row = '{}'", "DELETE FROM annotations"])
def test_nothing_is_ever_changed_or_removed(tmp_path: Path, change: str) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a"))
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append only"):
        connection.execute(change)
    connection.close()


@pytest.mark.parametrize(
    "content", [b"no database, but long enough to have a header" * 3, b"SQLite format 3\0" + b"x" * 99]
)
def test_a_file_that_is_no_database_is_named_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reviews.sqlite"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used \(.*\)\. Expected an annotations"):
        read_reviews(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("row", ["no JSON", "[1]", '{"annotation_id": "a", "kind": "pope"}'])
def test_a_row_that_is_no_annotation_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a"))
    with sqlite3.connect(path) as connection:
        add_rows(connection, TABLE, [("z", row)])
    connection.close()
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used"):
        read_reviews(path)


def test_the_state_tells_files_apart_and_earlier_states_stay_among_those_of_a_file(tmp_path: Path) -> None:
    assert reviews_states(tmp_path / "none.sqlite") == []
    made = [annotations("a"), annotations("a", strength="weak", dimensions="x"), annotations("a", "b")]
    for place, added in enumerate(made):
        add_reviews(tmp_path / f"{place}.sqlite", added)
    first, other, longer = (reviews_states(tmp_path / f"{place}.sqlite") for place in range(3))
    assert [len(states) for states in (first, other, longer)] == [1, 1, 2]
    assert longer[0] == first[0] != other[0]
    assert str(longer[1]).startswith("2 ")


def edited(path: Path, statement: str, values: list[str] | None = None) -> None:
    """Change a file as a damaged disk or another program would: the triggers that forbid it are taken out."""
    with sqlite3.connect(path) as connection:
        for trigger in ("never_changed", "never_removed"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        connection.execute(statement, values or [])
    connection.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE annotations SET row = replace(row, 'none', 'weak') WHERE annotation_id = 'b'", "row 2 of .*'b'"),
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
def test_a_row_that_was_changed_or_removed_is_named(tmp_path: Path, statement: str, what: str) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a", "b", "c"))
    edited(path, statement)
    for use in (lambda: read_reviews(path), lambda: add_reviews(path, annotations("d"))):
        with pytest.raises(
            RunError, match=rf"reviews\.sqlite: was changed since g7tag wrote it: {what}.*Restore a copy"
        ):
            use()


def test_a_full_disk_is_not_told_to_put_back_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a"))
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    with pytest.raises(
        RunError, match=r"cannot be used \(database or disk is full\)\. Free some space and run again: the"
    ):
        raise unusable(path, full)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "reviews.sqlite").mkdir()
    with pytest.raises(RunError, match=r"cannot be used \(it is not a file\)"):
        read_reviews(tmp_path / "reviews.sqlite")


def test_a_file_on_a_disk_that_cannot_be_written_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_reviews(tmp_path / "reviews.sqlite", annotations("a"))
    monkeypatch.setattr("g7tag.store.reviews.can_write", lambda _: False)
    assert read_reviews(tmp_path / "reviews.sqlite")["annotation_id"].tolist() == ["a"]
    assert [file.name for file in tmp_path.iterdir()] == ["reviews.sqlite"]
    with pytest.raises(RunError, match=r"attempt to write a readonly database\)\. Make the file and its"):
        add_reviews(tmp_path / "reviews.sqlite", annotations("b"))


def test_a_file_that_was_left_before_anything_was_added_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    path.touch()
    assert read_reviews(path).empty
    sqlite3.connect(path).execute("PRAGMA journal_mode=WAL").connection.close()
    assert read_reviews(path).empty
    add_reviews(path, annotations("a"))
    assert len(read_reviews(path)) == 1


def test_a_reader_beside_a_writer_sees_whole_states(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a"))
    stop = threading.Event()

    def write() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            add_reviews(path, annotations(f"n{number}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sizes = [len(read_reviews(path)) for _ in range(150)]
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(sizes)
