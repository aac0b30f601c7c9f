"""Experiments about gradual Tit-for-Tat: duels, convergence, groups, notions of fairness."""
