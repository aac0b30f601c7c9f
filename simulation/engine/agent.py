"""What all agents of Mesa models have in common: views on arrays, whose part of a round the law plays."""

from __future__ import annotations

from typing import Any, Never

from mesa.discrete_space import CellAgent


class LawAgent(CellAgent):  # type: ignore[misc] # Mesa is untyped
    """An agent that acts and learns when its model's law is applied, with all others at once."""

    def step(self) -> Any:
        """Raise ValueError: the model's `step()` plays for all agents."""
        self._refuse("step")

    def advance(self) -> Any:
        """Raise ValueError: the model's `step()` plays for all agents."""
        self._refuse("advance")

    def _refuse(self, method: str) -> Never:
        model = type(self.model)
        raise ValueError(
            f"agents of {model.__name__} take no steps of their own, since its step() applies one law to them all at "
            f"once: {model._of_your_own}; got {method}() of {type(self).__name__} {self.unique_id}"
        )
