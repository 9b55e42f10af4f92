"""The classifier's tags as annotations that can be traced back."""

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.corpus import bundled_evidence
from g7tag.frames import tags_model
from g7tag.labels import classifier_annotations
from g7tag.store import text_sha256
from g7tag.tagger import default_model, load_tagger, tag_sentences


def test_each_tag_is_an_annotation_of_the_present_text(codebook: Codebook) -> None:
    sentences = bundled_evidence(codebook).sentences.head(20)
    tags = tag_sentences(sentences, load_tagger(default_model(codebook), codebook), codebook)
    rows = classifier_annotations(tags, sentences, codebook)
    assert rows["sentence_id"].tolist() == sentences["sentence_id"].tolist()
    assert rows["text_sha256"].tolist() == [text_sha256(text) for text in sentences["text"]]
    assert (rows["annotator"] == tags["tagger"]).all()
    assert set(rows["kind"]) == {"classifier"}
    assert set(rows["codebook_version"]) == {codebook.version}
    pd.testing.assert_series_equal(rows["confidence"], tags["p_right"], check_names=False)


def test_a_tag_without_a_judgement_is_no_annotation(codebook: Codebook) -> None:
    sentences = bundled_evidence(codebook).sentences.head(2)
    tags = tag_sentences(sentences, load_tagger(default_model(codebook), codebook), codebook)
    tags["status"] = ["ok", "unknown_words"]
    assert classifier_annotations(tags, sentences, codebook)["sentence_id"].tolist() == [
        sentences["sentence_id"].iloc[0]
    ]


def test_no_tags_give_no_annotations(codebook: Codebook) -> None:
    sentences = bundled_evidence(codebook).sentences.head(0)
    tags = tag_sentences(sentences, load_tagger(default_model(codebook), codebook), codebook)
    assert list(tags.columns) == list(tags_model(codebook).columns)
    assert len(classifier_annotations(tags, sentences, codebook)) == 0
