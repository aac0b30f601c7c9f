"""A frozen ledger mirror against the player itself; what theory says of it, and attacks by all small machines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import pytest

from simulation import GradualPlayer, frozen_ledger, graded_donation_game
from simulation.gradual.ledgers.frozen import FrozenLedger
from tests.simulation.gradual.ledgers.test_rule import Seated, dilemma
from theory import FrozenVerdict, Game, best_response_to_frozen, judge_frozen, ledger_tables, named_game
from theory.checks import FloatArray, IntArray

# Temptation, reward, punishment, sucker's payoff.
DILEMMAS = {
    "prisoners-dilemma": None,
    "5310": (5, 3, 1, 0),
    "4.5,3,1,0": (Fraction(9, 2), 3, 1, 0),
    "6410": (6, 4, 1, 0),
    "5,3,.5,0": (5, 3, Fraction(1, 2), 0),
}
OTHERS = ("chicken", "chicken-3.2", "stag-hunt", "stag-hunt-3.2")
C, D = 0, 1


def game_of(name: str) -> Game:
    payoffs = DILEMMAS.get(name)
    return named_game(name) if payoffs is None else dilemma(*map(float, payoffs))


def exact(game: Game) -> list[list[Fraction]]:
    """Return the row player's payoffs as fractions."""
    return [[Fraction(float(x)).limit_denominator(1000) for x in row] for row in game.payoffs[0]]


@pytest.mark.parametrize("role", [0, 1])
@pytest.mark.parametrize(
    "game",
    [
        dilemma(5, 3, 1, 0),
        named_game("chicken"),
        graded_donation_game(benefit=2.0, levels=4),
        Game(np.random.default_rng(4).integers(-5, 6, (2, 3, 2)).astype(float)),
        Game.bimatrix([[4, -2, -2], [0, 1, -1], [0, -1, 1]], [[4, 0, 0], [-2, -1, 1], [-2, 1, -1]]),
    ],
)
def test_it_does_what_the_player_does(game: Game, role: int) -> None:
    random = np.random.default_rng(0)
    player = GradualPlayer(trust=0.5, loss_budget=0.7)
    seated, frozen = Seated(player, game, role), frozen_ledger(player, game, role)
    state = frozen.start
    draws = (np.arange(200) + 0.5) / 200
    for _ in range(300):
        assert state == pytest.approx([float(entry[0]) for entry in seated.book], abs=1e-12)
        chances = frozen.action_probabilities(state[None])[0]
        # Half of the draws are for an offer, half for a mixture; each alone is uniform.
        played = [
            seated.asked(draw, extra) for draw, extra in zip(draws, random.permutation(draws), strict=True)
        ]
        shares = np.bincount(played, minlength=len(chances)) / len(draws)
        assert np.abs(shares - chances).max() < 0.1
        assert chances.sum() == pytest.approx(1.0)
        own = (
            int(random.choice(len(chances), p=chances))
            if random.random() < 0.8
            else random.integers(len(chances))
        )
        other = random.integers(frozen.n_actions[1])
        seated.told(int(own), int(other))
        state = frozen.next_states(state[None], np.array([own]), np.array([other]))[0]


class Attacked(NamedTuple):
    """What every machine of three states made of the mirror so far, in units of which all payoffs are multiples."""

    loss: IntArray
    lead: IntArray
    slips: IntArray
    ledger: FloatArray


def attacks(game: Game, rounds: int, offers: float = 0.0, noise: float = 0.0) -> Iterator[Attacked]:
    """Yield `[5832]`, after each round. It makes the offers that are likelier than `offers`; its own hand slips."""
    every = np.array(list(product(*[(C, D)] * 3, *[(0, 1, 2)] * 6)))
    # `[n, 3]`: what each plays; `[n, 3, 2]`: what follows the mirror's C and D.
    actions, following = every[:, :3], every[:, 3:].reshape(-1, 3, 2)
    payoffs = whole(game)
    security = payoffs.min(axis=1).max()
    everybody, random = np.arange(len(actions)), np.random.default_rng(0)
    frozen = frozen_ledger(GradualPlayer(), game, 0)
    states, memory = np.tile(frozen.start, (len(actions), 1)), np.zeros(len(actions), dtype=np.int64)
    loss, lead, slips = np.zeros((3, len(actions)), dtype=np.int64)
    for _ in range(rounds):
        own = np.where(frozen.action_probabilities(states)[:, C] > offers, C, D)
        slipped = random.random(len(own)) < noise
        own, other = np.where(slipped, 1 - own, own), actions[everybody, memory]
        states = frozen.next_states(states, own, other)
        memory = following[everybody, memory, own]
        loss += security - payoffs[own, other]
        lead += payoffs[other, own] - payoffs[C, C]
        slips += slipped
        yield Attacked(loss, lead, slips, states[:, 0])


