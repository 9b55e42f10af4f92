"""The labelled corpus that taggers are trained on, its checks, and the bundled evidence built from it.

Names are imported on first use.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
