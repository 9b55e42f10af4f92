"""Evaluate taggers: cross-validation, measures, learning curves, and simpler taggers for comparison.

Names are imported on first use.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
