"""Classics that are memory-one or finite-state machines."""

from __future__ import annotations

from typing import Any

from simulation.matches.strategies.base import Rule
from theory.games.catalogue import named_game
from theory.repeated.machines import FiniteState
from theory.repeated.memory_one import MemoryOne
from theory.repeated.zero_determinant import zero_determinant

# name: (rule, source)
Entry = tuple[Rule, str]

# Three zero-determinant strategies of Stewart & Plotkin's tournament, for payoffs (3, 0, 5, 1).
_AXELROD = "prisoners-dilemma-axelrod"


_RIPOFF = (
    (1, "C", 2, "C"),
    (1, "D", 3, "C"),
    (2, "C", 1, "D"),
    (2, "D", 3, "C"),
    (3, "C", 3, "C"),
    (3, "D", 3, "D"),
)


def _zero_determinant(**relation: Any) -> MemoryOne:
    return zero_determinant(named_game(_AXELROD), **relation)


def memory_one_classics() -> dict[str, Entry]:
    """Return the classics that look one turn back."""
    stewart = "Stewart & Plotkin (2012), PNAS 109:10134"
    return {
        "always-cooperate": (MemoryOne(1, (1, 1, 1, 1)), "Axelrod (1984), The Evolution of Cooperation"),
        "always-defect": (MemoryOne(0, (0, 0, 0, 0)), "Axelrod (1984), The Evolution of Cooperation"),
        "random": (MemoryOne(0.5, (0.5, 0.5, 0.5, 0.5)), "Axelrod (1980), J. Conflict Resolution 24:3"),
        "tit-for-tat": (MemoryOne(1, (1, 0, 1, 0)), "Anatol Rapoport in Axelrod (1980)"),
        "suspicious-tit-for-tat": (
            MemoryOne(0, (1, 0, 1, 0)),
            "Boyd & Lorberbaum (1987), Nature 327:58",
        ),
        "anti-tit-for-tat": (MemoryOne(1, (0, 1, 0, 1)), "Hilbe, Nowak & Traulsen (2013), PLoS ONE 8:e77886"),
        "bully": (MemoryOne(0, (0, 1, 0, 1)), "Nachbar (1992), J. Economic Behavior & Organization 19:307"),
        "win-stay-lose-shift": (MemoryOne(1, (1, 0, 0, 1)), "Nowak & Sigmund (1993), Nature 364:56"),
        "win-shift-lose-stay": (MemoryOne(0, (0, 1, 1, 0)), "Li & Kendall (2011), IEEE CEC"),
        "generous-tit-for-tat": (
            MemoryOne(1, (1, 1 / 3, 1, 1 / 3)),
            "Nowak & Sigmund (1992), Nature 355:250; 1/3 is for payoffs (3, 0, 5, 1)",
        ),
        "firm-but-fair": (MemoryOne(1, (1, 0, 1, 2 / 3)), "Frean (1994), Proc. R. Soc. B 257:75"),
        "alternator": (MemoryOne(1, (0, 0, 1, 1)), "Axelrod (1984), The Evolution of Cooperation"),
        "stochastic-cooperator": (
            MemoryOne(1, (0.935, 0.229, 0.266, 0.42)),
            "Adami & Hintze (2013), Nature Communications 4:2193",
        ),
        "extort-2": (_zero_determinant(baseline=1, extortion_factor=2), stewart),
        "generous-zero-determinant-2": (_zero_determinant(baseline=3, slope=0.5, phi=0.25), stewart),
        "equalizer-2": (_zero_determinant(baseline=2, slope=0, phi=0.25), stewart),
        "joss": (MemoryOne(1, (0.9, 0, 0.9, 0)), "Johann Joss in Axelrod (1980)"),
        "grofman": (grofman(), "Bernard Grofman in Axelrod (1980)"),
        "name-withheld": (
            MemoryOne(0.35, (0.35, 0.35, 0.35, 0.35)),
            "name withheld, in Axelrod (1980); its rule is not published, this chance of C fits his table",
        ),
    }


