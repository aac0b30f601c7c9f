"""The scenarios about mirroring: measures by hand, results that hang together, interruption."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from scenarios.gradual import fairness_disagreement, gradual_tft_convergence
from scenarios.gradual.fairness_report import insisting_table, summary_of
from scenarios.gradual.groups import groups, welfare_index
from scenarios.gradual.ledger_rest import gain_at_rest, most_agreed, named_stage, rest_in
from scenarios.gradual.measures import duel_measures, interval_of
from scenarios.gradual.verdicts import (
    facts_of,
    joint_frequencies,
    judged,
    judged_as_correlated,
    judged_with_altruism,
)
from simulation.gradual.duels import play_duels
from simulation.gradual.players import FixedCooperativeness, GradualPlayer, Grim, LiteralMirror, TitForTat
from theory import named_game
from theory.repeated.ledger_rest import RestingPlay, resting_play

DILEMMA = named_game("prisoners-dilemma")


def test_interval_is_student_s() -> None:
    mean, low, high = interval_of(np.array([1.0, 2.0, 3.0]))
    assert mean == 2.0
    # t(.975, 2) = 4.3027, standard error 1 / sqrt(3)
    assert (low, high) == pytest.approx((2.0 - 2.4841, 2.0 + 2.4841), abs=1e-3)
    assert interval_of(np.array([5.0])) == (5.0, 5.0, 5.0)


def test_offence_and_punishment_by_hand() -> None:
    # Grim against a defector in rounds 0-3: C D D D. Offence: R - S = 3, then T - P = 3 each round;
    # punishment: nothing while it cooperates, then T - P = 3.
    data = play_duels(Grim(), FixedCooperativeness(beta=0.0), game=DILEMMA, rounds=4)
    measured = duel_measures(facts_of(DILEMMA), data, 0)
    assert measured["offence"] == pytest.approx(3.0)
    assert measured["punishment"] == pytest.approx(9 / 4)
    assert measured["punishment_over_offence"] == pytest.approx(0.75)
    assert measured["payoff"] == pytest.approx(3 / 4)
    # A quarter below the security level of 1, in a payoff range of 4.
    assert measured["loss_below_security"] == pytest.approx(0.25 / 4)
    kind = play_duels(TitForTat(), FixedCooperativeness(beta=1.0), game=DILEMMA, rounds=4)
    assert duel_measures(facts_of(DILEMMA), kind, 0)["punishment_over_offence"] is None


def test_verdicts_count_runs() -> None:
    data = play_duels(
        FixedCooperativeness(beta=0.0), FixedCooperativeness(beta=0.0), game=DILEMMA, rounds=3, runs=4
    )
    assert judged(facts_of(DILEMMA), data)["labels"] == {"Pareto-dominated Nash equilibrium": 4}


def test_mirrors_of_full_cooperativeness_are_at_equilibrium_in_the_altruistic_game() -> None:
    # From weight 1/3 on C is the best reply to both actions; by itself the outcome is no equilibrium.
    mirror = LiteralMirror()
    data = play_duels(mirror, mirror, game=DILEMMA, rounds=60, runs=2)
    facts = facts_of(DILEMMA)
    assert judged(facts, data)["labels"] == {"Pareto-optimal, not an equilibrium": 2}
    altruistic = judged_with_altruism(facts, data, (mirror, mirror), 0)
    assert altruistic is not None
    assert altruistic["labels"] == {"welfare-optimal Nash equilibrium": 2}
    defectors = (FixedCooperativeness(beta=0.0),) * 2
    assert judged_with_altruism(facts, play_duels(*defectors, game=DILEMMA, rounds=3), defectors, 0) is None


def test_turns_at_driving_on_are_a_correlated_equilibrium_and_no_mixed_one() -> None:
    # (C, D) and (D, C) in turn: each is a Nash equilibrium of Chicken, their mixture has neither crash nor (C, C).
    chicken = named_game("chicken")
    first = np.tile([1.0, 0.0], 20)
    level = np.stack([first, 1.0 - first], axis=1)[None]
    data = xr.Dataset(
        {
            "level": (("run", "round", "player"), level),
            "frequency": (("run", "player", "action"), np.full((1, 2, 2), 0.5)),
        }
    )
    facts = facts_of(chicken)
    assert "not an equilibrium" in next(iter(judged(facts, data)["labels"]))
    joint = judged_as_correlated(facts, data, 0)
    assert next(iter(joint["labels"])).endswith("correlated equilibrium")
    assert joint["median_regret"] == 0.0
    shares = joint_frequencies(chicken, data, 0)[0]
    assert shares.tolist() == [[0.0, 0.5], [0.5, 0.0]]


def check(result, name: str) -> None:  # type: ignore[no-untyped-def]
    assert result.scenario == name
    assert result.complete
    assert result.cells
    assert result.finding
    assert isinstance(result.data, xr.DataTree)
    json.dumps(result.to_dict(), allow_nan=False)
    for table in result.tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
    for picture in result.pictures:
        picture.draw().canvas.draw()


def test_convergence() -> None:
    parameters = gradual_tft_convergence.Parameters(
        rounds=200,
        ledgers=("prisoners-dilemma", "donation, continuous"),
        games=("donation", "prisoners-dilemma", "donation, continuous"),
        groups=("3 mirrors", "3 ledgers", "19 mirrors, 1 defector"),
    )
    result = gradual_tft_convergence.SCENARIO.run(parameters.quick())
    check(result, "gradual-tft-convergence")
    ledgers = [c for c in result.cells if c.get("player") == "gradual-tit-for-tat"]
    assert len(ledgers) == (2 + 1) * 3 * 3
    for cell in ledgers:
        assert cell["agreed"] <= cell["most_agreed"] + 0.1
        if cell["noise"] == 0.0:
            assert (cell["agreed"], cell["index"]) == pytest.approx((1.0, 1.0))
            assert cell["agreed_in_theory"] == 1.0
    assert result.tables[0].title.startswith("gradual-tit-for-tat is the ledger mirror")
    for game in ("donation", "donation, continuous"):
        plain = next(
            c for c in result.cells if c.get("game") == game and c["noise"] == 0.0 and "epsilon" in c
        )
        assert plain["runs_as_predicted"] == plain["runs"]
        assert plain["predicted_welfare_index"] == pytest.approx(1.0)
    three = next(c for c in result.cells if c.get("group") == "3 mirrors" and c["noise"] == 0.0)
    assert three["runs_as_predicted"] == three["runs"]
    assert three["welfare_index"] > 0.9
    assert {verdict["group"] for verdict in result.verdicts if "group" in verdict} == {
        "3 mirrors",
        "3 ledgers",
    }


def test_what_theory_foretells_of_two_ledgers() -> None:
    # Nobody gains by slips that cost (R - P) e as often as they cost (P - S) / 2: both defect then.
    poor = rest_in(5.0, 4.55, 4.5, 0.0, 0.05)
    assert poor.both_cooperate == pytest.approx(0.05**2)
    assert rest_in(5.0, 3.0, 1.0, 0.0, 0.05) == resting_play(0.05)
    # A third of mutual cooperation, of one who is exploited or exploits, and of mutual defection.
    thirds = RestingPlay(1 / 3, 1 / 3, 1 / 3)
    assert gain_at_rest(5.0, 3.0, 1.0, 0.0, thirds) == pytest.approx((3.0 + 2.5 + 1.0) / 3.0 - 1.0)
    assert most_agreed(0.1, False) == pytest.approx(0.81)
    # In the public good of diminishing returns a start of cooperation and defection owes more than is credited.
    claims = named_stage("public-good").claims
    assert claims["CD"] > GradualPlayer().credit > claims["DD"]
    agreed = named_stage("asymmetric-donation, continuous").agreed
    assert np.abs(agreed - named_stage("asymmetric-donation").agreed).max() <= 0.05


@pytest.mark.parametrize("name", ["3 mirrors", "3 mirrors, diminishing returns"])
def test_welfare_index_of_a_group_is_that_of_its_game(name: str) -> None:
    p = replace(groups[name], levels=5)
    welfare = p.game.payoffs.sum(axis=0)
    assert welfare_index(p, welfare).min() == pytest.approx(0.0, abs=1e-12)
    assert welfare_index(p, welfare).max() == pytest.approx(1.0)


def test_fairness() -> None:
    parameters = fairness_disagreement.Parameters(
        rounds=150,
        notions=("sum", "nash"),
        rules=("gradual-tit-for-tat", "conceding", "literal-mirror", "binary", "contrite"),
    ).quick()
    result = fairness_disagreement.SCENARIO.run(parameters)
    check(result, "fairness-disagreement")
    # Five rules, two noises, four pairs of notions and four with a defector; two pairs in two orders for either kind
    # of players who insist.
    assert len(result.cells) == 5 * 2 * 8 + 2 * 2 * 4
    assert len(result.verdicts) > 2 * len(result.cells)
    runs = [sum(verdict["labels"].values()) for verdict in result.verdicts]
    assert set(runs) == {parameters.runs}
    plain = summary_of(list(result.cells), "literal-mirror", 0.0)
    assert plain is not None
    of_pairs = [
        c["welfare_index"]
        for c in result.cells
        if c["rule"] == "literal-mirror"
        and c["noise"] == 0.0
        and c["meets"] == "itself"
        and {c["player_1"], c["player_2"]} == {"sum", "nash"}
    ]
    assert plain["differ"][0] == pytest.approx(np.mean(of_pairs))
    assert plain["lowest"] == min(of_pairs)
    assert 0.0 <= plain["robbed"] < 0.1
    # Player 1 asks for level 1 of player 2, who gives .85 or, conceding, .9 of it.
    ledgers, conceding = (
        summary_of(list(result.cells), rule, 0.0) for rule in ("gradual-tit-for-tat", "conceding")
    )
    assert ledgers is not None
    assert conceding is not None
    assert ledgers["lowest"] < 0.5
    assert conceding["lowest"] > 0.85
    assert 0.0 <= conceding["robbed"] < 0.05


def test_who_insists_gets_its_share_of_what_its_own_notion_gives() -> None:
    parameters = fairness_disagreement.Parameters(
        rounds=150, runs=2, notions=("sum", "egalitarian"), rules=("conceding",)
    )
    cell = fairness_disagreement.Cell("conceding", 0.0, "unmoved")
    measured = fairness_disagreement.play(parameters, cell)
    # Player 1 unmoved by the sum, player 2 conceding by equal gains gives 1/2, to whom nobody does harm: 1 of 2.5.
    first = measured.cells[0]
    assert (first["player_1"], first["player_2"], first["insists"]) == ("sum", "egalitarian", 1)
    assert (first["payoff"], first["partner_payoff"]) == pytest.approx((1.0, 0.875))
    table = insisting_table(parameters.game, list(measured.cells))
    unmoved_by_the_sum = table.rows[0]
    assert unmoved_by_the_sum[:3] == ("0%", "unmoved", "2")
    assert unmoved_by_the_sum[3].startswith(f"{(1.0 + 0.5 / 0.5 * 1.0) / 2:.3f}")
    assert measured.data is not None
    assert measured.data.sizes["duel"] == 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gradual_tft_convergence.Parameters(runs=0), "runs must be at least 1, got 0"),
        (lambda: gradual_tft_convergence.Parameters(dilemmas=1), "dilemmas must be at least 2, got 1"),
        (lambda: gradual_tft_convergence.Parameters(ledgers=("go",)), "unknown game 'go'"),
        (lambda: fairness_disagreement.Parameters(rounds=50), "rounds must be at least 101, got 50"),
        (lambda: fairness_disagreement.Parameters(rules=("kind",)), "unknown rule"),
        (lambda: fairness_disagreement.Parameters(start="C"), "unknown start"),
        (
            lambda: fairness_disagreement.Parameters(benefits=(0.0, 1.0)).game,
            "benefit must be positive, got 0",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()
