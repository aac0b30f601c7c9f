"""A file to begin with: all that can be set of a world, each with its default and meaning behind a `#`."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scenarios.experiments.listing import settings_of_world
from scenarios.experiments.tables import ANY_PLAYER, kind_of_player, rule_names
from scenarios.frame.settings import Setting
from simulation import strategy_names, world_names
from simulation.population.rules.catalogue import AGENTS_CALLED
from simulation.worlds.catalogue import world_summary
from theory.checks import known_name

WIDTH = 100

# What is varied in the file to begin with.
_VARIED: Mapping[str, str] = MappingProxyType(
    {
        "mechanism-design": """[[conditions]]
name = "without planner"
planner_episodes = 0

[[conditions]]
name = "with planner"

[[conditions]]
name = "turned off"
planner_episodes = 2000
""",
        "finite-game": """[[conditions]]
name = "without planner"
planner_episodes = 0

[[conditions]]
name = "with planner"
""",
        "many-players": """[vary]
n_players = [10, 100]
""",
        "population": """[[conditions]]
name = "learners"

[[conditions]]
name = "learners among mirrors"
rules = { learner = 0.5, mirror = 0.5 }
""",
        "duels": """[[conditions]]
name = "against its like"

[[conditions]]
name = "against a defector"
second = { kind = "fixed-level", cooperation = 0.0 }
""",
        "handover": """[[conditions]]
name = "never a planner"
planner.planner_episodes = 0

[[conditions]]
name = "handed over"
""",
        "matches": """[vary]
second = ["always-defect", "tit-for-tat", "win-stay-lose-shift"]
noise = [0.0, 0.05]
""",
    }
)
_VARIED_OTHERWISE = """[vary]
noise = [0.0, 0.05]
"""

_ON_VARYING = (
    "What is varied: named conditions, each with what is different in it, or in a table [vary] lists of values, of "
    "which every combination is played."
)

_GAME = (
    'Or file = "my.nfg", or payoffs = [[[3, 0], [4, 1]], [[3, 4], [0, 1]]] (players first), or greed = 1.0 and '
    'fear = 1.0 (also reward, punishment), or kind = "graded-donation-game", "graded-public-good" or '
    '"linear-dilemma" with its numbers. `commonweal list` names the games.'
)


def text_of_new_file(of: str) -> str:
    """Return the text of a file of a world, which plays it as it usually is."""
    known_name("world", of, world_names())
    settings = settings_of_world(of)
    tables: dict[str, list[Setting]] = {}
    plain = []
    for setting in settings:
        table, _, _ = setting.path.rpartition(".")
        if table:
            tables.setdefault(table, []).append(setting)
        elif isinstance(setting.value, dict):
            tables.setdefault(setting.path, []).append(setting)
        else:
            plain.append(setting)
    pieces = [_heading(of), *(_line(setting) for setting in plain)]
    pieces += [_table(path, held) for path, held in tables.items()]
    pieces.append(_comment(_ON_VARYING) + _VARIED.get(of, _VARIED_OTHERWISE))
    return "\n".join(pieces)


def write_new_file(path: Path, of: str, *, force: bool = False) -> None:
    """Write a file of a world; ValueError if there is one already, unless it is to be replaced."""
    text = text_of_new_file(of)
    if path.suffix != ".toml":
        raise ValueError(f"an experiment's file must end in .toml, got {str(path)!r}")
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(f"{path} is there already: --force writes it anew") from None
    except OSError as error:
        raise ValueError(f"{path} must be writable: {error.strerror}") from error


def _heading(of: str) -> str:
    others = ", ".join(name for name in world_names() if name != of)
    return (
        "# An experiment. `commonweal run FILE` plays it; `commonweal list FILE` shows what can be set.\n"
        "# What stands behind a # is what holds if nothing is said. Paths begin at this file's folder.\n\n"
        'title = "What is asked, in one line"\n'
        f"\n{_comment(f'{world_summary(of)}. Other worlds: {others}.')}"
        f'world = "{of}"\n'
        "\n# Independent runs of each condition; the same seed gives the same runs.\n"
        "runs = 10\nseed = 0\n"
        '\n# What is kept of each run: the "summary" at its end, "all" steps, or every k-th, such as 10.\n'
        'record = "summary"\n'
    )


def _line(setting: Setting) -> str:
    key = setting.path.rpartition(".")[2]
    return f"{_comment(_meaning(setting))}# {key} = {toml(setting.value)}\n"


def _meaning(setting: Setting) -> str:
    text = setting.meaning
    if setting.path.endswith("learners") and "LearningRule" in setting.kind:
        rules = ", ".join(rule_names())
        text += f' Rules: {rules}; with a tunable: {{ name = "policy-gradient", learning_rate = 0.05 }}.'
    if setting.kind.startswith("Strategy"):
        names = ", ".join(strategy_names())
        text += f" Names: {names}; or a memory-one strategy, {{ first = 1.0, after = [1.0, 0.0, 1.0, 0.0] }}."
    if setting.path == "rules":
        text += f" Rules: {', '.join((*AGENTS_CALLED, *rule_names()))}."
    return text.replace("None", '"none"')


def _table(path: str, held: Sequence[Setting]) -> str:
    if len(held) == 1 and held[0].path == path:
        value: dict[str, Any] = held[0].value
        shown = {key: toml(one) for key, one in value.items() if len(toml(one)) < WIDTH}
        # What cannot be shown whole is left as it is: nothing is said then.
        mark = "" if len(shown) == len(value) else "# "
        lines = [f"{mark}{key} = {text}" for key, text in shown.items()]
        return _comment(_about(held[0])) + "\n".join([f"[{path}]", *lines]) + "\n"
    return f"[{path}]\n" + "\n".join(_inner(setting) for setting in held)


def _inner(setting: Setting) -> str:
    if isinstance(setting.value, dict):
        return f"{_comment(_about(setting))}# {setting.path.rpartition('.')[2]} = {toml(setting.value)}\n"
    return _line(setting)


def _about(setting: Setting) -> str:
    if (
        "name" in setting.value
        or "payoffs" in setting.value
        or str(setting.value.get("kind")).startswith("graded")
    ):
        return f"{setting.meaning} {_GAME}".strip()
    if "kind" in setting.value:
        kinds = ", ".join(map(kind_of_player, ANY_PLAYER))
        tuned = "what each is tuned by is written beside its kind, and told where a key is unknown"
        return f"{setting.meaning} Kinds: {kinds}; {tuned}.".strip()
    return _meaning(setting)


def _comment(text: str) -> str:
    if not text:
        return ""
    return (
        "\n".join(
            f"# {line}"
            for line in textwrap.wrap(text, WIDTH - 2, break_on_hyphens=False, break_long_words=False)
        )
        + "\n"
    )


def toml(value: Any) -> str:
    """Return a value as TOML writes it, tables in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(toml(one) for one in value)}]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)
