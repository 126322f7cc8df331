"""Would the tests notice? A seeded sample of small faults, one at a time, in the code that settles.

A mutant is the program with one fault (`validation/faults.py` says which there are). It is killed when a test fails.
Only the tests that execute the statement with the fault can tell, so they alone are run, the quickest first, until one
fails; a mutant in a statement that no test executes is alive. Of what lives some are equivalent: no input tells them
from the original; they stand with their reason in `validation/equivalent.toml`. Each other one is a missing test.

`python -m validation.mutants [--sample 300] [--seed 1] [--workers 2] [--json]`; a study of full length is recorded in
`validation/results/mutants.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import time
import tomllib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

from validation.faults import Mutant, mutant, sites
from validation.noticing import PATIENCE, ROOT, Measured, Tests, apart, failing_test, heard

RECORD = ROOT / "validation" / "results" / "mutants.json"
EQUIVALENT = ROOT / "validation" / "equivalent.toml"
#: terms, settle and ledger, and what acts on what is settled
TARGETS = (
    "gainsim/terms/*.py",
    *(f"gainsim/{name}.py" for name in ("tables", "ratchet", "ledger", "needs", "costs", "credit", "taxes")),
    *(f"gainsim/{name}.py" for name in ("accounts", "settlements", "statements", "conduct/decisions")),
    *(f"gainsim/scenario/{name}.py" for name in ("settling", "memory")),
)
#: the tests of what settles. Some that take long are left out, and all but the first hundred random contracts of a family:
#: that can but let more live
TESTS = (
    *(f"tests/test_{name}.py" for name in ("bridge", "cash", "clauses", "costs", "credit", "deals", "exit", "gates")),
    *(f"tests/test_{name}.py" for name in ("limits", "milestones", "needs", "over", "parties", "ratchet", "rates")),
    *(f"tests/test_{name}.py" for name in ("settle", "settlement_oracle", "tables", "taxes", "text", "worked")),
    *("tests/test_oracle_*.py", "tests/terms", "tests/scenario/test_bad_files.py", "tests/scenario/test_amendments.py"),
    *("gainsim/terms", "gainsim/tables.py", "gainsim/needs.py", "gainsim/statements.py"),
    *("gainsim/credit.py", "gainsim/taxes.py"),
)
LEFT_OUT = "compiled or bits or of_a_path or an_early_default or binds or drawn or figures or as_any or before_or_after"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. by: the test that failed; "" if none did, and the mutant lives."""

    mutant: Mutant
    by: str
    seconds: float


def measure(tests: Tests, workers: int) -> Measured:
    """What the tests do without any fault, each worker seeing to some of them."""
    names = list(tests.items)
    parts = [names[number::workers] for number in range(workers)]
    answers = [apart(lambda part=part: tests.measure(TARGETS, part))[1] for part in parts]
    seconds: dict[str, float] = {}
    by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
    for found in [heard(answer) for answer in answers]:
        seconds |= found.seconds
        for line, of_line in found.by_line.items():
            by_line[line] |= of_line
    return Measured(seconds, dict(by_line))


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


def equivalent(living: Iterable[Mapping[str, Any]]) -> int:
    """How many of those that live no input tells from the original: they are listed, each with its reason."""
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8"))["mutant"]
    known = {(each["file"], each["before"], each["after"]) for each in listed if each["why"]}
    return sum(1 for each in living if (each["file"], each["before"], each["after"]) in known)


def draw(sample: int, seed: int) -> tuple[list[Mutant], int]:
    """Some of all mutants that there can be, and how many there can be."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for each in TARGETS for path in ROOT.glob(each)}
    every = [site for file in sorted(texts) for site in sites(file, texts[file])]
    drawn = random.Random(seed).sample(every, min(sample, len(every)))
    return [mutant(site, texts[site.file]) for site in drawn], len(every)


def study(tests: Tests, asked: argparse.Namespace) -> dict[str, Any]:
    """Draw the sample, judge it, say what lives; the record."""
    began = time.monotonic()
    measured = measure(tests, asked.workers)
    print(f"{len(measured.seconds)} tests pass in {sum(measured.seconds.values()):.0f} s", file=sys.stderr)
    chosen, possible = draw(asked.sample, asked.seed)
    living = []
    for number, verdict in enumerate(judge(chosen, tests, measured, asked.workers), start=1):
        m = verdict.mutant
        if not verdict.by:
            living.append({"file": m.file, "line": m.lines.start, "before": m.before, "after": m.after})
        told = f"killed by {verdict.by} after {verdict.seconds} s" if verdict.by else "ALIVE"
        print(f"{number}: {m.file}:{m.lines.start}: {m.before}  ->  {m.after}: {told}", file=sys.stderr)
    return {
        "study": "mutants of terms, settle and ledger",
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "tests": len(measured.seconds),
        "seed": asked.seed,
        "possible": possible,
        "sample": len(chosen),
        "alive": len(living),
        "seconds": round(time.monotonic() - began),
        "living": sorted(living, key=lambda each: (each["file"], each["line"], each["after"])),
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
    pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-k", f"not ({LEFT_OUT})", *places], plugins=[tests])
    for record in records:
        text = json.dumps(record, indent=2)
        if asked.json:
            RECORD.write_text(f"{text}\n", "utf-8")
            print(text)
        else:
            print(f"{record['alive']} of {record['sample']} alive, {equivalent(record['living'])} of them equivalent")


if __name__ == "__main__":
    main()
