"""A file is read or refused in one line that names path, rule, value and nearest name."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenarios.experiments.reading import Experiment, document_of, experiment_of, with_texts
from simulation import (
    FiniteGameParameters,
    FixedLevel,
    GradualPlayer,
    HandoverParameters,
    MechanismDesignParameters,
    PopulationParameters,
    RuleLearner,
    graded_donation_game,
)
from simulation.learning.policy_gradient import POLICY_GRADIENT
from theory import Game, matrix_dilemma, named_game
from theory.games.dilemmas import MatrixDilemma


def read(text: str, folder: Path) -> Experiment:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    _, document = document_of(path)
    return experiment_of(document, path)


def only(text: str, folder: Path) -> Any:
    (parameters,) = read(text, folder).variants.values()
    return parameters


def test_what_is_not_said_is_as_in_python(tmp_path: Path) -> None:
    assert only('world = "mechanism-design"', tmp_path).to_dict() == MechanismDesignParameters().to_dict()
    led = HandoverParameters().to_dict()
    assert only('world = "handover"\nplanner.bound = 2', tmp_path).to_dict() == led | {
        "planner": led["planner"] | {"bound": 2}
    }


def test_numbers_names_lists_and_tables_become_what_python_takes(tmp_path: Path) -> None:
    read_in = only(
        'world = "mechanism-design"\nepisodes = 50\nbound = 2\nalpha = [0.5, 0]\nsees = [true, false]\n'
        'planner_episodes = "none"\n'
        'learners = ["policy-gradient", { name = "policy-gradient", learning_rate = 0.5 }]\n'
        "game = { greed = 2, fear = 1.5, reward = 4 }",
        tmp_path,
    )
    assert read_in == MechanismDesignParameters(
        episodes=50, bound=2, alpha=(0.5, 0), sees=(True, False), planner_episodes=None, game=read_in.game,
        learners=(POLICY_GRADIENT, POLICY_GRADIENT.tuned(learning_rate=0.5)),
    )  # fmt: skip
    assert read_in.game.to_nfg() == matrix_dilemma(greed=2, fear=1.5, reward=4).to_nfg()


def test_games_are_read_in_every_way(tmp_path: Path) -> None:
    payoffs = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "mine.nfg").write_text(Game(payoffs).to_nfg())
    for way, game in {
        '"chicken"': named_game("chicken"),
        '{ name = "chicken" }': named_game("chicken"),
        f"{{ payoffs = {payoffs} }}": Game(payoffs),
        '{ file = "inner/mine.nfg" }': Game(payoffs),
        "{ greed = 2, fear = 1 }": matrix_dilemma(greed=2, fear=1),
    }.items():
        found = only(f'world = "finite-game"\ngame = {way}', tmp_path)
        assert isinstance(found, FiniteGameParameters)
        assert np.array_equal(found.game.payoffs, game.payoffs), way
    linear = only(
        'world = "finite-game"\ngame = { kind = "linear-dilemma", n_players = 3, greed = 1, fear = 1 }',
        tmp_path,
    )
    assert linear.game.n_players == 3
    chicken, usual = named_game("chicken"), named_game("prisoners-dilemma")
    assert isinstance(chicken, MatrixDilemma)
    assert isinstance(usual, MatrixDilemma)
    for text in ('game = { name = "chicken", fear = 0.25 }', 'game = "chicken"\nvary.game.fear = [0.25]'):
        tuned = only(f'world = "finite-game"\n{text}', tmp_path)
        assert np.array_equal(tuned.game.payoffs, matrix_dilemma(greed=chicken.greed, fear=0.25).payoffs)
    tuned = only('world = "finite-game"\ngame.greed = 2.5', tmp_path)
    assert np.array_equal(tuned.game.payoffs, matrix_dilemma(greed=2.5, fear=usual.fear).payoffs)
    graded = only('world = "duels"\ngame.interaction = 0.5', tmp_path)
    assert np.array_equal(graded.game.payoffs, graded_donation_game(interaction=0.5, levels=21).payoffs)
    graded = only('world = "duels"\ngame = { kind = "graded-donation-game", benefit = [2, 1] }', tmp_path)
    assert np.array_equal(graded.game.payoffs, graded_donation_game(benefit=(2.0, 1.0), levels=21).payoffs)


def test_players_are_kinds_with_tunables_or_changes_to_the_default(tmp_path: Path) -> None:
    duels = only(
        'world = "duels"\nfirst = { kind = "fixed-level", cooperation = 0 }\nsecond.credit = 2\n', tmp_path
    )
    assert duels.first == FixedLevel(cooperation=0)
    assert duels.second == GradualPlayer(credit=2)
    rule = only('world = "duels"\nfirst = { kind = "rule-learner", rule = "policy-gradient" }', tmp_path)
    assert rule.first == RuleLearner(rule=POLICY_GRADIENT)
    handover = only('world = "handover"\nplayer.tremble = 0.2', tmp_path)
    assert handover.player.tremble == 0.2
    assert handover.player.prior == HandoverParameters().player.prior  # type: ignore[union-attr]


def test_populations_have_rules_and_networks(tmp_path: Path) -> None:
    population = only(
        'world = "population"\ngraph = { kind = "ring", size = 12 }\nrules = { learner = 0.5, mirror = 0.5 }',
        tmp_path,
    )
    assert isinstance(population, PopulationParameters)
    assert population.network.n_agents == 12
    drawn = only(
        'world = "population"\ngraph = { edges = [[0, 1], [1, 2]] }\nrules = ["cooperator", "defector", "learner"]',
        tmp_path,
    )
    assert drawn.network.n_edges == 2
    tuned = only(
        'world = "population"\n[[rules]]\nname = "policy-gradient"\nlearning_rate = 0.5\nshare = 0.25\n'
        '[[rules]]\nname = "defector"\nshare = 0.75\n',
        tmp_path,
    )
    assert tuned.learning_rules["policy-gradient"].tunables["learning_rate"] == 0.5


def test_conditions_and_lists_of_values_are_all_combined(tmp_path: Path) -> None:
    experiment = read(
        'world = "mechanism-design"\nbound = 2\ngame = "chicken"\n[vary]\nalpha = [[0, 0], [1, 1]]\n'
        '"game.greed" = [1]\n'
        'game.fear = [2, 3]\n[[conditions]]\nname = "off"\nplanner_episodes = 0\n[[conditions]]\nname = "on"\n',
        tmp_path,
    )
    assert list(experiment.variants)[:2] == [
        "off, alpha=[0, 0], game.greed=1, game.fear=2",
        "off, alpha=[0, 0], game.greed=1, game.fear=3",
    ]
    assert len(experiment.variants) == 8
    last = experiment.variants["on, alpha=[1, 1], game.greed=1, game.fear=3"]
    assert (last.bound, last.alpha, last.planner_episodes) == (2, (1, 1), None)
    assert np.array_equal(last.game.payoffs, matrix_dilemma(greed=1, fear=3).payoffs)


LEARNERS, DUELS, AGENTS = (f'world = "{name}"\n' for name in ("mechanism-design", "duels", "population"))
WRONG = {
    "": "world must be given, one of mechanism-design, many-players",
    "world = 3": "world must be text, got 3",
    'world = "mechanism-desing"': "unknown world 'mechanism-desing'; nearest: mechanism-design",
    DUELS + 'titel = "x"': "unknown key titel = 'x'; nearest: title",
    DUELS + 'runs = 0': "runs must be at least 1, got 0",
    DUELS + 'runs = 1.5': "runs must be a whole number, got 1.5",
    DUELS + 'seed = -1': "seed must be at least 0, got -1",
    DUELS + 'record = "al"': 'record must be "summary", "all", every k-th step',
    DUELS + 'title = "a\\u001b[31mb"': "title must be one line of 1 to 100 characters that can be seen, got "
    "'a\\x1b[31mb'",
    LEARNERS + 'bond = 2': "unknown key bond = 2; nearest: bound",
    LEARNERS + 'bound = "2"': "bound must be a number, got '2'",
    LEARNERS + 'bound = true': "bound must be a number, got True",
    LEARNERS + 'bound = inf': "bound must be a finite number, got inf",
    LEARNERS + 'bound = -2': "bound must be positive, got -2",
    LEARNERS + 'bound = 1979-05-27': "bound must be a number, got datetime.date(1979, 5, 27)",
    LEARNERS + 'alpha = [1]': "alpha must have more entries, got [1]",
    LEARNERS + 'alpha = [1, "x"]': "alpha[1] must be a number, got 'x'",
    LEARNERS + 'alpha = 1': "alpha must be a list, got 1",
    LEARNERS + 'game = 3': "game must be a game, by name or as a table, got 3",
    LEARNERS + 'game = "chiken"': "game: unknown game 'chiken'; nearest: chicken",
    LEARNERS + 'game.gred = 1\ngame.fear = 1': "unknown key game.gred = 1; nearest: greed",
    LEARNERS + 'game = { kind = "matrix-dilemma", greed = 1 }': "game: fear must be given",
    LEARNERS + 'game = { name = "matching-pennies", greed = 1 }': "game.greed must be of a dilemma by greed and fear",
    LEARNERS + '[game]\nname = "chicken"\nbound = 2': "unknown key game.bound = 2; known: name",
    LEARNERS + '[game]\nname = "chicken"\nruns = 2': "unknown key game.runs = 2; it is a key of the file "
    "as a whole, which stands above the first [table]",
    LEARNERS + 'game.payoffs = [[1, true], [2, 3]]': "game.payoffs must be lists of numbers, players "
    "first, got True",
    LEARNERS + 'game.payoffs = [[1, 2], [3]]': "game.payoffs must be a rectangular array of numbers",
    LEARNERS + 'game.file = "none.nfg"': "game.file must exist, got 'none.nfg', which is looked for at '",
    LEARNERS + 'game.file = "/dev/zero"': "game.file must be the path of a .nfg file, got '/dev/zero'",
    LEARNERS + 'learners = "policy-gradent"': "learners: unknown learners 'policy-gradent'; nearest: "
    "policy-gradient",
    LEARNERS + 'learners = { name = "policy-gradient", rate = 1 }': "learners: unknown tunable of "
    "policy-gradient 'rate'",
    LEARNERS + 'learners = "os.system"': "unknown learners 'os.system'",
    LEARNERS + 'budget = "limited"': "budget_limit must be a positive number with the budget 'limited'",
    DUELS + 'first = "fixd-level"': "first: unknown kind of player 'fixd-level'; nearest: fixed-level",
    DUELS + 'first = { kind = "fixed-level", cooperation = 2 }': "first.cooperation must lie in [0, 1], got 2",
    DUELS + 'first = { kind = "fixed-level", coperation = 1 }': "unknown key first.coperation = 1; nearest: "
    "cooperation",
    DUELS + 'first = { kind = "literal-mirror", form = "som" }': "first.form must be one of sum,",
    AGENTS + 'rules = { lerner = 1 }': "rules: unknown rule 'lerner'; nearest: learner",
    AGENTS + 'graph = { kind = "rng" }': "graph: unknown kind of network 'rng'",
    AGENTS + 'graph = { edges = [[0, 1], [2, 3]] }': "graph.edges must be connected, got 2 components",
    DUELS + 'conditions = []': "conditions must have at least 1 entries, got []",
    DUELS + '[[conditions]]\nnoise = 0.1': "conditions[0].name must be given",
    DUELS + '[[conditions]]\nname = "a"\n[[conditions]]\nname = "a"': "must differ in what it is called, got 'a' "
    "twice",
    DUELS + '[[conditions]]\nname = "a"\nnoise = 2': "condition 'a': noise must lie in [0, 1], got 2",
    DUELS + 'noise = 2\n[[conditions]]\nname = "a"': "my.toml: noise must lie in [0, 1], got 2",
    DUELS + 'vary.noise = 1': "vary.noise must be a list of at least one value, got 1",
    DUELS + 'vary.noise = [0.1, 2]': "condition 'noise=2': noise must lie in [0, 1], got 2",
    DUELS + 'vary.nose = [0.1]': "unknown key nose = 0.1; nearest: noise",
    DUELS + 'vary.noise = [' + "0.1," * 1001 + "]": "at most 1000 combinations, got 1001",
    "world = ": "must be written in TOML: Invalid value (at end of document)",
    "x = 1\nx = 2": "must be written in TOML: Cannot overwrite a value (at",
    DUELS + "noise = 3%": "column 10), got 'noise = 3%'",
    DUELS + 'first = { kind = "grim", forgive = .1 }': "column 36), got 'first = { kind",
    DUELS + '[conditions]\nname = "a"\n[conditions]\nname = "b"': "got '[conditions]'; each condition "
    "begins with [[conditions]]",
    DUELS + '[conditions]\nname = "a"': "conditions must be a list of tables, each begun with [[conditions]], "
    "got {'name': 'a'}",
    "x = " + "[" * 3000: "must be nested at most 70 deep",
    "x = " + "[" * 80 + "]" * 80: "must be nested at most 70 deep",
    "x = " + "9" * 5000: "must be written in TOML: Exceeds the limit",
    "#" * (2**20 + 1): "must hold at most 1048576 bytes, got 1048577",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[:60]))
def test_what_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"my\.toml") as refused:
        read(text, tmp_path)
    assert WRONG[text] in str(refused.value)


def test_settings_are_as_if_the_file_said_so(tmp_path: Path) -> None:
    document = {
        "world": "duels",
        "vary": {"noise": [0.0]},
        "conditions": [{"name": "a", "second": {"credit": 2}}],
    }
    found = with_texts(document, ["rounds=20", "first.kind=grim", "start=[0, 1]", "burn_in = none"])
    assert found == document | {"rounds": 20, "first": {"kind": "grim"}, "start": [0, 1], "burn_in": "none"}
    for text, told in {
        "rounds": "a setting must be written path=value, got 'rounds'",
        "noise=1": "noise is what the file varies",
        "second.credit=1": "second.credit is what the file varies",
    }.items():
        with pytest.raises(ValueError, match=r"a setting|what the file") as refused:
            with_texts(document, [text])
        assert told in str(refused.value)
    assert with_texts({}, ["a=1\nb = 2"]) == {"a": "1\nb = 2"}, "one value, whatever it holds"
    assert math.isinf(with_texts({}, ["a=inf"])["a"])
