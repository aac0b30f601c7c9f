"""The points of a sweep: every combination of the values that some parameters take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.fields import described, in_few_words, value_at, with_values
from simulation.worlds.world import World
from theory.arguments import of_type
from theory.checks import is_list, seed_number, shown, whole_number

# The dimension of conditions, which come before all parameters.
CONDITION = "condition"

# Dimensions of a sweep's data that no parameter is called by.
DIMENSIONS = ("run", "judged_in", "label")


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """The points of a sweep, counted so that the last parameter varies fastest.

    Run i of a point depends on the point's parameters, the seed and i alone. So run i has the same random numbers at
    all points, as far as they draw as many: differences between points are those of pairs.

    Raises
    ------
    ValueError
        If a path is unknown, or has no values, or the same value twice. Whether a point's parameters accept a value
        is seen when the point is played.
    """

    world: World[Any]
    parameters: Any
    """What all points have in common; of several conditions those of the first."""
    over: Mapping[str, tuple[Any, ...]]
    """The values by path (`simulation.engine.fields`)."""
    runs: int
    """Of each point, at least 1."""
    seed: int
    variables: tuple[str, ...] = ()
    """Further variables of each point's dataset that are kept."""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    """Parameters by the name of a condition; then `over` begins with `condition`, whose values are these names."""

    def __post_init__(self) -> None:
        of_type(self.world.Parameters)("parameters", self.parameters)
        whole_number("runs", self.runs, at_least=1)
        seed_number("seed", self.seed)
        for path in self.over:
            if path in DIMENSIONS:
                raise ValueError(f"a path must be none of {', '.join(DIMENSIONS)}, got {path!r}")
            for parameters in self._bases(path):
                value_at(parameters, path)
            labels = [in_few_words(value) for value in self.over[path]]
            if len(set(labels)) < len(labels):
                raise ValueError(f"values of {path} must differ, got {shown(labels)}")

    def _bases(self, path: str) -> Iterable[Any]:
        """Return the parameters in which a path must be known."""
        if not self.conditions:
            return (self.parameters,)
        return () if path == CONDITION else self.conditions.values()

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values each parameter takes."""
        return tuple(len(values) for values in self.over.values())

    def __len__(self) -> int:
        """Return the number of points."""
        return math.prod(self.shape)

    def values(self, number: int) -> dict[str, Any]:
        """Return the values of a point by path."""
        places = np.unravel_index(number, self.shape) if self.shape else ()
        return {path: values[place] for (path, values), place in zip(self.over.items(), places, strict=True)}

    def parameters_of(self, number: int) -> Any:
        """Return the parameters of a point, or raise ValueError where they refuse a value."""
        values = self.values(number)
        base = self.conditions[values.pop(CONDITION)] if self.conditions else self.parameters
        return with_values(base, values)

    def coordinates(self) -> dict[str, NDArray[Any]]:
        """Return each parameter's values as an array: numbers where all are numbers, else in few words."""
        return {path: coordinate(values) for path, values in self.over.items()}

    def describe(self) -> dict[str, Any]:
        """Return what a sweep's results depend on, as what JSON can hold."""
        return {
            "world": self.world.name,
            "parameters": described(self.parameters),
            "over": [[path, described(values)] for path, values in self.over.items()],
            "runs": self.runs,
            "seed": self.seed,
            "variables": list(self.variables),
        } | (
            {"conditions": {name: described(one) for name, one in self.conditions.items()}}
            if self.conditions
            else {}
        )


def coordinate(values: tuple[Any, ...]) -> NDArray[Any]:
    """Return values as an array: numbers where all are numbers, else in few words."""
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return np.array(values)
    return np.array([in_few_words(value) for value in values], dtype=object)


def values_over(over: Any) -> dict[str, tuple[Any, ...]]:
    """Return the values by path, or raise ValueError if some path has no list of them."""
    if not isinstance(over, Mapping):
        raise ValueError(f"over must be lists of values by path, got {shown(over)}")
    for path, values in over.items():
        if not is_list(values) or len(values) == 0:
            raise ValueError(f"values of {path} must be a list of at least one, got {shown(values)}")
    return {
        str(path): tuple(values.tolist() if isinstance(values, np.ndarray) else values)
        for path, values in over.items()
    }
