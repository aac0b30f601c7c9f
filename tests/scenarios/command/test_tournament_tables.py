"""Tournaments on the terminal and as JSON."""

import json

from scenarios.command.tournament_tables import standings_table, tournament_to_dict
from simulation.tournaments.classic import round_robin
from theory import named_game

GAME = named_game("prisoners-dilemma-axelrod")
THREE = ["tit-for-tat", "always-defect", "always-cooperate"]


def test_standings_come_best_first() -> None:
    table = standings_table(round_robin(THREE, game=GAME, turns=10))
    assert table.rows == [
        ("1", "always-defect", "2.467 ± 0.000", "1–1", "2", "0%"),
        ("2", "tit-for-tat", "2.300 ± 0.000", "2–2", "0", "100%"),
        ("3", "always-cooperate", "2.000 ± 0.000", "3–3", "0", "100%"),
    ]
    assert table.title == "Tournament in Prisoner's Dilemma (Axelrod 1980)"
    unknown = standings_table(round_robin(["random"], game=GAME, turns=10, repetitions=1))
    assert unknown.rows[0][2].endswith("± –")
    assert unknown.rows[0][3:] == ("–", "0", "–")


def test_json_has_no_numbers_that_are_none() -> None:
    data = round_robin([*THREE, "random"], game=GAME, turns=10, repetitions=1, self_play=False)
    plain = json.loads(json.dumps(tournament_to_dict(data), allow_nan=False))
    assert plain["strategies"] == [*THREE, "random"]
    assert plain["payoffs"][0][0] is None
    assert plain["payoffs"][1][2] == 5
    assert plain["cooperation"][2][1] == 1
    scores = [row["score"] for row in plain["standings"]]
    assert scores == sorted(scores, reverse=True)
    assert plain["standings"][0]["score_standard_error"] is None
    assert plain["settings"]["turns"] == 10
