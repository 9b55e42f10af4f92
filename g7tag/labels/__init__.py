"""Labels: annotations by the classifier, models and people, and the policies that choose among them.

Names are imported on first use.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
