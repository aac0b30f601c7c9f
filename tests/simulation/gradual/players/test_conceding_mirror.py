"""Conceding on the ledger: histories by hand, what never changes, and bounds against every sequence of actions."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.players import ConcedingMirror, DuelPlayer, GradualPlayer
from simulation.gradual.players.conceding_mirror import memory, terms_in_force
from simulation.gradual.seat import Asked, Mind, Played, Seat, new_mind
from tests.examples import examples
from theory import Game, ledger_tables, named_game
from theory.repeated.ledger import Agreement

NO_OFFER = 0.999  # but where one is sure
DONATION = graded_donation_game(benefit=(3.0, 1.0), levels=21)
NOTIONS: tuple[Agreement, ...] = ("nash", "kalai-smorodinsky", "egalitarian", "utilitarian")


def at(level: float) -> int:
    return round(20 * (1.0 - level))


def of(notion: Agreement, **numbers: float) -> ConcedingMirror:
    return ConcedingMirror(gradual=GradualPlayer(agreement=notion, **numbers))  # type: ignore[arg-type]


def seated(player: DuelPlayer, game: Game, role: int) -> tuple[Seat, Mind]:
    seat = player.seat(game, role)
    return seat, new_mind(player, seat, game, role)


def told(seat: Seat, mind: Mind, player: DuelPlayer, own: int, other: int) -> None:
    player.learn(seat, mind, Played(0, own, other, 0.0, 0))


def played_against(
    player: DuelPlayer, game: Game, role: int, actions: list[int], draws: list[float]
) -> list[int]:
    seat, mind = seated(player, game, role)
    played = []
    for other, draw in zip(actions, draws, strict=True):
        own = int(player.choose(seat, mind, Asked(0, 0, draw, draw)))
        played.append(own)
        told(seat, mind, player, own, other)
    return played


def test_it_asks_for_less_before_it_punishes() -> None:
    # By the sum player 1 asks for level 1. It concedes .85 and .75 while it is given 1/2, and then punishes.
    player = of("utilitarian")
    seat, mind = seated(player, DONATION, 0)
    conceded = []
    while (own := player.choose(seat, mind, Asked(0, 0, NO_OFFER, 0.5))) == at(1.0):
        told(seat, mind, player, own, at(0.5))
        conceded.append(int(memory(mind.memory).conceded[0]))
        assert len(conceded) < 50
    # A claim is what is above the credit of 1.05 full harms; by the sum 1/2 instead of 1 is 1.35 / 2.2 of one.
    assert conceded[:2] == [0, 1]
    assert conceded[-1] == 2
    assert sorted(conceded) == conceded


@pytest.mark.parametrize("given_back", [0.75, 0.8])
def test_it_keeps_the_peace_with_who_gives_what_is_half_way(given_back: float) -> None:
    actions = [at(given_back)] * 300
    assert set(played_against(of("utilitarian"), DONATION, 0, actions, [NO_OFFER] * 300)) == {at(1.0)}


def test_it_gives_more_before_it_punishes() -> None:
    # By equal gains player 2 gives 1/2. Punished by less than full cooperation it gives .7, .8, and then less.
    played = played_against(of("egalitarian"), DONATION, 1, [at(0.4)] * 60, [NO_OFFER] * 60)
    levels = list(dict.fromkeys(played))
    assert levels[:3] == [at(0.5), at(0.7), at(0.8)]
    assert levels[3] > at(0.8)


def test_whom_nobody_harms_keeps_to_its_own_notion() -> None:
    for notion in NOTIONS:
        agreed = ledger_tables(DONATION, 0, agreement=notion).agreed
        assert agreed is not None
        for role in (0, 1):
            played = played_against(of(notion), DONATION, role, [agreed[1 - role]] * 200, [0.0] * 200)
            assert set(played) == {agreed[role]}


def test_to_a_defector_nothing_is_conceded() -> None:
    for role in (0, 1):
        seat, mind = seated(player := of("nash"), DONATION, role)
        for _ in range(300):
            own = player.choose(seat, mind, Asked(0, 0, NO_OFFER, 0.5))
            told(seat, mind, player, int(own), at(0.0))
        assert memory(mind.memory).conceded[0] == 0.0


def test_conceded_terms_that_the_account_cannot_pay_for_are_not_in_force() -> None:
    seat, mind = seated(of("utilitarian"), DONATION, 0)
    remembered = memory(mind.memory)
    remembered.conceded[0] = 2.0
    prices = [price for _, price in of("utilitarian").terms(DONATION, 0)]
    assert prices == pytest.approx([0.0, 0.45 / 3.5, 0.75 / 3.5])
    for account, terms in ((5.0, 2), (prices[2], 2), (0.15, 1), (prices[1] - 1e-6, 0), (-3.0, 0)):
        remembered.account[0] = account
        assert terms_in_force(seat, mind) == terms


sequences = st.lists(st.tuples(st.integers(0, 3), st.floats(0.0, 0.999)), min_size=1, max_size=80)


@settings(max_examples=examples(60))
@given(
    sequence=sequences,
    game=st.sampled_from(["prisoners-dilemma", "prisoners-dilemma-axelrod", "chicken", "stag-hunt"]),
    trust=st.sampled_from([0.0, 1.0]),
)
def test_where_all_notions_agree_it_is_the_gradual_player(
    sequence: list[tuple[int, float]], game: str, trust: float
) -> None:
    stage = named_game(game)
    actions, draws = [action % 2 for action, _ in sequence], [draw for _, draw in sequence]
    plain = GradualPlayer(trust=trust)
    expected = played_against(plain, stage, 0, actions, draws)
    assert played_against(ConcedingMirror(gradual=plain), stage, 0, actions, draws) == expected


@settings(max_examples=examples(20))
@given(sequence=sequences, role=st.integers(0, 1))
def test_without_concessions_it_is_the_gradual_player(sequence: list[tuple[int, float]], role: int) -> None:
    actions, draws = [6 * action for action, _ in sequence], [draw for _, draw in sequence]
    plain = GradualPlayer()
    expected = played_against(plain, DONATION, role, actions, draws)
    assert (
        played_against(ConcedingMirror(gradual=plain, concessions=()), DONATION, role, actions, draws)
        == expected
    )


@cache
def games_with_something_to_concede() -> list[Game]:
    """Return games in which three actions of each share a gain in nine ways, and the fourth takes all there is."""
    rng = np.random.default_rng(11)
    games: list[Game] = []
    while len(games) < 6:
        payoffs, angles = np.zeros((2, 4, 4)), rng.uniform(0.0, np.pi / 2.0, size=(3, 3))
        payoffs[0, :3, :3], payoffs[1, :3, :3] = 20.0 * np.cos(angles), 12.0 * np.sin(angles)
        payoffs[:, :3, 3], payoffs[:, 3, :3] = [[-5.0], [14.0]], [[22.0], [-3.0]]
        if len(of("utilitarian").terms(Game(payoffs), 0)) > 1:
            games.append(Game(payoffs))
    return games


@settings(max_examples=examples(150))
@given(
    number=st.integers(0, 6),
    sequence=sequences,
    budget=st.floats(0.0, 3.0),
)
def test_losses_never_exceed_the_budget_nor_concessions_what_was_gained(
    number: int, sequence: list[tuple[int, float]], budget: float
) -> None:
    # Whatever an opponent does is a sequence of actions.
    game = DONATION if number == 6 else games_with_something_to_concede()[number]
    player = of("utilitarian", loss_budget=budget)
    terms = player.terms(game, 0)
    security, spread = ledger_tables(game, 0).security[0], np.ptp(game.payoffs[0])
    seat, mind = seated(player, game, 0)
    gained = most_gained = paid = 0.0
    for action, draw in sequence:
        other = action * 6 if number == 6 else action
        place = terms_in_force(seat, mind)
        own = int(player.choose(seat, mind, Asked(0, 0, draw, draw)))
        if place > 0 and own == ledger_tables(game, 0, agreement=terms[place][0].agreement).agreed[0]:  # type: ignore[index]
            paid += terms[place][1]
            assert paid <= gained + 1e-9, "before the round"
        told(seat, mind, player, own, other)
        gained += float(game.payoffs[0, own, other] - security) / spread
        most_gained = max(most_gained, gained)
        assert gained >= -budget - 1e-6
        assert paid <= most_gained + 1e-9
        assert memory(mind.memory).account[0] <= gained - paid + 1e-9


def test_who_insists_on_more_than_half_gets_less_than_half_way() -> None:
    # Player 2 gives what it thinks fair, 1/2, whatever happens; half-way it would get .719.
    player = of("utilitarian")
    seat, mind = seated(player, DONATION, 0)
    rng = np.random.default_rng(0)
    outcomes = []
    for _ in range(600):
        own = int(player.choose(seat, mind, Asked(0, 0, rng.random(), rng.random())))
        outcomes.append((own, at(0.5)))
        told(seat, mind, player, *outcomes[-1])
    one, two = np.mean([DONATION.payoffs[:, x, y] for x, y in outcomes[100:]], axis=0)
    assert two < 0.719
    assert one > 1.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gradual": "nash"}, "gradual must be a GradualPlayer, got 'nash'"),
        (
            {"concessions": (0.5, 0.25)},
            r"concessions must be shares in \(0, 1\], ascending, got \(0.5, 0.25\)",
        ),
        ({"concessions": (0.0,)}, r"concessions must be shares in \(0, 1\], ascending"),
        ({"concessions": (0.5, 1.5)}, r"concessions must be shares in \(0, 1\], ascending"),
        ({"notions": "nash"}, "notions must be a list of names, got 'nash'"),
        ({"notions": ("kind",)}, "notion of fairness"),
    ],
)
def test_tunables_out_of_their_bounds_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ConcedingMirror(**wrong)  # type: ignore[arg-type]
