"""Tags to annotations: who says what of a sentence. So far the classifier alone does."""

from g7tag.review.classifier import classifier_annotations

__all__ = ["classifier_annotations"]
