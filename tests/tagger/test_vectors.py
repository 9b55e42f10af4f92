"""Vectors of sentences: of length 1, each by itself, and only from the model that comes with g7tag."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from g7tag.errors import ModelError
from g7tag.store import data_path
from g7tag.tagger import vectors
from g7tag.tagger.vectors import MODEL, SIZE, TOKENIZER, sentence_vectors

TEXTS = ["They dredged the channel.", "", "A lamp was lit on the pier, and the keeper was paid.", "Silt."]


@pytest.fixture
def nothing_known() -> Iterator[None]:
    """Neither sentences nor the model are kept from before, nor are they kept afterwards."""
    caches = (vectors._vector, vectors._model)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


def test_every_vector_has_length_1() -> None:
    found = sentence_vectors([*TEXTS, "word " * 3000, "a" * 5000, "Ångström 船 🚢 \x00"])
    assert found.shape == (7, SIZE)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-12)


def test_no_texts_have_no_vectors() -> None:
    assert sentence_vectors([]).shape == (0, SIZE)


@pytest.mark.usefixtures("nothing_known")
def test_a_vector_depends_on_its_own_text_alone() -> None:
    alone = np.concatenate([sentence_vectors([text]) for text in TEXTS])
    vectors._vector.cache_clear()
    together = sentence_vectors([*TEXTS[::-1], *TEXTS])
    assert (together[: len(TEXTS)][::-1] == alone).all()
    assert (together[len(TEXTS) :] == alone).all()
    assert len({row.tobytes() for row in alone}) == len(TEXTS)


def test_only_the_first_pieces_of_a_long_text_are_read() -> None:
    start = "The lamp of the harbour was lit. " * 30
    one, other, third = sentence_vectors([start + "It rained.", start + "The queen came.", "It rained."])
    assert (one == other).all()
    assert one @ third < 0.9


def test_nobody_can_change_a_vector_that_is_kept() -> None:
    found = sentence_vectors(TEXTS[:1])
    before = found.copy()
    found[:] = 0.0
    assert (sentence_vectors(TEXTS[:1]) == before).all()
    with pytest.raises(ValueError, match="read-only"):
        vectors._vector(TEXTS[0])[:] = 0.0


def other_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use the files of a folder instead of the package's data, and return where the model would be."""
    monkeypatch.setattr(vectors, "data_path", lambda name: folder / name)
    path = folder / MODEL
    path.parent.mkdir()
    return path


@pytest.mark.usefixtures("nothing_known")
def test_a_missing_or_changed_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = other_data(tmp_path, monkeypatch)
    message = r"sentence-vectors\.onnx: missing or changed\. It comes with g7tag; install g7tag again\."
    with pytest.raises(ModelError, match=message):
        sentence_vectors(["They met."])
    content = bytearray(data_path(MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        sentence_vectors(["They met."])


@pytest.mark.usefixtures("nothing_known")
@pytest.mark.parametrize("tokenizer", [None, b"{}"], ids=["missing", "damaged"])
def test_a_tokenizer_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokenizer: bytes | None
) -> None:
    other_data(tmp_path, monkeypatch).write_bytes(data_path(MODEL).read_bytes())
    if tokenizer is not None:
        (tmp_path / TOKENIZER).write_bytes(tokenizer)
    with pytest.raises(ModelError, match=r"cannot be used \(.*\)\. Install a current onnxruntime\."):
        sentence_vectors(["They met."])
