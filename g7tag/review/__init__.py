"""Who says what of a sentence: the classifier's tags, models' proposals and people's decisions, as annotations."""

from g7tag.review.answers import Allowed, Judgement, allowed, allowed_by, judge
from g7tag.review.classifier import classifier_annotations
from g7tag.review.people import PEOPLE, people_annotations
from g7tag.review.prompt import ATTACKS_VERSION, Prompt, answer_schema
from g7tag.review.proposals import (
    TOKEN_LIMITS,
    annotator_name,
    last_answers,
    llm_annotations,
    log_asked,
    read_proposals,
)
from g7tag.review.questions import Context, contexts_of, labelled_examples, make_prompts
from g7tag.review.response import read_response
from g7tag.review.selection import REASONS, select_sentences
from g7tag.review.verdicts import adopt_verdicts, bars_reached, counted_models, last_verdicts, trusted_annotators

__all__ = [
    "ATTACKS_VERSION",
    "PEOPLE",
    "REASONS",
    "TOKEN_LIMITS",
    "Allowed",
    "Context",
    "Judgement",
    "Prompt",
    "adopt_verdicts",
    "allowed",
    "allowed_by",
    "annotator_name",
    "answer_schema",
    "bars_reached",
    "classifier_annotations",
    "contexts_of",
    "counted_models",
    "judge",
    "labelled_examples",
    "last_answers",
    "last_verdicts",
    "llm_annotations",
    "log_asked",
    "make_prompts",
    "people_annotations",
    "read_proposals",
    "read_response",
    "select_sentences",
    "trusted_annotators",
]
