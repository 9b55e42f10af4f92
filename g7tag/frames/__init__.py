"""The frames that the parts of g7tag exchange: their schemas, and the check of a frame against its schema."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
