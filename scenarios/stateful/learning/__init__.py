"""Experiments about who learns how: the classic learners, and gradient learners all against all."""
