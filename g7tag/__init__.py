"""Tag the evidence sentences of G7 compliance reports, suggest scores, and reconcile them with the analysts'.

The names below are loaded when first used, so that `import g7tag` is cheap.

>>> import g7tag
>>> result = g7tag.run_report()  # the bundled evidence
>>> len(result.members)
8
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
