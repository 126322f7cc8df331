"""Would the tests notice? A seeded sample of small faults, one at a time, in the code that settles.

A mutant is the program with one fault: a comparison turned, a sum made a difference, a larger made a smaller, a number
off by one, a condition denied, a statement left out. It is killed when a test fails. What stays alive is listed: some
are equivalent (no input tells them from the original), and stand with their reason in `validation/equivalent.toml`; each
of the others is a test that is missing.

`python -m validation.mutants [--sample 300] [--seed 1] [--workers 2] [--json]` works on copies of the project; a study of full
length is recorded in `validation/results/mutants.json`. It takes about an hour on two cores.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "validation" / "results" / "mutants.json"
EQUIVALENT = ROOT / "validation" / "equivalent.toml"
#: what settles: terms, tables, settlement on actuals, ledger
TARGETS = ("gainsim/terms", "gainsim/tables.py", "gainsim/settle.py", "gainsim/ledger.py", "gainsim/needs.py")
#: the tests of what settles, the quick ones first: pytest stops at the first that fails
TESTS = (
    "tests/test_worked.py",
    "gainsim/terms",
    "gainsim/tables.py",
    "gainsim/ledger.py",
    "gainsim/needs.py",
    "tests/test_clauses.py",
    "tests/terms",
    "tests/scenario/test_bad_files.py",
    "tests/test_settle.py",
    "tests/test_costs.py",
    "tests/test_validation_rows.py",
    "tests/test_settlement_oracle.py",
    "tests/oracle",
    "tests/scenarios",
)
LONGEST = 900.0  # seconds: a mutant that runs in circles is killed, too

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
_SWAPPED = {"maximum": "minimum", "minimum": "maximum", "both": "either", "either": "both", "min": "max", "max": "min"}


@dataclass(frozen=True)
class Mutant:
    """One fault. file: from the project's root; before, after: the code around it, so that it is known again."""

    file: str
    line: int
    before: str
    after: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. by: the first test that failed."""

    mutant: Mutant
    killed: bool
    by: str
    seconds: float


@dataclass(frozen=True)
class Site:
    """Where a fault can be made: the node by its place in `_code`, and which of its faults."""

    file: str
    node: int
    change: int


def sites() -> list[Site]:
    """Every fault that is known how to make, in the order of files."""
    files = [path for target in TARGETS for path in _files(ROOT / target)]
    return [
        Site(path.relative_to(ROOT).as_posix(), number, change)
        for path in files
        for number, node in enumerate(_code(ast.parse(path.read_text("utf-8"))))
        for change in range(_changes(node))
    ]


def _files(target: Path) -> list[Path]:
    return sorted(target.glob("*.py")) if target.is_dir() else [target] if target.exists() else []


def mutant(site: Site, text: str) -> Mutant:
    """A file's text with one fault.

    >>> made = mutant(Site("a.py", 5, 0), "def f(x):\\n    return x + 1\\n")
    >>> made.line, made.before, made.after
    (2, 'x + 1', 'x - 1')
    """
    tree = ast.parse(text)
    mutated = copy.deepcopy(tree)
    node, again = (list(_code(each))[site.node] for each in (tree, mutated))
    statement, changed = _statement(tree, node), _statement(mutated, again)
    _change(again, site.change)
    return Mutant(site.file, getattr(node, "lineno", 0), _around(statement), _around(changed), ast.unparse(mutated))


def _code(tree: ast.Module) -> Iterator[ast.AST]:
    """What can be made wrong: not annotations, docstrings, imports, messages of errors, nor examples."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Assert):
            continue
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            parts = value if isinstance(value, list) else [value]
            waiting.extend(part for part in parts if isinstance(part, ast.AST))


def _changes(node: ast.AST) -> int:
    """In how many ways a node can be made wrong."""
    match node:
        case ast.Compare(ops=[op]):
            return len(_TURNED[type(op)])
        case ast.BinOp(op=op):
            return int(type(op) in _OTHER)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return int(name in _SWAPPED)
        case ast.Call(func=ast.Attribute(attr="where")):
            return 1
        case ast.Constant(value=value):
            return int(isinstance(value, float | int) and not isinstance(value, bool)) or int(isinstance(value, bool))
        case ast.UnaryOp(op=ast.USub() | ast.Not()) | ast.BoolOp() | ast.If() | ast.IfExp():
            return 1
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            return 1
    return 0


def _change(node: ast.AST, which: int) -> None:
    """Make a node wrong in place."""
    match node:
        case ast.Compare():
            node.ops = [_TURNED[type(node.ops[0])][which]()]
        case ast.BinOp():
            node.op = _OTHER[type(node.op)]()
        case ast.Attribute():
            node.attr = _SWAPPED[node.attr]
        case ast.Name():
            node.id = _SWAPPED[node.id]
        case ast.Call():
            node.args[1], node.args[2] = node.args[2], node.args[1]
        case ast.Constant(value=value):
            node.value = not value if isinstance(value, bool) else value + 1
        case ast.UnaryOp():
            node.op = ast.UAdd() if isinstance(node.op, ast.USub) else node.op
            if isinstance(node.op, ast.Not):
                node.operand = ast.UnaryOp(ast.Not(), node.operand)
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Expr() | ast.AugAssign():
            _leave_out(node)
    ast.fix_missing_locations(node)


