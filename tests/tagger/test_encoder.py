"""The encoder reads each sentence by itself, explains its numbers, and is checked before it is used."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import g7tag
from g7tag.codebook import Codebook
from g7tag.corpus import bundled_corpus, read_corpus
from g7tag.errors import ModelError
from g7tag.store import file_sha256
from g7tag.tagger import Tagger, default_model, describe_tags, explain_tags, load_tagger, tag_sentences, tag_table
from g7tag.tagger.encoder import MOST_LENGTH, MOST_PIECES, Encoder, inputs_of
from g7tag.tagger.model import odds_to_shares
from g7tag.tagger.persist import check_model_name, save_tagger


@pytest.fixture(scope="module")
def tagger(codebook: Codebook) -> Tagger:
    return load_tagger(default_model(codebook), codebook)


@pytest.fixture(scope="module")
def encoder(tagger: Tagger) -> Encoder:
    assert tagger.encoder is not None
    return tagger.encoder


@pytest.fixture(scope="module")
def sentences(codebook: Codebook) -> pd.DataFrame:
    return read_corpus(bundled_corpus(), codebook).query("part == 'test'").head(40).reset_index(drop=True)


@pytest.fixture
def model(tmp_path: Path, codebook: Codebook) -> Path:
    """Return a copy of the bundled model with all its files."""
    source = default_model(codebook)
    for file in source.parent.glob(f"{source.stem}.*"):
        if file.suffix != ".md":
            shutil.copy(file, tmp_path / file.name)
    return tmp_path / source.name


def told(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"sentence_id": [f"s{n}" for n in range(len(texts))], "item_id": "i", "text": texts})


def test_the_numbers_of_a_sentence_do_not_depend_on_the_others(encoder: Encoder, sentences: pd.DataFrame) -> None:
    together = encoder.logits(sentences)
    first = sentences["item_id"].drop_duplicates().head(3)
    alone = pd.concat([encoder.logits(sentences[sentences["item_id"] == item]) for item in first])
    pd.testing.assert_frame_equal(together.loc[alone.index], alone, rtol=0, atol=0)
    pd.testing.assert_frame_equal(together, encoder.logits(sentences), rtol=0, atol=0)


def test_the_shares_of_the_words_add_up(encoder: Encoder, sentences: pd.DataFrame) -> None:
    logits = encoder.logits(sentences)
    for row, (words, text) in enumerate(zip(encoder.words(sentences), sentences["text"], strict=True)):
        np.testing.assert_allclose(sum(word.shares for word in words), logits.iloc[row], atol=1e-9)
        assert text[words[0].start : words[-1].end] in text
        assert [word.start for word in words] == sorted({word.start for word in words})


def test_a_context_keeps_its_ends_and_long_sentences_are_cut(encoder: Encoder) -> None:
    long = " ".join(f"word{n}" for n in range(400))
    first, last, second = inputs_of(told(long, f"Again {long}", "It was short."), encoder.tokenizer)
    assert first.n_own == last.n_own == MOST_PIECES
    assert len(second.ids) == MOST_LENGTH
    assert second.kinds[: second.n_own + 2].sum() == 0
    assert second.kinds[second.n_own + 2 :].all()
    assert second.ids[second.n_own + 2] == first.ids[1]  # the first piece of the context
    assert second.ids[-2] == last.ids[last.n_own]  # and its last


def test_an_empty_sentence_and_no_sentences_have_numbers(encoder: Encoder) -> None:
    assert np.isfinite(encoder.logits(told("", "  ")).to_numpy()).all()
    assert encoder.logits(told().astype("str")).shape == (0, len(encoder.labels))
    assert list(encoder.words(told(""))) == [[]]


def test_the_named_words_carry_the_tag(tagger: Tagger, sentences: pd.DataFrame) -> None:
    """Without the words that are named, the probability falls more than without as many others."""
    why = explain_tags(sentences, tagger)
    words = why[(why["kind"] == "word") & (why["contribution"] > 0)]
    falls = []
    for row in sentences.to_dict("records"):
        label = max(tagger.about["dimensions"], key=lambda key: key in row["dimensions"].split(";"))
        own = words[(words["sentence_id"] == row["sentence_id"]) & (words["label"] == label)]
        named = {word for feature in own["feature"] for word in feature.split()}
        split = row["text"].split()
        marked = [token.strip(".,;:()").lower() in named for token in split]
        others = [place for place, is_named in enumerate(marked) if not is_named]
        if not any(marked) or len(others) < sum(marked):
            continue
        spread = {others[place] for place in np.linspace(0, len(others) - 1, sum(marked)).astype(int)}
        texts = [
            row["text"],
            " ".join(token for token, is_named in zip(split, marked, strict=True) if not is_named),
            " ".join(token for place, token in enumerate(split) if place not in spread),
        ]
        odds = _odds(told(*texts).assign(item_id=["a", "b", "c"]), tagger)[label]
        falls.append((odds[0] - odds[1], odds[0] - odds[2]))
    assert len(falls) > 20
    without_named, without_others = np.mean(falls, axis=0)
    assert without_named > without_others + 0.5


def _odds(rows: pd.DataFrame, tagger: Tagger) -> pd.DataFrame:
    assert tagger.encoder is not None
    return tagger.encoder.logits(rows)


def test_the_fast_tagger_uses_the_same_classifiers_and_another_id(
    model: Path, tagger: Tagger, codebook: Codebook
) -> None:
    fast = load_tagger(model, codebook, fast=True)
    assert fast.encoder is None
    assert tagger.fast is not None
    assert fast.model_id == tagger.fast.model_id != tagger.model_id
    for file in (model.with_suffix(".onnx"), model.with_suffix(".tokenizer.json")):
        file.unlink()
    assert load_tagger(model, codebook, fast=True).model_id == fast.model_id  # it needs no encoder


def _rewrite(model: Path, **changes: object) -> None:
    manifest = model.with_name(f"{model.name}.json")
    values = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(values | {"encoder": values["encoder"] | changes}))


def _describe(model: Path) -> None:
    """Make the manifest match the encoder's file, as an attacker would."""
    onnx = model.with_suffix(".onnx")
    _rewrite(model, sha256=file_sha256(onnx), bytes=onnx.stat().st_size)


