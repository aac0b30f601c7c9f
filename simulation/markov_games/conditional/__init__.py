"""Conditional cooperators in games with state, a file each, what is agreed among them, and what exploits them."""
