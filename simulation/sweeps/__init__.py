"""Sweeps: one world at many points of its parameters, each with what its runs came to and their verdicts."""
