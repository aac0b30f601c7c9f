"""What runs before a record is closed uses only operations that are the same to the last bit on every machine.

Looked at are all modules of `simulation`. A function that does otherwise must be listed with its reason: mostly that
it comes after the record (statistics, verdicts).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# Of the math module: exact by IEEE 754, or exact by their nature, or constants.
MATH = {
    "sqrt", "fabs", "floor", "ceil", "copysign", "isnan", "isfinite", "isinf", "isqrt", "comb", "inf", "nan", "pi",
    "prod", "gcd", "nextafter",
}  # fmt: skip

# Of NumPy: whole numbers, order, shapes, comparisons, and additions, multiplications, divisions and square roots. Its
# sums have an order that depends on shape and layout alone.
NUMPY = {
    "abs", "add", "all", "any", "arange", "argmax", "argmin", "argsort", "argwhere", "array", "array_equal",
    "asarray", "ascontiguousarray", "atleast_1d", "atleast_2d", "bincount", "bool_", "broadcast_shapes",
    "broadcast_to", "clip", "column_stack", "concatenate", "copy", "count_nonzero", "cumsum", "diag", "diff",
    "divide", "divmod", "dtype", "empty", "empty_like", "errstate", "expand_dims", "eye", "fill_diagonal", "finfo",
    "flatnonzero", "float64", "floor", "full", "full_like", "generic", "hstack", "iinfo", "indices", "inf", "int16",
    "int32", "int64", "int8", "integer", "intp", "isfinite", "isnan", "issubdtype", "ix_", "lexsort", "linspace",
    "maximum", "meshgrid", "minimum", "moveaxis", "nan", "ndarray", "ndim", "ndindex", "newaxis", "nonzero", "ones",
    "ones_like", "outer", "ptp", "quantile", "ravel", "ravel_multi_index", "repeat", "reshape", "rint", "round",
    "searchsorted", "shape", "sign", "size", "sort", "sqrt", "stack", "swapaxes", "take_along_axis", "tile",
    "__version__", "transpose", "triu", "ufunc", "uint64", "uint8", "unique", "unravel_index", "vstack", "where",
    "void", "zeros", "zeros_like",
}  # fmt: skip
NUMPY_RANDOM = {"Generator", "PCG64", "SeedSequence", "default_rng"}

# What a generator offers, but for `random` and `integers`, and NumPy's arrays but for exact methods.
DRAWS = {
    "beta", "binomial", "chisquare", "choice", "dirichlet", "exponential", "f", "gamma", "geometric", "gumbel",
    "hypergeometric", "laplace", "logistic", "lognormal", "logseries", "multinomial",
    "multivariate_normal", "negative_binomial", "noncentral_chisquare", "normal", "pareto", "permutation",
    "permuted", "poisson", "power", "rayleigh", "shuffle", "standard_cauchy", "standard_exponential",
    "standard_gamma", "standard_normal", "standard_t", "triangular", "uniform", "vonmises", "wald", "weibull",
    "zipf", "dot", "var",
}  # fmt: skip
LIBRARIES = {"scipy", "random", "cmath", "statistics", "decimal", "jax"}

STATISTICS = "standard errors and intervals, after the record"
VERDICT = "a verdict, after the record"
WHOLE = "a power of whole numbers"
JAX = "games with state, whose bits are the same on one type of machine"
EXCEPTIONS = {
    "simulation.gradual.graded_games.GradedGame.__init__": WHOLE,
    "simulation.tournaments.graded._pairings_of": STATISTICS,
    "simulation.matches.match.estimate_means": STATISTICS,
    "simulation.tournaments.ranking": STATISTICS,
    "simulation.tournaments.tables": STATISTICS,
    "simulation.tournaments.verdict": VERDICT,
    "simulation.worlds": VERDICT,
    "simulation.gradual.groups.outcome": VERDICT,
    "simulation.environments.markov": JAX,
    "simulation.markov_games": JAX,
    "simulation.engine.kept_programs": JAX,
}
"""Functions, and modules of which all functions come after the record or promise their bits on one machine alone."""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def sources() -> dict[str, ast.Module]:
    found = {}
    for path in sorted((ROOT / "simulation").rglob("*.py")):
        found[module_name(path)] = ast.parse(path.read_text(encoding="utf-8"))
    return found


SOURCES = sources()


def in_functions(tree: ast.AST, name: str) -> Iterator[tuple[str, ast.AST]]:
    """Return every node of a module with the name of the function (of a class) that it stands in."""
    for node in ast.iter_child_nodes(tree):
        inner = name
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = f"{name}.{node.name}"
        yield inner, node
        yield from in_functions(node, inner)


def is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def fault(node: ast.AST) -> str | None:
    """Say what a node does that may differ from machine to machine, None if nothing."""
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return None if is_whole(left) and is_whole(right) else "**"
        case ast.AugAssign(op=ast.Pow()):
            return "**="
        case ast.BinOp(op=ast.MatMult()) | ast.AugAssign(op=ast.MatMult()):
            return "@"
        case ast.Attribute(value=ast.Name(id="math"), attr=name):
            return None if name in MATH else f"math.{name}"
        case ast.Attribute(value=ast.Name(id="np"), attr="random"):
            return None
        case ast.Attribute(value=ast.Name(id="np"), attr=name):
            return None if name in NUMPY else f"np.{name}"
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="np"), attr="random"), attr=name):
            return None if name in NUMPY_RANDOM else f"np.random.{name}"
        case ast.Call(func=ast.Attribute(attr=name)) if name in DRAWS:
            return f".{name}()"
        case ast.Call(func=ast.Name(id="pow")):
            return "pow()"
        case ast.Call(keywords=keywords) if any(k.arg in ("fastmath", "optimize") for k in keywords):
            return "fastmath"
        case ast.Import(names=names) if {n.name.split(".")[0] for n in names} & LIBRARIES:
            return f"import {names[0].name}"
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] in LIBRARIES:
            return f"import from {module}"
        case ast.ImportFrom(module="math", names=names) if {n.name for n in names} - MATH:
            return "import from math"
        case ast.ImportFrom(module=str(module)) if (
            module.split(".")[0] == "numpy" and module != "numpy.typing"
        ):
            return f"import from {module}"
    return None


def faults() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for module, tree in SOURCES.items():
        for function, node in in_functions(tree, module):
            what = fault(node)
            if what:
                found.setdefault(function, []).append(f"{what} in line {node.lineno}")  # type: ignore[attr-defined]
    return found


def is_in(name: str, exception: str) -> bool:
    return f"{name}.".startswith(f"{exception}.")


def test_every_operation_is_the_same_on_every_machine() -> None:
    assert len(SOURCES) > 60
    unlisted = {name: what for name, what in faults().items() if not any(is_in(name, e) for e in EXCEPTIONS)}
    assert not unlisted


def test_no_exception_is_listed_in_vain() -> None:
    assert not [e for e in EXCEPTIONS if not any(is_in(name, e) for name in faults())]


@pytest.mark.parametrize(
    "line",
    ["x ** 2", "2.0 ** n", "x **= 2", "a @ b", "math.exp(x)", "math.log(2.0)", "np.exp(x)", "np.linalg.norm(x)",
     "np.einsum('ij->i', x)", "np.random.seed(1)", "generator.normal(0.0, 1.0)", "generator.permutation(3)",
     "pow(x, 2)", "x.dot(y)", "njit(f, fastmath=True)", "import scipy.linalg", "from scipy import stats",
     "from math import exp", "from numpy import exp", "import random"],
)  # fmt: skip
def test_what_is_forbidden_is_found(line: str) -> None:
    assert any(fault(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    ["2 ** 30", "math.sqrt(x)", "math.inf", "np.sqrt(x)", "generator.random(3)", "generator.integers(3)",
     "np.random.SeedSequence(1)", "player.beta", "from numpy.typing import NDArray", "x * x"],
)  # fmt: skip
def test_what_is_allowed_is_not_found(line: str) -> None:
    assert not any(fault(node) for node in ast.walk(ast.parse(line)))
