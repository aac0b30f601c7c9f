"""A law of mechanism design in plain Python, watched: what goes wrong is told where it goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.engine.provenance import name_of
from simulation.mechanism_design.law import Constants, Round, State, Workspace
from theory.checks import FloatArray

Law = Callable[[State, FloatArray, bool, Constants, Workspace, Round], None]


def _the_run(call: int) -> tuple[str, int]:
    return "the run", call


class WatchedLaw:
    """Applies a law, and raises ValueError with the run and the episode in which it writes what cannot be.

    What it writes may be: finite policy parameters and planner's layer, probabilities of cooperation, actions 0 or 1,
    finite payoffs and additional rewards.

    Parameters
    ----------
    law
        With the signature of `simulation.mechanism_design.law.mechanism_design_round`.
    """

    def __init__(self, law: Law) -> None:
        self._law = law
        self._where: Callable[[int], tuple[str, int]] = _the_run
        self._calls = 0

    def begin(self, where: Callable[[int], tuple[str, int]]) -> None:
        """Say which run and episode the k-th of the next calls is, k from 0."""
        self._where = where
        self._calls = 0

    def __call__(
        self,
        state: State,
        draws: FloatArray,
        planning: bool,
        constants: Constants,
        workspace: Workspace,
        record: Round,
    ) -> None:
        """Apply the law once."""
        before = state.theta.tolist(), state.planner.tolist()
        try:
            with np.errstate(all="ignore"):
                self._law(state, draws, planning, constants, workspace, record)
        except ArithmeticError as error:
            run, episode = self._where(self._calls)
            raise ValueError(
                f"{run} diverged in episode {episode}: after theta {before[0]} and the planner's layer {before[1]} "
                f"came theta {state.theta.tolist()} and {state.planner.tolist()}, and then {type(error).__name__}: "
                f"{error}; smaller steps would help"
            ) from error
        if not (np.isfinite(state.theta).all() and np.isfinite(state.planner).all()):
            run, episode = self._where(self._calls)
            raise ValueError(
                f"{run} diverged in episode {episode}: after theta {before[0]} and the planner's layer {before[1]} "
                f"came theta {state.theta.tolist()} and {state.planner.tolist()}; smaller steps would help"
            )
        fault = _fault_in(record)
        if fault:
            run, episode = self._where(self._calls)
            raise ValueError(f"{run}, episode {episode}: the law {name_of(self._law)} {fault}")
        self._calls += 1


def _fault_in(record: Round) -> str:
    """Return which rule the record of an episode violates; empty if none."""
    for i in range(2):
        chance = float(record.cooperation_probability[i])
        if not 0.0 <= chance <= 1.0:
            return f"must write a probability of cooperation in [0, 1], got {chance:g} for player {i + 1}"
        if record.cooperated[i] not in (0.0, 1.0):
            return f"must write 1 for C or 0 for D, got {record.cooperated[i]:g} for player {i + 1}"
        for name in ("payoff", "additional_reward"):
            value = float(getattr(record, name)[i])
            if not np.isfinite(value):
                return f"must write a finite {name}, got {value:g} for player {i + 1}"
    return ""
