"""The encoder reads each item by itself and whole, and is checked before it is used."""

import numpy as np
import pandas as pd
import pytest

from g7tag.errors import ModelError
from g7tag.store import data_path
from g7tag.tagger import encoder as module
from g7tag.tagger.encoder import MODEL, MOST_LENGTH, MOST_PIECES, SHARED, TOKENIZER, open_encoder

TEXTS = ["Parliament passed a law.", "It sets up a fund for ports.", "", "A lamp was lit.", "Ångström 船 🚢 \x00"]


@pytest.fixture(scope="module")
def encoder():
    return open_encoder()


def rows(*texts, items):
    return pd.DataFrame({"item_id": list(items), "text": list(texts)}, dtype="str")


def test_a_vector_depends_on_its_item_alone_and_on_all_of_it(encoder):
    together = encoder.vectors(rows(*TEXTS, items="aabcd"))
    assert np.isfinite(together).all()
    encoder._known.clear()
    order = [4, 3, 2, 0, 1]
    again = encoder.vectors(rows(*(TEXTS[place] for place in order), items="dcbaa"))
    assert (again == together[order]).all()
    changed = encoder.vectors(rows(TEXTS[0], "It was rejected.", *TEXTS[2:], items="aabcd"))
    assert (changed[2:] == together[2:]).all()
    assert (changed[0] != together[0]).any()  # it is read with what follows


def test_no_sentences_and_an_empty_one_have_vectors(encoder):
    size = encoder.shared["project"].shape[0]
    assert encoder.vectors(rows(items="")).shape == (0, size)
    assert encoder.vectors(rows("", items="a")).shape == (1, size)


def test_long_sentences_are_cut_and_long_items_are_read_in_parts(encoder):
    long = "The lamp of the harbour was lit. " * 30
    one, other, short = encoder.texts([f"{long}It rained.", f"{long}The queen came.", "It rained."])
    assert (one == other).all()
    assert (one != short).any()
    parts = list(encoder.items([long] * 7, ["a"] * 7))
    assert [len(part.spans) for part in parts] == [3, 3, 1]
    assert all(len(part.ids) <= MOST_LENGTH for part in parts)
    assert {end - start for part in parts for start, end in part.spans} == {MOST_PIECES}


@pytest.mark.parametrize(("broken", "content", "cause"), [
    (MODEL, None, "FileNotFoundError"),
    (MODEL, b"not a model", "was changed"),
    (SHARED, None, "missing"),
    (SHARED, b"not arrays", "does not contain a tagger"),
    (TOKENIZER, b"{}", ""),
], ids=["no model", "changed model", "no weights", "changed weights", "changed word pieces"])  # fmt: skip
def test_a_missing_or_changed_encoder_is_refused(tmp_path, monkeypatch, broken, content, cause):
    (tmp_path / "models").mkdir()
    for name in (MODEL, TOKENIZER, SHARED):
        if name != broken:
            (tmp_path / name).symlink_to(data_path(name))
        elif content is not None:
            (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(module, "data_path", lambda name: tmp_path / name)
    monkeypatch.setattr(module, "shared_arrays", module.shared_arrays.__wrapped__)
    with pytest.raises(ModelError, match=rf"{cause}.*It comes with g7tag; install g7tag and onnxruntime again"):
        open_encoder.__wrapped__()
