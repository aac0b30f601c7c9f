"""Games of other libraries and files, and ours for them: Nashpy, QuantEcon and Gambit.

Nashpy knows two players and no names. QuantEcon knows no names. Gambit knows names and exact payoffs, and is
reached by its file format (`theory.games.nfg`), which all its versions share.
"""

from __future__ import annotations

from io import StringIO
from os import PathLike
from typing import Any

import numpy as np

from theory.arguments import checked
from theory.checks import plain_text
from theory.games.checks import foreign_game, matrix_game, two_player_game
from theory.games.efg import strategic_form
from theory.games.game import Game
from theory.games.nfg import game_of
from theory.libraries import optional_library


def read_nfg(path: str | PathLike[str]) -> Game:
    """Read a strategic game from a file in Gambit's `.nfg` format.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is malformed or truncated, with line and column, or a payoff overflows.
    """
    return Game.from_nfg(path)


@checked(text=plain_text, name=plain_text)
def parse_nfg(text: str, *, name: str = "nfg") -> Game:
    """Return the strategic game that a text in Gambit's `.nfg` format describes.

    Parameters
    ----------
    text
        The content of the file.
    name
        What errors call the text.

    Raises
    ------
    ValueError
        If the text is malformed or truncated, with line and column, a payoff overflows, or there are more than
        `theory.games.nfg.MOST_PAYOFFS`.
    """
    return game_of(text, name=name, make=Game)


@checked(game=matrix_game)
def format_nfg(game: Game) -> str:
    r"""Return a game as text in Gambit's `.nfg` format (payoff list, one contingency a line).

    `parse_nfg` returns the same payoffs bit for bit, the same title and the same names. Gambit 16 and 17
    read everything but names that end in a backslash, which their format cannot express.
    """
    return game.to_nfg()


@checked(game=two_player_game)
def to_nashpy(game: Game) -> Any:
    """Return a two-player game as a `nashpy.Game`."""
    return optional_library("nashpy").Game(*game.payoffs)


@checked(game=foreign_game("nashpy", "payoff_matrices"), title=plain_text)
def from_nashpy(game: Any, *, title: str = "") -> Game:
    """Return a `nashpy.Game` as a game: player 0 chooses its row."""
    A, B = game.payoff_matrices
    return Game.bimatrix(A, B, title=title)


@checked(game=matrix_game)
def to_quantecon(game: Game) -> Any:
    """Return a game as a `quantecon.game_theory.NormalFormGame` (extra `solvers`)."""
    library = optional_library("quantecon.game_theory", extra="solvers")
    players = []
    for i, tensor in enumerate(game.payoffs):
        # A player's own actions come first, then those of the next players, round to the one before.
        axes = [(i + shift) % game.n_players for shift in range(game.n_players)]
        players.append(library.Player(np.ascontiguousarray(tensor.transpose(axes))))
    return library.NormalFormGame(players)


@checked(game=foreign_game("quantecon", "payoff_arrays"), title=plain_text)
def from_quantecon(game: Any, *, title: str = "") -> Game:
    """Return a `quantecon.game_theory.NormalFormGame` as a game."""
    n = game.N
    tensors = []
    for i, player in enumerate(game.players):
        axes = [(j - i) % n for j in range(n)]
        tensors.append(np.asarray(player.payoff_array, dtype=np.float64).transpose(axes))
    return Game(np.stack(tensors), title=title)


@checked(game=matrix_game)
def to_pygambit(game: Game) -> Any:
    """Return a game as a `pygambit` strategic game."""
    return optional_library("pygambit", extra="files").read_nfg(StringIO(game.to_nfg()))


@checked(game=foreign_game("pygambit", "to_nfg"))
def from_pygambit(game: Any) -> Game:
    """Return a `pygambit` game (of at least version 16.3) as a game in strategic form, with its names.

    A game in extensive form becomes its reduced normal form, of `theory.games.efg.MOST_CELLS` outcomes at most.
    """
    if type(game).__name__ == "ExtensiveGame" or getattr(game, "is_tree", False):
        return strategic_form(game.to_efg(), name=f"the .efg text of the pygambit game {game.title!r}")
    return parse_nfg(game.to_nfg(), name=f"the .nfg text of the pygambit game {game.title!r}")
