"""Readers that turn report files (PDF, Word, HTML, text) into documents.

Names are imported lazily, so a process that reads one document does not load pandas.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
