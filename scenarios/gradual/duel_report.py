"""Tables, words and pictures of `gradual-tft-duels`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.ensembles import ENSEMBLES
from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report
from scenarios.frame.verdicts import counted_labels
from scenarios.gradual.duel_cast import (
    CHICKENS,
    COMPARED,
    CONTRITE,
    DEFECTOR,
    GAMES,
    GRADED,
    GRADUAL,
    OPPONENTS,
    RULES,
    WIN_STAY,
)
from scenarios.gradual.duel_play import RECOVERY, SLIP_ROUND, Errors, paired_difference, pooled

Cells = Sequence[dict[str, Any]]
Data = Mapping[tuple[str, ...], xr.Dataset]
"""Of the cells that are done: by part, game and player."""

KEYS = {
    "part": "what was measured: `self-play`; `against` all opponents; `one-slip` of two who cooperate; with a "
    "`defector`; `ensemble`, self-play in random games; `ensemble-against`",
    "start": "the actions that both are taken to have played before the first round",
    "misreading": "probability that a player takes the other's action for another one",
    "index": "of the first player, mean over runs of (payoff - security level) / (payoff of mutual cooperation - "
    "security level); `partner_index`: the other's",
    "partner_index": "see `index`",
    "cooperation": "share of rounds in which both cooperate fully",
    "loss_below_security": "how far the payoff is below the security level, in payoff ranges a round; "
    "`largest_loss`: of the worst run",
    "largest_loss": "see `loss_below_security`",
    "received": "harm received, in full harms (`theory.ledger_tables`), summed over rounds and runs; "
    "`given`: harm done",
    "given": "see `received`",
    "rounds": "of a duel",
    "recovered": "share of runs in which one slip in round 100 is over, for good, 20 rounds later",
}  # fmt: skip

# What the targets say; they were fixed before the games of the ensembles were drawn.
LEAST_INDEX = {"slips 0": 0.98, "slips 0.005": 0.96}
MOST_LOSS = 0.01
MOST_RETURNED, ONE_FULL_HARM = 1.1, 1.0

SHORT = {
    "tit-for-tat": "TFT",
    "firm-but-fair": "firm",
    "consequentialist": "conseq.",
    "literal-mirror": "literal",
}


def reported(cells: Cells, verdicts: Cells, data: Data) -> Report:
    """Return tables, finding and pictures of what is done."""
    shown = [_of_pair(cell) for cell in cells]
    targets = target_rows(shown, data)
    tables = [
        beside_table(shown),
        Table("Targets of the gradual rule", ("target", "measured", "reached"), targets),
        self_play_table(shown),
        *ensemble_tables(data),
        difference_table(data),
        against_table(cells),
        ensemble_against_table(data),
        harm_table(cells),
        verdict_table(verdicts),
    ]
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=finding(shown, targets),
        tables=[table for table in tables if table.rows],
        make_pictures=partial(_pictures, shown, data),
    )


def _of_pair(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell; of those with themselves the index is the mean of both."""
    if cell["part"] != "self-play":
        return cell
    return cell | {"index": (cell["index"] + cell["partner_index"]) / 2.0}


def errors_of(cell: Mapping[str, Any]) -> str:
    """Return with what errors a cell was played, in words."""
    return str(Errors(cell["noise"], cell["misreading"]))


def _chosen(cells: Iterable[dict[str, Any]], **wanted: object) -> list[dict[str, Any]]:
    """Return the cells that have these values; a tuple stands for any of its values."""
    return [
        cell
        for cell in cells
        if all(
            (cell.get(key) in value) if isinstance(value, tuple) else cell.get(key) == value
            for key, value in wanted.items()
        )
    ]


def _mean(values: Sequence[float], written: str = "z.3f") -> str:
    return format(float(np.mean(values)), written) if len(values) else "–"


def _lowest(cells: Cells) -> list[float]:
    """Return of each game and kind of errors the lowest index over the starts."""
    found: dict[tuple[str, str], float] = {}
    for cell in cells:
        key = cell["game"], errors_of(cell)
        found[key] = min(cell["index"], found.get(key, np.inf))
    return list(found.values())


