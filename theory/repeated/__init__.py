"""Repeated games: memory-one strategies, finite machines, folk theorems."""
