"""Left-out rows are left out completely, the test part is not used, and stored evaluations are what is measured."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

import g7tag
from g7tag.codebook import ACTS, Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.errors import FrameError, InputError
from g7tag.evaluation import evaluate_tagger, left_out_errors, peers, stored_evaluation
from g7tag.evaluation.evaluate import ALL_FILES, SCHEMES, Evaluation
from g7tag.evaluation.measures import MACRO_OF_ACTS, dimension_columns, item_counts, macro_f1
from g7tag.evaluation.peers import G7TAG, PRIOR, STATIC, WORDS, Encode, Vectors, find_peers
from g7tag.tagger import Tagger, train_tagger

pytestmark = pytest.mark.usefixtures("no_vectors")

DIMENSIONS = ["dredge", "light", "insure"]


@pytest.fixture(scope="module")
def files(corpus: pd.DataFrame) -> pd.DataFrame:
    """The sentences in two files, with clusters over both and a test part."""
    file = np.where(corpus.index % 4 < 2, "one.csv", "two.csv")
    part = corpus["part"].mask(corpus["item_id"].isin(["i1", "i14"]), "test")
    cluster = pd.Series("", index=corpus.index, dtype="str").mask(corpus["item_id"].isin(["i1", "i2"]), "a")
    return corpus.assign(file=file, part=part, cluster=cluster.mask(corpus["item_id"].isin(["i3", "i20"]), "b"))


@pytest.fixture(scope="module")
def evaluation(corpus: pd.DataFrame, alone: Codebook) -> Evaluation:
    return evaluate_tagger(corpus, alone)


@pytest.fixture
def trained(corpus: pd.DataFrame, alone: Codebook, monkeypatch: pytest.MonkeyPatch) -> list[pd.DataFrame]:
    """Collect the rows of every training; to save time, each gives the same tagger."""
    tagger, seen = train_tagger(corpus, alone), []

    def spy(rows: pd.DataFrame, codebook: Codebook, **options: object) -> Tagger:
        seen.append(rows)
        return tagger

    monkeypatch.setattr(peers, "train_tagger", spy)
    return seen


@pytest.mark.parametrize("test_part", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_each_part_left_out_is_tagged_by_the_others(
    files: pd.DataFrame, alone: Codebook, trained: list[pd.DataFrame], test_part: bool
) -> None:
    steps: list[str] = []
    found = evaluate_tagger(files, alone, steps.append, test_part=test_part)
    outside = files[files["part"] != "test"]
    left_out = [("member", "Arcadia"), ("member", "Boreas"), ("file", "one.csv"), ("file", "two.csv")]
    assert steps[:4] == [f"{kind} left out: {name}" for kind, name in left_out]
    assert steps[4:] == [*(["test part: test"] if test_part else []), "measuring"]
    left_out += [("part", "test")] if test_part else []
    assert len(trained) == 2 * len(left_out)  # two taggers are trained on each fold
    for rows, (column, value) in zip(trained, [fold for fold in left_out for _ in range(2)], strict=True):
        clusters = set(
            files.loc[(files[column] == value) & (files["part"].eq("test") == (column == "part")), "cluster"]
        )
        assert value not in set(rows[column])
        assert not (clusters - {""}) & set(rows["cluster"])
        assert "test" not in set(rows["part"])
    whole = found.labels[
        found.labels["tested_on"].eq(ALL_FILES) & found.labels["label"].isin(["strong", "weak", "none"])
    ]
    sizes = dict(zip(SCHEMES, [len(outside), len(outside), len(files) - len(outside)], strict=True))
    assert whole.groupby("scheme")["n"].sum().to_dict() == {
        k: n for k, n in sizes.items() if test_part or k != SCHEMES[2]
    }


def test_an_evaluation_has_every_label_and_simpler_taggers_beside_it(
    evaluation: Evaluation, corpus: pd.DataFrame
) -> None:
    labels = [*DIMENSIONS, "macro", "strong", "weak", "none", *ACTS, MACRO_OF_ACTS]
    assert evaluation.labels["label"].tolist() == labels
    table = evaluation.taggers.set_index("tagger")
    assert set(table.index) == {G7TAG, WORDS, PRIOR}
    assert set(table["n"]) == {len(corpus)}
    shares = corpus["dimensions"].str.split(";").explode().value_counts().reindex(DIMENSIONS) / len(corpus)
    assert table.loc[PRIOR, "macro_f1"] == pytest.approx((2 * shares / (1 + shares)).mean())  # recall is 1
    assert table.loc[PRIOR, "strength"] == pytest.approx((corpus["strength"] == "strong").mean())
    assert table.loc[G7TAG, "macro_f1"] > table.loc[PRIOR, "macro_f1"]


def test_probabilities_are_held_against_their_bounds_and_confusion_counts_every_sentence(
    evaluation: Evaluation, corpus: pd.DataFrame
) -> None:
    table = evaluation.calibration
    names = [*(f"p_{key}" for key in DIMENSIONS), "p_strong", "p_excluded", "p_right", *(f"p_{act}" for act in ACTS)]
    assert table["probability"].tolist() == names
    assert (table["calibrated"] == (table["error"] <= table["bound"])).all()
    assert table["brier"].between(0, 1).all()
    counts = evaluation.confusion
    assert set(counts[counts["of"] != "dimension"].groupby("of")["n"].sum()) == {len(corpus)}
    labels = evaluation.labels.set_index("label")
    hits = counts[counts["truth"] == counts["found"]].set_index("truth")["n"]
    for label in (*DIMENSIONS, "strong", "weak"):
        assert hits[label] == pytest.approx(labels.loc[label, "recall"] * labels.loc[label, "n"])


@pytest.mark.slow
def test_a_peer_on_vectors_is_trained_on_them_alone_and_encodes_each_text_once(
    corpus: pd.DataFrame, alone: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Return vectors that equal the labels, so that a tagger on them is perfect."""
    encoded: list[str] = []
    told = dict(zip(corpus["text"], corpus["dimensions"] + ";" + corpus["act"], strict=True))

    def load() -> Encode:
        def encode(texts: Sequence[str]) -> Vectors:
            encoded.extend(texts)
            keys = (*DIMENSIONS, *ACTS)
            return np.array([[key in told[text].split(";") for key in keys] for text in texts], dtype=np.float64)

        return encode

    monkeypatch.setattr(peers, "VECTORS", {STATIC: (["pandas"], load)})
    table = evaluate_tagger(corpus, alone).taggers
    assert table.loc[table["tagger"] == STATIC, "macro_f1"].min() > 0.95
    assert len(encoded) == len(set(encoded)) == corpus["text"].nunique()