# What is shown of the rule beside contrite Tit-for-Tat, by which cells and key, and what the rule has for it.
MATRIX_GAMES = tuple(game for game in GAMES if game != GRADED)
BESIDE: tuple[tuple[str, dict[str, object], str, str], ...] = (
    ("2x2 games, with itself, no errors",
     {"part": "self-play", "noise": 0.0, "misreading": 0.0, "game": MATRIX_GAMES},
     "index", "nothing: it is close to contrite Tit-for-Tat"),
    ("2x2 games, with itself, slips .01", {"part": "self-play", "noise": 0.01, "game": MATRIX_GAMES},
     "index", "nothing: it is close to contrite Tit-for-Tat"),
    ("2x2 games, with Tit-for-Tat, slips .01",
     {"part": "against", "noise": 0.01, "game": MATRIX_GAMES, "opponent": "tit-for-tat"},
     "index", "one full harm of credit: the first harm is not returned"),
    ("2x2 games, with itself, misreading .01", {"part": "self-play", "misreading": 0.01, "game": MATRIX_GAMES},
     "index", "credit, and offers of peace where both think the other owes"),
    ("Chickens, loss a round to a defector", {"part": "defector", "game": CHICKENS},
     "loss_below_security", "an account: losses are bounded, whoever plays"),
    ("donation in degrees, with itself, slips .05", {"part": "self-play", "noise": 0.05, "game": GRADED},
     "index", "degrees, in units of value: a small harm is returned by a small one"),
)  # fmt: skip


def beside_table(cells: Cells) -> Table:
    """Return what the gradual rule has in common with contrite Tit-for-Tat, and what it adds."""
    rows = []
    for what, wanted, key, added in BESIDE:
        entries = []
        for player in (GRADUAL, *COMPARED):
            here = _chosen(cells, player=player, **wanted)
            values = (
                _lowest(here) if key == "index" and wanted["part"] == "self-play" else [c[key] for c in here]
            )
            entries.append(_mean(values))
        if any(entry != "–" for entry in entries):
            rows.append((what, *entries, added))
    return Table(
        "In 2x2 games the gradual rule is close to contrite Tit-for-Tat. What it adds",
        ("measured", GRADUAL, CONTRITE, WIN_STAY, "what the gradual rule adds"),
        rows,
        "Indices: (payoff - security level) / (payoff of mutual cooperation - security level), means over "
        "games of the mean over runs; with itself of the start (CC, DD or CD) in which it is lowest. Loss: in payoff "
        "ranges.",
    )


def target_rows(cells: Cells, data: Data) -> list[tuple[str, str, str]]:
    """Return the targets of the gradual rule, what was measured, and whether they are reached."""
    rows = []
    own = _chosen(cells, player=GRADUAL)
    for errors, least in LEAST_INDEX.items():
        here = [c for c in _chosen(own, part="self-play", game=MATRIX_GAMES) if errors_of(c) == errors]
        if here:
            worst = min(here, key=lambda cell: cell["index"])
            rows.append(
                _row(
                    f"with itself, {errors}, any start, every 2x2 game: index at least {least:g}",
                    f"{worst['index']:.4f} ({worst['game']}, {worst['start']}) is the lowest of {len(here)}",
                    worst["index"] >= least,
                )
            )
    rows += _ensemble_targets(data)
    rows += _harm_targets(_chosen(own, part="against"))
    lost = [c for c in _chosen(own, part="defector") if c["game"] not in CHICKENS]
    if lost:
        worst = max(lost, key=lambda cell: cell["loss_below_security"])
        rows.append(
            _row(
                f"loss to a defector at most {MOST_LOSS:.0%} of the range a round, but in Chicken",
                f"{worst['loss_below_security']:.3%} ({worst['game']}) is the largest",
                worst["loss_below_security"] <= MOST_LOSS,
            )
        )
    back = _chosen(own, part="one-slip")
    if back:
        worst = min(back, key=lambda cell: cell["recovered"])
        rows.append(
            _row(
                f"one slip in round {SLIP_ROUND}: full cooperation again within {RECOVERY} rounds, all runs",
                f"{worst['recovered']:.0%} of {worst['runs']} runs in the worst game",
                worst["recovered"] == 1.0,
            )
        )
    return rows


def _row(target: str, found: str, reached: bool) -> tuple[str, str, str]:
    return target, found, "yes" if reached else "NO"


def _harm_targets(cells: Cells) -> list[tuple[str, str, str]]:
    """Return whether harm given is in proportion: as it was played, and without one's own slips."""
    rows = []
    for what, here, without_slips in (
        ("", cells, False),
        (", own slips aside, where nothing is misread", _chosen(cells, misreading=0.0), True),
    ):
        excess = [(_excess(cell, without_slips=without_slips), cell) for cell in here]
        if excess:
            most, cell = max(excess, key=lambda pair: pair[0])
            kept = sum(each <= ONE_FULL_HARM for each, _ in excess)
            rows.append(
                _row(
                    f"harm given at most {MOST_RETURNED:g} times harm received and one full harm a run, each "
                    f"opponent{what}",
                    f"{kept} of {len(excess)}; the worst is {most:.1f} beyond {MOST_RETURNED:g} times "
                    f"({cell['game']}, {cell['opponent']}, {errors_of(cell)})",
                    kept == len(excess),
                )
            )
    return rows


