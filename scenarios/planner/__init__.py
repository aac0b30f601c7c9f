"""Experiments about planners: what they cost, what they must know, what they leave behind."""
