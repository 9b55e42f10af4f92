"""Sentences to tags: the labelled corpus, the classifier trained on it, and its file."""

from g7tag.tagging.corpus import bundled_corpus, read_corpus, without_members
from g7tag.tagging.files import Announce, tag_file, train_file
from g7tag.tagging.model import Tagger, train_tagger
from g7tag.tagging.persist import default_model, load_tagger, save_tagger
from g7tag.tagging.predict import tag_sentences, tag_table
from g7tag.tagging.sample import SAMPLE_NAME, sample_evidence

__all__ = [
    "SAMPLE_NAME",
    "Announce",
    "Tagger",
    "bundled_corpus",
    "default_model",
    "load_tagger",
    "read_corpus",
    "sample_evidence",
    "save_tagger",
    "tag_file",
    "tag_sentences",
    "tag_table",
    "train_file",
    "train_tagger",
    "without_members",
]