@pytest.mark.parametrize("suffix", [".onnx", ".tokenizer.json"])
def test_a_missing_or_changed_file_is_named(model: Path, codebook: Codebook, suffix: str) -> None:
    file = model.with_suffix(suffix)
    content = file.read_bytes()
    for changed in (content[:-1], content[:1000], bytes([content[0] ^ 1]) + content[1:]):
        file.write_bytes(changed)
        with pytest.raises(ModelError, match=f"{file.name}: was changed since it was trained"):
            load_tagger(model, codebook)
    file.unlink()
    with pytest.raises(ModelError, match=f"{file.name}: no such file. The model has an encoder"):
        load_tagger(model, codebook)


def test_a_swapped_or_truncated_model_that_its_manifest_describes_is_refused(model: Path, codebook: Codebook) -> None:
    onnx = model.with_suffix(".onnx")
    content = onnx.read_bytes()
    for wrong in (b"", content[: len(content) // 2], b"not a model", content.replace(b"pieces", b"places")):
        onnx.write_bytes(wrong)
        _describe(model)
        with pytest.raises(ModelError, match="the encoder cannot be used"):
            load_tagger(model, codebook)


def test_an_operator_that_onnxruntime_lacks_is_named(model: Path, codebook: Codebook) -> None:
    onnx = model.with_suffix(".onnx")
    onnx.write_bytes(onnx.read_bytes().replace(b"DynamicQuantizeLinear", b"DynamicQuantizeLineaX"))
    _describe(model)
    with pytest.raises(ModelError, match=r"the encoder cannot be used .*DynamicQuantizeLineaX"):
        load_tagger(model, codebook)


def test_a_manifest_with_other_labels_is_refused(
    model: Path, tagger: Tagger, encoder: Encoder, codebook: Codebook
) -> None:
    for labels in (encoder.labels[:-1], [*encoder.labels[:-1], "elsewhere"]):
        _rewrite(model, labels=labels)
        with pytest.raises(ModelError, match=r"numbers for each word|does not fit its classifiers"):
            load_tagger(model, codebook)


def test_a_damaged_encoder_ends_a_run_before_anything_is_tagged(tmp_path: Path, model: Path) -> None:
    model.with_suffix(".onnx").write_bytes(b"x")
    table = tmp_path / "in.csv"
    table.write_text("text\nPolice arrested nine smugglers.\n")
    g7tag = Path(sys.executable).with_name("g7tag")
    done = subprocess.run(
        [g7tag, "tag", table, "-o", tmp_path / "out.csv", "--model", model], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "was changed since it was trained" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_the_acts_add_up_to_one(tagger: Tagger, codebook: Codebook, sentences: pd.DataFrame) -> None:
    tags = tag_sentences(sentences, tagger, codebook)
    acts = tags[[f"p_{act.key}" for act in codebook.acts]]
    np.testing.assert_allclose(acts.sum(axis=1), 1.0, atol=1e-9)
    assert (acts.idxmax(axis=1).str.removeprefix("p_") == tags["act"]).all()


def test_a_tagger_without_acts_says_so() -> None:
    odds = pd.DataFrame({"a": [0.0], "strong": [0.0], "excluded": [-9.0]})
    shares = odds_to_shares(odds, pd.DataFrame(index=odds.index))
    assert shares[["done", "background"]].isna().all(axis=None)


REFUSED = (
    "Parliament voted down a bill against human trafficking.",
    "No one was convicted of people smuggling that year.",
    "The court acquitted all seven alleged smugglers.",
    "The government has still not set up a unit against trafficking.",
    "The unit against people smuggling was disbanded in May.",
    "The ministry cut its fund for victims of trafficking by half.",
    "Prosecutors dropped the trafficking charges against him.",
    "The law against smugglers was repealed.",
)


def test_an_act_not_done_or_undone_is_never_silently_strong(tagger: Tagger, codebook: Codebook) -> None:
    rows = told(*REFUSED).assign(item_id=[f"i{n}" for n in range(len(REFUSED))])
    tags = tag_sentences(rows, tagger, codebook)
    assert tags["needs_review"].all(), rows.loc[~tags["needs_review"], "text"].tolist()
    assert (tags["strength"] == "strong").sum() <= 3


def test_meaningless_words_are_never_reasons(tagger: Tagger, codebook: Codebook, sentences: pd.DataFrame) -> None:
    why = explain_tags(sentences, tagger)
    words = set(why.loc[why["kind"] == "word", "feature"])
    assert not words & {"and", "the", "000", "of", "of the", "in", "a", ",", "."}
    shown = describe_tags(tag_sentences(sentences, tagger, codebook), why)
    assert not shown.str.contains(r'"(?:the|and|of|000|in the)"').any()


def test_explanations_add_up_to_the_probabilities(tagger: Tagger, codebook: Codebook, sentences: pd.DataFrame) -> None:
    tags = tag_sentences(sentences, tagger, codebook).set_index("sentence_id")
    why = explain_tags(sentences, tagger, most=3).groupby(["label", "sentence_id"])["contribution"].sum()
    for key in codebook.dimension_keys:
        np.testing.assert_allclose(expit(why[key]), tags[f"p_{key}"].loc[why[key].index], atol=1e-9)


def test_a_text_without_words_has_an_explanation(tagger: Tagger, codebook: Codebook) -> None:
    for texts in ([""], ["\u200b"], ["", "Police arrested nine smugglers."]):
        tags = tag_table(pd.DataFrame({"text": texts}), tagger, codebook, explain=True)
        assert tags["why"].iloc[0] == ""


def test_a_run_with_a_loaded_tagger_can_be_fast(tagger: Tagger) -> None:
    report = g7tag.example_path("invented-report.txt")
    assert tagger.fast is not None
    for fast, used in ((False, tagger), (True, tagger.fast)):
        assert set(g7tag.run_report([report], model=tagger, fast=fast).tags["tagger"]) == {used.model_id}


def test_the_files_of_an_earlier_encoder_are_not_overlooked(model: Path, tagger: Tagger, codebook: Codebook) -> None:
    for file in (model, model.with_name(f"{model.name}.json")):
        file.unlink()
    with pytest.raises(ModelError, match=r"\.onnx: already exists\. Choose another name"):
        check_model_name(model, force=False)
    check_model_name(model, force=True)
    assert tagger.fast is not None
    save_tagger(tagger.fast, model)
    assert not list(model.parent.glob("*.onnx"))
    assert load_tagger(model, codebook).encoder is None
