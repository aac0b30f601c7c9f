"""`commonweal new` writes a file of any world: as it is, it plays what the world usually is."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.experiments.listing import as_written, settings_of_world
from scenarios.experiments.new_file import text_of_new_file, toml
from scenarios.experiments.reading import adapter_of, document_of, experiment_of
from scenarios.registry import load_scenario
from simulation import world, world_names

CommandLine = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("name", world_names())
def test_a_new_file_is_played_as_the_world_usually_is(
    commonweal: CommandLine, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "new.toml"
    assert commonweal("new", str(path), "--world", name)[0] == 0
    _, document = document_of(path)
    assert load_scenario(str(path)).name == "new"
    assert len(experiment_of(document, path).variants) > 1
    said = {
        key: value
        for key, value in document.items()
        if key in {one.path.split(".")[0] for one in settings_of_world(name)}
    }
    read = adapter_of(name).validate_python(said, context={"folder": tmp_path})
    assert as_written(read) == as_written(world(name).Parameters())


@pytest.mark.parametrize("name", world_names())
def test_what_stands_behind_a_sign_can_be_said(tmp_path: Path, name: str) -> None:
    lines = text_of_new_file(name).splitlines()
    active = [
        line[2:] if line.startswith("# ") and " = " in line and _is_setting(line[2:]) else line
        for line in lines
    ]
    path = tmp_path / "new.toml"
    path.write_text("\n".join(active))
    _, document = document_of(path)
    paths = [setting.path for setting in settings_of_world(name) if "." not in setting.path]
    assert set(paths) <= document.keys(), "all that can be set is there"
    assert experiment_of(document, path).variants


def _is_setting(text: str) -> bool:
    key, _, value = text.partition(" = ")
    try:
        tomllib.loads(f"{key} = {value}")
    except ValueError:
        return False
    return True


def test_nothing_is_written_over_unless_told(commonweal: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    code, _, err = commonweal("new", str(path))
    assert (code, path.read_text()) == (2, "mine")
    assert "is there already: --force writes it anew" in err
    assert commonweal("new", str(path), "--force")[0] == 0
    assert path.read_text() != "mine"
    for arguments, told in {
        (str(tmp_path / "none" / "a.toml"),): "must be writable: No such file or directory",
        (str(tmp_path / "a.txt"),): "an experiment's file must end in .toml",
        (str(tmp_path / "a.toml"), "--world", "dules"): "unknown world 'dules'; nearest: duels",
    }.items():
        code, out, err = commonweal("new", *arguments)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert told in err


@pytest.mark.parametrize("value", [1, 1.5, 1e-9, True, 'a"\\\n\x1b', [1, ["x"]], {"a b": {"c": [1.0]}}])
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value
