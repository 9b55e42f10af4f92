"""Plots of frames. Each function draws a frame on an Axes and returns it, without changing global state."""

from g7tag.report.plots.evidence import plot_evidence, plot_joint_actions, plot_timeline
from g7tag.report.plots.scores import plot_scores, plot_thresholds
from g7tag.report.plots.style import IMAGE_TYPES
from g7tag.report.plots.tagger import learning_curve_image, plot_agreement, plot_learning_curve, plot_reliability

__all__ = [
    "IMAGE_TYPES",
    "learning_curve_image",
    "plot_agreement",
    "plot_evidence",
    "plot_joint_actions",
    "plot_learning_curve",
    "plot_reliability",
    "plot_scores",
    "plot_thresholds",
    "plot_timeline",
]
