"""The command `commonweal`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios.command.signals import Ended, Signals
from scenarios.command.streams import complain, prepare, say
from scenarios.frame.plain_text import in_one_line, shortened

app = typer.Typer(
    name="commonweal",
    add_completion=False,
    pretty_exceptions_enable=False,
)

GameArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="GAME",
        help="A name of the catalogue (see `commonweal list`), a .nfg or .efg file, or a matrix for each player "
        "as JSON.",
    ),
]
DisagreementOption = Annotated[
    str, typer.Option(help="security, minimax, nash, defection, or payoffs as JSON.")
]
OutOption = Annotated[Path, typer.Option(help="The folder that results go to.")]
DrawnOption = Annotated[
    str,
    typer.Option(
        "--pictures",
        metavar="KINDS",
        help="Draw the payoff space of two players: png, svg, pdf; several with commas.",
    ),
]
ConfirmOption = Annotated[
    bool, typer.Option("--confirm/--no-confirm", help="Ask nashpy, too, for the equilibria of a small game.")
]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="A parameter; `commonweal list NAME` shows which there are."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]

# The shell's exit code for a program ended by Ctrl-C.
_INTERRUPTED = 130

# A variable of the environment: whether an error that is no rule of ours, and what a cell or a report failed with, is
# shown with its traceback.
_TRACEBACK = "COMMONWEAL_TRACEBACK"


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Simulate learning agents in social dilemmas, and judge by game theory what came out."""
    if version:
        from importlib.metadata import version as version_of

        say(f"commonweal {version_of('commonweal')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A scenario or world whose settings are wanted.")
    ] = None,
    strategies: Annotated[
        bool, typer.Option("--strategies", help="The strategies that `tournament` plays, instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List scenarios and what they found, worlds and games, or what can be set of a scenario or world."""
    if name is not None and strategies:
        raise ValueError(f"list takes a name or --strategies, got {in_one_line(name)} and --strategies")
    if name is not None:
        _list_settings(name, as_json=as_json)
    elif strategies:
        _list_strategies(as_json=as_json)
    else:
        _list_all(as_json=as_json)


def _list_all(*, as_json: bool) -> None:
    from scenarios.command.listing import names_above_texts, names_in_lines
    from scenarios.registry import package_scenarios, scenario_finding, scenario_names, scenario_summary
    from simulation.worlds.catalogue import world_names, world_summary
    from theory import named_game, named_games

    scenarios = {name: scenario_summary(name) for name in scenario_names()}
    findings = {name: scenario_finding(name) for name in scenarios}
    others, faults = package_scenarios()
    worlds = {name: world_summary(name) for name in world_names()}
    games = {name: named_game(name).title for name in named_games()}
    if as_json:
        plain = {"scenarios": scenarios | others, "findings": findings, "worlds": worlds, "games": games}
        _print_json(plain)
    else:
        ours = {name: (about, f"- {findings[name]}") for name, about in scenarios.items()}
        say(names_above_texts("Scenarios (commonweal run NAME), and what each found", ours))
        if others:
            say(names_in_lines("Scenarios of installed packages", others))
        say(names_in_lines("Worlds (commonweal sweep NAME)", worlds))
        say(names_in_lines("Games", games))
    for fault in faults.values():
        _complain(fault)


def _list_strategies(*, as_json: bool) -> None:
    from scenarios.command.listing import strategies, strategies_table

    if as_json:
        _print_json({"strategies": strategies()})
        return
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console

    print_table(output_console(), strategies_table())


def _list_settings(name: str, *, as_json: bool) -> None:
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console
    from scenarios.frame.results import Table
    from scenarios.frame.settings import settings_of, written
    from simulation.engine.fields import described

    title, parameters, note = _what_can_be_set(name)
    settings = settings_of(parameters)
    if as_json:
        kind = "world" if note.startswith("commonweal sweep") else "scenario"
        plain = [vars(setting) | {"value": described(setting.value)} for setting in settings]
        _print_json({kind: name, "settings": plain})
        return
    rows = [(setting.path, written(setting.value), setting.kind, setting.meaning) for setting in settings]
    print_table(output_console(), Table(title, ("path", "default", "value", "meaning"), rows, note))


def _what_can_be_set(name: str) -> tuple[str, Any, str]:
    """Return the title, the parameters of a scenario or world, and how they are set."""
    from simulation.worlds.catalogue import world_names, world_summary

    if name in world_names():
        from simulation.worlds.catalogue import world

        note = f"commonweal sweep {name} --set path=value --over path=v1,v2,..., as often as wanted."
        return f"{name}: {world_summary(name)}", world(name).Parameters(), note
    from scenarios.registry import load_scenario, scenario_summary

    scenario = load_scenario(name)
    note = f"commonweal run {name} --set path=value, as often as wanted; --runs and --seed are short forms."
    return f"{scenario.name}: {scenario.about or scenario_summary(name)}", scenario.Parameters(), note


@app.command("run")
def run_command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A scenario (see `commonweal list`), or a file: mine.toml, ./mine.py."
        ),
    ],
    runs: Annotated[str | None, typer.Option(metavar="N", help="Independent runs a cell.")] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", help="A whole number; the same seed gives the same runs.")
    ] = None,
    settings: SettingsOption = None,
    out: OutOption = Path("results"),
    pictures: Annotated[
        str,
        typer.Option(metavar="KINDS", help="Files that pictures become: png, svg, pdf; several with commas."),
    ] = "png",
    quick: Annotated[bool, typer.Option("--quick", help="A short look with few runs.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Print all tables, not the finding and the first alone.")
    ] = False,
    as_json: JsonOption = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on from the latest unfinished run of the same parameters in --out."
        ),
    ] = False,
) -> None:
    """Run a scenario, judge what came out, and store data and pictures."""
    with _signals() as signals:
        from dataclasses import asdict

        from scenarios.command.arguments import check_runs, read_picture_kinds
        from scenarios.command.running import run_and_tell
        from scenarios.command.tables import TerminalProgress
        from scenarios.command.terminal import error_console
        from scenarios.frame.settings import with_settings
        from scenarios.registry import load_scenario

        scenario = load_scenario(name)
        short = [f"{field}={text}" for field, text in (("runs", runs), ("seed", seed)) if text is not None]
        start = scenario.Parameters().quick() if quick else scenario.Parameters()
        parameters = with_settings(start, [*short, *(settings or [])])
        check_runs(parameters.runs)
        kinds = read_picture_kinds(pictures)
        progress = TerminalProgress(error_console(), scenario.name)
        run_and_tell(
            scenario.name,
            asdict(parameters),
            lambda folder, finished: scenario.run(
                parameters,
                progress,
                signals.unbroken(folder.keep),
                signals.check,
                folder.note_failure,
                finished,
                folder.at_work,
            ),
            out,
            signals,
            as_json=as_json,
            in_full=full,
            source=scenario.source,
            kinds=kinds,
            resume=resume,
        )


