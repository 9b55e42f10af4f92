"""Contributions add up to the probability and name the words they come from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from g7tag.batch import tag_file
from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.store import data_path
from g7tag.tagger import Tagger, default_model, describe_tags, explain_tags, load_tagger, tag_sentences, tag_table
from g7tag.tagger.explain import BASE, EARLIER, REST, TOPIC


@pytest.fixture(scope="module")
def tagger(codebook: Codebook) -> Tagger:
    return load_tagger(default_model(codebook), codebook)


@pytest.fixture(scope="module")
def sentences(codebook: Codebook) -> pd.DataFrame:
    return read_corpus(bundled_corpus(), codebook).head(60)


@pytest.mark.parametrize("most", [None, 5, 0])
def test_contributions_add_up_to_the_log_odds_of_the_tags(
    sentences: pd.DataFrame, tagger: Tagger, codebook: Codebook, most: int | None
) -> None:
    sums = explain_tags(sentences, tagger, most=most).groupby(["sentence_id", "label"])["contribution"].sum().unstack()
    tags = tag_sentences(sentences, tagger, codebook).set_index("sentence_id")
    for label in (*codebook.dimension_keys, "strong", "excluded"):
        shares = tags[f"p_{label}"]
        np.testing.assert_allclose(sums.loc[tags.index, label], logit(shares), atol=1e-6)


def test_rows_are_in_order_base_first_then_the_largest_then_the_rest(sentences: pd.DataFrame, tagger: Tagger) -> None:
    why = explain_tags(sentences, tagger, most=3)
    assert why["sentence_id"].drop_duplicates().tolist() == sentences["sentence_id"].tolist()
    for _, rows in why.groupby(["sentence_id", "label"]):
        assert rows["feature"].iloc[0] == BASE
        assert rows["feature"].tolist().count(REST) <= 1
        listed = rows[~rows["feature"].isin([BASE, REST])]["contribution"].abs()
        assert len(listed) <= 3
        assert listed.is_monotonic_decreasing


def told(*texts: str) -> pd.DataFrame:
    ids = [f"s{place}" for place in range(len(texts))]
    return pd.DataFrame({"sentence_id": ids, "item_id": "i", "text": texts})


def test_a_cue_names_its_words_in_the_sentence_and_before_it(tagger: Tagger) -> None:
    why = explain_tags(told("Smugglers were Arrested in a raid.", "It was reported."), tagger, most=None)
    own = why[(why["sentence_id"] == "s0") & (why["feature"] == "counter.arrests") & (why["label"] == "counter")]
    assert own[["kind", "found"]].to_numpy().tolist() == [["cue", "arrested;raid"]]
    before = why[(why["sentence_id"] == "s1") & (why["feature"] == "counter.arrests") & (why["label"] == "counter")]
    assert before[["kind", "found"]].to_numpy().tolist() == [[EARLIER, "arrested;raid"]]
    about = why[(why["kind"] == TOPIC) & (why["label"] == "counter")]
    assert about[["sentence_id", "feature"]].to_numpy().tolist() == [["s0", "on the topic"], ["s1", "on the topic"]]


def test_no_sentences_have_no_explanation(tagger: Tagger) -> None:
    why = explain_tags(told().astype("str"), tagger)
    assert (len(why), list(why.columns)) == (
        0,
        ["sentence_id", "label", "kind", "feature", "found", "contribution"],
    )


def test_why_tells_of_what_is_set_and_of_nothing_else(tagger: Tagger, codebook: Codebook) -> None:
    texts = told("Police arrested nine members of a gang of people smugglers.", "He was born in the north.")
    tags = tag_sentences(texts, tagger, codebook)
    first, second = describe_tags(tags, explain_tags(texts, tagger))
    said = [part.partition(":")[0] for part in first.split(" | ")]
    assert said == [*tags["dimensions"][0].split(";"), tags["strength"][0]]
    assert tags["act"].tolist() == ["done", "background"]  # an act that is done is not explained
    assert '"arrested" +' in first
    assert " -" not in first  # what spoke against it is left to explain_tags
    assert tags["dimensions"][1] == ""
    assert second.startswith("background: ")
    assert " | " not in second


def test_a_table_is_explained_in_a_column_of_its_own(tmp_path: Path, tagger: Tagger, codebook: Codebook) -> None:
    table = pd.DataFrame({"text": ["Police arrested nine smugglers.", ""]})
    (tmp_path / "in.csv").write_text(table.to_csv(index=False))
    model = data_path(f"models/{codebook.id}.skops")
    tag_file(tmp_path / "in.csv", tmp_path / "out.csv", codebook, model, explain=True)
    written = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert list(written.columns)[-1] == "why"
    assert written["why"].tolist() == tag_table(table, tagger, codebook, explain=True)["why"].tolist()
    assert written["why"].iloc[1] == ""
