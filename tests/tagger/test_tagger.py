"""Train taggers and tag sentences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus import bundled_corpus, read_corpus, without_members
from g7tag.corpus.reading import read_contrast
from g7tag.errors import FrameError
from g7tag.frames import tags_model, validate
from g7tag.tagger import Tagger, default_model, load_tagger, tag_sentences, tag_table, train_tagger
from g7tag.tagger.training import train_with_encoder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def corpus(codebook: Codebook) -> pd.DataFrame:
    return read_corpus(bundled_corpus(), codebook)


@pytest.fixture(scope="session")
def tagger(codebook: Codebook) -> Tagger:
    return load_tagger(default_model(codebook), codebook)


def table(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"text": list(texts)})


def test_training_again_gives_the_predictions_of_the_shipped_model(
    corpus: pd.DataFrame, tagger: Tagger, codebook: Codebook
) -> None:
    taught = corpus[corpus["part"] != "test"].reset_index(drop=True)
    again = train_tagger(taught, codebook, corpus_name=tagger.about["corpus"])
    assert again.about["corpus_sha256"] == tagger.about["corpus_sha256"], "train the shipped model again"
    assert again.about["codebook_sha256"] == tagger.about["codebook_sha256"], "train the shipped model again"
    assert tagger.fast is not None
    assert again.thresholds == tagger.fast.thresholds
    shipped, fresh = (tag_sentences(corpus, model, codebook).drop(columns="tagger") for model in (tagger.fast, again))
    pd.testing.assert_frame_equal(shipped, fresh, rtol=0, atol=1e-4)  # processors add in different orders


def test_a_member_left_out_is_tagged_better_than_by_the_commonest_label(
    corpus: pd.DataFrame, codebook: Codebook
) -> None:
    some = corpus[corpus["file"] != "public-pages.csv"]  # to save time
    kept = without_members(some, ["Italy"])
    left_out = some[some["member"] == "Italy"].reset_index(drop=True)
    tags = tag_sentences(left_out, train_tagger(kept, codebook), codebook)
    truth = left_out["dimensions"].str.contains("counter")
    found = tags["dimensions"].str.contains("counter")
    chance = max(truth.mean(), 1 - truth.mean())
    assert (truth == found).mean() > chance


def test_a_plain_arrest_is_strong_counter(tagger: Tagger, codebook: Codebook) -> None:
    row = tag_table(table("Police arrested nine members of a smuggling gang and charged them."), tagger, codebook).iloc[
        0
    ]
    assert "counter" in row["dimensions"].split(";")
    assert row["strength"] == "strong"
    assert row["p_counter"] > 0.5


@pytest.mark.parametrize("review_below", [0.8, 0.4368])
def test_a_tag_needs_review_if_and_only_if_it_is_below_the_limit_or_for_a_named_reason(
    tagger: Tagger, codebook: Codebook, corpus: pd.DataFrame, review_below: float
) -> None:
    rows = corpus.groupby("file").head(120)[["text"]]
    others = pd.DataFrame({"text": ["", "Zqxv brpl wkjt.", "word " * 1100]})
    tags = tag_table(pd.concat([rows, others]), replace(tagger, review_below=review_below), codebook)
    (limit,) = set(tags["review_below"])
    assert limit == round(review_below, 2)  # a whole percentage, as people see it
    reason = tags["review_reason"]
    assert tags["needs_review"].tolist() == (reason != "").tolist()
    assert (reason == "unlikely").tolist() == (tags["p_right"] < limit).tolist()
    others = tags[(tags["p_right"] >= limit) & tags["needs_review"]]
    assert set(others["review_reason"]) <= {"not_done", "reversed", "planned_cue", "not_done_cue", "reversed_cue"}
    assert reason[-3:].tolist() == tags["status"][-3:].tolist() == ["empty", "unknown_words", "too_long"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Police arrested nine members of a smuggling gang and charged them.", ""),
        ("Police arrested nine members of a smuggling gang, charged them and will try them.", "planned_cue"),
        ("Police did not delay and arrested nine members of a smuggling gang and charged them.", "not_done_cue"),
    ],
)
def test_a_certain_tag_has_the_reason_why_its_act_may_not_be_done(
    tagger: Tagger, codebook: Codebook, text: str, reason: str
) -> None:
    row = tag_table(table(text), replace(tagger, review_below=0.0), codebook).iloc[0]
    assert (row["strength"], row["review_reason"]) == ("strong", reason)


def test_an_empty_text_is_not_tagged(tagger: Tagger, codebook: Codebook) -> None:
    row = tag_table(table("  "), tagger, codebook).iloc[0]
    assert (row["status"], row["dimensions"], row["strength"], row["exclusion"]) == ("empty", "", "none", "")
    assert row["needs_review"]
    assert np.isnan(row["p_counter"])


def test_words_never_seen_are_a_status_and_no_confident_tag(tagger: Tagger, codebook: Codebook) -> None:
    row = tag_table(table("Zqxv brpl wkjt."), tagger, codebook).iloc[0]
    assert (row["status"], row["dimensions"], row["strength"]) == ("unknown_words", "", "none")
    assert row["needs_review"]
    assert np.isnan(row["p_right"])  # it says nothing that could be right
    assert 0 < row["p_counter"] < 1


def test_missing_texts_become_empty(tagger: Tagger, codebook: Codebook) -> None:
    tags = tag_table(pd.DataFrame({"text": ["Police arrested him.", None]}), tagger, codebook)
    assert tags["status"].tolist() == ["ok", "empty"]


def test_no_rows_give_an_empty_tags_frame(tagger: Tagger, codebook: Codebook) -> None:
    tags = tag_table(table().astype("str"), tagger, codebook)
    assert len(tags) == 0
    validate(tags.drop(columns="text"), tags_model(codebook))


def test_order_and_ids_of_a_table_are_kept(tagger: Tagger, codebook: Codebook) -> None:
    rows = pd.DataFrame(
        {"sentence_id": ["z", "a"], "text": ["They met.", "They signed a treaty."], "item_id": ["i", "i"]}
    )
    tags = tag_table(rows, tagger, codebook)
    assert tags["sentence_id"].tolist() == ["z", "a"]
    assert tags["text"].tolist() == rows["text"].tolist()


def test_context_is_the_earlier_sentences_of_the_item_alone(tagger: Tagger, codebook: Codebook) -> None:
    texts = ["Police arrested the ringleaders of a smuggling network.", "It was announced in June."]
    together = tag_table(table(*texts).assign(item_id=["i", "i"]), tagger, codebook)
    apart = tag_table(table(*texts), tagger, codebook)
    assert together["p_counter"].iloc[0] == apart["p_counter"].iloc[0]
    assert together["p_counter"].iloc[1] != apart["p_counter"].iloc[1]


def test_position_tells_which_sentences_of_the_item_are_earlier(tagger: Tagger, codebook: Codebook) -> None:
    texts = ["Police arrested the ringleaders of a smuggling network.", "It was announced in June."]
    forward = tag_table(table(*texts).assign(item_id="i", position=["1", "2"]), tagger, codebook)
    backward = tag_table(table(*texts[::-1]).assign(item_id="i", position=["2", "1"]), tagger, codebook)
    assert backward["text"].tolist() == texts[::-1]
    assert backward["p_counter"].tolist() == forward["p_counter"].tolist()[::-1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"words": ["They met."]}, r"notes\.csv: column 'text' is missing, found 'words'"),
        ({"text": ["One.", "Two."], "sentence_id": ["a", "a"]}, r"sentence_id 'a' appears in several rows"),
        ({"text": ["One.", "Two.", "Three."], "item_id": ["a", "b", "a"]}, r"rows of item 'a' are not adjacent"),
        ({"text": ["One."], "position": ["first"]}, r"notes\.csv: column 'position' contains 'first'\. Expected"),
    ],
    ids=["no-text", "ids-twice", "items-apart", "position"],
)
def test_a_table_that_cannot_be_tagged_is_refused(
    tagger: Tagger, codebook: Codebook, columns: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(FrameError, match=message):
        tag_table(pd.DataFrame(columns), tagger, codebook, source="notes.csv")


def test_dimensions_stand_in_the_codebooks_order_and_none_beside_an_exclusion(
    corpus: pd.DataFrame, tagger: Tagger, codebook: Codebook
) -> None:
    assert tagger.fast is not None
    tags = tag_sentences(corpus, tagger.fast, codebook)
    order = {key: place for place, key in enumerate(codebook.dimension_keys)}
    for joined in tags["dimensions"]:
        places = [order[key] for key in joined.split(";") if key]
        assert places == sorted(places)
    assert not ((tags["dimensions"] != "") & (tags["exclusion"] != "")).any()
    assert ((tags["dimensions"] == "") == (tags["strength"] == "none")).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dimensions": "", "strength": "none"}, "no sentence labelled 'prevent'"),
        ({"item_id": "one"}, "all sentences are of one item"),
    ],
    ids=["no-example", "one-item"],
)
def test_a_corpus_too_thin_to_train_on_is_refused(
    corpus: pd.DataFrame, codebook: Codebook, change: dict[str, str], message: str
) -> None:
    with pytest.raises(FrameError, match=message):
        train_tagger(corpus.assign(**change), codebook)


def test_acts_of_a_single_item_are_learned_though_folds_lack_them(corpus: pd.DataFrame, codebook: Codebook) -> None:
    some = corpus[corpus["file"] == "apulia-2024.csv"]
    coded = pd.concat([some[some["act"] == act].head(6) for act in ("done", "planned")]).assign(item_id="coded")
    others = some.drop(index=coded.index).assign(act="", c1_act="", c2_act="")
    few = pd.concat([others, coded], ignore_index=True)
    tags = tag_sentences(few, train_tagger(few, codebook), codebook)
    assert set(tags["act"]) == {"done", "planned"}
    assert tags["p_right"].notna().all()


@pytest.mark.parametrize("voted", [False, True])
def test_an_exclusion_that_only_a_coder_names_is_learned_unscaled(
    corpus: pd.DataFrame, codebook: Codebook, monkeypatch: pytest.MonkeyPatch, voted: bool
) -> None:
    scaled: list[object] = []
    monkeypatch.setattr("g7tag.tagger.fitting.rescale_head", lambda head, _: scaled.append(head))
    some = corpus[corpus["file"] == "earlier-actions.csv"].reset_index(drop=True)
    data = codebook.model_dump()
    data["exclusions"] = [*data["exclusions"], data["exclusions"][0] | {"key": "drugs", "label": "Drugs"}]
    if voted:
        some.loc[some.index[some["c1_dimensions"] == ""][:5], "c1_exclusion"] = "drugs"
    head = train_tagger(some, Codebook.model_validate(data)).heads["exclusion"]
    assert head.classes_.tolist() == ["", "border", "drugs"][: 3 if voted else 2]
    assert any(each is head for each in scaled) is not voted  # one slope and intercept scale two classes only


@pytest.mark.parametrize("part", ["", "dev"])
def test_an_encoder_needs_items_of_its_own(
    corpus: pd.DataFrame, codebook: Codebook, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr("g7tag.tagger.training.require_training", lambda: None)
    some = corpus[corpus["file"] == "apulia-2024.csv"]
    few = some[some["item_id"].isin(some["item_id"].unique()[:3])].assign(part=part)
    with pytest.raises(FrameError, match=r"items to train an encoder on and \d+ \(part 'dev'\) to join it"):
        train_with_encoder(few, codebook, few.head(0).assign(of=""), lambda _: None)


def test_an_encoder_learns_the_labels_of_the_classifiers(
    corpus: pd.DataFrame, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(Exception):  # noqa: N818
        pass

    def ask(sentences: pd.DataFrame, targets: pd.DataFrame, known: pd.DataFrame, *_: object) -> None:
        assert len(sentences) == len(targets) == len(known)
        raise Asked(targets.columns.tolist(), known.columns.tolist())

    monkeypatch.setattr("g7tag.tagger.training.require_training", lambda: None)
    monkeypatch.setattr("g7tag.tagger.training.train_encoder", ask)
    some = corpus[corpus["file"] == "apulia-2024.csv"].reset_index(drop=True)
    contrast = read_contrast(codebook, some)
    assert (contrast["act"] != "").all()
    for rows, labels in (
        (some, [*codebook.dimension_keys, "strong", "excluded", *ACTS]),
        (some.assign(act="", c1_act="", c2_act=""), [*codebook.dimension_keys, "strong", "excluded"]),
    ):
        with pytest.raises(Asked) as asked:
            train_with_encoder(rows, codebook, contrast, lambda _: None)
        assert [sorted(names) for names in asked.value.args] == [sorted(labels)] * 2
