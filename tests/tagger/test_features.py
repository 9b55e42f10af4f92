"""Features: cues, topic, likeness to definitions and vectors, each of its own sentence and of earlier ones."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import Category, Codebook
from g7tag.errors import ModelError
from g7tag.store import data_path
from g7tag.tagger import likeness as module
from g7tag.tagger.cues import CueFinder
from g7tag.tagger.features import MOST_CONTEXT, CueFlags
from g7tag.tagger.likeness import (
    MEASURES,
    MODEL,
    MORE,
    SIZE,
    TOKENIZER,
    TOPIC,
    Likeness,
    Meaning,
    make_likeness,
    sentence_vectors,
)

CUES = {
    "a.arrests": ["arrest*", "took * into custody"],
    "a.money": ["bank"],
    "setting.topic.smuggling": ["smuggl*"],
    "setting.off_topic.drugs": ["cocaine"],
}
N = 2 * len(MEASURES)
SOW = Category(
    key="sow", label="Sow", definition="Seeds are sown: fields, ploughs.", examples=["He sowed wheat."],
    cues={"words": ["sow*", "seed*"], "tools": ["plough*"]},
)  # fmt: skip
REAP = Category(key="reap", label="Reap", definition="Crops are cut.", cues={"words": ["cut", "reap*"]})
STORE = Category(key="store", label="Store", definition="Barns, sacks; a dry place for the crops")
TEXTS = ["They dredged the channel.", "", "A lamp was lit on the pier, and the keeper was paid.", "Silt."]


def rows(*texts: str, items: str = "") -> pd.DataFrame:
    """Sentences; `items` has a letter for each (default: all are of one item)."""
    return pd.DataFrame({"item_id": list(items or "a" * len(texts)), "text": list(texts)}, dtype="object")


def seen(*texts: str, items: str = "") -> list[set[str]]:
    flags = CueFlags(CUES).fit(rows())
    names = flags.get_feature_names_out()
    return [set(names[row.nonzero()[0]]) for row in flags.transform(rows(*texts, items=items)).toarray()]


def test_a_cue_is_seen_in_its_sentence_and_by_the_later_ones_of_its_item() -> None:
    found = seen("An arrest.", "A bank.", "Rain.", items="iij")
    assert found == [{"a.arrests"}, {"a.money", "earlier a.arrests"}, set()]
    long = seen("An arrest.", *["Rain."] * (MOST_CONTEXT + 1))
    assert long[MOST_CONTEXT:] == [{"earlier a.arrests"}, set()]  # a long item is remembered for some sentences
    assert seen() == []


@pytest.mark.parametrize(
    ("texts", "about"),
    [
        (["Smugglers."], {"on the topic"}),
        (["Cocaine."], {"off the topic", "off the topic in this sentence"}),
        (["Smugglers with cocaine."], {"on the topic"}),
        (["Smugglers.", "Cocaine."], {"on the topic", "off the topic in this sentence"}),
        (["Rain."], set()),
    ],
    ids=["topic", "off", "both", "topic before", "neither"],
)
def test_the_topic_is_that_of_the_item_so_far(texts: list[str], about: set[str]) -> None:
    assert {name for name in seen(*texts)[-1] if "topic" in name and "setting" not in name} == about


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("He took them into custody.", {0}),
        ("He TOOK\nher  into custody", {0}),
        ("took into custody", set()),
        ("rearrested", set()),
        ("arrested-bank", {0, 1}),
        ("", set()),
    ],
    ids=["a word between", "case and space", "no word between", "inside a word", "beside a hyphen", "empty"],
)
def test_cues_are_found_whatever_stands_around_them(text: str, groups: set[int]) -> None:
    assert CueFinder(CUES).groups(text) == groups


def likeness_of(codebook: Codebook, *dimensions: Category) -> Likeness:
    return make_likeness(codebook.model_copy(update={"dimensions": list(dimensions)})).fit(rows())


def column(likeness: Likeness, name: str) -> int:
    return likeness.get_feature_names_out().tolist().index(name)


@pytest.mark.parametrize("dimensions", [[SOW], [SOW, REAP], [SOW, REAP, STORE]], ids=len)
def test_each_column_has_a_name_of_its_own(harbours: Codebook, dimensions: list[Category]) -> None:
    likeness = likeness_of(harbours, *dimensions)
    names = likeness.get_feature_names_out().tolist()
    matrix = likeness.transform(rows("He sowed.", "They cut it."))
    assert matrix.shape == (2, N * len(dimensions) + len(TOPIC)) == (2, len(names))
    assert len(set(names)) == len(names)
    assert (names[0], names[len(MEASURES)]) == ("sow: definition", f"sow: definition{MORE}")
    assert names[-len(TOPIC) :] == list(TOPIC)
    assert np.isfinite(matrix).all()
    assert likeness.transform(rows()).shape == (0, len(names))
    assert Meaning().transform(rows()).shape == (0, SIZE) == (0, len(Meaning().get_feature_names_out()))


def test_what_is_earlier_ends_with_the_item_and_later_sentences_do_not_matter(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    texts = ["He sowed seeds in fields.", "It rained.", "They met.", "It rained."]
    matrix = likeness.transform(rows(*texts, items="aabb"))
    names = likeness.get_feature_names_out().tolist()
    earlier = [place for place, name in enumerate(names) if "earlier" in name]
    assert not matrix[[0, 2]][:, earlier].any()  # the first of their items
    for name in ("earlier: cue", "earlier: shared words", "earlier: definition", "earlier: parts of the definition"):
        assert matrix[1, column(likeness, f"sow: {name}")] > matrix[3, column(likeness, f"sow: {name}")], name
    own = [place for place in range(len(names)) if place not in earlier]
    np.testing.assert_array_equal(matrix[1][own], matrix[3][own])  # the same text
    np.testing.assert_allclose(likeness.transform(rows(*texts[:2])), matrix[:2], atol=1e-12)


def test_shared_words_are_those_of_the_sentence(harbours: Codebook) -> None:
    likeness = likeness_of(harbours, SOW, REAP)
    texts = ["Fields of WHEAT are here.", "İİİ ploughs were sown.", "It rained."]
    found = list(likeness.words_of(texts))
    assert found[0]["sow: shared words"] == ["fields", "wheat"]  # "are" is in the definition, and means nothing
    assert found[0]["reap: shared words"] == []
    assert found[1]["sow: cue"] == ["ploughs", "sown"]  # lowering İ gives two characters
    assert "sow: cue" not in found[2]
    n = likeness.transform(rows(*texts, items="abc"))[:, column(likeness, "sow: shared words")]
    assert n[0] == pytest.approx(2 / 3)
    assert n[2] == 0.0


@pytest.fixture
def nothing_known() -> Iterator[None]:
    """Neither sentences nor the model are kept from before, nor are they kept afterwards."""
    for each in (module._vector, module._model):
        each.cache_clear()
    yield
    for each in (module._vector, module._model):
        each.cache_clear()


@pytest.mark.usefixtures("nothing_known")
def test_a_vector_has_length_1_and_depends_on_its_own_text_alone() -> None:
    alone = np.concatenate([sentence_vectors([text]) for text in TEXTS])
    module._vector.cache_clear()
    together = sentence_vectors([*TEXTS[::-1], *TEXTS])
    assert (together[: len(TEXTS)][::-1] == alone).all()
    assert (together[len(TEXTS) :] == alone).all()
    assert len({row.tobytes() for row in alone}) == len(TEXTS)
    others = sentence_vectors(["word " * 3000, "a" * 5000, "Ångström 船 🚢 \x00"])
    np.testing.assert_allclose(np.linalg.norm([*alone, *others], axis=1), 1.0, rtol=1e-12)


def test_only_the_first_pieces_of_a_long_text_are_read() -> None:
    start = "The lamp of the harbour was lit. " * 30
    one, other, third = sentence_vectors([start + "It rained.", start + "The queen came.", "It rained."])
    assert (one == other).all()
    assert one @ third < 0.9


@pytest.mark.usefixtures("nothing_known")
def test_a_missing_or_changed_model_or_tokenizer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "data_path", lambda name: tmp_path / name)
    (tmp_path / MODEL).parent.mkdir()
    content = data_path(MODEL).read_bytes()
    for wrong in (None, content[:1000] + bytes([content[1000] ^ 1]) + content[1001:]):
        if wrong is not None:
            (tmp_path / MODEL).write_bytes(wrong)
        with pytest.raises(ModelError, match=r"sentence-vectors\.onnx: missing or changed\. It comes with g7tag; inst"):
            sentence_vectors(["They met."])
    (tmp_path / MODEL).write_bytes(content)
    for tokenizer in (None, b"{}"):
        if tokenizer is not None:
            (tmp_path / TOKENIZER).write_bytes(tokenizer)
        with pytest.raises(ModelError, match=r"cannot be used \(.*\)\. Install a current onnxruntime\."):
            sentence_vectors(["They met."])
