"""`commonweal view`: what it lists, and what it refuses in one line."""

import socket
import sys
from collections.abc import Callable

import pytest

Call = Callable[..., tuple[int, str, str]]


def refused(answer: tuple[int, str, str]) -> str:
    code, out, err = answer
    assert (code, out) == (2, "")
    assert err.startswith("commonweal: ")
    assert err.count("\n") == 1
    return err


def test_without_a_name_it_says_which_worlds_have_a_page(commonweal: Call) -> None:
    code, out, err = commonweal("view")
    assert (code, err) == (0, "")
    names = [line.split()[0] for line in out.splitlines() if line[:2] == "  " and line[2] != " "]
    assert names == ["mechanism-design", "population", "duels", "groups", "literal-groups", "handover"]


def test_a_world_without_a_page_is_named_with_the_nearest(commonweal: Call) -> None:
    assert "unknown world with a page 'mechanism'; nearest: mechanism-design" in refused(
        commonweal("view", "mechanism")
    )
    assert "'tournament'" in refused(commonweal("view", "tournament"))


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--seed", "one"], "seed must be a whole number, got 'one'"),
        (["--seed", "-1"], "seed must be at least 0, got -1"),
        (["--port", "many"], "port must be a whole number, got 'many'"),
        (["--port", "70000"], "port must lie in [0, 65535], got 70000"),
        (["--set", "bound=-1"], "bound must be positive, got -1.0"),
        (["--set", "bond=1"], "unknown setting 'bond'; nearest: bound"),
    ],
)
def test_what_makes_no_sense_is_one_line(options: list[str], rule: str, commonweal: Call) -> None:
    assert rule in refused(commonweal("view", "mechanism-design", "--no-open", *options))


def test_a_taken_port_is_one_line(commonweal: Call) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = refused(commonweal("view", "duels", "--no-open", "--port", str(port)))
    assert f"port must be free on 127.0.0.1, got {port}" in answer


@pytest.mark.parametrize("missing", ["solara", "solara_assets"])
def test_a_missing_part_names_its_extra(
    missing: str, commonweal: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    answer = refused(commonweal("view", "duels", "--no-open", "--port", "0"))
    assert f"{missing} must be installed" in answer
    assert "pip install 'commonweal[view]'" in answer


def test_only_this_machine_is_listened_to() -> None:
    from scenarios.view.server import bound_socket

    with bound_socket(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
