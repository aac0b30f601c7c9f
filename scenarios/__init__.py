"""Named experiments, the command line, reports, pictures and the store of results.

The public names stand in `__init__.pyi`, one a line, and are loaded when first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
