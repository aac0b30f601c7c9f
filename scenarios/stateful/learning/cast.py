"""The classic learners and the games that each is known by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from simulation.markov_games.games.grid_game import GridGame, second_grid_game
from simulation.markov_games.games.soccer import Soccer
from simulation.markov_games.learners.friend_or_foe_q import FoeQ, FriendQ
from simulation.markov_games.learners.independent_q import IndependentQ
from simulation.markov_games.learners.joint_action import JointAction
from simulation.markov_games.learners.lola import Lola
from simulation.markov_games.learners.look_ahead import LookAhead
from simulation.markov_games.learners.minimax_q import MinimaxQ
from simulation.markov_games.learners.naive import NaiveLearner
from simulation.markov_games.learners.shaping import GradientLearner
from simulation.markov_games.learners.stable_opponent_shaping import StableOpponentShaping
from simulation.markov_games.learners.tabular import TabularLearner
from simulation.markov_games.protocol import ListedGame
from theory import Game, named_game


class Trial(NamedTuple):
    """Who plays what."""

    learner: str
    environment: str


class Repeated(NamedTuple):
    """A game that is repeated for ever among learners by gradients."""

    game: Game
    discount: float


# Payoffs and discounts of the authors' program (Foerster and others 2018).
REPEATED: Mapping[str, Repeated] = {
    "iterated-dilemma": Repeated(
        Game.bimatrix([[-1, -3], [0, -2]], [[-1, 0], [-3, -2]], title="Iterated Prisoner's Dilemma"), 0.96
    ),
    "iterated-pennies": Repeated(
        Game.bimatrix([[1, -1], [-1, 1]], [[-1, 1], [1, -1]], title="Iterated Matching Pennies"), 0.9
    ),
}

GRADIENT: Mapping[str, tuple[GradientLearner, GradientLearner]] = {
    "naive": (NaiveLearner(), NaiveLearner()),
    "look-ahead": (LookAhead(), LookAhead()),
    "lola": (Lola(), Lola()),
    "stable-opponent-shaping": (StableOpponentShaping(), StableOpponentShaping()),
    "lola-against-naive": (Lola(), NaiveLearner()),
}


def _common(payoffs: list[list[float]], title: str) -> Game:
    return Game.bimatrix(payoffs, payoffs, title=title)


def _penalty(k: float) -> Game:
    return _common([[10, 0, k], [0, 2, 0], [k, 0, 10]], f"Penalty game, k = {k:g}")


MATRIX: Mapping[str, Game] = {
    # Shapley (1964), "Some topics in two-person games".
    "shapley": Game.bimatrix(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]], title="Shapley's game"
    ),
    "rock-paper-scissors": named_game("rock-paper-scissors"),
    "matching-pennies": named_game("matching-pennies"),
    # Made up: zero-sum, of value 1/3, secured by (1/3, 2/3).
    "biased-pennies": Game.bimatrix([[3, -1], [-1, 1]], [[-3, 1], [1, -1]], title="Biased Matching Pennies"),
    # Claus & Boutilier (1998), "The dynamics of reinforcement learning in cooperative multiagent systems".
    "climbing": _common([[11, -30, 0], [-30, 7, 6], [0, 0, 5]], "Climbing game"),
    "penalty-10": _penalty(-10),
    "penalty-100": _penalty(-100),
}

SOCCER = "soccer"
BOARDS: Mapping[str, ListedGame] = {
    "grid-game-1": GridGame(),
    "grid-game-2": second_grid_game(),
    SOCCER: Soccer(),
}

# Every joint action again and again, and rates that fall: what convergence of Q-learning asks for.
_TRIED: Mapping[str, Any] = {"rate": 1.0, "last_rate": 0.001, "exploration": 1.0}
_COOLED: Mapping[str, Any] = {"rate": 0.1, "temperature": 16.0, "cooling": 0.995}

TABULAR: Mapping[str, TabularLearner] = {
    "minimax-q": MinimaxQ(**_TRIED),
    "friend-q": FriendQ(**_TRIED),
    "foe-q": FoeQ(**_TRIED),
    "independent-q": IndependentQ(**_COOLED),
    "joint-action": JointAction(**_COOLED),
    "optimistic-joint-action": JointAction(optimistic=True, **_COOLED),
    "q-learning": IndependentQ(**_TRIED),
}

FICTITIOUS = "fictitious-play"

TRIALS: tuple[Trial, ...] = (
    *(Trial(learner, "iterated-dilemma") for learner in GRADIENT),
    *(Trial(learner, "iterated-pennies") for learner in GRADIENT if learner != "lola-against-naive"),
    *(Trial(FICTITIOUS, game) for game in ("shapley", "rock-paper-scissors", "matching-pennies")),
    *(Trial("minimax-q", game) for game in ("matching-pennies", "rock-paper-scissors", "biased-pennies")),
    *(Trial(learner, game) for learner in ("friend-q", "foe-q") for game in ("grid-game-1", "grid-game-2")),
    *(
        Trial(learner, game)
        for game in ("climbing", "penalty-10", "penalty-100")
        for learner in ("independent-q", "joint-action", "optimistic-joint-action")
    ),
    *(Trial(learner, SOCCER) for learner in ("minimax-q", "q-learning")),
)

GAMES = tuple(dict.fromkeys(trial.environment for trial in TRIALS))
