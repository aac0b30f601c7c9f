"""Matches of two strategies in a repeated 2x2 game, sampled and exact."""
