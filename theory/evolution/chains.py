r"""Markov chains solved without subtractions, so that tiny probabilities keep all their digits.

States are removed one by one, and what went through them is sent on directly (Grassmann, Taksar & Heyman 1985).
"""

from __future__ import annotations

import numpy as np

from theory.checks import FloatArray


def log_stationary(log_rates: FloatArray) -> FloatArray:
    """Return `[n]` the stationary distribution of a chain.

    Parameters
    ----------
    log_rates
        `[n, n]` logarithms of the rates from i to j; the diagonal is ignored.

    Raises
    ------
    ValueError
        If there are several, since some states are never left for others.
    """
    members = _recurrent_states(np.isfinite(log_rates))
    rates = log_rates[np.ix_(members, members)].copy()
    n = len(rates)
    with np.errstate(divide="ignore"):
        for k in range(n - 1, 0, -1):
            rates[:k, k] -= np.logaddexp.reduce(rates[k, :k])
            through = rates[:k, k, None] + rates[k, None, :k]
            rates[:k, :k] = np.logaddexp(rates[:k, :k], through)
        mass = np.zeros(n)
        for k in range(1, n):
            mass[k] = np.logaddexp.reduce(mass[:k] + rates[:k, k])
    distribution = np.zeros(len(log_rates))
    distribution[members] = np.exp(mass - np.logaddexp.reduce(mass))
    return distribution


def _recurrent_states(leads_to: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[int]:
    import networkx as nx

    edges = leads_to & ~np.eye(len(leads_to), dtype=bool)
    graph = nx.from_numpy_array(edges, create_using=nx.DiGraph)
    closed = [sorted(members) for members in nx.attracting_components(graph)]
    if len(closed) > 1:
        raise ValueError(
            "the stationary distribution must be unique, got "
            f"{len(closed)} sets of states that are never left: {closed}"
        )
    return list(closed[0])


def absorption(transitions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return chances and times of a chain whose first and last state are never left.

    Parameters
    ----------
    transitions
        `[n, n]` probabilities of the step from i to j.

    Returns
    -------
    tuple
        `[n]` probabilities that the last state is reached, and `[n]` expected numbers of steps until either.

    Raises
    ------
    ValueError
        If from some state neither is ever reached.
    """
    # The last state to be reached comes first, the other second, so that elimination ends with them.
    order = np.concatenate([[len(transitions) - 1], np.arange(len(transitions) - 1)])
    chain = transitions[np.ix_(order, order)].copy()
    n = len(chain)
    steps = np.ones(n)
    for k in range(n - 1, 1, -1):
        leaving = chain[k, :k].sum()
        if leaving <= 0.0:
            raise ValueError("some state is never left for one in which all are alike")
        chain[k, :k] /= leaving
        steps[k] /= leaving
        steps[2:k] += chain[2:k, k] * steps[k]
        chain[2:k, :k] += np.outer(chain[2:k, k], chain[k, :k])
    reached, time = np.zeros(n), np.zeros(n)
    reached[0] = 1.0
    for k in range(2, n):
        reached[k] = chain[k, :k] @ reached[:k]
        time[k] = steps[k] + chain[k, 2:k] @ time[2:k]
    back = np.argsort(order)
    return reached[back], time[back]
