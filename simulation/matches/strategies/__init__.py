"""Strategies of repeated 2x2 games: data types, the classics by name, learners as players."""
