"""Gradual Tit-for-Tat (thesis chapter 5): mirroring a degree of cooperativeness, and its opponents."""
