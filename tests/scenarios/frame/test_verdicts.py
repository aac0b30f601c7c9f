"""Tables of verdicts write what is varied themselves, and say what was judged."""

import numpy as np

from scenarios.frame.verdicts import summarise_verdicts, verdict_tables
from theory import named_game


def test_numbers_that_are_varied_are_written_and_the_title_says_what_was_judged() -> None:
    game = named_game("prisoners-dilemma")
    defection = np.tile([0.0, 1.0], (3, 2, 1))
    judged = summarise_verdicts(game, defection) | {"game": "prisoners-dilemma", "judged_in": "original"}
    verdicts = [judged | {"noise": noise} for noise in (0.0, 0.05, 1)]
    titles = {"prisoners-dilemma": game.title}
    (table,) = verdict_tables(verdicts, titles, arm="noise", only="original", of="the play of each run")
    assert table.title == "Prisoner's Dilemma: verdicts on the play of each run (original game)"
    assert [row[0] for row in table.rows] == ["0", "0.05", "1"]
    assert table.rows[0][1] == ("3 × Pareto-dominated Nash equilibrium",)
