"""Tables, plots, texts and pages from frames.

Names are imported on first use, so printing a table does not import the plots.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
