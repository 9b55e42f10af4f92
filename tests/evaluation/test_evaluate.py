"""Left-out rows are left out completely, the test part is not used, and stored evaluations are what is measured."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import g7tag
from g7tag.codebook import ACTS
from g7tag.errors import FrameError, InputError
from g7tag.evaluation import evaluate, evaluate_tagger, stored_evaluation
from g7tag.evaluation.evaluate import ALL_FILES, PRIOR, SCHEMES, TAGGER_MEASURES, tag_by_peers
from g7tag.evaluation.measures import overall
from g7tag.tagger import tag_sentences, train_tagger, training

DIMENSIONS = ["dredge", "light", "insure"]


@pytest.fixture
def trained(corpus, harbours, monkeypatch):
    """Collect the rows of every training; to save time, no tagger learns."""
    seen = []
    tagger = train_tagger(corpus.head(0), harbours)

    def spy(rows, _):
        seen.append(rows)
        return tagger

    monkeypatch.setattr(evaluate, "train_tagger", spy)
    monkeypatch.setattr(evaluate, "tag_by_peers", lambda *_: {})
    return seen


@pytest.mark.slow
def test_each_part_left_out_is_tagged_by_the_others(corpus, harbours, trained):
    items = corpus["item_id"]
    rows = corpus.assign(
        file=np.where(items.str[1:].astype("int64") % 4 < 2, "one.csv", "two.csv"),
        part=corpus["part"].mask(items.isin(["i1", "i14"]), "test"),
        cluster=items.map({"i1": "a", "i2": "a", "i3": "b", "i20": "b"}).fillna(""),
    )
    found = evaluate_tagger(rows, harbours, test_part=True)
    left_out = [("member", "Arcadia"), ("member", "Boreas"), ("file", "one.csv"), ("file", "two.csv"), ("part", "test")]
    for learned, (column, value) in zip(trained, left_out, strict=True):
        is_left_out = (rows[column] == value) & (rows["part"].eq("test") == (column == "part"))
        assert value not in set(learned[column])
        assert set(rows.loc[is_left_out, "cluster"]) & set(learned["cluster"]) <= {""}
        assert "test" not in set(learned["part"])
    n_test = int((rows["part"] == "test").sum())
    taggers = found["taggers"]
    sizes = taggers[taggers["tested_on"] == ALL_FILES].groupby("scheme")["n"].max().to_dict()
    assert sizes == dict(zip(SCHEMES, [37 - n_test, 37 - n_test, n_test], strict=True))


def test_an_evaluation_has_every_label_and_simple_taggers_beside_it(corpus, harbours):
    evaluation = evaluate_tagger(corpus, harbours)
    labels = evaluation["labels"].set_index("label")
    assert list(labels.index) == [*DIMENSIONS, "macro", "strong", "weak", "none", *ACTS, "macro of acts"]
    table = evaluation["taggers"].set_index("tagger")
    assert list(table.index) == ["g7tag", "class prior", "words alone", "encoder vectors"]
    assert set(table["n"]) == {len(corpus)}
    assert table["macro_f1"].idxmax() == "g7tag"
    shares = corpus["dimensions"].str.split(";").explode().value_counts().reindex(DIMENSIONS) / len(corpus)
    prior = table.loc["class prior"]
    assert prior["macro_f1"] == pytest.approx((2 * shares / (1 + shares)).mean())  # recall is 1
    assert prior["strength"] == pytest.approx((corpus["strength"] == "strong").mean())
    kinds = [*DIMENSIONS, "strong", "excluded", "right", *ACTS]
    assert evaluation["calibration"]["probability"].tolist() == [f"p_{kind}" for kind in kinds]
    counts = evaluation["confusion"]
    assert set(counts[counts["of"] != "dimension"].groupby("of")["n"].sum()) == {len(corpus)}
    hits = counts[counts["truth"] == counts["found"]].set_index("truth")["n"]
    for label in (*DIMENSIONS, "strong", "weak"):
        assert hits[label] == pytest.approx(labels.loc[label, "recall"] * labels.loc[label, "n"])


@pytest.mark.parametrize("usual", ["strong", "weak"])
def test_the_class_prior_takes_the_usual_strength_of_tagged_sentences(corpus, harbours, usual):
    rows = pd.concat([corpus[corpus["strength"] == usual], corpus]).reset_index(drop=True)
    found = tag_by_peers(rows, rows, np.random.default_rng(1).normal(size=(len(rows), 4)), harbours)
    assert set(found[PRIOR]["strength"]) == {usual}


@pytest.mark.slow
@pytest.mark.parametrize(("least", "has_fast"), [(18, True), (19, False)])
def test_the_fast_tagger_is_measured_if_it_could_be_trained_on_every_fold(
    corpus, harbours, monkeypatch, least, has_fast
):
    """Without Arcadia there are 18 sentences to train on, without Boreas 19."""
    monkeypatch.setattr(training, "LEAST_FAST", least)
    monkeypatch.setattr(training, "LEAST_FAST_OF_EACH", 1)
    found = evaluate_tagger(corpus, harbours)
    assert set(found["acts"]["scheme"]) == {"member left out", *["member left out, fast tagger"] * has_fast}
    assert ("g7tag fast" in set(found["taggers"]["tagger"])) == has_fast


def test_a_shipped_tagger_and_its_fast_one_tag_the_test_part_as_they_are(corpus, harbours, trained):
    rows = corpus.assign(part=corpus["part"].replace("dev", "test"))
    test = rows[rows["part"] == "test"].reset_index(drop=True)
    fast = train_tagger(rows.head(4), harbours)
    shipped = replace(train_tagger(rows.head(5), harbours), fast=fast)
    table = evaluate_tagger(rows, harbours, test_part=True, shipped=shipped)["taggers"]
    assert len(trained) == 2  # for the two members
    of_test = table[table["scheme"] == "test part"].set_index("tagger")
    for name, tagger in (("g7tag", shipped), ("g7tag fast", fast)):
        own = overall(test, tag_sentences(test, tagger, harbours), harbours).iloc[0]
        assert of_test.loc[name, "brier"] == pytest.approx(own["brier"])


def test_what_cannot_be_evaluated_is_refused(corpus, harbours):
    with pytest.raises(FrameError, match=r"1 members outside the test part, 0 sentences without one\. Expected"):
        evaluate_tagger(corpus.assign(member="Arcadia"), harbours)
    with pytest.raises(FrameError, match="no sentence of part 'test'"):
        evaluate_tagger(corpus, harbours, test_part=True)


def test_the_stored_evaluation_is_whole_and_shows_both_taggers(codebook, harbours):
    stored = stored_evaluation(codebook)
    assert set(stored) == {"labels", "taggers", *TAGGER_MEASURES, "learning_curve"}
    assert all(len(frame) for frame in stored.values())
    taggers, page = stored["taggers"], g7tag.show_evaluation(stored)._repr_html_()
    whole = taggers[taggers["scheme"].eq("test part") & taggers["tested_on"].eq(ALL_FILES)].set_index("tagger")
    for tagger, scheme in (("g7tag", "test part"), ("g7tag fast", "test part, fast tagger")):
        assert scheme in page
        assert f"{whole.loc[tagger, 'macro_f1']:.2f} [" in page
        for table in ("taggers", "labels", "acts", "confusion"):
            assert g7tag.show_evaluation(stored, table, scheme=scheme, tested_on=ALL_FILES)._repr_html_()
    nothing = stored_evaluation(harbours)
    assert not g7tag.plot_learning_curve(nothing["learning_curve"]).containers
    with pytest.raises(InputError, match="table 'summary': not in the evaluation"):
        g7tag.show_evaluation(nothing)
