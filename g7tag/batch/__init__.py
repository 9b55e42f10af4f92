"""Tag tables of any size: partition by partition, in several processes or on several machines."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
