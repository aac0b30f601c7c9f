"""What scenarios with state need before they play: JAX, and a place for the programs that it compiles."""

from __future__ import annotations

from simulation.engine.kept_programs import keep_programs
from theory.libraries import optional_library


def prepare_jax() -> None:
    """Let JAX keep its programs for the next time, or raise ValueError that says how to install it."""
    optional_library("jax", extra="deep", purpose="for games with state")
    keep_programs()
