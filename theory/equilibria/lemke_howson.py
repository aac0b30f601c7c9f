r"""One equilibrium of a bimatrix game that is too large for all of them (Lemke & Howson 1964).

The path starts at the artificial equilibrium (0, 0) of the two best-response polytopes, drops one label, and
exchanges labels that are there twice, in turn in the one polytope and in the other, until the dropped one is
found again. Ties are broken by right-hand sides that differ a little; only the bases count, so the end is not
perturbed. As all this is done in floats, the caller has to check the regret of the result.
"""

from __future__ import annotations

import numpy as np

from theory.checks import FloatArray
from theory.equilibria.polytope import Bases

# Exchanges after which a path is given up: there are exponentially long ones (Savani & von Stengel 2006).
MAX_EXCHANGES = 2000

# Largest difference between right-hand sides.
_PERTURBATION = 1e-7


def lemke_howson(
    A: FloatArray, B: FloatArray, dropped: int = 0, *, max_exchanges: int = MAX_EXCHANGES
) -> tuple[FloatArray, FloatArray] | None:
    """Return the equilibrium at the end of the path of one label, or None if that takes too long.

    Parameters
    ----------
    A, B
        `[m, n]`: payoffs of the row and of the column player.
    dropped
        The label to drop: an action of the row player (below m), or m + an action of the column player.
    max_exchanges
        Exchanges after which the path is given up.
    """
    m, n = A.shape
    # Labels of the rows' polytope are its variables; those of the columns' start with the n columns.
    polytopes = [_at_zero(B.T), _at_zero(A)]
    label_of = [np.arange(m + n), np.append(np.arange(m, m + n), np.arange(m))]
    turn, entering = (0 if dropped < m else 1), dropped
    for _ in range(max_exchanges):
        variable = int(np.flatnonzero(label_of[turn] == entering)[0])
        polytopes[turn], left = polytopes[turn].with_basic(variable)
        entering = int(label_of[turn][left])
        if entering == dropped:
            # Without the rounding of what is 0 but for the perturbation.
            x, y = (np.maximum(bases.points()[0, : bases.nonbasic.shape[1]], 0.0) for bases in polytopes)
            return x / x.sum(), y / y.sum()
        turn = 1 - turn
    return None


def _at_zero(payoffs: FloatArray) -> Bases:
    n_other, n_own = payoffs.shape
    scaled = 1.0 + (payoffs - payoffs.min()) / (np.ptp(payoffs) or 1.0)
    # Multiples of the golden ratio are spread evenly and have no ties among them.
    perturbed = 1.0 + _PERTURBATION * (np.arange(1, n_other + 1) * (np.sqrt(5) - 1) / 2 % 1)
    return Bases.at_zero(np.column_stack([scaled, np.ones(n_other), perturbed]), n_own)