def whole(game: Game) -> IntArray:
    """Return the row player's payoffs in a unit of which all are multiples, so that sums are exact."""
    payoffs = exact(game)
    unit = math.lcm(*(payoff.denominator for row in payoffs for payoff in row))
    return np.array([[int(payoff * unit) for payoff in row] for row in payoffs])


def budget_in(game: Game) -> float:
    return GradualPlayer().loss_budget_in(ledger_tables(game, 0)) * float(np.ptp(whole(game))) + 1e-9


@pytest.mark.parametrize("name", [*DILEMMAS, *OTHERS])
@pytest.mark.parametrize("offers", [0.0, 0.999])  # every peace offer that may be made, or the sure ones
def test_no_machine_of_three_states_gets_more_than_the_theorems_say(name: str, offers: float) -> None:
    game = game_of(name)
    found = [(int(now.loss.max()), int(now.lead.max())) for now in attacks(game, 60, offers)]
    loss, lead = np.max(found, axis=0)
    assert loss <= budget_in(game)
    if name in DILEMMAS:
        assert lead == 2 * (whole(game)[D, C] - whole(game)[C, C]), "the bound is reached"
    if name.startswith("stag"):
        assert lead <= 0


@pytest.mark.parametrize("name", [*DILEMMAS, *OTHERS])
def test_slips_cost_no_more_than_each_of_them_may(name: str) -> None:
    game = game_of(name)
    payoffs = whole(game)
    tempted, short = payoffs[D, C] - payoffs[C, C], payoffs.min(axis=1).max() - payoffs.min()
    for now in attacks(game, 100, noise=0.1):
        assert (now.loss <= budget_in(game) + short * now.slips).all()
        if name in DILEMMAS:
            assert (now.lead <= tempted * (now.ledger + 2 * now.slips) + 1e-9).all()


def verdict_on(game: Game, **arguments: object) -> tuple[FrozenLedger, FrozenVerdict]:
    frozen = frozen_ledger(GradualPlayer(), game, 0)
    return frozen, judge_frozen(game, frozen, 0, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DILEMMAS)
def test_in_dilemmas_nobody_is_more_than_two_temptations_ahead(name: str) -> None:
    game = game_of(name)
    payoffs = exact(game)
    frozen, verdict = verdict_on(game)
    tempted = float((payoffs[D][C] - payoffs[C][C]) / (payoffs[D][C] - payoffs[C][D]))
    assert verdict.is_exact
    assert verdict.largest_loss is not None
    assert verdict.largest_loss <= frozen.loss_bound + 1e-9
    assert verdict.largest_lead == pytest.approx(2 * tempted)
    assert verdict.largest_surplus_harm == 0.0
    # One defection is forgiven, once: that is nearly all there is to gain.
    assert verdict.deviation_gain == pytest.approx([0.01 * tempted] * 2, abs=2e-5)
    assert verdict.deviation_gain[0] >= 0.01 * tempted - 1e-6


@pytest.mark.parametrize(
    ("T", "R", "P"), [games for games in combinations(range(5, 0, -1), 3) if 2 * games[1] > games[0]]
)
def test_in_whole_dilemmas_a_best_response_gains_one_defection_and_hardly_more(
    T: int, R: int, P: int
) -> None:
    game = dilemma(T, R, P, 0)
    found = best_response_to_frozen(game, frozen_ledger(GradualPlayer(), game, 0), 1, discount=0.99)
    assert found.is_exact
    assert (found.lower - R) / T == pytest.approx(0.01 * (T - R) / T, abs=1e-4)
    assert (found.upper - R) / T <= 0.005


