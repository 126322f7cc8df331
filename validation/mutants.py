"""Would the tests notice? A seeded sample of small faults, one at a time, in the code that settles.

A mutant is the program with one fault (`validation/faults.py` says which there are). It is killed when a test fails.
Only the tests that execute the statement with the fault can tell, so they alone are run, the quickest first, until one
fails; a mutant in a statement that no test executes is alive. Of what lives some are equivalent: no input tells them
from the original; they stand with their reason in `validation/equivalent.toml`. Each other one is a missing test.

`python -m validation.mutants [--sample 300] [--seed 1] [--workers 2] [--json]`; a study of full length is recorded in
`validation/results/mutants.json`.

The study is a loop of pytest's own: all tests are collected once; each mutant is a fork of that process, in which the
function with the fault has the code with the fault. What acts as a file is imported is tried in a copy of the project.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import pytest

from validation.faults import Mutant, mutant, sites

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "validation" / "results" / "mutants.json"
EQUIVALENT = ROOT / "validation" / "equivalent.toml"
#: terms, settle and ledger, and what acts on what is settled
TARGETS = (
    "gainsim/terms/*.py",
    *(f"gainsim/{name}.py" for name in ("tables", "ratchet", "ledger", "needs", "costs", "credit", "taxes")),
    *(f"gainsim/{name}.py" for name in ("accounts", "settlements", "statements", "conduct/decisions")),
    *(f"gainsim/scenario/{name}.py" for name in ("settling", "memory")),
)
#: the tests of what settles. Those that need many paths, or published rows, are left out: that can but let more live
TESTS = (
    *(f"tests/test_{name}.py" for name in ("bridge", "cash", "clauses", "costs", "credit", "deals", "exit", "limits")),
    *(f"tests/test_{name}.py" for name in ("milestones", "needs", "over", "parties", "ratchet", "rates", "settle")),
    *(f"tests/test_{name}.py" for name in ("settlement_oracle", "tables", "taxes", "text", "worked")),
    *("tests/test_oracle_*.py", "tests/terms", "tests/scenario/test_bad_files.py", "tests/scenario/test_amendments.py"),
    *("gainsim/terms", "gainsim/tables.py", "gainsim/needs.py", "gainsim/statements.py"),
    *("gainsim/credit.py", "gainsim/taxes.py"),
)
BUDGET = 30.0  # seconds of tests that a mutant is tried with, the quickest of those that can notice it
PATIENCE = 300  # seconds of a processor, after which a mutant is taken to run in circles


@dataclass(frozen=True)
class Measured:
    """What the tests do without any fault.

    seconds: by test, how long it takes a processor
    by_line: by file and line, the tests that execute it
    """

    seconds: dict[str, float]
    by_line: dict[tuple[str, int], set[str]]

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that can notice a fault, the quickest first: for what acts at import, all that come into the file."""
        if mutant.function is None:
            of_lines = [tests for (file, _), tests in self.by_line.items() if file == mutant.file]
        else:
            of_lines = [self.by_line.get((mutant.file, line), set()) for line in mutant.lines]
        tests = sorted(set().union(*of_lines), key=lambda test: self.seconds[test])
        together = accumulate(self.seconds[test] for test in tests)
        return [test for test, so_far in zip(tests, together, strict=True) if so_far <= BUDGET]


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. by: the test that failed; "" if none did, and the mutant lives."""

    mutant: Mutant
    by: str
    seconds: float


class Tests:
    """All tests, collected, in this process: pytest calls `loop` once they are, in the place of running them."""

    def __init__(self, loop: Callable[[Tests], None]) -> None:
        self._loop = loop
        self.items: dict[str, pytest.Item] = {}
        self._failed = ""

    def pytest_configure(self) -> None:
        """Random examples are the same each time, and one that fails is enough: none that is simpler is looked for."""
        from hypothesis import Phase, settings

        settings.register_profile("mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """What pytest does instead of running the tests."""
        self.items = {item.nodeid: item for item in session.items}
        self._loop(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Pytest tells how a test went."""
        if report.failed:
            self._failed = report.nodeid

    def first_failing(self, names: Sequence[str]) -> str:
        """Run tests in this order until one fails; its name, "" if none does."""
        for name, following in zip(names, [*names[1:], None], strict=True):
            self.run(name, following)
            if self._failed:
                break
        return self._failed

    def run(self, name: str, following: str | None = None) -> None:
        """Run one test; what it shares with the following one is kept."""
        item, then = self.items[name], None if following is None else self.items[following]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=then)

    def measure(self) -> Measured | str:
        """Run every test, with all that it needs made anew; the name of one that fails, if any does."""
        lines = coverage.Coverage(data_file=None, include=[str(ROOT / each) for each in TARGETS], config_file=False)
        seconds: dict[str, float] = {}
        lines.start()
        for name in self.items:
            lines.switch_context(name)
            began = time.process_time()
            self.run(name)
            seconds[name] = time.process_time() - began
            if self._failed:
                return self._failed
        lines.stop()
        by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        data = lines.get_data()
        for file in data.measured_files():
            for line, names in data.contexts_by_lineno(file).items():
                by_line[Path(file).relative_to(ROOT).as_posix(), line] = set(names) & seconds.keys()
        return Measured(seconds, dict(by_line))


# --- one mutant ------------------------------------------------------------------------------------------------------


def failing_test(mutant: Mutant, names: Sequence[str], tests: Tests) -> str:
    """The first test that fails against a mutant; called in a process of its own."""
    if mutant.function is None:
        return failing_in_a_copy(mutant, names)
    put_in(mutant)
    return tests.first_failing(names)


