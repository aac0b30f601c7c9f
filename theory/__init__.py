"""Everything that is true of a game without time: games, equilibria, Pareto sets, bargaining, verdicts.

The public names stand in `__init__.pyi`, one a line, and are loaded when first used, so that importing the package
costs nothing. `theory.altruism` gathers what chapter 5 of the thesis asks about cooperativeness.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
