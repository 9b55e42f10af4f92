"""Annotations are only ever added, all or none, and a file that cannot be used is named."""

import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from g7tag.errors import RunError
from g7tag.frames import ANNOTATIONS, build
from g7tag.store import add_reviews, read_reviews, reviews_sha256


def annotations(*ids: str, **changes: Any) -> pd.DataFrame:
    row = {
        "sentence_id": "s", "text_sha256": "h", "annotator": "Ada", "kind": "analyst", "dimensions": "",
        "exclusion": "", "strength": "none", "contradicts": False, "confidence": None, "note": "=1+1 «é»",
        "codebook_version": "1", "at": "2026-01-01T00:00:00+00:00", "supersedes": "",
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
    with pytest.raises(RunError, match=r"an annotation with one of these ids is there already .*Read the file again"):
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
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used \(.*\)\. Expected the annotations"):
        read_reviews(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("row", ["no JSON", "[1]", '{"annotation_id": "a", "kind": "pope"}'])
def test_a_row_that_is_no_annotation_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "reviews.sqlite"
    add_reviews(path, annotations("a"))
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO annotations VALUES ('z', ?)", [row])
    connection.close()
    with pytest.raises(RunError, match=r"reviews\.sqlite: cannot be used"):
        read_reviews(path)


def test_the_hash_tells_states_apart() -> None:
    states = [annotations(), annotations("a"), annotations("a", strength="weak", dimensions="x"), annotations("a", "b")]
    assert len({reviews_sha256(state) for state in states}) == 4
    assert reviews_sha256(annotations()) == ""


def test_a_file_that_was_left_before_anything_was_added_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    path.touch()
    assert read_reviews(path).empty
    sqlite3.connect(path).execute("PRAGMA journal_mode=WAL").connection.close()
    assert read_reviews(path).empty
    add_reviews(path, annotations("a"))
    assert len(read_reviews(path)) == 1
