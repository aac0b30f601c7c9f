"""The rule of the ledger: histories by hand, and bounds that hold against every sequence of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.duels import play_duels
from simulation.gradual.ledgers.rule import (
    LedgerBook,
    book_at,
    intended,
    ledger_game,
    maxmin_action,
    maxmin_share,
    probability_of,
)
from simulation.gradual.players import GradualPlayer
from simulation.gradual.players.gradual_tit_for_tat import ledger_game_of, memory, numbers
from simulation.gradual.seat import Asked, Played, new_mind
from tests.examples import examples
from tests.simulation.gradual.ledgers.by_hand import Hand, rational
from tests.theory.repeated.ledger_by_definition import Defined
from theory import Game, ledger_tables, named_game
from theory.repeated.ledger_rest import resting_play

NO_OFFER = 0.999  # but where one is sure


def dilemma(T: float, R: float, P: float, S: float) -> Game:
    return Game.bimatrix([[R, S], [T, P]], [[R, T], [S, P]])


class Seated:
    """A player at a table of one, who is told what happens."""

    def __init__(self, player: GradualPlayer, game: Game, role: int = 0) -> None:
        self.player, self.game, self.role = player, game, role
        self.seat = player.seat(game, role)
        self.mind = new_mind(player, self.seat, game, role)
        self.turn = 0

    @property
    def book(self) -> LedgerBook:
        return memory(self.mind.memory)

    def asked(self, draw: float = NO_OFFER, extra: float = 0.5) -> int:
        return int(self.player.choose(self.seat, self.mind, Asked(0, self.turn, draw, extra)))

    def told(self, own: int, other: int) -> None:
        outcome = (own, other) if self.role == 0 else (other, own)
        payoff = float(self.game.payoffs[self.role][outcome])
        self.player.learn(self.seat, self.mind, Played(0, own, other, payoff, self.turn))
        self.turn += 1

    def against(self, actions: Sequence[int], draws: Callable[[], float] = lambda: NO_OFFER) -> list[int]:
        played = []
        for other in actions:
            played.append(self.asked(draws(), draws()))
            self.told(played[-1], other)
        return played


C, D = 0, 1
AXELROD = dilemma(5, 3, 1, 0)


def test_one_defection_is_forgiven_and_the_second_is_returned_once() -> None:
    assert Seated(GradualPlayer(), AXELROD).against([C, D, C, C]) == [C, C, C, C]
    assert Seated(GradualPlayer(), AXELROD).against([C, D, D, C, C, C]) == [C, C, C, D, C, C]


def test_without_credit_each_harm_is_returned_and_a_slip_of_the_own_hand_is_paid_for() -> None:
    strict = GradualPlayer(credit=0.05)
    assert Seated(strict, AXELROD).against([C, D, C, C]) == [C, C, D, C]
    mine = Seated(strict, AXELROD)
    mine.told(D, C)
    assert mine.against([D, C, C]) == [C, C, C]  # the other's answer settles the slip


def test_a_defector_is_met_by_defection_after_what_the_credit_forgives() -> None:
    player = Seated(GradualPlayer(offer_probability=0.0), AXELROD)
    assert player.against([D] * 50) == [C, C, *[D] * 48]
    assert player.book.ledger[0] == 2.0
    assert player.book.account[0] == pytest.approx(-2 / 5)


def test_a_peace_offer_forgives_and_the_next_one_is_rarer() -> None:
    player = Seated(GradualPlayer(), AXELROD)
    player.against([D, D, D, D])  # the quarrel has cost the other -2 - 2 + 2 + 2 = 0, less than a temptation
    assert player.asked(draw=0.0) == D
    player.told(D, D)
    assert player.asked(draw=0.99) == C
    player.told(C, D)
    assert player.book.ledger[0] == 1.0
    assert player.book.offers[0] == 1.0
    player.against([D] * 8)
    assert player.asked(draw=0.249) == C
    assert player.asked(draw=0.251) == D
    for _ in range(10):
        player.told(C, C)
    assert player.book.offers[0] == pytest.approx(0.0)


def test_mistrust_defects_until_the_other_keeps_to_the_agreement() -> None:
    player = Seated(GradualPlayer(trust=0.0, offer_probability=0.0), AXELROD)
    assert player.against([D, C, C, C]) == [D, D, C, C]
    # One who offers peace does so after the first round that has cost the other a temptation.
    assert Seated(GradualPlayer(trust=0.0), AXELROD).against([D, C, C]) == [D, C, C]


def test_degrees_are_matched_by_degrees() -> None:
    # Levels 1, 3/4, 1/2, 1/4, 0 of a donation game with benefit 2 and cost 1: the harm is linear in the level.
    levels = np.linspace(1.0, 0.0, 5)
    own = 2.0 * levels[None, :] - levels[:, None]
    game = Game.bimatrix(own, own.T)
    player = Seated(GradualPlayer(credit=0.0, severity=1.0, offer_probability=0.0), game)
    assert player.against([0, 1, 0, 2, 0, 4, 0, 3, 0]) == [0, 0, 1, 0, 2, 0, 4, 0, 3]


def test_a_harsh_punishment_is_not_taken_for_a_small_claim() -> None:
    # The middle action harms by a quarter, the last by a whole: a claim of .45 is met by the middle one alone.
    own = np.array([[4.0, 3.0, 0.0], [4.5, 3.5, 0.5], [6.0, 5.0, 1.0]])
    game = Game.bimatrix(own, own.T)
    tables = ledger_tables(game, 0)
    assert tables.punishments.tolist() == [1, 2]
    player = Seated(GradualPlayer(credit=0.0), game)
    player.book.ledger[0] = tables.harms[1] / 2.0 - 1e-6
    assert player.asked() == 1
    player.book.ledger[0] = tables.harms[1] / 2.0 + 1e-6
    assert player.asked() == (1 if tables.harms[0] >= player.book.ledger[0] / 2.0 else 2)


@pytest.mark.parametrize("role", [0, 1])
def test_without_an_agreement_it_plays_its_maxmin(role: int) -> None:
    deadlock = dilemma(5, 2, 3, 0)
    assert Seated(GradualPlayer(), deadlock, role).against([C, D, C]) == [D, D, D]
    pennies = Game.bimatrix([[3, -1], [-1, 1]], [[-3, 1], [1, -1]])
    strategy = ledger_tables(pennies, role).maxmin
    player = Seated(GradualPlayer(), pennies, role)
    share = strategy[0]
    assert player.asked(extra=share - 1e-6) == 0
    assert player.asked(extra=share + 1e-6) == 1


games_of_two = st.lists(st.integers(-9, 9), min_size=8, max_size=8).map(
    lambda values: Game(np.array(values, dtype=float).reshape(2, 2, 2))
)
games_of_three = st.lists(st.integers(-9, 9), min_size=18, max_size=18).map(
    lambda values: Game(np.array(values, dtype=float).reshape(2, 3, 3))
)


@settings(max_examples=examples(150))
@given(
    game=games_of_two | games_of_three,
    role=st.integers(0, 1),
    actions=st.lists(st.integers(0, 2), min_size=1, max_size=60),
    coins=st.randoms(use_true_random=False),
    budget=st.floats(0.0, 4.0),
)
def test_no_sequence_of_actions_costs_more_than_the_budget(
    game: Game, role: int, actions: list[int], coins: object, budget: float
) -> None:
    # Whatever an opponent does is a sequence of actions. Where the security level takes a mixture, what counts is
    # the loss in expectation over that mixture.
    player = Seated(GradualPlayer(loss_budget=budget), game, role)
    tables = ledger_tables(game, role)
    spread = float(np.ptp(game.payoffs[role])) or 1.0
    own_payoffs = game.payoffs[role] if role == 0 else game.payoffs[role].T
    lost = 0.0
    for action in actions:
        other = action % game.n_actions[1 - role]
        vetoed = intended(numbers(player.seat.numbers), ledger_game_of(player.seat), player.book) < 0
        own = player.asked(coins.random(), coins.random())  # type: ignore[attr-defined]
        got = own_payoffs[own, other]
        if vetoed and not (own == (tables.agreed or (-1,))[0] and tables.maxmin[own] == 0.0):
            got = float(tables.maxmin @ own_payoffs[:, other])
        player.told(own, other)
        lost += float(tables.security[0] - got) / spread
        assert lost <= budget + 1e-6
        assert player.book.account[0] >= -budget - 1e-6


@settings(max_examples=examples(100))
@given(
    payoffs=st.lists(st.integers(0, 30), min_size=4, max_size=4, unique=True),
    actions=st.lists(st.integers(0, 1), min_size=1, max_size=80),
    coins=st.randoms(use_true_random=False),
    credit=st.sampled_from([0.05, 1.05, 2.05]),
)
def test_no_opponent_is_more_than_the_credit_and_one_temptation_ahead_in_a_dilemma(
    payoffs: list[int], actions: list[int], coins: object, credit: float
) -> None:
    S, P, R, T = sorted(payoffs)
    if 2 * R < T + S or ledger_tables(dilemma(T, R, P, S), 0).agreed != (0, 0):
        return
    player = Seated(GradualPlayer(credit=credit, loss_budget=1e6), dilemma(T, R, P, S))
    ahead = 0
    for other in actions:
        own = player.asked(coins.random())  # type: ignore[attr-defined]
        player.told(own, other)
        ahead += int(player.game.payoffs[1, own, other]) - R
        assert ahead <= round(credit + 0.95) * (T - R)


@settings(max_examples=examples(60))
@given(
    game=games_of_two,
    actions=st.lists(st.integers(0, 1), min_size=1, max_size=40),
    scale=st.sampled_from([1e-9, 1e-3, 7.0, 1e9]),
    coins=st.integers(0, 2**32 - 1),
)
def test_units_and_names_of_actions_change_no_action(
    game: Game, actions: list[int], scale: float, coins: int
) -> None:
    def draws() -> Callable[[], float]:
        return np.random.default_rng(coins).random

    plain = Seated(GradualPlayer(), game).against(actions, draws())
    other = Game(np.stack([game.payoffs[0] * scale - 5.0 * scale, game.payoffs[1] + 2.0]))
    assert Seated(GradualPlayer(), other).against(actions, draws()) == plain
    tables = ledger_tables(game, 0)
    swapped = Game(game.payoffs[:, ::-1, ::-1])
    relabelled = ledger_tables(swapped, 0).agreed
    if tables.agreed is None or relabelled != (1 - tables.agreed[0], 1 - tables.agreed[1]):
        return  # several outcomes are alike, of which the first is agreed on
    if not tables.is_security_pure or np.ptp(game.payoffs[0], axis=1).tolist() == [0.0, 0.0]:
        return  # the order in which a draw picks from a mixture is that of the actions
    turned = Seated(GradualPlayer(), swapped).against([1 - a for a in actions], draws())
    assert [1 - a for a in turned] == plain


def test_named_games_are_agreed_on_full_cooperation() -> None:
    for name in ("prisoners-dilemma", "chicken", "chicken-3.2", "stag-hunt", "stag-hunt-3.2"):
        assert ledger_tables(named_game(name), 1).agreed == (0, 0)


@settings(max_examples=examples(80))
@given(
    game=games_of_two | games_of_three,
    role=st.integers(0, 1),
    actions=st.lists(st.integers(0, 2), min_size=1, max_size=60),
    slips=st.lists(st.integers(0, 8), min_size=60, max_size=60),
)
def test_leads_are_bounded_by_the_ledger_where_no_lottery_is_better_than_what_is_agreed(
    game: Game, role: int, actions: list[int], slips: list[int]
) -> None:
    # Theorem C: nothing is offered, vetoed or clipped; slips are booked like all that is played.
    tables = ledger_tables(game, role)
    if tables.agreed is None or tables.full_harm == 0.0 or tables.first_order > 1e-12:
        return
    player = Seated(GradualPlayer(offer_probability=0.0, loss_budget=1e6, most_claimed=1e6), game, role)
    own_actions, other_actions = game.n_actions[role], game.n_actions[1 - role]
    unit = float(tables.agreed_payoffs[1] - tables.security[1]) * tables.full_harm
    lead = 0.0
    for action, slipped in zip(actions, slips, strict=False):
        own = slipped % own_actions if slipped < 2 else player.asked()
        other = action % other_actions
        player.told(own, other)
        outcome = (own, other) if role == 0 else (other, own)
        lead += float(game.payoffs[1 - role][outcome] - tables.agreed_payoffs[1])
        assert lead <= unit * player.book.ledger[0] / 2.0 + 1e-6


@pytest.mark.parametrize("payoffs", [(5, 3, 1, 0), (4, 3, 1, 0), (3, 4, 2, 0)])
@pytest.mark.parametrize("budget", [1.0, 3.0])
def test_an_always_defector_meets_cooperation_no_more_often_than_the_budget_pays_for(
    payoffs: tuple[float, float, float, float], budget: float
) -> None:
    # Theorem F, with offers as often as the account allows.
    T, R, P, S = payoffs
    game = dilemma(T, R, P, S)
    spread = max(payoffs) - min(payoffs)
    eager = GradualPlayer(loss_budget=budget, offer_decay=1.0)
    played = Seated(eager, game).against([D] * 3000)
    assert played.count(C) <= budget * spread / (P - S)
    assert played[-100:].count(C) == 0


DEGREES = np.array([[6, 4, 3, 0], [7, 5, 4, 1], [8, 6, 5, 2], [9, 7, 6, 3]])
PLAYED_BY_HAND: list[Any] = [
    *(dilemma(*payoffs).payoffs for payoffs in [(5, 3, 1, 0), (10, 8, 6, 0), (4, 3, 1, 2), (3, 4, 2, 0)]),
    [DEGREES, DEGREES.T],
    # Maxmin mixtures without and with the agreed action.
    [[[4, -2, -2], [0, 1, -1], [0, -1, 1]], [[4, 0, 0], [-2, -1, 1], [-2, 1, -1]]],
    [[[0, 2], [3, 0]], [[0, 3], [2, 0]]],
    [[[3, 0], [4, 2]], [[1, 3], [0, 2]]],  # nothing is agreed
]


@pytest.mark.parametrize("seed", range(40))
def test_the_rule_is_the_one_that_is_described(seed: int) -> None:
    # Whatever is played, by whom, from which start and with which tunables.
    random = np.random.default_rng(seed)
    payoffs = np.array(
        PLAYED_BY_HAND[seed % 16] if seed % 16 < 8 else random.integers(-5, 6, (2, 3, 2 + seed % 2))
    )
    role, agreement = int(random.integers(2)), ("nash", "utilitarian")[seed % 2]
    game = Game(payoffs.astype(float))
    tables, defined = ledger_tables(game, role, agreement=agreement), Defined(payoffs, role, agreement)
    # Budgets that rounds of the agreed action use up exactly, among others.
    price = max(0.0, -float(tables.worst[(tables.agreed or (0, 0))[0]]))
    player = GradualPlayer(
        agreement=agreement,
        loss_budget=float(random.choice([0.0, price, 2.0 * price, 3.0])),
        **{name: float(random.choice(values)) for name, values in TRIED.items()},
    )
    hand = Hand(player, defined, tables, rational(float(player.loss_budget or 0.0)))
    seated = Seated(player, game, role)
    if seed % 3 == 0:
        opening = int(random.integers(defined.n)), int(random.integers(defined.m))
        player.remember(seated.seat, seated.mind, Played(0, *opening, 0.0, 0))
        hand.enter_harm(*opening)
    mood = 0
    for _ in range(60):
        assert_as_by_hand(seated, hand)
        mood = mood if random.random() < 0.7 else int(random.integers(defined.m))
        mine = seated.asked(float(random.random()), float(random.random()))
        mine = mine if random.random() < 0.8 else int(random.integers(defined.n))
        seated.told(mine, mood)
        hand.enter(mine, mood)


TRIED: dict[str, list[float]] = {
    "credit": [0.0, 0.05, 0.6, 1.05, 1.6],
    "severity": [0.25, 0.5, 1.0],
    "offer_probability": [1.0, 0.5, 0.5],
    "offer_decay": [1.0, 0.25],
    "calm": [0.0, 0.2, 1.5],
    "account_cap": [0.5, 5.0],
    "most_claimed": [1.5, 3.0],
    "trust": [0.0, 0.5, 1.0, 1.0],
}


def assert_as_by_hand(seated: Seated, hand: Hand) -> None:
    own, game, book = numbers(seated.seat.numbers), ledger_game_of(seated.seat), seated.book
    assert [float(entry[0]) for entry in book] == pytest.approx(
        [float(entry) for entry in hand.book], abs=1e-9
    )
    shown = float(seated.mind.estimate[0]), float(seated.mind.alpha[0])
    assert shown == pytest.approx((float(hand.estimate), float(hand.alpha)), abs=1e-9)
    actions = range(hand.defined.n)
    chances = [probability_of(own, game, book, action) for action in actions]
    assert chances == pytest.approx(hand.chances, abs=1e-9)
    offer = hand.chance_of_offer
    asked = hand.asked
    # Just beside the draws where the answer changes, and on them where they are known to the last bit.
    draws = [draw for draw in (offer + 1e-9, 0.999999) if draw < 1.0 and draw > offer]
    draws += [offer] if offer < 1.0 and not hand.offers else []
    up_to = [float(p) for p in accumulate(hand.mixture)]
    for extra in [0.0] if asked is not None else [0.0, *(p - 1e-9 for p in up_to if p > 0.0)]:
        meant = asked if asked is not None else next(x for x, p in enumerate(up_to) if p > extra)
        assert {seated.asked(draw, extra) for draw in draws} <= {meant}
    if offer > 0.0:
        assert hand.defined.agreed is not None
        assert {seated.asked(draw) for draw in (0.0, offer - 1e-9)} == {hand.defined.agreed[0]}
    else:
        assert asked is None or seated.asked(0.0) == asked


def test_a_book_among_others_is_its_column_and_may_be_written_to() -> None:
    books = np.arange(15.0).reshape(5, 3)
    book = book_at(books, 1)
    assert [entry.tolist() for entry in book] == [[1.0], [4.0], [7.0], [10.0], [13.0]]
    book.offers[0] = -1.0
    assert books[4].tolist() == [12.0, -1.0, 14.0]


def test_a_mixture_whose_sum_is_rounded_never_gives_a_negative_chance() -> None:
    tables = ledger_tables(Game.bimatrix(np.eye(3) * [1, 2, 3], np.eye(3) * [1, 2, 3]), 0)
    rounded = replace(tables, maxmin=np.array([0.5, 0.5 + 4e-16, 1e-20]))
    game = ledger_game(rounded)
    assert game.by_action.shape == (4, 3)
    assert game.by_outcome.shape == (3, 3, 3)
    assert [maxmin_share(game, action) for action in range(3)] == [0.5, 0.5, 0.0]
    assert maxmin_action(game, 1.0 - 2**-53) == 1


def test_what_it_shows_is_what_the_other_owes_and_what_it_plays_next() -> None:
    player = Seated(GradualPlayer(offer_probability=0.0), AXELROD)
    assert (player.mind.estimate[0], player.mind.alpha[0]) == (1.0, 1.0)
    player.told(C, D)
    assert (player.mind.estimate[0], player.mind.alpha[0]) == (0.0, 1.0)
    player.told(C, D)
    assert (player.mind.estimate[0], player.mind.alpha[0]) == (0.0, 0.0)
    player.told(D, C)
    player.told(D, C)
    assert (player.mind.estimate[0], player.mind.alpha[0]) == (1.0, 1.0)


def test_the_level_of_one_who_must_yield_is_that_of_its_maxmin_play() -> None:
    chicken = named_game("chicken")
    poor = Seated(GradualPlayer(loss_budget=0.0), chicken)
    for _ in range(3):
        poor.told(C, D)
    assert poor.asked() == C, "the ledger asks for D, which the account cannot bear"
    assert poor.mind.alpha[0] == 1.0
    rich = Seated(GradualPlayer(loss_budget=10.0, offer_probability=0.0), chicken)
    for _ in range(3):
        rich.told(C, D)
    assert (rich.asked(), rich.mind.alpha[0]) == (D, 0.0)
    assert Seated(GradualPlayer(), dilemma(5, 2, 3, 0)).mind.alpha[0] == 0.0, "nothing is agreed"


def test_who_hurts_most_costs_no_more_than_the_budget_where_the_maxmin_play_mixes_in_the_agreed_action() -> (
    None
):
    # The opponent knows what is asked for, and not what a mixture draws.
    rng, games = np.random.default_rng(7), 0
    while games < 25:
        game = Game(rng.normal(size=(2, 3, 3)))
        tables = ledger_tables(game, 0, agreement="utilitarian")
        if tables.is_security_pure or tables.agreed is None or tables.maxmin[tables.agreed[0]] == 0.0:
            continue
        games += 1
        player = Seated(GradualPlayer(agreement="utilitarian", loss_budget=0.3), game)
        own, spread, lost = game.payoffs[0], float(np.ptp(game.payoffs[0])), 0.0
        for _ in range(120):
            vetoed = intended(numbers(player.seat.numbers), ledger_game_of(player.seat), player.book) < 0
            action = player.asked(rng.random(), rng.random())
            expected = tables.maxmin @ own if vetoed else own[action]
            # Now and then it does anything, which fills the account.
            other = int(expected.argmin() if rng.random() < 0.7 else rng.integers(3))
            player.told(action, other)
            lost += float(tables.security[0] - expected[other]) / spread
            assert lost <= 0.3 + 1e-9


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken"])
@pytest.mark.parametrize("noise", [0.01, 0.05])
def test_two_rest_where_the_chain_of_what_is_owed_does(name: str, noise: float) -> None:
    def resting(player: GradualPlayer) -> tuple[float, float]:
        data = play_duels(
            player, player, game=named_game(name), rounds=1500, runs=100, noise=noise, burn_in=500
        )
        both = (data["level"].values[:, 500:].min(axis=2) == 1.0).mean(axis=1)
        return float(both.mean()), float(both.std(ddof=1)) / 10.0

    chain = resting_play(noise).both_cooperate
    share, error = resting(GradualPlayer(offer_probability=0.0))
    assert abs(share - chain) < 4.0 * error
    # Peace offers, of which the chain knows nothing, only spare punishments.
    share, error = resting(GradualPlayer())
    assert chain - 4.0 * error < share < (1.0 - noise) ** 2 + 4.0 * error


def test_two_give_up_a_dilemma_in_which_slips_cost_more_than_cooperation_gains() -> None:
    # At rest they would get .94 (R - P) - .09 (P - S) or so, which is less than nothing.
    game = dilemma(5.0, 4.55, 4.5, 0.0)
    data = play_duels(
        GradualPlayer(), GradualPlayer(), game=game, rounds=4000, runs=20, noise=0.05, burn_in=3000
    )
    assert data["mean_level"].values.mean() == pytest.approx(0.05, abs=0.01)
    assert (data["mean_payoff"].values > 4.5 - 0.5).all()
