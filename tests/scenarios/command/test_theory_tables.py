"""What `solve` and `judge` print."""

import json
import re
from html import escape

NEGATIVE_ZERO = re.compile(r"-0(\.0*)?(?![.\d])")


def test_nothing_is_minus_zero(commonweal) -> None:
    game = ("[[-0.0,-1],[-1,-0.0]]", "[[0.0,-0.0],[-0.0,0.0]]")
    code, out, _ = commonweal("solve", *game)
    assert code == 0
    assert not NEGATIVE_ZERO.search(out)
    code, out, _ = commonweal("judge", *game, "--profile", "[[1,0],[1,0]]")
    assert code == 0
    assert not NEGATIVE_ZERO.search(out)
    verdict = json.loads(commonweal("judge", *game, "--profile", "[[1,0],[1,0]]", "--json")[1])
    assert verdict["payoffs"] == [0, 0]
    assert not NEGATIVE_ZERO.search(
        str([verdict["payoffs"], verdict["security_levels"], verdict["explanation"]])
    )


def test_notebooks_show_what_is_printed(commonweal) -> None:
    from theory import judge, named_game, nash_equilibria

    game = named_game("chicken")
    _, judged, _ = commonweal("judge", "chicken", "--profile", "C,D")
    _, solved, _ = commonweal("solve", "chicken")
    for shown, printed in ((judge(game, game.pure(0, 1)), judged), (nash_equilibria(game), solved)):
        (table,) = shown.as_tables()
        html = shown._repr_html_()
        for row in table.rows:
            assert re.search(" +".join(re.escape(str(entry)) for entry in row), printed), row
            assert all(f">{escape(str(entry))}<" in html for entry in row), row
