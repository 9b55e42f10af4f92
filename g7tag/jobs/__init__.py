"""Whole jobs: the parts chained one after the other. This is the Python API, and what the command line runs.

The names below are loaded when first used.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
