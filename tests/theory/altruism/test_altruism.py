import theory.altruism as altruism
from theory.games.catalogue import named_game


def test_the_parts_fit_together():
    game = named_game("prisoners-dilemma-3.2")
    threshold = altruism.cooperation_thresholds(game).alpha.lower
    alphas = [threshold - 0.01, threshold + 0.01]
    assert altruism.surfaces(game, alphas, alphas).W.data.tolist() == [[2, 4], [4, 6]]
    assert altruism.monotonicity(game, alphas, alphas).holds
    mirror = altruism.ActionMirror(threshold, "mean", epsilon=0.2)
    assert altruism.mirrored_play(mirror, mirror, (1, 1)) == ((0, 0),)
    assert altruism.mirror_fixed_points(0.2, 0.2).vertices.tolist() == [[1, 1]]
