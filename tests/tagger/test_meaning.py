"""Without labels, the codebook's words and what the encoder learned of acts give log-odds, for any codebook."""

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, NO_DIMENSION, Category
from g7tag.tagger import tag_table, train_tagger
from g7tag.tagger.meaning import MEASURES, Meaning, wordings_of

SOW = Category(
    key="sow", label="Sow", definition="Seeds are sown: fields, ploughs.", examples=["He sowed wheat."],
    cues={"words": ["sow*", "seed*"], "tools": ["plough*"]},
)  # fmt: skip
REAP = Category(key="reap", label="Reap", definition="Crops are cut.", cues={"words": ["cut", "reap*"]})
SINGING = [
    Category(key="choirs", label="Choirs", definition="Choirs sing, in halls and churches."),
    Category(key="bells", label="Bells", definition="Bells are cast and rung.", cues={"w": ["bell*"]}),
    Category(key="pipes", label="Pipes", definition="Organs: their pipes, bellows and players."),
    Category(key="drums", label="Drums", definition="Drums.", examples=["They beat the drum."]),
    Category(key="horns", label="Horns", definition="Horns are blown; hunters, postmen."),
]
OTHERS = ["Police arrested nine smugglers.", "The ministry paid for two ships.", "He was born in a village."]


def with_dimensions(book, *dimensions):
    return book.model_copy(update={"id": "2030-any", "dimensions": list(dimensions), "exclusions": []})


def measures_of(book, *texts):
    """Each measure of the first dimension, for each text."""
    reader = Meaning(wordings_of(book))
    found = reader.measures(reader.encoder.texts(texts), texts, np.zeros((len(texts), len(ACTS))))
    return dict(zip(MEASURES, found[:, 0].T.tolist(), strict=False))


def test_without_labels_definitions_tell_the_dimensions_apart(start, book):
    texts = [
        "Two ships dug a deeper channel into the harbour.", "A lighthouse with new lamps was built on the pier.",
        "The ministry signed an insurance of all harbours and paid the premium.",
        "A shop sold toy harbours to children.", "He was born in a village in the hills.",
    ]  # fmt: skip
    tags = tag_table(pd.DataFrame({"text": texts}), start, book)
    shares = tags[[f"p_{key}" for key in book.dimension_keys]]
    assert shares.iloc[:3].idxmax(axis=1).tolist() == list(shares)
    assert (shares.iloc[3:].max(axis=1) < shares.iloc[:3].max(axis=1).min()).all()
    assert tags["p_excluded"].idxmax() == 3


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_codebook_may_have_any_number_of_dimensions(nothing, book, n):
    singing = with_dimensions(book, *SINGING[:n])
    told = pd.DataFrame({"text": [*(each.definition for each in SINGING[:n]), *OTHERS]})
    tags = tag_table(told, train_tagger(nothing, singing), singing)
    shares = tags[[f"p_{key}" for key in singing.dimension_keys]].to_numpy()
    assert shares[:n].argmax(axis=1).tolist() == list(range(n))  # each definition is most of all on its own dimension
    assert shares[n:].max() < 0.5


@pytest.mark.parametrize(("text", "act", "strong"), [
    ("The ministry paid 40 million euros for new schools.", "done", True),
    ("Parliament passed the law on forests.", "done", True),
    ("The government will present a plan for schools next year.", "planned", False),
    ("Parliament rejected the law on forests.", "not_done", None),
    ("The government repealed the law on forests.", "reversed", None),
    ("Forests cover a third of the land.", "background", None),
], ids=["paid", "law", "will", "rejected", "repealed", "fact"])  # fmt: skip
def test_acts_and_strength_mean_the_same_for_every_codebook(start, text, act, strong):
    odds = dict(zip(start.labels, start.odds(pd.DataFrame({"item_id": ["i"], "text": [text]}))[0], strict=True))
    assert max(ACTS, key=lambda name: odds[name]) == act
    assert act in NO_DIMENSION or (odds["strong"] > 0) == strong


def test_cues_and_shared_words_are_counted(book):
    """Shared words are counted in threes: "fields" and "wheat"; "are" means nothing. Four cues at most count."""
    two = with_dimensions(book, SOW, REAP)
    texts = ["Fields of WHEAT are here.", "İİİ ploughs were sown.", "Sow, sow, sow, sow, sow.", "It rained."]
    found = measures_of(two, *texts)
    assert found["cue"] == [0, 1, 1, 0]
    assert found["cues"] == [0, 2 / 4, 4 / 4, 0]
    assert found["shared words"] == pytest.approx([2 / 3, 2 / 3, 0, 0])  # plough(s) and sown


def test_an_example_makes_sentences_like_it_more_likely(nothing, book):
    text = pd.DataFrame({"item_id": ["i"], "text": ["A tractor pulled the drill over the acre."]})
    taught = SOW.model_copy(update={"examples": ["Tractors pulled drills over an acre."]})
    before, after = (train_tagger(nothing, with_dimensions(book, sow, REAP)).odds(text)[0, 0] for sow in (SOW, taught))
    assert after > before
