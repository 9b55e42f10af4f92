"""Read evidence from documents: commitments, members, conclusions, claims, items, sentences and citations.

Names are imported on first use, so a process that reads one document does not import pandas.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
