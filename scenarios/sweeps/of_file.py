"""The sweep of a file of an experiment: every condition that it describes, at every combination of further values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scenarios.experiments.reading import Experiment, document_of, experiment_of, varied_paths, with_texts
from simulation import world
from simulation.sweeps.grid import CONDITION, Grid, values_over


class FileToSweep:
    """A file of an experiment that is to be swept.

    Raises
    ------
    ValueError
        If there is no such file, something is wrong with it, or a text sets what it does not have.
    """

    def __init__(self, path: Path, texts: Iterable[str] = ()) -> None:
        _, document = document_of(path)
        self._document = with_texts(document, texts)
        self.experiment: Experiment = experiment_of(self._document, path)

    @property
    def parameters(self) -> Any:
        """The parameters of the first condition."""
        return next(iter(self.experiment.variants.values()))

    def grid(
        self,
        over: Mapping[str, Sequence[Any]],
        *,
        runs: int | None = None,
        seed: int | None = None,
        variables: Sequence[str] | None = None,
    ) -> Grid:
        """Return the points: each condition at each combination of values, which are put into its parameters.

        Parameters
        ----------
        over
            Lists of values by path, none of which the file itself varies.
        runs, seed
            By default those of the file.
        variables
            As for `commonweal.sweep`; by default those that the file's `record` names.

        Raises
        ------
        ValueError
            If the file itself varies one of the paths, a condition does not know it, or values are no list.
        """
        varied = varied_paths(self._document, by_some=True) - {"name"}
        for path in over:
            if path in varied:
                raise ValueError(
                    f"{path} must not be what the file itself varies: sweep over another parameter"
                )
        heading, variants = self.experiment.heading, self.experiment.variants
        several = len(variants) > 1
        return Grid(
            world=world(heading.world),
            parameters=self.parameters,
            over=({CONDITION: tuple(variants)} if several else {}) | values_over(over),
            runs=heading.runs if runs is None else runs,
            seed=heading.seed if seed is None else seed,
            variables=heading.variables if variables is None else tuple(variables),
            conditions=variants if several else {},
        )