@app.command("new")
def new_command(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="Of the experiment.")] = Path(
        "experiment.toml"
    ),
    world: Annotated[
        str, typer.Option(help="What kind of simulation; an unknown name tells which there are.")
    ] = "mechanism-design",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write an experiment's file to begin with, all that can be set in it explained; `run` plays it."""
    from scenarios.experiments.new_file import write_new_file

    write_new_file(file, world, force=force)
    say(
        f"{in_one_line(str(file))} is written: change it, and play it by `commonweal run {in_one_line(str(file))}`"
    )


@app.command("sweep")
def sweep_command(
    world: Annotated[
        str,
        typer.Argument(
            metavar="WORLD|FILE", help="A world (see `commonweal list`), or an experiment's .toml file."
        ),
    ],
    over: Annotated[
        list[str],
        typer.Option(
            "--over",
            metavar="PATH=V1,V2,...",
            help="A parameter that varies, as often as wanted; PATH=FROM:TO:COUNT for evenly spaced numbers.",
        ),
    ],
    settings: SettingsOption = None,
    runs: Annotated[
        str | None,
        typer.Option(
            metavar="N", help="Independent runs of each point; by default 10, or what the file says."
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="N", help="The same seed gives the same runs; by default 0, or what the file says."
        ),
    ] = None,
    out: OutOption = Path("results"),
    workers: Annotated[
        str | None, typer.Option(metavar="N", help="Processes; by default one for each processor.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a dask scheduler whose workers play instead.")
    ] = None,
    quantity: Annotated[
        str | None, typer.Option(metavar="NAME", help="What is drawn; by default the most telling.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Play a world, or a file's conditions, at all combinations of values; the same command goes on after any end."""
    with _signals() as signals:
        from scenarios.command.arguments import check_runs
        from scenarios.command.sweeping import (
            SweepProgress,
            grid_asked_for,
            print_sweep,
            refuse_failures,
            tell_line,
            with_where,
        )
        from scenarios.command.terminal import error_console
        from scenarios.frame.settings import read_whole_number
        from scenarios.sweeps.run import stored_in_words, stored_sweep, sweep_folder

        grid = grid_asked_for(world, over, settings or [], runs=runs, seed=seed)
        check_runs(grid.runs)
        folder = sweep_folder(grid, out)
        data = with_where(
            lambda: stored_sweep(
                grid,
                folder,
                workers=None if workers is None else read_whole_number("workers", workers),
                cluster=cluster,
                quantity=quantity,
                progress=SweepProgress(error_console(), world, signals.check),
                tell=tell_line,
            ),
            lambda: stored_in_words(folder, len(grid)),
        )
        print_sweep(data, folder, quantity, as_json=as_json)
        refuse_failures(data)


@app.command("view")
def view_command(
    world: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A world; none: which have a page.")
    ] = None,
    settings: SettingsOption = None,
    seed: Annotated[str, typer.Option(metavar="N", help="That the page begins with.")] = "0",
    port: Annotated[str, typer.Option(metavar="N", help="On this machine; 0 finds a free one.")] = "8765",
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
) -> None:
    """Open a live page of a world in a browser: turn its dials, step it, see it judged."""
    from scenarios.command.viewing import pages, view

    if world is None:
        say(pages())
        return
    with _signals() as signals:
        view(world, settings or [], seed=seed, port=port, browser=not no_open, signals=signals)


@app.command("judge")
def judge_command(
    game: GameArgument,
    profile: Annotated[
        str | None,
        typer.Option(help="Probability vectors as JSON, '[[.9,.1],[1,0]]', or an action each: 'C,D'."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Plays as CSV instead: a line a round, one action a player.")
    ] = None,
    actions_as: Annotated[
        str | None,
        typer.Option(help="What actions are given by: names, or positions from 0; by default what fits."),
    ] = None,
    disagreement: DisagreementOption = "security",
    within: Annotated[
        str, typer.Option(help="What may dominate: lotteries, independent or pure.")
    ] = "lotteries",
    tolerance: Annotated[
        str | None,
        typer.Option(metavar="X", help="As a share of the range; by default 1e-6, with --data 0.02."),
    ] = None,
    confirm: ConfirmOption = True,
    pictures: DrawnOption = "",
    out: OutOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Judge a profile, or plays: an equilibrium, Pareto-optimal, fair, the best that was possible?"""
    from scenarios.command.arguments import is_written_out, read_disagreement, read_game, read_profile
    from scenarios.command.plays import read_plays
    from scenarios.frame.settings import read_number
    from theory import judge, judge_counts

    if (profile is None) == (data is None):
        raise ValueError("judge needs either --profile or --data, got " + ("both" if profile else "neither"))
    the_game = read_game(game)
    options: dict[str, Any] = {"disagreement": read_disagreement(disagreement), "within": within}
    if tolerance is not None:
        options["tolerance"] = read_number("tolerance", tolerance)
    kinds = _kinds_to_draw(pictures, the_game, out)
    verdict: Any
    if profile is not None:
        mixtures, reading = read_profile(profile, the_game, actions_as=actions_as)
        verdict = judge(the_game, mixtures, confirm=confirm, **options)
        how_read: dict[str, Any] = {"profile_read_as": reading} if reading else {}
    else:
        plays = read_plays(Path(str(data)), the_game, actions_as=actions_as)
        reading, how_read = plays.reading, {"plays": plays.to_dict()}
        verdict = judge_counts(the_game, plays.counts, **options)
    if as_json:
        payoffs = {"game_payoffs": the_game.payoffs.tolist()} if is_written_out(game) else {}
        _print_json(verdict.to_dict() | payoffs | how_read)
        return
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console
    from scenarios.command.theory_tables import payoff_tables

    console = output_console()
    for table in payoff_tables(the_game) if is_written_out(game) else []:
        print_table(console, table)
    if reading:
        console.print(reading)
        console.print()
    for table in verdict.as_tables():
        print_table(console, table)
    console.print(verdict.explanation)
    if profile is not None and confirm and verdict.confirmation.agrees is not None:
        console.print(verdict.confirmation.note)
    _save_payoff_space(console, the_game, out, kinds, judged=verdict)


@app.command("solve")
def solve_command(
    game: GameArgument,
    disagreement: DisagreementOption = "security",
    confirm: ConfirmOption = True,
    pictures: DrawnOption = "",
    out: OutOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Solve a game: its equilibria, Pareto-optimal outcomes and bargaining points."""
    from scenarios.command.arguments import is_written_out, read_disagreement, read_game
    from scenarios.command.theory_tables import payoff_tables, solution_tables, solve

    the_game = read_game(game)
    kinds = _kinds_to_draw(pictures, the_game, out)
    solution = solve(the_game, read_disagreement(disagreement), confirm=confirm)
    if as_json:
        _print_json(solution)
        return
    from scenarios.command.tables import print_table
    from scenarios.command.terminal import output_console

    console = output_console()
    read = payoff_tables(the_game) if is_written_out(game) else []
    for table in [*read, *solution_tables(the_game, solution)]:
        print_table(console, table)
    _save_payoff_space(console, the_game, out, kinds)


@app.command("show")
def show_command(
    run: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RESULT] [OTHER]",
            help="Folders, their names in --out, or scenarios, whose latest is taken; none: all.",
        ),
    ] = None,
    out: OutOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """List stored results, print one, or compare two."""
    from scenarios.command.stored import compare_results, list_results, print_stored

    names = run or []
    if len(names) > 2:
        raise ValueError(f"show takes at most two results, got {len(names)}")
    if as_json:
        from scenarios.command.stored import as_plain

        _print_json(as_plain(names, out))
    elif not names:
        list_results(out)
    elif len(names) == 1:
        print_stored(names[0], out)
    else:
        compare_results(names[0], names[1], out)


@app.command("report")
def report_command(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RESULT", help="A folder, its name in --out, or a scenario, whose latest is taken."
        ),
    ],
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="By default report.html in the folder of the result.")
    ] = None,
    out: OutOption = Path("results"),
) -> None:
    """Write one HTML file with all that a stored result has: finding, tables, pictures, parameters, versions."""
    from scenarios.command.stored import write_report

    write_report(run, out, to)


