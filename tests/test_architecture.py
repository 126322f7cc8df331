"""The rules of the building, read from the imports and the syntax of every file; each says which file breaks it.

Imports go downwards only, and never from one wing into another. Where a rule has exceptions they are listed here with
their reason. The lists may only shrink.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent / "gainsim"
FILES = sorted(ROOT.rglob("*.py"))

#: from the ground up; what stands on one line are wings side by side, which never import each other
FLOORS: tuple[tuple[frozenset[str], ...], ...] = tuple(
    tuple(frozenset(wing.split()) for wing in floor.split("|"))
    for floor in (
        "errors problems sums sample numbers spelling needs units quantities rates durations slips asked progress",
        "grid ops",
        "offer tables facts scopes ratchet periods",
        "streams drivers dependence linked chance operations world control_variates | conduct"
        " | terms costs effort_lines credit taxes budget ledger gates",
        "exchange measured model cells bridge accounts one_number below_zero central",
        "measures",
        "trials",
        "weighing",
        "planning",
        "returns words titles years deals clause_words",
        "outcome",
        "measuring",
        "approval early_end lifecycle judging precision adjustment two_sides put_in error_costs",
        "base | scenario",
        "register",
        "contingency",
        "summary checks",
        "analyses futures service service_outcomes service_spent service_data | calibration",
        "text statements writing | report",
        "settlements api clause",
        "cli",
        "__main__ __init__",
    )
)
#: (importing unit, imported module): why
ALLOWED_ACROSS = {
    ("terms", "gainsim.conduct.decisions"): "the seam: decisions are handed to the deal as plain values",
}
#: the one home of each third party, and whether it is imported only when it is needed
HOMES = {
    "llvmlite": (("ops/machine.py", "operations/twin/"), False),
    "numba": (("operations/twin/",), False),
    "simpy": (("operations/events/",), True),
    "platformdirs": (("ops/machine.py",), False),
    "click": (("cli/",), False),
    "pandas": (("api.py", "clause.py", "settlements.py"), True),
    "yaml": (("scenario/reading.py", "scenario/commas.py", "scenario/rewriting.py"), False),
    "pydantic": (("offer/", "scenario/"), False),
    "pydantic_core": (("offer/", "scenario/"), False),
    "matplotlib": (("report/",), True),
    "jinja2": (("report/",), True),
    "markupsafe": (("report/",), True),
    "xlsxwriter": (("report/workbook/",), True),
    "scipy": (("",), True),
    "numpy": (("",), False),
}
LONGEST = 400
#: longer files: (at most so many lines, why they are one file)
LONG_FILES = {
    "grid.py": (430, "calendar, windows and clocks share their dates"),
}
REFUSED_NAMES = frozenset({"util", "utils", "helper", "helpers", "manager", "handle", "handler", "process", "misc"})
#: the way of money from draws to measures: IEEE basics and our own kernels only
MONEY_PATH = (
    "ops/", "streams/", "drivers/", "operations/", "conduct/", "terms/", "dependence/", "linked.py", "chance.py", "world.py",
    "costs.py", "control_variates.py", "facts.py", "scopes.py", "ledger.py", "model.py", "bridge.py", "sums.py", "sample.py",
    "outcome.py", "measures.py", "returns.py", "measuring.py", "summary.py", "checks.py",
)  # fmt: skip
NOT_STRICT = frozenset({
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "float_power", "pow", "interp", "minimum", "maximum",
    "fmin", "fmax", "clip", "sum", "nansum", "mean", "average", "std", "var", "prod", "dot", "vdot", "inner", "matmul",
    "einsum", "tensordot", "cumsum", "cumprod", "quantile", "percentile", "median", "sin", "cos", "tan", "tanh", "erf",
})  # fmt: skip
#: (file, what it says): why it cannot move money, or why its bits are not in question
ALLOWED_ON_THE_MONEY_PATH = {
    ("bridge.py", "np.maximum"): "a spread held at 0 on its way into a square root: the sign of a zero moves no money",
    ("ops/run_text.py", "np.cumsum"): "places in a table: whole numbers",
    ("checks.py", "**"): "how many paths to advise in a message",
    ("sums.py", "np.prod"): "a shape: whole numbers",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def unit_of(module: str) -> str:
    """The part of the building a module belongs to: the name below gainsim."""
    return module.split(".")[1] if "." in module else "__init__"


def floor_of(unit: str) -> tuple[int, frozenset[str]]:
    """The floor of a unit, from the ground up, and its wing."""
    for number, floor in enumerate(FLOORS):
        for wing in floor:
            if unit in wing:
                return number, wing
    raise AssertionError(f"gainsim/{unit} stands on no floor: give it one in FLOORS")


class Import(NamedTuple):
    """One import: the module, whether it waits until it is needed, and its line."""

    module: str
    lazy: bool
    line: int


def imports_of(path: Path) -> list[Import]:
    """Every import of a file; `from gainsim import ops` is an import of gainsim.ops."""
    found: list[Import] = []

    def visit(node: ast.AST, lazy: bool) -> None:
        for child in ast.iter_child_nodes(node):
            waits = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types_only(child)
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, lazy, child.lineno) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{name_of(path)}:{child.lineno}: write the whole name of the module"
                found.extend(Import(module, lazy, child.lineno) for module in _named(child))
            visit(child, waits)

    visit(tree_of(path), False)
    return found


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _named(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    for alias in node.names:
        whole = f"{module}.{alias.name}"
        place = ROOT.parent / Path(*whole.split("."))
        yield (
            whole if module.startswith("gainsim") and (place.is_dir() or place.with_suffix(".py").is_file()) else module
        )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_downwards_and_never_into_another_wing(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    floor, wing = floor_of(own)
    for imported in imports_of(path):
        if not imported.module.startswith("gainsim.") or unit_of(imported.module) == own:
            continue  # `from gainsim import __version__` imports nothing new
        unit = unit_of(imported.module)
        there, other = floor_of(unit)
        place = f"gainsim/{name_of(path)}:{imported.line} imports {imported.module}"
        if (own, imported.module) in ALLOWED_ACROSS:
            continue
        assert there <= floor, f"{place}, which stands above it"
        assert there < floor or other == wing, f"{place}, which is another wing"


def test_the_seam_is_used_where_it_is_allowed() -> None:
    """An exception that is needed no longer goes."""
    used = {(path.relative_to(ROOT).parts[0].removesuffix(".py"), i.module) for path in FILES for i in imports_of(path)}
    assert set(ALLOWED_ACROSS) <= used


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_third_party_has_one_home(path: Path) -> None:
    for imported in imports_of(path):
        package = imported.module.split(".")[0]
        if package not in HOMES:
            assert package == "gainsim" or package in _STANDARD, f"{name_of(path)}:{imported.line} imports {package}"
            continue
        homes, lazy = HOMES[package]
        place = f"gainsim/{name_of(path)}:{imported.line} imports {imported.module}"
        assert name_of(path).startswith(homes), f"{place}; its home is {', '.join(homes)}"
        assert imported.lazy or not lazy, f"{place} before it is needed: import it inside the function"


def _standard() -> frozenset[str]:
    import sys

    return frozenset(sys.stdlib_module_names)


_STANDARD = _standard()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_evaluated_and_nothing_imported_by_star(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "__import__"), f"{name_of(path)}:{node.lineno}: {node.func.id}"
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names), f"{name_of(path)}:{node.lineno}: a star import"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_long_without_a_reason(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    most, _ = LONG_FILES.get(name_of(path), (LONGEST, ""))
    assert lines <= most, f"gainsim/{name_of(path)} has {lines} lines, at most {most}: split it"


def test_the_list_of_long_files_shrinks() -> None:
    for name in LONG_FILES:
        path = ROOT / name
        assert path.is_file(), f"{name} is gone: strike it from LONG_FILES"
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines > LONGEST, f"{name} is short now: strike it from LONG_FILES"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_names_say_what_is_meant(path: Path) -> None:
    names = {path.stem: 1}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names[node.name] = node.lineno
    for name, line in names.items():
        words = name.strip("_").lower().split("_")
        place = f"gainsim/{name_of(path)}:{line}: '{name}'"
        assert not REFUSED_NAMES & set(words), f"{place} says nothing"
        assert words[-1] not in ("ex", "new", "old", "2") or name == "new", f"{place} tells of its history"


def _not_strict(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What differs between machines or versions, or leaves the sign of zero open."""
    for node in ast.walk(tree):
        said = ""
        if isinstance(node, ast.Attribute):
            said = _of_a_module(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not _of_a_module(node.func):
            said = f".{node.func.attr}()" if node.func.attr in ("sum", "dot", "prod", "std", "cumsum") else ""
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            said = "@"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            said = "" if isinstance(node.left, ast.Constant) else "**"
        if said:
            yield said, node.lineno


def _of_a_module(node: ast.Attribute) -> str:
    """np.exp, math.log, np.linalg.eigh; nothing where it is allowed."""
    if isinstance(node.value, ast.Attribute) and node.value.attr == "linalg":
        return f"linalg.{node.attr}"
    module = node.value.id if isinstance(node.value, ast.Name) else ""
    return f"{module}.{node.attr}" if module in ("np", "numpy", "math") and node.attr in NOT_STRICT else ""


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path).startswith(MONEY_PATH)], ids=name_of)
def test_money_meets_only_strict_arithmetic(path: Path) -> None:
    for said, line in _not_strict(tree_of(path)):
        place = f"gainsim/{name_of(path)}:{line} says {said}"
        assert (name_of(path), said) in ALLOWED_ON_THE_MONEY_PATH, f"{place}: use gainsim.ops or gainsim.sums"


def test_every_exception_on_the_money_path_is_needed() -> None:
    said = {(name_of(path), what) for path in FILES for what, _ in _not_strict(tree_of(path))}
    assert set(ALLOWED_ON_THE_MONEY_PATH) <= said


def test_the_rules_see_what_they_forbid() -> None:
    """The rules themselves are tested: each of these is caught."""
    forbidden = ast.parse("np.exp(x)\nx.sum()\na @ b\nx ** 2\nnp.linalg.cholesky(a)\nmath.log(x)\n")
    assert [line for _, line in sorted(_not_strict(forbidden), key=lambda each: each[1])] == [1, 2, 3, 4, 5, 6]
    assert floor_of("world")[1] != floor_of("terms")[1]
    assert floor_of("offer")[0] < floor_of("world")[0] < floor_of("bridge")[0] < floor_of("cli")[0]
