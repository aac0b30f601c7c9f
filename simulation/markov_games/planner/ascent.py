"""Moving numbers up a gradient: by plain steps, or by Adam (Kingma & Ba 2015), whatever tree of arrays they are."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp

Optimiser = Literal["ascent", "adam"]
OPTIMISERS = get_args(Optimiser)

# Adam's.
FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8


class Ascent(NamedTuple):
    """What is remembered of numbers that move up a gradient; of plain steps it is not looked at."""

    first: Any
    second: Any
    steps: jax.Array

    @classmethod
    def of(cls, numbers: Any) -> Ascent:
        """Return what is remembered before the first step of `numbers`, a tree of arrays."""
        zeros = jax.tree.map(jnp.zeros_like, numbers)
        return cls(zeros, zeros, jnp.zeros(()))

    def after(self, gradient: Any, rate: Any, optimiser: str) -> tuple[Any, Ascent]:
        """Return by what the numbers move, and what is remembered then."""
        if optimiser == "ascent":
            return jax.tree.map(lambda slope: rate * slope, gradient), self
        steps = self.steps + 1.0
        first = jax.tree.map(
            lambda old, new: FIRST_DECAY * old + (1.0 - FIRST_DECAY) * new, self.first, gradient
        )
        second = jax.tree.map(
            lambda old, new: SECOND_DECAY * old + (1.0 - SECOND_DECAY) * new**2, self.second, gradient
        )

        def move(mean: jax.Array, square: jax.Array) -> jax.Array:
            corrected = jnp.sqrt(square / (1.0 - SECOND_DECAY**steps))
            by: jax.Array = rate * mean / (1.0 - FIRST_DECAY**steps) / (corrected + EPSILON)
            return by

        return jax.tree.map(move, first, second), Ascent(first, second, steps)


def moved(numbers: Any, by: Any) -> Any:
    """Return the numbers, each moved."""
    return jax.tree.map(jnp.add, numbers, by)


def chosen(condition: Any, one: Any, other: Any) -> Any:
    """Return one tree of arrays or the other."""
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), one, other)
