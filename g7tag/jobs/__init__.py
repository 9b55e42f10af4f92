"""Complete jobs, such as reading, scoring and auditing reports: the Python API that the command line uses.

Names are loaded on first use.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
