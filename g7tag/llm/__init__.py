"""Language models that propose annotations: prompts, answers, endpoints, requests and budgets.

The names below are loaded when first used.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
