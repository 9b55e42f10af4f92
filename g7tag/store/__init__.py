"""Bundled data, tables, atomic writes, and run directories.

Names are imported on first use, so looking up a path does not import pandas.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
