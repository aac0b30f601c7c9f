"""What `solve` and `judge` print."""

import json
import re

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
