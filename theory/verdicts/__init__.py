"""Verdicts: is this outcome cooperative? Of one outcome, of many, of observed play and of tournaments."""
