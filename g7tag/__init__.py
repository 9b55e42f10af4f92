"""Tag the evidence sentences of G7 compliance reports, suggest scores, and compare them with the published ones.

Names are imported on first use, so `import g7tag` is fast.

>>> import g7tag
>>> run = g7tag.run_report()  # the evidence that comes with g7tag
>>> len(run.members)
8
"""

import lazy_loader as lazy

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
