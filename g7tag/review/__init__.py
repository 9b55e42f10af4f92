"""Who says what of a sentence: the classifier's tags and people's decisions, as annotations."""

from g7tag.review.classifier import classifier_annotations
from g7tag.review.people import PEOPLE, people_annotations

__all__ = ["PEOPLE", "classifier_annotations", "people_annotations"]