def test_a_peer_without_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "VECTORS", {STATIC: (["pandas", "no-such-package"], lambda: pytest.fail("loaded"))})
    found = find_peers()
    assert list(found.taggers) == [G7TAG, PRIOR, WORDS]
    assert found.missing == {STATIC: ["no-such-package"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"member": "Arcadia"},
            r"1 members outside the test part, 0 sentences without one\. Expected a column 'member'",
        ),
        ({"part": "Test"}, "unknown part 'Test'"),
        ({"dimensions": "dredge", "strength": "strong"}, r"cannot train on the corpus without Arcadia\. .*'light'"),
    ],
    ids=["one member", "misspelt part", "a label is lacking"],
)
def test_what_cannot_be_evaluated_is_refused(
    corpus: pd.DataFrame, alone: Codebook, change: dict[str, str], message: str
) -> None:
    with pytest.raises(FrameError, match=message):
        evaluate_tagger(corpus.assign(**change), alone)


def test_a_corpus_without_a_test_part_has_none_to_tag(corpus: pd.DataFrame, alone: Codebook) -> None:
    with pytest.raises(FrameError, match="no sentence of part 'test'"):
        evaluate_tagger(corpus, alone, test_part=True)


@pytest.mark.slow
def test_the_errors_are_the_sentences_whose_label_is_another(corpus: pd.DataFrame, alone: Codebook) -> None:
    n_sentences, errors = left_out_errors(corpus, alone, member="Boreas")
    its = corpus[corpus["member"] == "Boreas"].set_index("sentence_id")
    assert n_sentences == len(its) == 18
    assert 0 < len(errors) < n_sentences
    assert (errors["labelled"] != errors["tagged"]).all()
    assert errors["p_right"].dropna().is_monotonic_decreasing  # those that are not tagged come last
    for row in errors.to_dict("records"):
        label = its.loc[row["sentence_id"]]
        said, _, act = row["labelled"].partition(", act ")
        assert said == f"{label['strength']} {label['dimensions']}".strip()
        assert act in ("", label["act"])
        assert row["text"] == label["text"]
    turned = corpus.assign(dimensions=corpus["dimensions"].map(lambda keys: ";".join(reversed(keys.split(";")))))
    pd.testing.assert_frame_equal(left_out_errors(turned, alone, member="Boreas").errors, errors)  # no error
    with pytest.raises(FrameError, match="no sentences of 'Atlantis'"):
        left_out_errors(corpus, alone, member="Atlantis")


