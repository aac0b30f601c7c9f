"""Tournaments of known strategies: Axelrod's first, and one with noise."""
