"""The command `commonweal`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="commonweal",
    add_completion=False,
    pretty_exceptions_enable=False,
)

GameArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="GAME",
        help="A name of the catalogue (see `commonweal list`), a .nfg file, or two matrices as JSON.",
    ),
]
DisagreementOption = Annotated[
    str, typer.Option(help="security, minimax, nash, defection, or payoffs as JSON.")
]
OutOption = Annotated[Path, typer.Option(help="The folder that results go to.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]

# The shell's exit code for a program ended by Ctrl-C.
_INTERRUPTED = 130


@app.callback(invoke_without_command=True)
def root(context: typer.Context) -> None:
    """Simulate learning agents in social dilemmas, and judge by game theory what came out."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """List the scenarios and the games of the catalogue."""
    from scenarios.registry import scenario_names, scenario_summary
    from theory import named_game, named_games

    scenarios = {name: scenario_summary(name) for name in scenario_names()}
    games = {name: named_game(name).title for name in named_games()}
    if as_json:
        _print_json({"scenarios": scenarios, "games": games})
        return
    for heading, entries in (("Scenarios (commonweal run NAME)", scenarios), ("Games", games)):
        typer.echo(heading)
        width = max(len(name) for name in entries)
        for name, summary in entries.items():
            typer.echo(f"  {name:<{width}}  {summary}")


@app.command("run")
def run_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A scenario (see `commonweal list`).")],
    runs: Annotated[str | None, typer.Option(metavar="N", help="Independent runs a cell.")] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", help="A whole number; the same seed gives the same runs.")
    ] = None,
    out: OutOption = Path("results"),
    quick: Annotated[bool, typer.Option("--quick", help="A short look with few runs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a scenario, judge what came out, and store data and pictures."""
    from dataclasses import replace

    from rich.console import Console

    from scenarios.arguments import read_whole_number
    from scenarios.registry import load_scenario
    from scenarios.report import TerminalProgress, print_result
    from scenarios.store import check_writable, save

    scenario = load_scenario(name)
    given = {"runs": runs, "seed": seed}
    parameters = scenario.Parameters().quick() if quick else scenario.Parameters()
    parameters = replace(
        parameters, **{key: read_whole_number(key, text) for key, text in given.items() if text is not None}
    )
    check_writable(out)
    progress = TerminalProgress(Console(stderr=True), name)
    result = scenario.run(parameters, progress)
    folder = save(result, out)
    if as_json:
        _print_json(result.to_dict() | {"results": str(folder)})
    else:
        console = Console()
        print_result(console, result)
        console.print(f"Pictures and data are in {folder}", soft_wrap=True)
    if not result.complete:
        raise KeyboardInterrupt