def put_in(mutant: Mutant) -> None:
    """Give the function with the fault its code, wherever it has been imported."""
    file = str(ROOT / mutant.file)
    code = next(each for each in _codes(compile(mutant.tree, file, "exec")) if _place(each) == (file, mutant.function))
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and _place(each.__code__) == (file, mutant.function):
            each.__code__ = code


def _place(code: CodeType) -> tuple[str, tuple[str, int]]:
    return code.co_filename, (code.co_qualname, code.co_firstlineno)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def failing_in_a_copy(mutant: Mutant, names: Sequence[str]) -> str:
    """The first test that fails in a copy of the project that has the fault."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "main"
        shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns(".git", ".venv"))
        if (ROOT.parent / "shared").exists():
            (Path(folder) / "shared").symlink_to((ROOT.parent / "shared").resolve())
        (place / mutant.file).write_text(ast.unparse(mutant.tree), "utf-8")
        (Path(folder) / "tests").write_text("\n".join(names), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{folder}/tests"]
        environment = {**os.environ, "PYTHONPATH": str(place)}
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    said = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "" if done.returncode == 0 else said[0].split(" ")[1] if said else f"ended with {done.returncode}"


# --- all of them -----------------------------------------------------------------------------------------------------


def judge(chosen: Iterable[Mutant], tests: Tests, measured: Measured, workers: int) -> Iterator[Verdict]:
    """Try each mutant in a process of its own, so many at a time."""
    waiting = deque(chosen)
    running: dict[Connection, tuple[Mutant, BaseProcess, float]] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            mutant = waiting.popleft()
            names = measured.tests_of(mutant)
            process, answer = apart(lambda mutant=mutant, names=names: failing_test(mutant, names, tests), PATIENCE)
            running[answer] = mutant, process, time.monotonic()
        for answer in wait(list(running)):
            mutant, process, began = running.pop(answer)
            by = heard(answer)
            process.join()
            yield Verdict(mutant, by, round(time.monotonic() - began, 1))


def apart(work: Callable[[], Any], limit: int) -> tuple[BaseProcess, Connection]:
    """Begin work in a fork of this process, whose output is dropped; its result comes through the connection.

    limit: seconds of a processor, after which it is ended
    """
    answer, sending = get_context("fork").Pipe(duplex=False)

    def silently() -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        sending.send(work())

    process = get_context("fork").Process(target=silently)
    process.start()
    sending.close()
    return process, answer


def heard(answer: Connection) -> Any:
    """The result of what runs apart; a process that died has found a fault, too."""
    try:
        return answer.recv()
    except EOFError:
        return "dies"


def equivalents() -> dict[tuple[str, str, str], str]:
    """Mutants that no input tells from the original: (file, before, after) → why."""
    if not EQUIVALENT.exists():
        return {}
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8")).get("mutant", [])
    return {(each["file"], each["before"], each["after"]): each["why"] for each in listed}


def draw(sample: int, seed: int) -> tuple[list[Mutant], int]:
    """Some of all mutants that there can be, and how many there can be."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for each in TARGETS for path in ROOT.glob(each)}
    every = [site for file in sorted(texts) for site in sites(file, texts[file])]
    drawn = random.Random(seed).sample(every, min(sample, len(every)))
    return [mutant(site, texts[site.file]) for site in drawn], len(every)


def study(tests: Tests, asked: argparse.Namespace) -> dict[str, Any]:
    """Draw the sample, judge it, say what lives; the record."""
    began = time.monotonic()
    measured = heard(apart(tests.measure, resource.RLIM_INFINITY)[1])
    if not isinstance(measured, Measured):
        sys.exit(f"A test fails without any fault: {measured}")
    print(f"{len(tests.items)} tests in {sum(measured.seconds.values()):.0f} s", file=sys.stderr)
    chosen, possible = draw(asked.sample, asked.seed)
    known = equivalents()
    living = []
    gc.freeze()  # what all processes share stays shared
    for number, verdict in enumerate(judge(chosen, tests, measured, asked.workers), start=1):
        m = verdict.mutant
        if not verdict.by:
            why = known.get((m.file, m.before, m.after), "")
            living.append({"file": m.file, "line": m.lines.start, "before": m.before, "after": m.after, "why": why})
        told = f"killed by {verdict.by} after {verdict.seconds} s" if verdict.by else "ALIVE"
        print(f"{number}: {m.file}:{m.lines.start}: {m.before}  ->  {m.after}: {told}", file=sys.stderr)
    equivalent = sum(1 for each in living if each["why"])
    return {
        "study": "mutants of terms, settle and ledger",
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "tests": len(tests.items),
        "seed": asked.seed,
        "possible": possible,
        "sample": len(chosen),
        "alive": len(living),
        "of them equivalent": equivalent,
        "share alive": round((len(living) - equivalent) / len(chosen), 4),
        "seconds": round(time.monotonic() - began),
        "living": living,
    }


def main() -> None:
    """Run the study; with --json, print and keep its record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=300, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--json", action="store_true", help="print the record, and keep it")
    asked = parser.parse_args()
    records: list[dict[str, Any]] = []
    tests = Tests(lambda tests: records.append(study(tests, asked)))
    places = [str(path) for each in TESTS for path in sorted(ROOT.glob(each))]
    pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-k", "not compiled", *places], plugins=[tests])
    for record in records:
        text = json.dumps(record, indent=2)
        if asked.json:
            RECORD.write_text(f"{text}\n", "utf-8")
            print(text)
        else:
            print(f"{record['alive']} of {record['sample']} alive, {record['of them equivalent']} of them equivalent")


if __name__ == "__main__":
    main()