def _under_either_name(
    context: typer.Context, first: str, value: str, second: str, other: str | None
) -> tuple[str, str]:
    """Return under which of its two names an option is given, and its value, or raise ValueError if under both."""
    if other is None:
        return first, value
    source = context.get_parameter_source(first)
    if source is not None and source.name == "COMMANDLINE":
        raise ValueError(
            f"{second} and {first} are two names of one option: give one, got {other} and {value}"
        )
    return second, other


@app.command("tournament")
def tournament_command(
    context: typer.Context,
    strategies: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STRATEGY]...", help="Names; by default all that are known."),
    ] = None,
    game: Annotated[
        str, typer.Option(help="A 2x2 game: a name, a .nfg or .efg file, or payoffs as JSON.")
    ] = "prisoners-dilemma-axelrod",
    turns: Annotated[str, typer.Option(metavar="N", help="Turns of a match.")] = "200",
    repetitions: Annotated[str, typer.Option(metavar="N", help="Matches of each pair.")] = "10",
    rounds: Annotated[str | None, typer.Option(metavar="N", help="Another name of --turns.")] = None,
    runs: Annotated[str | None, typer.Option(metavar="N", help="Another name of --repetitions.")] = None,
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
    with _signals() as signals:
        from scenarios.command.arguments import read_game
        from scenarios.command.running import run_and_tell
        from scenarios.command.tables import TerminalProgress
        from scenarios.command.terminal import error_console
        from scenarios.command.tournament import NAME, Settings, check, parameters_of, run, write_tables
        from scenarios.frame.settings import read_number, read_whole_number
        from simulation import strategy_names

        settings = Settings(
            strategies=tuple(strategies or strategy_names()),
            turns=read_whole_number(*_under_either_name(context, "turns", turns, "rounds", rounds)),
            repetitions=read_whole_number(
                *_under_either_name(context, "repetitions", repetitions, "runs", runs)
            ),
            noise=read_number("noise", noise),
            prob_end=None if prob_end is None else read_number("prob_end", prob_end),
            self_play=not no_self_play,
            seed=read_whole_number("seed", seed),
        )
        the_game = read_game([game])
        check(the_game, settings)
        progress = TerminalProgress(error_console(), NAME)
        run_and_tell(
            NAME,
            parameters_of(the_game, settings),
            lambda folder, finished: run(the_game, settings, progress, signals.unbroken(folder.keep)),
            out,
            signals,
            as_json=as_json,
            extra=write_tables,
        )