def _excess(cell: Mapping[str, Any], *, without_slips: bool = False) -> float:
    """Return harm given beyond 1.1 times what was received, a run, in full harms; a slip is one at most."""
    beyond = (cell["given"] - MOST_RETURNED * cell["received"]) / cell["runs"]
    return float(beyond - (cell["noise"] * cell["rounds"] if without_slips else 0.0))


def _drawn(data: Data, part: str, player: str) -> dict[str, xr.Dataset]:
    """Return what a player got in each ensemble."""
    return {game: found for (of, game, who), found in data.items() if (of, who) == (part, player)}


def _differences(data: Data, rival: str) -> list[tuple[str, str, str, tuple[float, float, float]]]:
    """Return of each ensemble, errors and start the paired difference of pooled shares, gradual less rival."""
    own, others = _drawn(data, "ensemble", GRADUAL), _drawn(data, "ensemble", rival)
    return [
        (game, str(errors), str(start), paired_difference(first, second, own[game]["game_payoffs"].values))
        for game in own
        if game in others
        for errors in own[game]["errors"].values
        for start in own[game]["start"].values
        for first, second in [
            [of[game]["payoff"].sel(errors=errors, start=start).mean("run").values for of in (own, others)]
        ]
    ]


def _ensemble_targets(data: Data) -> list[tuple[str, str, str]]:
    rows = []
    for kind in ENSEMBLES:
        found = [entry for entry in _differences(data, CONTRITE) if entry[0].startswith(kind)]
        if not found:
            continue
        worse = [entry for entry in found if entry[3][2] < 0.0]
        better = [entry for entry in found if entry[3][1] > 0.0]
        game, errors, start, (difference, low, high) = min(found, key=lambda entry: entry[3][0])
        rows.append(
            _row(
                f"random {kind}, with itself: no worse than contrite Tit-for-Tat",
                f"clearly worse in {len(worse)} of {len(found)}, clearly better in {len(better)}; lowest "
                f"{difference:+.4f} "
                f"[{low:+.4f}, {high:+.4f}] ({game}, {errors}, {start})",
                not worse,
            )
        )  # fmt: skip
    return rows


def _heads(players: Iterable[str]) -> list[str]:
    return [SHORT.get(player, player) for player in players]


def _players_of(cells: Cells) -> list[str]:
    here = {cell["player"] for cell in cells}
    return [player for player in RULES if player in here]


def _by_game_and_errors(cells: Cells, values_of: Callable[[Cells], Sequence[float]]) -> list[tuple[str, ...]]:
    """Return for each game and error the mean of each player's values."""
    players, rows = _players_of(cells), []
    for game in dict.fromkeys(cell["game"] for cell in cells):
        of_game = _chosen(cells, game=game)
        for errors in dict.fromkeys(errors_of(cell) for cell in of_game):
            of_errors = [cell for cell in of_game if errors_of(cell) == errors]
            entries = (_mean(values_of(_chosen(of_errors, player=player))) for player in players)
            rows.append((game, errors, *entries))
    return rows


def self_play_table(cells: Cells) -> Table:
    """Return how each rule fares with itself, from the start in which it fares worst."""
    here = _chosen(cells, part="self-play")
    return Table(
        "With itself: lowest of the mean indices from the starts CC, DD and CD",
        ("game", "errors", *_heads(_players_of(here))),
        _by_game_and_errors(here, _lowest),
        "Means of both players. Slips: each action is swapped with this probability. Misreading: each player takes "
        "the other's action for another one with this probability; win-stay lose-shift and the consequentialist go "
        "by their true payoffs.",
    )