def _leave_out(node: ast.Expr | ast.AugAssign) -> None:
    """A statement that does nothing in the place of this one."""
    if isinstance(node, ast.Expr):
        node.value = ast.Constant(value=...)
    else:
        node.value, node.op = ast.Constant(value=0), ast.Add()


def _statement(tree: ast.Module, node: ast.AST) -> ast.AST:
    """The innermost statement around a node: what a reader needs to see of it."""
    found: ast.AST = node
    for parent in ast.walk(tree):
        if isinstance(parent, ast.stmt) and any(child is node for child in ast.walk(parent)):
            found = parent
    return found


def _around(statement: ast.AST) -> str:
    """The first line of a statement that says what it does, whole where it is short."""
    if isinstance(statement, ast.Return | ast.Expr) and statement.value is not None:
        return ast.unparse(statement.value)
    if isinstance(statement, ast.If | ast.For | ast.FunctionDef | ast.ClassDef | ast.With):
        return ast.unparse(statement).splitlines()[0]
    return ast.unparse(statement)


def judge(chosen: Sequence[Mutant], workers: int) -> Iterator[Verdict]:
    """Run the tests against each mutant, each worker on a copy of the project of its own."""
    with tempfile.TemporaryDirectory() as folder:
        copies: Queue[Path] = Queue()
        for number in range(workers):
            shutil.copytree(ROOT, Path(folder) / str(number) / "main", ignore=shutil.ignore_patterns(".git", ".venv"))
            if (ROOT.parent / "shared").exists():
                (Path(folder) / str(number) / "shared").symlink_to((ROOT.parent / "shared").resolve())
            copies.put(Path(folder) / str(number) / "main")

        def one(mutant: Mutant) -> Verdict:
            place = copies.get()
            try:
                return _judged(mutant, place)
            finally:
                copies.put(place)

        with ThreadPoolExecutor(workers) as pool:
            yield from pool.map(one, chosen)


def _judged(mutant: Mutant, place: Path) -> Verdict:
    began = time.perf_counter()
    file = place / mutant.file
    original = file.read_text("utf-8")
    file.write_text(mutant.text, "utf-8")
    try:
        failed = failing_test(place)
    finally:
        file.write_text(original, "utf-8")
    return Verdict(mutant, failed != "", failed, round(time.perf_counter() - began, 1))


def failing_test(place: Path) -> str:
    """The first test that fails on a copy of the project; "" if none does."""
    tests = [test for test in TESTS if (place / test).exists()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return "runs too long"
    if done.returncode == 0:
        return ""
    said = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return said[0][:160] if said else f"ended with {done.returncode}"


def equivalents() -> dict[tuple[str, str, str], str]:
    """Mutants that no input tells from the original: (file, before, after) → why."""
    if not EQUIVALENT.exists():
        return {}
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8")).get("mutant", [])
    return {(each["file"], each["before"], each["after"]): each["why"] for each in listed}


def main() -> None:
    """Draw the sample, judge it, say what lived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="copies that run at once")
    parser.add_argument("--json", action="store_true", help="print the record, and keep it")
    asked = parser.parse_args()
    if failed := failing_test(ROOT):
        sys.exit(f"The tests fail without any mutant: {failed}")
    every = sites()
    drawn = random.Random(asked.seed).sample(every, min(asked.sample, len(every)))
    chosen = [mutant(site, (ROOT / site.file).read_text("utf-8")) for site in drawn]
    known = equivalents()
    verdicts = []
    began = time.perf_counter()
    for number, verdict in enumerate(judge(chosen, asked.workers), start=1):
        verdicts.append(verdict)
        if not verdict.killed:
            m = verdict.mutant
            why = known.get((m.file, m.before, m.after), "")
            print(f"alive: {m.file}:{m.line}: {m.before}  ->  {m.after}  {why}", file=sys.stderr)
        print(f"{number} of {len(chosen)}, {sum(not v.killed for v in verdicts)} alive", end="\r", file=sys.stderr)
    alive = [v.mutant for v in verdicts if not v.killed]
    equivalent = [m for m in alive if (m.file, m.before, m.after) in known]
    record = {
        "study": "mutants of terms, settle and ledger",
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "seed": asked.seed,
        "possible": len(every),
        "sample": len(chosen),
        "alive": len(alive),
        "of them equivalent": len(equivalent),
        "share alive": round((len(alive) - len(equivalent)) / len(chosen), 4),
        "seconds": round(time.perf_counter() - began, 1),
        "living": [
            {key: value for key, value in asdict(m).items() if key != "text"}
            | {"why": known.get((m.file, m.before, m.after), "")}
            for m in alive
        ],
    }
    text = json.dumps(record, indent=2)
    if asked.json:
        RECORD.write_text(f"{text}\n", "utf-8")
        print(text)
    else:
        print(f"{len(alive)} of {len(chosen)} alive, {len(equivalent)} of them equivalent")


if __name__ == "__main__":
    main()