def test_the_stored_evaluation_has_every_frame_and_the_learning_curve(codebook: Codebook) -> None:
    stored = stored_evaluation(codebook)
    assert set(stored) == {*Evaluation._fields, "learning_curve"}
    assert all(len(frame) for frame in stored.values())
    bins = stored["reliability"].groupby(["scheme", "tested_on", "probability"])
    assert set(bins.size()) == {10}
    calibrated = stored["calibration"].set_index(["scheme", "tested_on", "probability"])
    for key, its in bins:  # the calibration error is the mean distance of the bins from the diagonal
        error = ((its["mean"] - its["share"]).abs() * its["n"]).sum() / its["n"].sum()
        assert error == pytest.approx(calibrated.loc[key, "error"], abs=1e-9)
    other = codebook.model_copy(update={"id": "2030-harbours"})
    with pytest.raises(InputError, match=r"codebook '2030-harbours': no evaluation comes with g7tag for it\. Measure"):
        stored_evaluation(other)


@pytest.mark.slow
def test_the_last_point_of_the_stored_learning_curve_is_measured_now_as_it_is_stored(codebook: Codebook) -> None:
    corpus = read_corpus(bundled_corpus(), codebook)
    train, dev = (corpus[corpus["part"] == part].reset_index(drop=True) for part in ("train", "dev"))
    train = train[~train["cluster"].isin(set(dev["cluster"]) - {""})].reset_index(drop=True)
    tags = g7tag.tag_sentences(dev, g7tag.train_tagger(train, codebook), codebook)
    truth, found = (dimension_columns(frame["dimensions"], codebook) for frame in (dev, tags))
    stored = stored_evaluation(codebook)["learning_curve"].iloc[-1]
    measure = "g7tag evaluate --learning-curve --json > data/models/2024-apulia-19.learning-curve.json"
    assert (stored["n_train"], stored["n_tested"]) == (len(train), len(dev)), measure
    now = macro_f1(item_counts(truth, found, dev["item_id"].tolist())[None], n_resamples=1).value
    assert now == pytest.approx(stored["f1"], abs=0.005), measure


def test_the_tagger_that_comes_with_g7tag_is_in_the_summary_under_the_name_of_the_other_tables(
    codebook: Codebook,
) -> None:
    stored = stored_evaluation(codebook)
    where = {"scheme": "test part, with encoder", "tested_on": "all files"}
    (ours,) = stored["taggers"].query("tagger == 'g7tag with encoder' and tested_on == 'all files'").to_dict("records")
    page = g7tag.show_evaluation(stored)._repr_html_()
    assert where["scheme"] in page
    assert f"{ours['macro_f1']:.2f} [" in page
    for table in ("taggers", "labels", "acts", "confusion"):
        assert g7tag.show_evaluation(stored, table, **where)._repr_html_()
