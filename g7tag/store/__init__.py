"""Files: bundled data, tables, atomic writes, and run directories.

The names below are loaded when first used: what only looks up a path needs no pandas.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
