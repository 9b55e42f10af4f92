"""Labelled sentences: the corpus that taggers learn from, its checks, and the bundled evidence made of it.

The names below are loaded when first used.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
