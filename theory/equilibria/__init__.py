"""Equilibria: Nash in every size of game, correlated, logit; dominance; the welfare that equilibria have."""
