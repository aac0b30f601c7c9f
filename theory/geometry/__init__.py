"""Frontiers, hulls, polygons and linear programs that other topics share."""
