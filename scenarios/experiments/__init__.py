"""Experiments of one's own: scenarios and rules that others wrote, in Python or in packages."""
