"""What a failure costs: the compiled histories of operations beside SimPy, on one thread.

`python -m benchmarks.operations [--json] [--paths 4096] [--repeats 5] [--no-record]`

Ten machines with exponential lives of 500 hours on average, repairs of 20 and a crew of two, for five years. The compiled
histories draw their durations and add up every outcome by month. SimPy is given the same durations, drawn beforehand, in two
forms: `gainsim.operations.events`, which knows the same rules and tells the same history, and a script that knows these ten
machines alone and counts failures. All three must have as many. They take turns; times are of the processor.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import simpy

from benchmarks.record import Record, Target, command, judged
from gainsim.model import calendar_of
from gainsim.offer.operations import Operations
from gainsim.offer.scenario import CalendarText
from gainsim.operations.durations import Durations, Paths, Table
from gainsim.operations.events import FAILS, events
from gainsim.operations.account import Entry
from gainsim.operations.history import Histories
from gainsim.operations.plant import Plant, plant
from gainsim.problems import Problems

MACHINES, CREW, SEED = 10, 2, 1
#: how many paths SimPy has, at most
FEW = 16
TARGETS: dict[str, Target] = {"ratio_to_simpy": (">=", 100.0), "ns_per_failure": ("<=", 120.0)}


def the_plant() -> Plant:
    """Ten machines, a crew of two, five years by month."""
    breaks = {"life": {"exponential": {"mean": 500}}, "repair": {"exponential": {"mean": 20}}, "crew": "fitters"}
    machines = {"assets": MACHINES, "failures": {"breaks": breaks}}
    written = {"fleets": {"machines": machines}, "crews": {"fitters": {"number": CREW}}}
    calendar = calendar_of(CalendarText.model_validate({"start": "2027-01", "years": 5, "step": "month", "year": "contract"}))
    made = plant("hall", Operations.model_validate(written), calendar, Problems())
    assert made is not None
    return made


class Known(Durations):
    """Durations that are drawn once for each path, and then given."""

    def __init__(self, plant: Plant, seed: int) -> None:
        super().__init__(plant, seed)
        self.tables: dict[int, Table] = {}

    def lengthen(self, mode: int) -> None:
        super().lengthen(mode)
        self.tables.clear()

    def of(self, paths: Paths) -> Table:
        path = int(paths[0])
        if path not in self.tables:
            self.tables[path] = super().of(paths)
        return self.tables[path]


def by_script(known: Known, path: int) -> int:
    """The number of failures by a script that knows these machines alone."""
    env = simpy.Environment()
    crew = simpy.Resource(env, CREW)
    table = known.of(np.array([path], np.uint64))
    failures = 0

    def machine(lives: list[list[float]]) -> Iterator[Any]:
        nonlocal failures
        for life, repair, *_ in lives:
            yield env.timeout(life)
            failures += 1
            with crew.request() as member:
                yield member
                yield env.timeout(repair)

    for slot in range(MACHINES):
        env.process(machine(table.lives(slot, 0).tolist()))
    env.run(float(known.plant.rules.hours[-1]))
    return failures


def by_the_rules(known: Known, path: int) -> int:
    """The number of failures by the model that knows every rule."""
    return [event.what for event in events(known, path)].count(FAILS)


def measure(paths: int, repeats: int) -> Record:
    """Failures a second of each, nanoseconds a failure of the compiled histories, and how much slower SimPy is."""
    made = the_plant()
    histories, known = Histories(made, SEED), Known(made, SEED)
    many, few = np.arange(paths, dtype=np.uint64), range(min(paths, FEW))

    def compiled() -> int:
        return int(histories.sums(many, EVERYTHING)[0].sum())

    turns: dict[str, Callable[[], int]] = {
        "compiled": compiled,
        "simpy": lambda: sum(by_the_rules(known, path) for path in few),
        "simpy_script": lambda: sum(by_script(known, path) for path in few),
    }
    failures = {name: turn() for name, turn in turns.items()}  # warms up: compiles, and draws what SimPy is given
    ours = int(histories.sums(many[: len(few)], EVERYTHING)[0].sum())
    assert ours == failures["simpy"] == failures["simpy_script"], "they have different failures"
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(repeats):
        for name, turn in turns.items():
            start = time.process_time()
            turn()
            times[name].append((time.process_time() - start) / failures[name])
    seconds = {name: statistics.median(each) for name, each in times.items()}
    return {
        "paths": paths,
        "repeats": repeats,
        "failures_per_path": failures["compiled"] / paths,
        "failures_per_second": {name: round(1.0 / each) for name, each in seconds.items()},
        "ns_per_failure": round(1e9 * seconds["compiled"], 1),
        "ratio_to_simpy": round(seconds["simpy"] / seconds["compiled"], 1),
        "ratio_to_simpy_script": round(seconds["simpy_script"] / seconds["compiled"], 1),
    }


def text_of(record: Record) -> str:
    """The figures for a reader."""
    lines = [f"{record['failures_per_path']:.0f} failures a path, {record['paths']:,} paths, median of {record['repeats']}"]
    lines += [f"{name:16} {figure:12,} failures a second" for name, figure in record["failures_per_second"].items()]
    figures = ("ns_per_failure", "ratio_to_simpy", "ratio_to_simpy_script")
    lines += [f"{name:22} {record[name]:6.1f}{judged(record[name], TARGETS.get(name))}" for name in figures]
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Measure, print, and add to the history."""
    command("operations", __doc__, measure, text_of, 4_096, words)


if __name__ == "__main__":
    main()
