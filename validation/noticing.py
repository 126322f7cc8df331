"""Which test notices a fault: what each test executes, and the first one that fails against a mutant.

All tests are collected once, in a process of which every mutant is a fork: there the function with the fault is given the
code with the fault. What acts as a file is imported is tried in a copy of the project.
"""

from __future__ import annotations

import ast
import gc
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import pytest

from validation.faults import Mutant

ROOT = Path(__file__).resolve().parent.parent
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

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Of random contracts, which come in batches, the first batch is enough."""
        items[:] = [item for item in items if not _is_further_batch(item)]

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

    def measure(self, targets: Sequence[str], names: Iterable[str]) -> Measured:
        """Run tests, each with all that it needs made anew. One that fails without any fault is left out."""
        lines = coverage.Coverage(data_file=None, include=[str(ROOT / each) for each in targets], config_file=False)
        seconds: dict[str, float] = {}
        lines.start()
        for name in names:
            lines.switch_context(name)
            self._failed, began = "", time.process_time()
            self.run(name)
            if not self._failed:
                seconds[name] = time.process_time() - began
        lines.stop()
        by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        data = lines.get_data()
        for file in data.measured_files():
            for line, names in data.contexts_by_lineno(file).items():
                by_line[Path(file).relative_to(ROOT).as_posix(), line] = set(names) & seconds.keys()
        return Measured(seconds, dict(by_line))


def _is_further_batch(item: pytest.Item) -> bool:
    spec = getattr(item, "callspec", None)
    return "agree" in item.name and spec is not None and spec.params.get("first", 0) > 0


# --- against one fault ------------------------------------------------------------------------------------------------


def failing_test(mutant: Mutant, names: Sequence[str], tests: Tests) -> str:
    """The first test that fails against a mutant; called in a process of its own."""
    if not names:
        return ""
    if mutant.function is None:
        return failing_in_a_copy(mutant, names)
    put_in(mutant)
    return tests.first_failing(names)


def put_in(mutant: Mutant) -> None:
    """Give the function with the fault its code, wherever it has been imported."""
    file = str(ROOT / mutant.file)
    code = next(each for each in _codes(compile(mutant.tree, file, "exec")) if _place(each) == (file, mutant.function))
    found = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    found = [each for each in found if _place(each.__code__) == (file, mutant.function)]
    assert found, f"{mutant.function} of {mutant.file} is nowhere"
    for each in found:
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


# --- apart ------------------------------------------------------------------------------------------------------------


def apart(work: Callable[[], Any], seconds: int = resource.RLIM_INFINITY) -> tuple[BaseProcess, Connection]:
    """Begin work in a fork of this process, whose output is dropped; its result comes through the connection.

    seconds: of a processor, after which it is ended
    """
    answer, sending = get_context("fork").Pipe(duplex=False)

    def silently() -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        with tempfile.TemporaryDirectory() as folder:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = folder  # folders of tests that run at the same time stay apart
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
