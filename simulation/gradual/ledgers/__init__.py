"""Ledgers of harms, in value units: the rule of gradual Tit-for-Tat, on a grid and with any levels, and frozen."""
