"""What all Mesa models have in common: a law that steps settled agents, and randomness that can be rewound."""

from __future__ import annotations

from typing import Any, Never

import mesa
import numpy as np

from simulation.engine.layout import copied
from simulation.engine.randomness import model_randomness
from simulation.engine.runs import Process, take_step


class LawModel(mesa.Model):  # type: ignore[misc] # Mesa is untyped
    """A model whose `step()` applies a law once to arrays on which its agents are views.

    Who takes part is settled when the model is made: an agent that is added later would never be stepped, and one
    that is removed would play on, so both are refused.

    Parameters
    ----------
    rng
        A whole number to reproduce a run; a `numpy.random.Generator` is used as it is; None draws a seed.
    run
        Which run of the seed this is.

    Attributes
    ----------
    seed
        From which, with the parameters and `run`, all follows, drawn or given; None if a generator was given.
    run
        Which run of the seed this is.
    """

    _is_settled = False
    _process: Process
    datacollector: mesa.DataCollector

    def __init__(self, rng: int | np.random.Generator | None, run: int) -> None:
        mesa_rng, generator = model_randomness(rng, run)
        super().__init__(rng=mesa_rng)
        self.seed = None if isinstance(mesa_rng, np.random.Generator) else mesa_rng
        self.run = run
        self._generator = generator

    def _begin(self, process: Process) -> None:
        """Draw the state before the first step, and make room for what the law writes."""
        self._process = process
        self._steps_taken = 0
        self.constants = process.constants
        self.state = copied(process.start(self._generator))
        self._room = process.room()
        self._record = process.record()
        self._draws = np.empty(0)

    def step(self) -> None:
        """Apply the law once; `running` turns False when as many steps are taken as the parameters say.

        Raises
        ------
        ValueError
            If the run diverges in this step, or a law or rule of your own writes what cannot be.
        """
        size = self._process.draws_of(self.state)
        if len(self._draws) != size:
            self._draws = np.empty(size)
        self._generator.random(out=self._draws)
        take_step(self._process, self.state, self._draws, self._steps_taken, self._room, self._record)
        self._steps_taken += 1
        self.running = self._steps_taken < self._process.steps
        self.datacollector.collect(self)

    def _settle(self) -> None:
        """Take no more agents, and remember where the draws of the first step begin."""
        self._first_draws = self._generator.bit_generator.state
        self._is_settled = True

    def register_agent(self, agent: Any) -> None:
        """Take an agent of the model's own; raise ValueError for any other."""
        if self._is_settled:
            raise ValueError(
                f"agents of {type(self).__name__} are settled when it is made, since its law steps them all at once, "
                f"got one more, of type {type(agent).__name__}, which nothing would step"
            )
        super().register_agent(agent)

    def deregister_agent(self, agent: Any) -> Never:
        """Raise ValueError: the law would go on with the agent's part of the arrays."""
        raise ValueError(
            f"agents of {type(self).__name__} cannot be removed, since its law steps them all at once, got "
            f"{type(agent).__name__} {getattr(agent, 'unique_id', 'without a number')}"
        )

    def reset_rng(self, rng: int | np.random.Generator | None = None) -> None:
        """Rewind the randomness of Mesa and of the law to what it was before the first step.

        The state stays as it is. With another seed or generator it is what a new model with that would have.

        Parameters
        ----------
        rng
            None for the model's own.
        """
        if rng is None:
            self._generator.bit_generator.state = self._first_draws
            if self.seed is not None:
                super().reset_rng(self.seed)
            return
        mesa_rng, self._generator = model_randomness(rng, self.run)
        self.seed = None if isinstance(mesa_rng, np.random.Generator) else mesa_rng
        super().reset_rng(mesa_rng)
        self._process.start(self._generator)
        self._first_draws = self._generator.bit_generator.state
