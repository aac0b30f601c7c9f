"""The ways in which the entries of Axelrod's first tournament can be read."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.matches.strategies.axelrod_1980 import (
    feld_rule,
    shubik_rule,
    stein_rapoport_rule,
    tullock_rule,
)
from simulation.matches.strategies.axelrod_1980_described import as_described, described_downing_rule
from simulation.matches.strategies.axelrod_1980_programs import downing_rule
from simulation.matches.strategies.base import Rule, Strategy, memory_one
from simulation.matches.strategies.short_memory import grofman, nydegger


@dataclass(frozen=True)
class Reading:
    """Another way of reading an entry.

    Attributes
    ----------
    entry
        Its name; the default reading is the catalogue's strategy of this name.
    default, other
        The two readings in a few words.
    strategy
        The entry as read otherwise.
    """

    entry: str
    default: str
    other: str
    strategy: Strategy


def _reading(entry: str, default: str, other: str, rule: Rule) -> Reading:
    return Reading(entry, default, other, Strategy(f"{entry} ({other})", rule))


def _always(chance: float) -> Rule:
    return memory_one(chance, (chance,) * 4).rule


def readings() -> tuple[Reading, ...]:
    """Return every reading but the defaults."""
    described = as_described()
    return (
        _reading("tideman-chieruzzi", "ended runs", "every run", described["tideman-chieruzzi"]),
        _reading("nydegger", "program", "paper, newest 16", described["nydegger"]),
        _reading("nydegger", "program", "paper, oldest 16", nydegger(printed_list=True, other_counts_double=True)),
        _reading("nydegger", "program", "paper's list alone", nydegger(printed_list=True)),
        _reading("grofman", "D after DD", "C after DD", described["grofman"]),
        _reading("grofman", "D after DD", "2/7 after DD", grofman(after_mutual_defection=2 / 7)),
        _reading("shubik", "D against own C", "any D", shubik_rule(any_defection=True)),
        _reading("stein-rapoport", "transitions", "counts", described["stein-rapoport"]),
        _reading("stein-rapoport", "transitions", "all D not random", stein_rapoport_rule(spares_defectors=True)),
        _reading("davis", "D from turn 10 on", "D on any turn", described["davis"]),
        _reading("graaskamp", "program", "paper", described["graaskamp"]),
        _reading("downing", "program", "paper, D D first", described["downing"]),
        _reading("downing", "program", "paper, .5 at first", described_downing_rule(assumed_answers=False)),
        _reading("downing", "program", "hexadecimal", downing_rule(hexadecimal=True)),
        _reading("feld", "linear", "geometric", feld_rule(geometric=True)),
        _reading("tullock", "ten points", "a tenth", tullock_rule(relative=True)),
        _reading("name-withheld", "35%", "always 30%", _always(0.3)),
        _reading("name-withheld", "35%", "30-70%, drawn", described["name-withheld"]),
        _reading("name-withheld", "35%", "always 70%", _always(0.7)),
    )  # fmt: skip
