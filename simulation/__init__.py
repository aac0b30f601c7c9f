"""Everything that happens in time: learning rules, laws, agents, matches, tournaments, models.

The public names stand in `__init__.pyi`, one a line, and are loaded when first used, so that importing the package
costs nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
