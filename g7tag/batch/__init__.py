"""Tag tables of any size, one partition at a time, in several processes or on several machines."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
