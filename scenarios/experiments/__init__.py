"""Experiments of one's own: files without code, scenarios in Python, and what installed packages bring."""
