"""The encoder reads each sentence by itself, explains its numbers, and is checked before it is used."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.errors import ModelError
from g7tag.store import file_sha256
from g7tag.tagger import Tagger, default_model, explain_tags, load_tagger
from g7tag.tagger.encoder import MOST_LENGTH, MOST_PIECES, Encoder, inputs_of
from g7tag.tagger.persist import check_model_name, save_tagger


@pytest.fixture(scope="module")
def encoder(tagger: Tagger) -> Encoder:
    assert tagger.encoder is not None
    return tagger.encoder


@pytest.fixture(scope="module")
def sentences(corpus: pd.DataFrame) -> pd.DataFrame:
    return corpus[corpus["part"] == "test"].head(40).reset_index(drop=True)


@pytest.fixture
def model(tmp_path: Path, codebook: Codebook) -> Path:
    """A copy of the bundled model with all its files."""
    source = default_model(codebook)
    for suffix in (".skops", ".skops.json", ".onnx", ".tokenizer.json"):
        shutil.copy(source.with_suffix(suffix), tmp_path)
    return tmp_path / source.name


def told(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"sentence_id": [f"s{n}" for n in range(len(texts))], "item_id": "i", "text": texts})


def test_the_numbers_of_a_sentence_depend_on_its_item_alone_and_its_words_add_up(
    encoder: Encoder, sentences: pd.DataFrame
) -> None:
    together = encoder.logits(sentences)
    encoder._known.clear()
    first = sentences["item_id"].drop_duplicates().head(3)
    alone = pd.concat([encoder.logits(sentences[sentences["item_id"] == item]) for item in first])
    pd.testing.assert_frame_equal(together.loc[alone.index], alone, rtol=0, atol=0)
    for row, (words, text) in enumerate(zip(encoder.words(sentences), sentences["text"], strict=True)):
        np.testing.assert_allclose(sum(word.shares for word in words), together.iloc[row], atol=1e-9)
        assert [word.start for word in words] == sorted({word.start for word in words})
        assert text[words[0].start : words[-1].end] in text


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


@pytest.mark.slow
def test_the_named_words_carry_the_tag(tagger: Tagger, encoder: Encoder, sentences: pd.DataFrame) -> None:
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
        odds = encoder.logits(told(*texts).assign(item_id=["a", "b", "c"]))[label]
        falls.append((odds[0] - odds[1], odds[0] - odds[2]))
    assert len(falls) > 20
    without_named, without_others = np.mean(falls, axis=0)
    assert without_named > without_others + 0.5


def test_the_fast_tagger_has_another_id_and_needs_no_encoder(model: Path, tagger: Tagger, codebook: Codebook) -> None:
    assert tagger.fast is not None
    for file in (model.with_suffix(".onnx"), model.with_suffix(".tokenizer.json")):
        file.unlink()
    fast = load_tagger(model, codebook, fast=True)
    assert fast.encoder is None
    assert fast.model_id == tagger.fast.model_id != tagger.model_id


def _rewrite(model: Path, **changes: object) -> None:
    manifest = model.with_name(f"{model.name}.json")
    values = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(values | {"encoder": values["encoder"] | changes}))


@pytest.mark.parametrize("suffix", [".onnx", ".tokenizer.json"])
def test_a_missing_or_changed_file_is_named(model: Path, codebook: Codebook, suffix: str) -> None:
    file = model.with_suffix(suffix)
    content = file.read_bytes()
    for changed in (content[:-1], bytes([content[0] ^ 1]) + content[1:]):
        file.write_bytes(changed)
        with pytest.raises(ModelError, match=f"{file.name}: was changed since it was trained .* or use --tagger fast"):
            load_tagger(model, codebook)
    file.unlink()
    with pytest.raises(ModelError, match=f"{file.name}: no such file. The model has an encoder"):
        load_tagger(model, codebook)


@pytest.mark.slow
def test_a_swapped_model_that_its_manifest_describes_is_refused(model: Path, codebook: Codebook) -> None:
    onnx = model.with_suffix(".onnx")
    content = onnx.read_bytes()
    lacking = content.replace(b"DynamicQuantizeLinear", b"DynamicQuantizeLineaX")
    wrongs = {b"not a model": "", content.replace(b"pieces", b"places"): "", lacking: ".*DynamicQuantizeLineaX"}
    for wrong, cause in wrongs.items():
        onnx.write_bytes(wrong)
        _rewrite(model, sha256=file_sha256(onnx), bytes=len(wrong))
        with pytest.raises(ModelError, match=f"the encoder cannot be used {cause}"):
            load_tagger(model, codebook)


@pytest.mark.slow
def test_a_manifest_with_other_labels_is_refused(model: Path, encoder: Encoder, codebook: Codebook) -> None:
    for labels in (encoder.labels[:-1], [*encoder.labels[:-1], "elsewhere"]):
        _rewrite(model, labels=labels)
        with pytest.raises(ModelError, match=r"numbers for each word|does not fit its classifiers.* --encoder`"):
            load_tagger(model, codebook)


@pytest.mark.slow
def test_the_files_of_an_earlier_encoder_are_not_overlooked(model: Path, tagger: Tagger, codebook: Codebook) -> None:
    for file in (model, model.with_name(f"{model.name}.json")):
        file.unlink()
    with pytest.raises(ModelError, match=r"\.onnx: already exists\. Choose another name"):
        check_model_name(model, force=False)
    save_tagger(tagger, model)
    again = load_tagger(model, codebook)
    assert (again.model_id, again.mix, again.thresholds) == (tagger.model_id, tagger.mix, tagger.thresholds)
    assert tagger.fast is not None
    save_tagger(tagger.fast, model)
    assert not list(model.parent.glob("*.onnx"))
    assert load_tagger(model, codebook).encoder is None
