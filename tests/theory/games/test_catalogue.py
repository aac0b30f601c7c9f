"""What every game of the catalogue must be."""

from pathlib import Path

import numpy as np
import pytest

from theory import Game, judge, named_game, named_games


@pytest.mark.parametrize("name", named_games())
def test_it_can_be_judged_and_written(name: str, tmp_path: Path) -> None:
    game = named_game(name)
    assert np.isfinite(game.payoffs).all()
    assert judge(game, game.pure(*(0 for _ in game.n_actions))).label
    path = tmp_path / "game.nfg"
    path.write_text(game.to_nfg(), encoding="utf-8")
    again = Game.from_nfg(path)
    assert np.allclose(again.payoffs, game.payoffs, rtol=0.0, atol=1e-12)
    assert (again.title, again.actions) == (game.title, game.actions)


def test_titles_tell_games_apart() -> None:
    titles = [named_game(name).title for name in named_games()]
    assert all(titles)
    assert len(set(titles)) == len(titles)


def test_unknown_names_are_told_the_nearest() -> None:
    with pytest.raises(ValueError, match="stag-hunt"):
        named_game("stag-hnt")
