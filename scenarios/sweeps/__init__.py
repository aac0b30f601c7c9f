"""Sweeps that are stored point by point: resumed after any end, played by processes or on a cluster, drawn."""
