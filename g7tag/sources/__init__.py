"""Bytes to documents: what a report file says, before anybody asks what it means.

The names below are loaded when first used: a process that reads a single document needs no pandas.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
