"""The bundled taggers of two more commitments are what training gives now, with the bundled tagger of the first."""

import pandas as pd
import pytest

from g7tag.codebook import Codebook, load_codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.corpus.reading import FIRST
from g7tag.store import data_path
from g7tag.tagger import Tagger, default_model, load_tagger, tag_sentences, train_tagger
from g7tag.tagger.borrowing import lent_tagger
from g7tag.tagger.few_labels import ENOUGH, wanted


@pytest.fixture(params=["2024-apulia-09", "2024-apulia-18"])
def book(request: pytest.FixtureRequest) -> Codebook:
    return load_codebook(data_path(f"codebooks/{request.param}.toml"))


@pytest.fixture
def tagger(book: Codebook) -> Tagger:
    return load_tagger(default_model(book), book)


def test_it_was_trained_with_the_bundled_tagger_and_codebook(book: Codebook, tagger: Tagger) -> None:
    assert tagger.about["borrowed"] == [*book.borrows, lent_tagger(FIRST).model_id], "train it again"
    assert tagger.about["codebook_sha256"] == book.sha256, "train it again"
    assert tagger.about["corpus"] == ", ".join(path.name for path in bundled_corpus(book.id))


def test_it_says_what_it_lacks_and_then_every_tag_needs_review(book: Codebook, tagger: Tagger) -> None:
    corpus = read_corpus(bundled_corpus(book.id), book)
    taught = corpus[corpus["part"] != "test"]
    assert tagger.about["wanted"] == wanted(taught, book)
    assert tagger.about["wanted_sentences"] == 0 == max(ENOUGH - len(taught), 0)
    assert (tagger.review_below == 1.0) == any(tagger.about["wanted"].values())


@pytest.mark.slow
def test_training_again_gives_it(book: Codebook, tagger: Tagger) -> None:
    corpus = read_corpus(bundled_corpus(book.id), book)
    taught = corpus[corpus["part"] != "test"].reset_index(drop=True)
    again = train_tagger(taught, book, corpus_name=tagger.about["corpus"])
    assert again.model_id == tagger.model_id, "train it again"
    assert again.thresholds == tagger.thresholds
    assert again.review_below == pytest.approx(tagger.review_below, abs=1e-4)
    shipped, fresh = (tag_sentences(corpus, each, book) for each in (tagger, again))
    pd.testing.assert_frame_equal(shipped, fresh, rtol=0, atol=1e-4)  # processors add in different orders


@pytest.mark.slow
def test_it_tags_sentences_that_it_has_not_seen(book: Codebook, tagger: Tagger) -> None:
    corpus = read_corpus(bundled_corpus(book.id), book)
    tested = corpus[corpus["part"] == "test"].reset_index(drop=True)
    tags = tag_sentences(tested, tagger, book)
    for key in book.dimension_keys:
        truth, found = (
            rows["dimensions"].str.split(";").map(lambda keys, key=key: key in keys) for rows in (tested, tags)
        )
        chance = 2 * truth.mean() / (1 + truth.mean())  # F1 of always yes
        assert 2 * (truth & found).sum() / (truth.sum() + found.sum()) > chance + 0.15
    right = tags["dimensions"] == tested["dimensions"]
    doubtful = tags["p_right"] < tags["p_right"].median()
    assert right[~doubtful].mean() > right[doubtful].mean()
