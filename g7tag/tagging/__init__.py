"""Sentences to tags: the labelled corpus, the classifier trained on it, and its file."""

from g7tag.tagging.agreement import coding_agreement
from g7tag.tagging.bundled import BUNDLED_NAME, bundled_annotations, bundled_evidence
from g7tag.tagging.corpus import bundled_corpus, has_key, in_order, label_rules, read_corpus, without_members
from g7tag.tagging.curve import learning_curve
from g7tag.tagging.evaluate import evaluate_tagger
from g7tag.tagging.explain import CUE, WORD, explain_tags, why_tagged
from g7tag.tagging.failures import label_words, left_out_errors
from g7tag.tagging.files import (
    Announce,
    check_corpus_files,
    coders_agreement,
    curve_of_files,
    evaluate_files,
    stored_evaluation,
    train_file,
)
from g7tag.tagging.model import Tagger, train_tagger
from g7tag.tagging.neighbours import Neighbours
from g7tag.tagging.package import describe_package
from g7tag.tagging.peers import find_peers
from g7tag.tagging.persist import default_model, load_tagger, save_tagger
from g7tag.tagging.predict import tag_sentences, tag_table
from g7tag.tagging.stream import TaggedFile, tag_file

__all__ = [
    "BUNDLED_NAME",
    "CUE",
    "WORD",
    "Announce",
    "Neighbours",
    "TaggedFile",
    "Tagger",
    "bundled_annotations",
    "bundled_corpus",
    "bundled_evidence",
    "check_corpus_files",
    "coders_agreement",
    "coding_agreement",
    "curve_of_files",
    "default_model",
    "describe_package",
    "evaluate_files",
    "evaluate_tagger",
    "explain_tags",
    "find_peers",
    "has_key",
    "in_order",
    "label_rules",
    "label_words",
    "learning_curve",
    "left_out_errors",
    "load_tagger",
    "read_corpus",
    "save_tagger",
    "stored_evaluation",
    "tag_file",
    "tag_sentences",
    "tag_table",
    "train_file",
    "train_tagger",
    "why_tagged",
    "without_members",
]
