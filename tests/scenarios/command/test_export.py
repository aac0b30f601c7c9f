"""Tables of tournaments: the Axelrod library's interactions file cell by cell, standings, pairs, errors."""

import csv
import sys
from pathlib import Path

import pytest

from scenarios.command.export import write_interactions, write_pairs, write_standings
from simulation.tournaments.classic import round_robin
from theory import named_game

# Written by Axelrod 4.14.0 for TitForTat, Alternator, Defector; turns=4, repetitions=2.
PEER = """\
0,0,0,0,Tit For Tat,Tit For Tat,CCCC,12,0,4,3.0,0.0,0,True,4,4,0,0,0,3,0,0,0,0,0,0,0,1
1,0,0,1,Tit For Tat,Tit For Tat,CCCC,12,0,4,3.0,0.0,0,True,4,4,0,0,0,3,0,0,0,0,0,0,0,1
2,0,1,0,Tit For Tat,Alternator,CCDC,8,-5,4,2.0,-1.25,0,True,3,1,2,1,0,1,0,0,1,1,0,0,0,1
2,1,0,0,Alternator,Tit For Tat,CDCD,13,5,4,3.25,1.25,1,True,2,1,1,2,0,0,1,0,1,1,0,0,0,0
4,0,2,0,Tit For Tat,Defector,CDDD,3,-5,4,0.75,-1.25,0,True,1,0,1,0,3,0,0,0,1,0,0,0,2,1
4,2,0,0,Defector,Tit For Tat,DDDD,8,5,4,2.0,1.25,1,False,0,0,0,1,3,0,0,0,0,0,1,0,2,0
"""
NAMES = {"Tit For Tat": "tit-for-tat", "Alternator": "alternator", "Defector": "always-defect"}


@pytest.fixture(scope="module")
def data():
    return round_robin(
        list(NAMES.values()),
        game=named_game("prisoners-dilemma-axelrod"),
        turns=4,
        repetitions=2,
        record_actions=True,
    )


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_interactions_are_those_of_the_axelrod_library(data, tmp_path: Path) -> None:
    header, *rows = read(write_interactions(data, tmp_path / "interactions.csv"))
    assert len(header) == 28
    assert header[:7] == ["Interaction index", "Player index", "Opponent index", "Repetition", "Player name",
                          "Opponent name", "Actions"]  # fmt: skip
    assert header[19:21] == ["CC to C count", "CC to D count"]
    assert len(rows) == 6 * 2 * 2
    for line in PEER.splitlines():
        expected = [NAMES.get(entry, entry) for entry in line.split(",")]
        assert expected in rows


def test_matches_that_ended_by_chance_are_cut_at_their_end(tmp_path: Path) -> None:
    data = round_robin(
        ["random", "grim"],
        game=named_game("prisoners-dilemma"),
        prob_end=0.2,
        repetitions=5,
        record_actions=True,
    )
    _, *rows = read(write_interactions(data, tmp_path / "interactions.csv"))
    lengths = {int(row[9]) for row in rows}
    assert len(lengths) > 2
    assert all(len(row[6]) == int(row[9]) == sum(map(int, row[15:19])) for row in rows)


def test_standings_come_best_first(data, tmp_path: Path) -> None:
    header, *rows = read(write_standings(data, tmp_path / "standings.csv"))
    assert header[0] == "strategy"
    assert {"score", "score_standard_error", "rank", "wins", "good_partner"} < set(header)
    scores = [float(row[header.index("score")]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == float(data["score"].max())


def test_pairs_that_met(data, tmp_path: Path) -> None:
    header, *rows = read(write_pairs(data, tmp_path / "pairs.csv"))
    assert len(rows) == 9
    row = dict(zip(header, next(r for r in rows if r[:2] == ["tit-for-tat", "always-defect"]), strict=True))
    assert float(row["payoffs"]) == 0.75
    assert [float(row[name]) for name in ("CC", "CD", "DC", "DD")] == [0, 0.25, 0, 0.75]
    alone = round_robin(list(NAMES.values()), game=named_game("chicken"), turns=4, self_play=False)
    assert len(read(write_pairs(alone, tmp_path / "pairs.csv"))) == 1 + 6
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.csv"]


def test_parquet(data, tmp_path: Path) -> None:
    import pandas

    frame = pandas.read_parquet(write_pairs(data, tmp_path / "pairs.parquet"))
    assert len(frame) == 9


def test_parquet_says_what_is_missing(data, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # importing it fails, as where it is not installed
    with pytest.raises(ValueError, match=r"is missing: install commonweal\[frames\]"):
        write_pairs(data, tmp_path / "pairs.parquet")
    assert list(tmp_path.iterdir()) == []


def test_bad_input(data, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must go to a .csv or .parquet file, got '.*pairs.xlsx'"):
        write_pairs(data, tmp_path / "pairs.xlsx")
    with pytest.raises(ValueError, match="interactions need recorded actions"):
        write_interactions(data.drop_vars("actions"), tmp_path / "x.csv")
