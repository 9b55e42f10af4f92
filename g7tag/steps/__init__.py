"""The parts chained into whole jobs.

The names below are loaded when first used: each command waits for its own steps alone.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
