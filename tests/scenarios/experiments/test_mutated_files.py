"""Whatever stands in an experiment's file: it is read whole, or refused by a rule, within two seconds."""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scenarios.experiments.listing import settings_of_world
from scenarios.experiments.new_file import text_of_new_file, toml
from scenarios.experiments.reading import KEYS, document_of, experiment_of
from scenarios.experiments.tables import ANY_PLAYER, kind_of_player, rule_names
from scenarios.registry import load_scenario
from simulation import world_names
from tests.mutation import CommandLine, as_bytes, check_line, mutated, no_longer_than, readings
from theory import named_game, named_games

SHORT = """title = "Does generosity help?"
world = "population"
runs = 3
record = 10
graph = { kind = "small-world", size = 20, degree = 4, rewiring = 0.2 }
rules = { learner = 0.25, mirror = 0.5, policy-gradient = 0.25 }
[game]
payoffs = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
actions = [["C", "D"], ["C", "D"]]
players = ["Ann", "Bob"]
[vary]
noise = [0.0, 0.1]
"game.title" = ["a", "b"]
[[conditions]]
name = "stingy"
epsilon = 0.0
[[conditions]]
name = "fifty agents"
graph.size = 50
""", """world = "duels"
first = { kind = "literal-mirror", form = "nash", other_forms = ["sum"], grid_points = 2, prior = [0.5, 0.5] }
second = { kind = "rule-learner", rule = { name = "policy-gradient", learning_rate = 0.1 } }
start = [0, 1]
game.file = "game.nfg"
""", """world = "finite-game"
learners = ["policy-gradient", "policy-gradient-ascent"]
game = { kind = "linear-dilemma", n_players = 2, greed = 1, fear = 1 }
vary.game = [{ name = "chicken" }, { greed = 1, fear = 2 }, "stag-hunt"]
"""  # fmt: skip


@cache
def texts() -> tuple[str, ...]:
    """Return short files, and for each world one that says all that can be said."""
    return SHORT + tuple(_all_said(name) for name in world_names())


def _all_said(name: str) -> str:
    lines = [f'world = "{name}"'] + [f"{one.path} = {toml(one.value)}" for one in settings_of_world(name)]
    new = text_of_new_file(name)
    return "\n".join(lines) + "\n" + new[new.index("# What is varied") :]


@cache
def words() -> tuple[str, ...]:
    """Return what a file may name."""
    paths = {key for name in world_names() for one in settings_of_world(name) for key in one.path.split(".")}
    kinds = (kind_of_player(player) for player in ANY_PLAYER)
    return (*sorted(paths), *KEYS, *kinds, *rule_names(), *world_names(), *named_games())


def drawn(rng: random.Random, number: int) -> Iterator[str]:
    return (mutated(rng.choice(texts()), rng, words()) for _ in range(number))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "game.nfg").write_text(named_game("chicken").to_nfg())
    return tmp_path / "my.toml"


def read(path: Path) -> None:
    """Read a file, and build the parameters of all its conditions."""
    scenario = load_scenario(str(path))
    parameters = scenario.Parameters()
    for cell in scenario.cells(parameters):
        scenario.build(parameters, cell)


def test_what_is_mutated_is_read_as_it_is(path: Path) -> None:
    for text in texts():
        path.write_text(text, encoding="utf-8")
        read(path)


def test_mutated_files_are_read_or_refused(path: Path) -> None:
    rng = random.Random(0)
    found = readings(drawn(rng, 200), path, read, rng)
    assert min(found["read"], found["refused"]) > 20


def test_what_is_told_of_mutated_files_is_one_line(commonweal: CommandLine, path: Path) -> None:
    rng = random.Random(1)
    told = 0
    for text in drawn(rng, 20):
        path.write_bytes(as_bytes(text, rng))
        with no_longer_than():
            code, _, err = commonweal("list", str(path), "--json")
        assert code in (0, 2), text
        if code == 2:
            check_line(err)
            told += 1
    assert told > 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_ten_thousand_mutated_files_are_read_or_refused(path: Path, seed: int) -> None:
    rng = random.Random(seed)
    assert readings(drawn(rng, 2500), path, read, rng).total() == 2500


FIVE_HUNDRED = str([k / 2500 for k in range(500)])


@pytest.mark.parametrize(
    "said",
    [
        'world = "population"\nrules = { learner = 0.5, policy-gradient = 0.5 }\n',
        'world = "duels"\ngame = { kind = "graded-donation-game", levels = 400 }\n',
    ],
)
def test_five_hundred_values_are_read_in_a_moment(path: Path, said: str) -> None:
    path.write_text(f"{said}vary.noise = {FIVE_HUNDRED}")
    with no_longer_than():
        assert len(experiment_of(document_of(path)[1], path).variants) == 500


def test_many_large_games_are_refused_in_a_moment(path: Path) -> None:
    path.write_text(f'world = "duels"\ngame.levels = 400\nvary.game.interaction = {FIVE_HUNDRED}')
    document = document_of(path)[1]
    with no_longer_than(), pytest.raises(ValueError, match="games of all conditions must have at most"):
        experiment_of(document, path)