@pytest.mark.parametrize("name", OTHERS)
def test_in_chicken_a_bully_gains_in_the_end_and_in_a_stag_hunt_nobody_ever(name: str) -> None:
    game = named_game(name)
    frozen, verdict = verdict_on(game)
    assert verdict.largest_loss is not None
    assert verdict.largest_loss <= frozen.loss_bound + 1e-9
    payoffs = exact(game)
    spread = max(map(max, payoffs)) - min(map(min, payoffs))
    if name.startswith("stag"):
        assert (verdict.largest_lead, verdict.lead_rate) == (0.0, 0.0)
        assert verdict.deviation_gain == pytest.approx([0.0, 0.0], abs=1e-6)
        return
    tempted = float((payoffs[D][C] - payoffs[C][C]) / spread)
    assert verdict.largest_lead is None
    assert verdict.lead_rate == pytest.approx(tempted, abs=1e-4)
    assert verdict.deviation_gain == pytest.approx([0.01 * tempted] * 2, abs=1e-6)


def ahead(game: Game, **tunables: float) -> float | None:
    """Return the largest lead, in payoffs."""
    verdict = judge_frozen(game, frozen_ledger(GradualPlayer(**tunables), game, 0), 0)  # type: ignore[arg-type]
    assert verdict.is_exact
    return None if verdict.largest_lead is None else verdict.largest_lead * float(np.ptp(game.payoffs[1]))


@pytest.mark.parametrize(("credit", "temptations"), [(0.05, 1), (0.6, 2), (1.05, 2), (1.6, 3), (2.05, 3)])
def test_the_lead_is_as_many_temptations_as_harms_it_takes_to_be_punished(
    credit: float, temptations: int
) -> None:
    assert ahead(dilemma(5, 3, 1, 0), credit=credit) == pytest.approx(2 * temptations)


def test_mistrust_lets_nobody_be_further_ahead() -> None:
    assert ahead(dilemma(5, 3, 1, 0), trust=0.0) <= 4.0 + 1e-9  # type: ignore[operator]


def test_nothing_bounds_the_lead_where_turns_are_better_than_the_agreed_play() -> None:
    assert ahead(dilemma(8, 3, 1, 0)) is None


@pytest.mark.parametrize("payoffs", [(10, 8, 6, 0), (6, 5, 3, -2)])
@pytest.mark.parametrize("trust", [0.0, 1.0])
def test_harm_given_is_bounded_by_harm_received_times_what_an_empty_account_needs(
    payoffs: tuple[int, int, int, int], trust: float
) -> None:
    T, _, P, S = payoffs
    game = dilemma(*payoffs)
    frozen = frozen_ledger(GradualPlayer(trust=trust), game, 0)
    # The worst there is, by adversaries who know what comes, over many rounds and coins.
    random = np.random.default_rng(3)
    ratio, surplus = (P - S) / (T - P), 0.0
    for attack in range(4):
        state, given, received = frozen.start[None], 0, 0
        for _ in range(400):
            chance = float(frozen.action_probabilities(state)[0, C])
            own = C if random.random() < chance else D
            other = 1 - own if attack < 3 or random.random() < 0.8 else int(random.integers(2))
            given += (own, other) == (D, C)
            received += (own, other) == (C, D)
            assert given <= (1.0 + ratio) * received + (trust < 1.0)
            surplus = max(surplus, given - received)
            state = frozen.next_states(state, np.array([own]), np.array([other]))
    assert surplus > 20
    assert judge_frozen(game, frozen, 0).largest_surplus_harm is None


@pytest.mark.parametrize("discount", [0.99, 0.995])
def test_a_bully_in_chicken_gets_what_a_budget_cannot_deter(discount: float) -> None:
    game = named_game("chicken")
    (R, S), (T, P) = exact(game)
    frozen = frozen_ledger(GradualPlayer(), game, 0)
    resisted = int(Fraction(frozen.loss_bound).limit_denominator(1000) * (T - P) // (S - P))
    bullying = float(P) + discount**resisted * float(T - P)
    response = best_response_to_frozen(game, frozen, 1, discount=discount)
    assert response.upper >= bullying
    assert (bullying > R) == (discount > 0.99)
    assert response.lower >= max(bullying, float(R)) - 1e-6