def _kinds_to_draw(pictures: str, game: Any, out: Path) -> tuple[str, ...]:
    """Return the kinds of files that were asked for, or raise ValueError if there can be none."""
    from scenarios.command.arguments import read_picture_kinds
    from scenarios.frame.files import check_writable

    if not pictures:
        return ()
    kinds = read_picture_kinds(pictures)
    if game.n_players != 2:
        raise ValueError(f"the payoff space is drawn for two players, got {game.n_players}")
    check_writable(out)
    return kinds


def _save_payoff_space(
    console: Any, game: Any, out: Path, kinds: tuple[str, ...], judged: Any = None
) -> None:
    """Store pictures of a two-player game's payoff space and say where they are."""
    if not kinds:
        return
    from functools import partial

    from scenarios.frame.look import figure_of
    from scenarios.frame.results import Picture
    from scenarios.frame.store import save_picture
    from scenarios.pictures.payoff_space import draw_payoff_space

    outcomes = {} if judged is None else {"judged outcome": judged}
    picture = Picture("payoff-space", partial(figure_of, draw_payoff_space, game, outcomes))
    for kind in kinds:
        path = in_one_line(str(save_picture(picture, out, kind)))
        console.print(f"The payoff space is drawn in {path}", soft_wrap=True)


@contextmanager
def _signals() -> Iterator[Signals]:
    """Take over signals, and end by the exit code of one that came; typer knows that of Ctrl-C alone."""
    with Signals() as signals:
        try:
            yield signals
        except Ended as ended:
            raise typer.Exit(ended.exit_code) from ended
        except Exception as error:
            if signals.received is None:
                raise
            # Some libraries make an error of their own of an interrupt.
            raise typer.Exit(signals.received.exit_code) from error


