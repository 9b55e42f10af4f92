"""The stored evaluation of the bundled tagger as frames, and the errors on a left-out member."""

import pandas as pd
import pytest

import g7tag
from g7tag.codebook import Codebook
from g7tag.errors import FrameError, InputError
from g7tag.evaluation.evaluate import Evaluation
from g7tag.evaluation.measures import dimension_columns
from g7tag.evaluation.quality import item_counts, macro_f1

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def corpus(codebook: Codebook) -> pd.DataFrame:
    return g7tag.corpus.read_corpus(g7tag.corpus.bundled_corpus(), codebook)


def test_the_stored_evaluation_has_every_frame_and_the_learning_curve(codebook: Codebook) -> None:
    stored = g7tag.evaluation.stored_evaluation(codebook)
    assert set(stored) == {*Evaluation._fields, "learning_curve"}
    assert all(len(frame) for frame in stored.values())
    bins = stored["reliability"].groupby(["scheme", "tested_on", "probability"])
    assert set(bins.size()) == {10}
    calibrated = stored["calibration"].set_index(["scheme", "tested_on", "probability"])
    for key, its in bins:  # the calibration error is the mean distance of the bins from the diagonal
        error = ((its["mean"] - its["share"]).abs() * its["n"]).sum() / its["n"].sum()
        assert error == pytest.approx(calibrated.loc[key, "error"], abs=1e-9)


def test_a_stored_curve_has_no_rows_for_a_codebook_without_one(codebook: Codebook) -> None:
    assert g7tag.evaluation.stored_curve(codebook).equals(
        g7tag.evaluation.stored_evaluation(codebook)["learning_curve"]
    )
    none = g7tag.evaluation.stored_curve(g7tag.open_codebook(g7tag.example_path("harbours.toml")))
    axes = g7tag.plot_learning_curve(none, tested_on="harbours-labelled.csv")
    assert (len(none), axes.lines[:]) == (0, [])


def test_the_last_point_of_the_stored_learning_curve_is_measured_now_as_it_is_stored(
    corpus: pd.DataFrame, codebook: Codebook
) -> None:
    train, dev = (corpus[corpus["part"] == part].reset_index(drop=True) for part in ("train", "dev"))
    train = train[~train["cluster"].isin(set(dev["cluster"]) - {""})].reset_index(drop=True)
    tags = g7tag.tag_sentences(dev, g7tag.train_tagger(train, codebook), codebook)
    truth, found = (dimension_columns(frame["dimensions"], codebook) for frame in (dev, tags))
    stored = g7tag.evaluation.stored_evaluation(codebook)["learning_curve"].iloc[-1]
    measure = "g7tag evaluate --learning-curve --json > data/models/2024-apulia-19.learning-curve.json"
    assert (stored["n_train"], stored["n_tested"]) == (len(train), len(dev)), measure
    now = macro_f1(item_counts(truth, found, dev["item_id"].tolist())[None], n_resamples=1).value
    assert now == pytest.approx(stored["f1"], abs=0.005), measure


def test_a_codebook_without_an_evaluation_is_refused(codebook: Codebook) -> None:
    other = codebook.model_copy(update={"id": "2030-harbours"})
    with pytest.raises(
        InputError, match=r"codebook '2030-harbours': no evaluation comes with g7tag for it\. Measure one"
    ):
        g7tag.evaluation.stored_evaluation(other)


def test_the_errors_are_the_sentences_whose_label_is_another(corpus: pd.DataFrame, codebook: Codebook) -> None:
    n_sentences, errors = g7tag.evaluation.left_out_errors(corpus, codebook, member="Japan")
    its = corpus[(corpus["member"] == "Japan") & (corpus["part"] != "test")]
    assert n_sentences == len(its)
    assert 0 < len(errors) < n_sentences
    assert (errors["labelled"] != errors["tagged"]).all()
    assert errors["p_right"].is_monotonic_decreasing
    truth = its.set_index("sentence_id")
    row = errors[errors["labelled"].str.startswith("strong")].iloc[0]
    label = truth.loc[row["sentence_id"]]
    assert row["labelled"].removesuffix(f", act {label['act']}") == f"{label['strength']} {label['dimensions']}"
    unlike = errors[errors["labelled"].str.contains(", act ")]
    acts = unlike["labelled"].str.rpartition(", act ")[2]
    assert acts.tolist() == truth.loc[unlike["sentence_id"], "act"].tolist()
    assert len(unlike)
    assert (acts != unlike["tagged"].str.rpartition(", act ")[2]).all()
    assert row["text"] == label["text"]


def test_a_member_that_is_not_in_the_corpus_is_refused(corpus: pd.DataFrame, codebook: Codebook) -> None:
    with pytest.raises(FrameError, match="no sentences of 'Atlantis'"):
        g7tag.evaluation.left_out_errors(corpus, codebook, member="Atlantis")


def test_the_agreement_of_coders_has_a_row_for_each_file_and_label(codebook: Codebook) -> None:
    agreement = g7tag.corpus.coders_agreement(g7tag.corpus.bundled_corpus(), codebook)
    labels = [*codebook.dimension_keys, "strength", *codebook.exclusion_keys, *(act.key for act in codebook.acts)]
    assert agreement.groupby("file")["label"].agg(list).tolist() == [labels] * 3
    first = agreement.iloc[0]
    assert first["low"] < first["alpha"] < first["high"]


def test_files_without_two_coders_are_refused_and_no_files_give_no_rows(codebook: Codebook) -> None:
    assert g7tag.corpus.coders_agreement([], codebook).empty
    with pytest.raises(InputError, match=r"harbours-labelled\.csv: column 'c1_dimensions' is missing"):
        g7tag.corpus.coders_agreement([g7tag.example_path("harbours-labelled.csv")], codebook)


def test_dimensions_in_another_order_are_no_error(codebook: Codebook) -> None:
    book = g7tag.open_codebook(g7tag.example_path("harbours.toml"))
    corpus = g7tag.corpus.read_corpus([g7tag.example_path("harbours-labelled.csv")], book)
    turned = corpus.assign(dimensions=corpus["dimensions"].map(lambda keys: ";".join(reversed(keys.split(";")))))
    errors = [len(g7tag.evaluation.left_out_errors(each, book, member="Boreas").errors) for each in (corpus, turned)]
    assert errors[0] == errors[1]


def test_the_tagger_that_comes_with_g7tag_is_in_the_summary_under_the_name_of_the_other_tables(
    codebook: Codebook,
) -> None:
    stored = g7tag.evaluation.stored_evaluation(codebook)
    where = {"scheme": "test part, with encoder", "tested_on": "all files"}
    ours = next(row for row in stored["taggers"].to_dict("records") if row["tagger"] == "g7tag with encoder"
                and row["tested_on"] == "all files")  # fmt: skip
    page = g7tag.show_evaluation(stored)._repr_html_()
    assert where["scheme"] in page
    assert f"{ours['macro_f1']:.2f} [" in page
    for table in ("taggers", "labels", "acts", "confusion"):
        assert g7tag.show_evaluation(stored, table, **where)._repr_html_()