def ensemble_tables(data: Data) -> list[Table]:
    """Return how all rules fare with themselves in random games, from the start in which they fare worst."""
    shares, shortfalls = [], []
    drawn = {player: _drawn(data, "ensemble", player) for player in RULES}
    players = [player for player, found in drawn.items() if found]
    for kind in ENSEMBLES:
        of_kind = {
            player: [found for game, found in drawn[player].items() if game.startswith(kind)]
            for player in players
        }
        first = next((found for every_seed in of_kind.values() for found in every_seed), None)
        for errors in () if first is None else first["errors"].values:
            found = [_pooled_over_seeds(of_kind[player], str(errors)) for player in players]
            shares.append((kind, str(errors), *(share for share, _ in found)))
            shortfalls.append((kind, str(errors), *(short for _, short in found)))
    heads = ("games", "errors", *_heads(players))
    return [
        Table(
            "Random games, with itself: pooled share, from the worst start",
            heads,
            shares,
            "Share: sum(payoff - d) / sum(R - d) over the games of all seeds, d the security level.",
        ),
        Table(
            "Random games, with itself: median shortfall, from the worst start",
            heads,
            shortfalls,
            "Shortfall: median over the games of (R - payoff) / payoff range.",
        ),
    ]


def _pooled_over_seeds(every_seed: Sequence[xr.Dataset], errors: str) -> tuple[str, str]:
    """Return pooled share and median shortfall over the games of all seeds, each from its worst start."""
    if not every_seed:
        return "–", "–"
    payoff = np.concatenate(
        [found["payoff"].sel(errors=errors).mean("run").values for found in every_seed], axis=1
    )
    games = np.concatenate([found["game_payoffs"].values for found in every_seed])
    found = [pooled(of_start, games) for of_start in payoff]
    return f"{min(share for share, _ in found):z.3f}", f"{max(short for _, short in found):z.3f}"


def difference_table(data: Data) -> Table:
    """Return how the gradual rule fares with itself in random games beside rivals, game by game."""
    rows = []
    for game, found in _drawn(data, "ensemble", GRADUAL).items():
        games = found["game_payoffs"].values
        for errors in found["errors"].values:
            of_starts = found["payoff"].sel(errors=errors).mean("run").values
            shares = [pooled(payoff, games)[0] for payoff in of_starts]
            entries = (_difference_over_starts(data, game, str(errors), rival) for rival in COMPARED)
            rows.append(
                (game, str(errors), f"{min(shares):.3f}", f"{max(shares) - min(shares):.3f}", *entries)
            )
    return Table(
        "Random games, with itself: gradual less rival, pooled shares of the same games, 95% intervals",
        ("games", "errors", "gradual", "start matters", *(f"less {rival}" for rival in COMPARED)),
        rows,
        "The mean over the three starts; gradual: from the worst of them. Start matters: by how much.",
    )


def _difference_over_starts(data: Data, game: str, errors: str, rival: str) -> str:
    """Return the paired difference of payoffs that are means over starts."""
    found = [data.get(("ensemble", game, player)) for player in (GRADUAL, rival)]
    if found[0] is None or found[1] is None:
        return "–"
    one, two = (
        of["payoff"].sel(errors=errors).mean(("start", "run")).values for of in found if of is not None
    )
    return _interval(paired_difference(one, two, found[0]["game_payoffs"].values))


def _interval(found: tuple[float, float, float]) -> str:
    difference, low, high = found
    return f"{difference:+.4f} [{low:+.4f}, {high:+.4f}]"


def against_table(cells: Cells) -> Table:
    """Return each rule's mean index over all opponents."""
    here = _chosen(cells, part="against")
    return Table(
        f"Against all {len(OPPONENTS)} opponents, from CC: own index, mean over opponents",
        ("game", "errors", *_heads(_players_of(here))),
        _by_game_and_errors(here, lambda cells: [cell["index"] for cell in cells]),
        "Opponents: these rules, each among them, an unconditional cooperator and an unconditional defector.",
    )


def ensemble_against_table(data: Data) -> Table:
    """Return paired differences of what the gradual rule and its rivals get from all opponents in random games."""
    rows = []
    own = _drawn(data, "ensemble-against", GRADUAL)
    for game, found in own.items():
        games = found["game_payoffs"].values
        for errors in found["errors"].values:
            mine = found["payoff"].sel(errors=errors).mean("opponent").values
            entries = []
            for rival in COMPARED:
                other = data.get(("ensemble-against", game, rival))
                theirs = None if other is None else other["payoff"].sel(errors=errors).mean("opponent").values
                entries.append("–" if theirs is None else _interval(paired_difference(mine, theirs, games)))
            rows.append((game, str(errors), f"{pooled(mine, games)[0]:.3f}", *entries))
    return Table(
        f"Random games, against all {len(OPPONENTS)} opponents: pooled share, gradual less rival, 95% intervals",
        ("games", "errors", "gradual", *(f"less {rival}" for rival in COMPARED)),
        rows,
    )


