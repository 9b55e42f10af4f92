from .curves import learning_curve as learning_curve
from .evaluate import evaluate_tagger as evaluate_tagger
from .evaluate import left_out_errors as left_out_errors
from .evaluate import stored_curve as stored_curve
from .evaluate import stored_evaluation as stored_evaluation