def finite_state_classics() -> dict[str, Entry]:
    """Return the classics that are machines with more memory than one turn."""
    ashlock = "Ashlock & Kim (2008), IEEE Trans. Evolutionary Computation 12:647"
    prison = "PRISON (1998), the strategy library of the University of Lille"
    mittal = "Mittal & Deb (2009), IEEE Trans. Evolutionary Computation 13:554"
    return {
        "grim": (FiniteState((1, 0), ((0, 1), (1, 1))), "James Friedman in Axelrod (1980)"),
        "tit-for-two-tats": (
            FiniteState((1, 1, 0), ((0, 1), (0, 2), (0, 2))),
            "Axelrod (1984), The Evolution of Cooperation",
        ),
        "two-tits-for-tat": (
            FiniteState((1, 0, 0), ((0, 1), (2, 1), (0, 1))),
            "Axelrod (1984), The Evolution of Cooperation",
        ),
        "hard-tit-for-tat": (
            FiniteState((1, 0, 0, 0), ((0, 1), (2, 1), (3, 1), (0, 1))),
            prison,
        ),
        "hard-tit-for-two-tats": (
            FiniteState.of_history(3, lambda own, other: float("DD" not in other), sees="other"),
            "Stewart & Plotkin (2012), PNAS 109:10134",
        ),
        "contrite-tit-for-tat": (
            contrite_tit_for_tat(),
            "Wu & Axelrod (1995), J. Conflict Resolution 39:183",
        ),
        "spiteful-tit-for-tat": (FiniteState((1, 0, 0), ((0, 1), (0, 2), (2, 2))), prison),
        "soft-grudger": (
            FiniteState((1, 0, 0, 0, 0, 1, 1), ((0, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (0, 1))),
            "Li, Hingston & Kendall (2011), IEEE Trans. Computational Intelligence and AI in Games 3:66",
        ),
        "reverse-grudger": (
            FiniteState((0, 1), ((0, 1), (1, 1))),
            "Li & Kendall (2011), IEEE CEC",
        ),
        "prober": (
            FiniteState((0, 1, 1, 1, 0, 1, 0), ((1, 1), (2, 3), (4, 6), (5, 6), (4, 4), (5, 6), (5, 6))),
            "Mathieu & Delahaye (2017), J. Artificial Societies and Social Simulation 20(4):12",
        ),
        "prober-2": (
            FiniteState((0, 1, 1, 1, 1, 1, 0), ((1, 1), (3, 2), (4, 6), (5, 6), (4, 4), (5, 6), (5, 6))),
            prison,
        ),
        "prober-3": (
            FiniteState((0, 1, 0, 1, 0), ((1, 1), (2, 4), (2, 2), (3, 4), (3, 4))),
            prison,
        ),
        "remorseful-prober": (
            remorseful_prober(),
            "Li, Hingston & Kendall (2011), IEEE Trans. Computational Intelligence and AI in Games 3:66",
        ),
        "handshake": (
            FiniteState((1, 0, 0, 1, 0), ((1, 2), (4, 3), (4, 4), (3, 3), (4, 4))),
            "Robson (1990), J. Theoretical Biology 144:379",
        ),
        "tester": (tester(), "David Gladstein in Axelrod (1980b), J. Conflict Resolution 24:379"),
        "detective": (detective(), "Case (2017), The Evolution of Trust"),
        "cycler-ccd": (FiniteState((1, 1, 0), ((1, 1), (2, 2), (0, 0))), mittal),
        "cycler-ddc": (FiniteState((0, 0, 1), ((1, 1), (2, 2), (0, 0))), mittal),
        "fortress-3": (
            FiniteState((0, 0, 1), ((0, 1), (0, 2), (2, 0))),
            "Ashlock & Kim (2006), IEEE Symposium on Computational Intelligence and Games",
        ),
        "fortress-4": (
            FiniteState((0, 0, 0, 1), ((0, 1), (0, 2), (0, 3), (3, 0))),
            "Ashlock & Kim (2006), IEEE Symposium on Computational Intelligence and Games",
        ),
        "ripoff": (
            FiniteState.of_mealy(_RIPOFF, start=1, first="D"),
            ashlock,
        ),
        "thumper": (
            FiniteState.of_mealy(
                [(1, "C", 1, "C"), (1, "D", 2, "D"), (2, "C", 1, "D"), (2, "D", 1, "D")], start=1, first="C"
            ),
            ashlock,
        ),
        "punish-once": (
            FiniteState.of_mealy(
                [(1, "C", 2, "C"), (1, "D", 2, "C"), (2, "C", 1, "C"), (2, "D", 1, "D")], start=1, first="D"
            ),
            "Ashlock (2006), Evolutionary Computation for Modeling and Optimization (as Pun1)",
        ),
        "davis": (davis(), "Morton Davis in Axelrod (1980)"),
        "nydegger": (nydegger(), "Rudy Nydegger in Axelrod (1980)"),
    }


def contrite_tit_for_tat() -> FiniteState:
    """Return the machine that is content, provoked or contrite (Wu & Axelrod 1995).

    Content, it cooperates until one side alone defects: as the victim it is provoked and defects until the
    other cooperates, as the offender it is contrite and cooperates until that has succeeded.
    """
    content, provoked, contrite = 0, 1, 2
    return FiniteState(
        (1, 0, 1),
        (
            (content, provoked, contrite, content),
            (content, provoked, content, provoked),
            (content, content, contrite, contrite),
        ),
    )


def remorseful_prober(probability: float = 0.1) -> FiniteState:
    """Return Tit-for-Tat that defects now and then, and does not answer the defection that this provokes."""
    calm, provoked, sorry, opening = 0, 1, 2, 3
    return FiniteState(
        (1 - probability, 0, 1, 1),
        (
            (calm, provoked, calm, sorry),
            (calm, provoked),
            (calm, provoked),
            (calm, provoked),
        ),
        start=opening,
    )


def tester() -> FiniteState:
    """Return the machine that defects first and plays on only those who do not answer.

    It apologises with C and plays Tit-for-Tat after any defection of the other; else C, C, then D and C in
    turns.
    """
    cooperate, defect = 5, 6
    return FiniteState(
        (0, 1, 1, 0, 1, 1, 0),
        (
            (1, cooperate),
            (2, cooperate),
            # What it alternates is its own last action, an accidental one too.
            (3, cooperate, 4, cooperate),
            (3, cooperate, 4, cooperate),
            (3, cooperate, 4, cooperate),
            (cooperate, defect),
            (cooperate, defect),
        ),
    )


def detective() -> FiniteState:
    """Return the machine that opens C, D, C, C, then plays Tit-for-Tat, or exploits who never defected."""
    exploit, cooperate, defect = 7, 8, 9
    opening = [1.0, 0.0, 1.0, 1.0]
    # States 0-3: nobody defected so far; 4-6: turns 1-3 after a defection.
    return FiniteState(
        (*opening, *opening[1:], 0.0, 1.0, 0.0),
        (
            (1, 4),
            (2, 5),
            (3, 6),
            (exploit, defect),
            (5, 5),
            (6, 6),
            (cooperate, defect),
            (exploit, exploit),
            (cooperate, defect),
            (cooperate, defect),
        ),
    )


def grofman(*, after_mutual_defection: float = 0.0) -> MemoryOne:
    """Return Grofman's rule: C with chance 2/7 after different actions, C after mutual cooperation.

    "Otherwise" it cooperates, says Axelrod (1980); his table says that after mutual defection it does not.
    """
    return MemoryOne(1, (1, 2 / 7, 2 / 7, after_mutual_defection))


def davis(turns: int = 10, *, remembers_all: bool = False) -> FiniteState:
    """Return the machine that cooperates for `turns` turns and then plays grim.

    What counts are defections on the last of these turns and later, or, if it remembers all, on any turn.
    """
    if not remembers_all:
        # States 0 ... turns - 1 play turns 1 ... turns; the last of them stays until it sees a defection.
        last, done = turns - 1, turns
        opening = [(k + 1, k + 1) for k in range(last)]
        return FiniteState((*(1.0,) * turns, 0.0), (*opening, (last, done), (done, done)))
    # States 0 ... turns - 1: no defection so far; the next `turns` the same after one; then D for ever.
    clean = [(min(k + 1, turns), turns + 1 + k) for k in range(turns)]
    last = 2 * turns
    stained = [(turns + 2 + k, turns + 2 + k) for k in range(turns - 1)]
    return FiniteState(
        (*(1.0,) * (turns + 1), *(1.0,) * (turns - 1), 0.0),
        (*clean, (turns, last), *stained, (last, last)),
    )


# States after which the program of the archive cooperates; it defects after all others.
_NYDEGGER_COOPERATES = {0, 27, 28, 32, *range(40, 45), 46, 47, 48, 56, 57, 59, 60, 62, 63}
# States after which Axelrod (1980) says that it defects.
_NYDEGGER_DEFECTS = {1, 6, 7, 17, 22, 23, 26, 29, 30, 31, 33, 38, 39, 45, 49, 54, 55, 58, 61}


def nydegger(
    *, printed_list: bool = False, other_counts_double: bool = False, newest_weighs_most: bool = False
) -> FiniteState:
    """Return Nydegger's machine, which looks up the last three turns in a list.

    A turn's defections are counted and weighted by 16, 4 and 1. By default the rule is that of the program in the
    archive of the second tournament (`k57r.f`, by its comment the one of round one): the own defection counts 2, the
    other's 1, the oldest turn weighs 16, and turns before the match count as mutual cooperation.

    Parameters
    ----------
    printed_list
        Defect on the states that Axelrod (1980) prints, after Tit-for-Tat on three turns (with a D on the third if
        it alone cooperated on the first and alone defected on the second).
    other_counts_double
        The other's defection counts 2 and the own 1, as Axelrod (1980) says.
    newest_weighs_most
        He gives the weights 16, 4, 1 "to the preceding three moves in chronological order".
    """
    single, double = ("DC", "CD") if other_counts_double else ("CD", "DC")
    points = {"CC": 0, single: 1, double: 2, "DD": 3}
    weights = (1, 4, 16) if newest_weighs_most else (16, 4, 1)

    def cooperation(own: str, other: str) -> float:
        if printed_list and len(other) < 3:
            exception = (own, other) == ("CD", "DC")
            return float(not exception and not other.endswith("D"))
        turns = zip(weights, own.rjust(3, "C"), other.rjust(3, "C"), strict=True)
        state = sum(w * points[a + b] for w, a, b in turns)
        return float(state not in _NYDEGGER_DEFECTS if printed_list else state in _NYDEGGER_COOPERATES)

    return FiniteState.of_history(3, cooperation)
