"""Documents to evidence: commitments, members, conclusions, claims, items, sentences and citations.

The names below are loaded when first used: a process that reads the evidence of one document needs no pandas.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