def harm_table(cells: Cells) -> Table:
    """Return harm given over harm received by the gradual rule, by opponent, and the worst beyond 1.1 times."""
    here = _chosen(cells, part="against", player=GRADUAL)
    names = list(dict.fromkeys(errors_of(cell) for cell in here))
    rows = []
    for opponent in dict.fromkeys(cell["opponent"] for cell in here):
        entries = []
        for errors in names:
            of_errors = [c for c in _chosen(here, opponent=opponent) if errors_of(c) == errors]
            received, given = (sum(c[key] for c in of_errors) for key in ("received", "given"))
            worst = max((_excess(cell) for cell in of_errors), default=np.nan)
            ratio = f"{given / received:.2f}" if received > 0.0 else ("–" if given == 0.0 else "∞")
            entries.append(f"{ratio} ({worst:+.1f})")
        rows.append((opponent, *entries))
    return Table(
        "Harm given by the gradual rule over harm received, all named games together, by opponent",
        ("opponent", *names),
        rows,
        "In brackets, of the game where it is most: harm given beyond 1.1 times harm received, in full harms a run; "
        "the target is at most 1. Own slips are harm given.",
    )


def verdict_table(verdicts: Cells) -> Table:
    """Return the verdicts on the gradual rule with itself, each run by itself, all starts together."""
    rows = []
    here = _chosen(verdicts, player=GRADUAL, part=("self-play", "ensemble"))
    by_place: dict[tuple[str, str], Counter[str]] = {}
    for verdict in here:
        game = verdict["game"].split()[0] if verdict["part"] == "ensemble" else verdict["game"]
        by_place.setdefault((game, errors_of(verdict)), Counter()).update(verdict["labels"])
    for (game, errors), labels in by_place.items():
        rows.append((game, errors, counted_labels(dict(labels.most_common()))))
    return Table(
        "Verdicts on the gradual rule with itself, from all starts",
        ("game", "errors", "runs × label"),
        rows,
        "Each run by its players' frequencies of actions, in the original game, with a tolerance of .02. Mutual "
        "cooperation in a dilemma is no equilibrium of the game played once: what sustains it is the rule.",
    )


def finding(cells: Cells, targets: Sequence[tuple[str, str, str]]) -> str:
    """Say how many targets are reached, how close the rule is to contrite Tit-for-Tat, and which rule fares best."""
    sentences = []
    if targets:
        missed = [target for target, _, reached in targets if reached == "NO"]
        sentences.append(f"{len(targets) - len(missed)} of {len(targets)} targets are reached.")
        sentences += [f"Not reached: {'; '.join(missed)}."] if missed else []
    gaps = []
    for cell in _chosen(cells, part="self-play", player=GRADUAL, game=MATRIX_GAMES, misreading=0.0):
        rival = _chosen(
            cells,
            player=CONTRITE,
            **{key: cell[key] for key in ("part", "game", "start", "noise", "misreading")},
        )
        gaps += [cell["index"] - other["index"] for other in rival]
    if gaps:
        sentences.append(
            f"With itself in 2x2 games and with slips alone, the gradual rule's index is that of contrite "
            f"Tit-for-Tat {np.median(gaps):+.3f} in the median, from {min(gaps):+.3f} to {max(gaps):+.3f}."
        )
    worst = {
        player: min(found)
        for player in _players_of(cells)
        if (found := [c["index"] for c in _chosen(cells, part="self-play", player=player)])
    }
    if worst:
        best = max(worst, key=worst.__getitem__)
        sentences.append(
            f"The highest of the rules' lowest indices with themselves, over all games, starts and errors, is "
            f"that of {best}, {worst[best]:.3f}"
            + (
                f"; that of the gradual rule is {worst[GRADUAL]:.3f}."
                if GRADUAL in worst and best != GRADUAL
                else "."
            )
        )
    lost = {c["game"]: c["loss_below_security"] for c in _chosen(cells, part=DEFECTOR, player=GRADUAL)}
    if lost:
        words = ", ".join(f"{game} {loss:.2%}" for game, loss in lost.items() if game in CHICKENS)
        sentences += [f"What it loses to a defector in Chicken, a round: {words}."] if words else []
    return " ".join(sentences)


def _pictures(cells: Cells, data: Data) -> list[Picture]:
    from scenarios.pictures.duels import draw_ensembles, draw_self_play

    pictures = []
    here = _chosen(cells, part="self-play")
    if here:
        pictures.append(Picture("with-itself", partial(draw_self_play, here)))
    found = {rival: _differences(data, rival) for rival in COMPARED}
    if any(found.values()):
        pictures.append(Picture("random-games", partial(draw_ensembles, found)))
    return pictures
