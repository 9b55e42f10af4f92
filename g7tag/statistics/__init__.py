"""Measures of agreement between coders, and what a random sample of labels says about all sentences."""

from g7tag.statistics.agreement import (
    Agreement,
    bootstrap_interval,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from g7tag.statistics.estimates import (
    alternative_annotator_test,
    corrected_share,
    error_bound,
    jaccard,
    prediction_powered_share,
    same_label,
    sample_needed,
)

__all__ = [
    "Agreement",
    "alternative_annotator_test",
    "bootstrap_interval",
    "corrected_share",
    "error_bound",
    "gwet_ac1",
    "jaccard",
    "krippendorff_alpha",
    "percent_agreement",
    "prediction_powered_share",
    "same_label",
    "sample_needed",
]
