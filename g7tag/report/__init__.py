"""Frames to tables, plots and pages. Nothing is decided here.

The names below are loaded when first used: what prints a table need not wait for the plots.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
