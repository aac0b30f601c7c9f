"""The model that SolaraViz steps and makes anew: a world's own, with what is watched of it."""

from __future__ import annotations

import warnings
from typing import Any

import mesa

from scenarios.frame.settings import read_whole_number
from scenarios.view.dials import Panel
from scenarios.view.watches import Watch
from scenarios.view.worlds import Page
from theory.checks import seed_number


class Watched(mesa.Model):  # type: ignore[misc] # Mesa is untyped
    """A world's model as a page steps it.

    What the parameters refuse, and what a step fails with, is told on the page: `refusal` says it, and nothing is
    stepped.

    Parameters
    ----------
    page
        Of the world.
    panel
        Its dials.
    seed
        As somebody writes it.
    kwargs
        Where the dials stand, by name; those left out have not moved.
    """

    def __init__(self, page: Page, panel: Panel, seed: int | str = 0, **kwargs: Any) -> None:
        self.page, self.panel, self.seed_text = page, panel, str(seed).strip()
        self.refusal = ""
        self.notices: tuple[str, ...] = ()
        self.watch: Watch | None = None
        self.parameters: Any = None
        number = 0
        try:
            number = seed_number("seed", read_whole_number("seed", self.seed_text))
            self.parameters = panel.parameters(kwargs)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                self.watch = page.watch(page.model(self.parameters, number))
            self.notices = tuple(str(one.message) for one in caught)
        except ValueError as error:
            self.refusal = str(error)
        super().__init__(rng=number)
        self.running = self.watch is not None

    def step(self) -> None:
        """Take a step of the world's model, if there is one to take."""
        if self.watch is not None and self.running and not self.refusal:
            try:
                self.watch.model.step()
            except ValueError as error:
                self.refusal = str(error)
            else:
                self.watch.look()
        self.running = bool(self.watch is not None and not self.refusal and self.watch.model.running)
        # Mesa counts steps that were asked for.
        self.steps = 0 if self.watch is None else self.watch.taken
