"""Sentences to tags: the labelled corpus, the classifier trained on it, and its file.

The names below are loaded when first used: what does not learn or tag need not wait for scikit-learn.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
