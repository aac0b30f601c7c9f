"""Two ledger mirrors in named, graded, continuous and random games: where they rest, and what theory says of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.scenario import Measured
from scenarios.gradual import cast, duel_cast
from scenarios.gradual.duel_cast import STARTS, start_in
from scenarios.gradual.duel_play import games_of, paired_difference, security_of, verdicts_on
from scenarios.gradual.measures import interval_of
from simulation.gradual.continuous import play_continuous_duels
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame, cooperation_levels
from simulation.gradual.ledgers.donation import agreed_levels, donation_ledger, net_harm
from simulation.gradual.players import GradualPlayer
from theory import Game
from theory.checks import FloatArray
from theory.repeated.ledger_rest import RestingPlay, resting_play

PLAYER = GradualPlayer()
SLIPS = (0.0, 0.01, 0.05)

# Games of a continuum of levels, and those whose payoffs they have.
CONTINUOUS = {f"{name}, continuous": name for name in ("donation", "asymmetric-donation", "partnership")}
GRADED = ("donation", "asymmetric-donation", "public-good", "partnership")
MATRIX = tuple(name for name in duel_cast.GAMES if name not in GRADED)
STAG_HUNTS = tuple(name for name in MATRIX if name.startswith("stag-hunt"))
LEDGER_GAMES = (*MATRIX, *GRADED, *CONTINUOUS)
ENSEMBLE = "dilemmas"

# Both rest at the agreed play where both levels are this near to it: on a grid of levels at the agreed one alone.
NEAR = 0.01


class Stage(NamedTuple):
    """A game that two ledgers play."""

    game: Game
    is_continuous: bool
    agreed: FloatArray
    """`[2]`: levels."""
    security: FloatArray
    """`[2]`: payoffs, like the next."""
    values: FloatArray
    claims: dict[str, float]
    """The most, in full harms, that either is owed by each start."""


class Duels(NamedTuple):
    """What is seen of two ledgers in each run: in the second half of the rounds, but for the arrival."""

    share: FloatArray
    """`[..., runs]`: of rounds at the agreed play."""
    arrival: FloatArray
    """`[..., runs]`: first round at the agreed play; NaN if there is none."""
    payoff: FloatArray
    """`[..., runs, 2]`: means."""
    frequency: FloatArray
    """`[..., runs, 2, actions]`."""


class Place(NamedTuple):
    """From where, and with how many slips, a game is played."""

    start: str
    noise: float


PLACES = tuple(Place(start, noise) for start in STARTS for noise in SLIPS)


@cache
def named_stage(name: str) -> Stage:
    """Return a game by name."""
    of = CONTINUOUS.get(name, name)
    game = duel_cast.stage_game(of) if of in duel_cast.GAMES else cast.stage_game(of)
    return _continuous_stage(game) if name in CONTINUOUS else stage_of(game)


def stage_of(game: Game) -> Stage:
    """Return a game whose levels are its actions."""
    one, two = (PLAYER.tables(game, role) for role in range(2))
    assert one.agreed is not None
    claims = {}
    for start in STARTS:
        first, second = start_in(game, start)
        claims[start] = float(max(one.net_harm[first, second], two.net_harm[second, first]))
    agreed = np.array([cooperation_levels(n)[a] for n, a in zip(game.n_actions, one.agreed, strict=True)])
    return Stage(game, False, agreed, one.security, one.agreed_payoffs, claims)


def _continuous_stage(game: Game) -> Stage:
    assert isinstance(game, GradedGame)
    payoffs: Any = game.payoffs_of_levels
    agreed, _ = agreed_levels(payoffs, "nash", len(game.levels))
    assert agreed is not None
    one, two = (donation_ledger(payoffs, role, agreed) for role in range(2))
    claims = {}
    for start in STARTS:
        first, second = _levels_of(start)
        claims[start] = max(net_harm(one, first, second), net_harm(two, second, first))
    return Stage(game, True, np.array(agreed), np.zeros(2), game.payoffs_at(agreed), claims)


def _levels_of(start: str) -> tuple[float, float]:
    one, two = (1.0 if letter == "C" else 0.0 for letter in STARTS[start])
    return one, two


def duels(stage: Stage, place: Place, *, rounds: int, runs: int, seed: int) -> Duels:
    """Play two ledgers."""
    terms: dict[str, Any] = {
        "game": stage.game, "rounds": rounds, "runs": runs, "seed": seed, "noise": place.noise,
        "burn_in": rounds // 2, "workers": 1,
    }  # fmt: skip
    if stage.is_continuous:
        data = play_continuous_duels(PLAYER, PLAYER, start=_levels_of(place.start), **terms)
    else:
        data = play_duels(PLAYER, PLAYER, start=start_in(stage.game, place.start), **terms)
    near = np.abs(data["level"].values - stage.agreed).max(axis=2) <= NEAR
    return Duels(
        near[:, rounds // 2 :].mean(axis=1),
        np.where(near.any(axis=1), near.argmax(axis=1), np.nan),
        data["mean_payoff"].values,
        data["frequency"].values,
    )


def play_ledgers(game: str, *, rounds: int, runs: int, seed: int) -> Measured:
    """Play two ledgers in a named game, from all starts and with all slips; measure and judge each run."""
    stage = named_stage(game)
    found = [duels(stage, place, rounds=rounds, runs=runs, seed=seed) for place in PLACES]
    cells = []
    for place, here in zip(PLACES, found, strict=True):
        gained = (here.payoff - stage.security).sum(axis=1) / (stage.values - stage.security).sum()
        cells.append(
            _cell(game, place, here, interval_of(here.share), interval_of(gained))
            | _foretold(game, stage, place)
            | {"most_agreed": most_agreed(place.noise, stage.is_continuous)}
        )
    return _measured(found, cells, verdicts_on(stage.game, [here.frequency for here in found]))


def play_dilemmas(ensemble_seed: int, number: int, *, rounds: int, runs: int, seed: int) -> Measured:
    """Play two ledgers in an ensemble of random dilemmas; shares of payoffs are pooled over its games."""
    payoffs, games = games_of(ENSEMBLE, number, ensemble_seed)
    # Each game has its own draws: with the same ones for all, intervals over games would be too narrow.
    by_game = [
        [duels(stage, place, rounds=rounds, runs=runs, seed=seed + k) for place in PLACES]
        for k, stage in enumerate(map(stage_of, games))
    ]
    found = [
        Duels(*(np.stack(part) for part in zip(*of_place, strict=True)))
        for of_place in zip(*by_game, strict=True)
    ]
    security = security_of(payoffs)
    cells = []
    for place, here in zip(PLACES, found, strict=True):
        pooled = paired_difference(here.payoff.mean(axis=(1, 2)), security, payoffs)
        rests = [rest_in(t, r, p, s, place.noise) for t, r, p, s in payoffs.tolist()]
        gained = sum(
            gain_at_rest(t, r, p, s, rest) for (t, r, p, s), rest in zip(payoffs.tolist(), rests, strict=True)
        )
        shares = here.share.mean(axis=1)
        cells.append(
            _cell(f"{ENSEMBLE} {ensemble_seed}", place, here, interval_of(shares), pooled)
            | {
                "agreed_in_theory": float(np.mean([rest.both_cooperate for rest in rests])),
                "index_in_theory": gained / float((payoffs[:, 1] - security).sum()),
                "most_agreed": most_agreed(place.noise, False),
                "given_up": int((shares < 0.5).sum()),
                "given_up_in_theory": sum(rest.both_cooperate < 0.5 for rest in rests),
            }
        )
    tensors = np.array([[[[r, s], [t, p]], [[r, t], [s, p]]] for t, r, p, s in payoffs.tolist()])
    return _measured(found, cells, verdicts_on(tensors, [here.frequency for here in found]))


def gain_at_rest(t: float, r: float, p: float, s: float, rest: RestingPlay) -> float:
    """Return what a player of a symmetric 2x2 game of payoffs T, R, P and S gets above its security, max(P, S)."""
    mean = rest.both_cooperate * r + rest.one_cooperates * (t + s) / 2.0 + rest.neither_cooperates * p
    return mean - max(p, s)


def rest_in(t: float, r: float, p: float, s: float, noise: float) -> RestingPlay:
    """Return where theorem J of `docs/ledger.md` lets two ledgers rest, T > R.

    In a dilemma in which they would get less than they can secure there, accounts empty, and both defect.
    """
    rest = resting_play(noise)
    if p < s or gain_at_rest(t, r, p, s, rest) > 0.0:
        return rest
    return RestingPlay(noise**2, 2.0 * noise * (1.0 - noise), (1.0 - noise) ** 2)


def _foretold(game: str, stage: Stage, place: Place) -> dict[str, float | None]:
    """Return what theory foretells, None where it says nothing.

    Theorem J is of symmetric 2x2 games with T > R. Elsewhere, and without slips, a start by which nobody is owed more
    than the credit leaves nothing to claim.
    """
    agreed = index = None
    (r, *_, s), *_, (t, *_, p) = stage.game.payoffs[0].tolist()
    if game in MATRIX and t > r:
        rest = rest_in(t, r, p, s, place.noise)
        agreed, index = rest.both_cooperate, gain_at_rest(t, r, p, s, rest) / (r - max(p, s))
    elif place.noise == 0.0 and stage.claims[place.start] <= PLAYER.credit:
        agreed = index = 1.0
    return {"agreed_in_theory": agreed, "index_in_theory": index}


def most_agreed(noise: float, is_continuous: bool) -> float:
    """Return the most that the share at the agreed play can be: what slips leave, but those that fall so near."""
    harmless = 2.0 * NEAR if is_continuous else 0.0
    return float((1.0 - noise * (1.0 - harmless)) ** 2)


def _cell(
    game: str,
    place: Place,
    found: Duels,
    agreed: tuple[float, float, float],
    index: tuple[float, float, float],
) -> dict[str, Any]:
    return {
        "player": "gradual-tit-for-tat",
        "game": game,
        "start": place.start,
        "noise": place.noise,
        "agreed": agreed[0],
        "agreed_interval": list(agreed[1:]),
        "slowest_arrival": float(found.arrival.max()) if np.isfinite(found.arrival).all() else None,
        "index": index[0],
        "index_interval": list(index[1:]),
        "runs": found.share.size,
    }


def _measured(
    found: Sequence[Duels], cells: Sequence[dict[str, Any]], verdicts: Sequence[dict[str, Any]]
) -> Measured:
    """Return what is kept of each run: the share at the agreed play, the arrival and the payoffs."""
    shape, axes = (len(STARTS), len(SLIPS)), ("of_game", "run")[-found[0].share.ndim :]
    arrays: dict[str, Any] = {
        key: (
            ("start", "noise", *axes, *further),
            np.stack([getattr(here, key) for here in found]).reshape(*shape, *getattr(found[0], key).shape),
        )
        for key, further in (("share", ()), ("arrival", ()), ("payoff", ("player",)))
    }
    where = [{key: cell[key] for key in ("player", "game", "start", "noise")} for cell in cells]
    return Measured(
        data=xr.Dataset(arrays, {"start": list(STARTS), "noise": list(SLIPS)}),
        cells=cells,
        verdicts=[of | {"judged_in": "original"} | one for of, one in zip(where, verdicts, strict=True)],
    )
