"""Experiments in the Coin Game: led by a planner, and kept by conditional cooperators."""
