"""Tables of verdicts on tournaments."""

from scenarios.tournaments.verdict import basin_table, equilibrium_table, judged
from simulation import round_robin
from theory import named_game


def test_one_repetition_is_judged_without_error_draws() -> None:
    game = named_game("prisoners-dilemma")
    verdict = judged(round_robin(["random", "grim"], game=game, turns=5, repetitions=1))
    assert verdict["draws"] == 0
    row = equilibrium_table([verdict | {"condition": "noise 0"}]).rows[0]
    assert row[-2:] == ("–", "–")
    assert judged(round_robin(["random", "grim"], game=game, turns=5, repetitions=2))["draws"] == 500


def test_where_selection_leads() -> None:
    basin = {"payoff": 2.5, "share": 0.75, "from_even_start": True, "sure": None}
    many = [(f"s{k}", share) for k, share in enumerate((0.1, 0.4, 0.2, 0.3))]
    verdict = {
        "condition": "noise",
        "basins": [
            basin | {"strategies": [("tit-for-tat", 1.0)], "sure": 0.9},
            basin | {"strategies": many, "from_even_start": False},
        ],
    }
    table = basin_table([verdict])
    assert table.rows == [
        ("noise", "tit-for-tat", "2.500", "75%", "yes", "90%"),
        ("noise", "0.40 s1 + 0.30 s3 + 0.20 s2 + 1 more", "2.500", "75%", "no", "–"),
    ]