@app.command("judge")
def judge_command(
    game: GameArgument,
    profile: Annotated[
        str | None, typer.Option(help="Probability vectors as JSON: '[[.9,.1],[1,0]]'.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Plays as CSV instead: a line a round, one action a player.")
    ] = None,
    disagreement: DisagreementOption = "security",
    within: Annotated[
        str, typer.Option(help="What may dominate: lotteries, independent or pure.")
    ] = "lotteries",
    tolerance: Annotated[
        str | None,
        typer.Option(metavar="X", help="As a share of the range; by default 1e-6, with --data 0.02."),
    ] = None,
    out: OutOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Judge a profile, or plays: an equilibrium, Pareto-optimal, fair, the best that was possible?"""
    from scenarios.arguments import read_disagreement, read_game, read_number, read_plays, read_profile
    from theory import judge, judge_plays

    if (profile is None) == (data is None):
        raise ValueError("judge needs either --profile or --data, got " + ("both" if profile else "neither"))
    the_game = read_game(game)
    options: dict[str, Any] = {"disagreement": read_disagreement(disagreement), "within": within}
    if tolerance is not None:
        options["tolerance"] = read_number("tolerance", tolerance)
    verdict: Any
    if profile is not None:
        mixtures = read_profile(profile)
        verdict = judge(the_game, mixtures, **options)
        points = [mixtures]
    else:
        verdict = judge_plays(the_game, read_plays(Path(str(data)), the_game), **options)
        points = [_observed_mixtures(verdict.counts)]
    if as_json:
        _print_json(verdict.to_dict())
        return
    from rich.console import Console

    from scenarios.report import print_table
    from scenarios.report_theory import observed_table, verdict_table

    console = Console()
    print_table(console, verdict_table(verdict) if profile is not None else observed_table(verdict))
    console.print(verdict.explanation)
    _save_payoff_space(console, the_game, out, judged=points)


@app.command("solve")
def solve_command(
    game: GameArgument,
    disagreement: DisagreementOption = "security",
    out: OutOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Solve a game: its equilibria, Pareto-optimal outcomes and bargaining points."""
    from scenarios.arguments import read_disagreement, read_game
    from scenarios.report_theory import solution_tables, solve

    the_game = read_game(game)
    solution = solve(the_game, read_disagreement(disagreement))
    if as_json:
        _print_json(solution)
        return
    from rich.console import Console

    from scenarios.report import print_table

    console = Console()
    for table in solution_tables(the_game, solution):
        print_table(console, table)
    _save_payoff_space(console, the_game, out)


@app.command("tournament")
def tournament_command(
    strategies: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STRATEGY]...", help="Names; by default all that are known."),
    ] = None,
    game: Annotated[
        str, typer.Option(help="A 2x2 game: a name or a .nfg file.")
    ] = "prisoners-dilemma-axelrod",
    turns: Annotated[str, typer.Option(metavar="N", help="Turns of a match.")] = "200",
    repetitions: Annotated[str, typer.Option(metavar="N", help="Matches of each pair.")] = "10",
    noise: Annotated[str, typer.Option(metavar="X", help="Probability that an action flips.")] = "0",
    prob_end: Annotated[
        str | None, typer.Option(metavar="X", help="Probability of ending after each turn, instead of turns.")
    ] = None,
    no_self_play: Annotated[
        bool, typer.Option("--no-self-play", help="Leave out matches against oneself.")
    ] = False,
    seed: Annotated[str, typer.Option(metavar="N", help="The same seed gives the same matches.")] = "0",
    out: OutOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Play a round robin among strategies, rank them, and judge what would spread."""
    from rich.console import Console

    from scenarios.arguments import read_game, read_number, read_whole_number
    from scenarios.export_tournament import write_pairs, write_standings
    from scenarios.report import TerminalProgress, print_result
    from scenarios.store import check_writable, save
    from scenarios.tournament_command import Settings, run
    from simulation import strategy_names

    settings = Settings(
        strategies=tuple(strategies or strategy_names()),
        turns=read_whole_number("turns", turns),
        repetitions=read_whole_number("repetitions", repetitions),
        noise=read_number("noise", noise),
        prob_end=None if prob_end is None else read_number("prob_end", prob_end),
        self_play=not no_self_play,
        seed=read_whole_number("seed", seed),
    )
    the_game = read_game([game])
    check_writable(out)
    result = run(the_game, settings, TerminalProgress(Console(stderr=True), "tournament"))
    folder = save(result, out)
    data = result.data["tournament"].to_dataset()
    write_standings(data, folder / "standings.csv")
    write_pairs(data, folder / "pairs.csv")
    if as_json:
        _print_json(result.to_dict() | {"results": str(folder)})
    else:
        console = Console()
        print_result(console, result)
        console.print(f"Pictures and data are in {folder}", soft_wrap=True)


def _observed_mixtures(counts: Any) -> list[Any]:
    """Return each player's frequencies of actions, from `counts[*n_actions]`."""
    shares = counts / counts.sum()
    axes = range(shares.ndim)
    return [shares.sum(axis=tuple(k for k in axes if k != player)) for player in axes]


def _save_payoff_space(console: Any, game: Any, out: Path, judged: Any = None) -> None:
    """Store a picture of a two-player game's payoff space and say where it is."""
    if game.n_players != 2:
        return
    from functools import partial

    from scenarios.plots_payoff_space import LearnedOutcomes, draw_payoff_space
    from scenarios.scenario import Picture
    from scenarios.store import save_picture

    outcomes = [] if judged is None else [LearnedOutcomes("judged outcome", judged, "")]
    picture = Picture("payoff-space", partial(draw_payoff_space, game, outcomes))
    console.print(f"The payoff space is drawn in {save_picture(picture, out)}", soft_wrap=True)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=1, allow_nan=False))


# typer carries its own copy of click from 0.20 on, so its exceptions are found through typer's names.
_UsageProblem: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def main() -> None:
    """Run the command line: bad input is one line on standard error and exit code 2, never a traceback."""
    try:
        code = app(standalone_mode=False)
    except (ValueError, OSError) as error:
        sys.exit(_complain(str(error)))
    except _UsageProblem as error:
        sys.exit(_complain(error.format_message()))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(_INTERRUPTED)
    sys.exit(code or 0)


def _complain(message: str) -> int:
    print("commonweal: " + " ".join(message.split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
