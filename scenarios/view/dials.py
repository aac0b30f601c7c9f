"""What can be turned on a live page: numbers by sliders, everything else by names to choose from.

A dial that stands where it stood at first leaves the parameters as they are, so that a page starts from any
parameters, those included that no dial could set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from simulation.engine.fields import paths_of, value_at, with_values
from theory import Game

# Among the names of a choice: what the parameters were at first, if that has no name.
AS_GIVEN = "as given"


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high` in equal steps, at a path of the parameters."""

    path: str
    low: float
    high: float
    step: float
    label: str = ""
    """By default the path."""
    of_each: int = 0
    """Where a parameter has a number for each of so many players: all get the same."""
    for_none: float | None = None
    """Where the slider stands if the parameter is None."""

    @property
    def name(self) -> str:
        """By which the page knows it."""
        return self.path.replace(".", "_")

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole."""
        return all(isinstance(number, int) for number in (self.low, self.high, self.step))

    def at(self, parameters: Any) -> float | None:
        """Return where it stands for some parameters; None where they hold what it cannot show."""
        value = value_at(parameters, self.path)
        if self.of_each and isinstance(value, Sequence) and len(set(value)) == 1:
            value = value[0]
        value = self.for_none if value is None else value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        return value

    def reaching(self, value: float) -> Slider:
        """Return the slider with ends that reach a value."""
        return replace(self, low=min(self.low, value), high=max(self.high, value))

    def number(self, value: float) -> float:
        """Return a position as the number that it stands for, without the rounding of a browser."""
        if self.is_whole:
            return round(value)
        digits = max(0, 2 - math.floor(math.log10(self.step)))
        return round(float(value), digits)

    def changes(self, value: Any) -> dict[str, Any]:
        """Return what a position sets, by path."""
        number = self.number(value)
        return {self.path: (number,) * self.of_each if self.of_each else number}


@dataclass(frozen=True)
class Choice:
    """One of several names, each of which sets parameters by path."""

    label: str
    options: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """By which the page knows it."""
        return self.label.replace(" ", "_")

    def at(self, parameters: Any) -> str:
        """Return the name for what the parameters hold, or that they hold something else."""
        for name, changes in self.options.items():
            if all(_are_the_same(value_at(parameters, path), value) for path, value in changes.items()):
                return name
        return AS_GIVEN

    def changes(self, value: str) -> dict[str, Any]:
        """Return what a name sets, by path."""
        return dict(self.options[value])


def _are_the_same(one: Any, other: Any) -> bool:
    if isinstance(one, Game) and isinstance(other, Game):
        return np.array_equal(one.payoffs, other.payoffs)
    return type(one) is type(other) and bool(one == other)


Dial = Slider | Choice


def choice_of(path: str, *values: Any, label: str = "") -> Choice:
    """Return a choice among values of one parameter, each called by its own text."""
    names = ("no", "yes") if values == (False, True) else [str(value) for value in values]
    return Choice(label or path, {name: {path: value} for name, value in zip(names, values, strict=True)})


@dataclass(frozen=True)
class Panel:
    """The dials of one page, and the parameters that they start from."""

    start: Any
    dials: tuple[Dial, ...]

    @classmethod
    def of(cls, start: Any, declared: Sequence[Dial]) -> Panel:
        """Return the dials, of those declared for a world, that these parameters have."""
        known = set(paths_of(start))
        dials: list[Dial] = []
        for dial in declared:
            if isinstance(dial, Choice):
                dials.append(dial)
            elif dial.path in known:
                value = dial.at(start)
                dials += [] if value is None else [dial.reaching(value)]
        return cls(start, tuple(dials))

    @cached_property
    def first(self) -> dict[str, Any]:
        """Where each dial stands at first, by its name."""
        return {dial.name: dial.at(self.start) for dial in self.dials}

    def parameters(self, positions: Mapping[str, Any]) -> Any:
        """Return the parameters that some positions stand for, by the dials' names; those left out have not moved.

        Choices come before sliders: what a slider sets is a part of what was chosen.

        Raises
        ------
        ValueError
            If the parameters refuse what is set.
        """
        changes: dict[str, Any] = {}
        for kind in (Choice, Slider):
            for dial in self.dials:
                position = positions.get(dial.name, self.first[dial.name])
                if isinstance(dial, kind) and position not in (self.first[dial.name], AS_GIVEN):
                    changes |= dial.changes(position)
        return with_values(self.start, changes)

    def inputs(self) -> dict[str, dict[str, Any]]:
        """Return the dials as SolaraViz takes them, by name."""
        return {dial.name: _INPUTS[type(dial)](dial, self.first[dial.name]) for dial in self.dials}


def _slider(dial: Slider, value: Any) -> dict[str, Any]:
    kind = "SliderInt" if dial.is_whole else "SliderFloat"
    ends = {"min": dial.low, "max": dial.high, "step": dial.step}
    return {"type": kind, "label": dial.label or dial.path, "value": value, **ends}


def _choice(dial: Choice, value: Any) -> dict[str, Any]:
    names = list(dial.options)
    values = names if value in names else [AS_GIVEN, *names]
    return {"type": "Select", "label": dial.label, "value": value, "values": values}


_INPUTS: dict[type, Callable[[Any, Any], dict[str, Any]]] = {Slider: _slider, Choice: _choice}
