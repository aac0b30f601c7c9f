"""Populations: CPU time of a step with its model reporters, and the memory of a million agents."""

import math
import resource
import subprocess
import sys
import time

import mesa
import pytest

from simulation import NetworkDescription, Population, PopulationParameters
from tests.simulation.learning.rules import boltzmann
from theory import named_game

TARGET = 5e-3
"""CPU seconds of a step of 100,000 agents, mean degree 4, recording of the model reporters included."""

MOST_MEMORY = 4 * 2**30
"""Bytes that a model of a million agents may take at its peak."""

MILLION = """
import math
from simulation import NetworkDescription, Population, PopulationParameters

graph = NetworkDescription(kind="ring", size=1_000_000)
model = Population(PopulationParameters(graph=graph, rules={"learner": 0.5, "imitator": 0.25, "mirror": 0.25}), rng=0)
for _ in range(3):
    model.step()
assert len(model.agents) == 1_000_001
# Not getrusage: its peak is that of the process that started this one, too.
print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) * 1024)
"""


def best_step(model: Population, steps: int) -> float:
    best = float("inf")
    for _ in range(steps):
        start = time.process_time()
        model.step()
        best = min(best, time.process_time() - start)
    return best


@pytest.fixture(scope="module")
def network():
    return NetworkDescription(kind="small-world", size=100_000, seed=0).build()


@pytest.mark.parametrize("rule", ["learner", "imitator", "mirror"])
def test_step_of_a_hundred_thousand_agents(benchmark, network, rule: str) -> None:
    # In Chicken cooperators and defectors stay side by side, so that imitators go on comparing.
    parameters = PopulationParameters(
        graph=network, game=named_game("chicken"), rules={rule: 1.0}, initial_cooperation=0.5, noise=0.01
    )
    model = Population(parameters, rng=0)
    model.step()
    benchmark.pedantic(model.step, rounds=50)
    seconds = best_step(model, 50)
    benchmark.extra_info["cpu_seconds"] = seconds
    assert seconds <= TARGET, f"{1e3 * seconds:.2f} ms"
    assert len(model.datacollector.model_vars["cooperation"]) == 102


def test_somebodys_rule_runs_at_half_the_speed_of_the_projects_own(benchmark, network) -> None:
    seconds = {}
    for rule in ("learner", boltzmann):
        parameters = PopulationParameters(
            graph=network, game=named_game("chicken"), rules={rule: 1.0}, noise=0.01
        )
        model = Population(parameters, rng=0)
        model.step()
        seconds[rule] = best_step(model, 50)
    benchmark.pedantic(model.step, rounds=5)
    benchmark.extra_info["cpu_seconds"] = seconds[boltzmann]
    assert seconds[boltzmann] <= 2 * seconds["learner"], f"{1e3 * seconds[boltzmann]:.2f} ms"


@pytest.mark.parametrize(
    ("rules", "options"),
    [
        ({"learner": 0.5, "imitator": 0.25, "mirror": 0.25}, {}),
        ({"learner": 0.5, "mirror": 0.5}, {"planner_steps": None, "budget_per_agent": 0.1}),
        ({"mirror": 1.0}, {"per_partner": True}),
    ],
    ids=["mixed", "planner", "per-partner"],
)
def test_step_of_other_populations(benchmark, network, rules, options) -> None:
    model = Population(PopulationParameters(graph=network, rules=rules, noise=0.01, **options), rng=0)
    model.step()
    benchmark.pedantic(model.step, rounds=50)
    benchmark.extra_info["cpu_seconds"] = best_step(model, 50)


def test_a_million_agents_fit(benchmark) -> None:
    def model() -> str:
        return subprocess.run(
            [sys.executable, "-c", MILLION], capture_output=True, text=True, check=True
        ).stdout

    peak = int(benchmark.pedantic(model, rounds=1))
    benchmark.extra_info["gibibytes"] = peak / 2**30
    assert peak <= MOST_MEMORY
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0


class ObjectLearner(mesa.Agent):
    """A learner as a Mesa object: the usual way to write the same model."""

    def __init__(self, model) -> None:
        super().__init__(model)
        self.theta, self.action, self.partners = -1.0, 0.0, []

    def act(self) -> None:
        self.chance = 1.0 / (1.0 + math.exp(-self.theta))
        self.action = 1.0 if self.model.random.random() < self.chance else 0.0

    def learn(self) -> None:
        share = sum(partner.action for partner in self.partners) / len(self.partners)
        payoff = 3.0 * share if self.action else 1.0 + 3.0 * share
        self.theta += 0.01 * (self.action - self.chance) * payoff


def test_beside_mesa_objects(benchmark, network) -> None:
    peer = mesa.Model(rng=0)
    agents = [ObjectLearner(peer) for _ in range(network.n_agents)]
    for k, agent in enumerate(agents):
        agent.partners = [agents[j] for j in network.of(k).tolist()]

    def peer_step() -> None:
        peer.agents.do("act")
        peer.agents.do("learn")

    benchmark.pedantic(peer_step, rounds=3, warmup_rounds=1)
    start = time.process_time()
    peer_step()
    theirs = time.process_time() - start
    model = Population(PopulationParameters(graph=network), rng=0)
    model.step()
    ours = best_step(model, 20)
    benchmark.extra_info["cpu_seconds"] = {"mesa objects": theirs, "commonweal": ours}
    assert ours < theirs / 20
