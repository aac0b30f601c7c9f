"""Is anything slower than before? The benchmarks of two checkouts by turns, on one machine, in CPU seconds.

    .venv/bin/python benchmarks/compare.py ../before . --pairs 9

Each pair runs the benchmarks of both checkouts one after the other, each with the Python of its own `.venv`, after
a first run of each that is not counted (it compiles). Of every benchmark that both have, printed are the median over
pairs of the ratio after / before, and the interval between order statistics that holds that median in at least 95%
of the cases whatever the distribution (of nine pairs: from the second to the eighth ratio, 96.1%). What is slower by
more than `--bound` even at the interval's lower end is marked, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from math import comb
from pathlib import Path


def medians(checkout: Path, options: list[str]) -> dict[str, float]:
    """Return the median of each benchmark of a checkout, in seconds; failed targets are no concern here."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "benchmarks.json"
        command = [checkout / ".venv" / "bin" / "python", "-m", "pytest", "-q", "benchmarks"]
        command += ["--benchmark-enable", "--benchmark-only", f"--benchmark-json={written}", *options]
        subprocess.run(command, cwd=checkout, stdout=subprocess.DEVNULL, check=False)
        if not written.exists():
            raise SystemExit(f"the benchmarks of {checkout} did not run")
        measured = json.loads(written.read_text(encoding="utf-8"))["benchmarks"]
    return {one["fullname"]: one["stats"]["median"] for one in measured}


def interval_of_median(values: list[float], coverage: float = 0.95) -> tuple[float, float]:
    """Return the tightest pair of order statistics that holds the median with at least this probability.

    With n values the k-th smallest and the k-th largest hold it with probability 1 - 2 P(B < k), B binomial of n
    fair coins; with fewer than six values even the extremes hold it less often than in 95%.
    """
    n = len(values)
    best = 0
    for k in range(1, n // 2 + 1):
        if 1.0 - 2.0 * sum(comb(n, j) for j in range(k)) / 2.0**n >= coverage:
            best = k - 1
    ordered = sorted(values)
    return ordered[best], ordered[n - 1 - best]


def main() -> int:
    """Run the pairs and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--bound", type=float, default=0.05, help="what counts as slower (.05 is 5%%)")
    parser.add_argument("--only", default="", help="an expression for pytest's -k")
    arguments = parser.parse_args()
    options = ["-k", arguments.only] if arguments.only else []
    checkouts = [arguments.before.resolve(), arguments.after.resolve()]
    for checkout in checkouts:
        medians(checkout, options)
    ratios: dict[str, list[float]] = {}
    for pair in range(arguments.pairs):
        order = checkouts if pair % 2 == 0 else checkouts[::-1]
        measured = {checkout: medians(checkout, options) for checkout in order}
        before, after = (measured[checkout] for checkout in checkouts)
        for name in sorted(before.keys() & after.keys()):
            ratios.setdefault(name, []).append(after[name] / before[name])
        print(f"pair {pair + 1} of {arguments.pairs}", file=sys.stderr, flush=True)
    slower = 0
    for name, values in ratios.items():
        low, high = interval_of_median(values)
        marked = low > 1.0 + arguments.bound
        slower += marked
        mark = "  slower" if marked else ""
        print(f"{statistics.median(values):6.3f}  {low:6.3f} to {high:6.3f}  {name}{mark}")
    print(f"{slower} of {len(ratios)} slower by more than {arguments.bound:.0%} beyond their interval")
    return int(slower > 0)


if __name__ == "__main__":
    sys.exit(main())
