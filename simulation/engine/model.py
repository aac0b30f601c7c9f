"""What all Mesa models have in common: a law that steps settled agents, and randomness that can be rewound."""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Never

import mesa
import numpy as np
from mesa.discrete_space import Network

from simulation.engine.agent import LawAgent
from simulation.engine.keywords import Attribute, checked_reporters, seed_or_rng
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
    seed
        The same under Mesa's other name.
    run
        Which run of the seed this is.
    model_reporters
        What the data collector takes of the model beside what it takes by default.
    agent_reporters
        What it takes of each agent instead of what it takes by default, from all agents: None of those who have no
        such attribute. Nothing for `{}`.

    Attributes
    ----------
    seed
        From which, with the parameters and `run`, all follows, drawn or given; None if a generator was given.
    run
        Which run of the seed this is.
    """

    _of_your_own: ClassVar[str]
    """How somebody plays by a rule of the user's own, for errors."""

    _is_settled = False
    _process: Process
    _players: Sequence[LawAgent]
    datacollector: mesa.DataCollector

    def __init__(
        self,
        rng: int | np.random.Generator | None,
        run: int,
        *,
        seed: int | None,
        model_reporters: Mapping[str, Any] | None,
        agent_reporters: Mapping[str, Any] | None,
    ) -> None:
        mesa_rng, generator = model_randomness(seed_or_rng(rng, seed), run)
        super().__init__(rng=mesa_rng)
        self.seed = None if isinstance(mesa_rng, np.random.Generator) else mesa_rng
        self.run = run
        self._generator = generator
        self._further_reporters = checked_reporters("model_reporters", model_reporters) or {}
        self._own_agent_reporters = checked_reporters("agent_reporters", agent_reporters)

    def _begin(self, process: Process) -> None:
        """Draw the state before the first step, and make room for what the law writes."""
        self._process = process
        self._steps_taken = 0
        self.constants = process.constants
        self.state = copied(process.start(self._generator))
        self._room = process.room()
        self._record = process.record()
        self._draws = np.empty(0)

    def _settle(
        self,
        players: Sequence[LawAgent],
        *,
        model_reporters: Mapping[str, Any],
        agent_reporters: Mapping[str, Any] | None = None,
        agenttype_reporters: Mapping[type, Mapping[str, Any]] | None = None,
    ) -> None:
        """Take no more agents, remember where the draws of the first step begin, collect what is there before."""
        self._players = players
        if self._own_agent_reporters is not None:
            agenttype_reporters = None
            agent_reporters = {
                name: Attribute(reporter) if isinstance(reporter, str) else reporter
                for name, reporter in self._own_agent_reporters.items()
            }
        self.datacollector = mesa.DataCollector(
            model_reporters={**model_reporters, **self._further_reporters},
            agent_reporters=agent_reporters,
            agenttype_reporters=agenttype_reporters,
        )
        self._first_draws = self._generator.bit_generator.state
        self._is_settled = True
        self._forget()
        self.running = True
        self.datacollector.collect(self)

    def _forget(self) -> None:
        """Let Mesa 3.3 not keep this model for ever, as it does for the numbers of agents that may yet come."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

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
        self._after_law()
        self.running = self._steps_taken < self._process.steps
        self.datacollector.collect(self)

    def _after_law(self) -> None:
        """Do what is still to be done in a step before data are collected."""

    @cached_property
    def grid(self) -> Any:
        """Cells of Mesa, one for each who plays and joined where these are neighbours: what its drawers draw.

        Made when it is first asked for. Its cells are moved on by nobody: agents stay where they are.
        """
        cells, places = self._new_grid()
        for agent, place in zip(self._players, places, strict=True):
            agent.cell = cells[place]
        return cells

    def _new_grid(self) -> tuple[Any, Sequence[Hashable]]:
        """Return empty cells, and the place of each who plays: by default all are neighbours."""
        import networkx as nx

        return self._network_of(nx.complete_graph(len(self._players))), range(len(self._players))

    def _network_of(self, graph: Any) -> Network:
        # Newer versions of Mesa lay networks out at once, minutes for large ones, and their drawers do it again.
        options = {"layout": None} if "layout" in inspect.signature(Network).parameters else {}
        return Network(graph, capacity=1, random=self.random, **options)

    def register_agent(self, agent: Any) -> None:
        """Take an agent of the model's own; raise ValueError for any other."""
        if self._is_settled:
            self._forget()
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
            self.random.seed(self._seed if self.seed is None else self.seed)
            return
        mesa_rng, self._generator = model_randomness(rng, self.run)
        self.seed = None if isinstance(mesa_rng, np.random.Generator) else mesa_rng
        self.random.setstate(mesa.Model(rng=mesa_rng).random.getstate())
        super().reset_rng(mesa_rng)
        self._process.start(self._generator)
        self._first_draws = self._generator.bit_generator.state
