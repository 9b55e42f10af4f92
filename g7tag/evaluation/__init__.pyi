from .evaluate import evaluate_tagger as evaluate_tagger
from .evaluate import learning_curve as learning_curve
from .evaluate import stored_evaluation as stored_evaluation
