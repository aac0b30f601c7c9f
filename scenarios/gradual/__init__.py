"""Experiments about mirroring degrees of cooperativeness: duels, convergence, groups, notions of fairness."""
