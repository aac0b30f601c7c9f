"""Dilemmas of many players without a payoff tensor: linear ones, and games on networks."""