def _print_json(value: Any) -> None:
    say(json.dumps(value, indent=1, allow_nan=False))


# typer carries its own copy of click from 0.20 on, so its exceptions are found through typer's names.
_UsageProblem: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def main() -> None:
    """Run the command line: bad input is one line on standard error and exit code 2, never a traceback."""
    prepare()
    try:
        code = app(standalone_mode=False)
    except (ValueError, OSError) as error:
        if error.__cause__ is not None and os.environ.get(_TRACEBACK):
            raise  # what a scenario of one's own raised
        sys.exit(_complain(str(error)))
    except MemoryError as error:
        sys.exit(
            _complain(f"memory must be free for what was asked for: {str(error) or 'there is not enough'}")
        )
    except OverflowError as error:
        sys.exit(_complain(f"numbers must be small enough to count with: {error}"))
    except _UsageProblem as error:
        sys.exit(_complain(error.format_message()))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(_INTERRUPTED)
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        kind = f"{type(error).__name__}: {error}"
        sys.exit(_complain(f"this should not happen ({kind}); {_TRACEBACK}=1 shows where it did"))
    sys.exit(code or 0)


def _complain(message: str) -> int:
    complain("commonweal: " + in_one_line(shortened(" ".join(message.split()))))
    return 2


if __name__ == "__main__":
    main()
