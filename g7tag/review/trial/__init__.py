"""The trial that a model stands before its proposals may count."""

from g7tag.review.trial.questions import TrialSize, Tried, attack_questions, draw_sample, first_questions
from g7tag.review.trial.variants import PLAIN
from g7tag.review.trial.verdict import TrialBars, TrialResult, answers_of, judge_trial, verdict_row

__all__ = [
    "PLAIN",
    "TrialBars",
    "TrialResult",
    "TrialSize",
    "Tried",
    "answers_of",
    "attack_questions",
    "draw_sample",
    "first_questions",
    "judge_trial",
    "verdict_row",
]
