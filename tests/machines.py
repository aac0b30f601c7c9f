"""The tests under what other machines compute with; `make test-all` runs this after all tests.

    .venv/bin/python tests/machines.py                 all environments, one line each
    .venv/bin/python tests/machines.py --only libm     those whose name holds a text

Simulations must have the same bits (`tests/goldens.py`) as code for the least x86-64 processor, unoptimised, without
NumPy's wider instructions, and with a C library that never fuses multiplications and additions. The numerical tests
of theory and all pages must pass under three kernels of OpenBLAS, without those instructions, and with that library.
An environment that this machine cannot provide is skipped, with the reason. Settings of these libraries from outside
are left out.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOLDENS = ("tests/goldens.py", "--check")
LAWS = ("tests/goldens.py", "--laws")
NUMERICS = (
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "-m",
    "not slow",
    "tests/theory",
    "tests/test_docs.py",
)

# Flags of the processor that a kernel of OpenBLAS needs, as Linux names them.
KERNELS = {
    "Prescott": {"pni"},
    "Haswell": {"avx2", "fma"},
    "SkylakeX": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}
WITHOUT_FMA = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"}

# What would give two C libraries away.
ELEMENTARY = """
import hashlib, math, struct
values = [f(0.1 + k / 97) for k in range(3000) for f in (math.exp, math.log, math.tanh, math.sin)]
print(hashlib.sha256(struct.pack(f"{len(values)}d", *values)).hexdigest())
"""


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of the libraries that are tested."""
    ours = ("OPENBLAS_", "NUMBA_", "NPY_", "GLIBC_TUNABLES", "MKL_", "OMP_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def output_of(code: str, **settings: str) -> str:
    """Return what a short program prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment() | settings,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout.strip()


def no_x86() -> str | None:
    """Say why code for the least x86-64 processor cannot run here."""
    machine = platform.machine()
    return None if machine.lower() in ("x86_64", "amd64") else f"this is no x86-64 processor but {machine}"


def no_kernel(name: str) -> Callable[[], str | None]:
    """Return the question why a kernel of OpenBLAS cannot be used here."""

    def reason() -> str | None:
        build = "import numpy; print(numpy.show_config('dicts')['Build Dependencies']['blas']['name'])"
        library = output_of(build)
        if "openblas" not in library:
            return f"NumPy uses {library}, not OpenBLAS"
        information = Path("/proc/cpuinfo")
        if no_x86() or not information.exists():
            return "the flags of this processor are not known"
        flags = set(information.read_text(encoding="utf-8").partition("flags")[2].partition("\n")[0].split())
        missing = sorted(KERNELS[name] - flags)
        return f"the processor lacks {', '.join(missing)}" if missing else None

    return reason


def wider_instructions() -> str:
    """Return the names of the instructions that NumPy found here and can do without."""
    return output_of(
        "from numpy._core._multiarray_umath import __cpu_dispatch__ as known, __cpu_features__ as found\n"
        "print(*(name for name in known if found[name]))"
    )


def no_wider_instructions() -> str | None:
    """Say why NumPy cannot do without anything here."""
    return None if wider_instructions() else "NumPy found no wider instructions"


def no_other_library() -> str | None:
    """Say why the C library cannot be made to compute otherwise."""
    if output_of(ELEMENTARY) == output_of(ELEMENTARY, **WITHOUT_FMA):
        return "the C library computes the same with and without fused operations"
    return None


@dataclass(frozen=True)
class Environment:
    """What another machine computes with, and what is run there."""

    name: str
    command: tuple[str, ...]
    settings: dict[str, str]
    why_not: Callable[[], str | None] = lambda: None
    own_cache: bool = False


def environments() -> list[Environment]:
    """Return all environments."""
    least = {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": ""}
    wide = {"NPY_DISABLE_CPU_FEATURES": wider_instructions()}
    return [
        Environment("bits: least x86-64 processor", GOLDENS, least, no_x86, own_cache=True),
        # Unoptimised, the scenarios would take hours, and they play no law that is not among the laws.
        Environment("bits: unoptimised", LAWS, {"NUMBA_OPT": "0"}, own_cache=True),
        Environment("bits: libm without FMA", GOLDENS, WITHOUT_FMA, no_other_library),
        Environment("bits: NumPy without wider instructions", GOLDENS, wide, no_wider_instructions),
        *(
            Environment(f"tests: OpenBLAS {name}", NUMERICS, {"OPENBLAS_CORETYPE": name}, no_kernel(name))
            for name in KERNELS
        ),
        Environment("tests: NumPy without wider instructions", NUMERICS, wide, no_wider_instructions),
        Environment("tests: libm without FMA", NUMERICS, WITHOUT_FMA, no_other_library),
    ]


def run(environment: Environment, workers: int) -> bool:
    """Run one environment, print its line (and what failed), and return whether it passed."""
    reason = environment.why_not()
    if reason:
        print(f"skipped  {environment.name}: {reason}", flush=True)
        return True
    begun = time.perf_counter()
    command = [sys.executable, *environment.command]
    if environment.command is NUMERICS and workers > 1:
        command += ["-n", str(workers), "--dist", "worksteal"]
    with tempfile.TemporaryDirectory() as cache:
        # numba's file names know the processor but not how much was optimised.
        settings = environment.settings | ({"NUMBA_CACHE_DIR": cache} if environment.own_cache else {})
        done = subprocess.run(
            command, cwd=ROOT, env=clean_environment() | settings, capture_output=True, text=True, check=False
        )
    passed = done.returncode == 0
    last = (done.stdout.strip() or done.stderr.strip() or "no output").splitlines()[-1].strip("= ")
    word = "passed " if passed else "FAILED "
    print(f"{word}  {environment.name}: {last} ({time.perf_counter() - begun:.0f} s)", flush=True)
    if not passed:
        print(done.stdout[-20_000:], done.stderr[-5_000:], sep="\n", flush=True)
    return passed


def main() -> int:
    """Run the environments one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="run the environments whose name holds this text")
    parser.add_argument("--workers", type=int, default=2, help="processes of the numerical tests")
    arguments = parser.parse_args()
    chosen = [one for one in environments() if arguments.only in one.name]
    if not chosen:
        parser.error(f"--only must be part of a name, got {arguments.only!r}")
    passed = [run(environment, arguments.workers) for environment in chosen]
    return int(not all(passed))


if __name__ == "__main__":
    sys.exit(main())
