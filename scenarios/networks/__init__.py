"""Experiments on networks: invasions and budgets."""
